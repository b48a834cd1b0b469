"""The result of a story as plain data, the same on every database and with every carrier."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from casework import register
from procedure.instant import iso
from story.play import Played


def result(connection: Connection, played: Played) -> dict[str, Any]:
    """Return what the story came to: its call, every case by short name, the register, the differences."""
    story = played.story
    accounts = [played.call, *played.cases.values()]
    # Beside another story of the same bureau, each tells what it filed.
    own = {account["ref"] for account in played.cases.values() if account is not None}
    return {
        "format": 1,
        "scenario": story.path.name,
        "title": {"zh": story.scenario.title.zh, "en": story.scenario.title.en},
        "pack": {"code": story.pack.procedure.code, "content_hash": story.pack.content_hash},
        "began": iso(story.scenario.begins),
        "ended": iso(played.ended),
        "as_expected": played.as_expected,
        "call": played.call,
        "cases": played.cases,
        "register": [
            {**asdict(entry), "valid_from": entry.valid_from.isoformat(), "valid_to": _day(entry.valid_to)}
            for entry in register.entries(connection, story.pack.procedure.bureau.code)
            if entry.case in own
        ],
        "notices": sum(len(account["notices"]) for account in accounts if account is not None),
        "refused": played.refused,
        "differences": [asdict(difference) for difference in played.differences],
        "left_due": played.left_due,
    }


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a result as JSON, readable by people too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
    path.write_bytes(orjson.dumps(content, default=str, option=options))


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()
