"""Why a subject's deadlines are when they are: each line of its ledger by the revision of its time."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from casework import calendars, procedures
from casework.queries import LedgerLine
from casework.standing import Standing
from models import Event, Revision
from procedure import event as events
from procedure.climbing import RungState
from procedure.definition import Procedure
from procedure.event import REVISION
from procedure.explanation import Explanation, explain
from procedure.instant import day_of
from procedure.subject import Waiver

_events = Event.__table__
_revisions = Revision.__table__


def explained(
    connection: Connection,
    stands: Standing,
    lines: Sequence[LedgerLine],
    language: str,
    rungs: Sequence[RungState] = (),
    waivers: Sequence[Waiver] = (),
) -> Explanation:
    """Explain ``lines`` of the subject's ledger, whatever revisions it was moved to since."""
    return explain(
        stands.procedure,
        stands.subject.kind,
        [line.entry for line in lines],
        calendars.current(connection, day_of(stands.loaded.now)),
        language,
        [line.person for line in lines],
        rungs,
        waivers,
        _under(connection, stands, lines),
    )


def _under(connection: Connection, stands: Standing, lines: Sequence[LedgerLine]) -> list[Procedure]:
    """Return the revision by which each line was counted."""
    moves = connection.execute(
        select(_events.c.seq, _events.c.data)
        .where(_events.c.subject_id == stands.loaded.id, _events.c.kind == REVISION)
        .order_by(_events.c.seq)
    ).all()
    former = [(row.seq, _of_hash(connection, events.load(row.data, {}).data["from"])) for row in moves]
    return [
        next((procedure for seq, procedure in former if line.seq < seq), stands.procedure) for line in lines
    ]


def _of_hash(connection: Connection, content_hash: str) -> Procedure:
    found = select(_revisions.c.id).where(_revisions.c.content_hash == content_hash)
    return procedures.of_revision(connection, connection.execute(found).scalar_one())
