"""How many cases of a call a recommending unit has recommended, against its quota where there is one."""

from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, select

from casework.loading import Loaded
from models import Bureau, Case, Event, Organisation, Subject
from procedure.definition import Procedure

_bureaus = Bureau.__table__
_cases = Case.__table__
_events = Event.__table__
_leads = Organisation.__table__
_subjects = Subject.__table__
_after = _events.alias("after")

_STANDS = and_(
    _events.c.kind == "endorsed",
    ~exists().where(
        _after.c.subject_id == _events.c.subject_id,
        _after.c.seq == _events.c.seq + 1,
        _after.c.kind == "act_taken_back",
    ),
)
"""An endorsement that was not taken back, whatever came of its case."""


def quota(procedure: Procedure) -> int:
    """Return how many cases of a call one recommending unit may recommend; 0 is no limit."""
    return int(procedure.values.get("endorsement_quota", 0))


def made(connection: Connection, call: int, district: int | None = None) -> int:
    """Return how many cases of ``call`` were recommended: by the ``district``, or by all."""
    query = (
        select(func.count(_events.c.subject_id.distinct()))
        .join(_cases, _cases.c.subject_id == _events.c.subject_id)
        .where(_cases.c.call_id == call, _STANDS)
    )
    if district is not None:
        query = query.where(_cases.c.district_id == district)
    return int(connection.execute(query).scalar_one())


def call_of(connection: Connection, case: int) -> int | None:
    """Return the call that a case belongs to, if any."""
    return connection.execute(select(_cases.c.call_id).where(_cases.c.subject_id == case)).scalar()


def owing(connection: Connection, call: Loaded, district: int | None = None) -> list[Row[Any]]:
    """Return the recommended cases of ``call`` whose letter and papers have not come, in order of number.

    Of each its number, its lead unit's name and its recommending unit's code; of one ``district`` or of all.
    """
    waiting = [stage.id for stage in call.procedure.application.stages if "deliver_papers" in stage.acts]
    query = (
        select(_cases.c.number, _leads.c.name, _bureaus.c.code)
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
        .where(_cases.c.call_id == call.id, _subjects.c.outcome.is_(None), _subjects.c.stage.in_(waiting))
        .order_by(_cases.c.number)
    )
    if district is not None:
        query = query.where(_cases.c.district_id == district)
    return list(connection.execute(query).all())


def before(connection: Connection, loaded: Loaded) -> int:
    """Return how many the unit of a case has recommended, and let nobody recommend there meanwhile.

    Without a quota nothing is looked at.
    """
    if not quota(loaded.procedure) or (call := call_of(connection, loaded.id)) is None:
        return 0
    connection.execute(select(_bureaus.c.id).where(_bureaus.c.id == loaded.district_id).with_for_update())
    return made(connection, call, loaded.district_id)
