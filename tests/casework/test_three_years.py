"""Three years after filing in two cities: every consequence of an evaluation, with its exact dates."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from after_filing import Years
from kunshan import LEAD, MEMBER, NUMBER, UNIVERSITY, kunshan

from casework import claimable, loading, parties
from casework.matter_list import may_see
from models.database import connect, default_url, reading, writing
from procedure.act import Refusal
from procedure.evaluation import Evaluation, Reached
from procedure.instant import calendar_day
from story import after_filing as coda
from story.carriers import AFTER_FILING, Direct

QINGDAO = Path(__file__).parents[2] / "examples" / "qingdao-2025" / "story.yaml"
FAILED, MARKED, SILENT = "QDLHT-2025-001", "QDLHT-2025-002", "QDLHT-2025-003"
CONTENTS = {"management": "理事会每季一次", "research": "按计划推进", "output": "样机两台"}


@pytest.fixture
def qingdao(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Years]:
    shutil.copyfile(played(QINGDAO), tmp_path / "beian.db")
    engine = connect(default_url(tmp_path))
    yield Years(engine, "qingdao")
    engine.dispose()


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Years]:
    with kunshan(played, tmp_path) as found:
        yield Years(found.engine, "kunshan")


def grade(years: Years, ref: str, unit: str, district: str, officer: str, score: Any, **report: Any) -> None:
    """Carry an evaluation from the self-report to its grade, by a third party."""
    years.do(ref, unit, "submit_report", **report)
    years.do(ref, district, "comment_report", comment="情况属实")
    years.do(ref, officer, "appoint_reviewers", third_party="某评估院")
    years.do(ref, officer, "review_report", score=score, opinion="见评估报告")
    years.do(ref, officer, "grade")


def test_qingdao_revokes_after_one_failure_marks_the_excellent_and_restores_on_appeal(qingdao: Years) -> None:
    qingdao.at("2026-10-12T09:00")
    opened = qingdao.round("PJ2026", "qu", self_report="2026-10-30", last_report="2026-11-13")
    assert opened == 7
    failed, marked, silent = (f"PJ2026/{number}" for number in (FAILED, MARKED, SILENT))
    missing = qingdao.ask(failed, "haizhuang", "submit_report", contents={"management": "有"})
    assert isinstance(missing, Refusal)
    assert (missing.code, missing.facts["contents"]) == ("contents_missing", ["research", "output"])
    unanswered = qingdao.ask(failed, "haizhuang", "submit_report", contents=CONTENTS)
    assert isinstance(unanswered, Refusal)
    targets = ["consortium.target_patents", "consortium.target_sales"]
    assert (unanswered.code, unanswered.facts["targets"]) == ("targets_unanswered", targets)
    reached = {"consortium.target_patents": "3", "consortium.target_sales": "1250000.50"}
    grade(qingdao, failed, "haizhuang", "xi", "qu", "59.99", contents=CONTENTS, reached=reached)
    report = qingdao.subject(failed).record.report  # type: ignore[union-attr]
    by = calendar_day("2028-09-30")
    assert report.reached == (
        Reached("consortium.target_patents", 10, 3, by),
        Reached("consortium.target_sales", 500_000_000, 125_000_050, by),
    )
    grade(qingdao, marked, "huiquan", "lao", "qu", 90, contents=CONTENTS)
    grades = [qingdao.subject(ref).record.grade for ref in (failed, marked)]  # type: ignore[union-attr]
    assert grades == ["failed", "excellent"]
    # Five working days of publicity and appeal.
    assert qingdao.due(failed, "grade_publicity") == "2026-10-19T23:59:59.999999+08:00"
    qingdao.at("2026-10-19T23:59:59")
    assert qingdao.place(failed) == "announced"
    qingdao.at("2026-10-20T00:00:30")
    assert [qingdao.place(ref) for ref in (failed, marked)] == ["concluded", "concluded"]
    assert qingdao.subject(MARKED).record.marks == (marked,)  # type: ignore[union-attr]
    # Whether it is marked the register says, whatever is claimed: support may be increased (7(2)).
    with reading(qingdao.engine) as connection:
        known = [
            claimable.known(connection, number, calendar_day("2026-10-20")) for number in (MARKED, SILENT)
        ]
    verdicts = [
        claimable.answers(
            each, calendar_day("2026-10-20"), measure="increased_support", facts={"graded_excellent": True}
        )[0].verdict
        for each in known
    ]
    assert verdicts == ["payable", "not_payable"]
    revocation = qingdao.subject(f"{failed}/R")
    assert revocation.stage == "proposed"
    assert revocation.record.ground.endswith("7(2)")  # type: ignore[union-attr]
    # The filing stands until the unit was heard.
    assert qingdao.place(FAILED) == "valid"
    qingdao.at("2026-10-21T10:00")
    qingdao.do(f"{failed}/R", "qu", "give_notice")
    assert qingdao.due(f"{failed}/R", "statement") == "2026-10-28T23:59:59.999999+08:00"
    early = qingdao.ask(
        f"{failed}/R", "zhang", "decide_revocation", result="revoked", answer="成立", document_number="1号"
    )
    assert isinstance(early, Refusal)
    assert early.code == "act_not_at_this_stage"
    qingdao.at("2026-10-26T10:00")
    qingdao.do(f"{failed}/R", "haizhuang", "make_statement", text="海试延期属不可抗力")
    qingdao.at("2026-11-02T10:00")
    qingdao.do(
        f"{failed}/R", "zhang", "decide_revocation", result="revoked", answer="不成立", document_number="1号"
    )
    assert qingdao.place(FAILED) == "revoked"
    qingdao.at("2026-11-16T10:00")
    # A self-report that never came counts as failed.
    assert qingdao.place(silent) == "not_reported"
    assert qingdao.place(f"{silent}/R") == "proposed"
    qingdao.do(f"{failed}/R", "haizhuang", "appeal_revocation", reason="补充海试证明")
    qingdao.at("2026-12-01T10:00")
    qingdao.do(f"{failed}/R", "zhang", "decide_revocation_appeal", result="reversed", answer="证明有效")
    assert qingdao.states(FAILED) == [
        ("valid", "2025-10-14T10:00:00+08:00"),
        ("revoked", "2026-11-02T10:00:00+08:00"),
        ("valid", "2026-12-01T10:00:00+08:00"),
    ]
    # Its validity ends when it always would have.
    qingdao.at("2028-10-14T00:00:30")
    assert qingdao.states(FAILED)[-1] == ("expired", "2028-10-13T23:59:59.999999+08:00")


def test_kunshan_cancels_after_two_failures_with_a_postponed_round_between(city: Years) -> None:
    first, between, second = (f"{code}/{NUMBER}" for code in ("PG2026", "PG2027", "PG2028"))
    report = {"contents": {"results": "部分完成"}}
    city.at("2026-10-27T09:00")
    assert city.round("PG2026", "gu") == 1
    grade(city, first, "jing", "zone", "gu", 40, **report)
    city.at("2026-11-30T09:00")
    assert city.place(first) == "concluded"
    with reading(city.engine) as connection, pytest.raises(loading.NoSuchSubject):
        loading.id_of(connection, f"{first}/R")
    city.at("2027-10-27T09:00")
    city.round("PG2027", "gu")
    city.do(between, "head", "postpone_evaluation", reason="厂房搬迁")
    assert city.place(between) == "postponed"
    city.at("2028-03-01T09:00")
    city.round("PG2028", "gu", filed_until="2027-03-01")
    grade(city, second, "jing", "zone", "gu", 40, **report)
    # An appeal suspends the count.
    city.do(second, "jing", "appeal_grade", reason="评分有误")
    city.at("2028-03-20T09:00")
    with reading(city.engine) as connection, pytest.raises(loading.NoSuchSubject):
        loading.id_of(connection, f"{second}/R")
    city.do(second, "head", "decide_grade_appeal", result="upheld", answer="评分无误")
    revocation = city.subject(f"{second}/R")
    assert revocation.record.facts == f"{first}、{second}：连续评价不合格"  # type: ignore[union-attr]
    assert revocation.record.ground.endswith("5(2)")  # type: ignore[union-attr]
    city.do(f"{second}/R", "gu", "give_notice")
    # Nothing is said within five working days: the decision follows.
    assert city.due(f"{second}/R", "statement") == "2028-03-27T23:59:59.999999+08:00"
    city.at("2028-03-28T00:00:30")
    assert city.place(f"{second}/R") == "deciding"
    city.do(
        f"{second}/R", "head", "decide_revocation", result="revoked", answer="未陈述", document_number="2号"
    )
    assert city.states(NUMBER) == [
        ("valid", "2025-10-27T10:00:00+08:00"),
        ("revoked", "2028-03-28T00:00:30+08:00"),
    ]


@pytest.mark.parametrize(("act", "who", "ends"), [
    ("accept_rectification", "gu", "concluded"),
    ("recover_funds", "head", "funds_recovered"),
])  # fmt: skip
def test_a_failed_acceptance_is_put_right_or_funds_are_recovered(
    city: Years, act: str, who: str, ends: str
) -> None:
    city.at("2027-10-27T09:00")
    city.round("YS2027", "gu", purpose="acceptance")
    ref = f"YS2027/{NUMBER}"
    grade(city, ref, "jing", "zone", "gu", 59, contents={"results": "未完成"})
    assert city.place(ref) == "rectification"
    city.do(ref, who, act, reason="见核查记录")
    assert city.place(ref) == ends
    # It is no assessment: nothing is cancelled for it.
    assert city.place(NUMBER) == "valid"


def test_what_does_not_fit_an_evaluation_is_refused_by_name_with_nothing_written(city: Years) -> None:
    city.at("2026-10-27T09:00")
    city.round("PG2026", "gu")
    ref = f"PG2026/{NUMBER}"

    def refused(who: str, act: str, on: str = ref, **payload: Any) -> str:
        before = city.everything()
        answer = city.ask(on, who, act, **payload)
        assert isinstance(answer, Refusal), (act, payload)
        assert city.everything() == before
        return answer.code

    results = {"results": "完成"}
    proof = {"title": "验收报告", "digest": "0" * 64}
    assert refused("jing", "submit_report", contents={}) == "contents_missing"
    assert refused("jing", "submit_report", contents={**results, "colour": "红"}) == "unknown_content"
    assert refused("jing", "submit_report", contents=results, evidence=[proof]) == "evidence_not_stored"
    assert refused("gu", "complete_round", "PG2026") == "evaluations_open"
    city.do(ref, "jing", "submit_report", contents=results)
    city.do(ref, "zone", "comment_report", comment="属实")

    assert refused("gu", "appoint_reviewers") == "experts_or_third_party"
    both = {"experts": ["e1"], "third_party": "某评估院"}
    assert refused("gu", "appoint_reviewers", **both) == "experts_or_third_party"
    assert refused("gu", "appoint_reviewers", experts=["e1", "e1"]) == "named_twice"
    assert refused("gu", "appoint_reviewers", experts=["e1", "jing"]) == "unknown_experts"
    with writing(city.engine) as connection:
        bureau = parties.bureau_id(connection, "kunshan")
        lead, member = (parties.organisation_id(connection, each) for each in (LEAD, MEMBER))
        parties.expert(connection, city.claim("e3").person, bureau, lead, [])
        parties.expert(connection, city.claim("e4").person, bureau, member, [])
        parties.expert(connection, city.claim("e5").person, bureau, None, [], [UNIVERSITY])
    for tied in ("e3", "e4", "e5"):
        assert refused("gu", "appoint_reviewers", experts=["e1", tied]) == "expert_of_the_unit"
    assert refused("gu", "review_report", score=80, opinion="见报告") == "no_reviewer"
    city.do(ref, "gu", "appoint_reviewers", experts=["e1", "e2"])
    assert refused("gu", "review_report", score=80, opinion="见报告", expert="e3") == "not_a_reviewer"
    for score in ("100.01", "-1", "九十", "80.123"):
        assert refused("e1", "review_report", score=score, opinion="见报告") == "score_out_of_range"
    city.do(ref, "e1", "review_report", score=100, opinion="见报告")
    assert refused("gu", "appoint_reviewers", third_party="某评估院") == "reviews_given"
    assert refused("gu", "grade") == "reviews_missing"
    city.do(ref, "e2", "review_report", score=0, opinion="见报告")
    city.do(ref, "gu", "grade")
    city.do(ref, "jing", "appeal_grade", reason="评分有误")
    for result, other in (("upheld", "qualified"), ("reversed", "failed"), ("reversed", None)):
        answer = {"result": result, "answer": "已复核", "grade": other}
        assert refused("head", "decide_grade_appeal", **answer) == "grade_does_not_fit"


def test_everybody_sees_their_own_after_filing(city: Years) -> None:
    city.at("2026-10-27T09:00")
    city.round("PG2026", "gu")
    ref = f"PG2026/{NUMBER}"

    def seen() -> dict[str, bool]:
        people = [city.claim(who) for who in ("jing", "zone", "gu", "head", "e1", "e2")]
        people.insert(1, city.claim("lian", "member"))
        names = ("jing", "lian", "zone", "gu", "head", "e1", "e2")
        subject = city.id(ref)
        with reading(city.engine) as connection:
            return {
                who: may_see(connection, claim, subject) for who, claim in zip(names, people, strict=True)
            }

    everybody = {"jing": True, "lian": True, "zone": True, "gu": True, "head": True}
    assert seen() == everybody | {"e1": False, "e2": False}
    city.do(ref, "jing", "submit_report", contents={"results": "完成"})
    city.do(ref, "zone", "comment_report", comment="属实")
    city.do(ref, "gu", "appoint_reviewers", experts=["e1"])
    assert seen() == everybody | {"e1": True, "e2": False}
    city.do(ref, "e1", "review_report", score="88.5", opinion="好")
    assert seen() == everybody | {"e1": False, "e2": False}
    city.do(ref, "gu", "grade")
    record = city.subject(ref).record
    assert isinstance(record, Evaluation)
    assert (record.mean, record.grade) == (8850, "qualified")
    of_round, jing, gu = city.id("PG2026"), city.claim("jing"), city.claim("gu")
    with reading(city.engine) as connection:
        assert not may_see(connection, jing, of_round)
        assert may_see(connection, gu, of_round)


def test_the_round_of_the_demonstration_is_told_to_its_end(qingdao: Years) -> None:
    kinds = frozenset(AFTER_FILING)
    told = coda.evaluate(qingdao.engine, lambda: Direct(qingdao.engine).carry(kinds))
    assert told.refused == []
    assert (told.opened, told.places) == (7, {"concluded": 2, "self_report": 5})
    states = {number: [each.state for each in history] for number, history in told.history.items()}
    assert states == {coda.FAILED: ["valid", "revoked", "valid"], coda.EXCELLENT: ["valid"]}
