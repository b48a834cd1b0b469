"""Fifty people at once in the portal over a hundred thousand cases, whose records are whole.

Each is somebody at a desk (district, bureau, operations) or one of the public, who opens one page after
another and reads each for some seconds; what counts is how long it takes in their browser until a page is
there. The baseline of a 99th percentile is our own median.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select

from benchmarks.browser import Browser
from benchmarks.city import City
from benchmarks.herd import settle, unchecked
from benchmarks.portal import Served, served, session, sign_in, spread
from benchmarks.radar import ground
from benchmarks.registered import registered
from benchmarks.result import Line, Target
from casework import parties
from models import Case, RegisterEntry, Role
from models.database import reading, writing
from procedure.instant import calendar_day

FILED: Final = 10
"""One of so many cases is filed, on the register; the others are open."""

READS: Final = (1.0, 3.0)
"""For how many seconds somebody looks at a page before they open the next."""

LIMIT_MS: Final = 150

_cases = Case.__table__
_entries = RegisterEntry.__table__
_roles = Role.__table__

Address = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks: their session (the public has none), and what they open by kind of page."""

    token: str | None
    pages: Mapping[str, Address]


def run(engine: Engine, cases: int = 100_000, people: int = 50, seconds: float = 60) -> list[Line]:
    """Let `people` browse over `cases` for so many `seconds`, and tell how long their pages took."""
    began = time.perf_counter()
    visitors = _visitors(engine, cases, people)
    seeded = time.perf_counter() - began
    with served(engine) as portal:
        took, cpu = asyncio.run(_all(portal, visitors, seconds))
    pages = sum(map(len, took.values()))
    note = (
        f"{pages} pages for {people} people over {cases} cases; processor time a page: portal"
        f" {cpu[0] / pages * 1000:.1f} ms, browsers {cpu[1] / pages * 1000:.1f} ms; seeded in {seeded:.0f} s"
    )
    every = {"browse": [each for kind in took.values() for each in kind]}
    lines: list[Line] = []
    for name, found in (every | {f"browse:{kind}": took[kind] for kind in sorted(took)}).items():
        at = spread(found)
        figures = (at["p99"] * 1000, at["p50"] * 1000)
        lines.append(Line(name, engine.dialect.name, *figures, "ms", Target("ours", LIMIT_MS), note))
        note = ""
    return lines


async def _all(
    portal: Served, visitors: list[Visitor], seconds: float
) -> tuple[dict[str, list[float]], tuple[float, float]]:
    chance = random.Random(50)
    # Both processes read the procedure and prepare their statements once.
    await asyncio.gather(*(_first(visitor, portal.port) for visitor in visitors))
    took: dict[str, list[float]] = defaultdict(list)
    theirs, ours, until = portal.cpu(), time.process_time(), time.monotonic() + seconds
    await asyncio.gather(
        *(_browse(each, portal.port, until, random.Random(chance.random()), took) for each in visitors)
    )
    return took, (portal.cpu() - theirs, time.process_time() - ours)


async def _first(visitor: Visitor, port: int) -> None:
    async with Browser(port, visitor.token) as browser:
        for address in visitor.pages.values():
            await browser.get(address(random.Random(1)))


async def _browse(
    visitor: Visitor, port: int, until: float, chance: random.Random, took: dict[str, list[float]]
) -> None:
    async with Browser(port, visitor.token) as browser:
        while True:
            await asyncio.sleep(chance.uniform(*READS))
            if time.monotonic() > until:
                return
            kind = chance.choice([*visitor.pages])
            address = visitor.pages[kind](chance)
            answer = await browser.get(address)
            if answer.status != 200 or "YY" not in answer.text:
                raise AssertionError(f"{address} showed no case: {answer.status}")
            took[kind].append(answer.took)


def _visitors(engine: Engine, cases: int, people: int) -> list[Visitor]:
    """Make the cases, and of five people two at a district, two at the bureau or operations, one outside."""
    filed = cases // FILED
    city, districts = ground(engine, cases - filed)
    with writing(engine) as connection:
        operator = parties.person(connection, "operator", "运维", None)
        bureau = parties.bureau_id(connection, "yueyang")
        day = calendar_day("2024-01-01")
        parties.grant(connection, operator, "operations", valid_from=day, bureau_id=bureau)
    with unchecked(engine) as connection, connection.begin():
        registered(connection, city, filed)
    settle(engine)
    officers = _officers(engine)
    sign_in(engine, [*(person for person, _ in officers), city.people["officer"].person, operator])
    every = [number for _, numbers in officers for number in numbers]
    entries = _registered(engine)
    visitors: list[Visitor] = []
    for n in range(people):
        person, own = officers[n % len(officers)]
        match n % 5:
            case 0 | 1:
                visitors.append(Visitor(session(person), _district(own)))
            case 2:
                visitors.append(Visitor(session(operator), _operations(districts)))
            case 3:
                visitors.append(_at_bureau(city, every, districts))
            case _:
                visitors.append(Visitor(None, _public(entries)))
    return visitors


def _officers(engine: Engine) -> list[tuple[int, list[str]]]:
    """Return the districts' officers with the numbers of some of their cases."""
    with reading(engine) as connection:
        officers = connection.execute(
            select(_roles.c.person_id, _roles.c.bureau_id).where(_roles.c.role == "district_officer")
        ).all()
        return [
            (
                officer.person_id,
                [
                    *connection.execute(
                        select(_cases.c.number)
                        .where(_cases.c.district_id == officer.bureau_id, _cases.c.closed.is_(False))
                        .limit(500)
                    ).scalars()
                ],
            )
            for officer in officers
        ]


def _registered(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [*connection.execute(select(_entries.c.number)).scalars()]


def _district(numbers: list[str]) -> dict[str, Address]:
    lists = (
        "/district",
        "/district?show=open",
        "/district?show=all",
        "/district?page=40",
        "/district?show=all&page=9",
    )
    return {
        "district": lambda chance: chance.choice(lists),
        "case": lambda chance: f"/district/yueyang/{chance.choice(numbers)}",
        "search": lambda chance: f"/district?show=all&q={chance.choice(numbers)[-4:]}",
    }


def _at_bureau(city: City, numbers: list[str], districts: list[str]) -> Visitor:
    lists = (
        "/bureau",
        "/bureau?page=100",
        "/bureau?show=open",
        "/bureau?show=late",
        "/bureau?show=soon",
        "/bureau?show=all",
        "/bureau?show=open&page=1000",
        "/bureau?show=open&stage=formal_review",
        f"/bureau?show=open&district={districts[3]}",
    )
    pages: dict[str, Address] = {
        "bureau": lambda chance: chance.choice(lists),
        "case": lambda chance: f"/bureau/yueyang/{chance.choice(numbers)}",
        "search": lambda chance: f"/bureau?show=all&q={chance.choice(numbers)[-4:]}",
    }
    return Visitor(session(city.people["officer"].person), pages)


def _operations(districts: list[str]) -> dict[str, Address]:
    narrowed = ("", "?trouble=overdue", "?page=3", *(f"?district={each}" for each in districts[:5]))
    return {"radar": lambda chance: "/operations" + chance.choice(narrowed)}


def _public(entries: list[str]) -> dict[str, Address]:
    last = max(1, len(entries) // 50)
    return {
        "register": lambda chance: f"/register?page={chance.randint(1, last)}",
        "entry": lambda chance: f"/register/yueyang/{chance.choice(entries)}",
        "search": lambda chance: f"/register?q={chance.choice(entries)[-4:]}",
    }
