"""What a consortium may claim, worked out: each situation with the answer and the clause that decides it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pendulum import Date

from procedure.entitlement import (
    Claim,
    Entitlement,
    Entry,
    Granted,
    Nomination,
    Reason,
    entitlement,
    entitlements,
    grant,
)
from procedure.support import Support, shipped_support

KUNSHAN = shipped_support("kunshan-2024").support
XIAMEN = shipped_support("xiamen-2025").support
QINGDAO = shipped_support("qingdao-2025").support

LEAD, FIRM, SCHOOL, STRANGER = "LEAD", "FIRM", "SCHOOL", "STRANGER"
UNITS = {LEAD: "enterprise", FIRM: "enterprise", SCHOOL: "university"}
ENTRY = Entry("KSLHT-2025-001", LEAD, UNITS, Date(2025, 1, 1), Date(2027, 12, 31))
CULTIVATED = replace(ENTRY, statuses={"kunshan_cultivation": Date(2025, 1, 1)})
RAISED = replace(ENTRY, statuses={**CULTIVATED.statuses, "suzhou_cultivation": Date(2025, 6, 1)})
RECOGNISED = replace(ENTRY, statuses={**RAISED.statuses, "suzhou_recognition": Date(2026, 1, 1)})
LATER = Date(2026, 3, 2)


def yuan(amount: str) -> int:
    """An amount in yuan as fen, without any rounding."""
    whole, _, fen = amount.replace(",", "").partition(".")
    return int(whole) * 100 + int(fen.ljust(2, "0") or 0)


def paid(measure: str, amount: str, **more: Any) -> Granted:
    told = {"entry": ENTRY.number, "beneficiary": LEAD, "object": None, "year": None, **more}
    return Granted(measure, amount=yuan(amount), **told)


def asked(measure: str, *facts: str, of: str | None = None, on: Date = LATER, **more: Any) -> Claim:
    known = {**dict.fromkeys(facts, True), **more.pop("facts", {})}
    return Claim(measure, more.pop("to", LEAD), on, of, facts=known, **more)


def case(
    support: Support,
    claim: Claim,
    verdict: str,
    amount: str | None,
    because: str,
    clause: str,
    *granted: Granted,
    entry: Entry = ENTRY,
    nominations: tuple[Nomination, ...] = (),
) -> tuple[Any, ...]:
    return support, claim, entry, granted, nominations, verdict, amount, because, clause


K1, K3, K4 = "4(1)", "4(3)", "4(4)"
MATCH = "科技项目支持2"
OPEN_K1, OPEN_MATCH = f"{K1}, silent", f"{MATCH}, silent"
"""The clause that grants the measure and says nothing of the question: a setting, or an officer, decides."""
FUNDS = {"national_funds": yuan("12,000,000")}
PROJECT = Nomination(ENTRY.number, "project", Date(2026, 3, 1))

SITUATIONS: Mapping[str, tuple[Any, ...]] = {
    # Kunshan 4(1): three statuses, the higher, no double award.
    "kunshan cultivation": case(
        KUNSHAN, asked("kunshan_cultivation"), "payable", "500,000", "limit", K1, entry=CULTIVATED
    ),
    "kunshan cultivation without the status": case(
        KUNSHAN, asked("kunshan_cultivation"), "not_payable", None, "status_missing", K1
    ),
    "suzhou cultivation alone": case(
        KUNSHAN, asked("suzhou_cultivation"), "payable", "1,000,000", "limit", K1, entry=RAISED
    ),
    "suzhou cultivation after kunshan's: the difference": case(
        *(KUNSHAN, asked("suzhou_cultivation"), "payable", "500,000", "higher_only", K1),
        paid("kunshan_cultivation", "500,000"),
        entry=RAISED,
    ),
    "suzhou cultivation after a smaller award of kunshan's": case(
        *(KUNSHAN, asked("suzhou_cultivation"), "payable", "700,000", "higher_only", K1),
        paid("kunshan_cultivation", "300,000"),
        entry=RAISED,
    ),
    "kunshan cultivation after suzhou's: nothing": case(
        *(KUNSHAN, asked("kunshan_cultivation"), "not_payable", "0", "higher_only", K1),
        paid("suzhou_cultivation", "1,000,000"),
        entry=RAISED,
    ),
    "kunshan cultivation after suzhou's of 400,000: up to its own limit": case(
        *(KUNSHAN, asked("kunshan_cultivation"), "payable", "100,000", "higher_only", K1),
        paid("suzhou_cultivation", "400,000"),
        entry=RAISED,
    ),
    "suzhou cultivation once more": case(
        *(KUNSHAN, asked("suzhou_cultivation"), "not_payable", "0", "limit", K1),
        paid("suzhou_cultivation", "1,000,000"),
        entry=RAISED,
    ),
    "what was paid to another consortium does not count": case(
        *(KUNSHAN, asked("suzhou_cultivation"), "payable", "1,000,000", "limit", K1),
        paid("kunshan_cultivation", "500,000", entry="KSLHT-2025-002"),
        entry=RAISED,
    ),
    "a status that begins tomorrow": case(
        *(KUNSHAN, asked("suzhou_cultivation", on=Date(2025, 5, 31)), "not_payable", None),
        *("status_missing", K1),
        entry=RAISED,
    ),
    "a status that begins today": case(
        *(KUNSHAN, asked("suzhou_cultivation", on=Date(2025, 6, 1)), "payable", "1,000,000", "limit", K1),
        entry=RAISED,
    ),
    "recognition alone": case(
        KUNSHAN, asked("suzhou_recognition"), "payable", "2,000,000", "limit", K1, entry=RECOGNISED
    ),
    "recognition beside a cultivation award is for an officer": case(
        *(KUNSHAN, asked("suzhou_recognition"), "decide", "2,000,000", "beside", OPEN_K1),
        paid("suzhou_cultivation", "1,000,000"),
        entry=RECOGNISED,
    ),
    "recognition beside it, allowed": case(
        *(KUNSHAN, asked("suzhou_recognition", decided={"beside": True}), "payable", "2,000,000"),
        *("beside", OPEN_K1),
        paid("suzhou_cultivation", "1,000,000"),
        entry=RECOGNISED,
    ),
    "recognition beside it, not allowed: the difference": case(
        *(KUNSHAN, asked("suzhou_recognition", decided={"beside": False}), "payable", "1,000,000"),
        *("beside", OPEN_K1),
        paid("suzhou_cultivation", "1,000,000"),
        entry=RECOGNISED,
    ),
    "cultivation after recognition is for an officer too": case(
        *(KUNSHAN, asked("suzhou_cultivation"), "decide", "1,000,000", "beside", OPEN_K1),
        paid("suzhou_recognition", "2,000,000"),
        entry=RECOGNISED,
    ),
    "cultivation after recognition, not allowed": case(
        *(KUNSHAN, asked("suzhou_cultivation", decided={"beside": False}), "not_payable", "0"),
        *("beside", OPEN_K1),
        paid("suzhou_recognition", "2,000,000"),
        entry=RECOGNISED,
    ),
    "cultivation is paid to the lead": case(
        *(KUNSHAN, asked("kunshan_cultivation", to=FIRM), "not_payable", None, "wrong_beneficiary", K1),
        entry=CULTIVATED,
    ),
    # Kunshan 4(2)-4(5).
    "a special project": case(
        KUNSHAN,
        asked("special_project", "in_special_programme", of="P1", to=SCHOOL),
        *("payable", "3,000,000", "limit", "4(2)"),
    ),
    "a second special project has a limit of its own": case(
        *(KUNSHAN, asked("special_project", "in_special_programme", of="P2"), "payable", "3,000,000"),
        *("limit", "4(2)"),
        paid("special_project", "3,000,000", object="P1"),
    ),
    "the same special project, one cent left": case(
        *(KUNSHAN, asked("special_project", "in_special_programme", of="P1"), "payable", "0.01"),
        *("limit", "4(2)"),
        paid("special_project", "2,999,999.99", object="P1"),
    ),
    "a special project that nobody has named": case(
        *(KUNSHAN, asked("special_project", "in_special_programme"), "cannot_tell", None),
        *("object_missing", "4(2)"),
    ),
    "a special project of which nobody knows": case(
        KUNSHAN, asked("special_project", of="P1"), "cannot_tell", None, "fact_missing", "4(2)"
    ),
    "a special project outside the programme": case(
        *(KUNSHAN, asked("special_project", of="P1", facts={"in_special_programme": False})),
        *("not_payable", None, "condition_not_met", "4(2)"),
    ),
    "a special project of a stranger": case(
        *(KUNSHAN, asked("special_project", "in_special_programme", of="P1", to=STRANGER)),
        *("not_payable", None, "wrong_beneficiary", "4(2)"),
    ),
    "a leading-goose platform": case(
        *(KUNSHAN, asked("leading_goose_platform", "leading_goose_platform", of="L1"), "payable"),
        *("200,000,000", "limit", K3),
    ),
    "a leading-goose team": case(
        *(KUNSHAN, asked("leading_goose_team", "leading_goose_team", of="T1"), "payable"),
        *("100,000,000", "limit", K3),
    ),
    "a talent project that was nominated": case(
        *(KUNSHAN, asked("talent_project", "meets_talent_conditions", of="project", to=STRANGER)),
        *("payable", "3,000,000", "limit", K3),
        nominations=(PROJECT,),
    ),
    "a talent project that was not": case(
        *(KUNSHAN, asked("talent_project", "meets_talent_conditions", of="other", to=STRANGER)),
        *("not_payable", None, "not_nominated", K3),
        nominations=(PROJECT,),
    ),
    "a talent project nominated by another consortium": case(
        *(KUNSHAN, asked("talent_project", "meets_talent_conditions", of="project", to=STRANGER)),
        *("not_payable", None, "not_nominated", K3),
        nominations=(replace(PROJECT, entry="KSLHT-2025-002"),),
    ),
    "a talent project nominated the day after": case(
        *(KUNSHAN, asked("talent_project", "meets_talent_conditions", of="project", to=STRANGER)),
        *("not_payable", None, "not_nominated", K3),
        nominations=(replace(PROJECT, on=Date(2026, 3, 3)),),
    ),
    "a national key laboratory": case(
        *(KUNSHAN, asked("national_key_laboratory", "national_key_laboratory", of="N"), "payable"),
        *("200,000,000", "limit", K4),
    ),
    "co-funding of a provincial laboratory": case(
        *(KUNSHAN, asked("provincial_laboratory", "provincial_laboratory", of="N"), "payable"),
        *("20,000,000", "limit", K4),
    ),
    "co-funding of a national centre": case(
        *(KUNSHAN, asked("national_innovation_centre", "national_innovation_centre", of="N"), "payable"),
        *("50,000,000", "limit", K4),
    ),
    "co-funding of a provincial centre": case(
        *(KUNSHAN, asked("provincial_innovation_centre", "provincial_innovation_centre", of="N")),
        *("payable", "10,000,000", "limit", K4),
    ),
    "a suzhou key laboratory": case(
        *(KUNSHAN, asked("suzhou_key_laboratory", "suzhou_key_laboratory", of="N"), "payable"),
        *("500,000", "limit", K4),
    ),
    "a suzhou key laboratory once more": case(
        *(KUNSHAN, asked("suzhou_key_laboratory", "suzhou_key_laboratory", of="N"), "not_payable", "0"),
        *("limit", K4),
        paid("suzhou_key_laboratory", "500,000", object="N"),
    ),
    "a breakthrough result in its year": case(
        *(KUNSHAN, asked("breakthrough_result", "selected_breakthrough", of="R", year=2025), "payable"),
        *("1,000,000", "limit", "4(5)"),
        paid("breakthrough_result", "1,000,000", object="R", year=2026),
    ),
    "a breakthrough result of a year to come": case(
        *(KUNSHAN, asked("breakthrough_result", "selected_breakthrough", of="R", year=2027)),
        *("not_payable", None, "wrong_year", "4(5)"),
    ),
    "a breakthrough result of a year before the opinions": case(
        *(KUNSHAN, asked("breakthrough_result", "selected_breakthrough", of="R", year=2023)),
        *("not_payable", None, "wrong_year", "4(5)"),
    ),
    "an entry that has expired": case(
        *(KUNSHAN, asked("kunshan_cultivation", on=Date(2028, 1, 1)), "not_payable", None),
        *("entry_not_valid", OPEN_K1),
        entry=CULTIVATED,
    ),
    "an entry on its last day": case(
        *(KUNSHAN, asked("kunshan_cultivation", on=Date(2027, 12, 31)), "payable", "500,000", "limit", K1),
        entry=CULTIVATED,
    ),
    "an entry that was revoked": case(
        *(KUNSHAN, asked("kunshan_cultivation"), "not_payable", None, "entry_not_valid", OPEN_K1),
        entry=replace(CULTIVATED, state="revoked"),
    ),
    # Xiamen 2025.
    "matching at half": case(
        *(XIAMEN, asked("national_matching", "national_project", of="N", facts=FUNDS), "payable"),
        *("6,000,000", "limit", MATCH),
    ),
    "matching of an odd fen is rounded down": case(
        *(XIAMEN, asked("national_matching", "national_project", of="N", facts={"national_funds": 101})),
        *("payable", "0.50", "limit", MATCH),
    ),
    "matching that hits the cap exactly": case(
        XIAMEN,
        asked("national_matching", "national_project", of="N", facts={"national_funds": yuan("20,000,000")}),
        *("payable", "10,000,000", "limit", MATCH),
    ),
    "matching above the cap": case(
        XIAMEN,
        asked(
            "national_matching", "national_project", of="N", facts={"national_funds": yuan("20,000,000.02")}
        ),
        *("payable", "10,000,000", "limit", MATCH),
    ),
    "matching, what is left": case(
        *(XIAMEN, asked("national_matching", "national_project", of="N", facts=FUNDS), "payable"),
        *("2,000,000", "limit", MATCH),
        paid("national_matching", "4,000,000", object="N"),
    ),
    "matching for a university": case(
        *(XIAMEN, asked("national_matching", "national_project", of="N", facts=FUNDS, to=SCHOOL)),
        *("not_payable", None, "wrong_beneficiary", MATCH),
    ),
    "matching of funds that nobody has told": case(
        *(XIAMEN, asked("national_matching", "national_project", of="N"), "cannot_tell", None),
        *("fact_missing", MATCH),
    ),
    "matching of negative funds": case(
        *(XIAMEN, asked("national_matching", "national_project", of="N", facts={"national_funds": -1})),
        *("not_payable", None, "not_an_amount", MATCH),
    ),
    "a major project": case(
        *(XIAMEN, asked("major_project", "in_major_programme", of="M"), "payable", "20,000,000"),
        *("limit", "科技项目支持1"),
    ),
    "a national platform, once": case(
        *(XIAMEN, asked("national_platform", "new_national_platform", of="P"), "payable", "30,000,000"),
        *("limit", "平台建设支持1"),
    ),
    "a national platform, twice": case(
        *(XIAMEN, asked("national_platform", "new_national_platform", of="P", to=FIRM), "not_payable", "0"),
        *("limit", "平台建设支持1"),
        paid("national_platform", "30,000,000", object="P"),
    ),
    "a public platform for the unit it is built on": case(
        *(XIAMEN, asked("public_platform", "public_platform_host", of="P", to=SCHOOL), "payable"),
        *("20,000,000", "limit", "平台建设支持2"),
    ),
    "a special post": case(
        *(XIAMEN, asked("special_post", "qualifies_for_recognition", "special_post", of="Dr Wu"), "payable"),
        *("1,000,000", "limit", "人才政策支持"),
    ),
    "straight into the defence brings no amount": case(
        *(XIAMEN, asked("talent_defence", "incubated_by_talent_consortium", of="T", to=STRANGER), "payable"),
        *(None, "amount_not_stated", "人才政策支持"),
    ),
    "first-set equipment as provided elsewhere": case(
        *(XIAMEN, asked("first_set_equipment", "first_set_equipment", of="E"), "payable", None),
        *("amount_not_stated", "科技项目支持3"),
    ),
    "the unit hosting the executive body": case(
        *(XIAMEN, asked("new_mechanism", "notable_conversion", "hosts_executive_body", to=SCHOOL)),
        *("payable", "300,000", "limit", "科技服务支持2"),
    ),
    "another unit of the same consortium": case(
        *(XIAMEN, asked("new_mechanism", "notable_conversion", "hosts_executive_body", to=FIRM)),
        *("not_payable", "0", "limit", "科技服务支持2"),
        paid("new_mechanism", "300,000", beneficiary=SCHOOL),
    ),
    "before the measures were in force": case(
        *(XIAMEN, asked("major_project", "in_major_programme", of="M", on=Date(2025, 8, 9))),
        *("not_payable", None, "not_in_force", "导语"),
    ),
    "on the day they came into force": case(
        *(XIAMEN, asked("major_project", "in_major_programme", of="M", on=Date(2025, 8, 10)), "payable"),
        *("20,000,000", "limit", "科技项目支持1"),
    ),
    # Xiamen's sixteen measures: three years from an inferred February 2024.
    "contracts of a firm in a year": case(
        *(XIAMEN, asked("technology_contracts", "registered_contracts", to=FIRM, year=2026), "payable"),
        *("400,000", "limit", "夯实企业创新主体地位3"),
        paid("technology_contracts", "600,000", beneficiary=FIRM, year=2026),
        paid("technology_contracts", "1,000,000", beneficiary=FIRM, year=2025),
        paid("technology_contracts", "1,000,000", beneficiary=LEAD, year=2026),
    ),
    "the last day on which they surely hold": case(
        XIAMEN,
        asked("technology_contracts", "registered_contracts", to=FIRM, on=Date(2027, 1, 31)),
        *("payable", "1,000,000", "limit", "夯实企业创新主体地位3"),
    ),
    "the month of the inferred end is for an officer": case(
        XIAMEN,
        asked("technology_contracts", "registered_contracts", to=FIRM, on=Date(2027, 2, 1)),
        *("decide", "1,000,000", "term_unclear", "导语"),
    ),
    "the officer found that they still held": case(
        XIAMEN,
        asked(
            *("technology_contracts", "registered_contracts"),
            to=FIRM,
            on=Date(2027, 2, 28),
            decided={"term": True},
        ),
        *("payable", "1,000,000", "limit", "夯实企业创新主体地位3"),
    ),
    "the officer found that they had ended": case(
        XIAMEN,
        asked(
            *("technology_contracts", "registered_contracts"),
            to=FIRM,
            on=Date(2027, 2, 28),
            decided={"term": False},
        ),
        *("not_payable", None, "not_in_force", "导语"),
    ),
    "after the three years": case(
        XIAMEN,
        asked("technology_contracts", "registered_contracts", to=FIRM, on=Date(2027, 3, 1)),
        *("not_payable", None, "not_in_force", "导语"),
    ),
    "a recognition reward within its range": case(
        *(XIAMEN, asked("recognition_reward", "recognised_firm", of="high-tech 2026", to=FIRM), "payable"),
        *("5,000,000", "limit", "夯实企业创新主体地位1"),
    ),
    "a recognition reward for the same recognition": case(
        *(XIAMEN, asked("recognition_reward", "recognised_firm", of="high-tech 2026", to=FIRM)),
        *("not_payable", "0", "limit", "夯实企业创新主体地位1"),
        paid("recognition_reward", "200,000", beneficiary=FIRM, object="high-tech 2026"),
    ),
    "an outpost's year": case(
        *(XIAMEN, asked("outpost", "operates_outpost", year=2026), "payable", "5,000,000"),
        *("limit", "增强创新策源能力4"),
        paid("outpost", "5,000,000", year=2025),
    ),
    "an outpost's year used up": case(
        *(XIAMEN, asked("outpost", "operates_outpost", year=2026), "not_payable", "0"),
        *("limit", "增强创新策源能力4"),
        paid("outpost", "5,000,000", year=2026),
    ),
    "conversion of a major result": case(
        *(XIAMEN, asked("conversion", "in_major_project_system", of="R", to=SCHOOL), "payable"),
        *("20,000,000", "limit", "夯实企业创新主体地位3"),
    ),
    "matching of 2024 states no amount": case(
        *(XIAMEN, asked("national_matching_2024", "national_project", of="N", to=FIRM), "payable", None),
        *("amount_not_stated", "夯实企业创新主体地位2"),
    ),
    "matching twice over is for an officer": case(
        *(XIAMEN, asked("national_matching", "national_project", of="N", facts=FUNDS), "decide"),
        *("6,000,000", "beside", OPEN_MATCH),
        paid("national_matching_2024", "1,000,000", object="N"),
    ),
    # Qingdao states no amount.
    "a competitive project": case(
        QINGDAO,
        asked("competitive_project", "closely_tied", "high_technology", "notable_benefit", of="P"),
        *("payable", None, "amount_not_stated", "6(1)"),
    ),
    "a competitive project without close ties": case(
        QINGDAO,
        asked("competitive_project", "high_technology", of="P", facts={"closely_tied": False}),
        *("not_payable", None, "condition_not_met", "6(1)"),
    ),
    "more support for the excellent": case(
        *(QINGDAO, asked("increased_support"), "payable", None),
        *("amount_not_stated", "7(2)"),
        entry=replace(ENTRY, excellent=True),
    ),
    "that it is excellent the register says, not who claims": case(
        QINGDAO,
        asked("increased_support", "graded_excellent"),
        *("not_payable", None, "condition_not_met", "7(2)"),
    ),
}


@pytest.mark.clause("kunshan-opinions-2024", "4(1)", "amounts")
@pytest.mark.clause("kunshan-opinions-2024", "4(2)")
@pytest.mark.clause("kunshan-opinions-2024", "4(3)", "platform and team")
@pytest.mark.clause("kunshan-opinions-2024", "4(3)", "nomination")
@pytest.mark.clause("kunshan-opinions-2024", "4(4)")
@pytest.mark.clause("kunshan-opinions-2024", "4(5)")
@pytest.mark.clause("xiamen-measures-2025", "导语")
@pytest.mark.clause("xiamen-measures-2025", "科技项目支持1")
@pytest.mark.clause("xiamen-measures-2025", "科技项目支持2")
@pytest.mark.clause("xiamen-measures-2025", "科技项目支持3")
@pytest.mark.clause("xiamen-measures-2025", "平台建设支持1")
@pytest.mark.clause("xiamen-measures-2025", "平台建设支持2")
@pytest.mark.clause("xiamen-measures-2025", "人才政策支持")
@pytest.mark.clause("xiamen-measures-2025", "科技服务支持2")
@pytest.mark.clause("xiamen-16-measures-2024", "导语")
@pytest.mark.clause("xiamen-16-measures-2024", "增强创新策源能力4")
@pytest.mark.clause("xiamen-16-measures-2024", "夯实企业创新主体地位1")
@pytest.mark.clause("xiamen-16-measures-2024", "夯实企业创新主体地位2", "matching")
@pytest.mark.clause("xiamen-16-measures-2024", "夯实企业创新主体地位3", "conversion")
@pytest.mark.clause("xiamen-16-measures-2024", "夯实企业创新主体地位3", "contracts")
@pytest.mark.clause("qingdao-guideline-2025", "6(1)")
@pytest.mark.clause("qingdao-guideline-2025", "7(2)", "more support")
@pytest.mark.parametrize("name", SITUATIONS)
def test_a_claim_is_answered_by_its_clause(name: str) -> None:
    support, claim, entry, granted, nominations, verdict, amount, because, clause = SITUATIONS[name]
    answer = entitlement(support, claim, entry, granted, nominations)
    first = answer.reasons[0]
    granting = support.measure[claim.measure].clause
    ground = f"{granting.clause}, silent" if first.clause is None else first.clause.clause
    said = (answer.verdict, answer.at_most, first.code, ground)
    assert said == (verdict, None if amount is None else yuan(amount), because, clause)


def test_there_are_forty_situations_and_more() -> None:
    assert len(SITUATIONS) >= 40
    # Where no clause decides, the row names the one that leaves it open.
    open_still = [name for name, row in SITUATIONS.items() if row[-1] in {OPEN_K1, OPEN_MATCH}]
    assert len(open_still) == 8
    assert {support.code for support, *_ in SITUATIONS.values()} == {
        "kunshan-2024",
        "xiamen-2025",
        "qingdao-2025",
    }


# Granting.


def refused(answer: Granted | Reason) -> str:
    assert isinstance(answer, Reason), answer
    return answer.code


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (yuan("500,000"), None),
        (yuan("500,000.01"), "over_the_limit"),
        (1, None),
        (0, "not_an_amount"),
        (-1, "not_an_amount"),
        (True, "not_an_amount"),
        (5.0, "not_an_amount"),
    ],
)
def test_the_limit_to_the_fen(amount: Any, code: str | None) -> None:
    answer = grant(KUNSHAN, asked("kunshan_cultivation"), amount, CULTIVATED)
    if code is None:
        assert answer == Granted("kunshan_cultivation", ENTRY.number, LEAD, None, None, amount)
    else:
        assert refused(answer) == code


@pytest.mark.parametrize(
    ("amount", "code"),
    [("500,000", None), ("499,999.99", "not_the_stated_amount"), ("500,000.01", "over_the_limit")],
)
def test_a_fixed_amount_is_given_whole_or_not_at_all(amount: str, code: str | None) -> None:
    claim = asked("suzhou_key_laboratory", "suzhou_key_laboratory", of="N")
    answer = grant(KUNSHAN, claim, yuan(amount), ENTRY)
    assert (None if isinstance(answer, Granted) else answer.code) == code


@pytest.mark.parametrize(
    ("amount", "code"),
    [("199,999.99", "under_the_least"), ("200,000", None), ("5,000,000", None)],
)
def test_a_range_has_two_ends(amount: str, code: str | None) -> None:
    claim = asked("recognition_reward", "recognised_firm", of="little giant", to=FIRM)
    answer = grant(XIAMEN, claim, yuan(amount), ENTRY)
    assert (None if isinstance(answer, Granted) else answer.code) == code


def test_what_an_officer_has_to_decide_is_not_granted_before() -> None:
    before = [paid("suzhou_cultivation", "1,000,000")]
    claim = asked("suzhou_recognition")
    assert refused(grant(KUNSHAN, claim, yuan("1"), RECOGNISED, before)) == "beside"
    allowed = replace(claim, decided={"beside": True})
    assert isinstance(grant(KUNSHAN, allowed, yuan("2,000,000"), RECOGNISED, before), Granted)


def test_where_no_amount_is_stated_the_officer_sets_it() -> None:
    claim = asked("increased_support", year=2026)
    assert grant(QINGDAO, claim, yuan("7"), replace(ENTRY, excellent=True)) == Granted(
        "increased_support", ENTRY.number, LEAD, None, 2026, yuan("7")
    )


@pytest.mark.parametrize("said", [0, 1, -1, False])
def test_a_condition_is_met_only_by_a_yes(said: Any) -> None:
    claim = asked("special_project", of="P1", facts={"in_special_programme": said})
    (reason,) = entitlement(KUNSHAN, claim, ENTRY).reasons
    assert (reason.code, reason.facts["value"]) == ("condition_not_met", said)


@pytest.mark.parametrize("said", [True, -1, 1.5, "100"])
def test_a_sum_is_a_whole_number_of_fen(said: Any) -> None:
    claim = asked("national_matching", "national_project", of="N", facts={"national_funds": said})
    (reason,) = entitlement(XIAMEN, claim, ENTRY).reasons
    assert (reason.code, reason.facts["value"]) == ("not_an_amount", said)


def test_a_fact_that_there_is_not_is_named() -> None:
    claim = asked("special_project", "in_special_program", "in_special_programme", of="P1")
    (reason,) = entitlement(KUNSHAN, claim, ENTRY).reasons
    assert (reason.code, reason.facts) == ("unknown_fact", {"facts": ["in_special_program"]})


def test_a_measure_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        entitlement(KUNSHAN, asked("gift"), ENTRY)


def test_everything_against_a_claim_is_named_the_worst_first() -> None:
    claim = asked("special_project", to=STRANGER, on=Date(2028, 1, 1))
    answer = entitlement(KUNSHAN, claim, ENTRY)
    assert [reason.code for reason in answer.reasons] == [
        "entry_not_valid",
        "wrong_beneficiary",
        "object_missing",
        "fact_missing",
    ]


def test_an_entry_is_told_what_every_measure_answers() -> None:
    claims = [
        asked("special_project", "in_special_programme", of="P1"),
        asked("special_project", "in_special_programme", of="P2"),
    ]
    answers = entitlements(
        KUNSHAN, RAISED, LATER, claims, [paid("special_project", "3,000,000", object="P1")]
    )
    assert [each.measure for each in answers] == [
        measure.id for measure in KUNSHAN.measures for _ in range(2 if measure.id == "special_project" else 1)
    ]
    told = {(each.measure, each.verdict, each.at_most) for each in answers}
    assert {
        ("kunshan_cultivation", "payable", yuan("500,000")),
        ("suzhou_cultivation", "payable", yuan("1,000,000")),
        ("suzhou_recognition", "not_payable", None),
        ("special_project", "not_payable", 0),
        ("special_project", "payable", yuan("3,000,000")),
        ("suzhou_key_laboratory", "cannot_tell", None),
    } <= told


# Whatever is claimed, in whatever order, no limit is ever passed.


OPEN_TO_ALL = (
    RECOGNISED,
    replace(RECOGNISED, number="KSLHT-2025-003", units={**UNITS, "OTHER": "enterprise"}),
)


@st.composite
def requests(draw: st.DrawFn) -> list[tuple[Support, Claim, Entry, int]]:
    support = draw(st.sampled_from([KUNSHAN, XIAMEN]))
    found = []
    for _ in range(draw(st.integers(1, 25))):
        measure = draw(st.sampled_from(support.measures))
        facts: dict[str, bool | int] = dict.fromkeys(measure.requires, True)
        if measure.amount.of is not None:
            facts[measure.amount.of] = draw(st.integers(0, yuan("60,000,000")))
        claim = Claim(
            measure.id,
            draw(st.sampled_from([LEAD, FIRM])),
            draw(st.sampled_from([Date(2026, 1, 5), Date(2026, 7, 1), Date(2027, 1, 4)])),
            draw(st.sampled_from(["A", "B"])),
            draw(st.sampled_from([None, 2025, 2026])),
            facts,
            {"beside": draw(st.booleans())},
        )
        most = measure.amount.most or 100
        amount = draw(st.one_of(st.just(most), st.integers(1, 2 * most)))
        found.append((support, claim, draw(st.sampled_from(OPEN_TO_ALL)), amount))
    return found


@given(requests())
@settings(max_examples=300, deadline=None)
def test_the_sum_granted_never_exceeds_a_limit(wanted: list[tuple[Support, Claim, Entry, int]]) -> None:
    granted: list[Granted] = []
    nominations = [
        Nomination(entry.number, of, Date(2026, 1, 1)) for entry in OPEN_TO_ALL for of in ("A", "B")
    ]
    for support, claim, entry, amount in wanted:
        answer = entitlement(support, claim, entry, granted, nominations)
        given_ = grant(support, claim, amount, entry, granted, nominations)
        if isinstance(given_, Granted):
            assert answer.verdict == "payable"
            granted.append(given_)
        elif answer.verdict == "payable" and answer.at_most:
            # What may be claimed is really granted, and a cent more is not.
            most = grant(support, claim, answer.at_most, entry, granted, nominations)
            over = grant(support, claim, answer.at_most + 1, entry, granted, nominations)
            assert isinstance(most, Granted)
            assert isinstance(over, Reason)
    assert limits_passed(wanted[0][0], granted) == []


def limits_passed(support: Support, granted: list[Granted]) -> list[str]:
    """Every limit that the grants pass, counted without the module under test."""
    sums: dict[tuple[Any, ...], int] = {}
    limits: dict[tuple[Any, ...], int] = {}
    for each in granted:
        measure = support.measure[each.measure]
        within = {"consortium": each.entry, "firm": each.beneficiary, "object": each.object}[measure.per]
        year = each.year if measure.every == "year" else None
        for name in (measure.id, measure.higher_of):
            if name is not None and measure.amount.most is not None:
                key = (name, within, year)
                sums[key] = sums.get(key, 0) + each.amount
                sharing = [m for m in support.measures if name in (m.id, m.higher_of)]
                limits[key] = max(m.amount.most or 0 for m in sharing)
    return [f"{key}: {total} > {limits[key]}" for key, total in sums.items() if total > limits[key]]


@given(
    st.permutations(["kunshan_cultivation", "suzhou_cultivation"]),
    st.integers(1, yuan("500,000")),
    st.integers(1, yuan("1,000,000")),
)
def test_two_exclusive_measures_in_either_order_bring_the_higher_together(
    order: list[str], kunshan: int, suzhou: int
) -> None:
    wanted = {"kunshan_cultivation": kunshan, "suzhou_cultivation": suzhou}
    granted: list[Granted] = []
    for measure in order:
        answer = entitlement(KUNSHAN, asked(measure), RAISED, granted)
        amount = min(wanted[measure], answer.at_most or 0)
        if amount:
            given_ = grant(KUNSHAN, asked(measure), amount, RAISED, granted)
            assert isinstance(given_, Granted)
            granted.append(given_)
    assert sum(each.amount for each in granted) <= yuan("1,000,000")


def test_answers_are_values() -> None:
    answer = entitlement(KUNSHAN, asked("kunshan_cultivation"), CULTIVATED)
    assert isinstance(answer, Entitlement)
    assert answer == entitlement(KUNSHAN, asked("kunshan_cultivation"), CULTIVATED)
    assert answer.reasons[0].facts == {"most": yuan("500,000"), "granted": 0}
    assert (answer.exact, answer.reasons[0].clause.modality) == (False, "at_most")  # type: ignore[union-attr]
