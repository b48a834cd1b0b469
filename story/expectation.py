"""What a story expected beside what came: every difference, with the line that expected it."""

from dataclasses import dataclass
from typing import Any

import pendulum

from casework.acts import Receipt
from procedure.act import Refusal
from procedure.instant import iso
from procedure.located import Path
from procedure.shape import dotted
from story.cast import unit
from story.reading import Story
from story.scenario import Clock, Expected
from story.script import Step


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that did not come true: where the file says it, and what came instead."""

    line: int
    path: str
    at: str
    case: str | None
    expected: Any
    actual: Any


def compare_act(story: Story, step: Step, answer: Receipt | Refusal) -> list[Difference]:
    """Return how an act's answer differs from what the story expects of it."""
    wanted = step.refusal
    found: list[tuple[str, Any, Any]] = []
    if wanted is None:
        if isinstance(answer, Refusal):
            found.append((step.act, "done", f"refused: {answer.code} {dict(answer.facts)}"))
    elif isinstance(answer, Receipt):
        found.append((step.act, f"refused: {wanted.refusal}", "done"))
    else:
        if answer.code != wanted.refusal:
            actual = f"refused: {answer.code} {dict(answer.facts)}"
            found.append((step.act, f"refused: {wanted.refusal}", actual))
        clause = None if answer.clause is None else answer.clause.clause
        if wanted.clause is not None and clause != wanted.clause:
            found.append(("clause", wanted.clause, clause))
        if not _contains(dict(answer.facts), wanted.facts):
            found.append(("facts", wanted.facts, dict(answer.facts)))
    return [_difference(story, step.path, step.at, step.case, *each) for each in found]


def compare(
    story: Story,
    case: str | None,
    expected: Expected,
    path: Path,
    at: pendulum.DateTime,
    account: dict[str, Any] | None,
) -> list[Difference]:
    """Return how a subject's account differs from what the story expects of it."""
    if account is None:
        return [_difference(story, path, at, case, "", "an application", "never started")]
    found = _differences(story, expected, account)
    return [_difference(story, (*path, *where), at, case, "", *rest) for where, *rest in found]


def _differences(story: Story, expected: Expected, account: dict[str, Any]) -> list[tuple[Path, Any, Any]]:
    found: list[tuple[Path, Any, Any]] = []

    def differ(where: Path, wanted: Any, actual: Any) -> None:
        if wanted != actual:
            found.append((where, wanted, actual))

    given = expected.model_fields_set
    for name in ("stage", "outcome", "reason", "mean"):
        if name in given:
            differ((name,), getattr(expected, name), account.get(name))
    _clause(expected, account, differ)
    if expected.because is not None:
        because = account["because"] or {}
        for name in expected.because.model_fields_set:
            wanted = getattr(expected.because, name)
            differ(("because", name), _plain(wanted), because.get(name))
    if expected.events is not None:
        differ(("events",), list(expected.events), [event["kind"] for event in account["events"]])
    for member, status in (expected.members or {}).items():
        code = unit(story.scenario, member)
        actual = {each["uscc"]: each["status"] for each in account.get("members", [])}
        differ(("members", member), status, actual.get(code))
    for rule, answer in expected.eligibility.items():
        differ(("eligibility", rule), answer, account.get("eligibility", {}).get(rule))
    for text, handles in expected.notices.items():
        told = sorted({each["to"] for each in account["notices"] if each["text"] == text})
        differ(("notices", text), sorted(handles), told)
    if "entry" in given:
        _register(expected, account, differ)
    for name, clock in expected.deadlines.items():
        _clock(name, clock, account, differ)
    return found


def _clause(expected: Expected, account: dict[str, Any], differ: Any) -> None:
    if expected.clause is None:
        return
    clauses = [ground["clause"] or ground["basis"] for ground in account["grounds"]]
    if expected.clause not in clauses:
        differ(("clause",), expected.clause, ", ".join(clauses))


def _register(expected: Expected, account: dict[str, Any], differ: Any) -> None:
    actual = account.get("register")
    if expected.entry is None or actual is None:
        differ(("register",), expected.entry and "an entry", actual and actual["number"])
        return
    for name in expected.entry.model_fields_set:
        differ(("register", name), _plain(getattr(expected.entry, name)), actual[name])


def _clock(name: str, wanted: Clock, account: dict[str, Any], differ: Any) -> None:
    deadline, _, occurrence = name.partition("/")
    found = [each for each in account["deadlines"] if each["name"] == deadline]
    if occurrence:
        found = [each for each in found if str(each["occurrence"]) == occurrence]
    if not found:
        differ(("deadlines", name), "a deadline", None)
        return
    actual = found[-1]
    for key in wanted.model_fields_set - {"ladder"}:
        value = [line["kind"] for line in actual["ledger"]] if key == "ledger" else actual[key]
        differ(("deadlines", name, key), _plain(getattr(wanted, key)), value)
    states = {each["rung"]: each["state"] for each in actual["ladder"]}
    for rung, state in (wanted.ladder or {}).items():
        differ(("deadlines", name, "ladder", rung), state, states.get(rung))


def _plain(value: Any) -> Any:
    if isinstance(value, pendulum.DateTime):
        return iso(value)
    if isinstance(value, pendulum.Date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _contains(actual: Any, wanted: Any) -> bool:
    """Whether ``actual`` has everything of ``wanted``: keys may be left out, items of lists not."""
    if isinstance(wanted, dict):
        return isinstance(actual, dict) and all(
            key in actual and _contains(actual[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, (list, tuple)):
        return (
            isinstance(actual, (list, tuple))
            and len(actual) == len(wanted)
            and all(_contains(*pair) for pair in zip(actual, wanted, strict=True))
        )
    return bool(actual == wanted)


def _difference(
    story: Story, path: Path, at: pendulum.DateTime, case: str | None, what: str, expected: Any, actual: Any
) -> Difference:
    where = dotted(path) if not what else f"{dotted(path)} ({what})"
    return Difference(story.line(path), where, iso(at), case, expected, actual)
