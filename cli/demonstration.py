"""A story made ready for visitors of the portal: calls that take applications in its standing time."""

from typing import Final

import pendulum
from sqlalchemy import Connection, Engine, select

from casework import calls, clock, loading, public
from casework.access import Claim, in_force
from casework.public import CallCard
from models import Role, Subject
from models.database import reading
from procedure.definition import Procedure
from procedure.instant import calendar_day, day_of

_roles = Role.__table__
_subjects = Subject.__table__

CODE: Final = "demonstration"
"""The code of a call that is opened."""


class NoStory(Exception):
    """A database of record is no place for a demonstration."""


def make_ready(engine: Engine) -> None:
    """Let every bureau of a story have a call that takes applications at the story's present.

    Where none does, one is opened under the procedure of the bureau's newest call, its dates moved. Raises
    NoStory for a database that lives in real time.
    """
    with reading(engine) as connection:
        if not clock.is_story(connection):
            raise NoStory
        cards = public.call_cards(connection, clock.now(connection))
    for bureau in dict.fromkeys(card.bureau for card in cards):
        own = [card for card in cards if card.bureau == bureau]
        if not any(card.accepting or card.code == CODE for card in own):
            _open(engine, max(own, key=lambda card: card.opens_at))


def _open(engine: Engine, card: CallCard) -> None:
    with reading(engine) as connection:
        today = day_of(clock.now(connection))
        newest = loading.one(connection, card.id)
        revision = connection.execute(
            select(_subjects.c.revision_id).where(_subjects.c.id == card.id)
        ).scalar_one()
        opener = _opener(connection, newest.procedure, newest.bureau_id)
    if opener is not None:
        title = (f"{card.title_zh}·演示", f"{card.title_en} · demonstration")
        calls.announce(engine, revision, CODE, opener, _moved(newest.procedure, today), title)


def _opener(connection: Connection, procedure: Procedure, bureau_id: int) -> Claim | None:
    row = connection.execute(
        select(_roles.c.person_id, _roles.c.role).where(
            _roles.c.bureau_id == bureau_id,
            _roles.c.role.in_(procedure.call.start_roles),
            in_force(day_of(clock.now(connection))),
        )
    ).first()
    return None if row is None else Claim(row.person_id, row.role)


def _moved(procedure: Procedure, today: pendulum.Date) -> dict[str, str]:
    """Return the pack's dates, all moved by as many days as bring the first one to today."""
    stated = {name: rule for name, rule in procedure.dates.items() if rule.value is not None}
    days = {name: calendar_day(str(rule.value)[:10]) for name, rule in stated.items()}
    if not days:
        return {}
    ahead = (today - min(days.values())).days
    return {
        name: days[name].add(days=ahead).isoformat() + str(rule.value)[10:] for name, rule in stated.items()
    }
