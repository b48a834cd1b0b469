"""A changed construction plan sets its targets anew: later reports answer those, earlier ones stay."""

from typing import Any

import pytest
from city import City
from test_consortium_changes import MATERIALS, ask, carried, proposed, refusal
from test_rounds import announce, filed, subject_of

from casework import consortium, indicators, loading, rounds, wake
from casework.acts import Receipt
from models.database import reading
from procedure.evaluation import Evaluation, Reached
from procedure.instant import calendar_day

PATENTS, TALENT = "consortium.target_patents", "consortium.target_talent"
SALES, BY = "consortium.target_sales", "consortium.targets_by"


@pytest.fixture
def entry(yueyang: City, monkeypatch: pytest.MonkeyPatch) -> str:
    """The number of the one entry, filed on 5 August 2024 with no target in its application."""
    monkeypatch.setitem(MATERIALS, "plan", ["construction_plan"])
    [number] = filed(yueyang, 1)
    return number


def changed(yueyang: City, number: str, **fields: str) -> int:
    told = {f"consortium.{name}": value for name, value in fields.items()}
    change = proposed(yueyang, number, "plan", value="目标调整", fields=told)
    carried(yueyang, change, *(["li"] if yueyang.subject(change).record.parties else []))  # type: ignore[union-attr]
    return change


def opened(yueyang: City, code: str, number: str) -> int:
    receipt = announce(yueyang, code)
    assert isinstance(receipt, Receipt), receipt
    rounds.open_tasks(yueyang.engine)
    return subject_of(yueyang, f"{code}/{number}")


def reached(yueyang: City, evaluation: int) -> tuple[Reached, ...]:
    record = yueyang.subject(evaluation).record
    assert isinstance(record, Evaluation)
    assert record.report is not None
    return record.report.reached


def report(yueyang: City, evaluation: int, **answers: Any) -> None:
    told = {f"consortium.{name}": value for name, value in answers.items()}
    yueyang.do(evaluation, "zhang0", "submit_report", contents={"results": "按计划"}, reached=told)


def shown(yueyang: City, evaluation: int) -> list[tuple[str, str, str | None]]:
    with reading(yueyang.engine) as connection:
        lines = indicators.lines(connection, loading.one(connection, evaluation), "en")
    return [(each.field, each.target, each.by) for each in lines]


def test_later_reports_answer_the_targets_of_the_changed_plan_and_earlier_ones_stay(
    yueyang: City, entry: str
) -> None:
    changed(yueyang, entry, target_patents="8", target_sales="2000000.50", targets_by="2026-12-31")
    yueyang.at("2025-08-05T09:00")
    first = opened(yueyang, "PJ2025", entry)
    report(yueyang, first, target_patents=2, target_sales="100")
    change = changed(yueyang, entry, target_patents="5", target_talent="30", targets_by="2027-06-30")
    yueyang.at("2026-08-05T09:00")
    wake.sweep(yueyang.engine, "entry")
    second = opened(yueyang, "PJ2026", entry)
    refused = refusal(
        yueyang.ask(
            second,
            "zhang0",
            "submit_report",
            {"contents": {"results": "按计划"}, "reached": {PATENTS: 5, SALES: 1}},
        )
    )
    assert (refused.code, refused.facts["targets"]) == ("targets_unanswered", [TALENT])
    report(yueyang, second, target_patents=5, target_sales="1", target_talent=29)
    then, since = calendar_day("2026-12-31"), calendar_day("2027-06-30")
    assert reached(yueyang, first) == (
        Reached(PATENTS, 8, 2, then),
        Reached(SALES, 200_000_050, 10_000, then),
    )
    assert reached(yueyang, second) == (
        Reached(PATENTS, 5, 5, since),
        Reached(TALENT, 30, 29, since),
        Reached(SALES, 200_000_050, 100, since),
    )
    assert [field for field, _, _ in shown(yueyang, first)] == [PATENTS, SALES]
    with reading(yueyang.engine) as connection:
        told = consortium.history(connection, consortium.filed(connection, entry))[-1]
    assert told.cause == yueyang.subject(change).ref
    assert told.before["form"] == {PATENTS: 8, SALES: 200_000_050, BY: "2026-12-31"}
    assert told.after["form"] == {PATENTS: 5, TALENT: 30, SALES: 200_000_050, BY: "2027-06-30"}


def test_an_open_evaluation_asks_for_the_new_targets_as_soon_as_the_change_is_approved(
    yueyang: City, entry: str
) -> None:
    yueyang.at("2025-08-05T09:00")
    evaluation = opened(yueyang, "PJ2025", entry)
    assert shown(yueyang, evaluation) == []
    change = proposed(yueyang, entry, "plan", value="补充目标", fields={PATENTS: "3"})
    assert shown(yueyang, evaluation) == []
    carried(yueyang, change, *(["li"] if yueyang.subject(change).record.parties else []))  # type: ignore[union-attr]
    assert shown(yueyang, evaluation) == [(PATENTS, "3", None)]


def test_a_plan_that_sets_no_target_anew_leaves_all_as_they_are(yueyang: City, entry: str) -> None:
    changed(yueyang, entry, target_patents="8")
    changed(yueyang, entry)
    yueyang.at("2025-08-05T09:00")
    assert shown(yueyang, opened(yueyang, "PJ2025", entry)) == [(PATENTS, "8", None)]


@pytest.mark.parametrize(
    ("aspect", "fields", "wrong"),
    [
        ("plan", {PATENTS: "八"}, PATENTS),
        ("plan", {PATENTS: "0"}, PATENTS),
        ("plan", {SALES: "-1"}, SALES),
        ("plan", {BY: "明年"}, BY),
        ("plan", {"consortium.direction": "氢能"}, "consortium.direction"),
        ("plan", {"lead.rnd_spending": "1"}, "lead.rnd_spending"),
        ("direction", {PATENTS: "8"}, PATENTS),
    ],
)
def test_what_is_no_target_of_a_plan_is_refused_by_its_field_and_nothing_is_written(
    yueyang: City, entry: str, aspect: str, fields: dict[str, str], wrong: str
) -> None:
    before = len(yueyang.rows("matters"))
    refused = refusal(ask(yueyang, entry, aspect, value="目标调整", fields=fields))
    assert (refused.code, [each["field"] for each in refused.facts["problems"]]) == ("bad_fields", [wrong])
    assert len(yueyang.rows("matters")) == before
