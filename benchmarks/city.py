"""Yueyang with one real case, carried there by the use cases, for the benchmarks to copy."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Engine, insert

from casework import acts, calls, clock, loading, parties, procedures
from casework.access import Claim
from casework.acts import Receipt, Request
from models import StoredFile
from models.database import reading, writing
from procedure.instant import calendar_day, local_instant
from procedure.pack import shipped

LEAD: Final = "91350100M000100Y43"
MEMBER: Final = "12100000400000624D"
EXPERTS: Final = tuple(f"expert-{n}" for n in range(1, 6))
FORM: Final = {
    "consortium.direction": "生物医药",
    "consortium.contact_name": "张三",
    "consortium.has_decision_mechanism": True,
    "consortium.consults_regularly": True,
    "lead.rd_spending": "10000000.00",
    "lead.in_industrial_system": True,
    "lead.enterprise_class": "leading",
    "lead.standing": "city",
    "lead.has_strategic_goals": True,
    "lead.identifies_frontier_technology": True,
    "lead.platform_level": "city",
    "lead.has_core_technology": True,
    "lead.convenes_partners": True,
}
MEMBER_FORM: Final = {
    "member.agreement_from": "2024-06-01",
    "member.agreement_to": "2027-05-31",
    "member.cooperation_since": "2022-01-01",
    "member.cooperation_has_result": True,
    "member.has_research_team": True,
    "member.has_research_conditions": True,
}
MATERIALS: Final = (
    ("application_form", "applicant"),
    ("implementation_plan", "applicant"),
    ("cooperation_agreement", "member"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its number, and the lead unit with the person who acts for it."""

    subject: int
    number: str
    lead: int
    uscc: str
    applicant: int


@dataclass(frozen=True, slots=True)
class City:
    """The people of the city by the part they play, its call, and a case that stands submitted."""

    people: Mapping[str, Claim]
    call: int
    case: Case

    def claim(self, who: str, case: Case) -> Claim:
        """Return `who` as the person acting on `case`: every case has an applicant of its own."""
        return Claim(case.applicant, "applicant") if who == "applicant" else self.people[who]


class Refused(Exception):
    """The benchmark asked for an act that the procedure refuses: the benchmark is wrong."""


def found(engine: Engine) -> City:
    """Publish Yueyang's pack, open its call and bring one application to the district's desk."""
    city = filled_in(engine)
    act(engine, city, city.case, "applicant", "submit", {})
    return city


def filled_in(engine: Engine, dates: Mapping[str, str] | None = None) -> City:
    """Publish Yueyang's pack, open its call and fill in one application, all but its submission.

    With `dates` the call has these, in a database that lives in real time.
    """
    with writing(engine) as connection:
        revision, people, lead = _settle(connection)
    _take(calls.announce(engine, revision, "2024", people["administrator"], dates))
    with reading(engine) as connection:
        call = loading.id_of(connection, "2024")
    if dates is None:
        move(engine, "2024-07-10T09:00")
    number = _take(calls.start(engine, call, people["applicant"], "pingjiang")).ref
    with reading(engine) as connection:
        subject = loading.id_of(connection, number)
    city = City(people, call, Case(subject, number, lead, LEAD, people["applicant"].person))
    act(engine, city, city.case, "applicant", "save_draft", {"fields": FORM})
    act(engine, city, city.case, "applicant", "invite_member", {"uscc": MEMBER})
    act(engine, city, city.case, "member", "confirm_membership", {})
    act(engine, city, city.case, "applicant", "save_draft", {"members": {MEMBER: MEMBER_FORM}})
    for material, who in MATERIALS:
        file = {"digest": _digest(material), "name": f"{material}.pdf", "size": 1}
        attached = {"material": material, **file, "media_type": "application/pdf"}
        act(engine, city, city.case, who, "attach_document", attached)
    return city


def move(engine: Engine, to: str) -> None:
    """Move the story's time to the local instant `to`."""
    with writing(engine) as connection:
        clock.move(connection, local_instant(to))


_keys = count(1)


def act(
    engine: Engine,
    city: City,
    case: Case,
    who: str,
    name: str,
    payload: Mapping[str, Any],
    at: pendulum.DateTime | None = None,
) -> Receipt:
    """Carry out an act, received `at` or at the story's present, that must not be refused."""
    key = f"bench-{next(_keys)}"
    return _take(
        acts.perform(engine, Request(case.subject, name, city.claim(who, case), payload, key, received_at=at))
    )


def _settle(connection: Connection) -> tuple[int, dict[str, Claim], int]:
    now, day = clock.now(connection), calendar_day("2024-01-01")
    pack = shipped("yueyang-2024")
    revision = procedures.publish(connection, pack, now)
    city = parties.city_bureau(connection, pack.procedure.bureau)
    district = parties.district_bureau(
        connection, city, "pingjiang", "平江县科技局", "Pingjiang County Bureau", "county"
    )
    lead = parties.organisation(connection, LEAD, "甲公司", "enterprise", district)
    university = parties.organisation(connection, MEMBER, "某大学", "university")
    people: dict[str, Claim] = {}
    posts: tuple[tuple[str, str, dict[str, int]], ...] = (
        ("administrator", "administrator", {"bureau_id": city}),
        ("applicant", "applicant", {"organisation_id": lead}),
        ("member", "member", {"organisation_id": university}),
        ("district", "district_officer", {"bureau_id": district}),
        ("officer", "city_officer", {"bureau_id": city}),
        ("leader", "city_leader", {"bureau_id": city}),
        *((handle, "expert", {"bureau_id": city}) for handle in EXPERTS),
    )
    for name, role, place in posts:
        person = parties.person(connection, name, name.title(), f"{name}@example.org")
        parties.grant(
            connection,
            person,
            role,
            valid_from=day,
            bureau_id=place.get("bureau_id"),
            organisation_id=place.get("organisation_id"),
        )
        people[name] = Claim(person, role)
    for handle in EXPERTS:
        parties.expert(connection, people[handle].person, city, None, [])
    files = [{"digest": _digest(material), "size": 1, "stored_at": now} for material, _ in MATERIALS]
    connection.execute(insert(StoredFile.__table__), files)
    return revision, people, lead


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _take(answer: object) -> Receipt:
    if not isinstance(answer, Receipt):
        raise Refused(str(answer))
    return answer
