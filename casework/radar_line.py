"""A line of the radar: everything about one case or matter in trouble that helps to get it going again."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection

from casework import procedures, radar_rows
from casework.retrying import RETRIABLE
from casework.troubles import HELPS, Trouble
from casework.urging import LASTING
from procedure import ladder, written
from procedure.definition import Holder, Life, Procedure, Rung, Words
from procedure.subject import SubjectKind

COMMANDS: Final = ("urge", "resend", "retry", "look_into")
"""What helps and is no act of the procedure."""


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next to a case by itself: at which rung of which deadline, and when.

    ``step`` says when a rung of the ladder comes and whom it tells; None where the deadline itself passes.
    """

    rung: str
    deadline: str
    title: Words
    step: Words | None
    lapses: bool
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One case in trouble: why, who holds the clock since when, when it is due, what is next, what helps.

    ``kind`` is that of its subject, ``bureau`` the city bureau's code; what comes after filing concerns an
    ``entry`` of the register.
    ``notices`` are those given up, ``incidents`` those that hit it: what can be retried, else all.
    """

    number: str
    bureau: str
    kind: str
    entry: str | None
    call: str | None
    lead: str
    district: Words
    district_code: str
    stage: str
    stage_title: Words
    troubles: tuple[Trouble, ...]
    holder: Holder
    office: Words
    people: tuple[str, ...]
    since: datetime.datetime
    due_at: datetime.datetime | None
    provisional: bool
    next: Next | None
    helps: tuple[str, ...]
    notices: tuple[int, ...]
    incidents: tuple[int, ...]


def lines(
    connection: Connection,
    ids: Sequence[int],
    troubles: Mapping[int, tuple[Trouble, ...]],
    now: pendulum.DateTime,
) -> tuple[Line, ...]:
    """Return the lines of these cases, in this order."""
    if not ids:
        return ()
    rows = radar_rows.subjects(connection, ids)
    clocks = radar_rows.clocks(connection, ids)
    timers = radar_rows.timers(connection, ids)
    desks = radar_rows.desks(connection, ids)
    staff = radar_rows.staff(connection, rows, now)
    given_up = radar_rows.given_up(connection, [id_ for id_ in ids if Trouble.UNDELIVERED in troubles[id_]])
    failing = radar_rows.failing(connection, [id_ for id_ in ids if Trouble.INCIDENT in troubles[id_]])
    made: dict[int, Line] = {}
    for row in rows:
        procedure = procedures.by_hash(connection, row.content_hash)
        made[row.id] = _line(
            row,
            procedure,
            troubles[row.id],
            clocks,
            timers,
            desks.get(row.id, []),
            staff,
            tuple(given_up[row.id]),
            failing[row.id],
        )
    return tuple(made[id_] for id_ in ids)


def _line(
    row: Any,
    procedure: Procedure,
    troubles: tuple[Trouble, ...],
    clocks: Mapping[int, Any],
    timers: Mapping[int, Any],
    desk: Sequence[Any],
    staff: Mapping[tuple[str, int], tuple[str, ...]],
    given_up: tuple[int, ...],
    failing: Mapping[int, str],
) -> Line:
    life = procedure.life(row.kind)
    stage = life.stage[row.stage]
    of_case = row.kind == "application"
    district, city = Words(zh=row.name_zh, en=row.name_en), Words(zh=row.city_zh, en=row.city_en)
    if not of_case:
        # What lies on reviewers' desks is theirs; the clock is the office's.
        desk = ()
    named = tuple(dict.fromkeys(item.name for item in desk if item.name is not None))
    office: Words
    match stage.holder:
        case "applicant":
            office, people = Words(zh=row.lead, en=row.lead), staff.get(("applicant", row.lead_id), ())
        case "district":
            office, people = district, staff.get(("district_officer", row.district_id), ())
        case _:
            office, people = city, staff.get(("city_officer", row.city_id), ())
    if stage.holder in ("panel", "public"):
        people = ()
    due = clocks.get(row.id)
    rung = timers.get(row.id)
    acts = {**life.everywhere, **stage.acts}
    retriable = [incident for incident, kind in failing.items() if kind in RETRIABLE]
    idle = {"look_into" if retriable else "retry", "urge" if row.kind in LASTING else ""}
    helps = dict.fromkeys(
        help_
        for each in troubles
        for help_ in HELPS[each]
        if help_ not in idle
        if help_ in COMMANDS or (help_ in acts and _extends(life, due, help_))
    )
    return Line(
        row.number,
        row.city_code,
        row.kind,
        row.entry,
        row.call,
        row.lead,
        district,
        row.district,
        row.stage,
        stage.title,
        troubles,
        stage.holder,
        office,
        named or people,
        min((item.opened_at for item in desk), default=row.entered_at),
        row.due_at,
        False if due is None else due.provisional,
        None if rung is None else _next(procedure, row.kind, rung),
        (*helps, "open"),
        given_up,
        tuple(retriable or failing),
    )


def _extends(life: Life, due: Any, act: str) -> bool:
    """Return whether an act on a deadline is one that its rule allows; any other act is."""
    if act != "extend_deadline":
        return True
    return due is not None and "extend" in life.deadline[due.name].may


def _next(procedure: Procedure, kind: SubjectKind, timer: Any) -> Next:
    rule = procedure.life(kind).deadline[timer.deadline]
    rungs = ladder.of(procedure, kind, timer.deadline).rungs
    step = next((each for each in rungs if each.id == timer.rung), None)
    said = None if step is None else Words(zh=_step(step, "zh"), en=_step(step, "en"))
    return Next(timer.rung, timer.deadline, rule.title, said, rule.lapse is not None, timer.at)


def _step(step: Rung, language: str) -> str:
    gap = ": " if language == "en" else "："
    return f"{written.rung(step, language)}{gap}{written.told_by(step, language)}"
