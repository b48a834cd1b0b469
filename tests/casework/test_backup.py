"""Backup and restore, drilled: taken while acts go on, restored elsewhere, every overdue timer fires once."""

import io
import os
import shutil
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from city import City, build
from sqlalchemy import Engine, inspect

from casework import audit, backup, clock, documents, wake
from casework.backup import BackupError
from models.database import connect, reading, writing
from models.migrate import require_current
from procedure.instant import local_instant


@pytest.fixture
def yueyang(story_engine: Engine) -> City:
    """The city in the database beside which `another_url` lies."""
    return build(story_engine)


@pytest.fixture
def filled(yueyang: City, tmp_path: Path) -> City:
    """Four drafts that will be closed by themselves, one with a real file."""
    cases = [yueyang.start(n) for n in range(4)]
    kept = documents.store(yueyang.engine, tmp_path / "files", io.BytesIO(b"%PDF-1.4 application"))
    yueyang.do(
        cases[0],
        "zhang0",
        "attach_document",
        material="application_form",
        digest=kept.digest,
        name="申报书.pdf",
        size=kept.size,
        media_type="application/pdf",
    )
    return yueyang


def restored(url: str) -> Engine:
    engine = connect(url)
    require_current(engine)
    return engine


def test_a_drill(filled: City, another_url: str, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar"
    told: list[tuple[int, int]] = []
    made = backup.back_up(filled.engine, tmp_path / "files", archive, lambda *done: told.append(done))
    assert (made.engine, made.files, told) == (filled.engine.dialect.name, 1, [(1, 1)])
    assert archive.stat().st_mode & 0o777 == 0o600
    before = filled.everything()

    assert backup.restore(archive, another_url, tmp_path / "restored" / "files") == made
    engine = restored(another_url)
    try:
        twin = City(engine, filled.city, filled.district, filled.call, filled.people)
        assert twin.everything() == before
        assert documents.missing(engine, tmp_path / "restored" / "files") == []
        with reading(engine) as connection:
            assert list(audit.verify(connection)) == []
        with writing(engine) as connection:
            clock.move(connection, local_instant("2024-08-05T09:00"))
        fired = wake.sweep(engine, "application").moved
        assert [each.event for each in fired] == ["deadline_lapsed"] * 4
        assert wake.sweep(engine, "application").moved == ()
        with reading(engine) as connection:
            assert list(audit.verify(connection)) == []
        with pytest.raises(Exception, match="append-only"), writing(engine) as connection:
            connection.exec_driver_sql("DELETE FROM events")
    finally:
        engine.dispose()
    assert filled.everything() == before


def test_acts_go_on_while_a_backup_is_taken(filled: City, another_url: str, tmp_path: Path) -> None:
    stop, begun = threading.Event(), threading.Event()
    folder = tmp_path / "files"
    case = filled.rows("cases")[1]["subject_id"]

    def act() -> int:
        count = 0
        while not stop.is_set():
            kept = documents.store(filled.engine, folder, io.BytesIO(f"%PDF-1.4 {count}".encode()))
            filled.do(
                case,
                "zhang1",
                "attach_document",
                material="application_form",
                digest=kept.digest,
                name="a.pdf",
                size=kept.size,
                media_type="application/pdf",
            )
            count += 1
            begun.set()
        return count

    with ThreadPoolExecutor(1) as pool:
        acting = pool.submit(act)
        try:
            while not begun.wait(0.1):
                assert not acting.done(), acting.result()
            earlier = filled.subject_version(case)
            for n in range(3):
                backup.back_up(filled.engine, folder, tmp_path / f"{n}.tar")
        finally:
            stop.set()
        done = acting.result()
    backup.restore(tmp_path / "2.tar", another_url, tmp_path / "restored")
    engine = restored(another_url)
    try:
        assert documents.missing(engine, tmp_path / "restored") == []
        with reading(engine) as connection:
            assert list(audit.verify(connection)) == []
        twin = City(engine, filled.city, filled.district, filled.call, filled.people)
        # What was done before the last backup began is in it, and nothing that was done after it.
        assert earlier <= twin.subject_version(case) <= filled.subject_version(case) == done + 1
    finally:
        engine.dispose()


def test_a_target_that_is_not_empty_is_refused_untouched(
    filled: City, another_url: str, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar"
    backup.back_up(filled.engine, tmp_path / "files", archive)
    own = filled.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with pytest.raises(BackupError) as refused:
        backup.restore(archive, own, tmp_path / "elsewhere")
    assert refused.value.code == "target_not_empty"
    assert not (tmp_path / "elsewhere").exists()
    stranger = tmp_path / "elsewhere" / "ab" / ("ab" * 32)
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"x")
    with pytest.raises(BackupError) as refused:
        backup.restore(archive, another_url, tmp_path / "elsewhere")
    assert refused.value.code == "target_not_empty"
    if filled.engine.dialect.name == "postgresql":
        engine = connect(another_url)
        with reading(engine) as connection:
            assert inspect(connection).get_table_names() == []
        engine.dispose()
    else:
        assert not Path(another_url.removeprefix("sqlite:///")).exists()


def test_an_interrupted_restore_is_repeated(filled: City, another_url: str, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar"
    backup.back_up(filled.engine, tmp_path / "files", archive)
    shutil.copytree(tmp_path / "files", tmp_path / "restored")
    assert backup.restore(archive, another_url, tmp_path / "restored").files == 1


def test_what_is_no_backup_and_what_is_damaged_is_named(
    filled: City, another_url: str, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar"
    backup.back_up(filled.engine, tmp_path / "files", archive)

    def code(path: Path, url: str = another_url) -> str:
        with pytest.raises(BackupError) as refused:
            backup.restore(path, url, tmp_path / "x")
        return refused.value.code

    nothing = tmp_path / "nothing.tar"
    nothing.write_bytes(b"no archive at all")
    assert code(nothing) == "no_archive"
    with tarfile.open(tmp_path / "empty.tar", "w"):
        pass
    assert code(tmp_path / "empty.tar") == "no_archive"
    whole = archive.read_bytes()
    torn = tmp_path / "torn.tar"
    torn.write_bytes(whole[: len(whole) // 2])
    assert code(torn) in ("archive_damaged", "no_archive")
    altered = tmp_path / "altered.tar"
    altered.write_bytes(whole.replace(b"%PDF-1.4 application", b"%PDF-1.4 Application"))
    assert code(altered) == "archive_damaged"
    other = "postgresql://x" if filled.engine.dialect.name == "sqlite" else f"sqlite:///{tmp_path}/y.db"
    assert code(archive, other) == "other_engine"


def test_a_file_that_is_gone_or_altered_is_named_and_no_archive_is_left(filled: City, tmp_path: Path) -> None:
    (path,) = (tmp_path / "files").glob("*/*")
    path.chmod(0o600)
    path.write_bytes(b"altered")
    with pytest.raises(BackupError) as refused:
        backup.back_up(filled.engine, tmp_path / "files", tmp_path / "backup.tar")
    assert (refused.value.code, refused.value.detail) == ("file_damaged", str(path))
    path.unlink()
    with pytest.raises(BackupError, match="file_missing"):
        backup.back_up(filled.engine, tmp_path / "files", tmp_path / "backup.tar")
    assert not (tmp_path / "backup.tar").exists()
    assert list(tmp_path.glob(".beian-*")) == []


def test_without_pg_dump_it_is_named(filled: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if filled.engine.dialect.name == "sqlite":
        pytest.skip("SQLite needs no tool")
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(BackupError) as refused:
        backup.back_up(filled.engine, tmp_path / "files", tmp_path / "backup.tar")
    assert (refused.value.code, refused.value.detail) == ("tool_missing", "pg_dump")
