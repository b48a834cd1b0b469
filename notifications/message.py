"""A message ready to be handed to a channel."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person.

    `message_id` and `thread` are complete identifiers, angle brackets included. The same notice keeps its
    `message_id` through every attempt, so that a mailbox shows a message sent twice only once; messages that
    share a `thread` are shown as one conversation. `plain` and `html` are a letter, `text` the same words for
    channels that are none; `case` and `cause` tell a program what it is about.
    """

    recipient: str
    subject: str
    plain: str
    html: str
    message_id: str
    thread: str
    at: datetime
    text: str = ""
    case: str | None = None
    cause: str = ""
