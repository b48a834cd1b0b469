"""What filed consortia achieved, as their city bureau records it, and how far targets are met."""

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import Connection, Engine, Row, Select, insert, select, update

from casework import access, clock
from casework.access import CITY_ROLES, Claim, NoSuchRole
from models import Achievement, Bureau, RegisterEntry
from models.database import writing
from procedure import written
from procedure.act import Refusal
from procedure.acts import parsed
from procedure.acts.act_type import Payload
from procedure.acts.draft import Reason
from procedure.definition import Clause
from procedure.instant import Day, day_of
from procedure.targets import Target, Targets, shipped_targets, targets_codes

_achievements = Achievement.__table__
_register = RegisterEntry.__table__
_bureaus = Bureau.__table__

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Achieved(Payload):
    """An achievement: of which entry (its number), under which target, what, when, and what shows it."""

    entry: Text
    target: Text
    title: Text
    achieved_on: Day
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Struck(Payload):
    """Which achievement is struck, and why."""

    achievement: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Progress:
    """A target and what there is: altogether, up to its year, by year and by the entries' direction."""

    target: Target
    total: int
    in_time: int
    by_year: Mapping[int, int]
    by_field: Mapping[str, int]


def sheets(bureau: str | None = None) -> Iterator[Targets]:
    """Yield the targets of every city, or those of one bureau."""
    for code in targets_codes():
        sheet = shipped_targets(code)
        if bureau in (None, sheet.bureau):
            yield sheet


def source(sheet: Targets, clause: Clause | None, language: str) -> str:
    """Return the document and the clause that a target or a figure rests on, or that it is a setting."""
    if clause is None:
        return written.SETTING.of(language)
    title = sheet.documents[clause.document].title.of(language)
    return f"{title}, {clause.clause}" if language == "en" else f"《{title}》{clause.clause}"


def record(engine: Engine, claim: Claim, particulars: Mapping[str, Any]) -> int | Refusal:
    """Record an achievement (``Achieved``) of an entry of the claim's own city bureau; return its number.

    The same title counts once under a target: who records it again is told so.
    """
    wanted = parsed("record_achievement", Achieved, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    with writing(engine) as connection:
        now = clock.now(connection)
        bureaus = _bureaus_of(connection, claim, day_of(now))
        if isinstance(bureaus, Refusal):
            return bureaus
        entry = connection.execute(
            select(_register.c.id, _register.c.bureau_id, _bureaus.c.code)
            .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
            .where(_register.c.number == wanted.entry, _bureaus.c.code.in_(bureaus))
        ).one_or_none()
        if entry is None:
            return Refusal("no_such_entry", {"number": wanted.entry})
        kinds = [
            each.id for sheet in sheets(entry.code) for each in sheet.targets if each.counts == "achievements"
        ]
        if wanted.target not in kinds:
            return Refusal("unknown_target", {"target": wanted.target, "targets": ", ".join(kinds)})
        if wanted.achieved_on > day_of(now):
            return Refusal(
                "not_yet", {"day": wanted.achieved_on.isoformat(), "today": day_of(now).isoformat()}
            )
        # Two records of one title are put in one order.
        connection.execute(select(_bureaus.c.id).where(_bureaus.c.id == entry.bureau_id).with_for_update())
        same = connection.execute(
            select(_achievements.c.id).where(
                _achievements.c.bureau_id == entry.bureau_id,
                _achievements.c.kind == wanted.target,
                _achievements.c.title == wanted.title,
                _achievements.c.struck_at.is_(None),
            )
        ).scalar()
        if same is not None:
            return Refusal("achievement_known", {"title": wanted.title, "achievement": same})
        values = {
            "kind": wanted.target,
            "title": wanted.title,
            "achieved_on": wanted.achieved_on,
            "source": wanted.source,
        }
        return int(
            connection.execute(
                insert(_achievements)
                .values(
                    bureau_id=entry.bureau_id,
                    entry_id=entry.id,
                    **values,
                    recorded_at=now,
                    recorded_by=claim.person,
                )
                .returning(_achievements.c.id)
            ).scalar_one()
        )


def strike(engine: Engine, claim: Claim, particulars: Mapping[str, Any]) -> int | Refusal:
    """Strike an achievement entered in error (``Struck``): it counts no more, and its row stays."""
    wanted = parsed("strike_achievement", Struck, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    with writing(engine) as connection:
        now = clock.now(connection)
        bureaus = _bureaus_of(connection, claim, day_of(now))
        if isinstance(bureaus, Refusal):
            return bureaus
        own = select(_bureaus.c.id).where(_bureaus.c.code.in_(bureaus))
        struck = connection.execute(
            update(_achievements)
            .where(
                _achievements.c.id == wanted.achievement,
                _achievements.c.struck_at.is_(None),
                _achievements.c.bureau_id.in_(own),
            )
            .values(struck_at=now, struck_by=claim.person, struck_reason=wanted.reason)
            .returning(_achievements.c.id)
        ).scalar()
    return Refusal("no_such_achievement", {"achievement": wanted.achievement}) if struck is None else struck


def _bureaus_of(connection: Connection, claim: Claim, day: datetime.date) -> list[str] | Refusal:
    if claim.role not in CITY_ROLES:
        return Refusal("role_may_not", {"act": "record_achievement", "role": claim.role, "roles": CITY_ROLES})
    try:
        return [actor.bureau or "" for actor in access.roles_of(connection, claim, day)]
    except NoSuchRole:
        return Refusal("no_such_role", {"role": claim.role})


def standing(connection: Connection, bureau: str, kind: str | None = None) -> list[Row[Any]]:
    """Return the achievements of a bureau that count, by day, with the number and field of their entry."""
    statement: Select[Any] = (
        select(_achievements, _register.c.number.label("entry"), _register.c.direction)
        .join(_register, _register.c.id == _achievements.c.entry_id)
        .join(_bureaus, _bureaus.c.id == _achievements.c.bureau_id)
        .where(_bureaus.c.code == bureau, _achievements.c.struck_at.is_(None))
        .order_by(_achievements.c.achieved_on, _achievements.c.id)
    )
    if kind is not None:
        statement = statement.where(_achievements.c.kind == kind)
    return list(connection.execute(statement).all())


def progress(connection: Connection, sheet: Targets) -> list[Progress]:
    """Return how far each target of a city is met, in the document's order.

    Consortia count once, under the year in which they were first filed: those of one lead unit in one
    direction are one, whatever statuses they hold (a setting).
    """
    counted: dict[str, list[tuple[int, str]]] = {}
    for row in standing(connection, sheet.bureau):
        counted.setdefault(row.kind, []).append((row.achieved_on.year, row.direction or ""))
    filings = _first_filings(connection, sheet.bureau)
    return [
        _progress(target, filings if target.counts == "filings" else counted.get(target.id, []))
        for target in sheet.targets
    ]


def _progress(target: Target, things: list[tuple[int, str]]) -> Progress:
    by_year = Counter(year for year, _ in things)
    by_field = Counter(name for _, name in things)
    return Progress(
        target,
        len(things),
        sum(number for year, number in by_year.items() if year <= target.by),
        dict(sorted(by_year.items())),
        dict(sorted(by_field.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _first_filings(connection: Connection, bureau: str) -> list[tuple[int, str]]:
    first: dict[tuple[int, str], int] = {}
    rows = connection.execute(
        select(_register.c.lead_id, _register.c.direction, _register.c.valid_from)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .where(_bureaus.c.code == bureau)
        .order_by(_register.c.valid_from, _register.c.id)
    )
    for row in rows:
        first.setdefault((row.lead_id, row.direction or ""), row.valid_from.year)
    return [(year, name) for (_, name), year in first.items()]
