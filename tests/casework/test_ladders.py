"""Ladders climbed on a real database: every rung once, in order, moved, merged, handed to substitutes."""

import datetime
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from city import PAPERS, PLAN, City, build
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projected import agrees
from sqlalchemy import insert, select, update

from casework import calendar_import, clock, incidents, loading, parties, queries, wake
from casework.wake import sweep
from models import Case, Delegation, Role, Subject
from models.database import connect, default_url, reading, writing
from procedure.explanation import explain
from procedure.instant import iso, local_instant
from procedure.working_days import Arrangement

RUNGS = (
    *("three_days_before", "one_day_before", "last_day", "to_supervisor", "to_duty_officer", "to_leader"),
    "still_open",
)


def ladder(city: City, case: int, deadline: str) -> dict[str, tuple[str, str, str | None]]:
    """Return state, day and reason of every rung of a deadline's last occurrence."""
    rows = [row for row in city.rows("timers", case) if row["deadline"] == deadline and row["rung"] != "due"]
    last = max(row["occurrence"] for row in rows)
    return {
        row["rung"]: (row["state"], iso(row["at"])[:16], row["why"])
        for row in sorted(rows, key=lambda row: row["at"])
        if row["occurrence"] == last
    }


def told(city: City, case: int) -> list[tuple[str, str, str]]:
    """Return every notice of a rung: the rung, the text and who got it."""
    handles = {row["id"]: row["handle"] for row in city.rows("people")}
    return [
        (row["cause"].rpartition(" ")[2], row["text"], handles[row["recipient_id"]])
        for row in city.rows("notices", case, order="id")
        if row["cause"].startswith("rung ")
    ]


def at(city: City, moment: str) -> list[tuple[str | None, tuple[str, ...]]]:
    """Move there, sweep, and return what was sent and what skipped."""
    city.at(moment)
    return [(each.sent, each.skipped) for each in sweep(city.engine, "application").climbed]


def in_review(city: City) -> int:
    """Return a case whose formal review began on 10 July 2024: five working days, so due on the 17th."""
    return city.case_at("formal_review")


def test_every_rung_comes_on_its_day_to_whom_it_is_for(yueyang: City) -> None:
    yueyang.person("duty", "duty_officer", bureau_id=yueyang.city)
    case = in_review(yueyang)
    version, events = yueyang.subject_version(case), yueyang.kinds(case)
    days = ["07-12", "07-16", "07-17", "07-18", "07-22", "07-24", "07-31"]
    for rung, day in zip(RUNGS, days, strict=True):
        before = at(yueyang, f"2024-{day}T09:00:29")
        assert [each for each in before if each[0]] == []
        assert at(yueyang, f"2024-{day}T09:00:30") == [(rung, ())]
        agrees(yueyang, case)
    assert told(yueyang, case) == [
        ("three_days_before", "due_soon", "chen"),
        ("one_day_before", "due_soon", "chen"),
        ("last_day", "due_now", "chen"),
        ("to_supervisor", "escalated", "boss"),
        ("to_duty_officer", "escalated", "duty"),
        ("to_leader", "escalated", "boss"),
        ("still_open", "escalated", "boss"),
        ("still_open", "escalated", "duty"),
    ]
    # A rung is no decision: the one event is the passing of the deadline.
    assert yueyang.kinds(case) == [*events, "deadline_passed"]
    assert yueyang.subject_version(case) == version + 1
    assert [row["priority"] for row in yueyang.rows("work_items", case) if row["done_at"] is None] == [1]
    with reading(yueyang.engine) as connection:
        (incident,) = incidents.lines(connection)
        assert [each.subject for each in incidents.cases_of(connection, incident.id)] == [case]
    assert (incident.kind, incident.said("zh"), incident.said("en"), incident.summary) == (
        "overdue",
        "YY2024-0001：“形式审查”期限为2024年7月17日 24:00，已逾期仍未办理",
        "YY2024-0001: Formal review was due 17 July 2024, end of day and is not done",
        "YY2024-0001: Formal review was due 17 July 2024, end of day and is not done",
    )
    assert at(yueyang, "2025-06-30T09:00:30") == []


def test_after_an_outage_the_latest_is_sent_and_the_others_are_skipped(yueyang: City) -> None:
    case = in_review(yueyang)
    assert at(yueyang, "2024-07-25T10:00") == [("to_leader", RUNGS[:5])]
    assert told(yueyang, case) == [("to_leader", "escalated", "boss")]
    states = {rung: (state, why) for rung, (state, _, why) in ladder(yueyang, case, "formal_review").items()}
    assert states == {
        **dict.fromkeys(RUNGS[:5], ("skipped", "merged")),
        "to_leader": ("fired", None),
        "still_open": ("pending", None),
    }
    # What the skipped ones would have done besides is done.
    assert [row["priority"] for row in yueyang.rows("work_items", case) if row["done_at"] is None] == [1]
    agrees(yueyang, case)


def test_a_reminder_that_would_come_after_the_date_is_not_sent(yueyang: City) -> None:
    case = in_review(yueyang)
    # Back on the evening of the last day: sending hours are over, and tomorrow the date is past.
    assert at(yueyang, "2024-07-17T20:00") == [(None, RUNGS[:3])]
    assert told(yueyang, case) == []
    assert {why for _, _, why in list(ladder(yueyang, case, "formal_review").values())[:3]} == {"too_late"}
    agrees(yueyang, case)


def test_what_falls_outside_the_hours_waits_and_urgent_rungs_do_not(yueyang: City) -> None:
    yueyang.at("2024-07-12T08:00")
    case = yueyang.start()
    assert at(yueyang, "2024-07-31T22:00") == [("three_days_before", ())]
    (waiting,) = [row for row in yueyang.rows("notices", case) if row["cause"].startswith("rung ")]
    assert iso(waiting["not_before"]) == "2024-08-01T09:00:00+08:00"
    assert at(yueyang, "2024-08-04T15:00:30") == [("three_hours_before", ("one_day_before", "last_day"))]
    urgent = yueyang.rows("notices", case, order="id")[-1]
    assert (iso(urgent["not_before"])[:16], urgent["urgency"]) == ("2024-08-04T15:00", 0)
    assert urgent["context"]["missing"][:2] == ["方向/领域", "日常对接人"]


def test_a_deadline_shorter_than_its_rungs_skips_them_from_the_start(yueyang: City) -> None:
    yueyang.at("2024-08-04T10:00")
    case = yueyang.start()
    assert [(rung, state, why) for rung, (state, _, why) in ladder(yueyang, case, "filing").items()] == [
        ("three_days_before", "skipped", "began_later"),
        ("one_day_before", "skipped", "began_later"),
        ("last_day", "skipped", "began_later"),
        ("three_hours_before", "pending", None),
    ]
    agrees(yueyang, case)


def test_a_suspended_clock_suspends_its_ladder_and_resuming_moves_it(yueyang: City) -> None:
    case = in_review(yueyang)
    assert at(yueyang, "2024-07-12T09:00:30") == [("three_days_before", ())]
    yueyang.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="停电")
    agrees(yueyang, case)
    assert at(yueyang, "2024-09-02T10:00") == []
    yueyang.do(case, "boss", "resume_deadline", deadline="formal_review", reason="恢复")
    agrees(yueyang, case)
    # Three working days were left on 12 July; the first reminder is not sent again.
    assert list(ladder(yueyang, case, "formal_review").items())[:4] == [
        ("three_days_before", ("fired", "2024-07-12T09:00", None)),
        ("one_day_before", ("pending", "2024-09-04T09:00", None)),
        ("last_day", ("pending", "2024-09-05T09:00", None)),
        ("to_supervisor", ("pending", "2024-09-06T09:00", None)),
    ]
    assert at(yueyang, "2024-09-04T09:00:30") == [("one_day_before", ())]


def test_a_return_for_correction_stops_the_officers_ladder_and_starts_the_applicants(yueyang: City) -> None:
    case = in_review(yueyang)
    yueyang.do(case, "chen", "return_for_correction", **PLAN)
    agrees(yueyang, case)
    assert {state for state, _, _ in ladder(yueyang, case, "formal_review").values()} == {"cancelled"}
    assert at(yueyang, "2024-07-16T09:00:30") == [("one_day_before", ("three_days_before",))]
    assert told(yueyang, case) == [("one_day_before", "due_soon", "zhang0")]


def test_an_extension_moves_what_was_not_sent(yueyang: City) -> None:
    case = in_review(yueyang)
    at(yueyang, "2024-07-12T09:00:30")
    yueyang.at("2024-07-15T09:00")
    yueyang.do(
        case, "boss", "extend_deadline", deadline="formal_review", until="2024-08-05", reason="案情复杂"
    )
    agrees(yueyang, case)
    assert at(yueyang, "2024-07-31T10:00") == []
    assert list(ladder(yueyang, case, "formal_review").items())[:3] == [
        ("three_days_before", ("fired", "2024-07-12T09:00", None)),
        ("one_day_before", ("pending", "2024-08-02T09:00", None)),
        ("last_day", ("pending", "2024-08-05T09:00", None)),
    ]


def test_skipped_rungs_come_after_all_when_an_extension_puts_them_ahead(yueyang: City) -> None:
    case = in_review(yueyang)
    assert at(yueyang, "2024-07-16T10:00") == [("one_day_before", ("three_days_before",))]
    yueyang.do(
        case, "boss", "extend_deadline", deadline="formal_review", until="2024-08-05", reason="案情复杂"
    )
    assert ladder(yueyang, case, "formal_review")["three_days_before"] == (
        "pending",
        "2024-07-31T09:00",
        None,
    )
    agrees(yueyang, case)
    assert at(yueyang, "2024-07-31T09:00:30") == [("three_days_before", ())]


def test_leaving_the_stage_cancels_the_ladder(yueyang: City) -> None:
    case = in_review(yueyang)
    yueyang.do(case, "chen", "pass_review")
    agrees(yueyang, case)
    assert {state for state, _, _ in ladder(yueyang, case, "formal_review").values()} == {"cancelled"}
    at(yueyang, "2024-07-24T18:00")
    assert {text for rung, text, _ in told(yueyang, case) if rung in RUNGS[:3]} <= {"due_soon", "due_now"}
    assert all(
        row["deadline"] == "visit" for row in yueyang.rows("timers", case) if row["state"] == "pending"
    )


def test_a_lapse_ends_the_ladder_and_decides_as_its_clause_says(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    assert at(yueyang, "2024-08-09T09:00:30") == [("last_day", ("three_days_before", "one_day_before"))]
    assert at(yueyang, "2024-08-09T18:00:31") == []
    assert yueyang.subject(case).outcome == "not_accepted"
    assert {state for state, _, _ in ladder(yueyang, case, "recommendation").values()} == {"fired", "skipped"}
    agrees(yueyang, case)


def test_an_imported_calendar_moves_rungs_whose_date_stays(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    assert ladder(yueyang, case, "recommendation")["one_day_before"][1] == "2024-08-08T09:00"
    extra = Arrangement.model_validate(
        {
            "year": 2024,
            "version": 2,
            "document": "国办发明电〔2024〕99号",
            "issued": "2024-07-10",
            "holidays": [
                {"name_zh": "演练", "name_en": "Drill", "first_day": "2024-08-08", "last_day": "2024-08-08"}
            ],
        },
        strict=False,
    )
    calendar_import.import_arrangements(yueyang.engine, [extra])
    assert ladder(yueyang, case, "recommendation")["one_day_before"][1] == "2024-08-07T09:00"
    assert [row["kind"] for row in yueyang.rows("events", case)][-1] == "submitted"
    agrees(yueyang, case)


@pytest.mark.parametrize("workers", [4])
def test_workers_at_once_send_each_rung_once(yueyang: City, workers: int) -> None:
    cases = [yueyang.case_at("formal_review", n) for n in range(3)]
    yueyang.at("2024-07-12T09:05")
    with ThreadPoolExecutor(workers) as pool:
        runs = list(pool.map(lambda _: sweep(yueyang.engine, "application"), range(workers)))
    assert sum(len(run.climbed) for run in runs) == len(cases)
    assert [told(yueyang, case) for case in cases] == [[("three_days_before", "due_soon", "chen")]] * 3


def test_a_sweep_killed_before_its_commit_sends_the_rung_the_next_time(yueyang: City, monkeypatch) -> None:
    case = in_review(yueyang)
    yueyang.at("2024-07-12T09:05")
    with monkeypatch.context() as patched:
        patched.setattr(wake, "_settled", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            sweep(yueyang.engine, "application")
    assert told(yueyang, case) == []
    assert [each.sent for each in sweep(yueyang.engine, "application").climbed] == ["three_days_before"]
    assert len(told(yueyang, case)) == 1


def test_who_is_away_is_left_out_for_their_substitute(yueyang: City) -> None:
    yueyang.person("he", "city_officer", bureau_id=yueyang.city)
    yueyang.person("deputy", "city_leader", bureau_id=yueyang.city)
    case = in_review(yueyang)
    away(yueyang, "chen", "he")
    away(yueyang, "boss", "deputy")
    assert at(yueyang, "2024-07-12T09:00:30") == [("three_days_before", ())]
    assert told(yueyang, case) == [("three_days_before", "due_soon", "he")]
    at(yueyang, "2024-07-18T09:00:30")
    assert told(yueyang, case)[1:] == [("to_supervisor", "escalated", "deputy")]


def test_a_supervisor_of_ones_own_comes_before_the_bureaus_leader(yueyang: City) -> None:
    yueyang.person("head", "city_officer", bureau_id=yueyang.city)
    with writing(yueyang.engine) as connection:
        role = connection.execute(
            select(Role.__table__.c.id).where(Role.__table__.c.person_id == yueyang.people["chen"].person)
        ).scalar_one()
        parties.supervise(connection, role, yueyang.people["head"].person, clock.now(connection).date())
    case = in_review(yueyang)
    at(yueyang, "2024-07-18T09:00:30")
    assert told(yueyang, case) == [("to_supervisor", "escalated", "head")]


def test_the_call_tells_every_district_before_its_window_closes(yueyang: City) -> None:
    yueyang.start()
    yueyang.case_at("recommendation", 1)
    yueyang.at("2024-07-30T09:01")
    (climbed,) = sweep(yueyang.engine, "call").climbed
    assert (climbed.deadline, climbed.sent, climbed.people) == ("window_closing", "three_days_before", 1)
    (row,) = [row for row in yueyang.rows("notices", yueyang.call) if row["cause"].startswith("rung ")]
    assert (row["context"]["drafts"], row["context"]["awaiting"]) == ("1", "1")
    agrees(yueyang, yueyang.call)


def test_the_letter_that_has_not_come_is_named_to_its_unit_until_it_comes(yueyang: City) -> None:
    case, brought = yueyang.case_at("papers", 0), yueyang.case_at("formal_review", 1)
    for day in ("08", "12", "13"):
        yueyang.at(f"2024-08-{day}T09:01")
        sweep(yueyang.engine, "application")
    rungs, none = (
        [row for row in yueyang.rows("notices", each, order="id") if row["cause"].startswith("rung papers ")]
        for each in (case, brought)
    )
    handles = {row["id"]: row["handle"] for row in yueyang.rows("people")}
    assert [(row["text"], handles[row["recipient_id"]]) for row in rungs] == [
        ("due_soon", "wang"),
        ("due_soon", "wang"),
        ("due_now", "wang"),
    ]
    assert [row["context"]["missing"] for row in rungs] == [["推荐函", "创新联合体信息汇总表"]] * 3
    assert none == []


def test_near_the_papers_date_each_unit_is_told_which_letters_of_the_call_have_not_come(
    yueyang: City,
) -> None:
    """Pingjiang has brought one of two, Xiangyin its only one: it is told nothing."""
    yueyang.person("yin", "district_officer", bureau_id=yueyang.district + 1)
    missing = yueyang.case_at("papers", 0)
    yueyang.case_at("formal_review", 1)
    elsewhere = yueyang.case_at("formal_review", 2)
    move(yueyang, elsewhere)
    yueyang.at("2024-08-06T09:01")
    sweep(yueyang.engine, "call")
    yueyang.at("2024-08-08T08:59")
    assert sweep(yueyang.engine, "call").climbed == ()
    yueyang.at("2024-08-08T09:01")
    (climbed,) = sweep(yueyang.engine, "call").climbed
    assert (climbed.deadline, climbed.sent, climbed.people) == ("letters", "three_days_before", 1)
    # Nobody waits for the last one that has come by then.
    yueyang.at("2024-08-12T10:00")
    yueyang.do(missing, "wang", "deliver_papers", **PAPERS)
    yueyang.at("2024-08-13T09:01")
    (climbed,) = sweep(yueyang.engine, "call").climbed
    assert (climbed.deadline, climbed.sent, climbed.people) == ("letters", "last_day", 0)
    handles = {row["id"]: row["handle"] for row in yueyang.rows("people")}
    told = [row for row in yueyang.rows("notices", yueyang.call) if row["text"] == "letters_missing"]
    (notice,) = told
    assert (handles[notice["recipient_id"]], notice["context"]["letters"], notice["context"]["missing"]) == (
        "wang",
        "1",
        ["YY2024-0001 第0公司"],
    )
    yueyang.at("2024-08-14T00:00:31")
    assert [(each.before, each.after) for each in sweep(yueyang.engine, "call").moved] == [
        ("recommending", "under_review")
    ]
    agrees(yueyang, yueyang.call)


def move(city: City, case: int) -> None:
    """Let ``case`` be one of the second recommending unit."""
    with writing(city.engine) as connection:
        for table, key in ((Case.__table__, "subject_id"), (Subject.__table__, "id")):
            connection.execute(
                update(table).where(table.c[key] == case).values(district_id=city.district + 1)
            )


def away(city: City, who: str, substitute: str) -> None:
    """Hand over the whole of July 2024."""
    roles = Role.__table__
    with reading(city.engine) as connection:
        role = connection.execute(
            select(roles.c.id).where(roles.c.person_id == city.people[who].person)
        ).scalar_one()
    with writing(city.engine) as connection:
        connection.execute(
            insert(Delegation.__table__).values(
                role_id=role,
                substitute_id=city.people[substitute].person,
                first_day=datetime.date(2024, 7, 1),
                last_day=datetime.date(2024, 7, 31),
                reason="出差",
                made_at=local_instant("2024-07-01T09:00"),
                made_by=city.people[who].person,
            )
        )


def test_why_tells_what_was_sent_what_was_skipped_and_what_comes_next(yueyang: City) -> None:
    case = in_review(yueyang)
    at(yueyang, "2024-07-16T10:00")
    with reading(yueyang.engine) as connection:
        loaded = loading.one(connection, case)
        entries = [
            line.entry for line in queries.ledger(connection, case) if line.deadline == "formal_review"
        ]
        states = queries.rungs(connection, case)
    chinese = explain(loaded.procedure, "application", entries, loaded.calendar, "zh", (), states).lines
    assert chinese[-8:-3] == (
        "  提醒与上报：",
        "    到期前3个工作日（2024年7月12日 09:00）：2024年7月16日 10:00跳过，由其后的一级一并通知。",
        "    到期前1个工作日（2024年7月16日 09:00）：2024年7月16日 10:00已通知Chen。",
        "    到期前最后一个工作日（2024年7月17日 09:00）：下一步，将通知承办人。",
        "    到期后1个工作日（2024年7月18日 09:00）：将通知承办人的上级。",
    )
    english = explain(loaded.procedure, "application", entries, loaded.calendar, "en", (), states).lines
    assert english[-7].startswith("    3 working days before (12 July 2024, 09:00): skipped on 16 July 2024")
    assert english[-6:-4] == (
        "    1 working day before (16 July 2024, 09:00): told Chen on 16 July 2024, 10:00.",
        "    on the last working day (17 July 2024, 09:00): next, will tell the holder.",
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("sweep", "sweep", "suspend", "resume", "extend", "import")),
            st.integers(1, 9 * 24 * 60),
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_timing_gives_each_rung_once_or_skips_it(
    sqlite_template: Callable[[bool], Path],
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int]],
) -> None:
    folder = tmp_path_factory.mktemp("ladder")
    shutil.copyfile(sqlite_template(True), folder / "beian.db")
    engine = connect(default_url(folder))
    city = build(engine)
    case = in_review(city)
    now, extended = local_instant("2024-07-10T09:00"), 0
    for what, minutes in steps:
        now = now.add(minutes=minutes)
        city.at(now.isoformat())
        if what == "sweep":
            sweep(engine, "application")
        elif what == "import":
            calendar_import.recount(engine)
        elif what == "extend":
            extended += 1
            until = now.add(days=10 + extended).date().isoformat()
            city.ask(
                case, "boss", "extend_deadline", {"deadline": "formal_review", "until": until, "reason": "x"}
            )
        else:
            city.ask(case, "boss", f"{what}_deadline", {"deadline": "formal_review", "reason": "x"})
        agrees(city, case)
    # However often and whenever it was swept, nobody was told a rung twice, and none before its instant.
    sent = [(rung, who) for rung, _, who in told(city, case)]
    assert len(sent) == len(set(sent))
    fired = {
        row["rung"]: row
        for row in city.rows("timers", case)
        if row["state"] == "fired" and row["rung"] != "due"
    }
    assert {rung for rung, _ in sent} == set(fired)
    assert all(row["settled_at"] >= row["at"] for row in fired.values())
    engine.dispose()


def test_a_case_on_somebodys_desk_is_theirs_and_their_substitutes(yueyang: City) -> None:
    yueyang.person("he", "city_officer", bureau_id=yueyang.city)
    yueyang.person("lin", "city_officer", bureau_id=yueyang.city)
    case = in_review(yueyang)
    yueyang.do(case, "boss", "reassign", officer="he", reason="熟悉材料")
    at(yueyang, "2024-07-12T09:00:30")
    away(yueyang, "he", "lin")
    at(yueyang, "2024-07-16T09:00:30")
    assert told(yueyang, case) == [
        ("three_days_before", "due_soon", "he"),
        ("one_day_before", "due_soon", "lin"),
    ]
