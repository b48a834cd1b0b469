"""Yueyang's 2024 call in a real database: its bureaus, people and cases, and acts by the name of who acts."""

import copy
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, text
from stdnum.cn.uscc import calc_check_digit

from casework import acts, calls, clock, loading, parties, procedures
from casework.access import Claim
from casework.acts import Receipt, Request
from models import Record
from models.database import reading, writing
from procedure.act import Refusal
from procedure.instant import calendar_day, local_instant
from procedure.pack import Pack, shipped
from procedure.subject import Subject

SINCE = calendar_day("2024-01-01")
UNIVERSITY = "12100000400000624D"

FORM: dict[str, Any] = {
    "consortium.contact_name": "张三",
    "consortium.contact_phone": "0730-1234567",
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
MEMBER_FORM: dict[str, Any] = {
    "member.agreement_from": "2024-06-01",
    "member.agreement_to": "2027-05-31",
    "member.cooperation_since": "2022-01-01",
    "member.cooperation_has_result": True,
    "member.has_research_team": True,
    "member.has_research_conditions": True,
}
PAPERS = {"letter": True, "finance_signed": True, "application_copies": 1, "summary_copies": 2}
PLAN = {"items": [{"item": "document:implementation_plan", "remark": "请盖章"}]}
EXPERTS = [f"e{n}" for n in range(5)]

TABLES = Record.metadata.tables


def lead_uscc(n: int) -> str:
    """Return the made-up code of the n-th lead unit."""
    code = f"91430600MA4L{n:05d}"
    return code + calc_check_digit(code)


@dataclass
class City:
    """A story's database with one call; ``people`` gives each person's claim by handle."""

    engine: Engine
    city: int = 0
    district: int = 0
    call: int = 0
    people: dict[str, Claim] = field(default_factory=dict[str, Claim])
    keys: "itertools.count[int]" = field(default_factory=itertools.count)

    def on(self, engine: Engine) -> "City":
        """Return the same city on a copy of its database."""
        return replace(self, engine=engine, people=dict(self.people), keys=copy.copy(self.keys))

    # --- people ---

    def person(self, handle: str, role: str, email: str | None = None, **where: int) -> Claim:
        """Enter a person with one role, from 2024 on."""
        with writing(self.engine) as connection:
            return self.enter(connection, handle, role, email, **where)

    def enter(
        self, connection: Connection, handle: str, role: str, email: str | None = None, **where: int
    ) -> Claim:
        """Enter a person as one of several in a transaction."""
        person = parties.person(connection, handle, handle.title(), email or f"{handle}@example.org")
        parties.grant(connection, person, role, valid_from=SINCE, **where)
        if role == "expert":
            parties.expert(connection, person, self.city, None, [])
        self.people[handle] = Claim(person, role)
        return self.people[handle]

    def lead(self, n: int) -> Claim:
        """Enter the n-th lead unit with its applicant ``zhangN``, or find it."""
        handle = f"zhang{n}"
        if handle not in self.people:
            with writing(self.engine) as connection:
                unit = parties.organisation(
                    connection, lead_uscc(n), f"第{n}公司", "enterprise", self.district
                )
            self.person(handle, "applicant", organisation_id=unit)
        return self.people[handle]

    # --- time ---

    def at(self, text: str) -> None:
        """Move the story's time forward."""
        with writing(self.engine) as connection:
            clock.move(connection, local_instant(text))

    # --- acts ---

    def start(self, n: int = 0, key: str | None = None) -> int:
        """Begin the n-th lead's application and return its id."""
        receipt = calls.start(self.engine, self.call, self.lead(n), "pingjiang", key=key)
        assert isinstance(receipt, Receipt), receipt
        with reading(self.engine) as connection:
            return loading.id_of(connection, receipt.ref)

    def ask(
        self,
        subject: int,
        who: str | Claim,
        act: str,
        payload: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Receipt | Refusal:
        """Ask for an act; ``more`` are key, version and received_at."""
        claim = self.people[who] if isinstance(who, str) else who
        return acts.perform(self.engine, Request(subject, act, claim, payload or {}, **more))

    def do(self, subject: int, who: str | Claim, act: str, **payload: Any) -> Receipt:
        """Carry out an act that must be allowed."""
        answer = self.ask(subject, who, act, payload, key=f"key-{next(self.keys)}")
        assert isinstance(answer, Receipt), f"{act}: {answer}"
        return answer

    def store(self, material: str, content: str = "") -> dict[str, Any]:
        """Enter a stored file and return the particulars of its attachment."""
        digest = hashlib.sha256(f"{material}{content}".encode()).hexdigest()
        files = TABLES["files"]
        with writing(self.engine) as connection:
            if connection.execute(select(files.c.digest).where(files.c.digest == digest)).scalar() is None:
                connection.execute(
                    insert(files).values(digest=digest, size=1000, stored_at=clock.now(connection))
                )
        return {
            "material": material,
            "digest": digest,
            "name": f"{material}.pdf",
            "size": 1000,
            "media_type": "application/pdf",
        }

    def filled(self, n: int = 0, direction: str | None = None) -> int:
        """Begin the n-th case and fill in all that a submission needs."""
        case, applicant = self.start(n), f"zhang{n}"
        fields = {**FORM, "consortium.direction": direction or f"方向{n}"}
        self.do(case, applicant, "save_draft", fields=fields)
        self.do(case, applicant, "invite_member", uscc=UNIVERSITY)
        self.do(case, "li", "confirm_membership")
        self.do(case, applicant, "save_draft", members={UNIVERSITY: MEMBER_FORM})
        for material in ("application_form", "implementation_plan"):
            self.do(case, applicant, "attach_document", **self.store(material))
        self.do(case, "li", "attach_document", **self.store("cooperation_agreement"))
        return case

    def case_at(self, stage: str, n: int = 0, direction: str | None = None) -> int:
        """Return the n-th case, carried to ``stage`` without moving the time."""
        case = self.filled(n, direction)
        self.carry(case, stage, n)
        return case

    def carry(self, case: int, stage: str, n: int = 0) -> None:
        """Carry the n-th lead's case on to ``stage`` without moving the time."""
        stages = [reached for reached, _ in _WAY]
        for reached, steps in _WAY[stages.index(self.subject(case).stage) : stages.index(stage)]:
            assert self.subject(case).stage == reached
            for who, act, payload in steps:
                self.do(case, who.format(n=n), act, **payload)

    # --- looking ---

    def rows(self, table: str, subject: int | None = None, order: str = "") -> list[dict[str, Any]]:
        """Return the rows of a table, of one subject or all, in order of the primary key."""
        found = TABLES[table]
        statement = select(found).order_by(*([found.c[order]] if order else found.primary_key.columns))
        if subject is not None:
            statement = statement.where(found.c.subject_id == subject)
        with reading(self.engine) as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        with reading(self.engine) as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608

    def subject(self, subject: int) -> Subject:
        """Return a subject as it is loaded for an act."""
        with reading(self.engine) as connection:
            return loading.one(connection, subject).subject

    def subject_version(self, subject: int) -> int:
        """Return the number of a subject's last event, whatever its row says."""
        return max(row["seq"] for row in self.rows("events", subject))

    def kinds(self, subject: int) -> list[str]:
        """Return the kinds of a subject's events, in order."""
        return [row["kind"] for row in self.rows("events", subject)]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row of every table."""
        return {name: self.rows(name) for name in TABLES}


_WAY: list[tuple[str, list[tuple[str, str, dict[str, Any]]]]] = [
    ("draft", [("zhang{n}", "submit", {})]),
    ("recommendation", [("wang", "accept_online", {}), ("wang", "endorse", {"opinion": "同意推荐"})]),
    ("papers", [("wang", "deliver_papers", PAPERS)]),
    ("formal_review", [("chen", "pass_review", {})]),
    (
        "site_visit",
        [
            ("chen", "schedule_visit", {"at": "2024-12-30T09:00", "team": ["甲", "乙"]}),
            ("chen", "record_visit", {"on": "2024-07-10", "result": "passed", "findings": "符合条件"}),
        ],
    ),
    ("panel_naming", [("chen", "name_panel", {"experts": EXPERTS})]),
    (
        "expert_review",
        [
            *((expert, "score", {"points": "80"}) for expert in EXPERTS),
            ("chen", "close_scoring", {}),
        ],
    ),
    ("selection", []),
]


def build(
    engine: Engine,
    now: str | None = "2024-07-10T09:00",
    pack: Pack | None = None,
    dates: Mapping[str, str] | None = None,
) -> City:
    """Return Yueyang with an open call under ``pack``, its own of 2024 by default, at ``now``.

    ``dates`` replace the pack's own; without ``now`` it lives in real time.
    """
    with writing(engine) as connection:
        pack = pack or shipped("yueyang-2024")
        revision = procedures.publish(connection, pack, clock.now(connection))
        city = parties.city_bureau(connection, pack.procedure.bureau)
        district = parties.district_bureau(
            connection, city, "pingjiang", "平江县科技局", "Pingjiang", "county"
        )
        parties.district_bureau(connection, city, "xiangyin", "湘阴县科技局", "Xiangyin", "county")
        university = parties.organisation(connection, UNIVERSITY, "某大学", "university")
        made = City(engine, city, district)
        made.enter(connection, "admin", "administrator", bureau_id=city)
        made.enter(connection, "chen", "city_officer", bureau_id=city)
        made.enter(connection, "boss", "city_leader", bureau_id=city)
        made.enter(connection, "wang", "district_officer", bureau_id=district)
        made.enter(connection, "li", "member", organisation_id=university)
        for handle in EXPERTS:
            made.enter(connection, handle, "expert", bureau_id=city)
    announced = calls.announce(engine, revision, "2024", made.people["admin"], dates)
    assert isinstance(announced, Receipt), announced
    with reading(engine) as connection:
        made.call = loading.id_of(connection, "2024")
    if now is not None:
        made.at(now)
    return made


def database_file(engine: Engine) -> Path:
    """Return the file of a SQLite database."""
    return Path(str(engine.url.database))
