"""What a pack's data should look like, and what Pydantic finds wrong with it, in plain words."""

import types
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from procedure.definition import DanglingReferences, Procedure
from procedure.fault import Fault, either, fault_of, of_pydantic
from procedure.located import Path, shortened

_PATTERNS: Final = {
    r"^[a-z][a-z0-9_]{0,59}$": "name",
    r"^[a-z][a-z0-9-]{1,59}$": "code",
    r"^(consortium|lead|member)\.[a-z][a-z0-9_]{0,59}$": "field_path",
    r"^\d{4}(-\d{2}-\d{2})?$": "day_or_year",
}
_TYPES: Final = {
    "string_type": "text",
    "int_type": "whole_number",
    "bool_type": "true_or_false",
    "tuple_type": "list",
    "dict_type": "mapping",
    "model_type": "mapping",
}


def complaints(
    error: ValidationError, data: Any, root: type[BaseModel] = Procedure
) -> Iterator[tuple[Path, Fault]]:
    """Yield path and wording of everything that ``error`` says is wrong with ``data`` as a ``root``."""
    details = error.errors(include_url=False)
    for path, group in groupby(details, lambda detail: _path(detail["loc"], data)):
        yield from _worded(path, list(group), root)


def keys_at(path: Path, root: type[BaseModel] = Procedure) -> tuple[str, ...]:
    """Return the keys that a ``root`` may have at ``path``, or none where keys are free."""
    found: list[Any] = [root]
    for part in path:
        found = [child for annotation in found for child in _children(annotation, part)]
    models = [annotation for annotation in found if _is_model(annotation)]
    return tuple(field.alias or name for model in models for name, field in model.model_fields.items())


def dotted(path: Path) -> str:
    """Return ``path`` the way problems name it, such as ``application.stages.2.acts.endorse.to``."""
    return ".".join(str(part) for part in path)


def undotted(path: str) -> Path:
    """Return the path that ``dotted`` wrote."""
    return tuple(int(part) if part.isdecimal() else part for part in path.split(".") if part)


def _worded(path: Path, group: list[ErrorDetails], root: type[BaseModel]) -> Iterator[tuple[Path, Fault]]:
    first = group[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, DanglingReferences):
        yield from ((undotted(where), message) for where, message in cause.problems)
    elif first["type"] == "missing":
        yield path, Fault("missing")
    elif first["type"] == "extra_forbidden":
        yield path, _unknown_key(path, first["input"], root)
    elif cause is not None:
        yield path, fault_of(cause)
    elif first["type"] == "too_short" and first["input"]:
        # It is too short only without the parts that are wrong, and those are named by themselves.
        return
    else:
        # Of a choice between kinds, what the given kind lacks says more than what the other kinds are.
        telling = [detail for detail in group if detail["type"] not in _TYPES] or group
        expected = either(_expected(detail) for detail in telling)
        yield path, Fault("expected", expected=expected, given=_shown(first))


def _unknown_key(path: Path, value: Any, root: type[BaseModel]) -> Fault:
    known = keys_at(path[:-1], root)
    # Inside { } a comma ends the text before it, and what follows becomes a key without a value.
    if value is None:
        return Fault("unknown_key_without_value", key=path[-1], known=known)
    return Fault("unknown_key", key=path[-1], known=known)


def _expected(detail: ErrorDetails) -> str:
    facts = detail.get("ctx", {})
    match detail["type"]:
        case "literal_error" | "enum":
            names = facts["expected"].replace(" or ", ", ").replace("'", "").split(", ")
            return Fault("one_of", known=names) if len(names) > 1 else str(names[0])
        case "string_pattern_mismatch":
            known = _PATTERNS.get(facts["pattern"])
            return Fault("text_like", pattern=facts["pattern"]) if known is None else Fault(known)
        case "string_too_long":
            return Fault("at_most_characters", most=facts["max_length"])
        case "string_too_short" | "too_short":
            return Fault("something")
        case "greater_than_equal":
            return Fault("at_least", least=facts["ge"])
        case "less_than_equal":
            return Fault("at_most", most=facts["le"])
    own = _TYPES.get(detail["type"])
    return of_pydantic(detail) if own is None else Fault(own)


def _shown(detail: ErrorDetails) -> str:
    value = detail["input"]
    if detail["type"] == "string_too_long":
        return f"{len(value):,}"
    if value is None or value in ("", [], {}):
        return Fault("nothing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        return Fault("list") if isinstance(value, list) else Fault("mapping")
    return f"`{shortened(value)}`"


def _path(loc: tuple[int | str, ...], data: Any) -> Path:
    """Return the part of Pydantic's location that is in the data, without the names of union members."""
    path: Path = ()
    for part in loc:
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            break
        if part == "[key]":
            break
        path = (*path, part)
    return path


def _children(annotation: Any, part: str | int) -> Iterator[Any]:
    if _is_model(annotation):
        for name, field in annotation.model_fields.items():
            if part == (field.alias or name):
                yield from _alternatives(field.annotation)
    elif get_origin(annotation) in (tuple, dict):
        yield from _alternatives(get_args(annotation)[0 if get_origin(annotation) is tuple else 1])


def _alternatives(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for alternative in get_args(annotation):
            yield from _alternatives(alternative)
    else:
        yield annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
