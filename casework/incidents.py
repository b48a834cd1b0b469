"""What went wrong and waits for operations: one incident for each cause, however often it comes back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models import Incident

_incidents = Incident.__table__
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_LONGEST_FINGERPRINT, _LONGEST_SUMMARY = 200, 1_000


class UnknownIncident(LookupError):
    """There is no incident of this number."""

    def __init__(self, incident: int) -> None:
        super().__init__(f"there is no incident {incident}")
        self.incident = incident


def record_incident(
    connection: Connection,
    fingerprint: str,
    kind: str,
    summary: str,
    detail: str,
    now: datetime,
    subject_id: int | None = None,
) -> int:
    """Open an incident, or count one more occurrence of the one with this `fingerprint`; return its number.

    The latest words replace the earlier ones, and a closed incident that comes back is open again.
    """
    fresh = _INSERT[connection.dialect.name](_incidents).values(
        fingerprint=fingerprint[:_LONGEST_FINGERPRINT],
        kind=kind,
        subject_id=subject_id,
        summary=summary[:_LONGEST_SUMMARY],
        detail=detail,
        first_seen=now,
        last_seen=now,
        occurrences=1,
        state="open",
    )
    seen = _incidents.c.last_seen
    again = fresh.on_conflict_do_update(
        index_elements=["fingerprint"],
        set_={
            "summary": fresh.excluded.summary,
            "detail": fresh.excluded.detail,
            "last_seen": case((fresh.excluded.last_seen > seen, fresh.excluded.last_seen), else_=seen),
            "occurrences": _incidents.c.occurrences + 1,
            "state": case((_incidents.c.state == "closed", "open"), else_=_incidents.c.state),
        },
    )
    return connection.execute(again.returning(_incidents.c.id)).scalar_one()


def acknowledge(connection: Connection, incident: int, person: int) -> None:
    """Note that `person` has taken on an open incident; raises UnknownIncident."""
    state = case((_incidents.c.state == "open", "acknowledged"), else_=_incidents.c.state)
    _change(connection, incident, {"state": state, "assigned_to": person})


def close(connection: Connection, incident: int) -> None:
    """Note that an incident is dealt with; raises UnknownIncident."""
    _change(connection, incident, {"state": "closed"})


def unresolved(connection: Connection) -> list[RowMapping]:
    """Every incident that is not closed, the latest seen first."""
    query = (
        select(_incidents)
        .where(_incidents.c.state.in_(["open", "acknowledged"]))
        .order_by(_incidents.c.last_seen.desc(), _incidents.c.id.desc())
    )
    return list(connection.execute(query).mappings())


def of_subject(connection: Connection, subject_id: int) -> list[RowMapping]:
    """Every incident of one subject, closed ones too, the first seen first."""
    query = (
        select(_incidents)
        .where(_incidents.c.subject_id == subject_id)
        .order_by(_incidents.c.first_seen, _incidents.c.id)
    )
    return list(connection.execute(query).mappings())


def _change(connection: Connection, incident: int, values: Mapping[str, object]) -> None:
    changed = connection.execute(update(_incidents).where(_incidents.c.id == incident).values(values))
    if changed.rowcount == 0:
        raise UnknownIncident(incident)
