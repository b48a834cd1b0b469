"""The shipped pack with some of its parts changed, for tests that break it or tell revisions apart."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from procedure.definition import Procedure
from procedure.pack import NOTICES, PROCEDURE, shipped
from procedure.texts import Texts

CODE = "yueyang-2024"


def edited(edits: Mapping[str, Any], code: str = CODE) -> Procedure:
    """Return a shipped procedure after ``edits``: paths and their new values, None to remove something.

    Things in lists are named by their id (a form field by its path), others by their number.
    """
    # A pack's expressions are checked when its files are loaded, which takes a hundred times as long.
    return Procedure.model_validate_json(json.dumps(_after(edits, code)))


def edited_files(edits: Mapping[str, Any], code: str = CODE) -> dict[str, str]:
    """Return the files of a shipped pack after ``edits``."""
    whole = _after(edits, code)
    notices = whole.pop("notices")
    return {
        PROCEDURE: json.dumps(whole, ensure_ascii=False),
        NOTICES: json.dumps(notices, ensure_ascii=False),
    }


def _after(edits: Mapping[str, Any], code: str) -> dict[str, Any]:
    whole = deepcopy(_whole(code))
    for path, value in edits.items():
        _edit(whole, path, value)
    return whole


def rewired(targets: Sequence[int]) -> tuple[Procedure, dict[str, set[str]]]:
    """Return the shipped procedure with every way leading to another place, and where each stage leads."""
    data = shipped(CODE).procedure.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    life = data["application"]
    places = [each["id"] for each in (*life["stages"], *life["outcomes"])]
    ends = iter(targets)

    def turn(thing: dict[str, Any]) -> str:
        thing["to"] = places[next(ends) % len(places)]
        return thing["to"]

    leads: dict[str, set[str]] = {place: set() for place in places}
    lapses = {rule["id"]: turn(rule["lapse"]) for rule in life["deadlines"] if "lapse" in rule}
    for stage in life["stages"]:
        leads[stage["id"]] |= {lapses[name] for name in stage["deadlines"] if name in lapses}
        for act, rule in stage["acts"].items():
            ways = [rule, *rule.get("branches", [])]
            # Loading holds a return to its correction, so that one stays as it is.
            fixed = act == "return_for_correction"
            leads[stage["id"]] |= {way["to"] if fixed else turn(way) for way in ways if "to" in way}
    return Procedure.model_validate_json(json.dumps(data)), leads


@cache
def _whole(code: str) -> dict[str, Any]:
    data = Texts.of(shipped(code).files).data
    return {section: value for section, value in data.items() if section != "builds_on"}


def _edit(data: Any, path: str, value: Any) -> None:
    if isinstance(data, list):
        at, rest = _found(data, path)
    else:
        at, _, rest = path.partition(".")
        assert not rest or at in data, f"no {at} of {path}, only {', '.join(data)}"
    if rest:
        _edit(data[at], rest, value)
    elif value is not None:
        data[at] = value
    else:
        assert at in data if isinstance(data, dict) else True, f"no {path}"
        del data[at]


def _found(data: list[Any], path: str) -> tuple[int, str]:
    for i, item in enumerate(data):
        name = str(item.get("id") or item.get("path") or i) if isinstance(item, dict) else str(i)
        if path == name or path.startswith(f"{name}."):
            return i, path.removeprefix(name).removeprefix(".")
    raise AssertionError(f"no {path}")
