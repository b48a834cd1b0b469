"""A file of who takes part (YAML): recommending units, organisations, people and their roles.

Read and checked as a whole; what is wrong is told by line. Entering it writes all or nothing.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pendulum
from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator
from sqlalchemy import Connection

from casework import parties, roster
from procedure import located, shape
from procedure.definition import BureauKind, Code, Model, Words
from procedure.fault import Fault
from procedure.instant import Day
from procedure.pack import Problem
from procedure.uscc import valid

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Handle = Annotated[str, StringConstraints(pattern=r"^[^\s/]{1,64}$")]
OrganisationKind = Literal[
    "enterprise",
    "university",
    "institute",
    "new_rnd_institution",
    "innovation_body",
    "service_agency",
    "medical_institution",
    "government",
    "other",
]
PersonRole = Literal[
    "applicant",
    "member",
    "district_officer",
    "city_officer",
    "city_leader",
    "administrator",
    "expert",
    "operations",
    "duty_officer",
]
OF_UNITS = ("applicant", "member")
"""The roles that speak for an organisation; every other belongs to a bureau."""


class BureauEntry(Model):
    """A recommending unit; ``of`` is its city bureau, needed where there are several."""

    name: Words
    kind: BureauKind
    of: Code | None = None


class OrganisationEntry(Model):
    """An organisation by its USCC; ``district`` is the code of its recommending unit."""

    name: Name
    kind: OrganisationKind
    district: Code | None = None


class RoleEntry(Model):
    """A role and for whom: a USCC for applicants and members, else the code of a bureau.

    ``employer`` (USCC), ``fields`` and ``ties`` (USCCs, digests of ID numbers) are for experts;
    ``supervisor`` is a handle of the same unit; who ``manages`` invites its people (of an organisation only).
    Both days are included.
    """

    role: PersonRole
    of: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    valid_from: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None
    employer: str | None = None
    fields: tuple[Name, ...] = ()
    ties: Annotated[tuple[str, ...], Field(max_length=100)] | None = None
    supervisor: Handle | None = None
    manages: bool | None = None

    @model_validator(mode="after")
    def _manages_an_organisation(self) -> Self:
        if self.manages and self.role not in OF_UNITS:
            raise ValueError(Fault("manages", role=self.role))
        return self


class PersonEntry(Model):
    """A person by handle, with their roles."""

    name: PersonName
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None
    language: Literal["zh", "en"] = "zh"
    roles: tuple[RoleEntry, ...] = ()


class Roll(Model):
    """The whole file."""

    bureaus: Annotated[dict[Code, BureauEntry], Field(default_factory=dict)]
    organisations: Annotated[dict[str, OrganisationEntry], Field(default_factory=dict)]
    people: Annotated[dict[Handle, PersonEntry], Field(default_factory=dict)]

    @field_validator("organisations")
    @classmethod
    def _codes_are_valid(cls, value: dict[str, OrganisationEntry]) -> dict[str, OrganisationEntry]:
        return {valid(code): entry for code, entry in value.items()}


class PartyError(ValueError):
    """What is to be entered has not the right form; ``problems`` says everything, by line in a file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class EnteredOtherwise(ValueError):
    """Something is in the database already, but otherwise; ``found`` pairs each path with what is there."""

    def __init__(self, found: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{path}: {known}" for path, known in found))
        self.found = found


class NoOneCity(LookupError):
    """No city bureau is named and there is not exactly one; ``cities`` are the codes of those there are."""

    def __init__(self, cities: tuple[str, ...]) -> None:
        super().__init__(", ".join(cities))
        self.cities = cities


@dataclass(frozen=True, slots=True)
class Entered:
    """How many of each kind were entered, and how many were there already."""

    bureaus: int
    organisations: int
    people: int
    roles: int
    known: int


def read(path: Path) -> Roll:
    """Return the file at ``path``; raises PartyError with all that is wrong, and OSError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PartyError((Problem(path.name, line, "", Fault("not_utf8")),)) from None
    found = located.read(text)
    problems = [
        Problem(path.name, each.line, shape.dotted(each.path), each.message) for each in found.complaints
    ]
    if not problems and not isinstance(found.data, dict):
        problems = [Problem(path.name, 1, "", Fault("expected_parties"))]
    if problems:
        raise PartyError(tuple(problems))
    return roll_of(found.data, path.name, found.line)


def roll_of(data: Any, file: str = "", line: Callable[[located.Path], int | None] = lambda _: None) -> Roll:
    """Return plain data as a roll; raises PartyError, with the ``line`` of each path in ``file``."""
    try:
        return Roll.model_validate_json(json.dumps(data))
    except ValidationError as error:
        worded = shape.complaints(error, data, Roll)
        raise PartyError(
            tuple(Problem(file, line(at), shape.dotted(at), message) for at, message in worded)
        ) from None


def enter(connection: Connection, roll: Roll, today: pendulum.Date, by: int | None = None) -> Entered:
    """Enter everything that is not there yet; roles without a first day begin ``today``.

    Raises EnteredOtherwise (what is there is never changed), NoOneCity, UnknownParty for a bureau, unit,
    employer or supervisor that is nowhere, and OutsideTheUnit for a supervisor of another unit.
    """
    before = _count(connection)
    otherwise = tuple(_otherwise(connection, roll))
    if otherwise:
        raise EnteredOtherwise(otherwise)
    for code, bureau in roll.bureaus.items():
        city = _city(connection, bureau.of)
        parties.district_bureau(connection, city, code, bureau.name.zh, bureau.name.en, bureau.kind)
    for uscc, unit in roll.organisations.items():
        district = None if unit.district is None else parties.bureau_id(connection, unit.district)
        parties.organisation(connection, uscc, unit.name, unit.kind, district)
    for handle, person in roll.people.items():
        person_id = parties.person(connection, handle, person.name, person.email, person.language)
        for role in person.roles:
            give(connection, person_id, role, today, by)
    # A supervisor may stand further down in the file.
    for handle, person in roll.people.items():
        for role in person.roles:
            supervise(connection, parties.person_id(connection, handle), role, today)
    after = _count(connection)
    new = [later - earlier for earlier, later in zip(before, after, strict=True)]
    asked = len(roll.bureaus) + len(roll.organisations) + len(roll.people)
    asked += sum(len(person.roles) for person in roll.people.values())
    return Entered(*new, known=asked - sum(new))


def give(
    connection: Connection, person_id: int, role: RoleEntry, today: pendulum.Date, by: int | None = None
) -> None:
    """Give a person a role, or let it end; raises UnknownParty for a unit, bureau or employer not there."""
    role_id = _granted(connection, person_id, role, today)
    if role.until is not None:
        parties.end_role(connection, role_id, role.until)
    if role.manages is not None:
        parties.put_in_charge(connection, role_id, manages=role.manages)
    if role.role == "expert":
        employer = (
            None if role.employer is None else parties.organisation_id(connection, valid(role.employer))
        )
        bureau = parties.bureau_id(connection, role.of)
        parties.expert(connection, person_id, bureau, employer, list(role.fields), role.ties, by)


def supervise(connection: Connection, person_id: int, role: RoleEntry, today: pendulum.Date) -> None:
    """Name the supervisor that a role gives; raises UnknownParty and OutsideTheUnit."""
    if role.supervisor is not None:
        role_id = _granted(connection, person_id, role, today)
        supervisor = parties.person_id(connection, role.supervisor)
        parties.supervise(connection, role_id, supervisor, role.valid_from or today)


def _granted(connection: Connection, person_id: int, role: RoleEntry, today: pendulum.Date) -> int:
    of_unit = role.role in OF_UNITS
    return parties.grant(
        connection,
        person_id,
        role.role,
        bureau_id=None if of_unit else parties.bureau_id(connection, role.of),
        organisation_id=parties.organisation_id(connection, valid(role.of)) if of_unit else None,
        valid_from=role.valid_from or today,
    )


def _city(connection: Connection, code: str | None) -> int:
    cities = [each.code for each in roster.bureaus(connection) if each.level == "city"]
    if code is None and len(cities) != 1:
        raise NoOneCity(tuple(cities))
    return parties.bureau_id(connection, code or cities[0])


def _otherwise(connection: Connection, roll: Roll) -> Iterator[tuple[str, str]]:
    for known in roster.bureaus(connection):
        bureau = roll.bureaus.get(known.code)
        there = (known.name_zh, known.name_en, known.kind)
        if bureau is not None and (bureau.name.zh, bureau.name.en, bureau.kind) != there:
            yield f"bureaus.{known.code}", f"{known.name_zh}, {known.name_en}, {known.kind or known.level}"
    for unit in roster.organisations(connection):
        entry = roll.organisations.get(unit.uscc)
        if entry is not None and (entry.name, entry.kind) != (unit.name, unit.kind):
            yield f"organisations.{unit.uscc}", f"{unit.name}, {unit.kind}"
    for person in roster.people(connection):
        named = roll.people.get(person.handle)
        if named is not None and (named.name, named.email) != (person.name, person.email):
            yield f"people.{person.handle}", f"{person.name}, {person.email or '-'}"


def _count(connection: Connection) -> tuple[int, int, int, int]:
    people = roster.people(connection)
    roles = sum(len(person.roles) for person in people)
    return len(roster.bureaus(connection)), len(roster.organisations(connection)), len(people), roles
