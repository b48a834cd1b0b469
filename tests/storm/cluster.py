"""A PostgreSQL server of the storm's own, so that it can be stopped the hard way and started again."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.notifications.mail_server import free_port


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server on a free port of 127.0.0.1, its data in ``folder``."""

    folder: Path
    port: int

    def url(self, database: str) -> str:
        """Return the address of a database that is made now."""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE template0'.encode())
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def start(self, *, durable: bool = True) -> None:
        """Start the server and wait for it; without ``durable`` a commit is answered before it is safe."""
        how = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=60"
        # A recovery begins by making every file safe: all at once, not one by one.
        how += " -c recovery_init_sync_method=syncfs"
        if not durable:
            how += " -c synchronous_commit=off -c wal_writer_delay=10s"
        _run("pg_ctl", "-D", str(self.folder / "data"), "-o", how, "-w", "-l", os.devnull, "start")

    def stop(self) -> None:
        """Stop the server at once, as if killed; it recovers from its log when it starts again."""
        _run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def _address(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"


def found() -> bool:
    """Whether PostgreSQL's programs are on this machine."""
    return _bin() is not None


@contextmanager
def running(*, durable: bool = True, place: Path | None = None) -> Iterator[Cluster]:
    """A fresh server, gone afterwards; its data lie in a folder of their own in ``place``."""
    folder = Path(tempfile.mkdtemp(prefix="beian-storm-", dir=place))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder, free_port())
    try:
        _run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        cluster.start(durable=durable)
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    programs = _bin()
    assert programs is not None, "PostgreSQL's programs are not on this machine"
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*as_user, str(programs / program), *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )


def _bin() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places else None
