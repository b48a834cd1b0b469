"""What answers look like: whitelists of what each kind of caller may read."""

import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from web.api.problem import Both


class Unit(BaseModel):
    """An organisation of a case."""

    uscc: str
    name: str
    kind: str


class MemberUnit(Unit):
    """A member unit, with what it has given of itself."""

    status: str
    core_layer: bool
    details: dict[str, Any]


class Paper(BaseModel):
    """An attached document; ``digest`` is the SHA-256 of its content."""

    material: str
    owner: str
    name: str
    size: int
    media_type: str
    digest: str


class Due(BaseModel):
    """A deadline of the present stage, and in prose why it is then."""

    title: Both
    state: str
    at: datetime.datetime
    provisional: bool
    why: list[Both]


class Step(BaseModel):
    """One stage of the way: done (and when it was left), now, or later."""

    title: Both
    holder: Both
    state: Literal["done", "now", "later"]
    at: datetime.datetime | None


class Condition(BaseModel):
    """A rule of eligibility and its answer."""

    rule: str
    title: Both
    answer: str


class CaseLine(BaseModel):
    """One case of a list."""

    id: int
    bureau: str
    number: str
    call: str | None
    lead: Unit
    direction: str
    district: str
    stage: str
    outcome: str | None
    version: int
    submitted_at: datetime.datetime | None
    due_at: datetime.datetime | None


class Cases(BaseModel):
    """A page of cases by id; ``next`` is the cursor of the page after it, None on the last."""

    cases: list[CaseLine]
    next: str | None


class Case(BaseModel):
    """A case as it stands. A member unit reads of the application only what is its own."""

    bureau: str
    number: str
    version: int
    stage: str
    outcome: str | None
    place: Both
    holder: str | None
    since: datetime.datetime | None
    lead: Unit
    district: str
    submitted_at: datetime.datetime | None
    form: dict[str, Any]
    members: list[MemberUnit]
    documents: list[Paper]
    conditions: list[Condition]
    deadlines: list[Due]
    way: list[Step]
    may: dict[str, Both] = Field(description="The acts that the caller may do now, with their titles.")


class Happened(BaseModel):
    """One thing that happened, as the caller is told of it."""

    seq: int
    at: datetime.datetime
    what: Both
    who: Both
    remark: Both


class Receipt(BaseModel):
    """What was recorded; ``repeated`` says that it had been recorded before under the same key."""

    bureau: str
    number: str
    seq: int
    stage: str
    outcome: str | None
    at: datetime.datetime
    repeated: bool


class Urged(BaseModel):
    """The receipt of an urge: its number within the subject, how many it told, and when one may again."""

    number: int
    at: datetime.datetime
    stage: str
    holder: str
    due_at: datetime.datetime | None
    people: int
    again_at: datetime.datetime


class CallLine(BaseModel):
    """A call as everybody may see it."""

    bureau: str
    code: str
    title: Both
    opens_at: datetime.datetime
    closes_at: datetime.datetime | None
    outcome: str | None
    accepting: bool


class Calls(BaseModel):
    """A page of calls; ``next`` is the cursor of the page after it, None on the last."""

    calls: list[CallLine]
    next: str | None


class Entry(BaseModel):
    """One entry of the register."""

    bureau: str
    number: str
    name: str
    lead: str
    uscc: str
    direction: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    document_number: str
    state: str


class Register(BaseModel):
    """A page of the register; ``next`` is the cursor of the page after it, None on the last."""

    entries: list[Entry]
    next: str | None


class ListLine(BaseModel):
    """One entry of a published list."""

    position: int
    case: str
    lead: str
    direction: str


class PublishedList(BaseModel):
    """One version of a published list."""

    number: int
    version: int
    document: str
    title: str | None
    reason: str | None
    published_at: datetime.datetime
    until: datetime.datetime
    provisional: bool
    snapshot: str
    lines: list[ListLine]


class Objection(BaseModel):
    """An objection to a case's entry, for the bureau alone."""

    number: int
    list: int
    anonymous: bool
    objector: str | None
    contact: str | None
    text: str
    lodged_at: datetime.datetime
    result: str | None
    decision: str | None
    decided_at: datetime.datetime | None


class Seat(BaseModel):
    """One expert of a panel."""

    expert: int
    name: str
    state: str


class Scored(BaseModel):
    """One expert's score, in points of a hundred."""

    expert: int
    stage: str
    score: str
    comment: str


class Panel(BaseModel):
    """A case's panel and its scores, for the bureau alone; ``means`` are those of closed scorings."""

    seats: list[Seat]
    scores: list[Scored]
    means: dict[str, str]


class Notice(BaseModel):
    """A notice to one person by one channel, and how its delivery stands."""

    id: int
    cause: str
    text: str
    recipient: str
    channel: str
    state: str
    owed_at: datetime.datetime
    sent_at: datetime.datetime | None
    attempts: int


class Incident(BaseModel):
    """Something that keeps cases or messages from moving, in words: an error's own are in one language."""

    id: int
    kind: str
    summary: str
    says: Both
    state: str
    occurrences: int
    cases: int
    first_seen: datetime.datetime
    last_seen: datetime.datetime
    assigned_to: str | None


class Incidents(BaseModel):
    """A page of incidents, the latest seen first; ``next`` is the cursor of the page after it."""

    incidents: list[Incident]
    next: str | None


class Application(BaseModel):
    """One application of a bulk import; ``key`` makes its repetition harmless."""

    key: str = Field(min_length=1, max_length=150)
    district: str = Field(max_length=64)
    lead: str | None = Field(default=None, max_length=40)
    fields: dict[str, Any] = Field(default_factory=dict, max_length=500)


class Import(BaseModel):
    """Applications to begin in a call, at most 500."""

    applications: list[Application] = Field(min_length=1, max_length=500)


class Imported(BaseModel):
    """What came of one application of an import: its number, or why not."""

    key: str
    number: str | None
    problem: dict[str, Any] | None
