"""What is open of an entry ends with it: at the same instant, with the reason, and nothing is due."""

import pytest
from city import City
from test_consortium_changes import proposed
from test_register_life import revocation
from test_rounds import announce, filed, subject_of

from casework import audit, rounds, wake
from models.database import reading
from procedure.act import Refusal
from procedure.instant import iso


def evaluated(yueyang: City, numbers: list[str], **more: str) -> int:
    """Return the evaluation of the first entry in a round announced two weeks before the entry expires."""
    yueyang.at("2027-07-20T09:00")
    announce(yueyang, self_report="2027-08-10", last_report="2027-08-20", **more)
    rounds.open_tasks(yueyang.engine)
    return subject_of(yueyang, f"PJ2025/{numbers[0]}")


def pending(yueyang: City, subject: int) -> list[str]:
    return [row["rung"] for row in yueyang.rows("timers", subject) if row["state"] == "pending"]


def test_an_evaluation_ends_at_the_instant_its_entry_expires_and_everybody_is_told(yueyang: City) -> None:
    numbers = filed(yueyang, 1)
    evaluation = evaluated(yueyang, numbers)
    assert pending(yueyang, evaluation) != []
    # Noticed late, when the last day for its report is over too: it had ended before.
    yueyang.at("2027-08-21T00:01")
    wake.sweep(yueyang.engine, "entry")
    subject = yueyang.subject(evaluation)
    assert (subject.outcome, iso(subject.entered_at)) == ("entry_ended", "2027-08-04T23:59:59.999999+08:00")
    assert subject.record.reason == f"{numbers[0]}：已到期"  # type: ignore[union-attr]
    assert (subject.deadlines, pending(yueyang, evaluation)) == ((), [])
    assert {row["state"] for row in yueyang.rows("deadlines", evaluation)} == {"cancelled"}
    told = [row for row in yueyang.rows("notices", evaluation) if row["text"] == "ended_with_entry"]
    assert len(told) == 3  # the lead unit, the recommending unit, the bureau
    assert wake.sweep(yueyang.engine, "evaluation").moved == ()
    late = yueyang.ask(evaluation, "zhang0", "submit_report", {"contents": {"results": "完成"}})
    assert isinstance(late, Refusal)
    # Nothing keeps the round open.
    yueyang.do(subject_of(yueyang, "PJ2025"), "chen", "complete_round")
    with reading(yueyang.engine) as connection:
        assert [*audit.verify(connection)] == []


def test_an_acceptance_goes_on_because_it_decides_on_money(yueyang: City) -> None:
    evaluation = evaluated(yueyang, filed(yueyang, 1), purpose="acceptance")
    yueyang.at("2027-08-05T00:01")
    wake.sweep(yueyang.engine, "entry")
    assert (yueyang.subject(evaluation).outcome, yueyang.subject(evaluation).stage) == (None, "self_report")


def test_a_revocation_ends_what_is_open_but_not_itself_nor_its_appeal(yueyang: City) -> None:
    [number] = filed(yueyang, 1)
    evaluation, change = evaluated(yueyang, [number]), proposed(yueyang, number, "direction", value="氢能")
    case = revocation(yueyang, number)
    yueyang.do(case, "chen", "give_notice")
    yueyang.do(case, "zhang0", "make_statement", text="已按计划完成")
    yueyang.do(case, "boss", "decide_revocation", result="revoked", answer="不成立", document_number="2号")
    ended = [yueyang.subject(each) for each in (evaluation, change)]
    assert [each.outcome for each in ended] == ["entry_ended", "entry_ended"]
    assert ended[1].record.answer == f"{number}：已取消备案"  # type: ignore[union-attr]
    assert yueyang.subject(case).stage == "appealable"
    # What has ended stays so, even if the entry is valid again: the next round comes.
    yueyang.do(case, "zhang0", "appeal_revocation", reason="事实有误")
    yueyang.do(case, "boss", "decide_revocation_appeal", result="reversed", answer="事实有误")
    assert yueyang.subject(evaluation).outcome == "entry_ended"


@pytest.mark.parametrize("stage", ["proposed", "hearing", "deciding"])
def test_a_revocation_that_was_not_decided_ends_when_the_entry_expires(yueyang: City, stage: str) -> None:
    [number] = filed(yueyang, 1)
    yueyang.at("2027-08-03T09:00")
    case = revocation(yueyang, number)
    if stage != "proposed":
        yueyang.do(case, "chen", "give_notice")
    if stage == "deciding":
        yueyang.do(case, "zhang0", "make_statement", text="已按计划完成")
    yueyang.at("2027-08-05T00:01")
    wake.sweep(yueyang.engine, "entry")
    assert yueyang.subject(case).outcome == "entry_ended"
