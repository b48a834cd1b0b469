"""Two revisions are told apart: every change is named once, with what was and what is, in both languages."""
# ruff: noqa: E501 - a message is easier to compare on one line

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from casework.terms import catalogue, term
from procedure.acts import ACTS
from procedure.definition import (
    BureauKind,
    DeadlineRule,
    FormField,
    Holder,
    Life,
    Material,
    NamedDate,
    Procedure,
    Recipient,
    Role,
    SendingHours,
    StageKind,
)
from procedure.definition.vocabulary import Audience
from procedure.difference import differences
from procedure.difference_words import PARTS, SECTIONS, TERMS, THINGS, Values
from tests.procedure.edited_pack import edited

OLD = edited({})
S, D = "application.stages.", "application.deadlines."
OTHER = {"zh": "另一个", "en": "Another"}


def told(edits: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    found = differences(OLD, edited(edits), term)
    return [(each.kind, each.where, each.said.zh, each.said.en) for each in found]


def test_a_revision_does_not_differ_from_itself():
    assert differences(OLD, edited({}), term) == ()


def test_a_longer_deadline_and_the_setting_that_makes_it_longer():
    assert told({"settings.filing_days.value": 15}) == [
        (
            "changed",
            "settings.filing_days.value",
            "设定“发文认定时限（工作日）”（filing_days）：值由10改为15",
            'the setting "Time for the filing document (working days)" (filing_days): value: 15 instead of 10',
        ),
        (
            "changed",
            "application.deadlines.document.due",
            "期限“发文认定”（document）由10个工作日延长为15个工作日",
            'the deadline "Filing document" (document) is longer: 15 working days instead of 10',
        ),
    ]


def test_a_shorter_deadline_by_its_own_rule():
    assert told({D + "document.due": {"working_days": 3}}) == [
        (
            "changed",
            "application.deadlines.document.due",
            "期限“发文认定”（document）由10个工作日缩短为3个工作日",
            'the deadline "Filing document" (document) is shorter: 3 working days instead of 10',
        )
    ]


def test_the_same_length_by_another_setting():
    assert told({D + "document.due": {"working_days": "visit_days"}}) == [
        (
            "changed",
            "application.deadlines.document.due",
            "期限“发文认定”（document）：到期由10个工作日（filing_days）改为10个工作日（visit_days）",
            'the deadline "Filing document" (document): due 10 working days (visit_days) instead of 10 working days (filing_days)',
        )
    ]


def test_working_days_in_place_of_a_date():
    assert told({D + "papers.due": {"working_days": 5}}) == [
        (
            "changed",
            "application.deadlines.papers.due",
            "期限“递交纸质材料”（papers）：到期由2024-08-13（papers_due）改为5个工作日",
            'the deadline "Delivery of the stamped papers" (papers): due 5 working days instead of 2024-08-13 (papers_due)',
        )
    ]


def test_an_earlier_date_and_the_deadlines_that_fall_on_it():
    assert told({"dates.filing_closes.value": "2024-08-02T18:00"}) == [
        (
            "changed",
            "dates.filing_closes.value",
            "日期“网上申报截止”（filing_closes）：值由2024-08-04T18:00改为2024-08-02T18:00",
            'the date "Online filing closes" (filing_closes): value: 2024-08-02T18:00 instead of 2024-08-04T18:00',
        ),
        (
            "changed",
            "call.deadlines.window_closing.due",
            "期限“申报截止”（window_closing）由2024-08-04T18:00提前到2024-08-02T18:00",
            'the deadline "The window closes" (window_closing) falls earlier: on 2024-08-02T18:00 instead of 2024-08-04T18:00',
        ),
        (
            "changed",
            "application.deadlines.filing.due",
            "期限“网上申报”（filing）由2024-08-04T18:00提前到2024-08-02T18:00",
            'the deadline "Online filing" (filing) falls earlier: on 2024-08-02T18:00 instead of 2024-08-04T18:00',
        ),
    ]


def test_a_date_with_another_title_moves_no_deadline():
    assert [where for _, where, _, _ in told({"dates.filing_closes.title": OTHER})] == [
        "dates.filing_closes.title"
    ]


def test_a_stage_removed_with_its_deadline_and_the_way_round_it():
    without = {
        S + "site_visit": None,
        D + "visit": None,
        S + "formal_review.acts.pass_review.to": "panel_naming",
    }
    assert told(without) == [
        (
            "removed",
            "application.deadlines.visit",
            "期限“现场考察”（visit）已删去",
            'the deadline "Site visit" (visit) is gone',
        ),
        (
            "removed",
            "application.stages.site_visit",
            "环节“现场考察”（site_visit）已删去",
            'the stage "Site visit" (site_visit) is gone',
        ),
        (
            "changed",
            "application.stages.formal_review.acts.pass_review.to",
            "环节“形式审查”（formal_review）的办理事项“形式审查通过”（pass_review）：去向由“现场考察”改为“组成专家组”",
            'the stage "Formal review" (formal_review), the act "pass the formal review" (pass_review): where it leads: "Naming of the panel" instead of "Site visit"',
        ),
    ]
    removed = differences(OLD, edited(without), term)[1]
    assert removed.after is None
    assert removed.before["deadlines"] == ["visit"]


def test_a_stage_added():
    shorter = edited({S + "site_visit": None, S + "formal_review.acts.pass_review.to": "panel_naming"})
    added = next(each for each in differences(shorter, OLD, term) if each.where.endswith(".site_visit"))
    assert (added.kind, added.where, added.before) == ("added", "application.stages.site_visit", None)
    assert added.said.zh == "环节“现场考察”（site_visit）为新增：类型 现场考察，承办方 市科技局"
    assert (
        added.said.en == 'the stage "Site visit" (site_visit) is new: kind site visit, holder the city bureau'
    )


def test_only_what_moved_is_told_of_a_new_order():
    stages = [stage.model_dump(mode="json", by_alias=True) for stage in OLD.application.stages]
    moved = [*stages[:7], *stages[8:10], stages[7], *stages[10:]]
    found = differences(OLD, edited({"application.stages": moved}), term)
    assert [(each.kind, each.where, each.before, each.after) for each in found] == [
        ("moved", "application.stages.site_visit", "formal_correction", "expert_review")
    ]
    assert found[0].said.zh == "环节“现场考察”（site_visit）移到expert_review之后"
    assert found[0].said.en == 'the stage "Site visit" (site_visit) now stands after expert_review'


def test_dates_in_another_order_are_told_apart():
    dates = {name: date.model_dump(mode="json") for name, date in OLD.dates.items()}
    last = {
        **{name: dates[name] for name in dates if name != "filing_opens"},
        "filing_opens": dates["filing_opens"],
    }
    assert [(kind, where) for kind, where, _, _ in told({"dates": last})] == [("moved", "dates.filing_opens")]


def test_a_rule_and_its_force():
    assert told(
        {
            "rules.lead_platform.met": "lead.platform_level in ['national']",
            "rules.lead_platform.clause.modality": "in_principle",
        }
    ) == [
        (
            "changed",
            "rules.lead_platform.met",
            "条件“牵头单位有市级以上研发平台”（lead_platform）：符合的条件由lead.platform_level in ['national', 'provincial', 'city']改为lead.platform_level in ['national']",
            "the rule \"The lead has an R&D platform of city level or above\" (lead_platform): what it asks: lead.platform_level in ['national'] instead of lead.platform_level in ['national', 'provincial', 'city']",
        ),
        (
            "changed",
            "rules.lead_platform.clause",
            "条件“牵头单位有市级以上研发平台”（lead_platform）：依据由《关于试行开展2024年度岳阳市创新联合体申报工作的通知》2.1(3)（应当）改为《关于试行开展2024年度岳阳市创新联合体申报工作的通知》2.1(3)（原则上）",
            'the rule "The lead has an R&D platform of city level or above" (lead_platform): its ground: Notice on the 2024 trial call for Yueyang innovation consortia, clause 2.1(3) (in principle) instead of Notice on the 2024 trial call for Yueyang innovation consortia, clause 2.1(3) (must)',
        ),
    ]


def test_a_clause_in_place_of_a_setting():
    clause = {"document": "yueyang-call-2024", "clause": "4.3", "modality": "at_most"}
    found = differences(
        OLD, edited({"settings.pass_mark.basis": None, "settings.pass_mark.clause": clause}), term
    )
    assert [(each.where, each.before, each.after) for each in found] == [
        ("settings.pass_mark.clause", "setting", clause)
    ]
    assert found[0].said.en.endswith("4.3 (at most) instead of a setting, the sources are silent")


def test_the_wording_of_a_text():
    assert told({"notices.submitted.zh.body": "另一个", "notices.submitted.en.subject": "Another"}) == [
        (
            "changed",
            "notices.submitted.zh.body",
            "文本submitted的中文正文有改动",
            "the text submitted: its Chinese body changes",
        ),
        (
            "changed",
            "notices.submitted.en.subject",
            "文本submitted的英文标题有改动",
            "the text submitted: its English subject changes",
        ),
    ]


def test_a_title_that_changes_in_one_language_is_shown_in_that_one():
    assert [words[2:] for words in told({"form.lead.industry.title.en": "Chain"})] == [
        (
            "字段“所属产业链”（lead.industry）：名称由“Industrial chain”改为“Chain”",
            'the field "Chain" (lead.industry): title: Chain instead of Industrial chain',
        )
    ]


def test_what_was_not_there_and_what_is_no_longer_there():
    notify = [{"text": "deadline_overdue", "to": ["district"]}]
    assert told({D + "recommendation.lapse": None, D + "recommendation.overdue": notify}) == [
        (
            "removed",
            "application.deadlines.recommendation.lapse",
            "期限“系统推荐”（recommendation）：届满后果由（去向 “逾期未推荐，不予受理”）改为无",
            'the deadline "Recommendation in the system" (recommendation): lapse: none instead of (where it leads "Not recommended in time, not accepted")',
        ),
        (
            "added",
            "application.deadlines.recommendation.overdue",
            "期限“系统推荐”（recommendation）：逾期通知由无改为deadline_overdue → 推荐单位",
            'the deadline "Recommendation in the system" (recommendation): notices when overdue: deadline_overdue → the recommending unit instead of none',
        ),
    ]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every text and number of a pack with its path by ids."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            name = item.get("id") or item.get("path") or i if isinstance(item, dict) else i
            yield from leaves(item, f"{path}.{name}")
    elif value is not None:
        yield path, value


def test_no_change_of_a_word_or_number_goes_unnoticed():
    data = OLD.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    noticed = 0
    for path, value in list(leaves(data))[::6]:  # each sixth, for time
        if path.rpartition(".")[2] in ("id", "path", "format"):
            continue
        changed = (
            not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}1"
        )
        try:
            new = edited({path: changed})
        except ValueError:
            continue  # the change makes no pack
        found = differences(OLD, new, term)
        assert found, path
        assert any(path.startswith(each.where.removesuffix(".clause")) for each in found), path
        noticed += 1
    assert noticed > 100


@pytest.mark.parametrize("model", [Procedure, Life])
def test_every_part_of_a_pack_has_a_name(model: type[Procedure] | type[Life]):
    known = {*PARTS, *THINGS, *SECTIONS, "format", "id", "path", "clause", "basis"}
    assert {field.alias or name for name, field in model.model_fields.items()} <= known


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("intake", get_args(Procedure.model_fields["intake"].annotation)),
        ("type", get_args(FormField.model_fields["type"].annotation)),
        ("kind", (*StageKind, *get_args(NamedDate.model_fields["kind"].annotation))),
        ("days", get_args(SendingHours.model_fields["days"].annotation)),
        ("closing", get_args(DeadlineRule.model_fields["closing"].annotation)),
        ("told", get_args(Audience)),
        ("recipients", get_args(Recipient)),
        ("holder", get_args(Holder)),
        ("roles", get_args(Role)),
        ("by", get_args(Material.model_fields["by"].annotation)),
        ("joint_letter_kinds", get_args(BureauKind)),
        ("needed_for", tuple(ACTS)),
    ],
)
def test_every_word_a_pack_may_use_is_said_in_words(part: str, values: tuple[str, ...], language: str):
    section = TERMS.get(part, "pack")
    table = catalogue(language)[section] if part not in ("holder", "recipients") else None
    assert len(values) > 1
    for value in values:
        said = Values(term, {}).shown(part, value, language)
        assert said
        if table is not None:
            assert (f"{part}.{value}" if section == "pack" else value) in table
