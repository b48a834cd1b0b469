"""A point in time as a column type."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override


# One act binds the same instants to many rows. `fold` is named because Python holds two instants equal that
# differ by it alone.
@lru_cache(maxsize=4096)
def _utc(value: datetime, _fold: int) -> datetime:
    plain = _plain(value)
    if plain.utcoffset() is None:
        raise ValueError(f"an instant needs a time zone; {value.isoformat()} has none")
    try:
        return plain.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value.isoformat()} is outside the years 1 to 9999 in UTC") from None


@lru_cache(maxsize=4096)
def _text(value: datetime, _fold: int) -> str:
    return _utc(value, _fold).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _plain(value: datetime) -> datetime:
    """Return `value` as no subclass: Pendulum's arithmetic, and psycopg's over it, costs many times more."""
    if type(value) is datetime:
        return value
    return datetime(
        value.year,
        value.month,
        value.day,
        value.hour,
        value.minute,
        value.second,
        value.microsecond,
        value.tzinfo,
        fold=value.fold,
    )


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept to the microsecond and given back in UTC.

    A naive datetime is refused when it is bound: which instant it means would depend
    on the machine. PostgreSQL stores TIMESTAMPTZ; SQLite stores text of fixed width
    (`2024-08-04T10:00:00.000000Z`), so that its order as text is its order in time.
    """

    impl = DateTime
    cache_ok = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIMESTAMPTZ on PostgreSQL, TEXT on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse what is not an aware datetime; write the rest in UTC."""
        return self.bind_processor(dialect)(value)

    @override
    def bind_processor(self, dialect: Dialect) -> Any:
        """Give the function itself, with nothing around it: it is called for every date of every row."""
        write = _text if dialect.name == "sqlite" else _utc

        def bind(value: Any) -> Any:
            if value is None:
                return None
            if not isinstance(value, datetime):
                raise TypeError(
                    f"an instant must be an aware datetime, not {type(value).__name__}: {value!r}"
                )
            return write(value, value.fold)

        return bind

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back a plain aware datetime in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)
