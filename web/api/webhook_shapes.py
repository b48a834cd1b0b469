"""What answers about webhooks, and the requests about them, look like."""

import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class Webhook(BaseModel):
    """Where a program is told; ``kinds`` are of what, ``*`` for all that nothing else was chosen for."""

    url: str = Field(min_length=1, max_length=2000)
    kinds: list[Annotated[str, Field(max_length=100)]] = Field(default=["*"], max_length=100)


class Registered(BaseModel):
    """Whether there is a webhook; its address is kept sealed and not shown again."""

    registered: bool


class SigningKey(BaseModel):
    """What the messages to this address are signed with, told whenever it is registered."""

    key: str


class Told(BaseModel):
    """One message to the webhook, and how its delivery stands; ``id`` is the message's own."""

    number: int
    id: str
    case: str | None
    text: str
    state: str
    owed_at: datetime.datetime
    sent_at: datetime.datetime | None
    attempts: int


class Deliveries(BaseModel):
    """A page of messages by number; ``next`` is the cursor of the page after it, None on the last."""

    deliveries: list[Told]
    next: str | None


class Replay(BaseModel):
    """Messages that are to come once more, by number."""

    numbers: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(min_length=1, max_length=500)


class Replayed(BaseModel):
    """Those that will: others had not left yet, or are not the caller's."""

    numbers: list[int]
