"""A full disk and a read-only database: named clearly, nothing half written, all well afterwards."""

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from city import City, build, database_file
from projected import everywhere
from sqlalchemy import Engine, event, text

from casework import wake
from casework.acts import Receipt
from models.database import DatabaseFull, DatabaseReadOnly, connect, default_url, writing
from models.migrate import upgrade
from procedure.instant import local_instant
from tests.storm import cluster


@pytest.fixture
def small(tmp_path: Path) -> Iterator[City]:
    """Yueyang on SQLite alone."""
    engine = connect(default_url(tmp_path))
    upgrade(engine, local_instant("2024-07-01T00:00"))
    yield build(engine)
    engine.dispose()


@contextmanager
def full(engine: Engine) -> Iterator[None]:
    """Let the database's file grow no more."""
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    engine.dispose()

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()


def fill(engine: Engine) -> None:
    """Use up every free page that the file has."""
    with contextlib.suppress(DatabaseFull):
        while True:
            with writing(engine) as connection:
                connection.execute(text("INSERT INTO filler VALUES (zeroblob(4000))"))


def test_a_full_disk_refuses_acts_and_sweeps_whole(small: City) -> None:
    cases = [small.start(n) for n in range(30)]
    with writing(small.engine) as connection:
        connection.execute(text("CREATE TABLE filler (content BLOB)"))
    small.at("2024-08-04T17:59")
    long = {"fields": {"consortium.summary": "长" * 2000, "consortium.task_chain": "链" * 2000}}
    with full(small.engine):
        fill(small.engine)
        before = small.everything()
        with pytest.raises(DatabaseFull) as refused:
            small.ask(cases[0], "zhang0", "save_draft", long, key="once")
        assert str(database_file(small.engine)) in str(refused.value)
        assert refused.value.why == "database or disk is full"
        assert small.everything() == before
    first = small.ask(cases[0], "zhang0", "save_draft", long, key="once")
    assert isinstance(first, Receipt)
    assert not first.repeated
    small.at("2024-08-04T18:01")
    with full(small.engine):
        fill(small.engine)
        before = small.everything()
        with pytest.raises(DatabaseFull):
            wake.sweep(small.engine, "application")
        assert small.everything() == before
    assert len(wake.sweep(small.engine, "application").moved) == 30
    assert small.count("incidents") == 0
    everywhere(small)


@contextmanager
def read_only(city: City) -> Iterator[City]:
    """The same database where this process may read and not write, whoever runs it."""
    city.engine.dispose()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(database_file(city.engine), folder / "beian.db")
        folder.chmod(0o555)
        (folder / "beian.db").chmod(0o444)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield City(connect(default_url(folder)), city.city, city.district, city.call, city.people)
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_read_only_folder_is_named_and_nothing_is_written(small: City) -> None:
    case = small.filled()
    before = small.everything()
    with pytest.raises(DatabaseReadOnly) as refused, read_only(small) as there:
        there.do(case, "zhang0", "submit")
    assert refused.value.why == "attempt to write a readonly database"
    assert small.everything() == before


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of so many MB, which anybody may write; only root can make one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    with tempfile.TemporaryDirectory(prefix="beian-disk-") as name:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "tmpfs", name], check=False
        )
        if made.returncode:
            pytest.skip("no disk can be mounted here")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)


def test_a_full_disk_of_postgresql_refuses_acts_whole() -> None:
    if not cluster.found():
        pytest.skip("PostgreSQL's programs are not on this machine")
    with small_disk(160) as disk, cluster.running(place=disk) as server:
        engine = connect(server.url("beian"))
        upgrade(engine, local_instant("2024-07-01T00:00"))
        town = build(engine)
        case = town.start()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # What is in memory only would want room of its own.
            connection.execute(text("CHECKPOINT"))
        ballast = disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        kept = refused = 0
        while not refused:
            assert kept < 100
            before = town.everything()
            # What cannot be compressed needs pages of its own.
            long = {"fields": {"consortium.summary": secrets.token_hex(1000)}}
            try:
                assert isinstance(town.ask(case, "zhang0", "save_draft", long, key=f"key {kept}"), Receipt)
                kept += 1
            except DatabaseFull:
                refused += 1
                assert town.everything() == before
        ballast.unlink()
        answer = town.ask(case, "zhang0", "save_draft", long, key=f"key {kept}")
        assert isinstance(answer, Receipt)
        assert not answer.repeated
        assert town.kinds(case) == ["started", *["draft_saved"] * (kept + 1)]
        everywhere(town)
        engine.dispose()
