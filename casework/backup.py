"""Backup and restore: database and files as one archive, taken while acts go on, put back where nothing is.

Files are content-addressed, written once and on disk before their rows are committed. So the database is
copied first, as of one moment, and every file that its rows name is there when the files are copied after it.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Engine, inspect, select, union

from casework import clock
from casework.documents import path_of
from models import Document, ObjectionEvidence, StoredFile
from models.database import connect, reading
from models.migrate import current
from procedure.instant import iso

_files = StoredFile.__table__

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
_FILE: Final = re.compile(r"files/([0-9a-f]{64})")
_BLOCK: Final = 1 << 20

Tell = Callable[[int, int], None]


class BackupError(Exception):
    """A backup cannot be taken or restored: ``code`` says why, ``detail`` which thing or what was said."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself: its database's engine and revision, when it was taken, its files."""

    format: int
    engine: str
    revision: str
    at: str
    digest: str
    files: int


def back_up(engine: Engine, folder: Path, archive: Path, tell: Tell = lambda _done, _of: None) -> Manifest:
    """Write database and files to ``archive``, as of one moment, while acts go on.

    ``tell`` hears how many files are copied, of how many. Raises BackupError; then no archive is left.
    """
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".beian-backup-") as scratch:
        copy = Path(scratch) / DATABASE
        with reading(engine) as connection:
            at = iso(clock.now(connection))
        if engine.dialect.name == "sqlite":
            _copy_sqlite(Path(str(engine.url.database)), copy)
        else:
            _run_tool("pg_dump", engine, "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")
        kept, needed = _listed(engine)
        there = [digest for digest in kept if digest in needed or path_of(folder, digest).exists()]
        made = Manifest(FORMAT, engine.dialect.name, str(current(engine)), at, _digest(copy), len(there))
        draft = Path(scratch) / "archive"
        with tarfile.open(draft, "w") as tar:
            _add_bytes(tar, MANIFEST, json.dumps(asdict(made), indent=2).encode())
            tar.add(copy, DATABASE)
            for done, digest in enumerate(there, 1):
                _add_file(tar, path_of(folder, digest), digest)
                tell(done, len(there))
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.chmod(0o600)
        draft.replace(archive)
    return made


def restore(archive: Path, url: str, folder: Path, tell: Tell = lambda _done, _of: None) -> Manifest:
    """Put an archive back: its database at ``url``, where nothing may be, its files into ``folder``.

    Every digest is checked. Raises BackupError, before anything is changed where the archive or the target
    does not fit; an interrupted restore can be repeated.
    """
    with _opened(archive) as tar:
        made = _manifest(tar)
        members = [member for member in tar.getmembers() if _FILE.fullmatch(member.name)]
        digests = {member.name.removeprefix("files/") for member in members}
        if len(digests) != made.files:
            raise BackupError("archive_damaged", f"{made.files} files announced, {len(digests)} there")
        _require_engine(url, made.engine)
        _require_empty(url, folder, digests)
        _make_folder(folder)
        for done, member in enumerate(members, 1):
            _take_file(tar, member, path_of(folder, member.name.removeprefix("files/")))
            tell(done, len(members))
        # The database comes last: whoever finds it finds its files.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".beian-restore-") as scratch:
            copy = Path(scratch) / DATABASE
            _extract(tar, tar.getmember(DATABASE), copy)
            if _digest(copy) != made.digest:
                raise BackupError("archive_damaged", DATABASE)
            _place(url, copy, made)
    return made


# --- databases ---


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as live,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        # In one step: one of several would begin again whenever somebody else writes in between.
        live.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")


def _place(url: str, copy: Path, made: Manifest) -> None:
    if made.engine == "sqlite":
        target = _sqlite_path(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(copy, target.with_name(f".{target.name}.restored"))
        target.with_name(f".{target.name}.restored").replace(target)
        return
    engine = connect(url)
    try:
        options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
        _run_tool("pg_restore", engine, *options, str(copy))
    finally:
        engine.dispose()


def _run_tool(name: str, engine: Engine, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise BackupError("tool_missing", name)
    address = engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    # Arguments can be read by everyone on the machine; the environment cannot.
    secret = {} if engine.url.password is None else {"PGPASSWORD": str(engine.url.password)}
    done = subprocess.run(  # noqa: S603 - a fixed program, and arguments of our own
        [program, f"--dbname={address}", *arguments],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError("tool_failed", f"{name}: {done.stderr.strip() or done.returncode}")


def _require_engine(url: str, engine: str) -> None:
    if url.startswith("sqlite") != (engine == "sqlite"):
        raise BackupError("other_engine", engine)


def _require_empty(url: str, folder: Path, digests: Collection[str]) -> None:
    if url.startswith("sqlite"):
        target = _sqlite_path(url)
        if target.exists() and target.stat().st_size:
            raise BackupError("target_not_empty", str(target))
    else:
        engine = connect(url)
        try:
            with reading(engine) as connection:
                tables = inspect(connection).get_table_names()
        finally:
            engine.dispose()
        if tables:
            raise BackupError("target_not_empty", engine.url.render_as_string(hide_password=True))
    strangers = [path for path in folder.glob("*/*") if path.name not in digests]
    if strangers:
        raise BackupError("target_not_empty", str(folder))


def _sqlite_path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


# --- files ---


def _listed(engine: Engine) -> tuple[list[str], set[str]]:
    """Return the digests of all stored files, and of those that something refers to."""
    referred = union(select(Document.__table__.c.digest), select(ObjectionEvidence.__table__.c.digest))
    with reading(engine) as connection:
        kept = list(connection.execute(select(_files.c.digest).order_by(_files.c.digest)).scalars())
        return kept, set(connection.execute(referred).scalars())


def _add_file(tar: tarfile.TarFile, path: Path, digest: str) -> None:
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise BackupError("file_damaged", str(path))
            file.seek(0)
            info = tar.gettarinfo(arcname=f"files/{digest}", fileobj=file)
            tar.addfile(info, file)
    except OSError as error:
        raise BackupError("file_missing", f"{path}: {error.strerror}") from error


def _take_file(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = target.with_name(f".{target.name}")
    _extract(tar, member, incoming)
    if _digest(incoming) != target.name:
        incoming.unlink()
        raise BackupError("archive_damaged", member.name)
    incoming.chmod(0o440)
    incoming.replace(target)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content: IO[bytes] | None = tar.extractfile(member)
    if content is None:
        raise BackupError("archive_damaged", member.name)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file, _BLOCK)
        file.flush()
        os.fsync(file.fileno())


def _add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        tar = tarfile.open(archive, "r:")  # noqa: SIM115 - closed below, what it raises is named here
    except tarfile.TarError as error:
        raise BackupError("no_archive", f"{archive}: {error}") from error
    with tar:
        try:
            yield tar
        except (tarfile.TarError, EOFError) as error:
            raise BackupError("archive_damaged", str(error)) from error


def _manifest(tar: tarfile.TarFile) -> Manifest:
    try:
        content = tar.extractfile(MANIFEST)
        made = Manifest(**json.loads(b"" if content is None else content.read()))
        tar.getmember(DATABASE)
    except (KeyError, ValueError, TypeError) as error:
        raise BackupError("no_archive", str(error)) from error
    if made.format != FORMAT:
        raise BackupError("newer_archive", str(made.format))
    return made
