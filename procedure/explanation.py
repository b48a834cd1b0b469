"""Why a deadline is when it is: its ledger told as data and as prose, in Chinese or in English."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pendulum

from procedure import ladder, written
from procedure.climbing import RungLine, RungState, tell
from procedure.definition import DeadlineRule, Grounded, Life, NamedDate, Procedure, Words
from procedure.event import REVISION, TAKEN_BACK, ClockEntry, ClockKind
from procedure.explanation_words import SENTENCES
from procedure.instant import calendar_day, day_of, end_of, local_instant
from procedure.span import Span, between
from procedure.subject import Waiver
from procedure.working_days import WorkingCalendar

State = Literal["running", "suspended", "overdue", "met", "lapsed", "cancelled"]
_STATE: Final[dict[ClockKind, State]] = {
    "started": "running",
    "suspended": "suspended",
    "resumed": "running",
    "extended": "running",
    "recalculated": "running",
    "restored": "running",
    "overdue": "overdue",
    "met": "met",
    "lapsed": "lapsed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """Where something comes from: the clause with its document and modality, or ``basis`` "setting"."""

    document: str | None
    clause: str | None
    modality: str | None
    basis: Literal["setting"] | None
    text: str


@dataclass(frozen=True, slots=True)
class Counting:
    """How a deadline falls: on a date the call names, or a number of working days after it begins.

    ``name`` is the call's date or the setting that gives the number. ``announced`` says that the call
    gave a date of its own in the place of the pack's.
    """

    kind: Literal["date", "working_days"]
    name: str | None
    title: str
    number: int | None
    announced: bool
    ground: Ground


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the ledger, with what it was caused by.

    ``remaining`` counts ``unit`` (working days, or microseconds of a fixed instant). ``stage`` is the stage
    whose entry started or suspended the clock. ``older_calendar`` is the version it was counted by where
    the present one counts otherwise.
    """

    kind: ClockKind
    at: pendulum.DateTime
    due_before: pendulum.DateTime | None
    due_after: pendulum.DateTime | None
    remaining: int | None
    unit: Literal["working_days", "microseconds"]
    stage: str | None
    by: str | None
    reason: str | None
    provisional: bool
    span: Span | None
    older_calendar: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows when the deadline passes: the stage or outcome reached by itself; ``to`` None for none."""

    to: str | None
    title: str
    ground: Ground | None
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """One occurrence of a deadline, from its start to where it stands; ``lines`` tell it to people."""

    deadline: str
    title: str
    occurrence: int
    holder: str
    state: State
    due_at: pendulum.DateTime
    provisional: bool
    ground: Ground
    counting: Counting
    steps: tuple[Step, ...]
    consequence: Consequence
    ladder: tuple[RungLine, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every occurrence of a subject's deadlines, in the order in which they began."""

    language: str
    accounts: tuple[Account, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The whole explanation as prose, a line without text between two deadlines."""
        told: list[str] = []
        for account in self.accounts:
            told += ["", *account.lines] if told else account.lines
        return tuple(told)


def explain(
    procedure: Procedure,
    kind: str,
    entries: Sequence[ClockEntry],
    calendar: WorkingCalendar,
    language: str,
    by: Sequence[str | None] = (),
    rungs: Sequence[RungState] = (),
    waivers: Sequence[Waiver] = (),
    under: Sequence[Procedure] = (),
) -> Explanation:
    """Explain the ledger of a subject of ``kind`` ("call" or "application").

    ``entries`` stand in the order of time; ``by`` names who caused each, where a person did; ``rungs`` say
    what came of the ladders; a deadline that was met by an act which one of ``waivers`` let through names it.
    ``under`` names the revision by which each entry was counted, where that is not ``procedure``.
    Raises KeyError for a deadline or a rule that none of these procedures has.
    """
    people = [*by, *(None for _ in range(len(entries) - len(by)))]
    counted = [*under, *(procedure for _ in range(len(entries) - len(under)))]
    occurrences: dict[tuple[str, int], list[_Line]] = {}
    for entry, person, revision in zip(entries, people, counted, strict=True):
        key = (entry.deadline, entry.occurrence)
        occurrences.setdefault(key, []).append(_Line(entry, person, revision))
    accounts: list[Account] = []
    for (deadline, _), lines in occurrences.items():
        # A deadline that the present revision has no longer is told by the last one that had it.
        known = (each.procedure for each in reversed(lines) if deadline in each.procedure.life(kind).deadline)
        own = procedure if deadline in procedure.life(kind).deadline else next(known, procedure)
        accounts.append(_Teller(own, kind, calendar, language, rungs, waivers).account(lines))
    return Explanation(language, tuple(accounts))


@dataclass(frozen=True, slots=True)
class _Line:
    """An entry of the ledger, the person who caused it, and the revision by which it was counted."""

    entry: ClockEntry
    person: str | None
    procedure: Procedure


class _Teller:
    def __init__(
        self,
        procedure: Procedure,
        kind: str,
        calendar: WorkingCalendar,
        language: str,
        rungs: Sequence[RungState],
        waivers: Sequence[Waiver],
    ) -> None:
        self.procedure = procedure
        self.kind = kind
        self.rungs = rungs
        self.waivers = waivers
        self.life: Life = procedure.life(kind)
        self.is_call = kind == "call"
        self.calendar = calendar
        self.language = language

    def account(self, lines: Sequence[_Line]) -> Account:
        first, last = lines[0].entry, lines[-1].entry
        rule = self.life.deadline[first.deadline]
        counting, consequence = self._counting(rule, first), self._consequence(rule)
        steps: list[Step] = []
        counted_from = first.at
        for line in lines:
            entry = line.entry
            counted_from = entry.at if entry.kind == "resumed" else counted_from
            late = bool(steps) and steps[-1].kind == "overdue"
            by_then = self._counted_by(line.procedure, first) or counting
            steps.append(self._step(rule, by_then, consequence, entry, line.person, counted_from, late=late))
        entries = [line.entry for line in reversed(lines)]
        due = next(at for each in entries for at in (each.due_after, each.due_before) if at is not None)
        state = _STATE[last.kind]
        provisional = next(each.provisional for each in entries if each.due_after is not None)
        provisional = provisional and state in ("running", "overdue")
        ground = self._ground(rule)
        told = [
            self._say(
                "head_window" if self._is_window(rule) else f"head_{state}",
                title=rule.title.of(self.language),
                occurrence=self._say("occurrence", n=first.occurrence) if first.occurrence > 1 else "",
                due=self._when(due),
                holder=written.HOLDERS[rule.holder].of(self.language),
            ),
            self._say("ground", ground=ground.text),
            *(step.text for step in steps),
        ]
        if rule.note is not None:
            told.append(self._say("note", note=rule.note.of(self.language)))
        if provisional:
            told.append(self._say("provisional", years=self._years(steps, due)))
        if state in ("running", "suspended"):
            told.append(consequence.text)
        climbed = self._ladder(rule, first.occurrence, suspended=state == "suspended")
        if climbed:
            told += [self._say("ladder"), *(f"  {line.text}" for line in climbed)]
        return Account(
            rule.id,
            rule.title.of(self.language),
            first.occurrence,
            rule.holder,
            state,
            due,
            provisional,
            ground,
            counting,
            tuple(steps),
            consequence,
            climbed,
            (told[0], *(f"  {line}" for line in told[1:])),
        )

    def _ladder(self, rule: DeadlineRule, occurrence: int, *, suspended: bool) -> tuple[RungLine, ...]:
        states = [
            state for state in self.rungs if (state.deadline, state.occurrence) == (rule.id, occurrence)
        ]
        of = ladder.of(self.procedure, self.kind, rule.id)
        return tell(of.rungs, states, self.language, suspended=suspended)

    def _counted_by(self, revision: Procedure, started: ClockEntry) -> Counting | None:
        """Return how a revision counts this deadline; None where it does not know it."""
        rule = revision.life(self.kind).deadline.get(started.deadline)
        teller = _Teller(revision, self.kind, self.calendar, self.language, (), ())
        return None if rule is None else teller._counting(rule, started)

    def _counting(self, rule: DeadlineRule, started: ClockEntry) -> Counting:
        if rule.due.date is not None:
            date = (self.procedure.life(self.kind).dates or self.procedure.dates)[rule.due.date]
            announced = date.value is None or _moment(date) != started.due_after
            title = date.title.of(self.language)
            return Counting("date", rule.due.date, title, None, announced, self._ground(date))
        named = rule.due.working_days
        assert named is not None  # noqa: S101 - Due gives exactly one of the two
        number = self.procedure.number(named)
        if isinstance(named, int):
            title, name, ground = rule.title.of(self.language), None, self._ground(rule)
        else:
            setting = self.procedure.settings[named]
            title, name, ground = setting.title.of(self.language), named, self._ground(setting)
        return Counting("working_days", name, title, number, announced=False, ground=ground)

    def _step(
        self,
        rule: DeadlineRule,
        counting: Counting,
        consequence: Consequence,
        entry: ClockEntry,
        person: str | None,
        counted_from: pendulum.DateTime,
        *,
        late: bool,
    ) -> Step:
        in_days = counting.kind == "working_days"
        stage = self._stage(rule, entry)
        span = self._span(entry, counted_from) if in_days else None
        older = self._older(entry, counting, span)
        facts: dict[str, Any] = {
            "at": self._when(entry.at),
            "stage": "" if stage is None else stage,
            "before": "" if entry.due_before is None else self._when(entry.due_before),
            "after": "" if entry.due_after is None else self._when(entry.due_after),
            "left": self._left(entry, in_days=in_days),
            "by": person or self._say("program"),
            "reason": self._say("because", reason=entry.reason)
            if entry.reason and entry.reason not in (REVISION, TAKEN_BACK)
            else "",
            "title": counting.title,
            "number": "" if counting.number is None else self._working_days(counting.number),
            "ground": self._short(counting.ground, rule),
            "inclusive": self._say("inclusive") if rule.closing == "inclusive" else "",
            "to": consequence.title,
            "to_ground": "" if consequence.ground is None else self._short(consequence.ground, rule),
        }
        text = self._say(self._template(rule, counting, entry, late=late), **facts)
        if span is not None:
            text += self._between(span)
        if older is not None and span is not None:
            text += self._say("older_calendar", version=older, days=self._working_days(span.working_days))
        if entry.kind == "met":
            text += "".join(self._waived(each) for each in self.waivers if each.used_at == entry.at)
        return Step(
            entry.kind,
            entry.at,
            entry.due_before,
            entry.due_after,
            entry.remaining,
            "working_days" if in_days else "microseconds",
            stage,
            person,
            entry.reason,
            entry.provisional,
            span,
            older,
            text,
        )

    def _template(self, rule: DeadlineRule, counting: Counting, entry: ClockEntry, *, late: bool) -> str:
        if entry.reason == REVISION:
            return "revised" if entry.due_after is not None else "revised_standing"
        match entry.kind:
            case "started" if counting.kind == "date":
                return "started_announced" if counting.announced else "started_date"
            case "suspended" if entry.reason is None:
                return "suspended_by_stage"
            case "suspended" | "overdue" if entry.reason == TAKEN_BACK:
                return f"restored_{entry.kind}"
            case "restored" if entry.due_before is not None:
                return "restored_recounted"
            case "resumed" if counting.kind == "working_days":
                return "resumed_days" if entry.remaining else "resumed_without_days"
            case "met" if late:
                return "met_late"
            case "lapsed" if self._is_window(rule):
                return "window_passed"
            case kind:
                return kind

    def _waived(self, waiver: Waiver) -> str:
        rule = self.procedure.rule[waiver.rule]
        return self._say(
            "waived",
            title=rule.title.of(self.language),
            ground=written.ground(self.procedure, rule, self.language),
            at=self._when(waiver.waived_at),
            reason=waiver.reason,
        )

    def _stage(self, rule: DeadlineRule, entry: ClockEntry) -> str | None:
        if entry.kind == "started":
            titles = [stage.title for stage in self.life.stages if rule.id in stage.deadlines][:1]
        elif entry.kind == "suspended" and entry.reason is None:
            titles = [stage.title for stage in self.life.stages if rule.id in stage.suspends]
        else:
            return None
        return written.listed((title.of(self.language) for title in titles), self.language)

    def _span(self, entry: ClockEntry, counted_from: pendulum.DateTime) -> Span | None:
        if entry.kind not in ("started", "resumed", "recalculated") or entry.due_after is None:
            return None
        after, through = day_of(counted_from), day_of(entry.due_after)
        return None if through <= after else between(self.calendar, after, through, self.language)

    def _older(self, entry: ClockEntry, counting: Counting, span: Span | None) -> str | None:
        """Return the version of the calendar of that time where the present one counts otherwise."""
        counted = counting.number if entry.remaining is None else entry.remaining or 1
        return None if span is None or span.working_days == counted else entry.calendar

    def _between(self, span: Span) -> str:
        told: list[str] = []
        if span.weekend_days:
            days = "one_day" if span.weekend_days == 1 else "days"
            told.append(self._say("weekends", days=self._say(days, n=span.weekend_days)))
        for row in span.special:
            days = written.day(row.first, self.language)
            if row.first == row.last:
                days = self._say("on", day=days, weekday=written.weekday(row.first, self.language))
            else:
                days = self._say("from_to", first=days, last=written.day(row.last, self.language))
            told.append(self._say(row.kind, days=days, name=row.name, document=row.document))
        return self._say("between", facts=self._say("semicolon").join(told)) if told else ""

    def _left(self, entry: ClockEntry, *, in_days: bool) -> str:
        if entry.remaining is None:
            return ""
        if in_days:
            return self._working_days(entry.remaining)
        return written.length(entry.remaining, self.language)

    def _working_days(self, n: int) -> str:
        return written.count(n, Words(zh="工作日", en="working day"), self.language)

    def _consequence(self, rule: DeadlineRule) -> Consequence:
        if rule.lapse is None:
            return Consequence(None, "", None, self._say("stays"))
        to = rule.lapse.to
        place = self.life.stage[to] if to in self.life.stage else self.life.outcome[to]
        title = place.title.of(self.language)
        ground = self._ground(rule.lapse)
        template = "follows_window" if self._is_window(rule) else "follows"
        return Consequence(
            to, title, ground, self._say(template, title=title, ground=self._short(ground, rule))
        )

    def _ground(self, of: Grounded) -> Ground:
        text = written.ground(self.procedure, of, self.language)
        if of.clause is None:
            return Ground(None, None, None, "setting", text)
        return Ground(of.clause.document, of.clause.clause, of.clause.modality, None, text)

    def _short(self, ground: Ground, rule: DeadlineRule) -> str:
        """Return a ground as it is named after that of its own deadline."""
        if ground.clause is None or ground.modality is None:
            return self._say("setting")
        if rule.clause is None or rule.clause.document != ground.document:
            return ground.text
        force = written.MODALITIES[ground.modality].of(self.language)
        return self._say("same_document", clause=ground.clause, force=force)

    def _is_window(self, rule: DeadlineRule) -> bool:
        """Whether its passing is the plan rather than somebody's failure to act."""
        return self.is_call or rule.closing == "exclusive"

    def _years(self, steps: Iterable[Step], due: pendulum.DateTime) -> str:
        years = {year for step in steps if step.span is not None for year in step.span.unpublished}
        return written.listed((str(year) for year in sorted(years or {due.year})), self.language)

    def _when(self, moment: pendulum.DateTime) -> str:
        return written.when(moment, self.language)

    def _say(self, sentence: str, **facts: Any) -> str:
        return SENTENCES[sentence].of(self.language).format_map(facts)


def _moment(date: NamedDate) -> pendulum.DateTime:
    text = date.value or ""
    return end_of(calendar_day(text)) if date.kind == "day" else local_instant(text)
