"""Three years after filing in four cities, two hundred entries each: what followed, by the day.

The n-th entry of a register is told of as ``n``. Numbers, names and grades are made up.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import audit, calls, changes, claims, disqualifying
from casework.acts import Receipt
from models import Record
from models.database import reading
from procedure.act import Refusal
from procedure.evaluation import Reached
from procedure.instant import calendar_day
from tests.scenarios.two_hundred import ENTRIES, City, all_but, two_hundred


@pytest.fixture
def city(request: pytest.FixtureRequest, played: Callable[[Path], Path], tmp_path: Path) -> Iterator[City]:
    """A city whose story has been told, with two hundred entries filed."""
    with two_hundred(request.param, played, tmp_path) as found:
        yield found
        # Over all that the years wrote, no event, state or entry is other than it was written.
        with reading(found.engine) as connection:
            assert list(audit.verify(connection)) == []


def in_city(name: str) -> Any:
    return pytest.mark.parametrize("city", [name], indirect=True)


def code_of(answer: Receipt | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return str(answer.facts.get("reason", answer.code))


def begun(answer: Receipt | Refusal) -> str:
    assert isinstance(answer, Receipt), answer
    return answer.ref


@in_city("kunshan")
@pytest.mark.clause("kunshan-opinions-2024", "5(2)")
def test_kunshan_cancels_what_fails_twice_in_a_row(city: City) -> None:
    # Before any round the seventeenth was granted its award to the fen, and it was paid.
    claim = begun(
        claims.file(
            city.engine, city.claim(city.units[16]), city.numbers[16], {"measure": "suzhou_cultivation"}
        )
    )
    over = {"amount": "1000000.01", "document": "昆科〔2025〕9号"}
    assert code_of(city.ask(claim, city.leader, "approve_claim", **over)) == "over_the_limit"
    city.do(claim, city.leader, "approve_claim", **{**over, "amount": "1000000"})
    city.do(claim, city.officer, "pay_claim", amount="1000000", on="2025-10-28", document="凭证1")

    # 2026: six fail, 7 and 8 never report, two report late, two are put off; forty others are looked at.
    failed, late, put_off = (1, 2, 3, 4, 5, 6), (9, 10), (11, 12)
    looked_at = range(13, 53)
    city.at("2026-10-27T09:00")
    assert city.round("PG2026", city.officer) == ENTRIES
    days = [city.due(city.of("PG2026", 1), name)[:10] for name in ("self_report", "last_report")]
    assert days == ["2026-11-24", "2026-12-08"]
    city.let_off("PG2026", "postpone_evaluation", "厂房搬迁", put_off)
    city.let_off("PG2026", "waive_evaluation", "抽查未抽中", range(53, ENTRIES + 1))
    city.graded("PG2026", "59.99", failed)
    city.graded("PG2026", "60", looked_at)
    city.at("2026-11-24T23:59:59")
    assert city.told("deadline_overdue") == 0
    # The day after, unit, district and bureau are told of each of the four.
    city.at("2026-11-25T00:01")
    assert city.told("deadline_overdue") == 12
    city.graded("PG2026", "75", late)
    city.at("2026-12-08T23:59:59")
    assert city.came_to("PG2026")["self_report"] == 2
    city.at("2026-12-09T00:01")
    assert city.came_to("PG2026") == {
        "failed": 6,
        "not_reported": 2,
        "postponed": 2,
        "waived": 148,
        "qualified": 42,
    }
    # One failure cancels nothing (5(2)).
    assert city.revocations("PG2026") == []

    # The sixteenth's plan sets a target that its application did not: what it reports next answers that.
    told = {"consortium.target_patents": "20", "consortium.targets_by": "2028-12-31"}
    wanted = {"aspect": "plan", "value": "增加专利目标", "reason": "补充任务", "fields": told}
    change = handed_in(city, 16, "construction_plan", **wanted)
    for member in MEMBERS:
        city.do(change, member, "consent_to_change")
    city.do(change, city.officer, "decide_change", result="approved", answer="同意")

    # 2027: who failed is looked at again. The second is put off, the third let off, the fifth appeals.
    again = (1, 2, 3, 4, 5, 6, 7, 8)
    city.at("2027-10-27T09:00")
    assert city.round("PG2027", city.officer) == ENTRIES
    city.let_off("PG2027", "postpone_evaluation", "厂房搬迁", [2])
    city.let_off("PG2027", "waive_evaluation", "上年合格", [3, *all_but(again)])
    city.graded("PG2027", "40", (1, 5, 6))
    city.graded("PG2027", "80", (4, 8))
    city.do(city.of("PG2027", 5), city.units[4], "appeal_grade", reason="漏计专利")
    assert city.due(city.of("PG2027", 1), "grade_publicity")[:10] == "2027-11-03"
    city.at("2027-11-03T23:59:59")
    assert city.revocations("PG2027") == []
    city.at("2027-11-04T00:01")
    assert city.revocations("PG2027") == [1, 6]
    answer = {"result": "reversed", "grade": "qualified", "answer": "补计后合格"}
    city.do(city.of("PG2027", 5), city.leader, "decide_grade_appeal", **answer)
    city.served("PG2027", (1, 6))
    assert city.due(f"{city.of('PG2027', 1)}/R", "statement")[:10] == "2027-11-11"
    city.at("2027-11-12T00:01")
    city.heard("PG2027", "revoked", "昆科〔2027〕1号", [1])
    city.heard("PG2027", "kept", "昆科〔2027〕2号", [6])
    # The seventh never reported, for the second time: cancelled, and restored on appeal.
    city.at("2027-12-09T00:01")
    assert city.revocations("PG2027") == [1, 6, 7]
    city.served("PG2027", [7])
    city.at("2027-12-17T09:00")
    city.heard("PG2027", "revoked", "昆科〔2027〕3号", [7])
    seventh = f"{city.of('PG2027', 7)}/R"
    city.at("2027-12-20T09:00")
    city.do(seventh, city.units[6], "appeal_revocation", reason="系统故障，未收到通知")
    city.at("2027-12-27T09:00")
    city.do(seventh, city.leader, "decide_revocation_appeal", result="reversed", answer="属实")
    assert city.states(city.numbers[6]) == [
        ("valid", "2025-10-27T10:00:00+08:00"),
        ("revoked", "2027-12-17T09:00:00+08:00"),
        ("valid", "2027-12-27T09:00:00+08:00"),
    ]

    # 2028: failed, put off, failed is twice in a row; failed, qualified, failed is not.
    city.at("2028-03-01T09:00")
    assert city.round("PG2028", city.officer, filed_until="2027-03-01") == 199
    city.let_off("PG2028", "waive_evaluation", "即将验收", all_but((1, 2, 4)))
    city.graded("PG2028", "40", (2, 4))
    city.at("2028-03-09T00:01")
    assert city.revocations("PG2028") == [2]
    city.served("PG2028", [2])
    city.at("2028-03-20T09:00")
    city.heard("PG2028", "revoked", "昆科〔2028〕1号", [2])

    # Acceptance at the end: the sixteenth puts right what failed, from the seventeenth funds are recovered.
    city.at("2028-05-08T09:00")
    assert city.round("YS2028", city.officer, purpose="acceptance", filed_until="2027-05-08") == 198
    city.let_off("YS2028", "waive_evaluation", "资料已齐", all_but((1, 2, 16, 17)))
    city.graded("YS2028", "50", (16, 17))
    assert city.due(city.of("YS2028", 16), "rectification")[:10] == "2028-07-31"
    assert city.answered(city.of("PG2026", 16)) == ()
    by = calendar_day("2028-12-31")
    assert city.answered(city.of("YS2028", 16)) == (Reached("consortium.target_patents", 20, 8, by),)
    assert city.answered(city.of("YS2028", 17)) == ()
    city.at("2028-07-31T09:00")
    city.do(city.of("YS2028", 16), city.officer, "accept_rectification", reason="已补齐设备")
    city.do(city.of("YS2028", 17), city.leader, "recover_funds", reason="未整改")
    back = {"amount": "1000000", "on": "2028-07-31", "document": "昆科〔2028〕5号"}
    city.do(claim, city.leader, "recover_claim", **back, cause=city.of("YS2028", 17))
    assert city.came_to("YS2028") == {"waived": 196, "qualified": 1, "funds_recovered": 1}

    # What is still valid ends with its last day.
    city.at("2028-10-26T23:59:59")
    assert city.said("2028-10-26T23:59") == {"valid": 198, "revoked": 2}
    city.at("2028-10-27T00:01")
    said = {day: city.said(day) for day in ("2025-10-27T09:59", "2027-12-01T00:00", "2027-12-20T00:00")}
    assert said == {
        "2025-10-27T09:59": {"nothing": 200},
        "2027-12-01T00:00": {"valid": 199, "revoked": 1},
        "2027-12-20T00:00": {"valid": 198, "revoked": 2},
    }
    assert city.said("2028-10-27T00:00") == {"expired": 198, "revoked": 2}


@in_city("qingdao")
@pytest.mark.clause("qingdao-guideline-2025", "7(2)", "evaluation")
@pytest.mark.clause("qingdao-guideline-2025", "7(2)", "more support")
@pytest.mark.clause("qingdao-guideline-2025", "7(3)", "bar")
def test_qingdao_revokes_after_one_failure_marks_the_excellent_and_bars_a_lead(city: City) -> None:
    # The thirtieth's lead organised poorly and did not perform: barred from the day of the service (7(3)).
    barred = begun(disqualifying.propose(city.engine, city.claim(city.officer), city.numbers[29], FINDINGS))
    city.do(barred, city.officer, "notify_findings")
    city.do(barred, city.units[29], "answer_findings", text="资金紧张")
    city.at("2026-01-05T09:00")
    decision = {"result": "disqualified", "answer": "不成立", "document_number": "青科〔2026〕4号"}
    city.do(barred, city.leader, "decide_disqualification", **decision)
    city.at("2026-01-08T09:00")
    city.do(barred, city.officer, "serve_disqualification", on="2026-01-08")
    assert until(leading(city, 30)) == "2029-01-08"

    # 2026: four fail, ten are excellent, one never reports, two report late, one is put off, thirty qualify.
    failed, excellent, silent, late = (1, 2, 3, 4), tuple(range(16, 26)), (8,), (9, 10)
    city.at("2026-10-12T09:00")
    days = {"self_report": "2026-10-30", "last_report": "2026-11-13"}
    assert city.round("PJ2026", city.officer, **days) == ENTRIES
    city.let_off("PJ2026", "postpone_evaluation", "重大改制", [11])
    looked_at = range(26, 56)
    city.let_off(
        "PJ2026", "waive_evaluation", "抽查未抽中", [5, 6, 7, *range(12, 16), *range(56, ENTRIES + 1)]
    )
    city.graded("PJ2026", "59.99", failed)
    city.graded("PJ2026", "90", excellent)
    city.graded("PJ2026", "89.99", looked_at)
    city.at("2026-10-19T23:59:59")
    assert city.revocations("PJ2026") == []
    city.at("2026-10-20T00:01")
    assert city.revocations("PJ2026") == [1, 2, 3, 4]
    marked = [city.subject(city.numbers[n - 1]).record.marks for n in (15, 16, 25, 26)]  # type: ignore[union-attr]
    assert marked == [(), (city.of("PJ2026", 16),), (city.of("PJ2026", 25),), ()]
    city.served("PJ2026", failed)
    assert city.due(f"{city.of('PJ2026', 1)}/R", "statement")[:10] == "2026-10-27"
    city.do(f"{city.of('PJ2026', 1)}/R", city.units[0], "make_statement", text="海试延期属不可抗力")
    # A filing stands until the unit was heard.
    assert city.said("2026-10-27T23:59") == {"valid": 200}
    city.at("2026-10-28T00:01")
    city.heard("PJ2026", "revoked", "青科〔2026〕1号", (1, 2, 3))
    city.heard("PJ2026", "kept", "青科〔2026〕2号", [4])
    city.at("2026-11-02T09:00")
    for n, result in ((1, "reversed"), (3, "upheld")):
        ref = f"{city.of('PJ2026', n)}/R"
        city.do(ref, city.units[n - 1], "appeal_revocation", reason="补充证明")
        city.do(ref, city.leader, "decide_revocation_appeal", result=result, answer="经复核")
    city.graded("PJ2026", "75", late)
    city.at("2026-11-14T00:01")
    # A report that never came counts as failed.
    assert city.revocations("PJ2026") == [1, 2, 3, 4, 8]
    assert city.came_to("PJ2026") == {
        "failed": 4,
        "excellent": 10,
        "not_reported": 1,
        "postponed": 1,
        "waived": 152,
        "qualified": 32,
    }
    city.served("PJ2026", silent)
    city.at("2026-11-23T09:00")
    city.heard("PJ2026", "revoked", "青科〔2026〕3号", silent)

    # 2027: of 197 that stand, what was put off fails now. The sixteenth is excellent again.
    city.at("2027-10-12T09:00")
    assert city.round("PJ2027", city.officer) == 197
    city.graded("PJ2027", "30", [11])
    city.graded("PJ2027", "95", [16])
    city.let_off("PJ2027", "waive_evaluation", "上年合格", all_but((2, 3, 8, 11, 16)))
    city.at("2027-10-20T00:01")
    assert city.revocations("PJ2027") == [11]
    assert len(city.subject(city.numbers[15]).record.marks) == 2  # type: ignore[union-attr]
    city.served("PJ2027", [11])
    city.at("2027-11-01T09:00")
    city.heard("PJ2027", "revoked", "青科〔2027〕1号", [11])

    # 2028: nobody fails, and three years are over; the seventh was filed for five.
    city.at("2028-06-01T09:00")
    assert city.round("PJ2028", city.officer) == 196
    city.let_off("PJ2028", "waive_evaluation", "即将期满", all_but((2, 3, 8, 11, 30)))
    city.graded("PJ2028", "60", [30])
    city.at("2028-10-14T00:01")
    assert city.said("2028-10-13T23:59") == {"valid": 196, "revoked": 4}
    assert city.said("2028-10-14T00:00") == {"expired": 193, "valid": 3, "revoked": 4}
    city.at("2028-11-10T00:01")
    assert city.said("2028-11-10T00:00") == {"expired": 195, "valid": 1, "revoked": 4}
    # The last day of the bar, and the first after it.
    city.at("2029-01-08T23:59:59")
    assert until(leading(city, 30)) == "2029-01-08"
    city.at("2029-01-09T00:00")
    assert isinstance(leading(city, 30), Receipt)


MEMBERS = ("lian as member", "suda as member")
"""Who answers for the member units of an entry in Kunshan."""

FINDINGS = {
    "organised_poorly": "一年未开理事会",
    "not_performed": "未投入约定资金",
    "breached_on": "2025-11-20",
}


def leading(city: City, n: int) -> Receipt | Refusal:
    """Have the lead of the n-th entry begin another application."""
    claim = city.claim(city.units[n - 1])
    return calls.start(city.engine, city.id("qingdao-2025"), claim, city.recommended_by[n - 1])


def until(answer: Receipt | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    assert answer.code == "barred"
    return str(answer.facts["until"])


@in_city("xiamen")
def test_xiamen_states_no_consequence_and_nothing_follows_from_three_failures(city: City) -> None:
    failing = (1, 2, 3, 4, 5)
    for year, last in ((2027, "2027-04-07T09:00"), (2028, "2028-04-07T09:00"), (2029, "2029-01-08T09:00")):
        code = f"PJ{year}"
        city.at(last)
        assert city.round(code, city.officer, filed_until="2026-12-31") == ENTRIES
        city.graded(code, "0", failing)
        city.graded(code, "100", (6, 7))
        city.let_off(code, "waive_evaluation", "本年不评", all_but(failing, (6, 7)))
    city.at("2029-02-01T00:01")
    for code in ("PJ2027", "PJ2028", "PJ2029"):
        assert city.came_to(code) == {"failed": 5, "excellent": 2, "waived": 193}
        assert city.revocations(code) == []
    city.at("2029-04-07T00:01")
    assert city.said("2029-04-06T23:59:59") == {"valid": 200}
    assert city.said("2029-04-07T00:00") == {"expired": 200}


@in_city("yueyang")
def test_yueyang_follows_up_and_dissolves_only_who_agrees_altogether(city: City) -> None:
    number = city.numbers[19]
    # 2025: the twentieth's progress is looked at later than planned.
    city.at("2025-10-13T09:00")
    assert city.round("PJ2025", city.officer) == ENTRIES
    city.graded("PJ2025", "80", (19, 20))
    city.let_off("PJ2025", "waive_evaluation", "本年不评", all_but((19, 20)))
    city.do(number, city.officer, "plan_follow_up", on="2025-12-01", topic="中试线")
    city.at("2025-12-01T23:59:59")
    assert city.told("follow_up_overdue") == 0
    city.at("2025-12-02T00:01")
    assert city.told("follow_up_overdue") == 1
    city.do(number, city.officer, "record_follow_up", on="2025-12-02", findings="设备到位", difficulties="无")

    # 2026: its members are asked whether to dissolve it. One says no; asked again, all agree.
    city.at("2026-10-12T09:00")
    assert city.round("PJ2026", city.officer) == ENTRIES
    city.let_off("PJ2026", "waive_evaluation", "本年不评", all_but())
    refused = dissolving(city, 20)
    city.do(refused, "college as member", "consent_to_change")
    city.do(refused, "forge as member", "refuse_change", reason="合同未履行完")
    assert city.place(refused) == "refused"
    decided = {"result": "approved", "answer": "同意解散"}
    assert code_of(city.ask(refused, city.officer, "decide_change", **decided)) == "closed"
    assert city.place(number) == "valid"
    city.at("2026-11-02T09:00")
    agreed = dissolving(city, 20)
    for member in ("college as member", "forge as member"):
        city.do(agreed, member, "consent_to_change")
    city.at("2026-11-09T10:00")
    city.do(agreed, city.officer, "decide_change", **decided)
    assert city.states(number) == [
        ("valid", "2024-10-12T10:00:00+08:00"),
        ("dissolved", "2026-11-09T10:00:00+08:00"),
    ]

    # 2027: three failures in a row elsewhere would end it; here nothing follows from one either.
    city.at("2027-06-01T09:00")
    assert city.round("PJ2027", city.officer) == 199
    city.graded("PJ2027", "10", (19,))
    city.let_off("PJ2027", "waive_evaluation", "即将期满", all_but((19, 20)))
    city.at("2027-10-11T23:59:59")
    assert city.revocations("PJ2027") == []
    assert city.said("2027-10-11T23:59") == {"valid": 199, "dissolved": 1}
    city.at("2027-10-12T00:01")
    assert city.said("2027-10-12T00:00") == {"expired": 199, "dissolved": 1}


def dissolving(city: City, n: int) -> str:
    """Have the n-th entry's lead propose to dissolve it, with a material that was stored before."""
    return handed_in(city, n, "dissolution_agreement", aspect="dissolution", reason="任务完成")


def handed_in(city: City, n: int, material: str, **wanted: Any) -> str:
    """Have the n-th entry's lead propose a change and hand it in, with a material that was stored before."""
    who = city.units[n - 1]
    change = begun(changes.propose(city.engine, city.claim(who), city.numbers[n - 1], wanted))
    with reading(city.engine) as connection:
        digest = connection.execute(select(Record.metadata.tables["files"].c.digest)).scalars().first()
    told = {"material": material, "digest": digest, "name": "材料.pdf"}
    city.do(change, who, "attach_material", **told)
    city.do(change, who, "hand_in_change")
    return change
