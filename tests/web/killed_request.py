"""Send one form again and again from a browser to a portal that is killed before its n-th step.

Run as ``killed_request.py URL FOLDER JOB``; prints at how many places it was killed. Whatever the place: the
record has everything or nothing of it, and the page that its person opens next says which.
"""

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from models.database import connect
from tests.casework.killed import Content, content
from tests.web.desk import forms_of
from tests.web.straight import Browser
from web.app import create_app

STEPS = ("fsync", "link", "replace", "unlink")
"""What is done with files, each a place to be killed at, besides the statements and the commits."""

SAYS, DENIES = 10, 11


def rehearsed(url: str, folder: Path, job: dict[str, Any]) -> tuple[Engine, Browser]:
    """Return a portal's engine, and the person's browser.

    Both pages have been opened: what a process reads once is read before the forks. No connection is open.
    """
    engine = connect(url)
    client = Browser(create_app(engine, folder))
    client.cookies.set("beian_session", job["session"])
    for page in (job["page"], job["looks"]):
        assert client.get(page).status_code == 200
    engine.dispose()
    return engine, client


def killed_at(engine: Engine, client: Browser, job: dict[str, Any], n: int) -> bool:
    """Send the form to a portal that dies before its n-th step; False when it came through."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it was not done"
        return os.WIFSIGNALED(status)
    page = client.get(job["page"]).text
    form = next(form for form in forms_of(page) if form.action.endswith(job["action"]))
    left = n

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", lambda _connection: count())
    for name in STEPS:
        setattr(os, name, _counted(getattr(os, name), count))
    file = (
        {"file": (job["file"], b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n")} if job["file"] else None
    )
    answer = client.post(
        form.action, data={**form.fields, **job["fields"]}, files=file, follow_redirects=False
    )
    os._exit(0 if answer.status_code == 303 else 1)


def _counted(real: Any, count: Any) -> Any:
    def step(*given: Any, **named: Any) -> Any:
        count()
        return real(*given, **named)

    return step


def says(client: Browser, job: dict[str, Any]) -> bool:
    """Return whether the page, opened after the restart, says that it was done."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert os.WEXITSTATUS(status) in (SAYS, DENIES)
        return os.WEXITSTATUS(status) == SAYS
    answer = client.get(job["looks"])
    if answer.status_code != 200:
        os._exit(1)
    os._exit(SAYS if job["says"] in answer.text else DENIES)


def record(url: str) -> Content:
    """Return what is recorded; a stored file that no document refers to is swept after a day."""
    found = content(url)
    found.pop("files")
    return found


def main() -> None:
    """Kill at every place, then let it through."""
    url, folder, job = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
    engine, client = rehearsed(url, folder, job)
    # A collection in a fork would copy all that both share.
    gc.freeze()
    before = record(url)
    seen: list[tuple[Content, bool]] = []
    while killed_at(engine, client, job, len(seen)):
        seen.append((record(url), says(client, job)))
    after = record(url)
    assert after != before
    for n, (now, said) in enumerate(seen):
        assert now in (before, after), f"half of it, killed before step {n}"
        assert said == (now == after), f"the page says otherwise, killed before step {n}"
    assert says(client, job)
    sys.stdout.write(str(len(seen)))


if __name__ == "__main__":
    main()
