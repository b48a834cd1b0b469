"""Rounds of evaluation: announced, opened in batch, reported on, graded; what follows from the grades."""

from typing import Any

import pytest
from city import City, lead_uscc
from sqlalchemy import select

from casework import loading, rounds, rounds_due, wake
from casework.acts import Receipt
from models import Subject
from models.database import reading
from procedure.act import Refusal
from procedure.instant import iso


def filed(yueyang: City, leads: int = 2) -> list[str]:
    """File as many consortia on 5 August 2024 and return their register numbers."""
    cases = [yueyang.case_at("selection", n) for n in range(leads)]
    numbers = [yueyang.subject(case).ref for case in cases]
    yueyang.at("2024-08-05T09:00")
    wake.sweep(yueyang.engine, "call")
    yueyang.do(yueyang.call, "boss", "select", cases=numbers)
    for n, case in enumerate(cases):
        yueyang.do(case, "chen", "file", document_number=f"{n}号", document_date="2024-08-05")
    return [row["number"] for row in yueyang.rows("register_entries")]


def announce(yueyang: City, code: str = "PJ2025", who: str = "chen", **more: Any) -> Receipt | Refusal:
    told = {"code": code, "period": "2025", **more}
    return rounds.announce(yueyang.engine, "yueyang", yueyang.people[who], told)


def subject_of(yueyang: City, ref: str) -> int:
    with reading(yueyang.engine) as connection:
        return loading.id_of(connection, ref)


def evaluations(yueyang: City) -> list[str]:
    return [row["number"] for row in yueyang.rows("matters") if row["kind"] == "evaluation"]


def test_a_round_opens_a_task_for_every_valid_entry_once(yueyang: City) -> None:
    numbers = filed(yueyang)
    yueyang.at("2025-08-05T09:00")
    receipt = announce(yueyang)
    assert isinstance(receipt, Receipt)
    assert rounds.open_tasks(yueyang.engine).tasks == {"PJ2025": 2}
    assert rounds.open_tasks(yueyang.engine).tasks == {}
    assert evaluations(yueyang) == [f"PJ2025/{number}" for number in numbers]
    of_round = yueyang.subject(subject_of(yueyang, "PJ2025"))
    assert (of_round.stage, of_round.record.opened) == ("running", 2)  # type: ignore[union-attr]
    task = yueyang.subject(subject_of(yueyang, f"PJ2025/{numbers[0]}"))
    assert task.lead == lead_uscc(0)
    # 20 working days, then 10 more of grace.
    assert [(each.name, iso(each.due_at)) for each in task.deadlines] == [
        ("self_report", "2025-09-02T23:59:59.999999+08:00"),
        ("last_report", "2025-09-16T23:59:59.999999+08:00"),
    ]
    told = [row for row in yueyang.rows("notices") if row["text"] == "evaluation_opened"]
    assert len(told) == 2


def told_due(yueyang: City) -> tuple[str, int]:
    with reading(yueyang.engine) as connection:
        found = rounds_due.due(connection, "yueyang")
    assert found is not None
    return str(found.until), found.entries


def test_the_bureau_is_told_who_is_due_until_a_round_takes_them_in(yueyang: City) -> None:
    filed(yueyang)
    yueyang.at("2025-08-04T23:59:59")
    assert told_due(yueyang) == ("2024-08-04", 0)
    yueyang.at("2025-08-05T00:00")
    assert told_due(yueyang) == ("2024-08-05", 2)
    # An acceptance is no evaluation: they stay due.
    announce(yueyang, "YS2025", purpose="acceptance")
    rounds.open_tasks(yueyang.engine)
    assert told_due(yueyang) == ("2024-08-05", 2)
    announce(yueyang)
    rounds.open_tasks(yueyang.engine)
    assert told_due(yueyang) == ("2024-08-05", 0)
    # A year after the round they are due again, and no longer once their validity is over.
    yueyang.at("2026-08-05T00:00")
    assert told_due(yueyang) == ("2025-08-05", 2)
    yueyang.at("2027-08-05T00:00")
    assert told_due(yueyang) == ("2026-08-05", 0)


def test_entries_filed_too_late_are_not_due_and_a_round_without_any_is_refused(yueyang: City) -> None:
    filed(yueyang, 1)
    yueyang.at("2025-08-04T09:00")
    refused = announce(yueyang)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.facts["filed_until"]) == ("no_entry_is_due", "2024-08-04")
    assert isinstance(announce(yueyang, filed_until="2024-08-05"), Receipt)


def test_an_entry_that_is_not_valid_is_not_evaluated(yueyang: City) -> None:
    filed(yueyang, 1)
    yueyang.at("2027-08-05T00:01")
    wake.sweep(yueyang.engine, "entry")
    assert [row["state"] for row in yueyang.rows("register_entries")] == ["expired"]
    refused = announce(yueyang)
    assert isinstance(refused, Refusal)
    assert refused.code == "no_entry_is_due"
    assert [row["kind"] for row in yueyang.rows("matters")] == ["entry"]


def test_an_entry_whose_last_day_is_over_is_done_with_before_any_sweep(yueyang: City) -> None:
    [number] = filed(yueyang, 1)
    yueyang.at("2027-07-30T09:00")
    assert isinstance(announce(yueyang, self_report="2027-08-20"), Receipt)
    rounds.open_tasks(yueyang.engine)
    task = subject_of(yueyang, f"PJ2025/{number}")
    yueyang.at("2027-08-05T00:00:10")
    before = yueyang.everything()
    refused = yueyang.ask(task, "zhang0", "submit_report", {"contents": {"results": "完成"}})
    assert isinstance(refused, Refusal)
    assert (refused.code, dict(refused.facts)) == (
        "entry_is_not_valid",
        {"number": number, "state": "expired"},
    )
    again = announce(yueyang, "PJ2027")
    assert isinstance(again, Refusal)
    assert again.code == "no_entry_is_due"
    assert yueyang.everything() == before
    yueyang.at("2027-08-05T00:00:30")
    wake.sweep(yueyang.engine, "entry")
    assert yueyang.subject(task).outcome == "entry_ended"


def test_a_round_is_refused_for_what_it_says_and_for_who_asks(yueyang: City) -> None:
    filed(yueyang, 1)
    yueyang.at("2025-08-05T09:00")
    for more, code in (
        ({"code": "2024"}, "code_taken"),
        ({"self_report": "2025-08-04"}, "time_behind"),
        ({"self_report": "2025-09-04", "last_report": "2025-09-03"}, "dates_out_of_order"),
        ({"code": "two words"}, "bad_particulars"),
        ({"purpose": "leisure"}, "bad_particulars"),
        ({"who": "zhang0"}, "not_yours"),
        ({"who": "wang"}, "not_yours"),
    ):
        refused = announce(yueyang, **more)
        assert isinstance(refused, Refusal), more
        assert refused.code == code
    assert [row["number"] for row in yueyang.rows("matters") if row["kind"] == "round"] == []


def test_a_run_that_is_stopped_goes_on_where_it_stood(yueyang: City, monkeypatch: Any) -> None:
    filed(yueyang, 3)
    yueyang.at("2025-08-05T09:00")
    announce(yueyang)
    monkeypatch.setattr(rounds, "CHUNK", 1)
    act = rounds.begin_all
    calls = iter(range(10))

    def once_only(*arguments: Any) -> Any:
        if next(calls) == 1:
            raise RuntimeError("killed")
        return act(*arguments)

    monkeypatch.setattr(rounds, "begin_all", once_only)
    with pytest.raises(RuntimeError, match="killed"):
        rounds.open_tasks(yueyang.engine)
    assert len(evaluations(yueyang)) == 1
    assert rounds.open_tasks(yueyang.engine).tasks == {"PJ2025": 2}
    with reading(yueyang.engine) as connection:
        kinds = connection.execute(
            select(Subject.__table__.c.stage).where(Subject.__table__.c.kind == "round")
        )
        assert kinds.scalars().all() == ["running"]
