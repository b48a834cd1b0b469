"""Kunshan's and Xiamen's packs say what their sources say of who may lead and as what one applies."""

import datetime
from typing import Any

import pytest

from casework.terms import term
from notifications.rendering import check
from procedure.definition import Procedure, grounds
from procedure.difference import differences
from procedure.eligibility import Answer, assess
from procedure.pack import NOTICE_VARIABLES, shipped
from procedure.register import official_name, status
from procedure.subject import Member

KUNSHAN: Procedure = shipped("kunshan-2024").procedure
XIAMEN: Procedure = shipped("xiamen-2025").procedure
ON = datetime.date(2026, 3, 4)


def member(kind: str) -> Member:
    return Member(kind, kind, kind, False, "confirmed", {})


ALL = (member("enterprise"), member("university"))


def answers(pack: Procedure, *members: Member, **form: Any) -> dict[str, Answer]:
    facts = {path.replace("__", "."): value for path, value in form.items()}
    return {one.rule: one.answer for one in assess(pack, facts, members or ALL, ON)}


def stated(pack: Procedure) -> set[tuple[str, str]]:
    clauses = (thing.clause for _, thing in grounds(pack))
    return {(clause.clause, clause.modality) for clause in clauses if clause is not None}


@pytest.mark.parametrize("pack", [KUNSHAN, XIAMEN], ids=lambda pack: pack.code)
def test_every_text_can_be_filled_in(pack: Procedure):
    assert check(pack.texts, NOTICE_VARIABLES) == []


def test_what_is_stated_is_stated_and_no_more_than_that():
    assert stated(KUNSHAN) == {("1", "states"), ("4(1)", "states"), ("5(2)", "must")}
    assert stated(XIAMEN) == {
        ("名词", "states"),
        ("现状", "states"),
        ("夯实企业创新主体地位2", "states"),
    }


@pytest.mark.clause("kunshan-opinions-2024", "4(1)", "statuses")
def test_kunshan_knows_three_distinct_statuses_and_one_is_applied_for():
    field = KUNSHAN.field["consortium.status"]
    assert list(field.choices) == ["kunshan_cultivation", "suzhou_cultivation", "suzhou_recognition"]
    assert field.required
    names = {official_name(KUNSHAN, "电子信息", {"consortium.status": each}) for each in field.choices}
    assert names == {
        "昆山市电子信息创新联合体（昆山市培育）",
        "昆山市电子信息创新联合体（苏州市培育）",
        "昆山市电子信息创新联合体（苏州市认定）",
    }
    assert status(KUNSHAN, {"consortium.status": "suzhou_recognition"}) == "suzhou_recognition"
    assert status(XIAMEN, {}) is None


@pytest.mark.clause("kunshan-opinions-2024", "1", "lead")
@pytest.mark.parametrize(
    ("kind", "leading", "answer"),
    [
        ("enterprise", True, "met"),
        ("enterprise", False, "not_met"),
        ("enterprise", None, "cannot_tell"),
        ("new_rnd_institution", True, "not_met"),
        ("medical_institution", True, "not_met"),
        ("university", True, "not_met"),
    ],
)
def test_kunshans_lead_is_a_leading_enterprise(kind: str, leading: bool | None, answer: Answer):
    form = {"lead__kind": kind, **({} if leading is None else {"lead__is_leading": leading})}
    assert answers(KUNSHAN, **form)["lead_leading_enterprise"] == answer


@pytest.mark.clause("xiamen-measures-2025", "名词", "lead")
@pytest.mark.parametrize(
    ("kind", "field", "answer"),
    [
        ("enterprise", "chip_design", "met"),
        ("enterprise", "life_health", "met"),
        ("new_rnd_institution", "chip_design", "met"),
        ("new_rnd_institution", "life_health", "met"),
        ("medical_institution", "life_health", "met"),
        ("medical_institution", "chip_design", "not_met"),
        ("medical_institution", "other", "not_met"),
        ("medical_institution", None, "cannot_tell"),
        ("university", "life_health", "not_met"),
        ("institute", "life_health", "not_met"),
        ("innovation_body", "life_health", "not_met"),
        ("service_agency", "life_health", "not_met"),
    ],
)
def test_xiamens_lead_kinds(kind: str, field: str | None, answer: Answer):
    form = {"lead__kind": kind, **({} if field is None else {"consortium__field": field})}
    assert answers(XIAMEN, **form)["lead_kind"] == answer


@pytest.mark.clause("xiamen-16-measures-2024", "夯实企业创新主体地位2", "lead")
@pytest.mark.parametrize(
    ("kind", "leading", "answer"),
    [
        ("enterprise", True, "met"),
        ("enterprise", False, "not_met"),
        ("new_rnd_institution", False, "not_applicable"),
        ("medical_institution", False, "not_applicable"),
    ],
)
def test_xiamens_leading_enterprises_are_asked_whether_they_lead(kind: str, leading: bool, answer: Answer):
    assert answers(XIAMEN, lead__kind=kind, lead__is_leading=leading)["lead_leading_enterprise"] == answer


@pytest.mark.clause("kunshan-opinions-2024", "1", "members")
@pytest.mark.clause("xiamen-measures-2025", "名词", "members")
@pytest.mark.parametrize("pack", [KUNSHAN, XIAMEN], ids=lambda pack: pack.code)
@pytest.mark.parametrize(
    ("kinds", "answer"),
    [
        (("enterprise", "university"), "met"),
        (("enterprise", "institute"), "met"),
        (("enterprise", "enterprise"), "not_met"),
        (("university", "institute"), "not_met"),
    ],
)
def test_members_come_from_the_chain_and_from_science(
    pack: Procedure, kinds: tuple[str, ...], answer: Answer
):
    assert answers(pack, *(member(kind) for kind in kinds))["chain_and_science"] == answer


@pytest.mark.clause("xiamen-measures-2025", "现状", "fields")
def test_the_nine_fields_of_xiamen_may_be_named_and_others_are_not_shut_out():
    titles = [choice.zh for choice in XIAMEN.field["consortium.field"].choices.values()]
    assert titles == [
        *("柔性电子", "新型显示", "第三代半导体", "高端装备", "先进材料"),
        *("新一代人工智能", "集成电路设计", "云服务", "生命健康", "其他"),
    ]
    assert {rule.id for rule in XIAMEN.rules if "consortium.field" in rule.met} == {"lead_kind"}


def test_the_two_packs_are_told_apart_by_what_their_cities_say():
    found = differences(KUNSHAN, XIAMEN, term)
    assert {each.section for each in found} == {
        "general",
        "documents",
        "evaluation",
        "form",
        "rules",
        "numbers",
    }
    assert [each.said.en for each in found if each.where == "rules.lead_kind"] != []
