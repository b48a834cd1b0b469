"""A portal killed during an upload or a submission leaves all of it or nothing, and its page says which."""

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest

from casework import accounts, clock
from casework.accounts import Place
from tests.casework.city import City

CASE = "/applicant/yueyang/YY2024-0001"
JOBS = {
    "submission": {
        "page": f"{CASE}/review",
        "action": "/submit",
        "fields": {"truthful": "true"},
        "file": "",
        "looks": CASE,
        "says": f"{CASE}/receipt",
    },
    "upload": {
        "page": f"{CASE}/documents",
        "action": "/documents",
        "fields": {},
        "file": "章程.pdf",
        "looks": f"{CASE}/documents",
        "says": "章程.pdf",
    },
}


@pytest.mark.parametrize("what", list(JOBS))
def test_all_or_nothing_and_the_page_says_which(city: City, what: str) -> None:
    city.filled(0)
    hour = datetime.timedelta(hours=1)
    done = accounts.sign_in_without(city.engine, "zhang0", Place("10.0.0.9"), clock.present(None), hour)
    assert done is not None
    url = city.engine.url.render_as_string(hide_password=False)
    city.engine.dispose()
    folder = Path(str(city.engine.url.database)).parent / "files"
    job = json.dumps({**JOBS[what], "session": done.token}, ensure_ascii=False)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.web.killed_request", url, str(folder), job],
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == 0, killed.stderr[-3000:]
    assert int(killed.stdout) >= 20
