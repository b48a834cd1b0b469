import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from deployments.child import Child

PARENT = """
import os, sys, time
from pathlib import Path
from deployments.child import Child
child = Child("http.server", "0", environment=os.environ, log=Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


def gone(pid: int, patience: float = 60.0) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # Without an init that reaps orphans a dead child stays as a zombie.
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_child_ends_with_its_killed_parent(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    assert not gone(child, patience=0.1)

    parent.send_signal(signal.SIGKILL)
    parent.communicate()

    assert gone(child)


def ended(child: Child, patience: float = 60.0) -> bool:
    deadline = time.monotonic() + patience
    while child.running and time.monotonic() < deadline:
        time.sleep(0.05)
    return not child.running


def module(folder: Path, name: str, code: str) -> dict[str, str]:
    """Write a module and return an environment in which it is found."""
    (folder / f"{name}.py").write_text(code)
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_a_child_starts_again_and_keeps_its_log(tmp_path):
    child = Child("this", environment=os.environ, log=tmp_path / "log")
    for _ in range(2):
        child.start()
        assert ended(child)

    assert (tmp_path / "log").read_text().count("Namespaces are one honking great idea") == 2
    child.stop()
    assert not child.running


def test_what_a_child_imports_is_imported_once(tmp_path):
    environment = module(tmp_path, "heavy", "print('imported', flush=True)")
    module(tmp_path, "light", "import heavy; print('ran', flush=True)")
    child = Child("light", environment=environment, log=tmp_path / "log", imports=["heavy"])
    for _ in range(3):
        child.start()
        assert ended(child)
    child.stop()

    assert (tmp_path / "log").read_text().split() == ["imported", "ran", "ran", "ran"]


def test_what_cannot_be_imported_is_told_by_the_child(tmp_path):
    environment = module(tmp_path, "broken", "raise SystemExit('the disk is full')")
    child = Child("broken", environment=environment, log=tmp_path / "log", imports=["broken", "nowhere"])
    child.start()

    assert ended(child)
    assert child.tail() == "the disk is full"
    child.stop()


def test_a_killed_child_is_another_when_it_starts_again(tmp_path):
    child = Child("http.server", "0", environment=os.environ, log=tmp_path / "log")
    child.start()
    first = child.pid
    assert first
    os.kill(first, signal.SIGKILL)
    assert ended(child)
    assert child.pid is None

    child.start()
    assert child.running
    assert child.pid not in {None, first}
    child.stop()


def test_a_child_ends_with_its_killed_nursery_and_starts_again(tmp_path):
    child = Child("http.server", "0", environment=os.environ, log=tmp_path / "log")
    child.start()
    first = child.pid
    assert first
    os.kill(int(Path(f"/proc/{first}/stat").read_text().split()[3]), signal.SIGKILL)
    assert ended(child)
    assert gone(first)

    child.start()
    assert child.pid not in {None, first}
    child.stop()


STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""


def test_a_child_that_does_not_end_when_asked_is_killed(tmp_path):
    child = Child("stubborn", environment=module(tmp_path, "stubborn", STUBBORN), log=tmp_path / "log")
    child.start()
    pid = child.pid
    assert pid
    deadline = time.monotonic() + 60
    while child.tail() != "deaf" and time.monotonic() < deadline:
        time.sleep(0.05)

    child.stop(grace=0.5)

    assert not child.running
    assert gone(pid)
