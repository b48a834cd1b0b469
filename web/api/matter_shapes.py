"""What answers about matters after filing look like."""

import datetime
from typing import Any

from pydantic import BaseModel, Field

from web.api import shapes
from web.api.problem import Both


class MatterLine(BaseModel):
    """One matter after filing of a list, or an entry of the register itself."""

    id: int
    bureau: str
    number: str
    kind: str
    entry: str
    name: str
    stage: str
    outcome: str | None
    place: Both
    holder: str | None
    due_at: datetime.datetime | None


class Matters(BaseModel):
    """A page of matters by id; ``next`` is the cursor of the page after it, None on the last."""

    matters: list[MatterLine]
    next: str | None


class Target(BaseModel):
    """A target of the construction plan in words, by when it is due, and what was reached of it.

    ``reached`` is None until a self-report says it; ``share`` is the part of the target, as "75.0%".
    """

    field: str
    title: Both
    target: Both
    by: Both | None
    reached: Both | None
    share: str | None


class Matter(BaseModel):
    """A matter as it stands; ``record`` has its particulars as the caller may read them."""

    bureau: str
    number: str
    kind: str
    entry: str
    name: str
    version: int
    stage: str
    outcome: str | None
    place: Both
    holder: str | None
    since: datetime.datetime | None
    lead: str
    district: str
    deadlines: list[shapes.Due]
    targets: list[Target] = Field(description="Of an evaluation, where its application set some.")
    record: dict[str, Any]
    may: dict[str, Both] = Field(description="The acts that the caller's role may do now, with their titles.")


class StoredFile(BaseModel):
    """A file that was stored; acts name it by its ``digest``, the SHA-256 of its content."""

    name: str
    digest: str
    size: int


class Renewed(BaseModel):
    """A renewal as it was begun: its case, what was carried over, and what is still to be given."""

    case: shapes.Receipt
    fields: list[str]
    members: list[str]
    documents: list[str]
    to_give: list[str]


class Round(BaseModel):
    """A round of evaluation; ``places`` counts its evaluations by their stage, or outcome."""

    bureau: str
    code: str
    stage: str
    outcome: str | None
    began_at: datetime.datetime
    places: dict[str, int]


class Rounds(BaseModel):
    """A page of rounds, the latest first; ``next`` is the cursor of the page after it, None on the last."""

    rounds: list[Round]
    next: str | None


class RoundStands(Round):
    """A round as it stands, with its version and its dates."""

    version: int
    period: str
    purpose: str
    filed_until: datetime.datetime
    opened: int = Field(description="How many evaluations were opened; 0 until all are.")
    dates: dict[str, datetime.datetime]
    may: dict[str, Both] = Field(description="The acts that the caller's role may do now, with their titles.")
