"""`make run`: the example through deployed flows, from nothing, and nothing left running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from python_calamine import CalamineWorkbook

from models.database import connect, default_url
from story.carriers import Direct
from story.play import play
from story.reading import load
from tests.scenarios.telling import outcome
from tests.scenarios.test_yueyang_2024 import EXAMPLE

pytestmark = pytest.mark.prefect

ROOT = Path(__file__).parent.parent.parent


def start(out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", "demo", "--json", "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests has a mail server, perhaps: a story must not use it.
        env={**os.environ, "BEIAN_SMTP_URL": "mailto://127.0.0.1:9", "BEIAN_MAIL_FROM": "a@example.cn"},
    )


def processes_on(folder: Path) -> list[str]:
    """The command lines of processes that have a file under ``folder`` open, or name it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            opened = [str(each.readlink()) for each in (process / "fd").iterdir()]
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder) in words or any(each.startswith(str(folder)) for each in opened):
            found.append(words)
    return found


def test_the_demo_carries_the_example_through_flow_runs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    demo = start(out)
    stdout, stderr = demo.communicate(timeout=240)
    assert demo.returncode == 0, stderr
    answer = orjson.loads(stdout)
    assert answer.pop("flow_runs") <= 60
    assert orjson.loads((out / "result.json").read_bytes()) == answer

    # 同一个故事，不经 Prefect，结果相同。 The same story without Prefect comes out the same.
    engine = connect(default_url(tmp_path / "direct"))
    played = play(load(EXAMPLE), engine, tmp_path / "files", Direct(engine))
    assert orjson.loads(orjson.dumps(outcome(played, engine))) == answer
    engine.dispose()

    register = (
        CalamineWorkbook.from_path(str(out / "register.xlsx")).get_sheet_by_name("备案名册").to_python()
    )
    assert [row[0] for row in register[1:]] == [f"YYLHT-2024-{n:03d}" for n in range(1, 9)]
    summary = (
        CalamineWorkbook.from_path(str(out / "summary.xlsx")).get_sheet_by_name("信息汇总表").to_python()
    )
    # 二十份申报，两份草稿没有提交。 Of twenty, two were never submitted.
    assert len(summary) == 1 + 18
    assert processes_on(out) == []


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_running(tmp_path: Path, asked: signal.Signals) -> None:
    out = tmp_path / "out"
    demo = start(out)
    patience = time.monotonic() + 60
    while not (out / "story" / "prefect" / "server.log").exists():
        assert time.monotonic() < patience
        assert demo.poll() is None
        time.sleep(0.1)
    time.sleep(2)
    demo.send_signal(asked)
    demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert processes_on(out) == []
