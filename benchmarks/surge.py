"""The closing minute: a crowd submits at the portal until the call closes, and some come too late.

Everybody reads the review, confirms it and sends it, each from a browser of their own. A tenth send
twice: they lose the connection and send the same form again, some of them after the closing. A few send
for the first time just after it. Then every case is looked at: what had left the browser in time is
submitted, once, in time; what left it after the closing is not. `python -m benchmarks.surge` writes
`out/surge.json` and ends with 1 where anything went wrong; speed is told, not judged.
"""

import argparse
import asyncio
import json
import math
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pendulum
from sqlalchemy import Engine, select

from benchmarks import city as cities
from benchmarks import ground
from benchmarks.browser import Answer, Browser
from benchmarks.city import Case
from benchmarks.herd import copies, settle
from benchmarks.portal import served, session, sign_in, spread
from casework import wake
from models import Event, Notice, Subject
from models.database import reading
from procedure.instant import SHANGHAI, instant

OUT: Final = Path("out/surge.json")

READING_S: Final = (2.0, 8.0)
"""How long before they send it people open the review."""

LATE: Final = 20
"""How many send for the first time after the closing, of a thousand."""

_events = Event.__table__
_subjects = Subject.__table__
_notices = Notice.__table__


@dataclass(slots=True)
class Sent:
    """One person's sending: when, how often, and what came back."""

    case: Case
    at: float
    again_after: float | None
    first_left: float = math.inf
    took: float = 0.0
    receipt_took: float = 0.0
    review_took: float = 0.0
    statuses: list[int] = field(default_factory=list)
    told: str = ""


def run(engine: Engine, crowd: int = 1000, minute: float = 60.0, ahead: float = 45.0) -> dict[str, Any]:
    """Let `crowd` submit in the last `minute` seconds of a call that closes `ahead` of them from now on."""
    closes = pendulum.now(SHANGHAI).add(seconds=ahead + minute).set(microsecond=0)
    dates = {
        "filing_opens": closes.subtract(days=30).format("YYYY-MM-DDTHH:mm"),
        "filing_closes": closes.format("YYYY-MM-DDTHH:mm:ss"),
        "recommendation_due": closes.add(days=5).format("YYYY-MM-DDTHH:mm"),
        "papers_due": closes.add(days=9).format("YYYY-MM-DD"),
    }
    city = cities.filled_in(engine, dates)
    cases = copies(engine, city.case, crowd)
    sign_in(engine, (case.applicant for case in cases))
    settle(engine)
    plan = _plan(cases, closes.timestamp(), minute)
    with served(engine) as portal:
        if time.time() > closes.timestamp() - minute:
            raise AssertionError("the minute began before everything was ready: give more time `ahead`")
        began, ours = portal.cpu(), time.process_time()
        asyncio.run(_crowd(plan, portal.port, engine, closes.timestamp()))
        cpu = {"portal": portal.cpu() - began, "crowd_and_sweeps": time.process_time() - ours}
    return {
        **_verdict(engine, plan, closes),
        **_times(plan, closes.timestamp(), minute),
        "cpu_s": {name: round(seconds, 1) for name, seconds in cpu.items()},
    }


def _plan(cases: list[Case], closes: float, minute: float) -> list[Sent]:
    chance = random.Random(2024)
    late = max(1, len(cases) * LATE // 1000)
    plan: list[Sent] = []
    for n, case in enumerate(cases):
        at = closes - minute * chance.random() if n >= late else closes + 0.05 + chance.random()
        plan.append(Sent(case, at, chance.choice((0.0, 0.3, 2.0)) if n % 10 == 9 else None))
    return plan


async def _crowd(plan: list[Sent], port: int, engine: Engine, closes: float) -> None:
    ending = asyncio.Event()
    sweeping = asyncio.create_task(_sweep(engine, ending))
    chance = random.Random(7)
    # Both processes read the procedure and prepare their statements once.
    await asyncio.gather(*(_look(sent, port) for sent in plan[:16]))
    await asyncio.gather(*(_submit(sent, port, chance.uniform(*READING_S)) for sent in plan))
    # Until the sweeps have closed what was not submitted.
    await asyncio.sleep(max(0.0, closes + wake.LAG.total_seconds() + 3 - time.time()))
    ending.set()
    await sweeping
    await asyncio.to_thread(_sweep_once, engine)


async def _sweep(engine: Engine, ending: asyncio.Event) -> None:
    """Sweep as the lane does, meanwhile and after."""
    while not ending.is_set():
        await asyncio.to_thread(_sweep_once, engine)
        await asyncio.sleep(5)


def _sweep_once(engine: Engine) -> None:
    for kind in ("call", "application"):
        wake.sweep(engine, kind)


async def _look(sent: Sent, port: int) -> None:
    async with Browser(port, session(sent.case.applicant)) as browser:
        await browser.get(f"/applicant/yueyang/{sent.case.number}/review")


async def _submit(sent: Sent, port: int, reads: float) -> None:
    home = f"/applicant/yueyang/{sent.case.number}"
    async with Browser(port, session(sent.case.applicant)) as browser:
        await asyncio.sleep(max(0.0, sent.at - reads - time.time()))
        review = await browser.get(f"{home}/review")
        sent.review_took = review.took
        if 'name="truthful"' not in review.text:
            # The call closed before the page was there; nothing could be sent.
            sent.told = "late"
            return
        names = ("csrf", "key", "version")
        form = {name: review.hidden(name) for name in names} | {"truthful": "true"}
        await asyncio.sleep(max(0.0, sent.at - time.time()))
        if sent.again_after is not None:
            await browser.throw(f"{home}/submit", **form)
            sent.first_left = browser.sent_at
            await asyncio.sleep(sent.again_after)
        answer = await browser.post(f"{home}/submit", **form)
        sent.first_left = min(sent.first_left, browser.sent_at)
        sent.took = answer.took
        sent.statuses.append(answer.status)
        if answer.status == 303:
            shown = await browser.get(answer.headers["location"])
            sent.receipt_took = shown.took
            sent.statuses.append(shown.status)
        sent.told = _told(answer)


def _told(answer: Answer) -> str:
    return "receipt" if answer.status == 303 else "late" if "截止" in answer.text else "other"


def _verdict(engine: Engine, plan: list[Sent], closes: pendulum.DateTime) -> dict[str, Any]:
    """Count what went wrong, from the database and from what people were told."""
    with reading(engine) as connection:
        submitted = connection.execute(
            select(_events.c.subject_id, _events.c.effective_at).where(_events.c.kind == "submitted")
        ).all()
        stages = {row.id: row for row in connection.execute(select(_subjects)).all()}
        told_twice = Counter(
            connection.execute(select(_notices.c.subject_id).where(_notices.c.text == "submitted")).scalars()
        )
    times = Counter(row.subject_id for row in submitted)
    at = {row.subject_id: instant(row.effective_at) for row in submitted}
    end = closes.timestamp()
    wrong: Counter[str] = Counter()
    for sent in plan:
        case, in_time = sent.case.subject, sent.first_left <= end
        count = times[case]
        wrong["lost"] += sent.told == "receipt" and not count
        wrong["doubled"] += count > 1
        wrong["wrongly_late"] += in_time and not count
        wrong["wrongly_in_time"] += not in_time and count > 0
        wrong["dated_after_closing"] += case in at and at[case] > closes
        wrong["told_otherwise"] += sent.told != ("receipt" if count else "late")
        wrong["not_closed"] += not count and stages[case].outcome is None
        wrong["unanswered"] += any(status not in (303, 200, 422) for status in sent.statuses)
    return {
        "submitted": sum(times.values()),
        "in_time": sum(sent.first_left <= end for sent in plan),
        "sent_after_closing": sum(sent.first_left > end for sent in plan),
        "sent_twice": sum(sent.again_after is not None for sent in plan),
        "notices": dict(Counter(told_twice.values())),
        "wrong": dict(wrong),
    }


def _times(plan: list[Sent], end: float, minute: float) -> dict[str, Any]:
    last = [sent for sent in plan if end - 5 < sent.at <= end]
    return {
        "crowd": len(plan),
        "minute_s": minute,
        "most_in_a_second": max(Counter(int(sent.at - end) for sent in plan).values()),
        "submit_s": spread([sent.took for sent in plan if sent.took]),
        "submit_last_5_s": spread([sent.took for sent in last if sent.took]),
        "receipt_page_s": spread([sent.receipt_took for sent in plan if sent.receipt_took]),
        "review_page_s": spread([sent.review_took for sent in plan]),
    }


def main() -> int:
    """Let the crowd come, on each engine that is here, and tell what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.surge", description=__doc__)
    parser.add_argument("--crowd", type=int, default=1000, help="how many submit (1000)")
    parser.add_argument("--minute", type=float, default=60, help="within how many seconds (60)")
    parser.add_argument("--ahead", type=float, default=60, help="seconds to make everything ready in (60)")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], help="one engine instead of all")
    asked = parser.parse_args()
    # Ended from outside, the scratch databases still go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # Before the crowd comes: what others have the machine do meanwhile.
    found: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    told: dict[str, Any] = {}
    for name in ground.engines():
        if asked.engine in {None, name}:
            with ground.scratch(name, None) as engine:
                told[name] = run(engine, asked.crowd, asked.minute, asked.ahead)
            print(name, json.dumps(told[name], indent=2, ensure_ascii=False))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({**found, **told}, indent=2) + "\n")
    return int(any(any(each["wrong"].values()) for each in told.values()))


if __name__ == "__main__":
    sys.exit(main())
