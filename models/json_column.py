"""JSON as a column type: as a value, or as text kept byte for byte."""

from typing import Any

import orjson
from sqlalchemy import Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

# A date would come back as text, so dates are refused instead of silently changed.
STRICT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def dump(value: object) -> str:
    """Write `value` as JSON; refuse what JSON would not give back (dates, decimals, classes)."""
    return orjson.dumps(value, option=STRICT).decode()


class Json(TypeDecorator[Any]):
    """A JSON value: JSONB on PostgreSQL, text on SQLite; None is NULL on both.

    JSONB forgets the order of keys and refuses the character U+0000.
    Where every byte counts, use `JsonText`.
    """

    impl = Text
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB on PostgreSQL, TEXT on SQLite."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(Text())

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Serialise for SQLite; PostgreSQL's type does so itself (see `database.connect`)."""
        if value is None or dialect.name == "postgresql":
            return value
        return dump(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Parse what SQLite stored; PostgreSQL's driver has already parsed."""
        if value is None or dialect.name == "postgresql":
            return value
        return orjson.loads(value)


class JsonText(Text):
    """JSON that is hashed: stored and returned as the same text, byte for byte."""
