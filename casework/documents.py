"""Files: content-addressed, on disk before their row, written once."""

import contextlib
import datetime
import hashlib
import os
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Connection, Engine, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from casework import clock
from models import Document, Event, ObjectionEvidence, StoredFile
from models.database import reading, writing
from procedure import event as events

_files = StoredFile.__table__
_documents = Document.__table__
_evidence = ObjectionEvidence.__table__
_events = Event.__table__

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

INCOMING: Final = ".incoming-"
"""What the names of files begin with that are being received."""

ORPHANED_AFTER: Final = datetime.timedelta(days=1)
"""How long a stored file may lie without anything that refers to it."""


class EmptyFile(ValueError):
    """A file without content cannot be a document."""


class FolderUnusable(OSError):
    """The folder for files cannot be written; the message names it and why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored content: SHA-256 and size in bytes."""

    digest: str
    size: int


def store(engine: Engine, folder: Path, content: BinaryIO) -> Stored:
    """Store ``content`` under its digest and return it; the row is committed once the bytes are on disk.

    Raises EmptyFile and FolderUnusable (also for a full disk); then nothing is left behind.
    """
    try:
        with _incoming(folder, content) as (incoming, kept), writing(engine) as connection:
            _enter(connection, kept)
            # Within the transaction, so that no sweep of orphans comes between the row and its file.
            _place(incoming, path_of(folder, kept.digest))
    except OSError as error:
        raise FolderUnusable(f"cannot store a file in {folder}: {error.strerror or error}") from error
    return kept


def path_of(folder: Path, digest: str) -> Path:
    """Return where the content with this digest lies."""
    return folder / digest[:2] / digest


def sweep_orphans(engine: Engine, folder: Path) -> list[str]:
    """Delete stored files that nothing has referred to for a day, and return their digests.

    Files that a crash left without a row, or half received, go too once they are a day old by the machine's
    clock. Where ``folder`` is not on this machine nothing is done. The write lock is taken only when
    something is to go.
    """
    if not folder.is_dir():
        return []
    with reading(engine) as connection:
        before = clock.now(connection) - ORPHANED_AFTER
        nothing = connection.execute(_orphans(connection, before).limit(1)).first() is None
        if nothing and not _strays(connection, folder):
            return []
    with writing(engine) as connection:
        orphans = set(
            connection.execute(
                delete(_files)
                .where(_files.c.digest.in_(_orphans(connection, before)))
                .returning(_files.c.digest)
            ).scalars()
        )
        strays = [path_of(folder, digest) for digest in orphans] + _strays(connection, folder)
        for path in strays:
            path.unlink(missing_ok=True)
    return sorted({path.name for path in strays if not path.name.startswith(INCOMING)})


def _orphans(connection: Connection, before: datetime.datetime) -> Select[tuple[str]]:
    return select(_files.c.digest).where(
        _files.c.stored_at < before,
        _files.c.digest.not_in(select(_documents.c.digest)),
        _files.c.digest.not_in(select(_evidence.c.digest)),
        _files.c.digest.not_in(_after_filing(connection)),
    )


def _strays(connection: Connection, folder: Path) -> list[Path]:
    """Return the files without a row that have lain for a day: in a story, too, they lie in real time."""
    known = set(connection.execute(select(_files.c.digest)).scalars())
    before = clock.present(None) - ORPHANED_AFTER
    return [
        path
        for path in (*folder.glob("[0-9a-f][0-9a-f]/*"), *folder.glob(f"{INCOMING}*"))
        if path.name not in known and _stored_before(path, before)
    ]


def _after_filing(connection: Connection) -> set[str]:
    """Return what self-reports and changes refer to: their events alone say so."""
    rows = connection.execute(
        select(_events.c.data).where(_events.c.kind.in_(("report_submitted", "material_attached")))
    ).scalars()
    told = [events.load(data).data for data in rows]
    return {each["digest"] for data in told for each in data.get("evidence", [data])}


def _stored_before(path: Path, before: datetime.datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        # What was being received a moment ago has its own name by now.
        return False


def missing(engine: Engine, folder: Path) -> list[str]:
    """Return the digests of stored files whose content is gone or altered."""
    with reading(engine) as connection:
        digests = connection.execute(select(_files.c.digest).order_by(_files.c.digest)).scalars().all()
    return [digest for digest in digests if not _intact(path_of(folder, digest), digest)]


def _intact(path: Path, digest: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


@contextlib.contextmanager
def _incoming(folder: Path, content: BinaryIO) -> Generator[tuple[Path, Stored]]:
    """Write ``content`` to a file of its own, on disk when the block begins and gone when it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    sha, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=INCOMING)
    incoming = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            while block := content.read(1 << 20):
                sha.update(block)
                size += len(block)
                file.write(block)
            if not size:
                raise EmptyFile("the file is empty")
            file.flush()
            os.fsync(file.fileno())
        incoming.chmod(0o440)
        yield incoming, Stored(sha.hexdigest(), size)
    finally:
        incoming.unlink(missing_ok=True)


def _enter(connection: Connection, kept: Stored) -> None:
    """Enter a stored file, or mark the one there is as stored anew."""
    now = clock.now(connection)
    fresh = _INSERT[connection.dialect.name](_files).values(digest=kept.digest, size=kept.size, stored_at=now)
    connection.execute(fresh.on_conflict_do_update(index_elements=["digest"], set_={"stored_at": now}))


def _place(incoming: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    incoming.replace(target)
    _sync_folder(target.parent)
    _sync_folder(target.parent.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
