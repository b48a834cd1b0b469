"""The published list: which clock runs for its entries, what its digest covers, what a pack needs for it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pendulum

from procedure import deadlines
from procedure.definition import DeadlineRule, Procedure, StageKind, act_rules
from procedure.fault import Fault, either
from procedure.instant import iso
from procedure.subject import Call, Deadline, ListEntry
from procedure.working_days import WorkingCalendar

SETTINGS: Final[dict[str, tuple[str | bool, ...]]] = {
    "selection": ("merit", "ranked"),
    "publicity_restart": ("changed", "all"),
    "anonymous_objections": (True, False),
}
"""Settings of selection and publicity that have one of a few values, and the values.

Without ``selection`` a list is drawn up by merit, in whatever order; without ``quota``, or with 0, it has no
limit.
"""

NEEDED: Final = {"change_list": "publicity_restart", "lodge_objection": "anonymous_objections"}
"""The setting of SETTINGS without which a pack cannot have an act."""


def clock(procedure: Procedure) -> DeadlineRule:
    """Return the deadline that runs for a published entry: the first of the stage ``be_published`` leads to.

    Raises LookupError for a pack without one.
    """
    life = procedure.application
    for where, rule in act_rules(life, "application"):
        if where.endswith(".be_published") and rule.to in life.stage and life.stage[rule.to].deadlines:
            return life.deadline[life.stage[rule.to].deadlines[0]]
    raise LookupError(f"{procedure.code} publishes no list")


def recounted(
    procedure: Procedure, call: Call, calendar: WorkingCalendar, now: pendulum.DateTime
) -> list[dict[str, Any]]:
    """Return the lists whose last instant another calendar moves, or makes certain, as events keep them.

    A list whose time is over stays as it is, and so does one whose record does not say where it counts from.
    """
    open_lists = [each for each in call.lists if each.until >= now and each.counted_from is not None]
    if not open_lists:
        return []
    rule = clock(procedure)
    assert rule.due.working_days is not None  # noqa: S101 - a pack's publicity counts working days
    days = procedure.number(rule.due.working_days)
    moved: list[dict[str, Any]] = []
    for each in open_lists:
        running = Deadline(
            rule.id,
            1,
            rule.holder,
            "running",
            each.published_at,
            each.until,
            each.provisional,
            counted_from=each.counted_from,
            days=days,
        )
        line = deadlines.recalculate(running, now, calendar)
        if line is not None and line.due_after is not None:
            until = {"until": iso(line.due_after), "provisional": line.provisional}
            moved.append({"list": each.id, "before": iso(each.until), **until})
    return moved


def snapshot(document: str, published_at: pendulum.DateTime, entries: Iterable[ListEntry]) -> str:
    """Return the SHA-256 of a published list, in hexadecimal.

    It covers the document's number, the instant of publication and every entry in its order, written as JSON
    in UTF-8 with sorted keys and no spaces.
    """
    content = {
        "document": document,
        "entries": [
            {
                "case": entry.case,
                "direction": entry.direction,
                "lead_name": entry.lead_name,
                "position": entry.position,
            }
            for entry in entries
        ],
        "published_at": iso(published_at),
    }
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def problems(procedure: Procedure) -> Iterator[tuple[str, Fault]]:
    """Yield what a pack lacks for its selection, publicity and objections: each place and what is wrong."""
    for name, values in SETTINGS.items():
        given = procedure.settings.get(name)
        if given is not None and not any(_same(given.value, value) for value in values):
            fault = Fault("expected", expected=_either(values), given=repr(given.value))
            yield f"settings.{name}.value", fault
    for name in ("quota", "endorsement_quota"):
        quota = procedure.values.get(name, 0)
        if type(quota) is not int or quota < 0:
            yield f"settings.{name}.value", Fault("no_quota", quota=quota)
    for kind in ("call", "application"):
        for where, rule in act_rules(procedure.life(kind), kind):
            act = where.rpartition(".")[2]
            needed = NEEDED.get(act)
            if needed is not None and needed not in procedure.settings:
                yield where, Fault("needs_setting", setting=needed, values=_either(SETTINGS[needed]))
            if act == "be_published":
                yield from _leads_to_publicity(procedure, rule.to, where)
            if act == "publish_list" and not _publishes(procedure):
                yield where, Fault("nobody_published")


def _leads_to_publicity(procedure: Procedure, target: str | None, where: str) -> Iterator[tuple[str, Fault]]:
    stage = procedure.application.stage.get(target or "")
    if stage is None or stage.kind is not StageKind.PUBLICITY or not stage.deadlines:
        yield where, Fault("no_publicity")
        return
    rule = procedure.application.deadline.get(stage.deadlines[0])
    if rule is not None and (rule.due.working_days is None or rule.lapse is None):
        yield where, Fault("publicity_deadline", deadline=rule.id)


def _publishes(procedure: Procedure) -> bool:
    rules = act_rules(procedure.application, "application")
    return any(where.endswith(".be_published") for where, _ in rules)


def _same(given: object, value: object) -> bool:
    # In Python, 1 equals True.
    return type(given) is type(value) and given == value


def _either(values: Iterable[str | bool]) -> str:
    return either(str(value).lower() if isinstance(value, bool) else f"`{value}`" for value in values)
