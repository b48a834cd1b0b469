"""What one test did to a lent database is not there for the next."""

from collections.abc import Callable

import psycopg
import pytest

from tests.lent_databases import LentDatabases
from tests.postgres_server import plain_address

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("postgres")]

_BUREAU = (
    b"INSERT INTO bureaus (level, code, name_zh, name_en, city_zh, city_en)"
    b" VALUES ('city', 'x', 'x', 'x', 'x', 'x')"
)


def _ask(name: str, statement: bytes) -> list[tuple[object, ...]]:
    with psycopg.connect(plain_address(name), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_rows_and_numbers_are_as_at_the_first_lending(
    postgres_databases: Callable[[bool], LentDatabases],
) -> None:
    databases = postgres_databases(True)
    with databases.lent() as first:
        clock = _ask(first, b"TABLE clock")
        _ask(first, b"UPDATE clock SET at = '2025-01-01T00:00Z'")
        _ask(first, _BUREAU)
        (began,) = _ask(first, b"SELECT id FROM bureaus")
    with databases.lent() as second:
        assert second == first
        assert _ask(second, b"TABLE clock") == clock != []
        assert _ask(second, b"TABLE bureaus") == []
        _ask(second, _BUREAU)
        assert _ask(second, b"SELECT id FROM bureaus") == [began]


@pytest.mark.parametrize(
    "tampering",
    [
        b"ALTER TABLE events DISABLE TRIGGER ALL",
        b"ALTER TABLE bureaus ADD COLUMN more int",
        b"CREATE SCHEMA another",
    ],
)
def test_a_database_of_another_shape_is_not_lent_again(
    postgres_databases: Callable[[bool], LentDatabases], tampering: bytes
) -> None:
    databases = postgres_databases(False)
    with databases.lent() as first:
        _ask(first, tampering)
    with databases.lent() as second:
        assert second != first
    assert _ask("postgres", b"SELECT 1 FROM pg_database WHERE datname = '" + first.encode() + b"'") == []
