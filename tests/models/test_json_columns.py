"""JSON values come back as they were; JSON texts byte for byte."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import StatementError
from valid_rows import ROWS, TABLES, fill

from models.database import reading, writing

NOTICES = TABLES["notices"]
EVENTS = TABLES["events"]

VALUES: list[Any] = [
    {},
    {
        "单位": "甲公司",
        "emoji": "🀄",
        "quote": "'\"\\ % :x",
        "nested": {"list": [1, None, True, 0.1, -(2**53)]},
    },
    {"zz": 1, "a": 2},
]

TEXTS = ['{"b": 1,"a" :1.0,  "n":1e2}', '{"nul":"\\u0000","é":"\\u00e9 é"}', '"' + "长" * 100_000 + '"', ""]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back(engine: Engine, value: Any) -> None:
    with writing(engine) as connection:
        fill(connection)
        connection.execute(NOTICES.update().values(context=value))
    with reading(engine) as connection:
        assert connection.scalar(select(NOTICES.c.context)) == value


@pytest.mark.parametrize("value", [{"at": datetime(2024, 8, 4, tzinfo=UTC)}, {"sum": Decimal("0.10")}])
def test_what_would_come_back_changed_is_refused(engine: Engine, value: Any) -> None:
    with writing(engine) as connection:
        fill(connection)
    # psycopg serialises after SQLAlchemy has handed over, so SQLAlchemy does not wrap its error.
    refused = pytest.raises((StatementError, TypeError), match="not JSON serializable")
    with refused, writing(engine) as connection:
        connection.execute(NOTICES.update().values(context=value))


@pytest.mark.parametrize("written", TEXTS)
def test_a_text_comes_back_byte_for_byte(engine: Engine, written: str) -> None:
    keep = {"events": "data", "subjects": "state"}
    with writing(engine) as connection:
        for table, rows in ROWS.items():
            connection.execute(
                TABLES[table].insert(),
                [{**row, keep[table]: written} if table in keep else row for row in rows],
            )
    with reading(engine) as connection:
        assert connection.scalars(select(EVENTS.c.data)).all() == [written]
        assert set(connection.scalars(select(TABLES["subjects"].c.state))) == {written}
