"""Waking: in chunks, idempotent, up to 30 seconds ago; a bad case becomes an incident and blocks nobody."""

import datetime
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from city import PLAN, TABLES, City
from projected import everywhere
from sqlalchemy import Connection, event, insert, text, update

from casework import calls, incidents, loading, wake
from casework.acts import Receipt
from casework.facts import plain
from casework.ladders import Climbed
from casework.moving import Overtaken
from casework.recording import Batch, Hand
from casework.wake import Moved, Sweep
from models.database import reading, writing
from procedure.act import SYSTEM
from procedure.instant import local_instant
from procedure.machine import settle


def many(city: City, count: int) -> None:
    """Give the call ``count`` open drafts of the same unit, as rows: their lead is of no concern here."""
    first = city.start()
    subjects, cases = TABLES["subjects"], TABLES["cases"]
    (row,) = [each for each in city.rows("subjects") if each["id"] == first]
    (case,) = city.rows("cases", first)
    tables = ("events", "deadlines", "ledger", "timers", "work_items")
    copied = {name: city.rows(name, first) for name in tables}
    with writing(city.engine) as connection:
        units = [
            {"id": 10_000 + n, "uscc": f"{n:018d}", "name": f"第{n}公司", "kind": "enterprise"}
            for n in range(1, count)
        ]
        connection.execute(insert(TABLES["organisations"]), units)
        ids = [10_000 + n for n in range(1, count)]
        state = row["state"]
        connection.execute(
            insert(subjects),
            [row | {"id": each, "state": state.replace("YY2024-0001", f"YY2024-{each}")} for each in ids],
        )
        connection.execute(
            insert(cases),
            [case | {"subject_id": each, "lead_id": each, "number": f"YY2024-{each}"} for each in ids],
        )
        for name, rows in copied.items():
            fresh = [{key: value for key, value in each.items() if key != "id"} for each in rows]
            connection.execute(
                insert(TABLES[name]), [each | {"subject_id": of} for of in ids for each in fresh]
            )


def transactions(city: City, job: Callable[[], Any]) -> list[int]:
    """Return how many subjects each commit of the job moved."""
    moved: list[int] = []
    pending = [0]

    def count(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        if statement.startswith("UPDATE subjects SET") and "head" in statement:
            pending[0] += len(parameters) if many else 1

    def committed(_: Connection) -> None:
        if pending[0]:
            moved.append(pending[0])
            pending[0] = 0

    event.listen(city.engine, "before_cursor_execute", count)
    event.listen(city.engine, "commit", committed)
    job()
    event.remove(city.engine, "before_cursor_execute", count)
    event.remove(city.engine, "commit", committed)
    return moved


def test_a_thousand_due_cases_lapse_once_each_in_chunks(yueyang: City) -> None:
    many(yueyang, 1000)
    yueyang.at("2024-08-04T18:01")
    swept: list[Sweep] = []
    chunks = transactions(yueyang, lambda: swept.append(wake.sweep(yueyang.engine, "application")))
    assert sum(chunks) == 1000
    if yueyang.engine.dialect.name == "postgresql":
        assert chunks == [200] * 5
    else:
        # As many as hold the write lock for a moment: the pace of the machine says how many.
        assert chunks[0] == 25
        assert max(chunks) <= 200
    assert (len(swept[0].moved), swept[0].failed) == (1000, 0)
    assert len({each.ref for each in swept[0].moved}) == 1000
    assert {(each.event, each.deadline, each.after) for each in swept[0].moved} == {
        ("deadline_lapsed", "filing", "draft_not_accepted")
    }
    assert wake.sweep(yueyang.engine, "application") == Sweep()
    lapsed = [row["subject_id"] for row in yueyang.rows("events") if row["kind"] == "deadline_lapsed"]
    counts = Counter(each for each in lapsed if each != yueyang.call)
    assert set(counts.values()) == {1}
    assert len(counts) == 1000
    assert {row["outcome"] for row in yueyang.rows("subjects") if row["kind"] == "application"} == {
        "draft_not_accepted"
    }
    timers = [row for row in yueyang.rows("timers") if row["deadline"] == "filing"]
    assert {row["state"] for row in timers if row["rung"] == "due"} == {"fired"}
    # The reminders that nobody sent end with the deadline.
    assert {row["state"] for row in timers if row["rung"] != "due"} == {"cancelled"}


def test_what_a_sweep_says_of_a_case(yueyang: City) -> None:
    yueyang.case_at("papers")
    yueyang.at("2024-08-15T09:00")
    assert wake.sweep(yueyang.engine, "application") == Sweep(
        (
            Moved(
                "YY2024-0001",
                "deadline_passed",
                "papers",
                local_instant("2024-08-13T23:59:59.999999"),
                "papers",
                "papers",
            ),
        ),
        climbed=(
            Climbed(
                "YY2024-0001",
                "papers",
                1,
                local_instant("2024-08-14T09:00"),
                "to_supervisor",
                1,
                ("three_days_before", "one_day_before", "last_day"),
            ),
        ),
    )


def test_only_what_passed_thirty_seconds_ago_is_swept(yueyang: City) -> None:
    case = yueyang.filled()
    yueyang.at("2024-08-04T18:00:30")
    assert wake.sweep(yueyang.engine, "application").moved == ()
    # Received in time and written half a minute later, the act does not lose to a sweep.
    answer = yueyang.ask(case, "zhang0", "submit", received_at=local_instant("2024-08-04T18:00:00"))
    assert isinstance(answer, Receipt)
    other = yueyang.call
    assert wake.sweep(yueyang.engine, "call").moved == ()
    yueyang.at("2024-08-04T18:00:30.000001")
    assert [each.after for each in wake.sweep(yueyang.engine, "call").moved] == ["recommending"]
    assert yueyang.subject(other).stage == "recommending"
    assert datetime.timedelta(seconds=30) == wake.LAG


def test_a_sweep_moves_only_the_stages_calls_and_cases_asked_for(yueyang: City) -> None:
    draft = yueyang.filled(0)
    waiting = yueyang.case_at("recommendation", 1)
    correcting = yueyang.case_at("recommendation", 2)
    yueyang.do(correcting, "wang", "return_for_correction", **PLAN)
    yueyang.at("2024-08-20T09:00")

    def refs(**what: Any) -> list[str]:
        return [each.ref for each in wake.sweep(yueyang.engine, "application", **what).moved]

    assert refs(parent=yueyang.call + 999) == []
    assert refs(stages=["formal_review"]) == []
    assert refs(stages=["recommendation"], subject=draft) == []
    assert refs(stages=["recommendation"]) == ["YY2024-0002"]
    assert refs(subject=draft) == ["YY2024-0001"]
    assert refs(parent=yueyang.call) == ["YY2024-0003"]
    assert refs() == []
    # What expired first ended it: the correction on 17 July, not the recommendation on 9 August.
    assert [yueyang.subject(case).outcome for case in (draft, waiting, correcting)] == [
        "draft_not_accepted",
        "not_accepted",
        "correction_expired",
    ]


def test_a_case_that_leaves_the_stages_asked_for_waits_for_their_task(yueyang: City) -> None:
    # The call passes from announced through open to under review; asked for the first alone it stops there.
    revision = yueyang.rows("revisions")[0]["id"]
    dates = {"filing_opens": "2024-07-20T00:00"}
    assert isinstance(
        calls.announce(yueyang.engine, revision, "2025", yueyang.people["admin"], dates), Receipt
    )
    yueyang.at("2024-09-01T00:00")
    with reading(yueyang.engine) as connection:
        call = loading.id_of(connection, "2025")
    first = wake.sweep(yueyang.engine, "call", stages=["announced"], subject=call)
    assert [(each.before, each.after) for each in first.moved] == [("announced", "open")]
    second = wake.sweep(yueyang.engine, "call", subject=call)
    assert [(each.before, each.after) for each in second.moved] == [
        ("open", "recommending"),
        ("recommending", "under_review"),
    ]


def break_case(city: City, case: int) -> None:
    """Make a case unreadable, as a bug or a bad migration would."""
    subjects = TABLES["subjects"]
    with writing(city.engine) as connection:
        connection.execute(update(subjects).where(subjects.c.id == case).values(state='{"kind": "nothing"}'))


def test_a_bad_case_becomes_one_incident_and_blocks_nobody(yueyang: City) -> None:
    cases = [yueyang.start(n) for n in range(5)]
    break_case(yueyang, cases[2])
    yueyang.at("2024-08-04T18:01")
    swept = wake.sweep(yueyang.engine, "application")
    assert swept.failed == 1
    assert sorted(each.ref for each in swept.moved) == [f"YY2024-000{n}" for n in (1, 2, 4, 5)]
    yueyang.at("2024-08-04T18:05")
    again = wake.sweep(yueyang.engine, "application")
    assert (again.moved, again.failed) == ((), 1)
    (incident,) = yueyang.rows("incidents")
    assert (incident["kind"], incident["subject_id"], incident["occurrences"]) == ("wake", cases[2], 2)
    assert incident["fingerprint"] == "wake:ValidationError:subject.load"
    assert incident["first_seen"] == local_instant("2024-08-04T18:01")
    assert incident["last_seen"] == local_instant("2024-08-04T18:05")
    assert "ValidationError" in incident["summary"]
    assert "Traceback" in incident["detail"]
    with reading(yueyang.engine) as connection:
        assert [each["id"] for each in incidents.unresolved(connection)] == [incident["id"]]


def test_more_bad_cases_than_a_chunk_block_nobody(yueyang: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "CHUNK", 2)
    cases = [yueyang.start(n) for n in range(7)]
    for case in cases[:5]:
        break_case(yueyang, case)
    yueyang.at("2024-08-04T18:01")
    swept = wake.sweep(yueyang.engine, "application")
    assert (swept.failed, len(swept.moved)) == (5, 2)
    (incident,) = yueyang.rows("incidents")
    assert incident["occurrences"] == 5
    assert [row["subject_id"] for row in yueyang.rows("incident_cases")] == cases[:5]


def test_a_chunk_that_fails_at_its_commit_is_told_once(yueyang: City) -> None:
    cases = [yueyang.start(n) for n in range(3)]
    with writing(yueyang.engine) as connection:
        # The ledger's line will want a deadline that is gone: a constraint that is checked at the commit.
        for table in ("timers", "deadlines", "ledger"):
            if yueyang.engine.dialect.name == "sqlite":
                for trigger in ("ledger_stay", "ledger_keep"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            column = "subject_id"
            connection.execute(text(f"DELETE FROM {table} WHERE {column} = :case"), {"case": cases[1]})  # noqa: S608
    yueyang.at("2024-08-04T18:01")
    swept = wake.sweep(yueyang.engine, "application")
    assert swept.failed == 1
    assert sorted(each.ref for each in swept.moved) == ["YY2024-0001", "YY2024-0003"]
    assert yueyang.subject(cases[1]).outcome is None


def test_two_sweepers_at_once_move_nothing_twice(yueyang: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "CHUNK", 20)
    many(yueyang, 120)
    yueyang.at("2024-08-04T18:01")
    gate = threading.Barrier(3)

    def sweep() -> Sweep:
        gate.wait()
        return wake.sweep(yueyang.engine, "application")

    with ThreadPoolExecutor(3) as pool:
        swept = [each.result() for each in [pool.submit(sweep) for _ in range(3)]]
    told = [each.ref for one in swept for each in one.moved]
    assert len(told) == len(set(told)) == 120
    assert [one.failed for one in swept] == [0, 0, 0]
    counts = Counter((row["subject_id"], row["seq"]) for row in yueyang.rows("events"))
    assert set(counts.values()) == {1}
    assert yueyang.count("incidents") == 0


def test_a_wake_that_lies_too_early_is_put_right(yueyang: City) -> None:
    case = yueyang.start()
    subjects = TABLES["subjects"]
    early = local_instant("2024-07-09T00:00")
    with writing(yueyang.engine) as connection:
        connection.execute(update(subjects).where(subjects.c.id == case).values(wake_at=early))
    assert wake.sweep(yueyang.engine, "application") == Sweep()
    everywhere(yueyang)


def test_the_next_wake_is_the_earliest_of_all(yueyang: City) -> None:
    with reading(yueyang.engine) as connection:
        assert wake.next_wake(connection) == local_instant("2024-07-02T09:00")
    wake.sweep(yueyang.engine, "call")
    case = yueyang.case_at("formal_review")
    with reading(yueyang.engine) as connection:
        assert wake.next_wake(connection) == local_instant("2024-07-12T09:00")
    yueyang.do(case, "zhang0", "withdraw", reason="x")
    with reading(yueyang.engine) as connection:
        assert wake.next_wake(connection) == local_instant("2024-07-30T09:00")


def test_lanes_are_noted_by_many_at_once(yueyang: City) -> None:
    gate = threading.Barrier(4)
    started = local_instant("2024-07-10T08:59")

    def note(moved: int) -> None:
        gate.wait()
        for _ in range(5):
            wake.note(yueyang.engine, "recommendation", started, moved)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(note, n) for n in range(4)]:
            each.result()
    (row,) = yueyang.rows("sweeps")
    assert (row["lane"], row["started_at"]) == ("recommendation", started)
    assert row["finished_at"] == local_instant("2024-07-10T09:00")


@pytest.mark.parametrize("others", [0, 2])
def test_a_sweep_that_was_overtaken_changes_nothing(yueyang: City, others: int) -> None:
    case, *rest = [yueyang.start(n) for n in range(1 + others)]
    with reading(yueyang.engine) as connection:
        all_loaded = [loading.one(connection, each) for each in (*rest, case)]
    yueyang.do(case, "zhang0", "save_draft", fields={})
    yueyang.at("2024-08-04T18:01")
    until = local_instant("2024-08-04T18:01")
    batch = Batch(until)
    for loaded in all_loaded:
        after, events = settle(loaded.procedure, loaded.subject, plain(loaded), until)
        batch.add(loaded, events, after, (Hand(SYSTEM),))
    before = yueyang.everything()
    with pytest.raises(Overtaken), writing(yueyang.engine) as connection:
        batch.write(connection)
    assert yueyang.everything() == before


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let ``act`` happen once after a sweep has decided and before it writes."""
    decide, once = wake._decide, iter([act])

    def decided(*given: Any) -> Any:
        answer = decide(*given)
        next(once, lambda: None)()
        return answer

    monkeypatch.setattr(wake, "_decide", decided)


@pytest.mark.parametrize("yueyang", ["sqlite"], indirect=True)
def test_an_act_between_a_sweeps_decision_and_its_writing_wins(
    yueyang: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    # PostgreSQL locks what is due as it is read: there no act can come between.
    late, timely = yueyang.filled(0), yueyang.filled(1)
    yueyang.at("2024-08-04T18:01")
    at = local_instant("2024-08-04T18:00:00")
    between(monkeypatch, lambda: yueyang.ask(timely, "zhang1", "submit", received_at=at))
    swept = wake.sweep(yueyang.engine, "application")
    assert (len(swept.moved), swept.failed) == (1, 0)
    assert yueyang.subject(late).outcome == "draft_not_accepted"
    assert yueyang.subject(timely).stage == "recommendation"
    assert yueyang.count("incidents") == 0


@pytest.mark.parametrize("yueyang", ["sqlite"], indirect=True)
def test_a_reminder_tells_what_is_missing_when_it_is_written(
    yueyang: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = yueyang.start()
    yueyang.at("2024-08-01T09:01")
    fields = {"consortium.direction": "advanced_equipment"}
    between(monkeypatch, lambda: yueyang.do(case, "zhang0", "save_draft", fields=fields))
    (climbed,) = wake.sweep(yueyang.engine, "application").climbed
    assert climbed.sent == "one_day_before"
    rungs = [row for row in yueyang.rows("notices", case) if row["cause"].startswith("rung ")]
    told = [row["context"]["missing"] for row in rungs]
    assert told
    assert all("日常对接人" in each and "方向/领域" not in each for each in told)
