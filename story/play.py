"""A story carried through its database: people act, time moves, and what is due by itself is done."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pendulum
from sqlalchemy import Engine

from casework import (
    acts,
    calendar_import,
    calls,
    delegation,
    documents,
    loading,
    parties,
    procedures,
    story,
    urging,
)
from casework.access import Claim
from casework.account import account
from casework.acts import Receipt, Request
from casework.calls import BadDates
from casework.wake import LAG
from models.database import reading, writing
from procedure.act import Refusal
from procedure.fault import as_fault, fault_of
from procedure.instant import instant, iso
from procedure.pack import Problem
from procedure.shape import dotted
from procedure.working_days import ArrangementError
from story.carriers import Carrier, Ran
from story.cast import ANNOUNCE, HAND_OVER, START, URGE, cast, since, tied_to
from story.expectation import Difference, compare, compare_act
from story.particulars import particulars
from story.reading import ScenarioError, Story
from story.scenario import Expected, Held
from story.script import Look, Step, Turn


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that has just happened in the story, for those who watch.

    ``what`` is the act, ``answer`` its receipt or refusal. ``runs`` did what was due.
    """

    at: pendulum.DateTime
    kind: Literal["act", "due", "check", "end"]
    what: str
    by: str | None = None
    case: str | None = None
    answer: Receipt | Refusal | None = None
    runs: tuple[Ran, ...] = ()
    done: int = 0
    of: int = 0


Watch = Callable[[Beat], None]


@dataclass
class Played:
    """A story that has been told: the accounts of its call and cases, and where it is not as expected."""

    story: Story
    ended: pendulum.DateTime
    call: dict[str, Any] | None = None
    cases: dict[str, dict[str, Any] | None] = field(default_factory=dict[str, dict[str, Any] | None])
    refused: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    left_due: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    differences: list[Difference] = field(default_factory=list[Difference])
    runs: list[Ran] = field(default_factory=list[Ran])

    @property
    def as_expected(self) -> bool:
        """Whether everything expected came true, and nothing that was due was left undone."""
        return not self.differences and not self.left_due


def play(
    told: Story, engine: Engine, files: Path, carrier: Carrier, watch: Watch = lambda _beat: None
) -> Played:
    """Tell the story in a fresh database, documents stored under ``files``, and return how it came out.

    Time jumps to the next act or the next thing that is due by itself, whichever comes first; where both
    fall together, what is due is done first. Raises DatabaseUnusable, NotFresh, CarrierFailed, and
    ScenarioError for a call whose dates make no window.
    """
    return next(play_all([told], engine, files, carrier, lambda _: watch))


def play_all(
    stories: Sequence[Story],
    engine: Engine,
    files: Path,
    carrier: Carrier,
    watch: Callable[[Story], Watch] = lambda _story: lambda _beat: None,
) -> Generator[Played, None, None]:
    """Tell several stories one after another in one fresh database, in the order of time, as ``play`` does.

    Everybody is entered before the first begins, in the order given: lots are drawn by who somebody is, so
    that the story given first comes out as it does alone. Who bears one handle in two stories is one person.
    Whoever asks for the next story may move time on before.
    """
    told = sorted(stories, key=lambda each: each.scenario.begins)
    story.begin(engine, told[0].scenario.begins)
    players = {id(each): _Player(each, engine, files, carrier) for each in stories}
    for player in players.values():
        player.enter_parties()
    for each in told:
        yield players[id(each)].play(watch(each))


class _Player:
    def __init__(self, told: Story, engine: Engine, files: Path, carrier: Carrier) -> None:
        self._told = told
        self._engine = engine
        self._files = files
        self._carrier = carrier
        self._watch: Watch = lambda _beat: None
        self._keys = count(1)
        self._stuck: frozenset[story.Due] = frozenset()
        self._people: dict[str, int] = {}
        self._revision = 0
        self._call: int | None = None
        self._cases: dict[str, int] = {}
        self._numbers: dict[str, str] = {}
        self._done = 0
        self._played = Played(told, told.scenario.begins)

    def play(self, watch: Watch) -> Played:
        """Tell the story; everybody must have been entered."""
        self._watch, told = watch, self._told
        self._live_until(told.scenario.begins)
        moments = sorted([*told.turns, *told.steps, *told.looks], key=lambda one: one.at)
        for moment in moments:
            self._live_until(moment.at)
            if isinstance(moment, Step):
                self._act(moment)
            elif isinstance(moment, Turn):
                self._turn(moment)
            else:
                self._look(moment)
        last = moments[-1].at if moments else self._told.scenario.begins
        return self._end(self._told.scenario.ends or instant(last + LAG))

    def enter_parties(self) -> None:
        """Publish the pack and enter everybody, before anything happens."""
        scenario, pack = self._told.scenario, self._told.pack
        with writing(self._engine) as connection:
            self._revision = procedures.publish(connection, pack, scenario.begins)
            city = parties.city_bureau(connection, pack.procedure.bureau)
            districts = {
                code: parties.district_bureau(
                    connection, city, code, district.name.zh, district.name.en, district.kind
                )
                for code, district in scenario.districts.items()
            }
            units = {
                short: parties.organisation(
                    connection, unit.uscc, unit.name, unit.kind, districts.get(unit.district or "")
                )
                for short, unit in scenario.organisations.items()
            }
            for handle, person in cast(scenario).items():
                known = parties.person(
                    connection, handle, person.name, person.email, person.language, person.id_digest
                )
                self._people[handle] = known
                for held in person.held:
                    where = _scope(held, city, districts, units)
                    first = since(scenario, held)
                    parties.grant(
                        connection, known, held.role, valid_from=first, valid_to=held.valid_to, **where
                    )
                    if held.role == "expert":
                        employer = units.get(held.employer or "")
                        ties = [tie for name in held.ties if (tie := tied_to(scenario, name))]
                        parties.expert(connection, known, city, employer, list(held.fields), ties)

    def _live_until(self, at: pendulum.DateTime) -> None:
        """Let everything happen that happens by itself until ``at``, each at its own moment; move there."""
        while (due := story.next_due(self._engine, self._stuck)) is not None:
            done_at = self._running(instant(due + LAG))
            if done_at > at:
                break
            now = story.move(self._engine, done_at)
            ran = self._carrier.carry(story.due_kinds(self._engine))
            self._played.runs += ran
            # What a run leaves where it was (an incident, a stage that nobody serves) holds up nothing else.
            self._stuck = frozenset(story.left_due(self._engine))
            self._tell(Beat(now, "due", "due", runs=tuple(ran)))
        story.move(self._engine, at)

    def _running(self, at: pendulum.DateTime) -> pendulum.DateTime:
        """Return ``at``, or the end of the outage in which it lies."""
        for outage in sorted(self._told.scenario.outages, key=lambda each: each.begins):
            if outage.begins <= at < outage.ends:
                at = outage.ends
        return at

    def _turn(self, turn: Turn) -> None:
        """Let another calendar come into force: an imported one, or what has been issued by now."""
        arrangement = turn.change.arrangement
        if arrangement is not None:
            try:
                calendar_import.import_arrangements(self._engine, [arrangement])
            except ArrangementError as error:
                told = self._told
                where = (*turn.path, "arrangement")
                raise ScenarioError(
                    [Problem(told.path.name, told.line(where), dotted(where), fault_of(error))]
                ) from None
        ran = self._carrier.recount()
        self._played.runs += ran
        self._tell(Beat(turn.at, "due", "due", runs=tuple(ran)))

    def _act(self, step: Step) -> None:
        answer = self._perform(step)
        self._done += 1
        self._tell(Beat(step.at, "act", step.act, step.by, step.case, answer))
        if isinstance(answer, Refusal):
            self._played.refused.append(
                {
                    "at": iso(step.at),
                    "case": step.case,
                    "act": step.act,
                    "by": step.by,
                    "refusal": answer.code,
                    "clause": None if answer.clause is None else answer.clause.clause,
                    "facts": dict(answer.facts),
                }
            )
        self._played.differences += compare_act(self._told, step, answer)

    def _perform(self, step: Step) -> Receipt | Refusal:
        scenario = self._told.scenario
        claim = Claim(self._people[step.by], str(step.role))
        key = f"story:{next(self._keys)}"
        if step.act == ANNOUNCE:
            return self._announce(claim)
        if step.act == HAND_OVER:
            return self._hand_over(step, claim)
        if self._call is None:
            return Refusal("not_found", {"ref": scenario.call.code})
        if step.act == START and step.case is not None:
            return self._start(step.case, claim, key)
        subject = self._call if step.case is None else self._cases.get(step.case)
        if subject is None:
            return Refusal("not_found", {"ref": step.case})
        if step.act == URGE:
            return self._urge(subject, claim, step.particulars)
        payload = particulars(
            scenario,
            self._told.path.parent,
            step.act,
            step.particulars,
            self._numbers,
            partial(documents.store, self._engine, self._files),
        )
        return acts.perform(self._engine, Request(subject, step.act, claim, payload, key))

    def _urge(self, subject: int, claim: Claim, said: Mapping[str, Any]) -> Receipt | Refusal:
        answer = urging.urge(self._engine, subject, claim, said)
        if isinstance(answer, Refusal):
            return answer
        return Receipt(answer.ref, answer.number, answer.stage, None, answer.at)

    def _hand_over(self, step: Step, claim: Claim) -> Receipt | Refusal:
        answer = delegation.hand_over(self._engine, claim, step.particulars)
        if isinstance(answer, Refusal):
            return answer
        return Receipt(str(step.particulars["absent"]), answer.absence.id, "", None, step.at)

    def _announce(self, claim: Claim) -> Receipt | Refusal:
        call = self._told.scenario.call
        title = None if call.title is None else (call.title.zh, call.title.en)
        try:
            answer = calls.announce(self._engine, self._revision, call.code, claim, call.dates, title)
        except BadDates as error:
            told, path = self._told, ("call", "dates")
            raise ScenarioError(
                Problem(told.path.name, told.line(path), dotted(path), as_fault(problem.rule))
                for problem in error.problems
            ) from None
        if isinstance(answer, Receipt):
            self._call = self._id(answer)
        return answer

    def _start(self, case: str, claim: Claim, key: str) -> Receipt | Refusal:
        application = self._told.scenario.applications[case]
        assert self._call is not None  # noqa: S101 - _perform has asked
        unit = self._told.scenario.organisations[application.lead].uscc
        answer = calls.start(self._engine, self._call, claim, application.district, key, unit)
        if isinstance(answer, Receipt) and case not in self._cases:
            self._cases[case], self._numbers[case] = self._id(answer), answer.ref
        return answer

    def _id(self, receipt: Receipt) -> int:
        with reading(self._engine) as connection:
            return loading.id_of(connection, receipt.ref, self._told.pack.procedure.bureau.code)

    def _look(self, look: Look) -> None:
        self._compare(look.case, look.check, look.path, look.at)
        self._tell(Beat(look.at, "check", "check", case=look.case))

    def _compare(
        self, case: str | None, expected: Expected, path: tuple[str | int, ...], at: pendulum.DateTime
    ) -> None:
        found = self._account(case)
        self._played.differences += compare(self._told, case, expected, path, at, found)

    def _account(self, case: str | None) -> dict[str, Any] | None:
        subject = self._call if case is None else self._cases.get(case)
        if subject is None:
            return None
        with reading(self._engine) as connection:
            return account(connection, subject)

    def _end(self, at: pendulum.DateTime) -> Played:
        self._live_until(at)
        played, scenario = self._played, self._told.scenario
        played.ended = at
        played.call = self._account(None)
        for name, application in scenario.applications.items():
            played.cases[name] = self._account(name)
            if application.expect is not None:
                path = ("applications", name, "expect")
                self._compare(name, application.expect, path, at)
        if scenario.call.expect is not None:
            self._compare(None, scenario.call.expect, ("call", "expect"), at)
        names = {known: name for name, known in self._cases.items()}
        played.left_due = [
            {"case": names.get(subject), "due": iso(due)}
            for subject, due in sorted(story.left_due(self._engine))
        ]
        self._tell(Beat(at, "end", "end"))
        return played

    def _tell(self, beat: Beat) -> None:
        self._watch(replace(beat, done=self._done, of=len(self._told.steps)))


def _scope(held: Held, city: int, districts: Mapping[str, int], units: Mapping[str, int]) -> dict[str, int]:
    if held.of is not None:
        return {"organisation_id": units[held.of]}
    return {"bureau_id": city if held.district is None else districts[held.district]}
