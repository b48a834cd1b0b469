"""`make run`: the examples through deployed flows, from nothing, and nothing left running."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from python_calamine import CalamineWorkbook

from story.cast import cast
from story.reading import load
from tests.scenarios.telling import read
from tests.scenarios.test_qingdao_2025 import EXAMPLE as QINGDAO
from tests.scenarios.test_yueyang_2024 import EXAMPLE as YUEYANG

PATIENCE = 600
"""Seconds after which a demonstration is given up for hanging, on however slow a machine."""

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(2 * PATIENCE)]

ROOT = Path(__file__).parent.parent.parent
OPEN_DESKS = ROOT / "examples" / "open-desks" / "story.yaml"
OPEN = {
    **dict.fromkeys(["draft", "formal_correction", "formal_review", "expert_review"], 1),
    **dict.fromkeys(["objection", "publicity"], 1),
    "first_review": 2,
    "defence": 3,
}


@contextmanager
def started(out: Path) -> Iterator[subprocess.Popen[str]]:
    """A demonstration, which ends with the test at the latest."""
    with subprocess.Popen(
        # Where the tests run behind a shell's back an interrupt is ignored, and that would be inherited.
        [
            "env",
            "--default-signal=INT",
            sys.executable,
            "-m",
            "cli.main",
            "demo",
            "--json",
            "--out",
            str(out),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests has a mail server, perhaps: a story must not use it.
        env={**os.environ, "BEIAN_SMTP_URL": "mailto://127.0.0.1:9", "BEIAN_MAIL_FROM": "a@example.cn"},
    ) as demo:
        try:
            yield demo
        finally:
            demo.kill()


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


def left_on(folder: Path) -> list[str]:
    """The same, once those that are ending have ended: the kernel takes its time to bury them."""
    patience = time.monotonic() + 60
    while (found := processes_on(folder)) and time.monotonic() < patience:
        time.sleep(0.1)
    return found


def _among_its_own(found: dict[str, Any], people: Container[str]) -> dict[str, Any]:
    """What came out, without what each draw says of experts whom only another story brought into the pool."""
    for case in found["cases"].values():
        for event in case["events"]:
            if "pool" in event["data"]:
                drawn = event["data"]["pool"]
                event["data"]["pool"] = [each for each in drawn if each["person"] in people]
    return found


def rows(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def test_the_demo_carries_the_examples_through_flow_runs(
    played: Callable[[Path], Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with started(out) as demo:
        stdout, stderr = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 0, stdout + stderr
    answer = orjson.loads(stdout)
    assert answer.pop("flow_runs") <= 85
    evaluated = answer.pop("evaluation")
    assert (evaluated["opened"], evaluated["refused"]) == (7, [])
    assert [each["state"] for each in evaluated["history"]["QDLHT-2025-001"]] == ["valid", "revoked", "valid"]
    assert list(answer["calls"]) == ["yueyang-2024", "qingdao-2025", "qingdao-2026"]

    # 第三个故事停在半路，每个桌面都有事可办。 The third stops half-way: every desk has something to do.
    assert Counter(each["stage"] for each in answer["calls"]["qingdao-2026"]["cases"].values()) == OPEN

    # 同样的故事各自讲，不经 Prefect，结果相同。 Each story alone, without Prefect, comes out the same.
    for code, example in (("yueyang-2024", YUEYANG), ("qingdao-2025", QINGDAO), ("qingdao-2026", OPEN_DESKS)):
        found = answer["calls"][code]
        assert found["as_expected"]
        assert orjson.loads((out / code / "result.json").read_bytes()) == found
        alone = read(played(example).with_name("result.json"))
        # 第三个的专家库里还有前一个故事的人，抽签不同。 The third's pool has the people of the second too.
        if code != "qingdao-2026":
            assert alone == _among_its_own(found, cast(load(example).scenario).keys())

    register = rows(out / "yueyang-2024" / "register.xlsx", "备案名册")
    assert [row[0] for row in register[1:]] == [f"YYLHT-2024-{n:03d}" for n in range(1, 9)]
    register = rows(out / "qingdao-2025" / "register.xlsx", "备案名册")
    assert [row[0] for row in register[1:]] == [f"QDLHT-2025-{n:03d}" for n in range(1, 8)]
    # 二十份申报，两份草稿没有提交；十七份，一份没有提交。 Two and one were never submitted.
    table = rows(out / "yueyang-2024" / "summary.xlsx", "信息汇总表")
    assert len(table) == 1 + 18
    assert table[0][7:] == ["环节", "结果"]
    assert table[1][7:] == ["发文认定", "已备案"]
    assert len(rows(out / "qingdao-2025" / "summary.xlsx", "信息汇总表")) == 1 + 16
    assert left_on(out) == []


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_running(tmp_path: Path, asked: signal.Signals) -> None:
    out = tmp_path / "out"
    with started(out) as demo:
        patience = time.monotonic() + PATIENCE
        while not (out / "story" / "prefect" / "server.log").exists():
            assert time.monotonic() < patience
            assert demo.poll() is None
            time.sleep(0.1)
        time.sleep(2)
        demo.send_signal(asked)
        said = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 130, said
    assert left_on(out) == []


def test_a_handle_is_one_person_in_all_examples() -> None:
    yueyang, qingdao, desks = (load(each).scenario for each in (YUEYANG, QINGDAO, OPEN_DESKS))
    for other in (qingdao, desks):
        assert cast(yueyang).keys().isdisjoint(cast(other))
        assert yueyang.districts.keys().isdisjoint(other.districts)
    for handle in cast(qingdao).keys() & cast(desks).keys():
        assert cast(qingdao)[handle].name == cast(desks)[handle].name
    both = qingdao.organisations.keys() & desks.organisations.keys()
    assert {qingdao.organisations[each] for each in both} == {desks.organisations[each] for each in both}
