"""Where the benchmarks run: scratch databases on both engines, migrated, and gone afterwards."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pendulum
import psycopg
from sqlalchemy import URL, Engine, make_url

from models.database import connect, default_url
from models.migrate import upgrade
from procedure.instant import local_instant

STORY_BEGINS = local_instant("2024-07-01T09:00")


def engines() -> tuple[str, ...]:
    """The engines that can be measured here: SQLite always, PostgreSQL when it answers."""
    try:
        _administer("SELECT 1")
    except psycopg.OperationalError:
        return ("sqlite",)
    return ("sqlite", "postgresql")


@contextmanager
def scratch(name: str, begins: pendulum.DateTime | None = STORY_BEGINS) -> Iterator[Engine]:
    """A fresh database on the engine `name`, with the product's own settings; dropped afterwards.

    It is a story that `begins` then, or lives in real time where that is None.
    """
    with empty(name) as url:
        engine = connect(url)
        try:
            upgrade(engine, begins)
            yield engine
        finally:
            engine.dispose()


def empty(name: str) -> AbstractContextManager[str]:
    """The address of a database on the engine `name` in which nothing is; dropped afterwards."""
    return _sqlite() if name == "sqlite" else _postgresql()


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="beian-bench-") as folder:
        yield default_url(Path(folder))


@contextmanager
def _postgresql() -> Iterator[str]:
    name = f"beian_bench_{uuid.uuid4().hex}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield _server().set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _server() -> URL:
    return make_url(
        os.environ.get("BEIAN_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
    )


def _administer(statement: str) -> None:
    address = _server().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement.encode())
