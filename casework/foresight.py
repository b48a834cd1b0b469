"""What an act would do, seen before it is done: where it leads, and who would be told what in which words.

The act is carried out as it would be and undone again, so what is shown is exactly what would be written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from casework import acts, waiting
from casework.acts import Receipt, Request
from casework.entry_matters import Begun
from casework.texts import texts_of
from casework.waiting import Waiting
from models import Notice, Subject
from models.database import writing
from procedure.act import Refusal

_notices = Notice.__table__
_subjects = Subject.__table__

BLIND: Final = frozenset({"draw_panel"})
"""Acts whose result nobody may see before it stands: whoever saw a draw could change the pool to suit."""

MOST: Final = 200
"""So many notices of one act are shown."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Where an act would lead, and the notices it would send; None where they must not be seen before."""

    stage: str
    outcome: str | None
    notices: tuple[Waiting, ...] | None


class _Undone(Exception):
    """Leaves the transaction with nothing written."""

    def __init__(self, seen: Foreseen) -> None:
        self.seen = seen


def foresee(engine: Engine, request: Request) -> Foreseen | Refusal:
    """Return what ``request`` would do now, or why it would be refused; nothing is written either way."""

    def once() -> Receipt | Refusal:
        with writing(engine) as connection:
            newest = connection.execute(select(func.max(_notices.c.id))).scalar() or 0
            done = acts.within(connection, request)
            if isinstance(done, Refusal):
                return done
            told = None if request.act in BLIND else _told(engine, connection, request.subject, newest)
            raise _Undone(Foreseen(done.stage, done.outcome, told))

    try:
        answer = acts.attempt(once)
    except _Undone as undone:
        return undone.seen
    if isinstance(answer, Refusal):
        return answer
    raise AssertionError(answer)


def foresee_beginning(engine: Engine, begin: Callable[[Begun], Receipt | Refusal]) -> Foreseen | Refusal:
    """Return where a matter would begin that ``begin`` begins, or why it would not; nothing stays written.

    ``begin`` is handed what looks at the matter last, within its transaction.
    """

    def look(connection: Connection, matter: int, receipt: Receipt) -> None:
        raise _Undone(Foreseen(receipt.stage, receipt.outcome, _told(engine, connection, matter, 0)))

    try:
        answer = begin(look)
    except _Undone as undone:
        return undone.seen
    if isinstance(answer, Refusal):
        return answer
    raise AssertionError(answer)


def _told(engine: Engine, connection: Connection, subject: int, newest: int) -> tuple[Waiting, ...]:
    moved = select(_subjects.c.id).where((_subjects.c.id == subject) | (_subjects.c.parent_id == subject))
    fresh = (_notices.c.id > newest) & _notices.c.subject_id.in_(moved)
    return tuple(waiting.preview(connection, cache(partial(texts_of, engine)), where=fresh, limit=MOST))
