"""Each thing that the doctor and the health page look at is told when it goes wrong, and only then."""

import datetime
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from city import TABLES, City, build
from sqlalchemy import Connection, Engine, insert, update

from casework import clock, conditions, health
from casework.conditions import Condition
from casework.incidents import record_incident
from models.database import writing

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def here(engine: Engine, holidays_out: None) -> City:
    """A bureau in real time where all is well: lanes have just run and nothing is due."""
    made = build(engine, now=None)
    ran(made, "calls", 0 * MINUTE)
    ran(made, "notices", 0 * MINUTE)
    for table, at in (("subjects", "wake_at"), ("notices", "not_before")):
        ago(made, table, at, -MINUTE)
    return made


def ran(city: City, lane: str, since: datetime.timedelta) -> None:
    with writing(city.engine) as connection:
        at = clock.now(connection) - since
        sweeps = TABLES["sweeps"]
        connection.execute(sweeps.delete().where(sweeps.c.lane == lane))
        connection.execute(insert(sweeps).values(lane=lane, started_at=at, finished_at=at))


def ago(city: City, table: str, column: str, since: datetime.timedelta) -> None:
    with writing(city.engine) as connection:
        connection.execute(update(TABLES[table]).values({column: clock.now(connection) - since}))


def facts_of_bad(city: City, folder: Path) -> dict[str, Mapping[str, Any]]:
    """What is found bad, and that it is said in both languages with what to do."""
    found = [each for each in health.whole(city.engine, folder) if each.state == "bad"]
    for each in found:
        for language in ("zh", "en"):
            said = health.told(each, language)
            assert said.title
            assert said.finding
            assert said.step
    return {each.name: each.facts for each in found}


def test_all_of_it_is_looked_at(here: City, tmp_path: Path) -> None:
    names = [each.name for each in health.whole(here.engine, tmp_path)]
    assert names == [
        *("database", "migrations", "worker", "lane", "lane", "backlog", "notices"),
        *("incidents", "holidays", "clock", "disk", "files"),
    ]
    assert facts_of_bad(here, tmp_path) == {}


def test_a_lane_that_has_not_succeeded_for_ten_minutes(here: City, tmp_path: Path) -> None:
    ran(here, "notices", 9 * MINUTE)
    assert facts_of_bad(here, tmp_path) == {}
    ran(here, "notices", 11 * MINUTE)
    assert [facts["lane"] for facts in facts_of_bad(here, tmp_path).values()] == ["notices"]
    ran(here, "calls", 11 * MINUTE)
    assert set(facts_of_bad(here, tmp_path)) == {"worker"}


def test_what_should_have_happened_ten_minutes_ago(here: City, tmp_path: Path) -> None:
    ago(here, "subjects", "wake_at", 9 * MINUTE)
    assert facts_of_bad(here, tmp_path) == {}
    ago(here, "subjects", "wake_at", 11 * MINUTE)
    assert [facts["count"] for facts in facts_of_bad(here, tmp_path).values()] == [1]
    assert set(facts_of_bad(here, tmp_path)) == {"backlog"}


def test_a_notice_that_has_had_its_turn_for_an_hour(here: City, tmp_path: Path) -> None:
    with writing(here.engine) as connection:
        owe(connection, here)
    ago(here, "notices", "not_before", 59 * MINUTE)
    assert facts_of_bad(here, tmp_path) == {}
    ago(here, "notices", "not_before", 61 * MINUTE)
    assert facts_of_bad(here, tmp_path) == {"notices": {"count": 1}}
    with writing(here.engine) as connection:
        connection.execute(update(TABLES["notices"]).values(state="sent"))
    assert facts_of_bad(here, tmp_path) == {}


def owe(connection: Connection, city: City) -> None:
    now = clock.now(connection)
    connection.execute(
        insert(TABLES["notices"]).values(
            cause="summary",
            text="to_endorse",
            recipient_id=city.people["chen"].person,
            channel="email",
            language="zh",
            urgency=1,
            state="pending",
            context={},
            message_id="<1@example>",
            created_at=now,
            not_before=now,
            attempts=0,
            strikes=0,
        )
    )


def test_an_incident_that_nobody_has_closed(here: City, tmp_path: Path) -> None:
    with writing(here.engine) as connection:
        now = clock.now(connection)
        record_incident(connection, "wake:KeyError:machine.settle", "wake", "KeyError", "", now)
    assert facts_of_bad(here, tmp_path) == {"incidents": {"count": 1}}
    with writing(here.engine) as connection:
        connection.execute(update(TABLES["incidents"]).values(state="closed"))
    assert facts_of_bad(here, tmp_path) == {}


def test_a_year_without_holidays(here: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = (Condition("holidays", "2031"), Condition("holidays", "2032"))
    monkeypatch.setattr(conditions, "missing_holidays", lambda *_: missing)
    assert facts_of_bad(here, tmp_path) == {"holidays": {"years": "2031, 2032"}}


def test_a_record_that_is_ahead_of_the_clock(here: City, tmp_path: Path) -> None:
    with writing(here.engine) as connection:
        now = clock.now(connection)
        event = TABLES["events"]
        row = here.rows("events")[-1]
        ahead = {"seq": row["seq"] + 1, "recorded_at": now + MINUTE}
        connection.execute(insert(event).values({**row, **ahead}))
    assert set(facts_of_bad(here, tmp_path)) == {"clock"}


@pytest.mark.parametrize(("free", "bad"), [(1 << 30, False), ((1 << 30) - 1, True)])
def test_a_disk_with_less_than_a_gigabyte(
    here: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, bad: bool
) -> None:
    usage: Callable[[Path], Any] = lambda _: SimpleNamespace(free=free)  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert set(facts_of_bad(here, tmp_path)) == ({"disk"} if bad else set())


def test_a_stored_file_that_is_gone(here: City, tmp_path: Path) -> None:
    here.store("application_form")
    assert facts_of_bad(here, tmp_path) == {"files": {"count": 1, "folder": str(tmp_path)}}
