"""A prepared condition on many values: the same rows as IN, along the same index, on both engines."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlalchemy import Engine, insert, not_, select
from valid_rows import TABLES

from models.among import Among
from models.database import reading, writing
from models.prepared import Prepared

_sweeps: Final = TABLES["sweeps"]
_bureaus: Final = TABLES["bureaus"]
LANES: Final = ("a", "b", "丙", "'d'")


@pytest.fixture
def swept(engine: Engine) -> Engine:
    at = datetime(2024, 8, 5, tzinfo=UTC)
    with writing(engine) as connection:
        connection.execute(
            insert(_sweeps),
            [{"lane": lane, "started_at": at, "finished_at": at, "moved": n} for n, lane in enumerate(LANES)],
        )
    return engine


def _moved(engine: Engine, condition: Any, **values: Any) -> list[int]:
    query = Prepared(select(_sweeps.c.moved).where(condition).order_by(_sweeps.c.moved))
    with reading(engine) as connection:
        return [row.moved for row in query.all(connection, values)]


@pytest.mark.parametrize(
    ("values", "found"),
    [((), []), (("丙",), [2]), (("'d'", "a", "a", "none"), [0, 3]), (frozenset(LANES), [0, 1, 2, 3])],
)
def test_texts(swept: Engine, values: Any, found: list[int]) -> None:
    assert _moved(swept, Among(_sweeps.c.lane, "lanes"), lanes=values) == found
    assert _moved(swept, not_(Among(_sweeps.c.lane, "lanes")), lanes=values) == sorted(
        {0, 1, 2, 3} - {*found}
    )


@pytest.mark.parametrize(("values", "found"), [((), []), ((3, 1, 2**40), [1, 3]), ({0: "x"}, [0])])
def test_whole_numbers(swept: Engine, values: Any, found: list[int]) -> None:
    assert _moved(swept, Among(_sweeps.c.moved, "numbers"), numbers=values) == found


def test_the_index_is_used(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("a table of a few rows is scanned by PostgreSQL whatever its indexes")
    query = select(_bureaus.c.id, _bureaus.c.code).where(Among(_bureaus.c.id, "ids"))
    text = str(query.compile(dialect=engine.dialect))
    with reading(engine) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[1]",)).all()
    assert plan[0][3] == "SEARCH bureaus USING INTEGER PRIMARY KEY (rowid=?)"
