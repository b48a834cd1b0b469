"""What is about to be sent, before it is: to whom, by which channel, in which words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from casework import clock
from casework.access import Claim, reads
from models import Case, Notice, Person
from models.notice import UNSENT
from notifications.rendering import TextError, Texts, render
from procedure.instant import day_of

_notices = Notice.__table__
_people = Person.__table__
_cases = Case.__table__


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that has not left yet, as it would be sent now; ``flaw`` is why it could not be."""

    id: int
    case: str | None
    handle: str
    name: str
    channel: str
    not_before: datetime
    subject: str
    text: str
    flaw: str | None = None


def preview(
    connection: Connection,
    texts_of: Callable[[int | None], Texts],
    subject_id: int | None = None,
    kind: str | None = None,
    limit: int = 50,
    seen_by: Claim | None = None,
    where: ColumnElement[bool] | None = None,
) -> list[Waiting]:
    """Return up to ``limit`` notices that wait, of one subject or of one kind, in the order of their turn.

    With ``seen_by`` only those that this person may read today; ``where`` narrows ``notices`` further.
    """
    query = (
        select(
            _notices.c.id,
            _notices.c.subject_id,
            _cases.c.number,
            _people.c.handle,
            _people.c.name,
            _notices.c.channel,
            _notices.c.not_before,
            _notices.c.text,
            _notices.c.language,
            _notices.c.context,
        )
        .join(_people, _people.c.id == _notices.c.recipient_id)
        .outerjoin(_cases, _cases.c.subject_id == _notices.c.subject_id)
        .where(UNSENT)
        .order_by(_notices.c.urgency, _notices.c.not_before, _notices.c.id)
        .limit(limit)
    )
    if subject_id is not None:
        query = query.where(_notices.c.subject_id == subject_id)
    if kind is not None:
        query = query.where(_notices.c.text == kind)
    if where is not None:
        query = query.where(where)
    if seen_by is not None:
        query = query.where(reads(seen_by, day_of(clock.now(connection))))
    waiting: list[Waiting] = []
    for row in connection.execute(query):
        subject, text, flaw = "", "", None
        try:
            rendered = render(texts_of(row.subject_id), row.text, row.language, row.context, row.number)
            subject, text = rendered.subject, rendered.text
        except TextError as error:
            flaw = str(error)
        waiting.append(
            Waiting(
                row.id, row.number, row.handle, row.name, row.channel, row.not_before, subject, text, flaw
            )
        )
    return waiting
