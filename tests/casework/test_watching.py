"""The watch raises one incident for what ails the program and resolves it by itself when it is over."""

import datetime

import pytest
from city import TABLES, City
from sqlalchemy import Engine, delete, insert, update

from casework import clock, incidents, summary, wake, watching
from casework.incidents import record_incident
from casework.watching import FailedRun, Outcome, watch
from models.database import reading, writing

pytestmark = pytest.mark.usefixtures("holidays_out")

MINUTE = datetime.timedelta(minutes=1)


def states(engine: Engine) -> dict[str, tuple[str, int]]:
    with reading(engine) as connection:
        found = incidents.lines(connection, states=("open", "acknowledged", "closed"))
    return {each.fingerprint: (each.state, each.occurrences) for each in found}


def swept(engine: Engine, lane: str, ago: datetime.timedelta) -> None:
    sweeps = TABLES["sweeps"]
    with writing(engine) as connection:
        at = clock.now(connection) - ago
        connection.execute(delete(sweeps).where(sweeps.c.lane == lane))
        connection.execute(insert(sweeps).values(lane=lane, started_at=at, finished_at=at))


def test_a_silent_lane_is_one_incident_until_it_succeeds(engine: Engine) -> None:
    swept(engine, "watch", MINUTE)
    swept(engine, "notices", 20 * MINUTE)
    assert watch(engine) == Outcome(["lane:notices"], [])
    assert watch(engine) == Outcome()
    assert states(engine) == {"lane:notices": ("open", 1)}
    swept(engine, "notices", MINUTE)
    assert watch(engine) == Outcome([], ["lane:notices"])
    assert states(engine) == {"lane:notices": ("closed", 1)}
    swept(engine, "notices", 20 * MINUTE)
    assert watch(engine).raised == ["lane:notices"]
    assert states(engine) == {"lane:notices": ("open", 2)}


def test_a_worker_that_was_gone_is_told_afterwards(engine: Engine) -> None:
    swept(engine, "watch", 30 * MINUTE)
    swept(engine, "calls", MINUTE)
    outcome = watch(engine)
    assert ("worker:" in outcome.raised, "worker:" in outcome.resolved) == (True, True)
    assert states(engine)["worker:"] == ("closed", 1)


def test_a_failed_run_is_an_incident_until_one_succeeds(engine: Engine) -> None:
    swept(engine, "watch", MINUTE)
    runs = [FailedRun("calls", "brave-fox", "boom"), FailedRun("calls", "shy-owl", "boom")]
    watch(engine, runs)
    assert states(engine) == {"flow:calls": ("open", 2)}
    watch(engine, (), {"notices": "a"})
    assert states(engine) == {"flow:calls": ("open", 2)}
    assert watch(engine, (), {"calls": "calm-cat"}).resolved == ["flow:calls"]


def test_deliveries_are_over_once_the_channel_delivers_again(yueyang: City) -> None:
    with writing(yueyang.engine) as connection:
        now = clock.now(connection)
        record_incident(connection, "delivery:email", "delivery", "x", "x", now)
    assert watch(yueyang.engine) == Outcome()


def test_cases_that_a_later_sweep_or_act_moved_on_have_recovered(yueyang: City) -> None:
    cases = [yueyang.start(n) for n in range(2)]
    subjects = TABLES["subjects"]
    held = {row["id"]: row["state"] for row in yueyang.rows("subjects")}
    with writing(yueyang.engine) as connection:
        connection.execute(update(subjects).where(subjects.c.id.in_(cases)).values(state='{"kind": "x"}'))
    yueyang.at("2024-08-04T18:05")
    wake.sweep(yueyang.engine, "application")
    assert watch(yueyang.engine) == Outcome()
    with writing(yueyang.engine) as connection:
        for case in cases:
            connection.execute(update(subjects).where(subjects.c.id == case).values(state=held[case]))
    wake.sweep(yueyang.engine, "application")
    (fingerprint,) = states(yueyang.engine)
    assert watch(yueyang.engine) == Outcome([], [fingerprint])
    (incident,) = yueyang.rows("incidents")
    with reading(yueyang.engine) as connection:
        told = [each.kind for each in incidents.history(connection, incident["id"])]
    assert told == ["raised", "recovered", "recovered", "resolved"]


# --- the daily summary ---


@pytest.fixture
def watched(yueyang: City) -> City:
    yueyang.case_at("formal_review")
    yueyang.person("yun", "operations", bureau_id=yueyang.city)
    yueyang.at("2024-07-18T08:59")
    return yueyang


def summaries(city: City) -> list[dict[str, object]]:
    return [row for row in city.rows("notices") if row["text"] == "daily_summary"]


def test_the_duty_officer_is_told_once_a_working_day_from_nine_on(watched: City) -> None:
    assert summary.tell(watched.engine) == 0
    watched.at("2024-07-18T09:00")
    assert summary.tell(watched.engine) == 1
    assert summary.tell(watched.engine) == 0
    (notice,) = summaries(watched)
    assert notice["recipient_id"] == watched.people["yun"].person
    assert "已逾期: 1" in str(notice["context"])
    assert "YY2024-0001" in str(notice["context"])
    watched.at("2024-07-20T09:00")  # a Saturday
    assert summary.tell(watched.engine) == 0
    watched.at("2024-07-22T09:00")
    assert summary.tell(watched.engine) == 1


def test_without_operations_the_administrator_is_on_duty(yueyang: City) -> None:
    assert summary.tell(yueyang.engine) == 1
    (notice,) = summaries(yueyang)
    assert notice["recipient_id"] == yueyang.people["admin"].person


def test_a_quiet_day_says_so(yueyang: City) -> None:
    summary.tell(yueyang.engine)
    (notice,) = summaries(yueyang)
    assert isinstance(notice["context"], dict)
    assert notice["context"]["items"] == []


def test_the_watch_has_a_lane_of_its_own() -> None:
    assert watching.LANE == "watch"
