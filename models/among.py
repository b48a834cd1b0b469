"""A condition on many values that a statement takes as one parameter, so that it can be prepared."""

from collections.abc import Iterable
from typing import Any, Self

import orjson
from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Dialect, FunctionElement, Integer, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override


class _Many(TypeDecorator[Iterable[Any]]):
    """Whole numbers or texts as one value: an array on PostgreSQL, a JSON list on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.of = of

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(ARRAY(self.of()))

    @override
    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return orjson.dumps(values).decode() if dialect.name == "sqlite" else values


class Among(FunctionElement[bool]):
    """That ``column``, of whole numbers or texts, has one of the values bound as ``name``."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Column[Any], name: str) -> None:
        of = BigInteger if isinstance(column.type, Integer) else Text
        super().__init__(column, bindparam(name, type_=_Many(of)))

    @override
    def self_group(self, against: Any = None) -> Self:
        """Stay as it is: compared with 1, as SQLite's other truth values are, it would use no index."""
        return self


@compiles(Among)
def _array(element: Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(values, **how)})"


@compiles(Among, "sqlite")
def _json(element: Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    listed = compiler.process(values, **how)
    return f"{compiler.process(column, **how)} IN (SELECT value FROM json_each({listed}))"  # noqa: S608 - made of compiled parts
