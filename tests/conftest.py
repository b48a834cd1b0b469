"""A fresh database for each test that asks for one, on SQLite and on PostgreSQL."""

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine

from casework import calendars, conditions
from models.database import connect, default_url, reading
from models.migrate import upgrade
from story.carriers import Direct
from story.play import play
from story.reading import load
from story.result import result, write
from tests.lent_databases import LentDatabases
from tests.postgres_server import (
    address,
    administer,
    drop_database,
    make_database,
    plain_address,
    postgres_database,
    server,
)

# How long something takes says nothing of whether it is right, on a machine that others use too.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

STORY_BEGINS = datetime(2024, 7, 1, tzinfo=ZoneInfo("Asia/Shanghai"))


def pytest_collection_finish() -> None:
    """What was loaded stays: nothing need look again and again whether it is garbage."""
    gc.collect()
    gc.freeze()


T = TypeVar("T")
Prepare = Callable[[Engine], Any]
ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def _migrate(url: str, *, story: bool) -> None:
    engine = connect(url)
    upgrade(engine, STORY_BEGINS if story else None)
    engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> None:
    """PostgreSQL answers; otherwise the test is skipped, or fails where it is required."""
    try:
        administer("SELECT 1")
    except psycopg.OperationalError as error:
        place = server().render_as_string(hide_password=True)
        message = f"PostgreSQL does not answer at {place}: {str(error).strip().splitlines()[0]}"
        if os.environ.get("BEIAN_TEST_POSTGRES") == "required":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Path]:
    made: dict[bool, Path] = {}

    def template(story: bool) -> Path:
        if story not in made:
            folder = tmp_path_factory.mktemp("template")
            _migrate(default_url(folder), story=story)
            made[story] = folder / "beian.db"
        return made[story]

    return template


@pytest.fixture(scope="session")
def played(
    sqlite_template: Callable[[bool], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Path]:
    """The SQLite database that a story's file leaves behind, its `result.json` beside it; to be copied.

    Each is played once for all tests, on whichever worker asks first.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "stories"

    @cache
    def left(story: Path) -> Path:
        folder = shared / f"{story.parent.name}-{story.stem}"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "result.json").exists():
                shutil.copyfile(sqlite_template(True), folder / "beian.db")
                engine = connect(default_url(folder))
                done = play(load(story), engine, folder / "files", Direct(engine))
                with reading(engine) as connection:
                    found = result(connection, done)
                engine.dispose()
                write(folder / "result.json", found)
        return folder / "beian.db"

    return left


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Callable[[bool], LentDatabases]]:
    made: dict[bool, LentDatabases] = {}
    with ExitStack() as cleanup:

        def databases(story: bool) -> LentDatabases:
            if story not in made:
                template = cleanup.enter_context(postgres_database())
                _migrate(address(template), story=story)
                made[story] = LentDatabases(partial(make_database, template), drop_database, plain_address)
                cleanup.callback(made[story].drop_all)
            return made[story]

        yield databases


def _prepared(url: str, prepare: Callable[[Engine], T]) -> T:
    engine = connect(url)
    made = prepare(engine)
    engine.dispose()
    return made


@pytest.fixture(scope="session")
def prepared_sqlite(
    sqlite_template: Callable[[bool], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Prepare], tuple[Path, Any]]:
    """The database of a fresh story once `prepare` has been at it, to be copied, and what that returned."""

    @cache
    def prepared(prepare: Prepare) -> tuple[Path, Any]:
        folder = tmp_path_factory.mktemp("prepared")
        shutil.copyfile(sqlite_template(True), folder / "beian.db")
        return folder / "beian.db", _prepared(default_url(folder), prepare)

    return prepared


@pytest.fixture(scope="session")
def prepared_postgres(
    postgres_databases: Callable[[bool], LentDatabases],
) -> Iterator[Callable[[Prepare], tuple[LentDatabases, Any]]]:
    """Databases as a fresh story's is once `prepare` has been at it, and what that returned."""
    with ExitStack() as cleanup:

        @cache
        def prepared(prepare: Prepare) -> tuple[LentDatabases, Any]:
            with postgres_databases(True).lent() as name:
                made = _prepared(address(name), prepare)
                template = cleanup.enter_context(postgres_database(name))
            databases = LentDatabases(partial(make_database, template), drop_database, plain_address)
            cleanup.callback(databases.drop_all)
            return databases, made

        yield prepared


@contextmanager
def _copied(folder: Path, template: Path) -> Iterator[Engine]:
    folder.mkdir()
    shutil.copyfile(template, folder / "beian.db")
    engine = connect(default_url(folder))
    yield engine
    engine.dispose()


@contextmanager
def _lent(databases: LentDatabases) -> Iterator[Engine]:
    with databases.lent() as name:
        # What this process read from a database of the same address is not of this one.
        calendars.forget()
        engine = connect(address(name))
        yield engine
        engine.dispose()


@contextmanager
def _fresh(request: pytest.FixtureRequest, place: Path, *, story: bool) -> Iterator[Engine]:
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")(story)
        with _copied(place / ("story" if story else "real"), template) as engine:
            yield engine
    else:
        request.getfixturevalue("postgres")
        with _lent(request.getfixturevalue("postgres_databases")(story)) as engine:
            yield engine


@contextmanager
def prepared(
    request: pytest.FixtureRequest, place: Path, prepare: Callable[[Engine], T]
) -> Iterator[tuple[Engine, T]]:
    """A story of one's own on the engine of `request`, that `prepare` has been at, and what it made."""
    if request.param == "sqlite":
        template, made = request.getfixturevalue("prepared_sqlite")(prepare)
        with _copied(place / "story", template) as engine:
            yield engine, made
    else:
        request.getfixturevalue("postgres")
        databases, made = request.getfixturevalue("prepared_postgres")(prepare)
        with _lent(databases) as engine:
            yield engine, made


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated database that lives in real time."""
    with _fresh(request, tmp_path, story=False) as made:
        yield made


@pytest.fixture(params=ENGINES)
def story_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated story whose clock stands at 2024-07-01T00:00+08:00."""
    with _fresh(request, tmp_path, story=True) as made:
        yield made


@pytest.fixture
def holidays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No holidays are missed: which years are out is a matter of the day on which tests run."""
    monkeypatch.setattr(conditions, "missing_holidays", lambda *_: ())


@pytest.fixture(scope="session", params=ENGINES)
def shared_story_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One such story for every test that leaves it as it found it."""
    with _fresh(request, tmp_path_factory.mktemp("shared"), story=True) as made:
        yield made


@pytest.fixture
def another_url(story_engine: Engine, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the same kind as `story_engine`, in which nothing is."""
    if story_engine.dialect.name == "sqlite":
        yield default_url(tmp_path / "another")
    else:
        with postgres_database() as name:
            yield address(name)


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database in which nothing has been migrated."""
    if request.param == "sqlite":
        yield default_url(request.getfixturevalue("tmp_path"))
    else:
        request.getfixturevalue("postgres")
        with postgres_database() as name:
            yield address(name)
