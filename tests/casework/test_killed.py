"""A process killed at any statement of an act leaves all of it or nothing, on both engines."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from city import City
from projected import everywhere

HERE = Path(__file__).parent


def killed(city: City, job: dict[str, Any]) -> int:
    """Return at how many places the job was killed before it came through."""
    url = city.engine.url.render_as_string(hide_password=False)
    city.engine.dispose()
    done = subprocess.run(
        [sys.executable, str(HERE / "killed.py"), url, json.dumps(job)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)


def act(city: City, subject: int, who: str, name: str, **payload: Any) -> dict[str, Any]:
    claim = city.people[who]
    return {
        "what": "act",
        "subject": subject,
        "person": claim.person,
        "role": claim.role,
        "act": name,
        "payload": payload,
    }


def job_of(city: City, what: str) -> dict[str, Any]:
    """Prepare what the job needs and return it."""
    if what == "start":
        return {"what": "start", "call": city.call, "person": city.lead(0).person}
    if what == "sweep":
        city.case_at("papers", 0)
        city.case_at("recommendation", 1)
        city.at("2024-08-14T09:00")
        return {"what": "sweep"}
    cases = [city.case_at("selection", n) for n in range(2 if what == "select" else 1)]
    city.at("2024-08-06T09:00")
    chosen = [city.subject(cases[0]).ref]
    if what == "select":
        return act(city, city.call, "boss", "select", cases=chosen)
    city.do(city.call, "boss", "select", cases=chosen)
    return act(city, cases[0], "chen", "file", document_number="1号", document_date="2024-08-06")


@pytest.mark.parametrize("what", ["start", "select", "file", "sweep"])
def test_killed_at_every_statement(yueyang: City, what: str) -> None:
    assert killed(yueyang, job_of(yueyang, what)) >= 8
    everywhere(yueyang)
