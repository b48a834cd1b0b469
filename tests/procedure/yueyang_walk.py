"""Subjects at every stage of yueyang-2024, reached only through ``decide``, and the acts that lead on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pendulum

from procedure.act import Act, Actor, Child, Decision, Expert, Facts, Officer, Organisation, Refusal
from procedure.acts.draft import application, blank
from procedure.definition import Procedure
from procedure.event import Event
from procedure.instant import instant, local_instant
from procedure.machine import begin, decide, evolve, settle
from procedure.pack import shipped
from procedure.subject import Call, Subject
from procedure.working_days import state_council

PACK: Procedure = shipped("yueyang-2024").procedure

LEAD = "91350100M000100Y43"
UNIVERSITY = "12100000400000624D"
STRANGER = "91310000607311201G"

APPLICANT = Actor("applicant", 1, LEAD)
MEMBER = Actor("member", 2, UNIVERSITY)
DISTRICT = Actor("district_officer", 3, bureau="pingjiang")
OFFICER = Actor("city_officer", 4, bureau="yueyang")
LEADER = Actor("city_leader", 5, bureau="yueyang")
ADMIN = Actor("administrator", 6, bureau="yueyang")
OPERATIONS = Actor("operations", 7, bureau="yueyang")
EXPERTS = tuple(Actor("expert", 10 + n, bureau="yueyang") for n in range(5))
SYSTEM = Actor("system")

BY_ROLE: dict[str, Actor] = {
    actor.role: actor
    for actor in (APPLICANT, MEMBER, DISTRICT, OFFICER, LEADER, ADMIN, OPERATIONS, EXPERTS[0], SYSTEM)
}

POOL = {
    **{f"e{n}": Expert(10 + n, f"专家{n}", active=True, handle=f"e{n}") for n in range(5)},
    "tied": Expert(20, "关联专家", active=True, employer=UNIVERSITY, handle="tied"),
    "retired": Expert(21, "退出专家", active=False, handle="retired"),
}
FACTS = Facts(
    state_council(),
    organisations={UNIVERSITY: Organisation(UNIVERSITY, "某大学", "university")},
    experts=POOL,
    counter=1,
    officers=(
        Officer(30, "lin", "林", "city_officer", "yueyang"),
        Officer(30, "lin", "林", "district_officer", "pingjiang"),
        Officer(31, "away", "何", "city_officer", "yueyang", substitute="林"),
    ),
)

DATES = {
    "filing_opens": local_instant("2024-07-04T00:00"),
    "filing_closes": local_instant("2024-08-04T18:00"),
    "recommendation_due": local_instant("2024-08-09T18:00"),
    "papers_due": local_instant("2024-08-13T23:59:59.999999"),
}

FORM: dict[str, Any] = {
    "consortium.direction": "生物医药",
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


def at(text: str) -> pendulum.DateTime:
    """Return a local instant of Shanghai."""
    return local_instant(text)


def document(material: str, **more: Any) -> dict[str, Any]:
    """Return the particulars of an attachment."""
    plain = {
        "material": material,
        "digest": f"{len(material):064x}",
        "name": f"{material}.pdf",
        "size": 1000,
        "media_type": "application/pdf",
    }
    return {**plain, **more}


@dataclass(frozen=True)
class Walk:
    """A subject on its way, with every event so far and the blank it began as."""

    blank: Subject
    subject: Subject
    events: tuple[Event, ...]
    now: pendulum.DateTime
    facts: Facts = FACTS
    procedure: Procedure = PACK

    def __repr__(self) -> str:
        return f"<{self.subject.ref} at {self.place}, {self.now}>"

    def on(self, text: str) -> "Walk":
        """Return the walk at a later time; nothing happens until somebody acts."""
        return replace(self, now=at(text))

    def knowing(self, **facts: Any) -> "Walk":
        """Return the walk with other facts."""
        return replace(self, facts=replace(self.facts, **facts))

    def ask(self, act: str, actor: Actor, **payload: Any) -> Decision | Refusal:
        """Return what the machine answers."""
        return decide(self.procedure, self.subject, self.facts, Act(act, actor, payload), self.now)

    def do(self, act: str, actor: Actor, **payload: Any) -> "Walk":
        """Return the walk after an act that must be allowed."""
        answer = self.ask(act, actor, **payload)
        assert isinstance(answer, Decision), f"{act} refused: {answer.code} {answer.facts}"
        return replace(self, subject=answer.subject, events=(*self.events, *answer.events))

    def refused(self, act: str, actor: Actor, **payload: Any) -> Refusal:
        """Return the refusal of an act that must not be allowed."""
        answer = self.ask(act, actor, **payload)
        assert isinstance(answer, Refusal), f"{act} led to {answer.subject.outcome or answer.subject.stage}"
        return answer

    def swept(self, text: str | None = None) -> "Walk":
        """Return the walk after a sweep up to ``text``, or up to now."""
        until = self.now if text is None else at(text)
        after, events = settle(self.procedure, self.subject, self.facts, until)
        return replace(self, subject=after, events=(*self.events, *events), now=max(self.now, until))

    @property
    def place(self) -> str:
        """The outcome, or the stage of an open subject."""
        return self.subject.outcome or self.subject.stage

    @property
    def kinds(self) -> list[str]:
        """The kinds of all events, in order."""
        return [event.kind for event in self.events]


def replayed(blank: Subject, events: tuple[Event, ...]) -> Subject:
    """Return what ``evolve`` alone makes of the events."""
    subject = blank
    for event in events:
        subject = evolve(subject, event)
    return subject


def new_call(
    when: str = "2024-07-01T09:00",
    dates: Mapping[str, pendulum.DateTime] = DATES,
    procedure: Procedure = PACK,
) -> Walk:
    """Return an announced call."""
    fresh = Subject("call", "2024", None, "", 0, Call("2024"), dates=dict(dates))
    decision = begin(procedure, fresh, FACTS, ADMIN, {"code": "2024"}, at(when))
    assert isinstance(decision, Decision), decision
    return Walk(decision.before, decision.subject, decision.events, at(when), procedure=procedure)


def new_case(
    when: str = "2024-07-10T09:00",
    dates: Mapping[str, pendulum.DateTime] = DATES,
    district: tuple[str, str] = ("pingjiang", "county"),
    procedure: Procedure = PACK,
) -> Walk:
    """Return a case that has just been started in an open call."""
    call = new_call(dates=dates, procedure=procedure).swept(when)
    fresh = blank("YY2024-0001", call.subject, application(LEAD, "甲公司", "enterprise", *district))
    facts = replace(FACTS, call=call.subject)
    decision = begin(procedure, fresh, facts, APPLICANT, {"lead": LEAD, "district": district[0]}, at(when))
    assert isinstance(decision, Decision), decision
    return Walk(decision.before, decision.subject, decision.events, at(when), procedure=procedure)


def filled_in(walk: Walk) -> Walk:
    """Return a draft with everything that a submission needs."""
    return (
        walk.do("save_draft", APPLICANT, fields=FORM)
        .do("invite_member", APPLICANT, uscc=UNIVERSITY)
        .do("confirm_membership", MEMBER)
        .do("save_draft", APPLICANT, members={UNIVERSITY: MEMBER_FORM})
        .do("attach_document", APPLICANT, **document("application_form"))
        .do("attach_document", APPLICANT, **document("implementation_plan"))
        .do("attach_document", MEMBER, **document("cooperation_agreement"))
    )


RETURN = {"items": [{"item": "document:implementation_plan", "remark": "请盖章"}]}
PAPERS = {"letter": True, "finance_signed": True, "application_copies": 1, "summary_copies": 2}


@cache
def at_stage(stage: str) -> Walk:
    """Return a case that stands at ``stage``, on the earliest day of the story on which it can."""
    return _STEPS[stage]()


def _scored(points: str) -> Walk:
    walk = at_stage("expert_review").on("2024-08-26T09:00")
    for expert in EXPERTS[:3]:
        walk = walk.do("score", expert, points=points)
    return walk


_STEPS = {
    "draft": lambda: filled_in(new_case()),
    "recommendation": lambda: at_stage("draft").on("2024-08-04T18:00").do("submit", APPLICANT),
    "recommendation_correction": lambda: (
        at_stage("recommendation").on("2024-08-05T09:00").do("return_for_correction", DISTRICT, **RETURN)
    ),
    "papers": lambda: (
        at_stage("recommendation")
        .on("2024-08-06T09:00")
        .do("accept_online", DISTRICT)
        .do("endorse", DISTRICT, opinion="同意推荐")
    ),
    "late_papers": lambda: at_stage("papers").on("2024-08-14T00:00").do("deliver_papers", DISTRICT, **PAPERS),
    "formal_review": lambda: (
        at_stage("papers").on("2024-08-13T10:00").do("deliver_papers", DISTRICT, **PAPERS)
    ),
    "formal_correction": lambda: (
        at_stage("formal_review").on("2024-08-14T09:00").do("return_for_correction", OFFICER, **RETURN)
    ),
    "site_visit": lambda: at_stage("formal_review").on("2024-08-15T09:00").do("pass_review", OFFICER),
    "panel_naming": lambda: (
        at_stage("site_visit")
        .on("2024-08-16T09:00")
        .do("schedule_visit", OFFICER, at="2024-08-20T09:00", team=["考察员甲", "考察员乙"])
        .on("2024-08-20T15:00")
        .do("record_visit", OFFICER, on="2024-08-20", result="passed", findings="符合条件")
    ),
    "expert_review": lambda: (
        at_stage("panel_naming")
        .on("2024-08-21T09:00")
        .do("name_panel", OFFICER, experts=["e0", "e1", "e2", "e3", "e4"])
    ),
    "selection": lambda: _scored("70").on("2024-08-27T09:00").do("close_scoring", OFFICER),
    "filing": lambda: at_stage("selection").on("2024-08-28T09:00").do("be_selected", SYSTEM, rank=1),
}

STAGES = tuple(_STEPS)


@cache
def ended(outcome: str) -> Walk:
    """Return a case that ended with ``outcome``."""
    return _ENDS[outcome]()


_ENDS = {
    "filed": lambda: (
        at_stage("filing")
        .on("2024-08-30T09:00")
        .do("file", OFFICER, document_number="岳科发〔2024〕1号", document_date="2024-08-30")
    ),
    "withdrawn": lambda: at_stage("papers").do("withdraw", APPLICANT, reason="资金不足"),
    "draft_not_accepted": lambda: at_stage("draft").swept("2024-08-04T18:00:00.000001"),
    "not_accepted": lambda: at_stage("recommendation").swept("2024-08-09T18:00:00.000001"),
    "not_accepted_no_letter": lambda: (
        at_stage("papers").on("2024-08-13T10:00").do("deliver_papers", DISTRICT, letter=False)
    ),
    "not_accepted_papers": lambda: at_stage("late_papers").do("refuse_papers", OFFICER, reason="逾期"),
    "declined": lambda: at_stage("recommendation").do("decline", DISTRICT, reason="不符合条件"),
    "rejected": lambda: at_stage("formal_review").do("reject", OFFICER, reason="材料不实"),
    "correction_expired": lambda: at_stage("formal_correction").swept("2024-08-22T00:00"),
    "visit_failed": lambda: (
        at_stage("site_visit")
        .on("2024-08-16T09:00")
        .do("schedule_visit", OFFICER, at="2024-08-20T09:00", team=["考察员甲", "考察员乙"])
        .on("2024-08-20T15:00")
        .do("record_visit", OFFICER, on="2024-08-20", result="failed", findings="平台不存在")
    ),
    "below_pass_mark": lambda: _scored("69.99").on("2024-08-27T09:00").do("close_scoring", OFFICER),
    "not_selected": lambda: at_stage("selection").on("2024-08-28T09:00").do("be_passed_over", SYSTEM),
}

OUTCOMES = tuple(_ENDS)


@cache
def call_at(stage: str) -> Walk:
    """Return a call that stands at ``stage``, or that is completed."""
    return {
        "announced": new_call,
        "open": lambda: new_call().swept("2024-07-04T00:00"),
        "recommending": lambda: new_call().swept("2024-08-04T18:00:00.000001"),
        "under_review": lambda: new_call().swept("2024-08-14T00:00:00"),
        "listed": lambda: (
            call_at("under_review")
            .knowing(children={"YY2024-0001": Child("selection", None)})
            .on("2024-08-28T09:00")
            .do("select", LEADER, cases=["YY2024-0001"])
            .knowing(children={})
        ),
        "completed": lambda: call_at("listed").do("complete", ADMIN),
    }[stage]()


def moment(value: pendulum.DateTime | str) -> pendulum.DateTime:
    """Return an instant given as such or as local text."""
    return at(value) if isinstance(value, str) else instant(value)
