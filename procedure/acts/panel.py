"""The panel: drawn by lot or named by hand, and how an expert leaves it again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Expert, Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.scoring import closed
from procedure.draw import left_standing, replay
from procedure.panel import Exclusion, Parties, told
from procedure.subject import Application

Handle = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Cleared = Annotated[dict[Handle, Reason], Field(default_factory=dict, max_length=100)]


class DrawPanel(Payload):
    """Experts by handle who only bear the name of somebody of the case, each with why it is nobody of it."""

    cleared: Cleared


@act("draw_panel", "panel_drawn", DrawPanel, "pool", "party_people")
def draw_panel(c: Context, p: DrawPanel) -> Happening | Refusal:
    """Draw the panel from the whole pool with the seed fixed before; never a second time.

    Only seats that nobody of the drawn order could take are drawn for once more, with the same seed.
    """
    a = c.application
    seats = c.procedure.number("panel_size") - (len(a.panel) if a.order else 0)
    if a.panel and not a.order:
        return Refusal("panel_named_already", {"named": len(a.panel)})
    if seats <= 0:
        return Refusal("already_drawn", {"seats": len(a.panel), "drawn": len(a.order)})
    if a.seed is None:
        return Refusal("no_seed", {"stage": c.stage.id})
    found = _exclusions(c, c.facts.pool)
    refused = _wrongly_cleared(c.facts.pool, found, p.cleared)
    if refused is not None:
        return refused
    pool = [_candidate(expert, found[expert.person], p.cleared.get(expert.handle)) for expert in c.facts.pool]
    order = replay(a.seed, c.subject.ref, pool)
    if len(order) < seats:
        return _too_small(c, seats, len(order), found, p.cleared)
    return Happening(
        {
            "seed": a.seed,
            "pool": pool,
            "order": list(order),
            "seated": list(order[:seats]),
            "cleared": [entry["person"] for entry in pool if "cleared" in entry],
        }
    )


@evolves("panel_drawn")
def _panel_drawn(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    fresh = (person for person in data["order"] if person not in a.order)
    return replace(
        a,
        panel=(*a.panel, *data["seated"]),
        order=(*a.order, *fresh),
        cleared=tuple(dict.fromkeys((*a.cleared, *data["cleared"]))),
    )


class NamePanel(Payload):
    """The experts' handles; ``cleared`` as in a draw."""

    experts: Annotated[tuple[Handle, ...], Field(max_length=30)]
    cleared: Cleared


@act("name_panel", "panel_named", NamePanel, "experts", "party_people")
def name_panel(c: Context, p: NamePanel) -> Happening | Refusal:
    """Name the panel: as many known, active experts as the pack says, none tied to a party of the case.

    It may be named anew as long as nobody loses a score by it; a drawn panel stays as it was drawn.
    """
    a = c.application
    if a.order:
        return Refusal("already_drawn", {"seats": len(a.panel), "drawn": len(a.order)})
    size = c.procedure.number("panel_size")
    if len(set(p.experts)) != size or len(p.experts) != size:
        return Refusal("wrong_panel_size", {"needed": size, "named": len(set(p.experts))})
    unknown = [
        handle for handle in p.experts if handle not in c.facts.experts or not c.facts.experts[handle].active
    ]
    if unknown:
        return Refusal("unknown_expert", {"experts": unknown})
    named = [c.facts.experts[handle] for handle in p.experts]
    found = _exclusions(c, named, seated=())
    refused = _wrongly_cleared(named, found, p.cleared)
    if refused is not None:
        return refused
    out = [(expert, why) for expert in named if (why := found[expert.person]) is not None]
    certain = [told(expert, why) for expert, why in out if why.ground != "same_name"]
    if certain:
        return Refusal("expert_tied", {"experts": certain})
    unclear = [told(expert, why) for expert, why in out if expert.handle not in p.cleared]
    if unclear:
        return Refusal("expert_unclear", {"experts": unclear})
    kept = {expert.person for expert in named}
    if any(each.expert not in kept and each.stage not in a.means for each in a.scores):
        return Refusal("scoring_has_begun", {"scores": len(a.scores)})
    data: dict[str, Any] = {"experts": [expert.person for expert in named]}
    if out:
        data["cleared"] = {str(expert.person): p.cleared[expert.handle] for expert, _ in out}
    return Happening(data)


@evolves("panel_named")
def _panel_named(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, panel=tuple(data["experts"]))


class DeclareConflict(Payload):
    """What ties the expert to a party of the case."""

    reason: Reason


@act("declare_conflict", "conflict_declared", DeclareConflict, "pool", "party_people")
def declare_conflict(c: Context, p: DeclareConflict) -> Happening | Refusal:
    """Declare, as an expert of the panel, a conflict of interest: the seat goes to the least loaded left."""
    person = c.actor.person
    if person is None or person not in c.application.panel:
        return Refusal("not_on_the_panel", {"experts": []})
    return closed(c) or _release(c, person, p.reason)


class ReplaceExpert(Payload):
    """Which expert does not answer, and what was tried."""

    expert: Handle
    reason: Reason


@act("replace_expert", "expert_replaced", ReplaceExpert, "experts", "pool", "party_people")
def replace_expert(c: Context, p: ReplaceExpert) -> Happening | Refusal:
    """Give the seat of an expert who does not answer to the least loaded left.

    Of one who has scored only where the record ties them to a party of the case for certain.
    """
    expert = c.facts.experts.get(p.expert)
    if expert is None:
        return Refusal("unknown_expert", {"experts": [p.expert]})
    if expert.person not in c.application.panel:
        return Refusal("not_on_the_panel", {"experts": [p.expert]})
    refused = closed(c)
    if refused is not None:
        return refused
    has_scored = any(each.expert == expert.person for each in c.application.scores_at(c.stage.id))
    if has_scored and not _parties(c).tied([expert]):
        return Refusal("already_scored", {"expert": p.expert})
    return _release(c, expert.person, p.reason)


def _release(c: Context, person: int, reason: str) -> Happening:
    a = c.application
    gone = {*a.panel, *a.barred}
    exclusion = {
        expert: None if why is not None and why.ground == "same_name" and expert in a.cleared else why
        for expert, why in _exclusions(c, c.facts.pool).items()
    }
    pool = {expert.person: (expert.load, exclusion[expert.person]) for expert in c.facts.pool}
    standing, passed = left_standing(a.order, gone, pool)
    seated = list(replay(a.seed or "", c.subject.ref, standing))[:1]
    data: dict[str, Any] = {
        "expert": person,
        "reason": reason,
        "stage": c.stage.id,
        "released": [person],
        "seated": seated,
        "standing": standing,
        "passed_over": passed,
    }
    seats = len(a.panel) - 1 + len(seated)
    return Happening(data, seen={"panel": {"filled": bool(seated), "seated": seats}})


@evolves("conflict_declared")
@evolves("expert_replaced")
def _released(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    person = data["expert"]
    kept = (each for each in a.scores if each.expert != person or each.stage in a.means)
    return replace(
        a,
        panel=(*(each for each in a.panel if each != person), *data["seated"]),
        barred=(*a.barred, person),
        scores=tuple(kept),
    )


def _parties(c: Context) -> Parties:
    return Parties.of(c.procedure, c.application, c.facts.party_people)


def _exclusions(
    c: Context, experts: Iterable[Expert], seated: tuple[int, ...] | None = None
) -> dict[int, Exclusion | None]:
    """Return of each of ``experts`` why they may not sit in this case, by person; None for the eligible."""
    a = c.application
    parties = _parties(c)
    path = c.procedure.values.get("panel_field")
    wanted = None if path is None else str(a.form.get(str(path), ""))
    found: dict[int, Exclusion | None] = {}
    for expert in experts:
        if expert.person in a.barred:
            found[expert.person] = Exclusion("barred")
        elif expert.person in (a.panel if seated is None else seated):
            found[expert.person] = Exclusion("seated")
        elif wanted is not None and wanted not in expert.fields:
            found[expert.person] = Exclusion("field", str(path))
        else:
            found[expert.person] = parties.exclusion(expert)
    return found


def _candidate(expert: Expert, why: Exclusion | None, cleared: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"person": expert.person, "load": expert.load}
    if why is not None:
        entry |= {"excluded": why.ground, "party": why.party}
    if cleared is not None:
        entry["cleared"] = cleared
    return entry


def _wrongly_cleared(
    experts: Iterable[Expert], found: dict[int, Exclusion | None], cleared: dict[str, str]
) -> Refusal | None:
    """Return the refusal to clear whom the pool does not have, or whose ties are no matter of a name."""
    known = {expert.handle: found[expert.person] for expert in experts}
    unknown = sorted(set(cleared) - set(known))
    if unknown:
        return Refusal("unknown_expert", {"experts": unknown})
    for handle in cleared:
        why = known[handle]
        if why is None or why.ground != "same_name":
            because = None if why is None else why.ground
            return Refusal("nothing_to_clear", {"expert": handle, "because": because})
    return None


def _too_small(
    c: Context, needed: int, eligible: int, found: dict[int, Exclusion | None], cleared: dict[str, str]
) -> Refusal:
    pool = c.facts.pool
    out = [(expert, why) for expert in pool if (why := found[expert.person]) and expert.handle not in cleared]
    unclear = [told(expert, why) for expert, why in out if why.ground == "same_name"]
    return Refusal(
        "pool_too_small",
        {
            "needed": needed,
            "eligible": eligible,
            "pool": len(pool),
            "excluded": dict(Counter(why.ground for _, why in out)),
            "unclear": unclear,
        },
    )
