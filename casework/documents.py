"""Files: content-addressed, on disk before their row, written once."""

import contextlib
import datetime
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Engine, delete, insert, select

from casework import clock
from models import Document, ObjectionEvidence, StoredFile
from models.database import reading, writing

_files = StoredFile.__table__
_documents = Document.__table__
_evidence = ObjectionEvidence.__table__

ORPHANED_AFTER: Final = datetime.timedelta(days=1)
"""How long a stored file may lie without a document or an objection that refers to it."""


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
    """Store ``content`` under its digest and return it; the row is written only once the bytes are on disk.

    Raises EmptyFile and FolderUnusable (also for a full disk); then nothing is left behind.
    """
    try:
        kept = _keep(folder, content)
    except OSError as error:
        raise FolderUnusable(f"cannot store a file in {folder}: {error.strerror or error}") from error
    with writing(engine) as connection:
        if connection.execute(select(_files.c.size).where(_files.c.digest == kept.digest)).scalar() is None:
            connection.execute(
                insert(_files).values(digest=kept.digest, size=kept.size, stored_at=clock.now(connection))
            )
    return kept


def path_of(folder: Path, digest: str) -> Path:
    """Return where the content with this digest lies."""
    return folder / digest[:2] / digest


def sweep_orphans(engine: Engine, folder: Path) -> list[str]:
    """Delete stored files that nothing has referred to for a day, and return their digests."""
    with writing(engine) as connection:
        before = clock.now(connection) - ORPHANED_AFTER
        orphans = list(
            connection.execute(
                select(_files.c.digest).where(
                    _files.c.stored_at < before,
                    _files.c.digest.not_in(select(_documents.c.digest)),
                    _files.c.digest.not_in(select(_evidence.c.digest)),
                )
            ).scalars()
        )
        connection.execute(delete(_files).where(_files.c.digest.in_(orphans)))
    for digest in orphans:
        path_of(folder, digest).unlink(missing_ok=True)
    return orphans


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


def _keep(folder: Path, content: BinaryIO) -> Stored:
    folder.mkdir(parents=True, exist_ok=True)
    sha, size = hashlib.sha256(), 0
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".incoming-")
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
        target = path_of(folder, sha.hexdigest())
        target.parent.mkdir(exist_ok=True)
        incoming.chmod(0o440)
        incoming.replace(target)
        _sync_folder(target.parent)
        _sync_folder(folder)
    finally:
        with contextlib.suppress(FileNotFoundError):
            incoming.unlink()
    return Stored(sha.hexdigest(), size)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
