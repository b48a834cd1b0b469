"""Subjects at every stage of qingdao-2025, reached only through ``decide``, from September 2025 on."""

from dataclasses import replace
from functools import cache
from typing import Any

from procedure.act import Actor, Child, Decision, Expert, Facts, Organisation
from procedure.acts.draft import application, blank
from procedure.definition import Procedure
from procedure.instant import iso, local_instant
from procedure.machine import begin
from procedure.pack import shipped
from procedure.subject import Call, Subject
from procedure.working_days import state_council
from tests.procedure.yueyang_walk import Walk, document

PACK: Procedure = shipped("qingdao-2025").procedure

LEAD = "91370200DEM001001U"
ENTERPRISES = ("91370200DEM001002Y", "91370200DEM0010032", "91370200DEM0010045")
COLLEGE, INSTITUTE = "12370200DEM001005D", "12370200DEM001006G"
UNITS = {
    **dict.fromkeys(ENTERPRISES, "enterprise"),
    COLLEGE: "university",
    INSTITUTE: "institute",
}

APPLICANT = Actor("applicant", 1, LEAD)
MEMBER = Actor("member", 2, COLLEGE)
DISTRICT = Actor("district_officer", 3, bureau="laoshan")
OFFICER = Actor("city_officer", 4, bureau="qingdao")
LEADER = Actor("city_leader", 5, bureau="qingdao")
ADMIN = Actor("administrator", 6, bureau="qingdao")
OPERATIONS = Actor("operations", 7, bureau="qingdao")
SYSTEM = Actor("system")
SEED = "0" * 32
POOL = tuple(
    Expert(10 + n, f"专家{n}", active=True, handle=f"e{n}", fields=("marine",), id_digest=f"{n:064x}")
    for n in range(8)
)
FACTS = Facts(
    state_council(),
    organisations={uscc: Organisation(uscc, f"单位{uscc[-2:]}", kind) for uscc, kind in UNITS.items()},
    experts={expert.handle: expert for expert in POOL},
    pool=POOL,
    entropy=SEED,
    counter=1,
)


def expert(person: int) -> Actor:
    """Return an expert as one who acts."""
    return Actor("expert", person, bureau="qingdao")


FORM: dict[str, Any] = {
    **{
        field.path: True
        for field in PACK.form
        if field.type == "boolean" and not field.path.startswith("member.")
    },
    "consortium.direction": "海洋装备",
    "consortium.technical_field": "marine",
    "consortium.contact_name": "联络员",
    "consortium.goals": "三年内完成深海装备关键部件国产化",
    "consortium.head_name": "负责人",
    "consortium.chief_expert_name": "首席专家",
}
MEMBER_FORM: dict[str, Any] = {
    **{
        field.path: True
        for field in PACK.form
        if field.type == "boolean" and field.path.startswith("member.")
    },
    "member.contribution": "技术、人员和中试线",
}
MATERIALS = ("application_form", "formation_agreement", "construction_plan", "commitment_letter")
RETURN = {"items": [{"item": "document:construction_plan", "remark": "请写明验收指标"}]}
REF = "QD2025-0001"


def new_call() -> Walk:
    """Return an announced call, which is open at once."""
    now = local_instant("2025-09-01T09:00")
    fresh = Subject("call", "2025", None, "", 0, Call("2025"))
    decision = begin(PACK, fresh, FACTS, ADMIN, {"code": "2025"}, now)
    assert isinstance(decision, Decision), decision
    return Walk(decision.before, decision.subject, decision.events, now, FACTS, PACK)


def new_case() -> Walk:
    """Return a case that has just been started."""
    now = local_instant("2025-09-10T09:00")
    call = new_call().subject
    fresh = blank(REF, call, application(LEAD, "牵头公司", "enterprise", "laoshan", "district"))
    facts = replace(FACTS, call=call)
    decision = begin(PACK, fresh, facts, APPLICANT, {"lead": LEAD, "district": "laoshan"}, now)
    assert isinstance(decision, Decision), decision
    return Walk(decision.before, decision.subject, decision.events, now, FACTS, PACK)


def filled_in(walk: Walk, units: tuple[str, ...] = tuple(UNITS), **fields: Any) -> Walk:
    """Return a draft with everything that a submission needs."""
    own = {f"consortium.{name}": value for name, value in fields.items()}
    walk = walk.do("save_draft", APPLICANT, fields={**FORM, **own})
    for uscc in units:
        walk = walk.do("invite_member", APPLICANT, uscc=uscc)
        walk = walk.do("confirm_membership", Actor("member", 2, uscc))
    walk = walk.do("save_draft", APPLICANT, members=dict.fromkeys(units, MEMBER_FORM))
    for material in MATERIALS:
        walk = walk.do("attach_document", APPLICANT, **document(material))
    return walk


def forwarded(walk: Walk) -> Walk:
    """Return a draft submitted and forwarded to the city bureau."""
    return (
        walk.on("2025-09-15T09:00")
        .do("submit", APPLICANT)
        .on("2025-09-17T09:00")
        .do("accept_online", DISTRICT)
        .do("endorse", DISTRICT, opinion="符合条件，同意上报")
    )


def short_of_a_university() -> Walk:
    """Return a case at the formal review whose consortium has one university or institute only."""
    return forwarded(filled_in(new_case(), (*ENTERPRISES, COLLEGE)))


@cache
def at_stage(stage: str) -> Walk:
    """Return a case that stands at ``stage``."""
    return _STEPS[stage]()


def _scored(walk: Walk, points: str) -> Walk:
    for person in walk.subject.application.panel:
        walk = walk.do("score", expert(person), points=points)
    return walk


def _heard(points: str) -> Walk:
    walk = (
        at_stage("defence")
        .do("schedule_defence", OFFICER, at="2025-10-20T09:00", place="一楼会议室", position=1)
        .on("2025-10-20T10:00")
    )
    handles = [f"e{person - 10}" for person in walk.subject.application.panel]
    return _scored(walk.do("record_defence", OFFICER, attended=True, present=handles), points)


def _visited(result: str) -> Walk:
    return (
        at_stage("site_visit")
        .do("schedule_visit", OFFICER, at="2025-10-13T09:00", team=["考察员甲", "考察员乙"])
        .on("2025-10-13T16:00")
        .do("record_visit", OFFICER, on="2025-10-13", result=result, findings="现场查看")
    )


_STEPS = {
    "draft": lambda: filled_in(new_case()),
    "first_review": lambda: at_stage("draft").on("2025-09-15T09:00").do("submit", APPLICANT),
    "first_correction": lambda: (
        at_stage("first_review").on("2025-09-16T09:00").do("return_for_correction", DISTRICT, **RETURN)
    ),
    "formal_review": lambda: forwarded(at_stage("draft")),
    "formal_correction": lambda: (
        at_stage("formal_review").on("2025-09-18T09:00").do("return_for_correction", OFFICER, **RETURN)
    ),
    "panel_drawing": lambda: at_stage("formal_review").on("2025-09-22T09:00").do("pass_review", OFFICER),
    "expert_review": lambda: at_stage("panel_drawing").on("2025-09-23T09:00").do("draw_panel", OFFICER),
    "site_visit": lambda: _scored(at_stage("expert_review").on("2025-09-28T09:00"), "82").do(
        "close_scoring", OFFICER
    ),
    "defence": lambda: _visited("passed"),
    "selection": lambda: _heard("84").do("close_scoring", OFFICER),
    "proposed": lambda: at_stage("selection").on("2025-10-22T09:00").do("be_selected", SYSTEM, rank=1),
    "publicity": lambda: (
        at_stage("proposed")
        .on("2025-10-23T09:00")
        .do(
            "be_published", SYSTEM, list=1, position=1, until=iso(local_instant("2025-10-30T23:59:59.999999"))
        )
    ),
    "objection": lambda: (
        at_stage("publicity").on("2025-10-24T09:00").do("lodge_objection", OFFICER, text="合作协议不实")
    ),
    "filing": lambda: at_stage("publicity").swept("2025-10-31T00:00"),
}
STAGES = tuple(_STEPS)


@cache
def ended(outcome: str) -> Walk:
    """Return a case that ended with ``outcome``."""
    return _ENDS[outcome]()


_ENDS = {
    "filed": lambda: (
        at_stage("filing")
        .on("2025-11-03T09:00")
        .do("file", OFFICER, document_number="青科备〔2025〕1号", document_date="2025-11-03")
    ),
    "withdrawn": lambda: at_stage("formal_review").do("withdraw", APPLICANT, reason="牵头单位重组"),
    "declined": lambda: at_stage("first_review").do("decline", DISTRICT, reason="未在本区注册"),
    "rejected": lambda: at_stage("formal_review").do("reject", OFFICER, reason="材料不实"),
    "correction_expired": lambda: at_stage("formal_correction").swept("2025-09-30T00:00"),
    "below_pass_mark": lambda: _scored(at_stage("expert_review").on("2025-09-28T09:00"), "69.99").do(
        "close_scoring", OFFICER
    ),
    "visit_failed": lambda: _visited("failed"),
    "defence_missed": lambda: (
        at_stage("defence")
        .do("schedule_defence", OFFICER, at="2025-10-20T09:00", place="一楼会议室", position=1)
        .on("2025-10-20T10:00")
        .do("record_defence", OFFICER, attended=False, note="未到场")
    ),
    "not_selected": lambda: at_stage("selection").on("2025-10-22T09:00").do("be_passed_over", SYSTEM),
    "objection_upheld": lambda: (
        at_stage("objection")
        .on("2025-10-28T09:00")
        .do("decide_objection", LEADER, objection=1, result="upheld", reason="协议系伪造")
    ),
    "struck_from_list": lambda: at_stage("publicity").do("be_struck", SYSTEM, list=1, reason="重复申报"),
}
OUTCOMES = tuple(_ENDS)


@cache
def call_at(stage: str) -> Walk:
    """Return the open call, with one list published, or a completed one."""
    waiting = {REF: Child("selection", None, "牵头公司", "海洋装备", 8400)}
    proposed = {REF: Child("proposed", None, "牵头公司", "海洋装备")}
    return {
        "open": new_call,
        "listed": lambda: (
            new_call()
            .on("2025-10-22T09:00")
            .knowing(children=waiting)
            .do("select", LEADER, cases=[REF])
            .on("2025-10-23T09:00")
            .knowing(children=proposed)
            .do("publish_list", OFFICER, document_number="青科公示〔2025〕1号")
        ),
        "completed": lambda: call_at("listed").knowing(children={}).do("complete", ADMIN),
    }[stage]()
