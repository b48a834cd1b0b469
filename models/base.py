"""The common ground of all tables: one metadata, one naming convention."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict
from sqlalchemy import MetaData, Table
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(SQLModel):
    """What every table inherits.

    Its metadata is Beian's own, not SQLModel's global one, so a library that also
    uses SQLModel cannot slip a table into our migrations.
    """

    # Rows are checked at the edges and written as statements: hardly a validator is ever asked for.
    model_config = ConfigDict(defer_build=True)
    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)
    __table__: ClassVar[Table]
    if TYPE_CHECKING:
        # SQLModel types this as a descriptor, which no plain name can override.
        __tablename__: ClassVar[str]  # pyrefly: ignore[bad-override]
