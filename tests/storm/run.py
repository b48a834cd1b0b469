"""A storm from beginning to verdict, and the same months in a calm to compare it with."""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from models.database import connect, default_url
from models.migrate import upgrade
from procedure.instant import local_instant
from tests.notifications.mail_server import free_port
from tests.storm import cluster, sink, verdict
from tests.storm.fate import FATES, Town, settle
from tests.storm.weather import Storm, Stuck

BEGINS = local_instant("2024-07-01T09:00")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a storm: what is wrong, why it does not count, and how heavy it was."""

    wrong: list[str]
    uncounted: list[str]
    kills: list[tuple[float, str]]
    letters: int


def storm(
    engine: str,
    cases: int,
    folder: Path,
    seed: int,
    *,
    without: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Result:
    """Let a storm rage over ``cases`` cases on ``engine`` ("sqlite" or "postgresql") and judge it.

    ``without`` names a guard (`guards.ALL`) that is left out; ``say`` is told how far the months have come.
    """
    with ExitStack() as stack:
        durable = without != "durability"
        server = stack.enter_context(cluster.running(durable=durable)) if engine == "postgresql" else None
        calm = stack.enter_context(_database(server, folder / "calm"))
        twin = settle(calm, len(FATES))
        stack.enter_context(_mail_at(port := free_port()))
        _storm(calm, folder / "calm", port, twin, None).rage(calm=True)
        raging = stack.enter_context(_database(server, folder / "storm"))
        town = settle(raging, cases)
        weather = _storm(raging, folder / "storm", port, town, server)
        weather.without, weather.chance, weather.say = without, random.Random(seed), say  # noqa: S311
        say(f"{cases} cases are submitted")
        try:
            weather.rage()
        except Stuck as stuck:
            wrong = [str(stuck)]
        else:
            wrong = verdict.wrong(weather, town, calm, twin)
        letters = len(sink.letters(weather.mail))
        return Result(wrong, verdict.uncounted(weather, town), weather.kills, letters)


def _storm(engine: Engine, folder: Path, port: int, town: Town, server: cluster.Cluster | None) -> Storm:
    return Storm(engine, folder, port, len(town.cases), town.steps(), server)


@contextmanager
def _database(server: cluster.Cluster | None, folder: Path) -> Iterator[Engine]:
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(default_url(folder) if server is None else server.url(folder.name))
    upgrade(engine, BEGINS)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _mail_at(port: int) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= {
        "BEIAN_SMTP_URL": f"mailto://127.0.0.1:{port}",
        "BEIAN_MAIL_FROM": "岳阳市科学技术局 <beian@example.org>",
        "BEIAN_CHANNEL_TIMEOUT": "60",
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
