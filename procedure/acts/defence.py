"""The defence: given a time and a place in the day's order, then recorded with who heard it."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.panel import Handle
from procedure.acts.scoring import closed, trim_of
from procedure.instant import day_of, instant, iso, local_instant
from procedure.panel import scorers
from procedure.subject import Application, Defence


class ScheduleDefence(Payload):
    """When it begins (local time of Shanghai unless an offset is given), where, and as which of the day."""

    at: str
    place: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    position: Annotated[int, Field(ge=1, le=1000)]


@act("schedule_defence", "defence_scheduled", ScheduleDefence, "defences")
def schedule_defence(c: Context, p: ScheduleDefence) -> Happening | Refusal:
    """Set the defence's time, place and position; may be set anew until it is held.

    One that was held is set anew only when too few who heard it are left to score.
    """
    refused = closed(c)
    if refused is not None:
        return refused
    defence = c.application.defence
    if defence is not None and defence.attended and _enough_to_score(c):
        return Refusal("defence_held", {"at": iso(defence.scheduled_for), "present": len(defence.present)})
    try:
        at = local_instant(p.at)
    except ValueError:
        return Refusal("bad_time", {"field": "at", "value": p.at[:40]})
    if at <= c.now:
        return Refusal("time_has_passed", {"field": "at", "value": iso(at), "now": iso(c.now)})
    other = c.facts.defences.get(p.position)
    if other is not None:
        return Refusal(
            "position_taken", {"position": p.position, "day": day_of(at).isoformat(), "case": other}
        )
    return Happening({"at": iso(at), "place": p.place, "position": p.position})


def _enough_to_score(c: Context) -> bool:
    left = len(scorers(c.stage, c.application)) - 2 * trim_of(c)
    return left >= c.procedure.number("scores_needed")


@evolves("defence_scheduled")
def _defence_scheduled(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    # What was scored at a defence that is held again is nobody's score of the new one.
    kept = tuple(each for each in a.scores if each.stage in a.means)
    return replace(a, scores=kept, defence=Defence(instant(data["at"]), data["place"], data["position"]))


class RecordDefence(Payload):
    """Whether the applicant came, which experts of the panel were present (by handle), and a note."""

    attended: bool
    present: Annotated[tuple[Handle, ...], Field(max_length=30)] = ()
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


@act("record_defence", "defence_recorded", RecordDefence, "experts")
def record_defence(c: Context, p: RecordDefence) -> Happening | Refusal:
    """Record the defence at or after its time: held with a quorum, or missed by the applicant.

    Nobody without a seat on the panel can have been present as an expert.
    """
    defence = c.application.defence
    if defence is None or defence.attended is False:
        return Refusal("defence_not_scheduled", {"needed": "schedule_defence"})
    if defence.attended:
        return Refusal("defence_held", {"at": iso(defence.scheduled_for), "present": len(defence.present)})
    if c.now < defence.scheduled_for:
        return Refusal("time_ahead", {"field": "at", "value": iso(defence.scheduled_for), "now": iso(c.now)})
    handles = list(dict.fromkeys(p.present))
    unknown = [handle for handle in handles if handle not in c.facts.experts]
    if unknown:
        return Refusal("unknown_expert", {"experts": unknown})
    people = {handle: c.facts.experts[handle].person for handle in handles}
    barred = [handle for handle, person in people.items() if person in c.application.barred]
    if barred:
        return Refusal("excluded_from_case", {"experts": barred})
    strangers = [handle for handle, person in people.items() if person not in c.application.panel]
    if strangers:
        return Refusal("not_on_the_panel", {"experts": strangers})
    quorum = c.procedure.number("defence_quorum")
    if p.attended and len(people) < quorum:
        return Refusal("quorum_missing", {"needed": quorum, "present": len(people)})
    data = {"attended": p.attended, "present": list(people.values()), "note": p.note}
    return Happening(data, seen={"defence": {"attended": p.attended, "present": len(people)}})


@evolves("defence_recorded")
def _defence_recorded(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    assert a.defence is not None  # noqa: S101 - record_defence refuses without one
    return replace(
        a,
        defence=replace(a.defence, attended=data["attended"], present=tuple(data["present"])),
    )
