"""Urging (催办): an applicant or an officer reminds whoever holds a case, or what comes after its filing.

It decides nothing: the record of urges stands beside the subject, and the holder (or who stands in) is told,
with a receipt, not too often.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import pendulum
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy import Connection, Engine, func, insert, select

from casework import access, clock, holders, matter_list, notices
from casework.access import Claim, NoSuchRole
from casework.holders import Call
from casework.loading import Loaded, NoSuchSubject
from casework.standing import Standing, standing
from models import Case, Person, Urge
from models import Subject as SubjectRow
from models.database import writing
from procedure import written
from procedure.act import Refusal
from procedure.definition import URGED, Holder, Procedure
from procedure.instant import day_of, instant, iso
from procedure.subject import Deadline, Subject

_urges = Urge.__table__
_cases = Case.__table__
_people = Person.__table__
_subjects = SubjectRow.__table__

MAY: Final = (
    "applicant",
    "member",
    "district_officer",
    "city_officer",
    "city_leader",
    "duty_officer",
    "operations",
)
"""The roles that may urge."""

PAUSE: Final = 24
"""Hours between two urges of one subject, where the pack's setting ``urge_pause_hours`` names no others."""

LASTING: Final = ("entry", "round")
"""The kinds of what lasts by itself, where nobody is waited for."""


class Wanted(BaseModel):
    """What one says when urging; nothing need be said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    remark: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Urged:
    """The receipt of an urge: its number within the subject, whom it was told, and when one may urge again.

    ``people`` counts those told; ``due`` is the deadline urged for, if one runs.
    """

    ref: str
    number: int
    at: pendulum.DateTime
    stage: str
    holder: Holder
    deadline: str | None
    due: pendulum.DateTime | None
    people: int
    again_at: pendulum.DateTime


@dataclass(frozen=True, slots=True)
class UrgeLine:
    """One urge, as it was recorded."""

    number: int
    at: datetime.datetime
    by: str
    role: str
    stage: str
    holder: str
    remark: str
    people: int


def pause(procedure: Procedure) -> datetime.timedelta:
    """Return how long a case or matter rests between two urges."""
    given = procedure.values.get("urge_pause_hours", PAUSE)
    return datetime.timedelta(hours=given if type(given) is int else PAUSE)


def urge(
    engine: Engine, subject_id: int, claim: Claim, particulars: Mapping[str, Any] | None = None
) -> Urged | Refusal:
    """Urge the holder of a case or matter and return the receipt, or why not, with nothing written."""
    try:
        wanted = Wanted.model_validate(dict(particulars or {}))
    except ValidationError as error:
        problems = [
            {"field": ".".join(map(str, each["loc"])), "problem": each["type"]} for each in error.errors()
        ]
        return Refusal("bad_particulars", {"act": "urge", "problems": problems})
    with writing(engine) as connection:
        try:
            # Two who urge at once are told apart by the lock on the subject.
            connection.execute(select(_subjects.c.id).where(_subjects.c.id == subject_id).with_for_update())
            stands = standing(connection, subject_id)
            access.roles_of(connection, claim, day_of(stands.loaded.now))
        except NoSuchSubject:
            return Refusal("not_found", {"ref": subject_id})
        except NoSuchRole:
            return Refusal("no_such_role", {"role": claim.role})
        refused = _barred(connection, stands, claim) or _lately(connection, stands.loaded)
        return refused if refused is not None else _urge(connection, stands, claim, wanted)


def urger(connection: Connection, stands: Standing, claims: Sequence[Claim]) -> Claim | None:
    """Return the first of ``claims`` that may urge the holder, though it may have to wait; None for none."""
    return next((each for each in claims if _barred(connection, stands, each) is None), None)


def told(connection: Connection, subject_id: int, claims: Sequence[Claim]) -> list[UrgeLine]:
    """Return the urges of a case or matter that whoever sees it in ``claims`` is told of."""
    return [
        each
        for each in of_subject(connection, subject_id)
        if any(access.hears(claim, URGED, each.role) for claim in claims)
    ]


def of_subject(connection: Connection, subject_id: int) -> list[UrgeLine]:
    """Return every urge of a case or matter, in order."""
    rows = connection.execute(
        select(_urges, _people.c.handle)
        .join(_people, _people.c.id == _urges.c.person_id)
        .where(_urges.c.subject_id == subject_id)
        .order_by(_urges.c.number)
    )
    return [
        UrgeLine(row.number, row.at, row.handle, row.role, row.stage, row.holder, row.remark, row.people)
        for row in rows
    ]


def _barred(connection: Connection, stands: Standing, claim: Claim) -> Refusal | None:
    """Return why a claim may not urge at all; whoever does not see the subject learns nothing of it."""
    loaded, subject = stands.loaded, stands.subject
    if not _sees(connection, loaded, claim):
        return Refusal("not_found", {"ref": subject.ref})
    if claim.role not in MAY:
        return Refusal("role_may_not", {"act": "urge", "role": claim.role, "roles": list(MAY)})
    if subject.outcome is not None:
        return Refusal(
            "closed",
            {"act": "urge", "outcome": subject.outcome, "since": iso(subject.entered_at or loaded.now)},
        )
    at = {"ref": subject.ref, "stage": subject.stage}
    holder = stands.stage.holder
    if holder == "public" or subject.kind in LASTING or URGED not in loaded.procedure.notices:
        return Refusal("nobody_to_urge", at)
    actors = access.roles_of(connection, claim, day_of(loaded.now))
    units = {unit for actor in actors for unit in (actor.organisation, actor.bureau) if unit is not None}
    if holders.holds(Call(loaded, subject, holder, ("holder",)), claim.role, units):
        return Refusal("urges_oneself", at)
    return None


def _sees(connection: Connection, loaded: Loaded, claim: Claim) -> bool:
    if loaded.subject.kind != "application":
        return matter_list.may_see(connection, claim, loaded.id)
    seen = access.sees(claim, day_of(loaded.now))
    own = select(_cases.c.subject_id).where(_cases.c.subject_id == loaded.id, seen)
    return connection.execute(own).first() is not None


def _lately(connection: Connection, loaded: Loaded) -> Refusal | None:
    last = connection.execute(select(func.max(_urges.c.at)).where(_urges.c.subject_id == loaded.id)).scalar()
    if last is None or loaded.now >= last + pause(loaded.procedure):
        return None
    again = instant(instant(last) + pause(loaded.procedure))
    return Refusal("urged_lately", {"ref": loaded.subject.ref, "last": iso(last), "again": iso(again)})


def _urge(connection: Connection, stands: Standing, claim: Claim, wanted: Wanted) -> Urged:
    loaded, subject, stage = stands.loaded, stands.subject, stands.stage
    now = clock.now(connection)
    clock_of = _urged_for(subject, stage.deadlines)
    call = Call(loaded, subject, stage.holder, ("holder",))
    (reached,) = holders.reached(connection, [call], day_of(now))
    number = 1 + (
        connection.execute(select(func.max(_urges.c.number)).where(_urges.c.subject_id == loaded.id)).scalar()
        or 0
    )
    connection.execute(
        insert(_urges).values(
            subject_id=loaded.id,
            number=number,
            at=now,
            person_id=claim.person,
            role=claim.role,
            stage=subject.stage,
            holder=stage.holder,
            remark=wanted.remark,
            people=len(reached.people),
        )
    )
    told = notices.Rung(
        loaded,
        "" if clock_of is None else clock_of.name,
        0 if clock_of is None else clock_of.occurrence,
        f"urge {number}",
        now,
        URGED,
        people=frozenset(reached.people),
        data={
            "reason": wanted.remark,
            "due": "" if clock_of is None or clock_of.state == "suspended" else iso(clock_of.due_at),
        },
        context={
            language: {"holder": written.HOLDERS[stage.holder].of(language)} for language in ("zh", "en")
        },
    )
    notices.write_rungs(connection, [told], now)
    return Urged(
        subject.ref,
        number,
        now,
        subject.stage,
        stage.holder,
        None if clock_of is None else clock_of.name,
        None if clock_of is None else clock_of.due_at,
        len(reached.people),
        instant(now + pause(loaded.procedure)),
    )


def _urged_for(subject: Subject, names: tuple[str, ...]) -> Deadline | None:
    return next((found for name in names if (found := subject.deadline(name)) is not None), None)
