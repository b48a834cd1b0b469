"""What may be wrong with an open case or matter, what helps against it, and which are watched over."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pendulum
from sqlalchemy import ColumnElement, and_, literal, or_
from sqlalchemy import case as when

from casework.access import SEEN_WITH_ENTRY, Watched
from models import Instant, Subject
from models.subject import OPEN, OPEN_MATTER

_subjects = Subject.__table__


class Trouble(StrEnum):
    """A kind of trouble, the most urgent first."""

    OVERDUE = "overdue"
    BREACH = "breach"
    NO_HOLDER = "no_holder"
    ABSENT = "absent"
    INCIDENT = "incident"
    UNDELIVERED = "undelivered"
    BOUNCING = "bouncing"


HELPS: Final[Mapping[Trouble, tuple[str, ...]]] = {
    Trouble.OVERDUE: ("urge", "extend_deadline", "reassign"),
    Trouble.BREACH: ("urge", "extend_deadline", "reassign"),
    Trouble.NO_HOLDER: ("reassign",),
    Trouble.ABSENT: ("urge", "reassign"),
    Trouble.INCIDENT: ("retry", "look_into"),
    Trouble.UNDELIVERED: ("resend",),
    Trouble.BOUNCING: (),
}
"""What helps against each: acts of the case where its procedure has them, and trying again what failed."""


@dataclass(frozen=True, slots=True)
class Danger:
    """Until when a due date is in danger: by stage and district, by stage, and for every other."""

    default: pendulum.DateTime
    by_stage: Mapping[str, tuple[pendulum.DateTime, Mapping[int, pendulum.DateTime]]]

    @property
    def latest(self) -> pendulum.DateTime:
        """The latest of all."""
        every = [at for at, own in self.by_stage.values() for at in (at, *own.values())]
        return max((self.default, *every))

    def at(self, stage: str, district: int | None) -> pendulum.DateTime:
        """Return until when a due date at ``stage`` in ``district`` is in danger."""
        general, own = self.by_stage.get(stage, (self.default, {}))
        return own.get(district, general) if district is not None else general

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on ``subjects`` that its due date is in danger, or past."""
        due, until = _subjects.c.due_at, _at(self.default)
        arms = [
            (_subjects.c.stage == stage, _own(general, own))
            for stage, (general, own) in self.by_stage.items()
        ]
        return and_(due <= _at(self.latest), due <= (when(*arms, else_=until) if arms else until))


def open_cases(within: Watched) -> ColumnElement[bool]:
    """Return the condition on ``subjects`` that it is an open case of those that ``within`` watches over."""
    return cases_of(within.bureau, within.district)


def cases_of(bureau: Any, district: Any = None) -> ColumnElement[bool]:
    """Return the condition that it is an open case of a bureau, or of one of its districts only."""
    # As the partial indexes say it: SQLite does not see that parameters mean the same.
    if district is None:
        return and_(OPEN, _subjects.c.bureau_id == bureau)
    return and_(OPEN, _subjects.c.bureau_id == bureau, _subjects.c.district_id == district)


def open_matters(within: Watched) -> ColumnElement[bool]:
    """Return the condition on ``subjects`` that it is an open matter after filing, of those watched over.

    A change that is being drawn up is its lead unit's own business, like a draft.
    """
    of = [OPEN_MATTER, _subjects.c.bureau_id == within.bureau]
    if within.district is not None:
        of.append(_subjects.c.entry_district_id == within.district)
    return and_(*of, *handed_in(as_district=within.as_district))


def handed_in(*, as_district: bool) -> list[ColumnElement[bool]]:
    """Return the conditions that a matter is no longer its lead unit's own business, and a district's."""
    of: list[ColumnElement[bool]] = [_subjects.c.stage != "draft"]
    if as_district:
        of.append(or_(*(_subjects.c.kind == kind for kind in SEEN_WITH_ENTRY)))
    return of


def _own(general: pendulum.DateTime, own: Mapping[int, pendulum.DateTime]) -> ColumnElement[Any]:
    arms = [(_subjects.c.district_id == district, _at(at)) for district, at in own.items()]
    return when(*arms, else_=_at(general)) if arms else _at(general)


def _at(at: datetime.datetime) -> ColumnElement[Any]:
    return literal(at, Instant())
