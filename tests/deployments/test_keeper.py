"""The keeper: what has died is started again, whatever else is wrong."""

import os
import signal
import threading
import time
from types import SimpleNamespace

from deployments import child, run
from deployments.child import Child


def test_no_room_for_a_log_keeps_nobody_from_being_started_again(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "LARGEST_LOG", 0)
    monkeypatch.setattr(run, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(run, "REST", 0)
    # Every log is too large, and its old copy would go to a disk that is always full.
    children = [Child("http.server", "0", environment=os.environ, log=tmp_path / name) for name in ("a", "b")]
    for name in ("a", "b"):
        (tmp_path / f"{name}.1").symlink_to("/dev/full")
        (tmp_path / name).write_text("begun")
    for each in children:
        each.start()
    before = [each.pid for each in children]
    stopping = threading.Event()
    keeper = threading.Thread(
        target=run._keep, args=(SimpleNamespace(child=children[0]), children[1], None, stopping)
    )
    keeper.start()
    try:
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 60
        while time.monotonic() < until and any(
            each.pid in {None, was} for each, was in zip(children, before, strict=True)
        ):
            time.sleep(0.05)
        assert all(each.running for each in children)
        assert not {each.pid for each in children} & {None, *before}
    finally:
        stopping.set()
        keeper.join()
        for each in children:
            each.stop()
