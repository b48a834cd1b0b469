"""Expert review: a panel named by hand scores, then the scores are closed and brought together."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.panel import hundredths, mean, tied
from procedure.subject import Application, Score


class NamePanel(Payload):
    """The experts' handles."""

    experts: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=60)], ...], Field(max_length=30)
    ]


@act("name_panel", "panel_named", NamePanel, "experts")
def name_panel(c: Context, p: NamePanel) -> Happening | Refusal:
    """Name the panel: as many known, active experts as the pack says, none tied to a party of the case."""
    size = c.procedure.number("panel_size")
    if len(set(p.experts)) != size or len(p.experts) != size:
        return Refusal("wrong_panel_size", {"needed": size, "named": len(set(p.experts))})
    unknown = [
        handle for handle in p.experts if handle not in c.facts.experts or not c.facts.experts[handle].active
    ]
    if unknown:
        return Refusal("unknown_expert", {"experts": unknown})
    named = [c.facts.experts[handle] for handle in p.experts]
    parties = [c.application.lead, *(member.uscc for member in c.application.members)]
    conflicted = tied(named, parties)
    if conflicted:
        return Refusal(
            "expert_tied",
            {"experts": [{"name": expert.name, "employer": expert.employer} for expert in conflicted]},
        )
    return Happening({"experts": [expert.person for expert in named]})


@evolves("panel_named")
def _panel_named(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, panel=tuple(data["experts"]), scores=(), mean=None)


class GiveScore(Payload):
    """Points from 0 to 100 with at most two decimals, and a comment."""

    points: int | str
    comment: Annotated[str, StringConstraints(max_length=4000)] = ""


@act("score", "scored", GiveScore)
def score(c: Context, p: GiveScore) -> Happening | Refusal:
    """Give one's score; it may be given anew until the scores are closed."""
    try:
        points = hundredths(p.points)
    except ValueError:
        return Refusal("bad_score", {"field": "points", "value": str(p.points)[:40]})
    return Happening({"expert": c.actor.person, "score": points, "comment": p.comment})


@evolves("scored")
def _scored(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    others = (each for each in a.scores if each.expert != data["expert"])
    return replace(a, scores=(*others, Score(**data)))


@act("close_scoring", "scoring_closed")
def close_scoring(c: Context, p: Nothing) -> Happening | Refusal:
    """Close the scoring and freeze the mean; needs as many scores as the pack says."""
    needed = c.procedure.number("scores_needed")
    scores = [each.score for each in c.application.scores]
    if len(scores) < needed:
        return Refusal("scores_missing", {"needed": needed, "given": len(scores)})
    data = {"mean": mean(scores), "count": len(scores)}
    return Happening(data, seen={"scores": data})


@evolves("scoring_closed")
def _scoring_closed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, mean=data["mean"])
