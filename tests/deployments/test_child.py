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


def gone(pid: int, patience: float = 5.0) -> bool:
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


def test_a_child_starts_again_and_keeps_its_log(tmp_path):
    child = Child("this", environment=os.environ, log=tmp_path / "log")
    for _ in range(2):
        child.start()
        deadline = time.monotonic() + 10
        while child.running and time.monotonic() < deadline:
            time.sleep(0.05)

    assert (tmp_path / "log").read_text().count("Namespaces are one honking great idea") == 2
    child.stop()
    assert not child.running
