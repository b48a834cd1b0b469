"""A story laid out in order of time: every single act and every check, short forms written out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pendulum

from procedure.definition import Procedure
from procedure.fault import Fault
from procedure.located import Path
from story.cast import ANNOUNCE, START, cast, role, who
from story.scenario import Act, Application, CalendarChange, Check, Paper, Refused, Scenario

PREPARE: Final = "prepare"
SCORES: Final = "scores"
"""Words for several acts at one moment; docs/scenarios.md writes them out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act of one person; ``case`` is an application's short name, None for the call.

    ``path`` is where the file says so. ``role`` is a list where the file must choose one.
    """

    at: pendulum.DateTime
    act: str
    by: str
    role: str | list[str]
    case: str | None
    path: Path
    particulars: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A check of the call or of an application at one moment."""

    at: pendulum.DateTime
    case: str | None
    check: Check
    path: Path


@dataclass(frozen=True, slots=True)
class Turn:
    """Another calendar comes into force at one moment; ``change`` says which."""

    at: pendulum.DateTime
    change: CalendarChange
    path: Path


class Unclear(ValueError):
    """An act that cannot be written out: where, and why."""

    def __init__(self, path: Path, message: Fault) -> None:
        super().__init__(message)
        self.path = path


def steps(scenario: Scenario, procedure: Procedure, unclear: Callable[[Unclear], None]) -> tuple[Step, ...]:
    """Return every act in order of time; what stands at the same moment keeps the order of the file.

    Applications come in their order, then the acts of the file's own list. What cannot be written out is
    handed to ``unclear`` and left out.
    """
    writer = _Writer(scenario, procedure)
    found: list[Step] = [writer.announcement()]
    for path, case, act in _told(scenario):
        try:
            found += writer.write(path, case, act)
        except Unclear as problem:
            unclear(problem)
    return tuple(sorted(found, key=lambda step: step.at))


def looks(scenario: Scenario) -> tuple[Look, ...]:
    """Return every check in order of time."""
    found = [
        Look(check.at, None, check, ("call", "checks", i)) for i, check in enumerate(scenario.call.checks)
    ]
    for name, application in scenario.applications.items():
        for i, check in enumerate(application.checks):
            found.append(Look(check.at, name, check, ("applications", name, "checks", i)))
    return tuple(sorted(found, key=lambda look: look.at))


def turns(scenario: Scenario) -> tuple[Turn, ...]:
    """Return every change of the calendar in order of time."""
    found = [Turn(change.at, change, ("calendars", i)) for i, change in enumerate(scenario.calendars)]
    return tuple(sorted(found, key=lambda turn: turn.at))


def _told(scenario: Scenario) -> Iterator[tuple[Path, str | None, Act]]:
    for name, application in scenario.applications.items():
        for i, act in enumerate(application.acts):
            path = ("applications", name, "acts", i)
            yield path, name, act
    for i, act in enumerate(scenario.acts):
        yield ("acts", i), act.case, act


class _Writer:
    def __init__(self, scenario: Scenario, procedure: Procedure) -> None:
        self._scenario = scenario
        self._procedure = procedure
        self._cast = cast(scenario)
        self._started: set[str] = set()

    def announcement(self) -> Step:
        call = self._scenario.call
        path: Path = ("call",)
        by = self._cast.get(call.by)
        as_role = "administrator" if by is None else role(self._procedure, by, ANNOUNCE, None, None)
        return Step(call.at or self._scenario.begins, ANNOUNCE, call.by, as_role, None, path)

    def write(self, path: Path, case: str | None, act: Act) -> list[Step]:
        application = None if case is None else self._scenario.applications.get(case)
        if case is not None and application is None:
            raise Unclear((*path, "case"), nothing_called("application", case, self._scenario.applications))
        if path[0] == "applications" and act.case is not None:
            raise Unclear((*path, "case"), Fault("case_elsewhere"))
        if act.act == PREPARE:
            return self._prepare(path, case, application, act)
        if act.act == SCORES:
            return self._scores(path, case, application, act)
        if act.by is None:
            raise Unclear((*path, "by"), Fault("missing"))
        if act.act == START and case is not None and act.refusal is None:
            self._started.add(case)
        return [self._step(path, case, application, act, act.by, act.act, act.particulars)]

    def _step(
        self,
        path: Path,
        case: str | None,
        application: Application | None,
        act: Act,
        by: str,
        name: str,
        particulars: Mapping[str, Any],
    ) -> Step:
        person = self._cast.get(by)
        if person is None:
            where = (*path, "by") if act.by == by else path
            raise Unclear(where, nothing_called("person", by, self._cast))
        as_role = role(self._procedure, person, name, application, act.role if act.by == by else None)
        return Step(act.at, name, by, as_role, case, path, particulars, act.refusal)

    def _prepare(self, path: Path, case: str | None, application: Application | None, act: Act) -> list[Step]:
        """Start, fill in, invite, confirm, describe the members and attach every document."""
        if case is None or application is None:
            raise Unclear((*path, "act"), Fault("of_an_application", act=PREPARE))
        if act.particulars or act.expect is not None or act.role is not None:
            raise Unclear(path, Fault("takes_neither", act=PREPARE))
        applicant = act.by or who(self._scenario, "applicant", application.lead)
        if applicant is None:
            raise Unclear(path, Fault("nobody_is_applicant", unit=application.lead))
        speakers = {member: self._speaker(path, member) for member in application.members}
        done: list[Step] = []

        def do(by: str, name: str, /, **particulars: Any) -> None:
            done.append(self._step(path, case, application, act, by, name, particulars))

        if case not in self._started:
            self._started.add(case)
            do(applicant, START)
        do(applicant, "save_draft", fields=fields(self._scenario, application))
        for member in application.members:
            do(applicant, "invite_member", uscc=member)
        for speaker in speakers.values():
            do(speaker, "confirm_membership")
        about = {member: member_fields(self._scenario, application, member) for member in application.members}
        if any(about.values()):
            do(applicant, "save_draft", members=about)
        for material, paper in documents(self._scenario, application).items():
            rule = self._procedure.material.get(material)
            if rule is None or rule.by == "district":
                raise Unclear(path, Fault("no_material_of_theirs", material=material))
            for speaker in speakers.values() if rule.by == "member" else (applicant,):
                do(speaker, "attach_document", material=material, **_content(paper))
        return done

    def _speaker(self, path: Path, member: str) -> str:
        speaker = who(self._scenario, "member", member)
        if speaker is None:
            raise Unclear(path, Fault("nobody_confirms", unit=member))
        return speaker

    def _scores(self, path: Path, case: str | None, application: Application | None, act: Act) -> list[Step]:
        """Each expert gives the points that stand beside the handle."""
        if case is None or act.by is not None or act.role is not None or act.expect is not None:
            raise Unclear(path, Fault("takes_only", act=SCORES))
        return [
            self._step(path, case, application, act, expert, "score", {"points": points})
            for expert, points in act.particulars.items()
        ]


def fields(scenario: Scenario, application: Application) -> dict[str, Any]:
    """Return the application's fields: its template's, with its own in their place."""
    template = scenario.templates.get(application.template or "")
    return {**(template.fields if template else {}), **application.fields}


def member_fields(scenario: Scenario, application: Application, member: str) -> dict[str, Any]:
    """Return the fields about a member: its template's for units of its kind, with its own in their place."""
    template = scenario.templates.get(application.template or "")
    unit = scenario.organisations.get(member)
    common = template.member_fields.get(unit.kind, {}) if template and unit else {}
    return {**common, **application.member_fields.get(member, {})}


def documents(scenario: Scenario, application: Application) -> dict[str, str | Paper]:
    """Return the application's documents: its template's, with its own in their place."""
    template = scenario.templates.get(application.template or "")
    return {**(template.documents if template else {}), **application.documents}


def _content(paper: str | Paper) -> dict[str, Any]:
    return {"text": paper} if isinstance(paper, str) else paper.model_dump(exclude_none=True)


def nothing_called(what: str, name: str, known: Mapping[str, Any]) -> Fault:
    """Return the fault that the file has nothing of this name; ``what`` is a noun of the catalogue."""
    return Fault("nothing_called", what=what, name=name, known=sorted(known) or Fault("none"))
