"""A database is marked as a story at its creation, for good."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from models import Clock
from models.database import DatabaseUnusable, reading, writing
from models.migrate import upgrade

CLOCK = Clock.__table__
BEGINNING = datetime(2024, 6, 30, 16, tzinfo=UTC)


def test_a_database_lives_in_real_time_unless_said_otherwise(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.execute(CLOCK.select()).all() == [(1, False, None)]


def test_a_story_begins_where_it_was_told(story_engine: Engine) -> None:
    with reading(story_engine) as connection:
        assert connection.execute(CLOCK.select()).all() == [(1, True, BEGINNING)]


def test_a_story_moves(story_engine: Engine) -> None:
    later = BEGINNING + timedelta(days=1)
    with writing(story_engine) as connection:
        connection.execute(CLOCK.update().values(at=later))
    with reading(story_engine) as connection:
        assert connection.execute(CLOCK.select()).all() == [(1, True, later)]


def test_real_time_cannot_be_moved(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="ck_clock_moved_only_in_a_story"), writing(engine) as connection:
        connection.execute(CLOCK.update().values(at=BEGINNING))


def test_real_time_never_becomes_a_story(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="settled at its creation"), writing(engine) as connection:
        connection.execute(CLOCK.update().values(story=True, at=BEGINNING))
    with pytest.raises(DatabaseUnusable) as refused:
        upgrade(engine, story_at=BEGINNING)
    assert refused.value.why == "it was created to live in real time, and that is for good"


def test_a_story_never_becomes_real_time(story_engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="settled at its creation"), writing(story_engine) as connection:
        connection.execute(CLOCK.update().values(story=False, at=None))


def test_a_story_migrated_again_keeps_its_time(story_engine: Engine) -> None:
    upgrade(story_engine, story_at=BEGINNING + timedelta(days=9))
    with reading(story_engine) as connection:
        assert connection.execute(CLOCK.select()).all() == [(1, True, BEGINNING)]


def test_the_clock_stays_and_stays_alone(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="clock"), writing(engine) as connection:
        connection.execute(CLOCK.delete())
    with pytest.raises(IntegrityError, match="ck_clock_single"), writing(engine) as connection:
        connection.execute(CLOCK.insert(), {"id": 2, "story": False})
