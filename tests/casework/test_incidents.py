from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from casework.incidents import UnknownIncident, acknowledge, close, of_subject, record_incident, unresolved
from models.database import reading, writing
from tests.models.valid_rows import fill

NOW = datetime(2024, 8, 4, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _rows(engine: Engine) -> None:
    with writing(engine) as connection:
        fill(connection, ("bureaus", "organisations", "people", "revisions", "subjects"))


def test_one_incident_counts_its_occurrences(engine: Engine) -> None:
    with writing(engine) as connection:
        first = record_incident(connection, "wake:2", "wake", "Case 2 fails", "first", NOW, 2)
        again = record_incident(connection, "wake:2", "wake", "Case 2 still fails", "second", NOW + HOUR, 2)
        other = record_incident(connection, "wake:3", "wake", "Case 3 fails", "x", NOW, 3)
    assert first == again != other
    with reading(engine) as connection:
        incident, third = unresolved(connection)
        assert of_subject(connection, 2) == [incident]
    assert third["id"] == other
    assert (incident["occurrences"], incident["state"]) == (2, "open")
    assert (incident["summary"], incident["detail"]) == ("Case 2 still fails", "second")
    assert (incident["first_seen"], incident["last_seen"]) == (NOW, NOW + HOUR)


def test_an_occurrence_reported_late_does_not_turn_time_back(engine: Engine) -> None:
    with writing(engine) as connection:
        record_incident(connection, "a", "wake", "x", "x", NOW)
        record_incident(connection, "a", "wake", "x", "x", NOW - HOUR)
        (incident,) = unresolved(connection)
    assert incident["last_seen"] == NOW


def test_acknowledged_stays_with_its_person_and_closed_opens_again(engine: Engine) -> None:
    with writing(engine) as connection:
        incident = record_incident(connection, "a", "wake", "x", "x", NOW)
        acknowledge(connection, incident, 1)
        record_incident(connection, "a", "wake", "x", "x", NOW)
        (row,) = unresolved(connection)
        assert (row["state"], row["assigned_to"]) == ("acknowledged", 1)

        close(connection, incident)
        assert unresolved(connection) == []
        acknowledge(connection, incident, 1)
        assert unresolved(connection) == []

        record_incident(connection, "a", "wake", "x", "x", NOW)
        (row,) = unresolved(connection)
        assert (row["state"], row["occurrences"]) == ("open", 3)


def test_an_unknown_incident_is_named(engine: Engine) -> None:
    with writing(engine) as connection:
        with pytest.raises(UnknownIncident, match="there is no incident 7"):
            close(connection, 7)
        with pytest.raises(UnknownIncident, match="there is no incident 7"):
            acknowledge(connection, 7, 1)


def test_words_of_any_length_fit(engine: Engine) -> None:
    with writing(engine) as connection:
        record_incident(connection, "f" * 500, "wake", "长" * 5_000, "d" * 50_000, NOW)
        (incident,) = unresolved(connection)
    assert len(incident["summary"]) == 1_000
