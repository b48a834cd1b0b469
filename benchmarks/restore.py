"""A backup put back elsewhere: a hundred thousand open cases with their chains, until the record is verified.

All of them have missed their deadline when the copy comes to life: each lapses there, once.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from benchmarks import ground
from benchmarks.result import Line, Target
from casework import audit, backup, clock, wake
from casework.documents import path_of
from models.database import connect, reading, writing
from procedure.instant import local_instant
from tests.casework.city import build
from tests.storm.crowd import crowd

LATER: Final = local_instant("2024-08-14T09:00")
MATERIALS: Final = ("application_form", "implementation_plan", "cooperation_agreement")
MINUTES: Final = 5
"""For a hundred thousand cases, wherever they were."""


class NotRestored(AssertionError):
    """What came back is not what was there: the figure would mean nothing."""


def run(engine: Engine, cases: int = 100_000) -> list[Line]:
    """Measure a restore of `cases` submitted cases; the baseline is the backup that it was taken with."""
    town = build(engine)
    first = town.case_at("recommendation")
    crowd(town, first, 1, cases)
    name = engine.dialect.name
    with (
        tempfile.TemporaryDirectory(prefix="beian-bench-") as folder,
        ground.empty(name) as url,
    ):
        archive, files = Path(folder) / "backup.tar", Path(folder) / "files"
        for material in MATERIALS:
            # The digest that the city's documents are entered under.
            place = path_of(files, hashlib.sha256(material.encode()).hexdigest())
            place.parent.mkdir(parents=True)
            place.write_bytes(material.encode())
        taken = _timed(lambda: backup.back_up(engine, files, archive))
        size = archive.stat().st_size
        restored = _timed(lambda: backup.restore(archive, url, Path(folder) / "restored"))
        there = connect(url)
        try:
            verified = _timed(lambda: _verify(there))
            swept = _timed(lambda: _lapse(there, cases))
        finally:
            there.dispose()
    note = (
        f"{cases} cases, {size / 1e6:.0f} MB; backed up in {taken:.0f} s, restored in {restored:.0f} s,"
        f" then verified in {verified:.0f} s and all of them lapsed, once, in {swept:.0f} s"
    )
    return [Line("restore", name, restored, taken, "s", Target("ours", MINUTES * 60), note)]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _verify(engine: Engine) -> None:
    with reading(engine) as connection:
        findings = list(audit.verify(connection))
    if findings:
        raise NotRestored(f"{len(findings)} findings, the first: {findings[0]}")


def _lapse(engine: Engine, cases: int) -> None:
    with writing(engine) as connection:
        clock.move(connection, LATER)
    lapsed = [each.ref for each in wake.sweep(engine, "application").moved]
    if len(lapsed) != cases or len(set(lapsed)) != cases or wake.sweep(engine, "application").moved:
        raise NotRestored(f"{cases} cases were overdue, {len(lapsed)} lapsed, {len(set(lapsed))} of them")
