"""What comes after filing (后续事项): the entry's own subject, rounds, evaluations, revocations."""

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of, written

OF_A_ROUND = text("round_id IS NOT NULL")
OF_A_CAUSE = text("cause_id IS NOT NULL")


class Matter(Record, table=True):
    """One subject after filing: under which number, and which entry of the register it concerns.

    Only a round concerns no single entry. An entry has one evaluation in a round, and one matter of a kind
    from one cause.
    """

    __tablename__ = "matters"
    __table_args__ = (
        UniqueConstraint("bureau_id", "number"),
        one_of("kind", "entry", "round", "evaluation", "change", "revocation", "claim", "disqualification"),
        written("number", 200),
        Index(None, "entry_id", "kind"),
        Index(
            "uq_matters_round",
            "round_id",
            "entry_id",
            unique=True,
            sqlite_where=OF_A_ROUND,
            postgresql_where=OF_A_ROUND,
        ),
        Index(
            "uq_matters_cause",
            "cause_id",
            "kind",
            unique=True,
            sqlite_where=OF_A_CAUSE,
            postgresql_where=OF_A_CAUSE,
        ),
    )

    subject_id: int = Field(primary_key=True, foreign_key="subjects.id")
    bureau_id: int = Field(foreign_key="bureaus.id")
    kind: str
    number: str
    entry_id: int | None = Field(default=None, foreign_key="register_entries.id")
    round_id: int | None = Field(default=None, foreign_key="subjects.id")
    cause_id: int | None = Field(default=None, foreign_key="subjects.id")
