"""A whole call moved to another revision: planned, confirmed, done case by case, and gone on with."""

import re
from typing import Any

import pytest
from city import City
from projected import agrees, everywhere
from sqlalchemy import text

from casework import audit, clock, migration, procedures, queries
from casework.explaining import explained
from casework.migration import Plan, Wanted
from casework.standing import standing
from models.database import reading, writing
from procedure.act import Refusal
from procedure.instant import iso
from procedure.pack import Pack, load_texts, shipped


def edited(*changes: tuple[str, str]) -> Pack:
    """Return Yueyang's pack with texts of its procedure replaced, each of which stands there."""
    files = dict(shipped("yueyang-2024").files)
    for before, after in changes:
        assert before in files["procedure.yaml"], before
        files["procedure.yaml"] = files["procedure.yaml"].replace(before, after)
    return load_texts(files)


def review_days(days: int) -> str:
    """Return the setting of the formal review's days as the pack has it."""
    title = "{zh: 形式审查时限（工作日）, en: Time for the formal review (working days)}"
    return f"  formal_review_days:\n    title: {title}\n    value: {days}"


LONGER = edited((review_days(5), review_days(8)))
RENAMED = edited(
    ("id: site_visit\n      kind: site_visit", "id: visiting\n      kind: site_visit"),
    ("to: site_visit", "to: visiting"),
)


def wanted(city: City, pack: Pack, **stages: str) -> Wanted:
    with writing(city.engine) as connection:
        revision = procedures.publish(connection, pack, clock.now(connection))
    return Wanted(city.call, revision, stages)


def planned(city: City, asked: Wanted) -> Plan:
    with reading(city.engine) as connection:
        answer = migration.plan(connection, asked)
    assert isinstance(answer, Plan), answer
    return answer


def move(city: City, asked: Wanted, token: str, who: str = "admin") -> Any:
    return migration.migrate(city.engine, city.people[who], asked, token)


def refused(answer: Any) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_deadlines_move_and_each_case_records_it(yueyang: City) -> None:
    review, draft = yueyang.case_at("formal_review"), yueyang.start(1)
    before = yueyang.subject(review).deadlines[0].due_at
    events = yueyang.count("events")
    asked = wanted(yueyang, LONGER)
    plan = planned(yueyang, asked)
    assert yueyang.count("events") == events
    assert [each.ref for each in plan.subjects] == ["2024", "YY2024-0001", "YY2024-0002"]
    (changed,) = plan.subjects[1].deadlines
    assert (changed.deadline, changed.what, changed.before) == ("formal_review", "moves", before)
    assert changed.after is not None
    assert iso(changed.after) == "2024-07-22T23:59:59.999999+08:00"
    assert [len(each.deadlines) for each in plan.subjects] == [0, 1, 0]
    assert plan.differences
    results = move(yueyang, asked, plan.token)
    assert [(each.ref, each.what) for each in results] == [
        ("2024", "moved"),
        ("YY2024-0001", "moved"),
        ("YY2024-0002", "moved"),
    ]
    everywhere(yueyang)
    assert yueyang.subject(review).deadlines[0].due_at == changed.after
    assert {yueyang.kinds(each)[-1] for each in (yueyang.call, review, draft)} == {"revision_changed"}
    last = yueyang.rows("events", review)[-1]
    assert (last["act"], last["role"]) == ("change_revision", "administrator")
    assert {row["revision_id"] for row in yueyang.rows("subjects")} == {asked.revision}
    with reading(yueyang.engine) as connection:
        assert refused(migration.plan(connection, asked)) == "nothing_to_move"
    yueyang.carry(review, "selection")
    agrees(yueyang, review)


def test_what_began_earlier_counts_on_and_no_day_begun_is_taken_away(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    asked = wanted(yueyang, LONGER)
    move(yueyang, asked, planned(yueyang, asked).token)
    yueyang.at("2024-07-19T09:00")
    shorter = wanted(yueyang, shipped("yueyang-2024"))
    (changed,) = planned(yueyang, shorter).subjects[1].deadlines
    # Five working days ended with the 17th; the 19th has begun.
    assert changed.after is not None
    assert iso(changed.after) == "2024-07-19T23:59:59.999999+08:00"
    move(yueyang, shorter, planned(yueyang, shorter).token)
    agrees(yueyang, case)


def test_a_stage_that_is_gone_blocks_until_it_is_mapped(yueyang: City) -> None:
    case = yueyang.case_at("site_visit")
    yueyang.do(case, "chen", "schedule_visit", at="2024-12-30T09:00", team=["甲", "乙"])
    asked = wanted(yueyang, RENAMED)
    plan = planned(yueyang, asked)
    (blocked,) = plan.blocked
    assert (blocked.ref, [each.code for each in blocked.blocks]) == ("YY2024-0001", ["stage_gone"])
    assert refused(move(yueyang, asked, plan.token)) == "move_blocked"
    assert yueyang.kinds(case)[-1] == "visit_scheduled"
    mapped = Wanted(asked.call, asked.revision, {"site_visit": "visiting"})
    plan = planned(yueyang, mapped)
    assert plan.blocked == ()
    assert (plan.subjects[1].stage, plan.subjects[1].to) == ("site_visit", "visiting")
    move(yueyang, mapped, plan.token)
    everywhere(yueyang)
    assert yueyang.subject(case).stage == "visiting"
    yueyang.do(case, "chen", "record_visit", on="2024-07-10", result="passed", findings="符合")
    assert yueyang.subject(case).stage == "panel_naming"


def test_the_dry_run_must_still_be_true(yueyang: City) -> None:
    yueyang.case_at("formal_review")
    asked = wanted(yueyang, LONGER)
    token = planned(yueyang, asked).token
    assert planned(yueyang, asked).token == token
    yueyang.do(2, "chen", "reject", reason="不符合")
    assert refused(move(yueyang, asked, token)) == "plan_outdated"
    assert refused(move(yueyang, asked, "0" * 16)) == "plan_outdated"


@pytest.mark.parametrize(
    ("who", "code"), [("chen", "role_may_not"), ("wang", "role_may_not"), ("boss", "role_may_not")]
)
def test_only_an_administrator_moves_a_call(yueyang: City, who: str, code: str) -> None:
    asked = wanted(yueyang, LONGER)
    assert refused(move(yueyang, asked, planned(yueyang, asked).token, who)) == code


def test_another_procedure_and_a_case_are_refused(yueyang: City) -> None:
    case = yueyang.start()
    with reading(yueyang.engine) as connection:
        other = wanted(yueyang, shipped("qingdao-2025"))
        assert refused(migration.plan(connection, other)) == "another_procedure"
    asked = wanted(yueyang, LONGER)
    with reading(yueyang.engine) as connection:
        assert refused(migration.plan(connection, Wanted(case, asked.revision, {}))) == "no_call_to_move"


def test_one_that_fails_is_an_incident_and_the_rest_go_on(
    yueyang: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [yueyang.start(n) for n in range(3)]
    asked = wanted(yueyang, LONGER)
    token = planned(yueyang, asked).token
    real = migration.evolve

    def fails(subject: Any, event: Any) -> Any:
        if subject.ref == "YY2024-0002":
            raise RuntimeError("broken")
        return real(subject, event)

    monkeypatch.setattr(migration, "evolve", fails)
    results = move(yueyang, asked, token)
    assert {each.ref: each.what for each in results} == {
        "2024": "moved",
        "YY2024-0001": "moved",
        "YY2024-0002": "failed",
        "YY2024-0003": "moved",
    }
    assert yueyang.count("incidents") == 1
    monkeypatch.undo()
    rest = planned(yueyang, asked)
    assert [each.ref for each in rest.subjects] == ["YY2024-0002"]
    assert [each.what for each in move(yueyang, asked, rest.token)] == ["moved"]
    for case in cases:
        agrees(yueyang, case)


def test_a_revision_that_the_record_does_not_name_is_found(yueyang: City) -> None:
    asked = wanted(yueyang, LONGER)
    former = yueyang.rows("subjects")[0]["revision_id"]
    move(yueyang, asked, planned(yueyang, asked).token)
    with writing(yueyang.engine) as connection:
        connection.execute(text(f"UPDATE subjects SET revision_id = {former}"))  # noqa: S608
    with reading(yueyang.engine) as connection:
        assert [each.detail for each in audit.verify(connection)] == [
            "the subject's revision is not what its events make"
        ]


def test_a_suspended_deadline_keeps_what_was_left_and_the_account_says_why(yueyang: City) -> None:
    running, suspended = yueyang.case_at("formal_review"), yueyang.case_at("formal_review", 1)
    yueyang.do(suspended, "boss", "suspend_deadline", deadline="formal_review", reason="等待核查")
    asked = wanted(yueyang, LONGER)
    move(yueyang, asked, planned(yueyang, asked).token)
    everywhere(yueyang)
    assert yueyang.subject(suspended).deadlines[0].remaining == 8
    told: list[str] = []
    with reading(yueyang.engine) as connection:
        for case in (running, suspended):
            lines = [line for line in queries.ledger(connection, case) if line.deadline == "formal_review"]
            account = explained(connection, standing(connection, case), lines, "zh")
            told.append(next(line for line in account.lines if "另一版本" in line))
            # It began under the former revision, by whose days it was counted.
            assert "当日不计，数5个工作日（" in account.lines[2]
    assert told == [
        (
            "  2024年7月10日 09:00批次改用另一版本：由2024年7月17日 24:00改为2024年7月22日 24:00。"
            "其间：周末4天不计。"
        ),
        "  2024年7月10日 09:00批次改用另一版本：停止计时中，剩余8个工作日。",
    ]


def test_a_deadline_that_the_new_revision_has_no_longer_is_told_by_the_former(yueyang: City) -> None:
    case, name = yueyang.case_at("formal_review"), "formal_correction"
    item = {"item": "document:implementation_plan", "remark": "缺页"}
    yueyang.do(case, "chen", "return_for_correction", items=[item])
    former = shipped("yueyang-2024").files
    files = {path: re.sub(rf"\b{name}\b", "fixing", words) for path, words in former.items()}
    asked = wanted(yueyang, load_texts(files), formal_correction="fixing")
    move(yueyang, asked, planned(yueyang, asked).token)
    with reading(yueyang.engine) as connection:
        stands = standing(connection, case)
        accounts = explained(connection, stands, queries.ledger(connection, case), "en").accounts
    assert name not in stands.procedure.application.deadline
    found = [(each.deadline, each.state) for each in accounts if each.deadline in (name, "fixing")]
    assert found == [(name, "cancelled"), ("fixing", "running")]
