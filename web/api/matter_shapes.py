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
    record: dict[str, Any]
    may: dict[str, Both] = Field(description="The acts that the caller's role may do now, with their titles.")


class StoredFile(BaseModel):
    """A file that was stored; acts name it by its ``digest``, the SHA-256 of its content."""

    name: str
    digest: str
    size: int
