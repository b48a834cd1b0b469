"""What everybody may see: calls, published lists and the register, without personal data."""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, not_, or_, select

from models import Bureau, Call, Publicity, PublicityEntry, Subject

_calls = Call.__table__
_subjects = Subject.__table__
_bureaus = Bureau.__table__
_publicity = Publicity.__table__
_entries = PublicityEntry.__table__


@dataclass(frozen=True, slots=True)
class CallCard:
    """A call as it is shown to everybody; ``accepting`` says whether it takes applications at that moment."""

    id: int
    code: str
    bureau: str
    bureau_zh: str
    bureau_en: str
    title_zh: str
    title_en: str
    opens_at: datetime.datetime
    closes_at: datetime.datetime | None
    outcome: str | None
    accepting: bool


@dataclass(frozen=True, slots=True)
class ListCard:
    """The version in force of one published list, without its lines."""

    bureau: str
    call: str
    number: int
    title_zh: str
    title_en: str
    document: str
    published_at: datetime.datetime
    until: datetime.datetime
    lines: int


def call_cards(
    connection: Connection, now: datetime.datetime, bureau: str | None = None, code: str | None = None
) -> list[CallCard]:
    """Return all calls, or those of a bureau or of one code: first those that take applications at ``now``.

    A call takes applications from its opening to its closing instant, both included, unless it has ended.
    """
    statement = _cards().order_by(_calls.c.opens_at.desc(), _calls.c.code)
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    if code is not None:
        statement = statement.where(_calls.c.code == code)
    cards = [CallCard(*row, accepting=_accepts(row, now)) for row in connection.execute(statement)]
    return sorted(cards, key=lambda card: not card.accepting)


def call_page(
    connection: Connection,
    now: datetime.datetime,
    *,
    accepting: bool | None = None,
    before: int | None = None,
    limit: int,
) -> list[CallCard]:
    """Return calls, the one announced last first, those ``before`` the id of another; at most ``limit``.

    ``accepting`` narrows them to those that take applications at ``now``, or to those that do not.
    """
    statement = _cards().order_by(_calls.c.subject_id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_calls.c.subject_id < before)
    if accepting is not None:
        open_now = and_(
            _subjects.c.outcome.is_(None),
            _calls.c.opens_at <= now,
            or_(_calls.c.closes_at.is_(None), _calls.c.closes_at >= now),
        )
        statement = statement.where(open_now if accepting else not_(open_now))
    return [CallCard(*row, accepting=_accepts(row, now)) for row in connection.execute(statement)]


def _cards() -> Select[Any]:
    return (
        select(
            _calls.c.subject_id,
            _calls.c.code,
            _bureaus.c.code.label("bureau"),
            _bureaus.c.name_zh,
            _bureaus.c.name_en,
            _calls.c.title_zh,
            _calls.c.title_en,
            _calls.c.opens_at,
            _calls.c.closes_at,
            _subjects.c.outcome,
        )
        .join(_subjects, _subjects.c.id == _calls.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _calls.c.bureau_id)
    )


def _accepts(row: Any, now: datetime.datetime) -> bool:
    closes = row.closes_at
    return row.outcome is None and row.opens_at <= now and (closes is None or now <= closes)


def list_cards(connection: Connection, call_id: int | None = None) -> list[ListCard]:
    """Return the version in force of every published list, newest first, of one call or all."""
    last = (
        select(_publicity.c.call_id, _publicity.c.number, func.max(_publicity.c.version).label("version"))
        .group_by(_publicity.c.call_id, _publicity.c.number)
        .subquery("last_versions")
    )
    lines = (
        select(func.count())
        .where(_entries.c.publicity_id == _publicity.c.id)
        .correlate(_publicity)
        .scalar_subquery()
    )
    statement: Select[Any] = (
        select(
            _bureaus.c.code.label("bureau"),
            _calls.c.code.label("call"),
            _publicity.c.number,
            func.coalesce(_publicity.c.title, _calls.c.title_zh),
            func.coalesce(_publicity.c.title, _calls.c.title_en),
            _publicity.c.document,
            _publicity.c.published_at,
            _publicity.c.until,
            lines,
        )
        .join(
            last,
            (last.c.call_id == _publicity.c.call_id)
            & (last.c.number == _publicity.c.number)
            & (last.c.version == _publicity.c.version),
        )
        .join(_calls, _calls.c.subject_id == _publicity.c.call_id)
        .join(_bureaus, _bureaus.c.id == _calls.c.bureau_id)
        .order_by(_publicity.c.published_at.desc(), _publicity.c.number)
    )
    if call_id is not None:
        statement = statement.where(_publicity.c.call_id == call_id)
    return [ListCard(*row) for row in connection.execute(statement)]
