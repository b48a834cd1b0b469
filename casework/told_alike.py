"""What many subjects that begin alike tell: each kind of notice is made once and filled in for each."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson
import pendulum
from sqlalchemy import Connection

from casework import recipients
from casework.notices import NOTICE, Contexts, Tale, message_ids, of_events, told_to
from casework.recipients import Recipient
from casework.stencil import MARKS, RECIPIENT, Own, Stencil, as_written
from models.json_column import dump
from procedure.instant import day_of

_NAME: Final = MARKS[RECIPIENT]
_OWN: Final = ("subject_id", "recipient_id", "message_id", "context")


def write(connection: Connection, tales: Iterable[Tale], each: Sequence[Own], now: pendulum.DateTime) -> None:
    """Write the notices of ``tales`` for each of many subjects, with its own in place of the marks.

    A person gets one for an event of a subject, by its first text that names them.
    """
    meant = of_events(tales)
    if not meant:
        return
    audiences = (telling.audience for telling in meant)
    found = recipients.find(connection, audiences, day_of(now), [one.texts for one in each])
    contexts, forms = Contexts(), dict[Any, _Form | None]()
    for one in each:
        told: set[tuple[str, int]] = set()
        for telling in meant:
            for to in found.of(telling.audience, one.texts):
                if (telling.cause, to.person) in told:
                    continue
                key = id(telling), to.language, dump(to.choices)
                if key not in forms:
                    row = told_to(telling, replace(to, name=_NAME), contexts, now)
                    forms[key] = None if row is None else _Form(row)
                form = forms[key]
                if form is not None:
                    told.add((telling.cause, to.person))
                    form.add(one, to)
    for form in forms.values():
        if form is not None:
            form.write(connection, now)


class _Form:
    """A notice that differs for each in its subject, its recipient, and their names in what it says."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._alike = {name: value for name, value in row.items() if name not in _OWN}
        self._context = Stencil(dump(row["context"]))
        self._subjects: list[int] = []
        self._people: list[int] = []
        self._contexts: list[orjson.Fragment] = []

    def add(self, one: Own, to: Recipient) -> None:
        """Take in that a person is told of one subject."""
        texts = {**one.written, _NAME: as_written(to.name)}
        self._subjects.append(one.id)
        self._people.append(to.person)
        self._contexts.append(orjson.Fragment(self._context.fill(texts)))

    def write(self, connection: Connection, now: pendulum.DateTime) -> None:
        """Write them all."""
        own = (self._subjects, self._people, message_ids(now, len(self._subjects)), self._contexts)
        NOTICE.fill(connection, self._alike, dict(zip(_OWN, own, strict=True)))
