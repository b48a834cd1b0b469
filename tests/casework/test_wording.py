"""Every refusal is worded in both languages, with the facts that the machine really gives."""

import ast
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine

from casework import acts, calls, clock, loading, parties, procedures
from casework.access import Claim
from casework.acts import Request
from casework.terms import LANGUAGES, catalogue, term
from casework.wording import ASIDES, Offer, Wording, date_problems, offers, unusable, word
from models.database import DatabaseFull, DatabaseUnusable, reading, writing
from models.unusable import DatabaseNotMigrated
from procedure.act import Actor, Child, Facts, Refusal
from procedure.acts import ACTS
from procedure.acts.draft import application, blank
from procedure.definition import BureauKind, Clause, Role, act_rules
from procedure.instant import calendar_day, local_instant
from procedure.machine import begin
from procedure.pack import shipped, shipped_codes
from tests.procedure.test_taking_back import done, standing_at
from tests.procedure.yueyang_walk import (
    ADMIN,
    APPLICANT,
    DISTRICT,
    EXPERTS,
    FACTS,
    LEAD,
    LEADER,
    MEMBER,
    OFFICER,
    PACK,
    PAPERS,
    RETURN,
    STRANGER,
    UNIVERSITY,
    Walk,
    at_stage,
    call_at,
    document,
    ended,
    new_call,
    new_case,
)

ROOT = Path(__file__).parents[2]
NOTICE = "《关于试行开展2024年度岳阳市创新联合体申报工作的通知》"


def _called(folder: str, name: str) -> Iterator[tuple[ast.Module, ast.Call]]:
    """Yield every call of ``name`` in the source below ``folder``, with its module."""
    for path in (ROOT / folder).rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if f"{name}(" not in source:
            continue
        module = ast.parse(source)
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield module, node


def _texts(node: ast.AST) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def _codes(module: ast.Module, call: ast.Call) -> set[str]:
    """Return the codes that a call may refuse with: the text itself, or what its variable may hold."""
    code = call.args[0]
    if not isinstance(code, ast.Name):
        return {code.value} if isinstance(code, ast.Constant) else set()
    return {
        text
        for node in ast.walk(module)
        if isinstance(node, ast.Assign) and code.id in {ast.unparse(target) for target in node.targets}
        for text in (
            _texts(node.value.body) | _texts(node.value.orelse) if isinstance(node.value, ast.IfExp) else ()
        )
    }


def _facts_by_code() -> dict[str, set[str] | None]:
    """Return the names of the facts that the source gives with each code; None where they cannot be read."""
    found: dict[str, set[str] | None] = {}
    for folder in ("procedure", "casework"):
        for module, call in _called(folder, "Refusal"):
            facts = call.args[1] if len(call.args) > 1 else ast.Dict(keys=[], values=[])
            names = (
                _texts(ast.Tuple(elts=[key for key in facts.keys if key]))
                if isinstance(facts, ast.Dict)
                else None
            )
            for code in _codes(module, call):
                known = found.get(code, set())
                found[code] = None if names is None or known is None else known | names
    return found


def _refused_by_packs() -> Iterator[str]:
    for code in shipped_codes():
        procedure = shipped(code).procedure
        for kind in ("call", "application"):
            for _, rule in act_rules(procedure.life(kind), kind):
                yield from (branch.refuse for branch in rule.branches if branch.refuse is not None)


FACTS_OF = {**dict.fromkeys(_refused_by_packs()), **_facts_by_code()}
CODES = sorted(FACTS_OF)


def _poor() -> Walk:
    """Return a case whose lead spent a fen too little, at the formal review."""
    fields = {"lead.rd_spending": "9999999.99", "lead.standing": ""}
    members = {UNIVERSITY: {"member.cooperation_since": "2024-01-01"}}
    return (
        at_stage("draft")
        .do("save_draft", APPLICANT, fields=fields, members=members)
        .on("2024-08-04T18:00")
        .do("submit", APPLICANT)
        .on("2024-08-06T09:00")
        .do("accept_online", DISTRICT)
        .do("endorse", DISTRICT, opinion="同意推荐")
        .do("deliver_papers", DISTRICT, **PAPERS)
    )


def _returned(times: int) -> Walk:
    walk = at_stage("formal_review").on("2024-08-14T09:00")
    for _ in range(times):
        walk = walk.do("return_for_correction", OFFICER, **RETURN).do("resubmit", APPLICANT)
    return walk


def _started(facts: Facts) -> Refusal:
    fresh = blank("YY2024-0002", new_call().subject, application(LEAD, "甲公司", "enterprise", "x", "county"))
    answer = begin(PACK, fresh, facts, APPLICANT, {}, local_instant("2024-07-02T09:00"))
    assert isinstance(answer, Refusal)
    return answer


def _item(name: str) -> dict[str, Any]:
    return {"items": [{"item": name, "remark": "请更正"}]}


def _extend(**more: Any) -> dict[str, Any]:
    return {"deadline": "formal_review", "until": "2024-09-30", "reason": "专家出差", **more}


def _review() -> Walk:
    return at_stage("formal_review").on("2024-08-14T09:00")


def _visit() -> Walk:
    return at_stage("site_visit").on("2024-08-16T09:00")


def _scheduled() -> Walk:
    return _visit().do("schedule_visit", OFFICER, at="2024-08-20T09:00", team=["甲", "乙"])


def _panel(*experts: str) -> Refusal:
    return at_stage("panel_naming").on("2024-08-21T09:00").refused("name_panel", OFFICER, experts=experts)


def _select(*cases: str) -> Refusal:
    return (
        call_at("under_review")
        .on("2024-08-28T09:00")
        .knowing(children={"YY2024-0001": Child("selection", None), "YY2024-0002": Child("papers", None)})
        .refused("select", LEADER, cases=cases)
    )


def _file(**more: Any) -> Refusal:
    particulars = {"document_number": "岳科发〔2024〕1号", "document_date": "2024-08-30", **more}
    taken = frozenset({"岳阳市生物医药创新联合体"})
    walk = at_stage("filing").on("2024-08-30T09:00").knowing(names_taken=taken)
    return walk.refused("file", OFFICER, **particulars)


def _attach(**more: Any) -> Refusal:
    particulars = {**document("application_form"), **more}
    return at_stage("draft").refused("attach_document", APPLICANT, **particulars)


OF_THE_MACHINE: dict[str, Callable[[], Refusal]] = {
    "act_not_at_this_stage": lambda: at_stage("draft").refused("endorse", DISTRICT, opinion="同意"),
    "already_a_member": lambda: at_stage("draft").refused("invite_member", APPLICANT, uscc=UNIVERSITY),
    "act_stands": lambda: done(standing_at("recommendation"), "accept_online", DISTRICT).refused(
        "take_back", DISTRICT, reason="误点"
    ),
    "not_your_act": lambda: done(standing_at("recommendation"), "accept_online", DISTRICT).refused(
        "take_back", OFFICER, reason="误点"
    ),
    "nothing_to_take_back": lambda: standing_at("papers").refused("take_back", DISTRICT, reason="误点"),
    "already_accepted_online": lambda: (
        at_stage("recommendation").do("accept_online", DISTRICT).refused("accept_online", DISTRICT)
    ),
    "already_answered": lambda: at_stage("draft").refused("confirm_membership", MEMBER),
    "applicant_has_acted": lambda: (
        at_stage("formal_correction")
        .do("attach_document", APPLICANT, **document("implementation_plan"))
        .refused("revoke_return", OFFICER)
    ),
    "bad_fields": lambda: at_stage("draft").refused(
        "save_draft", APPLICANT, fields={"lead.rd_spending": "-1", "lead.standing": "world", "lead.age": "3"}
    ),
    "bad_particulars": lambda: at_stage("recommendation").refused("decline", DISTRICT, because="不符合"),
    "bad_score": lambda: at_stage("expert_review").refused("score", EXPERTS[0], points="101"),
    "bad_time": lambda: _visit().refused("schedule_visit", OFFICER, at="明天", team=["甲", "乙"]),
    "call_not_open": lambda: _started(Facts(FACTS.calendar, call=new_call().subject)),
    "cases_still_open": lambda: (
        call_at("listed").knowing(children={"YY2024-0001": Child("filing", None)}).refused("complete", ADMIN)
    ),
    "clock_behind": lambda: (
        at_stage("recommendation").on("2024-08-04T17:59:59.5").refused("accept_online", DISTRICT)
    ),
    "closed": lambda: ended("filed").refused("withdraw", APPLICANT, reason="资金不足"),
    "copies_missing": lambda: at_stage("papers").refused(
        "deliver_papers", DISTRICT, letter=True, application_copies=1
    ),
    "deadline_may_not": lambda: at_stage("draft").refused(
        "extend_deadline", LEADER, **_extend(deadline="filing")
    ),
    "deadline_not_running": lambda: (
        _review()
        .do("suspend_deadline", LEADER, deadline="formal_review", reason="台风")
        .refused("suspend_deadline", LEADER, deadline="formal_review", reason="台风")
    ),
    "deadline_not_suspended": lambda: _review().refused(
        "resume_deadline", LEADER, deadline="formal_review", reason="台风过后"
    ),
    "deadline_suspended": lambda: (
        _review()
        .do("suspend_deadline", LEADER, deadline="formal_review", reason="台风")
        .refused("extend_deadline", LEADER, **_extend())
    ),
    "expert_tied": lambda: _panel("e0", "e1", "e2", "e3", "tied"),
    "file_not_stored": lambda: (
        at_stage("draft")
        .knowing(stored_files=frozenset())
        .refused("attach_document", APPLICANT, **document("application_form"))
    ),
    "file_too_large": lambda: _attach(size=20_000_001),
    "incomplete": lambda: (
        new_case().do("invite_member", APPLICANT, uscc=UNIVERSITY).refused("submit", APPLICANT)
    ),
    "invalid_uscc": lambda: at_stage("draft").refused("invite_member", APPLICANT, uscc="91350100M000100Y44"),
    "item_listed_twice": lambda: _review().refused(
        "return_for_correction", OFFICER, items=[*RETURN["items"], *RETURN["items"]]
    ),
    "joint_letter_required": lambda: at_stage("papers").refused(
        "deliver_papers", DISTRICT, **{**PAPERS, "finance_signed": False}
    ),
    "lead_is_no_member": lambda: at_stage("draft").refused("invite_member", APPLICANT, uscc=LEAD),
    "listed_twice": lambda: _select("YY2024-0001", "YY2024-0001"),
    "name_taken": _file,
    "no_more_rounds": lambda: _returned(2).refused("return_for_correction", OFFICER, **RETURN),
    "no_such_deadline": lambda: _review().refused("extend_deadline", LEADER, **_extend(deadline="visit")),
    "no_such_document": lambda: at_stage("draft").refused(
        "remove_document", APPLICANT, material="attachment"
    ),
    "no_such_member": lambda: at_stage("draft").refused("remove_member", APPLICANT, uscc=STRANGER),
    "not_accepted_online": lambda: at_stage("recommendation").refused("endorse", DISTRICT, opinion="同意"),
    "not_eligible": lambda: _poor().refused("pass_review", OFFICER),
    "not_in_the_first_list": lambda: _returned(1).refused(
        "return_for_correction", OFFICER, **_item("lead.rd_spending")
    ),
    "not_later": lambda: _review().refused("extend_deadline", LEADER, **_extend(until="2024-08-20")),
    "not_listed_for_correction": lambda: at_stage("formal_correction").refused(
        "save_draft", APPLICANT, fields={"lead.rd_spending": "1"}
    ),
    "not_ready_for_selection": lambda: _select("YY2024-0002"),
    "no_seat": lambda: at_stage("expert_review").refused(
        "score", Actor("expert", 99, bureau="yueyang"), points="90"
    ),
    "not_yours": lambda: at_stage("recommendation").refused(
        "accept_online", Actor("district_officer", 9, bureau="xiangyin")
    ),
    "one_open_case": lambda: _started(
        Facts(FACTS.calendar, call=call_at("open").subject, other_open_case="YY2024-0001")
    ),
    "papers_still_in_time": lambda: at_stage("papers").refused("refuse_papers", OFFICER, reason="未到"),
    "review_unfinished": lambda: _select("YY2024-0001"),
    "role_may_not": lambda: at_stage("draft").refused("submit", OFFICER),
    "scores_missing": lambda: at_stage("expert_review").refused("close_scoring", OFFICER),
    "suspended_by_the_stage": lambda: at_stage("formal_correction").refused(
        "resume_deadline", LEADER, deadline="formal_review", reason="补正中"
    ),
    "team_too_small": lambda: _visit().refused(
        "schedule_visit", OFFICER, at="2024-08-20T09:00", team=["考察员甲"]
    ),
    "before_submission": lambda: _file(document_date="2024-08-03"),
    "time_ahead": lambda: _file(document_date="2024-09-01"),
    "time_has_passed": lambda: _visit().refused(
        "schedule_visit", OFFICER, at="2024-08-01T09:00", team=["甲", "乙"]
    ),
    "unknown_act": lambda: at_stage("papers").refused("approve", OFFICER),
    "unknown_expert": lambda: _panel("e0", "e1", "e2", "nobody", "retired"),
    "unknown_item": lambda: _review().refused("return_for_correction", OFFICER, **_item("lead.age")),
    "unknown_material": lambda: _attach(material="photo"),
    "unknown_rule": lambda: _review().refused("reject", OFFICER, reason="不符合", rules=["lead_age"]),
    "unknown_unit": lambda: at_stage("draft").refused("invite_member", APPLICANT, uscc=STRANGER),
    "visit_not_scheduled": lambda: _visit().refused(
        "record_visit", OFFICER, on="2024-08-16", result="passed", findings="好"
    ),
    "wrong_format": lambda: _attach(name="application.exe"),
    "wrong_panel_size": lambda: _panel("e0", "e1", "e1"),
}
"""How the machine comes to give each refusal."""

OF_CASEWORK = {
    "bad_key",
    "call_exists",
    "key_used",
    "no_such_role",
    "not_found",
    "stale_version",
    "unknown_district",
}
"""Refusals that the machine does not give: they need a database."""


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_of_the_source_is_worded_in_both_languages(code: str) -> None:
    assert set(catalogue("zh")["refusals"][code]) == {"says", "next"}
    assert set(catalogue("en")["refusals"][code]) == {"says", "next"}


def test_no_wording_is_left_over() -> None:
    for language in LANGUAGES:
        assert sorted(catalogue(language)["refusals"]) == CODES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [code for code, names in FACTS_OF.items() if names is not None])
def test_a_wording_speaks_of_facts_that_the_source_gives(code: str, language: str) -> None:
    for template in catalogue(language)["refusals"][code].values():
        assert _placeholders(template) <= {*(FACTS_OF[code] or ()), *ASIDES}, template


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(OF_THE_MACHINE))
def test_the_machines_refusals_read_well(code: str, language: str) -> None:
    refusal = OF_THE_MACHINE[code]()
    assert refusal.code == code
    _reads_well(refusal, word(refusal, language, PACK), language)


def _reads_well(refusal: Refusal, wording: Wording, language: str) -> None:
    table = catalogue(language)["refusals"][refusal.code]
    for template in table.values():
        assert _placeholders(template) <= {*refusal.facts, *ASIDES}, template
    text = "\n".join((wording.says, *wording.details, wording.next_step))
    assert wording.code == refusal.code
    assert all((wording.says, wording.next_step, *wording.details))
    for sign in ("{", "}", "['", "None", "Asia/Shanghai", "+08:00", "  "):
        assert sign not in text, text
    if language == "zh":
        assert wording.says.endswith("。")
        assert not any(f" {term('acts', act, 'en')} " in text for act in ACTS)
    else:
        assert wording.says.endswith(".")
        titles = {stage.title.zh for stage in PACK.application.stages}
        assert not any(title in text for title in titles), text


def _in_both(code: str) -> tuple[Wording, Wording]:
    refusal = OF_THE_MACHINE[code]()
    return word(refusal, "zh", PACK), word(refusal, "en", PACK)


def test_late_acts_name_stage_and_holder() -> None:
    zh, en = _in_both("act_not_at_this_stage")
    assert zh.says == "办件现处于“填报”环节（由申报单位办理），不能办理“推荐”。"
    assert en.says == "The case is at “Draft”, held by the applicant; “recommend” is not possible there."


def test_a_wrong_role_is_told_whose_act_it_is() -> None:
    zh, en = _in_both("role_may_not")
    assert (zh.says, zh.next_step) == (
        "“提交申报”在“填报”环节不能由市科技局经办人办理。",
        "请由申报单位办理。",
    )
    assert (en.says, en.next_step) == (
        "“submit the application” is not for the role “officer of the city bureau” at “Draft”.",
        "It is for: applicant.",
    )


def test_a_closed_case_says_since_when_and_on_what_ground() -> None:
    zh, en = _in_both("closed")
    assert zh.says == "该办件已于2024年8月30日 09:00结束，结果为“已备案”，不能再办理“撤回申报”。"
    assert zh.clause == f"{NOTICE}4.3（应当）"
    assert en.says == (
        "The case ended on 30 August 2024, 09:00 as “Filed”; "
        "“withdraw the application” is no longer possible."
    )


def test_conditions_show_the_values_used_the_missing_facts_and_the_clause() -> None:
    zh, en = _in_both("not_eligible")
    assert zh.details == (
        f"无法判断：牵头单位居行业主导地位（{NOTICE}2.1(2)（应当）），缺少在本行业居主导地位的范围",
        (
            f"不符合：牵头单位近三年研发经费投入不少于1000万元（{NOTICE}2.1(3)（应当））；"
            "近三年研发经费投入合计（元）为¥9,999,999.99"
        ),
        f"不符合：成员单位与牵头单位实质性合作一年以上（{NOTICE}2.2(1)（应当））",
    )
    assert en.details[1] == (
        "not met: The lead spent at least 10,000,000 CNY on R&D in the last three years (Notice on the 2024 "
        "trial call for Yueyang innovation consortia, clause 2.1(3) (must)); "
        "R&D spending of the last three years together (CNY) is ¥9,999,999.99"
    )


def test_everything_missing_is_listed_by_its_title() -> None:
    zh, en = _in_both("incomplete")
    assert zh.details == (
        f"成员单位{UNIVERSITY}的答复",
        "方向/领域",
        "日常对接人",
        "创新联合体申报书",
        "创新联合体实施方案",
    )
    assert en.details[0] == f"the answer of member unit {UNIVERSITY}"


def test_bad_values_are_told_field_by_field() -> None:
    zh, en = _in_both("bad_fields")
    assert zh.details == (
        "近三年研发经费投入合计（元）：金额不能为负数（填写的是“-1”）",
        "在本行业居主导地位的范围：应为以下之一：national、provincial、city、none（填写的是“world”）",
        "lead.age：没有这个字段（填写的是“3”）",
    )
    assert en.details[0] == (
        "R&D spending of the last three years together (CNY): an amount cannot be negative (“-1” was given)"
    )


def test_bad_particulars_are_told_one_by_one() -> None:
    zh, en = _in_both("bad_particulars")
    assert zh.details == ("理由：必须填写", "because：该事项没有这一填写项（填写的是“不符合”）")
    assert en.details == (
        "reason: must be given",
        "because: this act has no such particular (“不符合” was given)",
    )


def test_a_wrong_code_says_what_is_wrong_with_it() -> None:
    zh, en = _in_both("invalid_uscc")
    assert zh.says == "“91350100M000100Y44”不是有效的统一社会信用代码：末位校验码与前17位不符。"
    assert en.says == (
        "“91350100M000100Y44” is no unified social credit code: "
        "the check digit does not belong to the other characters."
    )
    short = at_stage("draft").refused("invite_member", APPLICANT, uscc="9135 0100")
    assert word(short, "zh", PACK).says == "“9135 0100”不是有效的统一社会信用代码：应为18位，实为8位。"
    strange = at_stage("draft").refused("invite_member", APPLICANT, uscc="91350100M000100YIO")
    assert "不含I、O、S、V、Z" in word(strange, "zh", PACK).says


def test_who_must_stand_aside_and_what_is_still_open_are_listed() -> None:
    assert _in_both("expert_tied")[0].details == (f"关联专家：工作单位为本办件的当事单位（{UNIVERSITY}）",)
    assert _in_both("cases_still_open")[0].details == ("YY2024-0001：发文认定",)
    assert _in_both("review_unfinished")[1].details == ("YY2024-0002: Delivery of the stamped papers",)
    assert _in_both("copies_missing")[0].details == ("创新联合体信息汇总表：应有2份，送达0份",)


def test_a_closed_window_names_the_dates() -> None:
    zh, _ = _in_both("call_not_open")
    assert zh.says == "该批次目前不接受申报（现为“已发布，待申报”）。"
    assert zh.details[:2] == ("网上申报开始：2024年7月4日 00:00", "网上申报截止：2024年8月4日 18:00")


def test_an_unknown_act_is_answered_with_those_possible_now() -> None:
    walk = at_stage("papers")
    wording = word(walk.refused("approve", OFFICER), "zh", PACK, walk.subject)
    assert wording.offers == (
        Offer("attach_document", "上传材料", "推荐单位经办人"),
        Offer("deliver_papers", "登记纸质材料送达", "推荐单位经办人、市科技局经办人"),
        Offer("refuse_papers", "不受理纸质材料", "市科技局经办人"),
        Offer("withdraw", "撤回申报", "申报单位"),
        Offer("reassign", "转交办理", "推荐单位经办人、市科技局经办人、市科技局负责人"),
        Offer("propose_rectification", "提出更正", "市科技局经办人"),
        Offer("confirm_rectification", "确认更正", "市科技局经办人、市科技局负责人"),
        Offer("decline_rectification", "不予确认更正", "市科技局经办人、市科技局负责人"),
        Offer("extend_deadline", "延长时限", "市科技局负责人"),
        Offer("suspend_deadline", "停止计时", "市科技局负责人"),
        Offer("resume_deadline", "恢复计时", "市科技局负责人"),
    )
    assert [offer.act for offer in offers(PACK, ended("filed").subject, "zh")] == [
        *("propose_rectification", "confirm_rectification", "decline_rectification"),
    ]
    # What only the program does is not offered to people.
    assert "be_selected" not in [offer.act for offer in offers(PACK, at_stage("selection").subject, "en")]


def test_without_the_procedure_things_are_called_by_their_names() -> None:
    refusal = Refusal("role_may_not", {"act": "submit", "stage": "x", "role": "expert", "roles": ["member"]})
    assert word(refusal, "zh").says == "“提交申报”在“x”环节不能由评审专家办理。"
    clause = Clause(document="d1", clause="6.2", modality="must")
    assert word(Refusal("not_found", {"ref": 1}, clause), "en").clause == "6.2"


def test_a_code_without_a_wording_is_said_by_its_name() -> None:
    wording = word(Refusal("new_rule_of_a_pack", {"n": 1}), "zh", PACK)
    assert wording == Wording("new_rule_of_a_pack", "new_rule_of_a_pack: {'n': 1}", (), "", None)


def test_the_refusals_of_casework_read_well(story_engine: Engine) -> None:
    engine, pack = story_engine, shipped("yueyang-2024")
    with writing(engine) as connection:
        revision = procedures.publish(connection, pack, clock.now(connection))
        city = parties.city_bureau(connection, pack.procedure.bureau)
        district = parties.district_bureau(
            connection, city, "pingjiang", "平江县科技局", "Pingjiang", "county"
        )
        lead = parties.organisation(connection, LEAD, "甲公司", "enterprise", district)
        admin = Claim(parties.person(connection, "admin", "管理员"), "administrator")
        zhang = Claim(parties.person(connection, "zhang", "张三"), "applicant")
        since = calendar_day("2024-01-01")
        parties.grant(connection, admin.person, "administrator", bureau_id=city, valid_from=since)
        parties.grant(connection, zhang.person, "applicant", organisation_id=lead, valid_from=since)
    assert not isinstance(calls.announce(engine, revision, "2024", admin), Refusal)
    with writing(engine) as connection:
        clock.move(connection, local_instant("2024-07-10T09:00"))
        call = loading.id_of(connection, "2024")
    refusals = [
        calls.announce(engine, revision, "2024", admin),
        calls.announce(engine, revision, "2025", Claim(zhang.person, "administrator")),
        calls.start(engine, call, zhang, "nowhere"),
        acts.perform(engine, Request(999, "submit", zhang)),
    ]
    assert not isinstance(calls.start(engine, call, zhang, "pingjiang"), Refusal)
    with reading(engine) as connection:
        case = loading.id_of(connection, "YY2024-0001")
    draft = Request(case, "save_draft", zhang, {"fields": {"consortium.direction": "生物医药"}}, key="once")
    assert not isinstance(acts.perform(engine, draft), Refusal)
    refusals += [
        acts.perform(engine, Request(case, "withdraw", zhang, {"reason": "x"}, version=1)),
        acts.perform(engine, Request(case, "withdraw", zhang, {"reason": "x"}, key="once")),
        acts.perform(engine, Request(case, "withdraw", zhang, {"reason": "x"}, key="")),
    ]
    found = {refusal.code: refusal for refusal in refusals if isinstance(refusal, Refusal)}
    assert set(found) == OF_CASEWORK
    for refusal in found.values():
        for language in LANGUAGES:
            _reads_well(refusal, word(refusal, language, pack.procedure), language)
    assert word(found["stale_version"], "zh").says == "所依据的是第1版，办件现为第2版，其间已有变动。"
    assert word(found["key_used"], "en").says == "The key “once” was already used for “save the draft”."


def test_both_tables_have_the_same_words_with_the_same_facts() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert set(zh) == {*en, "database"}
    for section in set(en) - {"refusals", "portal"}:
        _same_words(zh[section], en[section], section)
    assert list(zh["portal"]) == list(en["portal"])
    for part in en["portal"]:
        _same_words(zh["portal"][part], en["portal"][part], f"portal.{part}")


def _same_words(zh: dict[str, str], en: dict[str, str], section: str) -> None:
    assert list(zh) == list(en), section
    for name, text in zh.items():
        assert _placeholders(text) == _placeholders(en[name]), (section, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_vocabularies_are_complete(language: str) -> None:
    table = catalogue(language)
    of_records = {
        "record_achievement",
        "record_breach",
        "refer_breach",
        "strike_achievement",
        "propose_change",
        "file_claim",
        "propose_disqualification",
    }
    assert (
        set(table["acts"])
        == {*ACTS, "announce", "announce_round", "start", "hand_over", "change_revision", "urge"} | of_records
    )
    assert set(table["events"]) == {
        *(each.event for each in ACTS.values()),
        *("started", "deadline_passed", "deadline_lapsed", "calendar_changed", "revision_changed"),
    }
    assert set(table["roles"]) == set(get_args(Role))
    assert set(table["bureaus"]) == set(get_args(BureauKind))
    unfit = {code for module, call in _called("procedure", "_UnfitError") for code in _codes(module, call)}
    assert {*unfit, "unknown_field", "empty", "not_points"} == set(table["values"])
    assert {name for each in ACTS.values() for name in _fields(each.payload)} <= set(table["fields"])


def _fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _fields(inner)


def test_bad_dates_are_told_one_by_one() -> None:
    given = {"filing_opens": "7月4日", "papers_due": "2024-08-01", "closing": "x"}
    with pytest.raises(calls.BadDates) as raised:
        calls.resolve(PACK, given)
    assert date_problems(raised.value, "zh", PACK) == (
        (
            "closing：没有这个日期，应为以下之一：filing_opens (网上申报开始)、filing_closes (网上申报截止)、"
            "recommendation_due (系统推荐截止)、papers_due (纸质材料递交截止)"
        ),
        (
            "filing_opens (网上申报开始)：“7月4日”不是有效的时间，"
            "应形如 2024-08-04T18:00（北京时间，2015至2060年）"
        ),
        (
            "papers_due (纸质材料递交截止)：2024年8月1日 24:00"
            "早于recommendation_due (系统推荐截止)的2024年8月9日 18:00"
        ),
    )
    assert date_problems(raised.value, "en", PACK)[2] == (
        "papers_due (Stamped papers are due): 1 August 2024, end of day lies before "
        "recommendation_due (Recommendation in the system is due), 9 August 2024, 18:00"
    )


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2061-01-01", "2014-12-31"])
def test_a_date_beyond_the_calendar_is_refused_by_name(day: str) -> None:
    with pytest.raises(calls.BadDates) as raised:
        calls.resolve(PACK, {"papers_due": day})
    assert [problem.code for problem in raised.value.problems] == ["not_day"]


def test_a_call_that_closes_when_it_opens_is_refused(story_engine: Engine) -> None:
    engine, pack = story_engine, shipped("yueyang-2024")
    with writing(engine) as connection:
        revision = procedures.publish(connection, pack, clock.now(connection))
        city = parties.city_bureau(connection, pack.procedure.bureau)
        admin = Claim(parties.person(connection, "admin", "管理员"), "administrator")
        since = calendar_day("2024-01-01")
        parties.grant(connection, admin.person, "administrator", bureau_id=city, valid_from=since)
    dates = {"filing_opens": "2024-07-04T18:00", "filing_closes": "2024-07-04T18:00"}
    with pytest.raises(calls.BadDates) as raised:
        calls.announce(engine, revision, "2024", admin, dates)
    assert date_problems(raised.value, "zh", PACK) == ("申报截止（2024年7月4日 18:00）应晚于申报开始",)


WRONG: tuple[Any, ...] = (
    *(None, "", "x" * 3000, -1, 10**30, 1.5, True, [], ["x"] * 3000, [1], [""], {}, {"x": 1}, {1: 2}),
    *({"x": {"y": 1}}, [{"item": ""}], [{}], "\ud800", "2024-13-01", object()),
)


@pytest.mark.parametrize("act", sorted(ACTS))
def test_whatever_is_wrong_with_a_particular_has_words(act: str) -> None:
    payload = ACTS[act].payload
    found: set[str] = set()
    for wrong in WRONG:
        for name in payload.model_fields:
            found |= _errors(payload, {name: wrong, "surplus": 1})
    assert found <= set(catalogue("zh")["particulars"])


def _errors(payload: type[BaseModel], given: dict[str, Any]) -> set[str]:
    with pytest.raises(ValidationError) as raised:
        payload.model_validate(given)
    return {problem["type"] for problem in raised.value.errors()}


def test_a_database_that_cannot_be_used_says_why_and_what_to_do() -> None:
    full = DatabaseFull("no space left for /data/beian.db", "database or disk is full", "Free space")
    assert unusable(full, "zh") == Wording(
        "DatabaseFull",
        "数据库所在磁盘已满，本次未写入任何内容。",
        ("no space left for /data/beian.db: database or disk is full",),
        "请清理磁盘空间后再试。",
    )
    assert unusable(full, "en").says == "no space left for /data/beian.db."


@pytest.mark.parametrize("kind", [*DatabaseUnusable.__subclasses__(), DatabaseUnusable])
def test_every_trouble_of_a_database_has_chinese_words(kind: type[DatabaseUnusable]) -> None:
    assert kind.__name__ in catalogue("zh")["database"]
    assert issubclass(DatabaseNotMigrated, DatabaseUnusable)
