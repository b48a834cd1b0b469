"""One incident a cause: counted, taken on, tried again, closed, with a history nobody can rewrite."""

from datetime import UTC, datetime, timedelta

import pytest
from city import TABLES, City
from sqlalchemy import Connection, Engine, insert, select, update

from casework import clock, incidents, parties, wake
from casework.access import Claim, NoSuchRole, NotTheirRole
from casework.incidents import (
    UnknownIncident,
    acknowledge,
    assign,
    close,
    of_subject,
    record_incident,
    recovered,
    resolve,
    unresolved,
)
from casework.retrying import NotRetriable, Retried, retry
from models.database import reading, writing
from procedure.instant import calendar_day, day_of
from tests.models.valid_rows import fill

NOW = datetime(2024, 8, 4, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


YUN = Claim(1, "operations")


@pytest.fixture
def rows(engine: Engine) -> Engine:
    with writing(engine) as connection:
        fill(connection, ("bureaus", "organisations", "people", "revisions", "subjects"))
        connection.execute(
            insert(TABLES["roles"]).values(
                person_id=1, role="operations", bureau_id=1, valid_from=calendar_day("2024-01-01")
            )
        )
    return engine


def told(connection: Connection, incident: int) -> list[tuple[str, str, str | None]]:
    return [(each.kind, each.role, each.remark) for each in incidents.history(connection, incident)]


def test_one_incident_counts_its_occurrences_and_the_cases_it_hit(rows: Engine) -> None:
    with writing(rows) as connection:
        first = record_incident(connection, "wake:X", "wake", "Case 2 fails", "first", NOW, 2)
        again = record_incident(connection, "wake:X", "wake", "Case 3 fails", "second", NOW + HOUR, 3)
        record_incident(connection, "wake:X", "wake", "Case 3 still fails", "third", NOW + 2 * HOUR, 3)
        other = record_incident(connection, "wake:Y", "wake", "Case 3 fails otherwise", "x", NOW, 3)
    assert first == again != other
    with reading(rows) as connection:
        incident, second = unresolved(connection)
        assert of_subject(connection, 2) == [incident]
        assert of_subject(connection, 3) == [incident, second]
        hit = [
            (each.subject, each.occurrences, each.summary) for each in incidents.cases_of(connection, first)
        ]
        assert told(connection, first) == [("raised", "system", None)]
    assert (incident["occurrences"], incident["state"], incident["subject_id"]) == (3, "open", 2)
    assert (incident["summary"], incident["detail"]) == ("Case 3 still fails", "third")
    assert (incident["first_seen"], incident["last_seen"]) == (NOW, NOW + 2 * HOUR)
    assert hit == [(2, 1, "Case 2 fails"), (3, 2, "Case 3 still fails")]


def test_an_occurrence_reported_late_does_not_turn_time_back(rows: Engine) -> None:
    with writing(rows) as connection:
        record_incident(connection, "a", "wake", "x", "x", NOW, 2)
        record_incident(connection, "a", "wake", "x", "x", NOW - HOUR, 2)
        (incident,) = unresolved(connection)
        (case,) = incidents.cases_of(connection, incident["id"])
    assert incident["last_seen"] == case.last_seen == NOW


def test_acknowledged_stays_with_its_person_and_closed_opens_again(rows: Engine) -> None:
    with writing(rows) as connection:
        incident = record_incident(connection, "a", "flow", "x", "x", NOW)
        acknowledge(connection, incident, YUN, NOW)
        record_incident(connection, "a", "flow", "x", "x", NOW)
        (row,) = unresolved(connection)
        assert (row["state"], row["assigned_to"]) == ("acknowledged", 1)

        assign(connection, incident, YUN, 2, NOW)
        close(connection, incident, YUN, "done", NOW)
        assert unresolved(connection) == []
        acknowledge(connection, incident, YUN, NOW)
        assert unresolved(connection) == []

        record_incident(connection, "a", "flow", "x", "x", NOW)
        (row,) = unresolved(connection)
        assert (row["state"], row["occurrences"]) == ("open", 3)
        assert told(connection, incident) == [
            ("raised", "system", None),
            ("acknowledged", "operations", None),
            ("assigned", "operations", "li"),
            ("closed", "operations", "done"),
            ("acknowledged", "operations", None),
            ("raised_again", "system", None),
        ]


def test_what_is_over_is_resolved_with_a_record(rows: Engine) -> None:
    with writing(rows) as connection:
        assert not resolve(connection, "lane:calls", NOW, "swept again")
        incident = record_incident(connection, "lane:calls", "lane", "x", "x", NOW)
        assert resolve(connection, "lane:calls", NOW, "swept again")
        assert not resolve(connection, "lane:calls", NOW, "swept again")
        assert incidents.one(connection, incident).state == "closed"
        assert told(connection, incident)[1:] == [("resolved", "system", "swept again")]


def test_an_incident_is_resolved_with_its_last_failing_case(rows: Engine) -> None:
    with writing(rows) as connection:
        incident = record_incident(connection, "a", "wake", "x", "x", NOW, 2)
        record_incident(connection, "a", "wake", "x", "x", NOW, 3)
        recovered(connection, incident, [2], NOW)
        line = incidents.one(connection, incident)
        assert (line.state, line.cases, line.failing) == ("open", 2, 1)
        recovered(connection, incident, [3], NOW)
        line = incidents.one(connection, incident)
        assert (line.state, line.cases, line.failing) == ("closed", 2, 0)
        assert [each[0] for each in told(connection, incident)] == [
            "raised",
            "recovered",
            "recovered",
            "resolved",
        ]


def test_unknown_incidents_and_strangers_are_named(rows: Engine) -> None:
    with writing(rows) as connection:
        incident = record_incident(connection, "a", "wake", "x", "x", NOW)
        with pytest.raises(UnknownIncident, match="there is no incident 7"):
            close(connection, 7, YUN, "x", NOW)
        with pytest.raises(UnknownIncident, match="there is no incident 7"):
            acknowledge(connection, 7, YUN, NOW)
        with pytest.raises(NoSuchRole):
            acknowledge(connection, incident, Claim(2, "operations"), NOW)
        connection.execute(
            insert(TABLES["roles"]).values(
                person_id=2, role="district_officer", bureau_id=2, valid_from=calendar_day("2024-01-01")
            )
        )
        with pytest.raises(NotTheirRole):
            acknowledge(connection, incident, Claim(2, "district_officer"), NOW)
        assert told(connection, incident) == [("raised", "system", None)]


def test_words_of_any_length_fit(rows: Engine) -> None:
    with writing(rows) as connection:
        incident = record_incident(connection, "f" * 500, "wake", "长" * 5_000, "d" * 50_000, NOW, 2)
        close(connection, incident, YUN, "长" * 5_000, NOW)
        assert len(incidents.one(connection, incident).summary) == 1_000


# --- cases that failed, tried again ---


def break_cases(city: City, *cases: int) -> dict[int, str]:
    """Make cases unreadable, and return what they held."""
    subjects = TABLES["subjects"]
    with writing(city.engine) as connection:
        held = connection.execute(
            select(subjects.c.id, subjects.c.state).where(subjects.c.id.in_(cases)).order_by(subjects.c.id)
        )
        states = {row.id: row.state for row in held}
        connection.execute(update(subjects).where(subjects.c.id.in_(cases)).values(state='{"kind": "x"}'))
    return states


def mend(city: City, states: dict[int, str]) -> None:
    subjects = TABLES["subjects"]
    with writing(city.engine) as connection:
        for case, state in states.items():
            connection.execute(update(subjects).where(subjects.c.id == case).values(state=state))


@pytest.fixture
def broken(yueyang: City) -> tuple[City, dict[int, str], int]:
    """Five drafts past the closing of the call, three of which could not be closed."""
    cases = [yueyang.start(n) for n in range(5)]
    yueyang.person("yun", "operations", bureau_id=yueyang.city)
    states = break_cases(yueyang, *cases[:3])
    yueyang.at("2024-08-04T18:05")
    assert wake.sweep(yueyang.engine, "application").failed == 3
    (incident,) = yueyang.rows("incidents")
    return yueyang, states, incident["id"]


def test_cases_that_fail_alike_are_one_incident_and_tried_again_together(
    broken: tuple[City, dict[int, str], int],
) -> None:
    city, states, incident = broken
    mend(city, dict(list(states.items())[:2]))
    heard: list[tuple[str, int, int]] = []
    results = retry(
        city.engine,
        incident,
        city.people["yun"],
        tell=lambda result, done, of: heard.append((result.number, done, of)),
    )
    assert heard == [("YY2024-0001", 1, 3), ("YY2024-0002", 2, 3), ("YY2024-0003", 3, 3)]
    assert results[:2] == [
        Retried(incident, number, recovered=True, moved=1, error=None)
        for number in ("YY2024-0001", "YY2024-0002")
    ]
    assert (results[2].recovered, results[2].moved) == (False, 0)
    assert "ValidationError" in str(results[2].error)
    with reading(city.engine) as connection:
        line = incidents.one(connection, incident)
        assert (line.state, line.cases, line.failing, line.occurrences) == ("open", 3, 1, 4)
    mend(city, dict(list(states.items())[2:]))
    (last,) = retry(city.engine, incident, city.people["yun"])
    assert (last.number, last.recovered) == ("YY2024-0003", True)
    assert {city.subject(case).outcome for case in states} == {"draft_not_accepted"}
    with reading(city.engine) as connection:
        assert incidents.one(connection, incident).state == "closed"
        history = [(each.kind, each.person, each.case) for each in incidents.history(connection, incident)]
    # Three fell due at one instant: which of them a sweep meets first is the database's affair.
    assert history[0] in [("raised", None, f"YY2024-000{number}") for number in (1, 2, 3)]
    assert history[1:] == [
        ("retried", "Yun", None),
        ("recovered", "Yun", "YY2024-0001"),
        ("recovered", "Yun", "YY2024-0002"),
        ("failed_again", "Yun", "YY2024-0003"),
        ("retried", "Yun", None),
        ("recovered", "Yun", "YY2024-0003"),
        ("resolved", "Yun", None),
    ]


def test_a_selection_is_tried_again_and_the_rest_left(broken: tuple[City, dict[int, str], int]) -> None:
    city, states, incident = broken
    mend(city, states)
    results = retry(city.engine, incident, city.people["yun"], ["YY2024-0002", "YY2024-0005"])
    assert [each.number for each in results] == ["YY2024-0002"]
    with reading(city.engine) as connection:
        assert incidents.one(connection, incident).failing == 2


def test_only_operations_and_the_bureau_may_retry_and_only_cases_can_be(
    broken: tuple[City, dict[int, str], int],
) -> None:
    city, _, incident = broken
    with pytest.raises(NotTheirRole):
        retry(city.engine, incident, city.people["wang"])
    with writing(city.engine) as connection:
        flow = record_incident(connection, "flow:calls", "flow", "x", "x", clock.now(connection))
    with pytest.raises(NotRetriable):
        retry(city.engine, flow, city.people["yun"])


def test_a_bureau_sees_its_own_a_district_its_own_and_everyone_at_operations_what_hits_no_case(
    broken: tuple[City, dict[int, str], int],
) -> None:
    city, _, drafts = broken
    with writing(city.engine) as connection:
        now = clock.now(connection)
        other = parties.city_bureau(connection, _elsewhere())
        flow = record_incident(connection, "flow:calls", "flow", "x", "x", now)
    submitted = city.rows("cases")[4]["subject_id"]
    with writing(city.engine) as connection:
        connection.execute(
            update(TABLES["cases"]).where(TABLES["cases"].c.subject_id == submitted).values(submitted_at=now)
        )
        wide = record_incident(connection, "x", "wake", "x", "x", now, submitted)
    city.person("far", "operations", bureau_id=other)
    with reading(city.engine) as connection:

        def seen(who: str) -> set[int]:
            found = incidents.lines(connection, seen_by=city.people[who], day=day_of(now))
            return {each.id for each in found}

        assert seen("yun") == seen("chen") == {drafts, flow, wide}
        assert seen("far") == {flow}
        assert seen("wang") == {wide}
        assert seen("li") == set()


def _elsewhere() -> object:
    from procedure.pack import shipped

    bureau = shipped("yueyang-2024").procedure.bureau
    return bureau.model_copy(update={"code": "elsewhere"})
