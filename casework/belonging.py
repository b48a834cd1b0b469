"""Which units belong to a filed consortium, and what those that left still see: conditions for ``access``.

The application says who its members were at the filing; who came and went since is read from approved
changes. Every unit whose part changes has a consent, which says whether it left; its answer stays open where
the pack has nobody asked, and a change that one of them refused is never approved.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select

from models import Consent, Matter, Member, RegisterEntry, Subject

_members = Member.__table__
_matters = Matter.__table__
_subjects = Subject.__table__
_consents = Consent.__table__
_entries = RegisterEntry.__table__


@dataclass(frozen=True, slots=True)
class _Agreed:
    """The units that approved changes concern, under names of their own."""

    change: FromClause
    subject: FromClause
    consent: FromClause

    @classmethod
    def named(cls, name: str) -> "_Agreed":
        return cls(*(table.alias(f"{name}_{table.name}") for table in (_matters, _subjects, _consents)))

    def to(self, column: ColumnElement[Any]) -> Select[Any]:
        """Return the query for a column of them."""
        return (
            select(column)
            .select_from(self.change)
            .join(self.subject, self.subject.c.id == self.change.c.subject_id)
            .join(self.consent, self.consent.c.subject_id == self.change.c.subject_id)
            .where(
                self.change.c.kind == "change",
                self.subject.c.outcome == "approved",
            )
        )


def entries_of(units: Select[Any]) -> Select[Any]:
    """Return the query for the ids of the entries that ``units`` are members of now."""
    filed = _entries.alias("entries_of_members")
    at_filing = (
        select(filed.c.id)
        .join(_members, _members.c.subject_id == filed.c.subject_id)
        .where(
            _members.c.organisation_id.in_(units),
            _members.c.status == "confirmed",
            ~_left("left", _members.c.organisation_id, filed.c.id),
        )
    )
    since = _Agreed.named("agreed")
    joined = since.to(since.change.c.entry_id).where(
        since.consent.c.organisation_id.in_(units),
        since.consent.c.leaves.is_(False),
        ~_left(
            "left_later",
            since.consent.c.organisation_id,
            since.change.c.entry_id,
            after=since.change.c.subject_id,
        ),
    )
    return select(at_filing.union(joined).subquery("belonging").c.id)


def ended_before_leaving(units: Select[Any]) -> ColumnElement[bool]:
    """Return the condition on ``matters`` and ``subjects`` that it ended while one of ``units`` belonged."""
    left = _Agreed.named("left_since")
    return (
        left.to(left.change.c.subject_id)
        .where(
            left.consent.c.organisation_id.in_(units),
            left.consent.c.leaves,
            left.change.c.entry_id == _matters.c.entry_id,
            left.subject.c.closed_at >= _subjects.c.closed_at,
        )
        .correlate(_matters, _subjects)
        .exists()
    )


def _left(
    name: str, unit: ColumnElement[Any], entry: ColumnElement[Any], *, after: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Return the condition that a unit left an entry by a change, ``after`` another one."""
    left = _Agreed.named(name)
    query = left.to(left.change.c.subject_id).where(
        left.consent.c.organisation_id == unit, left.consent.c.leaves, left.change.c.entry_id == entry
    )
    return (query if after is None else query.where(left.change.c.subject_id > after)).exists()
