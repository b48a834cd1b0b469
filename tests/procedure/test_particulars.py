"""Bad particulars: each refused by name, with the field, the value and the rule it breaks; nothing raises."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yueyang_walk import (
    APPLICANT,
    BY_ROLE,
    DISTRICT,
    EXPERTS,
    FORM,
    LEADER,
    MEMBER,
    OFFICER,
    PACK,
    PAPERS,
    STRANGER,
    SYSTEM,
    UNIVERSITY,
    Walk,
    at_stage,
    call_at,
    document,
    new_case,
)

from procedure.act import Act, Actor, Child, Decision, Refusal
from procedure.acts import ACTS
from procedure.instant import calendar_day
from procedure.machine import decide
from procedure.register import validity
from procedure.years import full_years

FILE = {"document_number": "岳科发〔2024〕1号", "document_date": "2024-08-28"}
TEXT_TOO_LONG = "长" * 2001

# act, who, stage, a sound payload, what is changed in it, and the place, code and value named.
BAD: list[tuple[str, Actor, str, dict[str, Any], dict[str, Any], tuple[str, str, str]]] = [
    ("save_draft", APPLICANT, "draft", {}, {"fields": 7}, ("fields", "dict_type", "7")),
    ("save_draft", APPLICANT, "draft", {}, {"fields": {7: 1}}, ("fields.7.[key]", "string_type", "7")),
    ("save_draft", APPLICANT, "draft", {}, {"members": {"x": 1}}, ("members.x", "dict_type", "1")),
    ("save_draft", APPLICANT, "draft", {}, {"form": {}}, ("form", "extra_forbidden", "{}")),
    ("invite_member", APPLICANT, "draft", {}, {}, ("uscc", "missing", "{}")),
    ("invite_member", APPLICANT, "draft", {"uscc": STRANGER}, {"name": ""}, ("name", "string_too_short", "")),
    (
        "invite_member",
        APPLICANT,
        "draft",
        {"uscc": STRANGER},
        {"kind": "bank"},
        ("kind", "literal_error", "bank"),
    ),
    ("remove_member", APPLICANT, "draft", {}, {"uscc": 5}, ("uscc", "string_type", "5")),
    ("decline_membership", MEMBER, "draft", {}, {"reason": "  "}, ("reason", "string_too_short", "  ")),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("attachment"),
        {"digest": "a" * 63},
        ("digest", "string_pattern_mismatch", "a" * 63),
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("attachment"),
        {"name": "../x.pdf"},
        ("name", "string_pattern_mismatch", "../x.pdf"),
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("attachment"),
        {"size": 0},
        ("size", "greater_than_equal", "0"),
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("attachment"),
        {"media_type": ""},
        ("media_type", "string_too_short", ""),
    ),
    (
        "remove_document",
        APPLICANT,
        "draft",
        {"material": "attachment"},
        {"file": "x"},
        ("file", "extra_forbidden", "x"),
    ),
    ("submit", APPLICANT, "draft", {}, {"late": True}, ("late", "extra_forbidden", "True")),
    (
        "withdraw",
        APPLICANT,
        "draft",
        {},
        {"reason": TEXT_TOO_LONG},
        ("reason", "string_too_long", TEXT_TOO_LONG[:79] + "…"),
    ),
    (
        "extend_deadline",
        LEADER,
        "formal_review",
        {"deadline": "formal_review", "reason": "x"},
        {"until": None},
        ("until", "string_type", "None"),
    ),
    (
        "suspend_deadline",
        LEADER,
        "formal_review",
        {"reason": "x"},
        {"deadline": ""},
        ("deadline", "string_too_short", ""),
    ),
    (
        "resume_deadline",
        LEADER,
        "formal_review",
        {"deadline": "formal_review"},
        {},
        ("reason", "missing", "{'deadline': 'formal_review'}"),
    ),
    (
        "endorse",
        DISTRICT,
        "recommendation",
        {},
        {"opinion": ["同意"]},
        ("opinion", "string_type", "['同意']"),
    ),
    (
        "return_for_correction",
        DISTRICT,
        "recommendation",
        {},
        {"items": []},
        ("items", "too_short", "[]"),
    ),
    (
        "return_for_correction",
        OFFICER,
        "formal_review",
        {},
        {"items": [{"item": "lead.rd_spending"}]},
        ("items.0.remark", "missing", "{'item': 'lead.rd_spending'}"),
    ),
    ("decline", DISTRICT, "recommendation", {}, {"reason": 1}, ("reason", "string_type", "1")),
    (
        "deliver_papers",
        DISTRICT,
        "papers",
        PAPERS,
        {"application_copies": -1},
        ("application_copies", "greater_than_equal", "-1"),
    ),
    (
        "deliver_papers",
        DISTRICT,
        "papers",
        PAPERS,
        {"summary_copies": 10**400},
        ("summary_copies", "less_than_equal", "a number too long to show"),
    ),
    (
        "deliver_papers",
        OFFICER,
        "papers",
        PAPERS,
        {"letter": "perhaps"},
        ("letter", "bool_parsing", "perhaps"),
    ),
    ("pass_review", OFFICER, "formal_review", {}, {"findings": []}, ("findings", "dict_type", "[]")),
    (
        "pass_review",
        OFFICER,
        "formal_review",
        {},
        {"findings": {"lead_industry": "maybe"}},
        ("findings.lead_industry", "literal_error", "maybe"),
    ),
    (
        "reject",
        OFFICER,
        "formal_review",
        {"reason": "x"},
        {"rules": [None]},
        ("rules.0", "string_type", "None"),
    ),
    (
        "schedule_visit",
        OFFICER,
        "site_visit",
        {"at": "2024-09-01T09:00"},
        {"team": "甲乙"},
        ("team", "tuple_type", "甲乙"),
    ),
    (
        "record_visit",
        OFFICER,
        "site_visit",
        {"result": "passed", "findings": "x"},
        {"on": "2024-02-30"},
        ("on", "value_error", "2024-02-30"),
    ),
    (
        "record_visit",
        OFFICER,
        "site_visit",
        {"on": "2024-08-15", "findings": "x"},
        {"result": "good"},
        ("result", "literal_error", "good"),
    ),
    ("name_panel", OFFICER, "panel_naming", {}, {"experts": "e0"}, ("experts", "tuple_type", "e0")),
    ("score", EXPERTS[0], "expert_review", {}, {"points": 85.5}, ("points.int", "int_type", "85.5")),
    ("score", EXPERTS[0], "expert_review", {}, {"points": True}, ("points.int", "int_type", "True")),
    ("be_selected", SYSTEM, "selection", {}, {"rank": 0}, ("rank", "greater_than_equal", "0")),
    (
        "file",
        OFFICER,
        "filing",
        FILE,
        {"document_date": 20240828},
        ("document_date", "value_error", "20240828"),
    ),
    (
        "file",
        OFFICER,
        "filing",
        FILE,
        {"document_number": "9" * 101},
        ("document_number", "string_too_long", "9" * 79 + "…"),
    ),
    ("file", OFFICER, "filing", FILE, {"direction": " "}, ("direction", "string_too_short", " ")),
]


@pytest.mark.parametrize(
    ("act", "actor", "stage", "sound", "change", "named"),
    BAD,
    ids=[f"{each[0]}-{each[4]!r:.40}" for each in BAD],
)
def test_bad_particulars_name_the_field_the_value_and_the_rule(
    act: str,
    actor: Actor,
    stage: str,
    sound: dict[str, Any],
    change: dict[str, Any],
    named: tuple[str, str, str],
) -> None:
    refusal = at_stage(stage).refused(act, actor, **{**sound, **change})
    assert refusal.code == "bad_particulars"
    assert refusal.facts["act"] == act
    problem = refusal.facts["problems"][0]
    assert (problem["field"], problem["code"], problem["value"]) == named
    assert problem["rule"]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\u202e", "\u2028", "\ufeff"])
@pytest.mark.parametrize(
    ("act", "actor", "stage", "sound", "field"),
    [
        ("withdraw", APPLICANT, "draft", {}, "reason"),
        ("endorse", DISTRICT, "recommendation", {}, "opinion"),
        ("file", OFFICER, "filing", FILE, "document_number"),
        ("file", OFFICER, "filing", FILE, "direction"),
        ("attach_document", APPLICANT, "draft", document("attachment"), "name"),
        ("attach_document", APPLICANT, "draft", document("attachment"), "media_type"),
        ("score", EXPERTS[0], "expert_review", {"points": "1"}, "comment"),
    ],
)
def test_characters_that_cannot_be_seen_are_refused_in_every_text(
    act: str, actor: Actor, stage: str, sound: dict[str, Any], field: str, character: str
) -> None:
    refusal = at_stage(stage).refused(act, actor, **{**sound, field: f"前{character}后"})
    assert refusal.code == "bad_particulars"
    problem = refusal.facts["problems"][0]
    assert (problem["field"], problem["code"]) == (field, "invisible_character")
    assert problem["facts"] == {"character": f"U+{ord(character):04X}", "position": "2"}


def test_reasons_may_have_several_lines_but_names_may_not() -> None:
    assert at_stage("draft").do("withdraw", APPLICANT, reason="一\n二").place == "withdrawn"
    refusal = at_stage("filing").refused("file", OFFICER, **{**FILE, "direction": "生物\n医药"})
    assert refusal.facts["problems"][0]["code"] == "invisible_character"


def test_bad_fields_are_named_all_at_once_and_none_is_kept() -> None:
    walk = at_stage("draft")
    refusal = walk.refused(
        "save_draft",
        APPLICANT,
        fields={
            "consortium.direction": "新能源",
            "lead.rd_spending": "-1",
            "lead.platform_level": "galactic",
            "lead.nothing": 1,
            "member.in_chain": True,
        },
        members={UNIVERSITY: {"member.agreement_from": "2024-02-30", "lead.standing": "city"}},
    )
    assert refusal.code == "bad_fields"
    assert [(each["field"], each["value"], each["code"]) for each in refusal.facts["problems"]] == [
        ("lead.rd_spending", "-1", "negative"),
        ("lead.platform_level", "galactic", "not_a_choice"),
        ("lead.nothing", "1", "unknown_field"),
        ("member.in_chain", "True", "unknown_field"),
        ("member.agreement_from", "2024-02-30", "not_a_date"),
        ("lead.standing", "city", "unknown_field"),
    ]


def test_fields_of_a_unit_that_is_no_member() -> None:
    refusal = at_stage("draft").refused("save_draft", APPLICANT, members={STRANGER: {}})
    assert (refusal.code, refusal.facts) == ("no_such_member", {"uscc": STRANGER})


# What the content of an act refuses, beyond its shape.
CONTENT: list[tuple[str, Actor, str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "invite_member",
        APPLICANT,
        "draft",
        {"uscc": "12100000400000624E"},
        "invalid_uscc",
        {
            "uscc": "12100000400000624E",
            "problem": "'12100000400000624E' is no unified social credit code: "
            "the check digit E does not belong to the other characters",
        },
    ),
    ("invite_member", APPLICANT, "draft", {"uscc": "91350100M000100Y43"}, "lead_is_no_member", {}),
    ("invite_member", APPLICANT, "draft", {"uscc": UNIVERSITY}, "already_a_member", {"status": "confirmed"}),
    (
        "invite_member",
        APPLICANT,
        "draft",
        {"uscc": STRANGER},
        "unknown_unit",
        {"uscc": STRANGER, "needed": ["name", "kind"]},
    ),
    ("remove_member", APPLICANT, "draft", {"uscc": STRANGER}, "no_such_member", {"uscc": STRANGER}),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("passport"),
        "unknown_material",
        {"material": "passport", "materials": sorted(PACK.material)},
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("implementation_plan", name="plan.exe"),
        "wrong_format",
        {"material": "implementation_plan", "name": "plan.exe", "formats": ["pdf", "docx", "doc"]},
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("implementation_plan", size=20_000_001),
        "file_too_large",
        {"material": "implementation_plan", "size": 20_000_001, "max_megabytes": 20},
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("cooperation_agreement", member=STRANGER),
        "no_such_member",
        {"uscc": STRANGER},
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("recommendation_letter"),
        "not_your_material",
        {"material": "recommendation_letter", "by": "district"},
    ),
    (
        "attach_document",
        MEMBER,
        "draft",
        document("implementation_plan"),
        "not_your_material",
        {"material": "implementation_plan", "by": "applicant"},
    ),
    (
        "attach_document",
        APPLICANT,
        "draft",
        document("implementation_plan", member=UNIVERSITY),
        "not_your_material",
        {"material": "implementation_plan", "by": "applicant"},
    ),
    (
        "remove_document",
        APPLICANT,
        "draft",
        {"material": "attachment"},
        "no_such_document",
        {"material": "attachment", "owner": "91350100M000100Y43"},
    ),
    (
        "extend_deadline",
        LEADER,
        "formal_review",
        {"deadline": "papers", "until": "2024-12-31", "reason": "x"},
        "no_such_deadline",
        {"deadline": "papers", "deadlines": ["formal_review"]},
    ),
    (
        "deliver_papers",
        DISTRICT,
        "papers",
        {**PAPERS, "summary_copies": 1},
        "copies_missing",
        {"copies": {"summary_table": {"needed": 2, "delivered": 1}}},
    ),
    (
        "pass_review",
        OFFICER,
        "formal_review",
        {"findings": {"luck": "met"}},
        "unknown_rule",
        {"rules": ["luck"]},
    ),
    (
        "reject",
        OFFICER,
        "formal_review",
        {"reason": "x", "rules": ["luck"]},
        "unknown_rule",
        {"rules": ["luck"]},
    ),
    (
        "schedule_visit",
        OFFICER,
        "site_visit",
        {"at": "soon", "team": ["甲", "乙"]},
        "bad_time",
        {"field": "at", "value": "soon"},
    ),
    (
        "schedule_visit",
        OFFICER,
        "site_visit",
        {"at": "9999-12-31T23:59-14:00", "team": ["甲", "乙"]},
        "bad_time",
        {"field": "at", "value": "9999-12-31T23:59-14:00"},
    ),
    (
        "schedule_visit",
        OFFICER,
        "site_visit",
        {"at": "2024-08-15T09:00", "team": ["甲", "乙"]},
        "time_has_passed",
        {"field": "at", "value": "2024-08-15T09:00:00+08:00", "now": "2024-08-15T09:00:00+08:00"},
    ),
    (
        "schedule_visit",
        OFFICER,
        "site_visit",
        {"at": "2024-08-15T09:01", "team": ["甲", "甲"]},
        "team_too_small",
        {"needed": 2, "team": ["甲", "甲"]},
    ),
    (
        "name_panel",
        OFFICER,
        "panel_naming",
        {"experts": ["e0"]},
        "wrong_panel_size",
        {"needed": 5, "named": 1},
    ),
    (
        "name_panel",
        OFFICER,
        "panel_naming",
        {"experts": ["e0", "e1", "e2", "e3", "e3"]},
        "wrong_panel_size",
        {"needed": 5, "named": 4},
    ),
    (
        "name_panel",
        OFFICER,
        "panel_naming",
        {"experts": ["e0", "e1", "e2", "nobody", "retired"]},
        "unknown_expert",
        {"experts": ["nobody", "retired"]},
    ),
    (
        "name_panel",
        OFFICER,
        "panel_naming",
        {"experts": ["e0", "e1", "e2", "e3", "tied"]},
        "expert_tied",
        {"experts": [{"expert": "tied", "name": "关联专家", "because": "employer", "party": UNIVERSITY}]},
    ),
    (
        "file",
        OFFICER,
        "filing",
        {**FILE, "document_date": "2024-08-29"},
        "time_ahead",
        {"field": "document_date", "value": "2024-08-29", "now": "2024-08-28T09:00:00+08:00"},
    ),
    (
        "file",
        OFFICER,
        "filing",
        {**FILE, "document_date": "2024-08-03"},
        "before_submission",
        {"field": "document_date", "value": "2024-08-03", "since": "2024-08-04T18:00:00+08:00"},
    ),
]


@pytest.mark.parametrize(
    ("act", "actor", "stage", "payload", "code", "facts"),
    CONTENT,
    ids=[f"{each[0]}-{each[4]}" for each in CONTENT],
)
def test_what_the_content_refuses(
    act: str, actor: Actor, stage: str, payload: dict[str, Any], code: str, facts: dict[str, Any]
) -> None:
    refusal = at_stage(stage).refused(act, actor, **payload)
    assert (refusal.code, {name: refusal.facts[name] for name in facts}) == (code, facts)


def test_a_submission_names_all_that_is_missing_at_once() -> None:
    walk = new_case().do("invite_member", APPLICANT, uscc=UNIVERSITY)
    assert walk.refused("submit", APPLICANT).facts == {
        "missing": [
            f"member:{UNIVERSITY}:answer",
            "consortium.direction",
            "consortium.contact_name",
            "document:application_form",
            "document:implementation_plan",
        ]
    }
    walk = walk.do("confirm_membership", MEMBER).do("save_draft", APPLICANT, fields=FORM)
    assert walk.refused("submit", APPLICANT).facts == {
        "missing": [
            "document:application_form",
            "document:implementation_plan",
            f"document:cooperation_agreement:{UNIVERSITY}",
        ]
    }


def test_a_consortium_without_members_is_refused_by_its_rule() -> None:
    walk = new_case().do("save_draft", APPLICANT, fields=FORM)
    walk = walk.do("attach_document", APPLICANT, **document("application_form"))
    walk = walk.do("attach_document", APPLICANT, **document("implementation_plan"))
    refusal = walk.refused("submit", APPLICANT)
    assert refusal.code == "not_eligible"
    assert [(rule["rule"], rule["answer"]) for rule in refusal.facts["rules"]] == [
        ("enough_members", "not_met")
    ]


def selecting(**children: Child) -> Walk:
    return call_at("under_review").knowing(
        children={name.replace("_", "-"): child for name, child in children.items()}
    )


def test_a_selection_lists_waiting_cases_once_and_waits_for_the_others() -> None:
    waiting = Child("selection", None)
    walk = selecting(A=waiting, B=waiting)
    assert walk.refused("select", LEADER, cases=["A", "A"]).facts == {"cases": ["A"]}
    assert walk.refused("select", LEADER, cases=["A", "C"]).facts == {"cases": ["C"], "waiting": ["A", "B"]}
    unfinished = selecting(A=waiting, B=Child("expert_review", None), C=Child("filing", "withdrawn"))
    refusal = unfinished.refused("select", LEADER, cases=["A"])
    assert (refusal.code, refusal.facts) == ("review_unfinished", {"cases": {"B": "expert_review"}})
    done = walk.do("select", LEADER, cases=["B"])
    assert (done.subject.call.selected, done.subject.call.passed_over) == (("B",), ("A",))


def test_a_call_is_not_completed_while_a_case_is_open() -> None:
    walk = call_at("listed").knowing(children={"A": Child("filing", None), "B": Child("filing", "filed")})
    refusal = walk.refused("complete", BY_ROLE["administrator"])
    assert (refusal.code, refusal.facts) == ("cases_still_open", {"cases": {"A": "filing"}})


# --- nothing raises ---------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["2024-08-20", "2024-08-20T12:00", "0001-01-01", "9999-12-31", UNIVERSITY, "e0", "\x00"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FORM, UNIVERSITY, "item", "remark", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
PLACES: list[tuple[str, str, Walk]] = [
    (act, role, walk)
    for walk in [
        *(at_stage(stage) for stage in ("draft", "recommendation", "papers", "late_papers", "formal_review")),
        *(at_stage(stage) for stage in ("formal_correction", "site_visit", "panel_naming", "expert_review")),
        *(at_stage(stage) for stage in ("selection", "filing")),
        call_at("under_review"),
        call_at("listed"),
    ]
    for act, rule in walk.procedure.life(walk.subject.kind).acts(walk.subject.stage).items()
    for role in rule.roles
]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_particulars_make_the_machine_raise(data: st.DataObject) -> None:
    act, role, walk = data.draw(st.sampled_from(PLACES))
    fields = st.sampled_from([*ACTS[act].payload.model_fields, "unknown"])
    payload = data.draw(st.dictionaries(fields, JSON, max_size=6))
    answer = decide(walk.procedure, walk.subject, walk.facts, Act(act, BY_ROLE[role], payload), walk.now)
    assert isinstance(answer, Decision | Refusal)


def test_a_visit_is_not_recorded_on_a_day_before_the_application_or_one_that_lies_ahead() -> None:
    walk = at_stage("site_visit").do("schedule_visit", OFFICER, at="2024-08-20T09:00", team=["甲", "乙"])
    found = {"result": "passed", "findings": "x"}
    assert walk.refused("record_visit", OFFICER, on="2024-08-03", **found).code == "before_submission"
    assert walk.refused("record_visit", OFFICER, on="2024-08-16", **found).code == "time_ahead"
    assert walk.do("record_visit", OFFICER, on="2024-08-04", **found).place == "panel_naming"


@pytest.mark.parametrize(
    ("document_date", "valid_to"),
    [
        ("2024-08-20", "2027-08-19"),
        ("2024-12-31", "2027-12-30"),
        ("2024-03-01", "2027-02-28"),
        ("2024-02-29", "2027-02-28"),  # a full third year, though there is no 29th to end before
        ("2025-03-01", "2028-02-29"),
    ],
)
def test_a_filing_is_valid_for_three_full_years(document_date: str, valid_to: str) -> None:
    first, last = validity(PACK, calendar_day(document_date))
    assert (first.isoformat(), last.isoformat()) == (document_date, valid_to)
    assert full_years(document_date, valid_to) == 3
    assert full_years(document_date, last.subtract(days=1).isoformat()) == 2
