"""The part of CEL that packs may use, and what is wrong with an expression that uses more."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, get_args

from procedure.definition import BureauKind, FormField, Procedure, Rule, UnitKind
from procedure.expression import compiled
from procedure.fault import Fault, unknown
from procedure.years import full_years

FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {"full_years": full_years}
"""The functions that rules may call beside ``size``."""

ALWAYS_KNOWN: Final = {"kind": "enterprise", "core_layer": True}
"""What is known of every member unit, with examples. Only this can be asked of ``members`` as a list: CEL's
macros stop at the first missing fact, and the answer would hang on the order of the members."""

SEEN: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "deliver_papers": {
        "papers": {
            "letter": True,
            "finance_signed": True,
            "application_copies": 1,
            "summary_copies": 1,
            "late": False,
        }
    },
    "record_visit": {"visit": {"result": "passed", "on": "2024-01-01"}},
    "close_scoring": {"scores": {"mean": 7000, "count": 5}},
    "declare_conflict": {"panel": {"filled": True, "seated": 5}},
    "replace_expert": {"panel": {"filled": True, "seated": 5}},
    "lodge_objection": {"objection": {"anonymous": True, "open": 1}},
    "decide_objection": {"objection": {"result": "upheld", "open": 0, "upheld": 1, "over": True}},
    "record_defence": {"defence": {"attended": True, "present": 5}},
    "grade": {"evaluation": {"purpose": "acceptance", "grade": "failed"}},
    "hand_in_change": {"change": {"agreed": True}},
    "consent_to_change": {"change": {"agreed": True}},
    "decide_change": {"decision": {"result": "approved"}},
    "pay_claim": {"payment": {"complete": True}},
    "decide_disqualification": {"decision": {"result": "disqualified"}},
    "decide_disqualification_appeal": {"appeal": {"result": "reversed"}},
    "decide_revocation": {"decision": {"result": "revoked"}},
    "decide_revocation_appeal": {"appeal": {"result": "reversed"}},
}
"""What the branches of an act see beside the settings and the district, with an example of each value."""

_DISTRICT: Final = {"district": {"kind": "county", "joint_letter": True}}
_RESULTS: Final = (
    "passed",
    "failed",
    "upheld",
    "dismissed",
    "reversed",
    "revoked",
    "kept",
    "approved",
    "disqualified",
    "declined",
    "evaluation",
    "acceptance",
    "excellent",
    "qualified",
)
_BUILT_IN: Final = frozenset({"size"})
_LOGIC: Final = frozenset(["_&&_", "_||_", "!_", "_?_:_", "@in", "@not_strictly_false"])
_ARITHMETIC: Final = frozenset(["_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_+_", "_-_", "_*_", "-_"])
_MACROS: Final = ("all", "exists", "exists_one", "filter", "map")
_TOKEN: Final = re.compile(
    r"""
      (?P<comment>//[^\n]*)
    | (?P<text>[rRbB]{0,2}(?:'{3}.*?'{3}|"{3}.*?"{3}|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))
    | (?P<decimal>\d*\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
    | (?P<number>0[xX][0-9a-fA-F]+|\d+)[uU]?
    | (?P<name>[A-Za-z_]\w*)
    | (?P<other>\S)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class References:
    """What an expression reads.

    ``paths`` are names such as ``lead.kind`` or ``today``, ``of_members`` the fields read through a macro
    over the members, and ``names`` the first parts of all paths and the functions called.
    """

    paths: tuple[str, ...]
    of_members: tuple[str, ...]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may read: an example of every fact by name, and the words it may compare with."""

    facts: Mapping[str, Any]
    words: frozenset[str] = frozenset()
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def references(source: str) -> References:
    """Return what the expression reads, in the order of its text."""
    tokens = list(_tokens(source))
    bound = _bound(tokens)
    paths: dict[str, None] = {}
    of_members: dict[str, None] = {}
    functions: set[str] = set()
    for i, (kind, text) in enumerate(tokens):
        if kind != "name" or (i and tokens[i - 1][1] == ".") or text in ("true", "false", "null", "in"):
            continue
        following = [token[1] for token in tokens[i + 1 : i + 4]]
        if following[:1] == ["("]:
            functions.add(text)
            continue
        part = following[1] if following[:1] == ["."] and following[2:] != ["("] and following[1:] else None
        if text not in bound:
            paths[text if part is None else f"{text}.{part}"] = None
        elif part is not None:
            of_members[part] = None
    names = functions | {path.partition(".")[0] for path in paths}
    return References(tuple(paths), tuple(of_members), frozenset(names))


def flaws(source: str, scope: Scope) -> list[Fault]:
    """Return what is wrong with an expression that should be true or false of facts in ``scope``."""
    try:
        program = compiled(source)
    except ValueError as error:
        return [Fault("no_cel", says=_first_complaint(str(error)))]
    tokens = list(_tokens(source))
    found = [*_unwanted(tokens), *_unknown_words(tokens, scope), *_unknown_facts(source, scope)]
    allowed = _LOGIC | _ARITHMETIC | _BUILT_IN | set(scope.functions)
    for name in program.functions():
        if name not in allowed and name not in ("has", "double"):
            known = sorted((*_BUILT_IN, *scope.functions))
            found.append(Fault("unknown_function", name=name.strip("_@"), known=known))
    return found or _trial(source, scope)


def rule_scope(procedure: Procedure, rule: Rule) -> Scope:
    """Return what ``rule`` may read: the form, the members, the day it is asked for, and the settings."""
    facts: dict[str, Any] = {
        "lead": {"kind": "enterprise", **_examples(procedure, "lead")},
        "consortium": _examples(procedure, "consortium"),
        "settings": procedure.values,
        "today": "2024-01-01",
    }
    member = {**_examples(procedure, "member"), **ALWAYS_KNOWN}
    facts["members"] = [ALWAYS_KNOWN, ALWAYS_KNOWN]
    if rule.each == "member":
        facts |= {"member": member, **ALWAYS_KNOWN}
    return Scope(facts, _words(procedure), FUNCTIONS)


def branch_scope(procedure: Procedure, kind: str, act: str) -> Scope:
    """Return what the branches of ``act`` may read: settings and, but of a call, what the act brings."""
    facts: dict[str, Any] = {"settings": procedure.values}
    if kind == "application":
        facts |= _DISTRICT
    if kind != "call":
        facts |= SEEN.get(act, {})
    return Scope(facts, frozenset((*get_args(BureauKind), *_RESULTS)))


def _examples(procedure: Procedure, section: str) -> dict[str, Any]:
    return {
        form_field.path.partition(".")[2]: _example(form_field)
        for form_field in procedure.form
        if form_field.path.startswith(f"{section}.")
    }


def _example(form_field: FormField) -> Any:
    match form_field.type:
        case "text" | "id_digest":
            return "text"
        case "choice":
            return next(iter(form_field.choices))
        case "date":
            return "2024-01-01"
        case "boolean":
            return True
        case "integer" | "money":
            return 1


def _words(procedure: Procedure) -> frozenset[str]:
    choices = (choice for form_field in procedure.form for choice in form_field.choices)
    settings = (value for value in procedure.values.values() if isinstance(value, str))
    return frozenset((*get_args(UnitKind), *choices, *settings))


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(source):
        if match.lastgroup is not None and match.lastgroup != "comment":
            yield match.lastgroup, match[0]


def _bound(tokens: list[tuple[str, str]]) -> set[str]:
    return {
        tokens[i + 2][1]
        for i in range(1, len(tokens) - 3)
        if tokens[i][1] in _MACROS
        and tokens[i - 1][1] == "."
        and (tokens[i + 1][1], tokens[i + 3][1]) == ("(", ",")
    }


def _unwanted(tokens: list[tuple[str, str]]) -> Iterator[Fault]:
    for (kind, text), (_, following) in zip(tokens, [*tokens[1:], ("", "")], strict=True):
        if kind == "decimal":
            yield Fault("decimal_in_expression", number=text)
        elif text == "has" and following == "(":
            yield Fault("has_is_refused")
        elif text == "double" and following == "(":
            yield Fault("double_is_refused")


def _unknown_words(tokens: list[tuple[str, str]], scope: Scope) -> Iterator[Fault]:
    for kind, text in tokens:
        word = text.strip("rRbB").strip("'\"")
        if kind == "text" and word not in scope.words and not re.fullmatch(r"\d{4}-\d\d-\d\d", word):
            yield Fault("unknown_word", word=text)


def _unknown_facts(source: str, scope: Scope) -> Iterator[Fault]:
    for path in references(source).paths:
        root, _, part = path.partition(".")
        if root not in scope.facts:
            yield unknown("name", root, scope.facts)
            continue
        known = scope.facts[root]
        if not isinstance(known, Mapping):
            continue
        if not part:
            yield Fault("stands_alone", name=root, known=sorted(known))
        elif part not in known:
            yield Fault("unknown_fact", path=path, name=root, known=sorted(known))
    for name in references(source).of_members:
        if name not in ALWAYS_KNOWN:
            yield Fault("of_members", name=name)


def _trial(source: str, scope: Scope) -> list[Fault]:
    for yes in (True, False):
        try:
            answer = compiled(source).execute({**_with_booleans(scope.facts, yes), **scope.functions})
        except TypeError:
            return [Fault("kinds_of_values")]
        except (ValueError, RuntimeError) as error:
            return [Fault("cannot_be_answered", why=str(error).partition(".")[0])]
        if not isinstance(answer, bool):
            return [Fault("no_yes_or_no", answer=answer)]
    return []


def _with_booleans(example: Any, yes: bool) -> Any:
    if isinstance(example, bool):
        return yes
    if isinstance(example, Mapping):
        return {name: _with_booleans(value, yes) for name, value in example.items()}
    if isinstance(example, list):
        return [_with_booleans(value, yes) for value in example]
    return example


def _first_complaint(message: str) -> str:
    found = re.search(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)", message)
    if found is None:
        return message.splitlines()[0]
    return Fault("cel_column", column=found[2], says=found[3].partition(" expecting ")[0])
