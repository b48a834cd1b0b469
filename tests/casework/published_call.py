"""A call of the publicity pack in a story, carried through the use cases to where its list is drawn up."""

from dataclasses import dataclass
from typing import Any

import pendulum
from sqlalchemy import Engine

from casework import acts, calls, clock, loading, parties, procedures, publicity, queries, wake
from casework.access import Claim
from casework.acts import Receipt, Request
from casework.publicity import ObjectionLine, PublishedVersion
from models.database import reading, writing
from procedure.act import Refusal
from procedure.instant import calendar_day, local_instant
from procedure.pack import Pack
from procedure.subject import Application, Subject
from tests.procedure.publicity_pack import pack

LEADS = {
    "91430600DEM000001F": "甲公司",
    "91430600DEM000002J": "乙公司",
    "91430600DEM000003M": "丙公司",
    "91430600DEM000004Q": "丁公司",
}
DIRECTIONS = dict(zip(LEADS, ("生物医药", "新材料", "海洋装备", "工业软件"), strict=True))
ROLES = {
    "applicant": "applicant",
    "district": "district_officer",
    "officer": "city_officer",
    "leader": "city_leader",
    "admin": "administrator",
    "expert": "expert",
}


@dataclass(frozen=True)
class City:
    """The story's people and its call."""

    engine: Engine
    pack: Pack
    call: int
    people: dict[str, Claim]

    def at(self, text: str) -> "City":
        """Move the clock, and let a sweep apply what has fallen due."""
        with writing(self.engine) as connection:
            clock.move(connection, local_instant(text))
        for kind in ("call", "application"):
            assert wake.sweep(self.engine, kind).failed == 0
        return self

    def now(self, text: str) -> "City":
        """Move the clock and sweep nothing."""
        with writing(self.engine) as connection:
            clock.move(connection, local_instant(text))
        return self

    def id_of(self, ref: str) -> int:
        with reading(self.engine) as connection:
            return loading.id_of(connection, ref)

    def ask(self, ref: str, who: str, act: str, **payload: Any) -> Receipt | Refusal:
        return acts.perform(self.engine, Request(self.id_of(ref), act, self.people[who], payload))

    def do(self, ref: str, who: str, act: str, **payload: Any) -> Receipt:
        answer = self.ask(ref, who, act, **payload)
        assert isinstance(answer, Receipt), f"{act} refused: {answer.code} {dict(answer.facts)}"
        return answer

    def refused(self, ref: str, who: str, act: str, **payload: Any) -> tuple[str, dict[str, Any]]:
        answer = self.ask(ref, who, act, **payload)
        assert isinstance(answer, Refusal), f"{act} of {ref} was allowed"
        return answer.code, dict(answer.facts)

    def subject(self, ref: str) -> Subject:
        with reading(self.engine) as connection:
            return loading.one(connection, loading.id_of(connection, ref)).subject

    def case(self, number: str) -> Application:
        return self.subject(number).application

    def place(self, number: str) -> str:
        subject = self.subject(number)
        return subject.outcome or subject.stage

    def until(self, number: str, name: str = "publicity") -> pendulum.DateTime | None:
        """The last instant of a case's clock that runs now."""
        deadline = self.subject(number).deadline(name)
        return None if deadline is None or deadline.state != "running" else deadline.due_at

    def lists(self) -> list[PublishedVersion]:
        with reading(self.engine) as connection:
            return publicity.lists(connection, self.call)

    def objections(self, number: str) -> list[ObjectionLine]:
        with reading(self.engine) as connection:
            return publicity.objections(connection, self.id_of(number))

    def select(self, at: str, *cases: str) -> "City":
        """Draw up the list at ``at``, of all cases in the order of their numbers unless named."""
        self.at(at).do("2025", "leader", "select", cases=list(cases or self.numbers))
        return self

    def publish(self, at: str, *cases: str) -> "City":
        """Draw up and publish the list at ``at``."""
        self.select(at, *cases).do("2025", "officer", "publish_list", document_number="公示〔2025〕1号")
        return self

    @property
    def numbers(self) -> tuple[str, ...]:
        with reading(self.engine) as connection:
            return tuple(sorted(line.number for line in queries.cases(connection, call="2025")))

    def places(self) -> list[str]:
        """Where the cases stand, in the order of their numbers."""
        return [self.place(number) for number in self.numbers]


def city(
    engine: Engine, *, points: tuple[str, ...] = ("95", "85", "75", "65"), **settings: int | bool | str
) -> City:
    """Return a city whose call has a case, scored and waiting for the list, for each of ``points``."""
    made = pack(**settings)
    found = _announced(engine, made)
    found.at("2025-09-02T09:00")
    for (uscc, direction), given in zip(DIRECTIONS.items(), points, strict=False):
        started = calls.start(engine, found.call, found.people["applicant"], "pingjiang", lead=uscc)
        assert isinstance(started, Receipt), started
        fields = {"consortium.direction": direction}
        found.do(started.ref, "applicant", "save_draft", fields=fields)
        found.do(started.ref, "applicant", "submit")
        found.do(started.ref, "officer", "name_panel", experts=["expert"])
        found.do(started.ref, "expert", "score", points=given)
        found.do(started.ref, "officer", "close_scoring")
    return found


def _announced(engine: Engine, made: Pack) -> City:
    since = calendar_day("2024-01-01")
    with writing(engine) as connection:
        revision = procedures.publish(connection, made, clock.now(connection))
        bureau = parties.city_bureau(connection, made.procedure.bureau)
        district = parties.district_bureau(connection, bureau, "pingjiang", "平江县科技局", "P", "county")
        people = {
            name: Claim(parties.person(connection, name, name, f"{name}@example.org"), role)
            for name, role in ROLES.items()
        }
        for name, claim in people.items():
            if name != "applicant":
                at = district if name == "district" else bureau
                parties.grant(connection, claim.person, claim.role, bureau_id=at, valid_from=since)
        for uscc, unit in LEADS.items():
            lead = parties.organisation(connection, uscc, unit, "enterprise", district)
            applicant = people["applicant"].person
            parties.grant(connection, applicant, "applicant", organisation_id=lead, valid_from=since)
        parties.expert(connection, people["expert"].person, bureau, None, [])
    announced = calls.announce(engine, revision, "2025", people["admin"])
    assert isinstance(announced, Receipt), announced
    with reading(engine) as connection:
        return City(engine, made, loading.id_of(connection, "2025"), people)
