"""Urging (催办): an applicant or an officer reminds whoever holds a case, with a receipt, not too often.

It decides nothing: the record of urges stands beside the case, and the holder (or who stands in) is told.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import pendulum
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from sqlalchemy import Connection, Engine, func, insert, select

from casework import access, clock, holders, loading, notices
from casework.access import Claim, NoSuchRole
from casework.holders import Call
from casework.loading import Loaded, NoSuchSubject
from casework.standing import standing
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
"""Hours between two urges of one case, where the pack's setting ``urge_pause_hours`` names no others."""

_HOLDS: Final[Mapping[Holder, str]] = {
    "applicant": "applicant",
    "district": "district_officer",
    "bureau": "city_officer",
    "panel": "expert",
    "public": "",
}


class Wanted(BaseModel):
    """What one says when urging; nothing need be said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    remark: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Urged:
    """The receipt of an urge: its number within the case, whom it was told, and when one may urge again.

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
    """One urge of a case, as it was recorded."""

    number: int
    at: datetime.datetime
    by: str
    role: str
    stage: str
    holder: str
    remark: str
    people: int


def pause(procedure: Procedure) -> datetime.timedelta:
    """Return how long a case rests between two urges."""
    given = procedure.values.get("urge_pause_hours", PAUSE)
    return datetime.timedelta(hours=given if type(given) is int else PAUSE)


def urge(
    engine: Engine, subject_id: int, claim: Claim, particulars: Mapping[str, Any] | None = None
) -> Urged | Refusal:
    """Urge the holder of a case's stage and return the receipt, or why not, with nothing written."""
    try:
        wanted = Wanted.model_validate(dict(particulars or {}))
    except ValidationError as error:
        problems = [
            {"field": ".".join(map(str, each["loc"])), "problem": each["type"]} for each in error.errors()
        ]
        return Refusal("bad_particulars", {"act": "urge", "problems": problems})
    with writing(engine) as connection:
        try:
            # Two who urge at once are told apart by the lock on the case.
            connection.execute(select(_subjects.c.id).where(_subjects.c.id == subject_id).with_for_update())
            loaded = loading.one(connection, subject_id)
            access.roles_of(connection, claim, day_of(loaded.now))
        except NoSuchSubject:
            return Refusal("not_found", {"ref": subject_id})
        except NoSuchRole:
            return Refusal("no_such_role", {"role": claim.role})
        refused = _refused(connection, loaded, claim)
        return refused if refused is not None else _urge(connection, loaded, claim, wanted)


def of_case(connection: Connection, subject_id: int) -> list[UrgeLine]:
    """Return every urge of a case, in order."""
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


def _refused(connection: Connection, loaded: Loaded, claim: Claim) -> Refusal | None:
    seen = access.sees(claim, day_of(loaded.now))
    if not connection.execute(
        select(_cases.c.subject_id).where(_cases.c.subject_id == loaded.id, seen)
    ).all():
        return Refusal("not_found", {"ref": loaded.subject.ref})
    if claim.role not in MAY:
        return Refusal("role_may_not", {"act": "urge", "role": claim.role, "roles": list(MAY)})
    subject = standing(connection, loaded.id).subject
    life = loaded.procedure.life(subject.kind)
    if subject.outcome is not None:
        return Refusal(
            "closed",
            {"act": "urge", "outcome": subject.outcome, "since": iso(subject.entered_at or loaded.now)},
        )
    holder = life.stage[subject.stage].holder
    if holder == "public" or URGED not in loaded.procedure.notices:
        return Refusal("nobody_to_urge", {"ref": subject.ref, "stage": subject.stage})
    if _HOLDS[holder] == claim.role:
        return Refusal("urges_oneself", {"ref": subject.ref, "stage": subject.stage})
    last = connection.execute(select(func.max(_urges.c.at)).where(_urges.c.subject_id == loaded.id)).scalar()
    if last is not None and loaded.now < last + pause(loaded.procedure):
        again = instant(instant(last) + pause(loaded.procedure))
        return Refusal("urged_lately", {"ref": subject.ref, "last": iso(last), "again": iso(again)})
    return None


def _urge(connection: Connection, loaded: Loaded, claim: Claim, wanted: Wanted) -> Urged:
    subject, now = standing(connection, loaded.id).subject, clock.now(connection)
    stage = loaded.procedure.life(subject.kind).stage[subject.stage]
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
