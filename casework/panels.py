"""Panels in the database: the pool and its ties, who is of the case, the day's defences, a draw's proof."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Select, bindparam, func, or_, select

from casework import pool as pool_of
from casework import queries
from casework.access import in_force
from casework.loading import Loaded
from casework.pool import Change
from models import (
    Call,
    Case,
    Defence,
    Expert,
    Organisation,
    PanelMember,
    Person,
    Role,
    Subject,
)
from models.among import Among
from models.prepared import Prepared
from procedure import act
from procedure.draw import Proof, prove
from procedure.instant import day_of, instant, local_instant
from procedure.panel import Exclusion, Parties

_calls = Call.__table__
_cases = Case.__table__
_defences = Defence.__table__
_experts = Expert.__table__
_organisations = Organisation.__table__
_panel_members = PanelMember.__table__
_people = Person.__table__
_roles = Role.__table__
_subjects = Subject.__table__

_EXPERTS: Select[Any] = (
    select(
        _people.c.id,
        _people.c.handle,
        _people.c.name,
        _people.c.id_digest,
        _organisations.c.uscc,
        _experts.c.fields,
        _experts.c.ties,
        (_experts.c.active & _people.c.active).label("active"),
    )
    .select_from(_experts)
    .join(_people, _people.c.id == _experts.c.person_id)
    .outerjoin(_organisations, _organisations.c.id == _experts.c.employer_id)
)

_NAMED: Final = Prepared(
    _EXPERTS.where(_experts.c.bureau_id == bindparam("bureau"), Among(_people.c.handle, "handles"))
)
_SEATED: Final = Prepared(_EXPERTS.where(Among(_people.c.id, "panel")))
_PARTY_PEOPLE: Final = Prepared(
    select(_people.c.id, _people.c.name, _people.c.id_digest, _organisations.c.uscc)
    .select_from(_roles)
    .join(_people, _people.c.id == _roles.c.person_id)
    .join(_organisations, _organisations.c.id == _roles.c.organisation_id)
    .where(Among(_organisations.c.uscc, "units"), in_force(bindparam("day")))
    .order_by(_people.c.id, _organisations.c.uscc)
)


def named(connection: Connection, bureau_id: int, handles: object) -> dict[str, act.Expert]:
    """Return the bureau's experts with these handles; what is no handle is left out."""
    wanted = (
        [handle for handle in handles if isinstance(handle, str)] if isinstance(handles, Iterable) else []
    )
    rows = _NAMED.all(connection, {"bureau": bureau_id, "handles": wanted})
    return {row.handle: _expert(row, 0) for row in rows}


def pool(connection: Connection, loaded: Loaded) -> tuple[act.Expert, ...]:
    """Return the bureau's active experts with their load: seats on panels of the same call, closed cases too.

    Whoever asks next for a case of the call waits until this transaction ends, so that no load is counted
    while another draw changes it.
    """
    call_id = connection.execute(select(_subjects.c.parent_id).where(_subjects.c.id == loaded.id)).scalar()
    connection.execute(
        select(_calls.c.subject_id).where(_calls.c.subject_id == call_id).with_for_update(key_share=True)
    )
    seats = connection.execute(
        select(_experts.c.person_id, func.count().label("seats"))
        .join(_panel_members, _panel_members.c.expert_id == _experts.c.id)
        .join(_subjects, _subjects.c.id == _panel_members.c.subject_id)
        .where(_panel_members.c.state == "assigned", _subjects.c.parent_id == call_id)
        .group_by(_experts.c.person_id)
    )
    return _active(connection, loaded, {row.person_id: row.seats for row in seats})


def candidates(connection: Connection, loaded: Loaded) -> list[tuple[act.Expert, Exclusion | None]]:
    """Return the bureau's active experts to look at, each with what ties them to the case."""
    parties = Parties.of(loaded.procedure, loaded.subject.application, party_people(connection, loaded))
    return [(expert, parties.exclusion(expert)) for expert in _active(connection, loaded, {})]


def _active(connection: Connection, loaded: Loaded, load: Mapping[int, int]) -> tuple[act.Expert, ...]:
    rows = connection.execute(
        _EXPERTS.where(
            _experts.c.bureau_id == loaded.bureau_id, _experts.c.active, _people.c.active
        ).order_by(_people.c.id)
    )
    return tuple(_expert(row, load.get(row.id, 0)) for row in rows)


def seated(connection: Connection, loaded: Loaded) -> tuple[act.Expert, ...]:
    """Return who sits on the case's panel, as the pool knows them now, without their load."""
    rows = _SEATED.all(connection, {"panel": loaded.subject.application.panel})
    return tuple(_expert(row, 0) for row in rows)


def by_person(connection: Connection, bureau_id: int, people: Iterable[int]) -> tuple[act.Expert, ...]:
    """Return the bureau's experts among these people, as the pool knows them now, without their load."""
    rows = connection.execute(
        _EXPERTS.where(_experts.c.bureau_id == bureau_id, _people.c.id.in_(list(people)))
    )
    return tuple(_expert(row, 0) for row in rows)


def _expert(row: Any, load: int) -> act.Expert:
    return act.Expert(
        row.id,
        row.name,
        bool(row.active),
        row.uscc,
        row.handle,
        row.id_digest,
        tuple(row.fields),
        tuple(row.ties),
        load,
    )


def party_people(connection: Connection, loaded: Loaded) -> tuple[act.PartyPerson, ...]:
    """Return who may act today for the lead or for a member unit that has not declined."""
    record = loaded.subject.application
    units = [record.lead, *(member.uscc for member in record.members if member.status != "declined")]
    rows = _PARTY_PEOPLE.all(connection, {"units": units, "day": day_of(loaded.now)})
    return tuple(act.PartyPerson(row.id, row.name, row.uscc, row.id_digest) for row in rows)


def defences(connection: Connection, loaded: Loaded, payload: Mapping[str, Any]) -> dict[int, str]:
    """Return the cases of the call by their place in the order of the day that ``payload`` asks for.

    A missed defence has no place any more, nor has one ahead of a case that has ended; the case's own
    place ahead is free to be changed.
    """
    try:
        day = day_of(local_instant(str(payload.get("at", ""))))
    except ValueError:
        return {}
    call_id = select(_subjects.c.parent_id).where(_subjects.c.id == loaded.id).scalar_subquery()
    ahead = _defences.c.attended.is_(None)
    rows = connection.execute(
        select(_defences.c.position, _cases.c.number)
        .join(_cases, _cases.c.subject_id == _defences.c.subject_id)
        .where(
            _defences.c.call_id == call_id,
            _defences.c.day == day,
            or_(
                _defences.c.attended.is_(True),
                ahead & _cases.c.closed.is_(False) & (_defences.c.subject_id != loaded.id),
            ),
        )
    )
    return {row.position: row.number for row in rows}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw's proof with its times, and what was changed in the pool between seed and last draw."""

    draw: Proof
    fixed_at: pendulum.DateTime
    drawn_at: pendulum.DateTime
    pool_changes: tuple[Change, ...]


def account(connection: Connection, case_id: int) -> Drawn:
    """Return a case's draw replayed, with the changes of the pool since its seed; raises NotDrawn."""
    draw = proof(connection, case_id)
    recorded = {each.seq: (each.kind, each.recorded_at) for each in queries.history(connection, case_id)}
    fixed_at = recorded[draw.fixed_by][1]
    drawn_at = max(at for kind, at in recorded.values() if kind == "panel_drawn")
    bureau_id = connection.execute(
        select(_cases.c.bureau_id).where(_cases.c.subject_id == case_id)
    ).scalar_one()
    changed = pool_of.changes(connection, bureau_id, fixed_at, drawn_at)
    return Drawn(draw, instant(fixed_at), instant(drawn_at), tuple(changed))


def proof(connection: Connection, case_id: int) -> Proof:
    """Return a case's draw replayed from its events alone, with every difference; raises NotDrawn."""
    ref = connection.execute(select(_cases.c.number).where(_cases.c.subject_id == case_id)).scalar_one()
    return prove(ref, (happened.event for happened in queries.history(connection, case_id)))
