"""Scoring: the experts of a stage score, then the scores are closed and brought together for good."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import StrictInt, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.definition import StageKind
from procedure.panel import Parties, scorers
from procedure.scoring import hundredths, mean, trimmed
from procedure.subject import Application, Score
from procedure.text import shown


class GiveScore(Payload):
    """Points from 0 to 100 with at most two decimals, and a comment."""

    points: StrictInt | Annotated[str, StringConstraints(max_length=40)]
    comment: Annotated[str, StringConstraints(max_length=4000)] = ""


@act("score", "scored", GiveScore)
def score(c: Context, p: GiveScore) -> Happening | Refusal:
    """Give one's score; it may be given anew until the scores are closed. A defence must have been heard."""
    refused = closed(c)
    if refused is not None:
        return refused
    if c.stage.kind is StageKind.DEFENCE:
        defence = c.application.defence
        if defence is None or not defence.attended:
            return Refusal("defence_not_held", {"needed": "record_defence"})
    if c.actor.person not in scorers(c.stage, c.application):
        code = "not_on_the_panel" if c.stage.kind is not StageKind.DEFENCE else "not_at_the_defence"
        return Refusal(code, {"experts": len(scorers(c.stage, c.application))})
    try:
        points = hundredths(p.points)
    except ValueError:
        return Refusal("bad_score", {"field": "points", "value": shown(p.points)})
    return Happening({"expert": c.actor.person, "score": points, "comment": p.comment, "stage": c.stage.id})


@evolves("scored")
def _scored(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    given = Score(**data)
    others = (each for each in a.scores if (each.expert, each.stage) != (given.expert, given.stage))
    return replace(a, scores=(*others, given))


@act("close_scoring", "scoring_closed", Nothing, "seated", "party_people")
def close_scoring(c: Context, p: Nothing) -> Happening | Refusal:
    """Close the scores of the stage and freeze their mean.

    The setting ``trim`` drops so many of the highest and of the lowest; enough must be left. No score of
    an expert counts whom the record, by now, ties to a party of the case: the seat goes to another first.
    """
    refused = closed(c)
    if refused is not None:
        return refused
    needed, trim = c.procedure.number("scores_needed"), trim_of(c)
    given = c.application.scores_at(c.stage.id)
    scored_by = {each.expert for each in given}
    parties = Parties.of(c.procedure, c.application, c.facts.party_people)
    tied = parties.tied(expert for expert in c.facts.seated if expert.person in scored_by)
    if tied:
        return Refusal("expert_tied", {"experts": tied})
    counted = trimmed([each.score for each in given], trim)
    if len(counted) < needed:
        facts = {"needed": needed, "given": len(given)}
        return Refusal("scores_missing", {**facts, "trim": trim, "counted": len(counted)} if trim else facts)
    data = {"mean": mean(counted), "count": len(counted)}
    return Happening({**data, "given": len(given), "stage": c.stage.id}, seen={"scores": data})


@evolves("scoring_closed")
def _scoring_closed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, means={**a.means, data["stage"]: data["mean"]})


def closed(c: Context) -> Refusal | None:
    """Return the refusal of whatever would touch scores that are closed; None while they are open."""
    mean_then = c.application.means.get(c.stage.id)
    return None if mean_then is None else Refusal("scores_closed", {"stage": c.stage.id, "mean": mean_then})


def trim_of(c: Context) -> int:
    """Return how many of the highest and of the lowest scores the pack drops."""
    return int(c.procedure.values.get("trim", 0))
