"""The benchmarks at a size of twenty: both sides write the same rows, or the comparison is refused.

Those that do nothing of their own on either engine run on SQLite alone.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from benchmarks import (
    act,
    calendar,
    city,
    deliver,
    due,
    outage,
    peers,
    radar,
    restart,
    restore,
    stored,
    two_processes,
    under_round,
    under_sweep,
    wake,
    wake_1m,
)
from benchmarks.result import Line, Target, save
from casework.wake import sweep
from models import Subject
from models.database import reading


def test_an_act_and_its_baseline_write_the_same_rows(story_engine: Engine) -> None:
    lines = act.run(story_engine, lives=2, block=1)
    names = dict.fromkeys(f"act:{name}" for name, _, _ in act.LIFE)
    assert [line.name for line in lines] == ["act", "act_cpu", "act_p99", *names]
    assert all(line.ours > 0 and line.baseline > 0 for line in lines)


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_a_baseline_that_writes_less_is_refused(story_engine: Engine) -> None:
    here = city.found(story_engine)
    city.move(story_engine, "2024-08-05T09:00")
    accepted, *_ = act.prepare(story_engine, here, 1)
    without_event = tuple(each for each in accepted.writes.bare if each.table.name != "events")
    with pytest.raises(act.Unequal, match="accept_online"):
        act.verify(
            story_engine, accepted.cases[0], accepted.name, replace(accepted.writes, bare=without_event)
        )


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_every_act_meets_a_case_with_a_state_of_its_own(story_engine: Engine) -> None:
    here = city.found(story_engine)
    city.move(story_engine, "2024-08-05T09:00")
    met = [case for step in act.prepare(story_engine, here, 2) for case in step.cases]
    subjects = Subject.__table__
    states = select(subjects.c.state).where(subjects.c.id.in_([case.subject for case in met]))
    instants: set[str] = set()
    with reading(story_engine) as connection:
        for state in connection.execute(states).scalars():
            own = set(re.findall(r"T09:00:00\.\d{6}\+08:00", state))
            assert own
            assert not own & instants
            instants |= own


def test_a_sweep_and_its_baseline_leave_the_same_rows(story_engine: Engine) -> None:
    lines = wake.run(story_engine, crowd=100, due=10, rounds=2)
    assert [line.name for line in lines] == ["wake", "wake_idle", "wake_idle:whole_kind"]


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_a_sweep_among_many_is_held_against_one_among_a_tenth(story_engine: Engine) -> None:
    (line,) = wake_1m.run(story_engine, crowd=400, due=4, rounds=1)
    assert (line.name, line.target) == ("wake_1m", Target("ratio", 1.2))


@pytest.mark.parametrize("peer", peers.PEERS)
def test_a_peer_lives_the_same_life(peer: str, tmp_path: Path) -> None:
    if not find_spec("viewflow"):
        pytest.skip("needs the group `peers`")
    living = "import sys, pathlib, benchmarks.peers as p; p.live(sys.argv[1], pathlib.Path(sys.argv[2]), 1)"
    # Django is set up once a process.
    done = subprocess.run(
        [sys.executable, "-c", living, peer, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_a_restart_is_told_by_the_clock_and_in_processor_time(story_engine: Engine) -> None:
    lines = restart.run(story_engine, crowd=4, times=1)
    names = [f"{name}{of}" for name in ("restart", "restart_crowded") for of in ("", "_cpu")]
    assert [line.name for line in lines] == names
    assert all(line.target == Target("ours", 1) and line.baseline > 0 for line in lines)


def test_what_is_restored_is_whole_and_every_overdue_case_lapses_once(story_engine: Engine) -> None:
    (line,) = restore.run(story_engine, cases=20)
    assert line.name == "restore"


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_people_act_while_another_process_sweeps(story_engine: Engine) -> None:
    (line,) = under_sweep.run(story_engine, due=8, acts=8)
    assert line.name == "act_p99_under_sweep"


def test_people_act_while_another_process_opens_a_round(story_engine: Engine) -> None:
    (line,) = under_round.run(story_engine, entries=30, acts=8)
    assert line.name == "act_p99_under_round"


def test_a_finished_case_takes_more_than_its_bare_rows(story_engine: Engine) -> None:
    (line,) = stored.run(story_engine, cases=200)
    assert line.ours > line.baseline > 10


def test_two_processes_live_as_many_lives_as_one_each(story_engine: Engine) -> None:
    (line,) = two_processes.run(story_engine, lives=1, rounds=1)
    assert line.name == "two_processes"


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_every_notice_of_a_backlog_is_sent_and_proved(story_engine: Engine) -> None:
    (line,) = deliver.run(story_engine, notices=8, warm_up=4)
    assert line.name == "deliver"


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_what_fell_due_in_an_outage_comes_or_is_merged(story_engine: Engine) -> None:
    lines = outage.run(story_engine, cases=8, acts=20)
    assert [line.name for line in lines] == ["outage", "outage_act_p99"]


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("part", ["_sweep", "_deliver"])
def test_an_outage_that_is_not_made_up_for_is_refused(
    story_engine: Engine, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    real = getattr(outage, part)
    asked: list[str] = []

    def lazy(*given: Any) -> Any:
        # The first sweep is the one before the outage.
        asked.append(part)
        if part == "_sweep":
            return real(*given) if len(asked) == 1 else []
        return Counter[str]()

    monkeypatch.setattr(outage, part, lazy)
    with pytest.raises(outage.NotCaughtUp):
        outage.run(story_engine, cases=2, acts=20)


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_the_radar_is_timed_over_cases_in_trouble(story_engine: Engine) -> None:
    lines = radar.run(story_engine, crowd=2_000, rounds=1)
    assert [line.name for line in lines] == ["radar", "radar_district", "radar_one_stage"]


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_woken_cases_lapse_or_become_overdue(story_engine: Engine) -> None:
    here, kinds = due.ground(story_engine, crowd=30, due=8)
    woken = due.wake_up(story_engine, kinds, 2)
    moved = [
        each
        for kind in kinds
        for each in sweep(story_engine, "application", stages=[kind.stage], parent=here.call).moved
    ]
    assert {each.ref for each in moved} == {case.number for case in woken}
    assert [each.event for each in moved] == ["deadline_lapsed"] * 2 + ["deadline_passed"] * 2


def test_the_calendar_is_timed() -> None:
    assert [line.name for line in calendar.run(calls=20, rounds=1)] == ["calendar_add", "calendar_subtract"]


@pytest.mark.parametrize(
    ("target", "met"),
    [(None, None), (Target("ratio", 1.5), True), (Target("ratio", 1.4), False), (Target("ours", 3), True)],
)
def test_a_line_tells_whether_its_target_is_met(target: Target | None, met: bool | None) -> None:
    assert Line("act", "sqlite", 3.0, 2.0, "ms", target).met is met


def test_the_file_lists_what_was_measured(tmp_path: Path) -> None:
    path = tmp_path / "out" / "bench.json"
    save([Line("act", "sqlite", 3.0, 2.0, "ms", Target("ratio", 1.5), "a note")], path)
    assert json.loads(path.read_text(encoding="utf-8")) == [
        {"name": "act", "engine": "sqlite", "ours": 3.0, "baseline": 2.0, "unit": "ms", "ratio": 1.5}
    ]


def test_what_was_measured_before_stays_in_the_file_until_it_is_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    save([Line("act", "sqlite", 3.0, 2.0, "ms"), Line("wake", "sqlite", 1.0, 1.0, "ms")], path)
    save([Line("act", "sqlite", 4.0, 2.0, "ms"), Line("act", "postgresql", 5.0, 2.0, "ms")], path)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert [(each["name"], each["engine"], each["ours"]) for each in found] == [
        ("wake", "sqlite", 1.0),
        ("act", "sqlite", 4.0),
        ("act", "postgresql", 5.0),
    ]
