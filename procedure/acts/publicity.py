"""The published list belongs to the call: one list, one snapshot, one clock; its cases follow with it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure import deadlines
from procedure.act import Consequence, Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason, facts_of
from procedure.acts.selection import CaseNumber
from procedure.event import ClockEntry
from procedure.form import FormProblem, parse
from procedure.instant import Instant, instant, iso
from procedure.publicity import clock, snapshot
from procedure.subject import Application, Call, ListEntry, PublishedList
from procedure.subject import Publicity as Entry

DocumentNumber = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PublishList(Payload):
    """The publicity document, and which selected cases it lists: all not yet published when not given."""

    document_number: DocumentNumber
    title: Title | None = None
    cases: Annotated[tuple[CaseNumber, ...], Field(min_length=1, max_length=2000)] | None = None


@act("publish_list", "list_published", PublishList, "children")
def publish_list(c: Context, p: PublishList) -> Happening | Refusal:
    """Publish selected cases as one list, in the order of their selection; every entry's clock starts now."""
    ready = [ref for ref in dict.fromkeys(c.subject.call.selected) if _can(c, ref, "be_published")]
    asked = ready if p.cases is None else list(p.cases)
    twice = _twice(asked)
    if twice:
        return Refusal("listed_twice", {"cases": twice})
    unready = sorted(set(asked) - set(ready))
    if unready:
        return Refusal("not_ready_for_publicity", {"cases": unready, "waiting": ready})
    if not asked:
        return Refusal("nothing_to_publish", {"selected": list(c.subject.call.selected)})
    children = c.facts.children
    entries = [
        ListEntry(position, ref, children[ref].lead_name, children[ref].direction)
        for position, ref in enumerate((ref for ref in ready if ref in set(asked)), 1)
    ]
    until, provisional = _until(c)
    number = len(c.subject.call.lists) + 1
    return Happening(
        _data(c, number, 1, p.document_number, p.title, c.now, until, provisional, entries),
        consequences=tuple(
            Consequence(
                entry.case,
                "be_published",
                {"list": number, "position": entry.position, "until": iso(until)},
            )
            for entry in entries
        ),
    )


class Struck(Payload):
    """A case that is taken off the list, and why."""

    case: CaseNumber
    reason: Reason


class Corrected(Payload):
    """What an entry should have said."""

    direction: Text | None = None
    lead_name: Text | None = None


class ChangeList(Payload):
    """Which list, by its number within the call, what changes in it, by which document and why."""

    list: Annotated[int, Field(ge=1)]
    document_number: DocumentNumber
    reason: Reason
    remove: Annotated[tuple[Struck, ...], Field(max_length=2000)] = ()
    correct: Annotated[dict[CaseNumber, Corrected], Field(default_factory=dict, max_length=2000)]


@act("change_list", "list_changed", ChangeList, "children")
def change_list(c: Context, p: ChangeList) -> Happening | Refusal:
    """Publish a new version of a list; the entries that changed, or all (a setting), begin their time anew.

    Removed cases end. Entries that have moved on past their publicity stay in the list as they are.
    """
    now = next((each for each in c.subject.call.lists if each.id == p.list), None)
    if now is None:
        return Refusal("no_such_list", {"list": p.list, "lists": [each.id for each in c.subject.call.lists]})
    gone = {struck.case: struck.reason for struck in p.remove}
    twice = _twice([*(struck.case for struck in p.remove), *p.correct])
    if twice:
        return Refusal("listed_twice", {"cases": twice})
    listed = {entry.case: entry for entry in now.entries}
    strangers = sorted({*gone, *p.correct} - set(listed))
    if strangers:
        return Refusal("not_on_the_list", {"list": now.id, "cases": strangers})
    fixed = [
        *(ref for ref in gone if not _can(c, ref, "be_struck")),
        *(ref for ref in p.correct if not _can(c, ref, "be_republished")),
    ]
    if fixed:
        return Refusal(
            "entry_has_moved_on", {"list": now.id, "cases": {ref: _place(c, ref) for ref in fixed}}
        )
    unfit = _unfit_directions(c, p.correct.values())
    if unfit:
        return Refusal("bad_fields", {"problems": unfit})
    changes = {ref: _changes(listed[ref], correction) for ref, correction in p.correct.items()}
    same = sorted(ref for ref, changed in changes.items() if not changed)
    if same or not (gone or changes):
        return Refusal("nothing_changes", {"list": now.id, "cases": same})
    entries = [
        _corrected(entry, changes.get(entry.case, {})) for entry in now.entries if entry.case not in gone
    ]
    anew = [
        entry.case
        for entry in entries
        if (entry.case in changes or c.procedure.values["publicity_restart"] == "all")
        and _can(c, entry.case, "be_republished")
    ]
    counted_from = c.now if anew else now.counted_from
    until, provisional = _until(c) if anew else (now.until, now.provisional)
    return Happening(
        {
            **_data(
                c,
                now.id,
                now.version + 1,
                p.document_number,
                now.title,
                counted_from,
                until,
                provisional,
                entries,
            ),
            "reason": p.reason,
            "struck": [{"case": ref, "reason": reason} for ref, reason in gone.items()],
            "corrected": changes,
            "restarted": anew,
        },
        consequences=(
            *(Consequence(ref, "be_struck", {"list": now.id, "reason": why}) for ref, why in gone.items()),
            *(
                Consequence(
                    ref,
                    "be_republished",
                    {
                        "list": now.id,
                        "until": iso(until),
                        "reason": p.reason,
                        "direction": changes.get(ref, {}).get("direction"),
                    },
                )
                for ref in anew
            ),
        ),
    )


def _twice(cases: Iterable[str]) -> list[str]:
    return sorted(ref for ref, times in Counter(cases).items() if times > 1)


def _can(c: Context, ref: str, what: str) -> bool:
    """Return whether the case is open at a stage where ``what`` may happen to it."""
    child = c.facts.children.get(ref)
    return child is not None and child.outcome is None and what in c.procedure.application.acts(child.stage)


def _place(c: Context, ref: str) -> str:
    child = c.facts.children[ref]
    return child.outcome or child.stage


def _unfit_directions(c: Context, corrections: Iterable[Corrected]) -> list[dict[str, Any]]:
    """Return what the form would not take: a corrected direction becomes the case's own."""
    field = c.procedure.field.get("consortium.direction")
    given = [each.direction for each in corrections if each.direction is not None]
    parsed = [parse(field, direction) for direction in given] if field is not None else []
    return [facts_of(value) for value in parsed if isinstance(value, FormProblem)]


def _changes(entry: ListEntry, correction: Corrected) -> dict[str, str]:
    return {
        name: value
        for name, value in (("direction", correction.direction), ("lead_name", correction.lead_name))
        if value is not None and value != getattr(entry, name)
    }


def _corrected(entry: ListEntry, changes: Mapping[str, str]) -> ListEntry:
    return replace(
        entry,
        direction=changes.get("direction", entry.direction),
        lead_name=changes.get("lead_name", entry.lead_name),
    )


def _until(c: Context) -> tuple[pendulum.DateTime, bool]:
    """Return the last instant of a publicity that begins now, and whether it is provisional."""
    started = deadlines.begin(c.procedure, clock(c.procedure), c.subject, c.now, c.facts.calendar)
    assert started is not None  # noqa: S101 - a pack's publicity counts working days
    assert started.due_after is not None  # noqa: S101 - begin() sets it
    return started.due_after, started.provisional


def _data(
    c: Context,
    number: int,
    version: int,
    document: str,
    title: str | None,
    counted_from: pendulum.DateTime | None,
    until: pendulum.DateTime,
    provisional: bool,
    entries: Iterable[ListEntry],
) -> dict[str, Any]:
    listed = list(entries)
    return {
        "list": number,
        "version": version,
        "document": document,
        "title": title,
        "counted_from": None if counted_from is None else iso(counted_from),
        "until": iso(until),
        "provisional": provisional,
        "snapshot": snapshot(document, c.now, listed),
        "entries": [asdict(entry) for entry in listed],
    }


@evolves("list_published")
@evolves("list_changed")
def _published(call: Call, data: dict[str, Any], at: pendulum.DateTime) -> Call:
    published = PublishedList(
        data["list"],
        data["version"],
        data["document"],
        data["title"],
        at,
        instant(data["until"]),
        data["provisional"],
        data["snapshot"],
        tuple(ListEntry(**entry) for entry in data["entries"]),
        instant(data["counted_from"]) if data.get("counted_from") else None,
    )
    others = (each for each in call.lists if each.id != published.id)
    return replace(call, lists=tuple(sorted((*others, published), key=lambda each: each.id)))


@evolves("calendar_changed")
def _calendar_changed(record: Application | Call, data: dict[str, Any], at: pendulum.DateTime) -> Any:
    """Move the last instant of the lists that another calendar moves; entries have their own clocks."""
    moved = {each["list"]: each for each in data.get("lists", ())}
    if not isinstance(record, Call) or not moved:
        return record
    return replace(
        record,
        lists=tuple(
            replace(each, until=instant(moved[each.id]["until"]), provisional=moved[each.id]["provisional"])
            if each.id in moved
            else each
            for each in record.lists
        ),
    )


class BePublished(Payload):
    """Which list, the case's position on it, and until when objections may be lodged."""

    list: Annotated[int, Field(ge=1)]
    position: Annotated[int, Field(ge=1)]
    until: Instant


@act("be_published", "case_published", BePublished)
def be_published(c: Context, p: BePublished) -> Happening | Refusal:
    """Follow the call's publication: the case is public and open to objections."""
    return Happening({**p.model_dump(mode="json"), "deadline": clock(c.procedure).id})


@evolves("case_published")
def _case_published(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    entry = Entry(data["list"], data["position"], data["deadline"], at, instant(data["until"]))
    return replace(a, publicity=entry)


class BeStruck(Payload):
    """Off which list, and why."""

    list: Annotated[int, Field(ge=1)]
    reason: Reason


@act("be_struck", "case_struck", BeStruck)
def be_struck(c: Context, p: BeStruck) -> Happening | Refusal:
    """Follow the change of the list: the case is no longer on it, and ends."""
    return Happening(p.model_dump())


@evolves("case_struck")
def _case_struck(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, reason=data["reason"])


class BeRepublished(Payload):
    """In which list, until when, why, and the direction as corrected, if it was."""

    list: Annotated[int, Field(ge=1)]
    until: Instant
    reason: Reason
    direction: Text | None = None


@act("be_republished", "case_republished", BeRepublished)
def be_republished(c: Context, p: BeRepublished) -> Happening | Refusal:
    """Follow the change of the list: the entry's publicity begins anew, with a clock of its own.

    While an objection holds the entry its clock is only given up; the new one starts when the entry is free.
    """
    return Happening(p.model_dump(mode="json", exclude_none=True), clock=tuple(_anew(c)))


def _anew(c: Context) -> Iterable[ClockEntry]:
    rule = clock(c.procedure)
    held = rule.id in c.stage.suspends
    running = c.subject.deadline(rule.id)
    if running is not None:
        yield deadlines.end(running, c.now, met=False)
    if not held:
        started = deadlines.begin(c.procedure, rule, c.subject, c.now, c.facts.calendar)
        assert started is not None  # noqa: S101 - a pack's publicity counts working days
        yield started


@evolves("case_republished")
def _case_republished(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    entry = a.publicity
    assert entry is not None  # noqa: S101 - only a published entry is republished
    form: Mapping[str, Any] = a.form
    if "direction" in data:
        form = {**form, "consortium.direction": data["direction"]}
    return replace(
        a,
        form=dict(form),
        publicity=replace(entry, published_at=at, until=instant(data["until"]), ended_at=None),
    )


@evolves("deadline_lapsed")
def _publicity_over(record: Application | Call, data: dict[str, Any], at: pendulum.DateTime) -> Any:
    """Keep when the entry's publicity really ended: later than announced where an objection stopped it."""
    if (
        not isinstance(record, Application)
        or record.publicity is None
        or record.publicity.deadline != data["deadline"]
    ):
        return record
    due = instant(data["due"])
    # Events of before say nothing of it, and are folded as they were.
    ended_at = due if data.get("publicity_over") else None
    return replace(record, publicity=replace(record.publicity, until=due, ended_at=ended_at))
