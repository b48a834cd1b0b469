"""The hash chain of a subject's events, with personal fields as salted digests."""

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

import orjson

ORIGIN = "0" * 64
"""What the first event of a chain is linked to."""

SEALED = (
    "subject_id",
    "seq",
    "kind",
    "schema_version",
    "person_id",
    "role",
    "on_behalf_of",
    "act",
    "act_key",
    "data",
)
"""The columns of an event that its hash covers, besides its two instants."""


def seal(row: dict[str, Any], prev_hash: str) -> str:
    """Return the hash of an event row that follows ``prev_hash``; altering any sealed value changes it."""
    return sealing(row)(row["subject_id"], row["data"], prev_hash)


def sealing(row: dict[str, Any]) -> Callable[[int, str, str], str]:
    """Return what seals event rows like this one, given a subject, its data and the hash before."""
    instants = row["effective_at"].timestamp(), row["recorded_at"].timestamp()
    alike = [row[name] for name in SEALED[1:-1]]

    def seal_one(subject_id: int, data: str, prev_hash: str) -> str:
        content = [prev_hash, *instants, subject_id, *alike, data]
        return hashlib.sha256(orjson.dumps(content)).hexdigest()

    return seal_one


DELIVERED = (
    "id",
    "notice_id",
    "attempt",
    "at",
    "channel",
    "ok",
    "answer",
    "duration_ms",
    "content_hash",
    "subject_id",
    "cause",
    "recipient_id",
    "text",
)
"""What the hash of an attempt to deliver covers: the attempt, and what its notice was to whom."""


def seal_delivery(row: dict[str, Any], prev_hash: str) -> str:
    """Return the hash of an attempt to deliver that follows ``prev_hash``."""
    content: list[Any] = [prev_hash]
    content.extend(row["at"].timestamp() if name == "at" else row[name] for name in DELIVERED)
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def salted(personal: dict[str, str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return ``personal`` with a salt each, as stored apart, and the digests that enter the chain."""
    stored = {path: [secrets.token_hex(8), value] for path, value in personal.items()}
    return stored, {path: digest(*each) for path, each in stored.items()}


def digest(salt: str, value: str) -> str:
    """Return the digest of a personal value with its salt."""
    return hashlib.sha256(f"{salt}|{value}".encode()).hexdigest()
