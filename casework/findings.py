"""What an audit finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the record is not what was written: the subject's id, the event's number, and how.

    Of deliveries it is the subject that was told of (0 for none) and the attempt's number in their chain.
    """

    subject: int
    seq: int
    kind: Literal[
        "changed",
        "removed",
        "reordered",
        "cut",
        "personal_changed",
        "head_changed",
        "state_changed",
        "register_changed",
        "delivery_changed",
        "delivery_removed",
    ]
    detail: str
