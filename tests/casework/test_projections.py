"""After every act and every sweep all tables say what the state says, and the audit finds nothing."""

from city import MEMBER_FORM, PAPERS, PLAN, UNIVERSITY, City, lead_uscc
from projected import agrees, everywhere

from casework import wake


def test_a_case_from_draft_to_register_with_every_detour(yueyang: City) -> None:
    case = yueyang.start()

    def do(who: str, act: str, **payload: object) -> None:
        yueyang.do(case, who, act, **payload)
        agrees(yueyang, case)

    agrees(yueyang, case)
    do("zhang0", "save_draft", fields={"consortium.direction": "新材料", "consortium.contact_name": "张三"})
    do("zhang0", "invite_member", uscc=UNIVERSITY, core_layer=True)
    do("li", "decline_membership", reason="忙")
    do("zhang0", "invite_member", uscc=UNIVERSITY)
    do("li", "confirm_membership")
    do("zhang0", "invite_member", uscc=lead_uscc(77), name="配套公司", kind="enterprise")
    do("zhang0", "attach_document", **{**yueyang.store("cooperation_agreement"), "member": lead_uscc(77)})
    do("zhang0", "remove_member", uscc=lead_uscc(77))
    do("zhang0", "invite_member", uscc=lead_uscc(77))
    do("zhang0", "remove_member", uscc=lead_uscc(77))
    for material in ("application_form", "implementation_plan", "attachment"):
        do("zhang0", "attach_document", **yueyang.store(material))
    do("li", "attach_document", **yueyang.store("cooperation_agreement"))
    do("zhang0", "remove_document", material="attachment")
    do("zhang0", "attach_document", **yueyang.store("implementation_plan", "second"))
    do("zhang0", "save_draft", fields=_FORM, members={UNIVERSITY: MEMBER_FORM})
    yueyang.at("2024-08-04T18:00")
    do("zhang0", "submit")
    do("wang", "return_for_correction", **PLAN)
    do("wang", "revoke_return")
    do("wang", "return_for_correction", **PLAN)
    do("zhang0", "attach_document", **yueyang.store("implementation_plan", "third"))
    do("zhang0", "resubmit")
    do("boss", "extend_deadline", deadline="recommendation", until="2024-08-16T18:00", reason="暴雨")
    yueyang.at("2024-08-15T10:00")
    do("wang", "accept_online")
    do("wang", "endorse", opinion="同意")
    # The papers were due on the 13th: they are late the moment they may be delivered.
    do("wang", "deliver_papers", **PAPERS)
    assert yueyang.subject(case).stage == "late_papers"
    do("chen", "accept_late_papers", reason="因暴雨")
    do("chen", "return_for_correction", **PLAN)
    yueyang.at("2024-08-19T09:00")
    do("zhang0", "resubmit")
    do("boss", "suspend_deadline", deadline="formal_review", reason="调查")
    yueyang.at("2024-12-28T09:00")
    do("boss", "resume_deadline", deadline="formal_review", reason="恢复")
    yueyang.at("2025-01-20T09:00")
    assert wake.sweep(yueyang.engine, "application").moved
    agrees(yueyang, case)
    do("chen", "pass_review")
    do("chen", "schedule_visit", at="2025-01-22T09:00", team=["甲", "乙"])
    do("chen", "schedule_visit", at="2025-01-21T09:00", team=["甲", "丙"])
    yueyang.at("2025-01-22T10:00")
    do("chen", "record_visit", on="2025-01-21", result="passed", findings="符合\n条件")
    do("chen", "name_panel", experts=["e0", "e1", "e2", "e3", "e4"])
    do("e0", "score", points="70", comment="初评")
    do("e0", "score", points="75.5", comment="改评")
    for expert in ("e1", "e2", "e3"):
        do(expert, "score", points=80)
    do("chen", "close_scoring")
    yueyang.do(yueyang.call, "boss", "select", cases=[yueyang.subject(case).ref])
    everywhere(yueyang)
    do("chen", "file", document_number="岳科发〔2025〕1号", document_date="2025-01-22")
    yueyang.do(yueyang.call, "admin", "complete")
    everywhere(yueyang)


def test_overdue_work_and_provisional_dates(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    yueyang.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="调查")
    agrees(yueyang, case)
    yueyang.at("2026-12-30T09:00")
    yueyang.do(case, "boss", "resume_deadline", deadline="formal_review", reason="恢复")
    agrees(yueyang, case)
    (row,) = [each for each in yueyang.rows("deadlines", case) if each["name"] == "formal_review"]
    assert row["provisional"]
    yueyang.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="再查")
    agrees(yueyang, case)
    yueyang.do(case, "boss", "resume_deadline", deadline="formal_review", reason="恢复")
    yueyang.at("2027-02-01T09:00")
    wake.sweep(yueyang.engine, "application")
    agrees(yueyang, case)
    assert [row["state"] for row in yueyang.rows("deadlines", case) if row["name"] == "formal_review"] == [
        "overdue"
    ]
    # Settled and acted on in one transaction: two days late, then passed.
    assert yueyang.do(case, "chen", "pass_review").stage == "site_visit"
    agrees(yueyang, case)


def test_what_settles_with_an_act_is_written_as_if_swept(yueyang: City) -> None:
    case = yueyang.case_at("papers")
    yueyang.at("2024-08-15T09:00")
    yueyang.do(case, "chen", "refuse_papers", reason="未送达")
    agrees(yueyang, case)
    assert yueyang.kinds(case)[-2:] == ["deadline_passed", "papers_refused"]
    roles = [(row["role"], row["act"]) for row in yueyang.rows("events", case)][-2:]
    assert roles == [("system", None), ("city_officer", "refuse_papers")]


_FORM = {
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
