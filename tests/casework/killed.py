"""Carry out one act again and again in processes that are killed before their n-th statement.

Run as ``killed.py URL JOB``; prints at how many places it was killed. Whatever the place, the next process
finds everything as it was before, or everything done.
"""

import contextlib
import gc
import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from casework import acts, calls, rounds, wake
from casework.access import Claim
from casework.acts import Request
from models import Record
from models.database import connect, reading

Content = dict[str, list[tuple[Any, ...]]]


def content(url: str) -> Content:
    """Return every row of every table, as the driver gives it."""
    engine = connect(url)
    with reading(engine) as connection:
        found = {
            name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1, 2")]  # noqa: S608
            for name in Record.metadata.tables
        }
    engine.dispose()
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


class Enough(Exception):
    """The rehearsal has come to its commit."""


def rehearse(url: str, job: dict[str, Any]) -> None:
    """Do the job up to its commit, then take it back: what a process reads once is read before the forks."""
    engine = connect(url)

    def stop(_: object) -> None:
        raise Enough

    event.listen(engine, "commit", stop)
    with contextlib.suppress(Enough):
        carry_out(engine, job)
    engine.dispose()


def carry_out(engine: Engine, job: dict[str, Any]) -> None:
    """Do what the job says; anything but success is an error."""
    match job["what"]:
        case "act":
            claim = Claim(job["person"], job["role"])
            answer = acts.perform(engine, Request(job["subject"], job["act"], claim, job["payload"], "once"))
            assert isinstance(answer, acts.Receipt), answer
        case "start":
            claim = Claim(job["person"], "applicant")
            answer = calls.start(engine, job["call"], claim, "pingjiang", key="once")
            assert isinstance(answer, acts.Receipt), answer
        case "sweep":
            assert wake.sweep(engine, "application").failed == 0
        case "round":
            rounds.CHUNK = 1  # type: ignore[misc]
            rounds.open_tasks(engine)


def killed_at(url: str, job: dict[str, Any], n: int) -> bool:
    """Do the job in a process of its own that dies before its n-th statement; False when it came through."""
    child = os.fork()
    if child == 0:
        engine = connect(url)
        left = n

        def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(engine, "before_cursor_execute", count)
        event.listen(engine, "commit", lambda connection: count())
        try:
            carry_out(engine, job)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the act failed"
    return False


def gone_on(url: str, job: dict[str, Any]) -> int:
    """Kill a job of several transactions one statement later each time, and let each go on from the last."""
    kills = 0
    while killed_at(url, job, kills):
        kills += 1
    return kills


def main() -> None:
    """Kill at every place, then let it through, then repeat it."""
    url, job = sys.argv[1], json.loads(sys.argv[2])
    rehearse(url, job)
    # A collection in a fork would copy all that both share.
    gc.freeze()
    if job["what"] == "round":
        sys.stdout.write(str(gone_on(url, job)))
        return
    before = content(url)
    seen: list[Content] = []
    while killed_at(url, job, len(seen)):
        seen.append(content(url))
    after = content(url)
    assert after != before
    # All or nothing: whatever the place, one or the other, and never back again.
    whole = [now == after for now in seen]
    assert all(now in (before, after) for now in seen), f"half written: {whole}"
    assert whole == sorted(whole)
    assert not killed_at(url, job, 10_000)
    assert content(url) == after, "the repetition changed something"
    sys.stdout.write(str(len(seen)))


if __name__ == "__main__":
    main()
