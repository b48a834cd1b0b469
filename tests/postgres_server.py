"""Databases on the PostgreSQL server of the tests."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, make_url


def server() -> URL:
    return make_url(
        os.environ.get("BEIAN_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
    )


def administer(statement: str) -> None:
    where = server().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(where, autocommit=True, connect_timeout=60) as connection:
        connection.execute(statement.encode())


def make_database(template: str = "template0") -> str:
    name = f"beian_test_{uuid.uuid4().hex}"
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    # Tests kill processes, never this server: what it has acknowledged it keeps for them.
    administer(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return name


def drop_database(name: str) -> None:
    administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def postgres_database(template: str = "template0") -> Iterator[str]:
    name = make_database(template)
    try:
        yield name
    finally:
        drop_database(name)


def address(name: str) -> str:
    return server().set(database=name).render_as_string(hide_password=False)


def plain_address(name: str) -> str:
    """The address of a test database, as psycopg takes it."""
    return server().set(drivername="postgresql", database=name).render_as_string(hide_password=False)
