"""The life of a case, from online acceptance to the closing of its scoring, in other workflow engines.

Each peer keeps its state as its own documents advise, in SQLite with one durable commit an act, as ours does.
A peer keeps the order of the acts and their particulars only: no rules, access, deadlines, notices, chain.
"""

import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from sqlalchemy import Engine

from benchmarks import city as cities
from benchmarks.act import LIFE, MEASURED, SET_UP, Timed, live_through, prepare
from benchmarks.result import Line

ACTS: tuple[tuple[str, Mapping[str, Any]], ...] = tuple(
    (f"{name}_{n}", payload) for n, (name, _who, payload) in enumerate(LIFE)
)
"""The acts of a life, each under a name of its own: five experts score."""

PEERS = ("spiffworkflow", "viewflow")


class Peer(Protocol):
    """An engine that keeps many cases in a folder."""

    def begin(self) -> int:
        """Begin a case and return its number."""
        ...

    def act(self, case: int, name: str, payload: Mapping[str, Any]) -> None:
        """Do the act that the case waits for, durably; raises AssertionError where it waits for another."""
        ...

    def waits_for(self, case: int) -> str | None:
        """Return the act that a case waits for, None once it has ended."""
        ...


def run(engine: Engine, lives: int = 20) -> list[Line]:
    """Measure `lives` lives in ours and in each peer, on SQLite; a ratio below 1 says that ours is faster."""
    if engine.dialect.name != "sqlite":
        return []
    city = cities.found(engine)
    cities.move(engine, SET_UP)
    steps = prepare(engine, city, lives + 1)
    cities.move(engine, MEASURED)
    timed = Timed()
    live_through(engine, city, steps, 1, Timed())
    live_through(engine, city, steps, lives, timed)
    ours = median(each for some in timed.wall.values() for each in some)
    lines: list[Line] = []
    for name in PEERS:
        with tempfile.TemporaryDirectory(prefix="beian-bench-") as folder:
            theirs = live(name, Path(folder), lives)
        note = f"{lives} lives of {len(ACTS)} acts; the peer keeps order and particulars only"
        lines.append(Line(f"peers:{name}", "sqlite", ours, theirs, "ms", None, note))
    return lines


def live(name: str, folder: Path, lives: int) -> float:
    """Carry `lives` cases through their lives in the peer `name`; return the median of an act, in ms."""
    try:
        peer: Peer = import_module(f"benchmarks.peers.{name}_peer").made(folder)
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error}; the peers come with: pip install -e '.[peers]'") from None
    timed = Timed()
    for n in range(lives + 1):
        case = peer.begin()
        for act, payload in ACTS:
            # The first life warms up.
            (timed if n else Timed()).time(act, lambda: peer.act(case, act, payload))  # noqa: B023
        if peer.waits_for(case) is not None:
            raise AssertionError(f"{name}: {case} has not ended")
    return median(each for some in timed.wall.values() for each in some)
