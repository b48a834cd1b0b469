"""The daily summary: what the duty officer of each bureau should know in the morning."""

import datetime
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Engine, select

from casework import calendars, clock, conditions, radar
from casework.access import Claim, in_force
from casework.notices import Summons, write_summons
from casework.terms import LANGUAGES, term
from models import Person, Role
from models.database import writing
from procedure.instant import day_of, instant

_roles = Role.__table__
_people = Person.__table__

HOUR: Final = 9
"""From this hour of a working day on the summary is told (a setting)."""

DUTY: Final = ("operations", "administrator", "city_leader")
"""Who is on duty: whoever holds the first of these roles that anybody in the bureau holds (a setting)."""

FIRST: Final = 5
"""So many of the most urgent cases a summary names."""


def tell(engine: Engine) -> int:
    """Write today's summary to every bureau's duty officers, once a working day; return how many are new."""
    with writing(engine) as connection:
        now = clock.now(connection)
        if now.hour < HOUR or not calendars.current(connection, day_of(now)).is_working_day(day_of(now)):
            return 0
        return write_summons(connection, _summons(connection, now), now)


def _summons(connection: Connection, now: pendulum.DateTime) -> list[Summons]:
    day = day_of(now)
    told: list[Summons] = []
    for bureau, (role, people) in sorted(_on_duty(connection, day).items()):
        seen = radar.look(connection, seen_by=Claim(min(people), role), limit=FIRST)
        context = {
            language: {"day": day.isoformat(), "items": items(seen, language)} for language in LANGUAGES
        }
        told.append(Summons(f"daily {day} {bureau}", "daily_summary", frozenset(people), context))
    return told


def items(seen: radar.Radar, language: str) -> list[str]:
    """Return what a look found as lines: the program's troubles, the counts, the most urgent cases."""
    lines = [conditions.said(each, language) for each in seen.conditions]
    lines += [f"{term('troubles', each, language)}: {count}" for each, count in seen.counts.items() if count]
    for line in seen.lines:
        due = "" if line.due_at is None else f" {instant(line.due_at):YYYY-MM-DD HH:mm}"
        why = ", ".join(term("troubles", each, language) for each in line.troubles)
        lines.append(f"{line.number} {line.stage_title.of(language)}{due} ({why})")
    return lines


def _on_duty(connection: Connection, day: datetime.date) -> dict[int, tuple[str, set[int]]]:
    """Return, by bureau, the role that is on duty there and the people who hold it."""
    rows: Any = connection.execute(
        select(_roles.c.bureau_id, _roles.c.role, _roles.c.person_id)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(_people.c.active, _roles.c.role.in_(DUTY), in_force(day))
    ).all()
    found: dict[int, tuple[str, set[int]]] = {}
    for role in DUTY:
        for row in rows:
            if row.role == role and found.setdefault(row.bureau_id, (role, set()))[0] == role:
                found[row.bureau_id][1].add(row.person_id)
    return found
