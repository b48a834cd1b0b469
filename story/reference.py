"""The acts reference of docs/scenarios.md, made from the code: `python -m story.reference` writes it anew."""

import ast
import inspect
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import pendulum
from pydantic import BaseModel

from casework import acts, calls
from procedure import machine
from procedure.acts import ACTS, ActType
from procedure.definition import Life, Procedure
from procedure.pack import shipped, shipped_codes

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "scenarios.md"
BEGIN: Final = "<!-- acts: written by `python -m story.reference` -->"
END: Final = "<!-- end of acts -->"

_WORDS: Final[dict[Any, str]] = {
    str: "text",
    int: "whole number",
    bool: "true or false",
    Any: "any",
    pendulum.Date: "day such as 2024-08-13",
    pendulum.DateTime: "moment with its offset",
}


def reference() -> str:
    """Return the reference of every act as Markdown."""
    packs = [shipped(code).procedure for code in shipped_codes()]
    general = sorted({*codes(machine.decide), *codes(acts.perform)})
    lines = [
        f"Any act may be refused with {_listed(general)}; those are not repeated below.",
        "",
        *_begun("announce", "The call is announced; the file's `call` does it.", packs, calls.announce),
        *_begun("start", "An application begins, in its lead's name; no particulars.", packs, calls.start),
    ]
    for name in sorted(ACTS):
        lines += _act(ACTS[name], packs)
    return "\n".join(lines).rstrip() + "\n"


def codes(function: Callable[..., Any]) -> frozenset[str]:
    """Return the refusals that ``function`` and what it calls in this program can answer."""
    return frozenset(_codes(function, set()))


def document(text: str) -> str:
    """Return the text of docs/scenarios.md with the reference written anew."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _begun(name: str, what: str, packs: list[Procedure], function: Callable[..., Any]) -> Iterator[str]:
    roles = {
        procedure.code: _roles((procedure.call if name == "announce" else procedure.application).start_roles)
        for procedure in packs
    }
    yield from (f"### `{name}`", "", what, "")
    for code, able in roles.items():
        where = "" if name == "announce" else ", while the call is open"
        yield f"- **Who** (`{code}`): {able}{where}"
    yield from (f"- **Refusals**: {_listed(sorted(codes(function)))}", "")


def _act(spec: ActType, packs: list[Procedure]) -> Iterator[str]:
    yield from (f"### `{spec.name}`", "", _sentence(spec.decide), "")
    where = {procedure.code: list(_everywhere(procedure, spec.name)) for procedure in packs}
    told = {code: "; ".join(places) or "nobody, nowhere" for code, places in where.items()}
    if len(set(told.values())) == 1:
        yield f"- **Who and where** (every pack): {told[packs[0].code]}"
    else:
        yield from (f"- **Who and where** (`{code}`): {places}" for code, places in told.items())
    refusals = {*codes(spec.decide), *_branches(packs, spec.name)}
    if refusals:
        yield f"- **Refusals**: {_listed(sorted(refusals))}"
    fields = list(_fields(spec.payload))
    if not fields:
        yield from ("- **Particulars**: none", "")
        return
    yield from (f"- **Particulars**: {_sentence(spec.payload)}", "")
    yield from ("| key | type | |", "|---|---|---|", *fields, "")


def _everywhere(procedure: Procedure, act: str) -> Iterator[str]:
    """Yield who does an act where: to a call, an application, and each kind of what comes after filing."""
    yield from _places(procedure.call, act)
    yield from _places(procedure.application, act)
    for kind, life in procedure.lives.items():
        yield from (f"{place} of the {kind}" for place in _places(life, act))


def _places(life: Life, act: str) -> Iterator[str]:
    if act in life.everywhere:
        yield f"{_roles(life.everywhere[act].roles)} at every stage"
    for stage in life.stages:
        if act in stage.acts:
            yield f"{_roles(stage.acts[act].roles)} at `{stage.id}`"
    if act in life.afterwards:
        yield f"{_roles(life.afterwards[act].roles)} after its end"


def _branches(packs: list[Procedure], act: str) -> Iterator[str]:
    for procedure in packs:
        for life in (procedure.call, procedure.application, *procedure.lives.values()):
            for stage in life.stages:
                rule = life.acts(stage.id).get(act)
                yield from (branch.refuse for branch in (rule.branches if rule else ()) if branch.refuse)


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        default = "" if field.is_required() else _default(field.get_default(call_default_factory=True))
        note = f"default {default}" if default else "required"
        bounds = ", ".join(_bounds(field.metadata))
        kind = _type(field.annotation)
        yield f"| `{prefix}{name}` | {kind}{f' ({bounds})' if bounds else ''} | {note} |"
        for nested in _models(field.annotation):
            yield from _fields(nested, f"{prefix}{name}[].")


def _default(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, (dict, tuple, list)) and not value:
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        bounds = ", ".join(_bounds(arguments[1:]))
        return f"{_type(arguments[0])}{f' ({bounds})' if bounds else ''}"
    if origin is Literal:
        return " · ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(each) for each in arguments if each is not type(None))
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"mapping of {_type(arguments[0])} to {_type(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "mapping"
    return _WORDS.get(annotation, str(getattr(annotation, "__name__", annotation)))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _bounds(metadata: Any) -> Iterator[str]:
    for each in metadata:
        for key, words in (
            ("min_length", "at least {}"),
            ("max_length", "at most {}"),
            ("ge", "from {}"),
            ("le", "to {}"),
            ("pattern", "like `{}`"),
        ):
            value = getattr(each, key, None)
            if value is not None and not (key == "min_length" and value == 1):
                yield words.format(value)


def _codes(function: Callable[..., Any], seen: set[str]) -> Iterator[str]:
    place = f"{function.__module__}.{function.__qualname__}"
    if place in seen or not function.__module__.startswith(("procedure", "casework")):
        return
    seen.add(place)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = _called(function, node.func)
        if getattr(called, "__name__", "") == "Refusal":
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
        elif isinstance(called, types.FunctionType):
            yield from _codes(called, seen)


def _called(function: Callable[..., Any], node: ast.expr) -> Any:
    scope: dict[str, Any] = getattr(function, "__globals__", {})
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(scope.get(node.value.id), node.attr, None)
    return None


def _sentence(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def _roles(roles: tuple[str, ...]) -> str:
    return ", ".join(f"`{role}`" for role in roles)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.name}: {len(ACTS)} acts\n")
