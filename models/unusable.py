"""Why a database cannot be used, in words its operator can act on."""

import os
import sqlite3
from pathlib import Path

import psycopg


class DatabaseUnusable(Exception):
    """The database cannot be used: what is wrong, why, and the next step."""

    def __init__(self, what: str, why: str, next_step: str) -> None:
        super().__init__(f"{what}: {why}. {next_step}")
        self.what = what
        self.why = why
        self.next_step = next_step


class DatabaseNewer(DatabaseUnusable):
    """A newer version of Beian has migrated this database."""


class DatabaseNotMigrated(DatabaseUnusable):
    """The tables are missing or older than this version of Beian."""


class DatabaseReadOnly(DatabaseUnusable):
    """The file, its folder or the transaction may be read but not written."""


class DatabaseFull(DatabaseUnusable):
    """There is no space left; the transaction was rolled back."""


class DatabaseBusy(DatabaseUnusable):
    """Another process held the write lock for longer than we wait."""


class DatabaseUnreachable(DatabaseUnusable):
    """The server does not answer or refuses us, or the file cannot be opened."""


class DatabaseDamaged(DatabaseUnusable):
    """The file is not a database, or its content is broken."""


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def of_sqlite(error: sqlite3.Error, place: str) -> DatabaseUnusable | None:
    """Name what an error of SQLite says about the database at `place`; None if it says nothing."""
    extended = getattr(error, "sqlite_errorcode", None)
    if extended is None:
        return None
    why = _first_line(error)
    code = extended & 0xFF
    folder = Path(place).parent
    # SQLite says the same of a missing folder and of one in which it may not make its -wal file.
    if code == sqlite3.SQLITE_CANTOPEN and folder.is_dir() and not os.access(folder, os.W_OK):
        code, why = sqlite3.SQLITE_READONLY, f"the folder {folder} is read-only for this user"
    match code:
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return DatabaseReadOnly(
                f"cannot write to {place}",
                why,
                "Give this user write access to the file and to its folder (SQLite writes -wal and -shm "
                "files beside it); inside reading() nothing may be written",
            )
        case sqlite3.SQLITE_FULL:
            return DatabaseFull(
                f"no space left for {place}",
                why,
                "Free space on that disk and repeat; nothing was half written",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseBusy(
                f"{place} is locked", why, "Find the process that holds a write transaction open, then repeat"
            )
        case sqlite3.SQLITE_CANTOPEN:
            return DatabaseUnreachable(
                f"cannot open {place}", why, "Check that the folder exists and that this user may write in it"
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return DatabaseDamaged(
                f"{place} is not a sound SQLite database", why, "Check the path, or restore the last backup"
            )
        case sqlite3.SQLITE_IOERR:
            return DatabaseUnreachable(
                f"reading or writing {place} failed",
                why,
                "Check the disk and its free space; nothing was half written",
            )
    return None


def of_postgresql(error: psycopg.Error, place: str, *, connecting: bool) -> DatabaseUnusable | None:
    """Name what an error of PostgreSQL says about the database at `place`; None if it says nothing."""
    state = error.sqlstate or ""
    why = _first_line(error)
    if state == "25006":
        return DatabaseReadOnly(
            f"cannot write to {place}",
            why,
            "Connect to the primary server; inside reading() nothing may be written",
        )
    if state == "53100":
        return DatabaseFull(
            f"no space left for {place}", why, "Free space on the server and repeat; nothing was half written"
        )
    if state == "55P03":
        return DatabaseBusy(
            f"{place} is locked", why, "Find the transaction that holds the lock (pg_locks), then repeat"
        )
    if state in {"XX001", "XX002"}:
        return DatabaseDamaged(f"{place} is damaged", why, "Restore the last backup")
    lost = state.startswith("08") or state in {"57P01", "57P02", "57P03", "53300"}
    if connecting or lost:
        return DatabaseUnreachable(
            f"cannot use {place}",
            why,
            "Check that the server runs, and the host, port, user and database name in the address",
        )
    return None
