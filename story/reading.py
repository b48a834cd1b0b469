"""A scenario file read, or refused with file, line, path and what was expected."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from casework.calls import BadDates, resolve
from casework.delegation import HandOver
from casework.urging import Wanted
from procedure import located, shape
from procedure.acts import ACTS
from procedure.fault import Fault, as_fault, fault_of, unknown
from procedure.pack import Pack, PackError, Problem, load_folder, shipped, shipped_codes
from procedure.uscc import InvalidUscc, valid
from story.cast import ANNOUNCE, HAND_OVER, START, URGE, cast, since, tied_to
from story.particulars import Unreadable, particulars
from story.scenario import Expected, Scenario
from story.script import Look, Step, Turn, looks, nothing_called, steps, turns


class ScenarioError(ValueError):
    """A scenario file is malformed; ``problems`` says everything that is wrong with it, by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario that can be played: its pack, its acts and checks in order of time, and its lines."""

    path: Path
    scenario: Scenario
    pack: Pack
    steps: tuple[Step, ...]
    looks: tuple[Look, ...]
    turns: tuple[Turn, ...]
    text: located.Located

    def line(self, path: located.Path) -> int:
        """Return the line on which something stands."""
        return self.text.line(path)


def load(path: Path) -> Story:
    """Return the story in the file at ``path``.

    Raises ScenarioError with all that is wrong, and OSError for a file that cannot be read.
    """
    return _Reading(path).story()


class _Reading:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._problems: list[Problem] = []
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            fault = Fault("not_utf8_byte", byte=error.object[error.start])
            raise ScenarioError([Problem(path.name, line, "", fault)]) from None
        self._text = located.read(text)
        for complaint in self._text.complaints:
            self._note(complaint.path, complaint.message, complaint.line)
        if not self._text.complaints and not isinstance(self._text.data, dict):
            self._note((), Fault("expected_mapping"))
        self._refuse_if_wrong()

    def story(self) -> Story:
        scenario = self._scenario()
        pack = self._pack(scenario)
        self._check_parties(scenario)
        self._check_applications(scenario, pack)
        self._check_dates(scenario, pack)
        self._refuse_if_wrong()
        played = steps(scenario, pack.procedure, lambda unclear: self._note(unclear.path, fault_of(unclear)))
        for step in played:
            self._check_step(scenario, step)
        seen = looks(scenario)
        turned = turns(scenario)
        self._check_times(scenario, played, seen, turned)
        self._refuse_if_wrong()
        return Story(self._path, scenario, pack, played, seen, turned, self._text)

    def _scenario(self) -> Scenario:
        data = self._text.data
        try:
            # JSON mode takes lists for tuples and texts for enums, and otherwise stays strict.
            return Scenario.model_validate_json(json.dumps(data))
        except ValidationError as error:
            for path, message in shape.complaints(error, data, Scenario):
                self._note(path, message)
            raise ScenarioError(self._problems) from None

    def _pack(self, scenario: Scenario) -> Pack:
        try:
            if scenario.pack in shipped_codes():
                return shipped(scenario.pack)
            folder = self._path.parent / scenario.pack
            if folder.is_dir():
                return load_folder(folder, frozenset(ACTS))
        except PackError as error:
            self._note(("pack",), Fault("pack_malformed", says=error))
        else:
            self._note(("pack",), Fault("no_pack_here", known=shipped_codes()))
        raise ScenarioError(self._problems)

    def _check_parties(self, scenario: Scenario) -> None:
        for short, unit in scenario.organisations.items():
            try:
                valid(unit.uscc)
            except InvalidUscc as error:
                self._note(("organisations", short, "uscc"), fault_of(error))
            if unit.district is not None:
                self._known(
                    "district", unit.district, scenario.districts, ("organisations", short, "district")
                )
            if unit.person is not None and short in scenario.people:
                self._note(("people", short), Fault("handle_taken", unit=short))
        codes: dict[str, str] = {}
        for short, unit in scenario.organisations.items():
            first = codes.setdefault(unit.uscc, short)
            if first != short:
                self._note(("organisations", short, "uscc"), Fault("uscc_taken", unit=first))
        self._check_people(scenario)
        self._known("person", scenario.call.by, cast(scenario), ("call", "by"))

    def _check_people(self, scenario: Scenario) -> None:
        for handle, person in scenario.people.items():
            for i, held in enumerate(person.held):
                at: located.Path = ("people", handle, "roles", i) if person.roles else ("people", handle)
                if held.of is not None:
                    self._known("organisation", held.of, scenario.organisations, (*at, "of"))
                if held.employer is not None:
                    self._known("organisation", held.employer, scenario.organisations, (*at, "employer"))
                for j, tie in enumerate(held.ties):
                    if not tied_to(scenario, tie):
                        known = dict.fromkeys((*scenario.organisations, *cast(scenario)))
                        self._known("organisation_or_person", tie, known, (*at, "ties", j))
                if held.district is not None:
                    self._known("district", held.district, scenario.districts, (*at, "district"))
                if held.valid_to is not None and held.valid_to < since(scenario, held):
                    fault = Fault("before_the_role", since=since(scenario, held))
                    self._note((*at, "valid_to"), fault)

    def _check_applications(self, scenario: Scenario, pack: Pack) -> None:
        for short, application in scenario.applications.items():
            at: located.Path = ("applications", short)
            self._known("organisation", application.lead, scenario.organisations, (*at, "lead"))
            self._known("district", application.district, scenario.districts, (*at, "district"))
            if application.template is not None:
                self._known("template", application.template, scenario.templates, (*at, "template"))
            for i, member in enumerate(application.members):
                self._known("organisation", member, scenario.organisations, (*at, "members", i))
            for member in application.member_fields:
                self._known(
                    "member", member, dict.fromkeys(application.members), (*at, "member_fields", member)
                )
            for material in application.documents:
                self._known("material", material, pack.procedure.material, (*at, "documents", material))
            for path, expected in _expectations(at, application.checks, application.expect):
                self._check_expected(scenario, pack, path, expected, "application")
        for short, template in scenario.templates.items():
            for material in template.documents:
                where = ("templates", short, "documents", material)
                self._known("material", material, pack.procedure.material, where)
        for path, expected in _expectations(("call",), scenario.call.checks, scenario.call.expect):
            self._check_expected(scenario, pack, path, expected, "call")

    def _check_expected(
        self, scenario: Scenario, pack: Pack, path: located.Path, expected: Expected, kind: str
    ) -> None:
        life = pack.procedure.life(kind)
        if expected.stage is not None:
            self._known("stage", expected.stage, life.stage, (*path, "stage"))
        if expected.outcome is not None:
            self._known("outcome", expected.outcome, life.outcome, (*path, "outcome"))
        for name in expected.deadlines:
            self._known("deadline", name.partition("/")[0], life.deadline, (*path, "deadlines", name))
        for text, recipients in expected.notices.items():
            self._known("notice", text, pack.procedure.notices, (*path, "notices", text))
            for i, handle in enumerate(recipients):
                self._known("person", handle, cast(scenario), (*path, "notices", text, i))
        rules = {rule.id: rule for rule in pack.procedure.rules}
        for rule in expected.eligibility:
            self._known("rule", rule, rules, (*path, "eligibility", rule))
        for member in expected.members or {}:
            self._known("organisation", member, scenario.organisations, (*path, "members", member))

    def _check_dates(self, scenario: Scenario, pack: Pack) -> None:
        try:
            resolve(pack.procedure, scenario.call.dates)
        except BadDates as error:
            for problem in error.problems:
                self._note(("call", "dates", problem.path), as_fault(problem.rule))

    def _check_step(self, scenario: Scenario, step: Step) -> None:
        if not isinstance(step.role, str):
            self._note((*step.path, "by"), Fault("several_roles", who=step.by, roles=step.role))
        elif step.refusal is None and step.role not in {held.role for held in cast(scenario)[step.by].held}:
            self._note((*step.path, "role"), Fault("role_not_held", who=step.by, role=step.role))
        if step.act in (ANNOUNCE, START):
            if step.case is None and step.act == START:
                self._note((*step.path, "act"), Fault("name_the_case", act=START))
            if step.particulars:
                self._note((*step.path, "with"), Fault("no_particulars", act=step.act))
            return
        if step.act == URGE:
            if step.case is None:
                self._note((*step.path, "act"), Fault("name_the_case", act=URGE))
            self._check_payload(step, dict(step.particulars), Wanted)
            return
        if step.act == HAND_OVER:
            if step.case is not None:
                self._note((*step.path, "act"), Fault("about_no_case", act=HAND_OVER))
            self._check_payload(step, dict(step.particulars), HandOver)
            return
        try:
            made = particulars(scenario, self._path.parent, step.act, step.particulars, {})
        except Unreadable as error:
            self._note((*step.path, "with", "file"), fault_of(error))
            return
        if step.refusal is not None:
            return
        if step.act not in ACTS:
            self._note((*step.path, "act"), unknown("act", step.act, ACTS))
            return
        self._check_payload(step, made, ACTS[step.act].payload)

    def _check_payload(self, step: Step, made: dict[str, Any], payload: type[BaseModel]) -> None:
        try:
            payload.model_validate(made)
        except ValidationError as error:
            for path, message in shape.complaints(error, made, payload):
                self._note((*step.path, "with", *path), Fault("of_act", says=message, act=step.act))

    def _check_times(
        self, scenario: Scenario, played: Iterable[Step], seen: Iterable[Look], turned: Iterable[Turn]
    ) -> None:
        told = [*played, *seen, *turned]
        for one in told:
            where: located.Path = (*one.path, "at")
            if one.at < scenario.begins:
                self._note(where, Fault("before_begins"))
            if scenario.ends is not None and one.at > scenario.ends:
                self._note(where, Fault("after_ends"))
        lists: list[tuple[located.Path, Iterable[Any]]] = [(("acts",), scenario.acts)]
        lists += [
            (("applications", short, "acts"), each.acts) for short, each in scenario.applications.items()
        ]
        for path, acts in lists:
            for i, (before, after) in enumerate(pairwise(acts), 1):
                if after.at < before.at:
                    self._note((*path, i, "at"), Fault("before_the_act_above"))

    def _known(self, what: str, name: str, known: Mapping[str, Any], path: located.Path) -> None:
        if name not in known:
            self._note(path, nothing_called(what, name, known))

    def _note(self, path: located.Path, message: Fault, line: int | None = None) -> None:
        at = self._text.line(path) if line is None else line
        self._problems.append(Problem(self._path.name, at, shape.dotted(path), message))

    def _refuse_if_wrong(self) -> None:
        if self._problems:
            raise ScenarioError(self._problems)


def _expectations(
    at: located.Path, checks: Iterable[Expected], end: Expected | None
) -> Iterable[tuple[located.Path, Expected]]:
    yield from (((*at, "checks", i), check) for i, check in enumerate(checks))
    if end is not None:
        yield (*at, "expect"), end
