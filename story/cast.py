"""Who acts in a story, in which role, as the file names them."""

import re
from collections.abc import Iterator

import pendulum

from casework.delegation import FOR_OTHERS
from casework.urging import MAY
from procedure.definition import Procedure
from procedure.instant import calendar_day, day_of
from story.scenario import Application, Held, Person, Scenario

ANNOUNCE = "announce"
START = "start"
URGE = "urge"
HAND_OVER = "hand_over"


def cast(scenario: Scenario) -> dict[str, Person]:
    """Return everyone by handle: the people of the file, and each organisation's own under its short name."""
    spoken = {
        short: Person(
            name=unit.person,
            roles=(Held(role="applicant", of=short), Held(role="member", of=short)),
        )
        for short, unit in scenario.organisations.items()
        if unit.person is not None
    }
    return spoken | scenario.people


def who(scenario: Scenario, role: str, organisation: str) -> str | None:
    """Return the handle of the first person who holds ``role`` for an organisation."""
    return next(
        (
            handle
            for handle, person in cast(scenario).items()
            if any(held.role == role and held.of == organisation for held in person.held)
        ),
        None,
    )


def since(scenario: Scenario, held: Held) -> pendulum.Date:
    """Return the first day of a role: as the file says, or a year before the story begins."""
    return held.valid_from or calendar_day(day_of(scenario.begins).subtract(years=1))


def role(
    procedure: Procedure, person: Person, act: str, case: Application | None, named: str | None
) -> str | list[str]:
    """Return the role in which ``person`` does ``act``, or the several between which the file must choose.

    A role named is taken as it is. Otherwise, of the roles held, those that fit the case are preferred, and
    of these the ones that the pack lets do the act.
    """
    if named is not None:
        return named
    held = [str(each.role) for each in person.held]
    fitting = [str(each.role) for each in person.held if _fits(each, case)]
    roles = list(dict.fromkeys(fitting or held))
    able = set(_able(procedure, act))
    roles = [each for each in roles if each in able] or roles
    return roles[0] if len(roles) == 1 else roles


def _fits(held: Held, case: Application | None) -> bool:
    if case is None:
        return held.of is None and held.district is None
    return {
        "applicant": held.of == case.lead,
        "member": held.of != case.lead,
        "district_officer": held.district == case.district,
    }.get(held.role, True)


def _able(procedure: Procedure, act: str) -> Iterator[str]:
    if act == URGE:
        yield from MAY
    if act == HAND_OVER:
        yield from FOR_OTHERS
    for life, start in ((procedure.call, ANNOUNCE), (procedure.application, START)):
        if act == start:
            yield from life.start_roles
        for stage in life.stages:
            rules = life.acts(stage.id)
            if act in rules:
                yield from rules[act].roles


def tied_to(scenario: Scenario, name: str) -> str | None:
    """Return what a tie of the file stands for: a unit's USCC or the digest of somebody's ID number."""
    if name in scenario.organisations:
        return scenario.organisations[name].uscc
    if name in scenario.people:
        return scenario.people[name].id_digest
    return name if re.fullmatch(r"[0-9a-f]{64}", name) else None


def unit(scenario: Scenario, name: str) -> str:
    """Return the USCC of an organisation of the file by its short name; any other text as it is."""
    known = scenario.organisations.get(name)
    return name if known is None else known.uscc
