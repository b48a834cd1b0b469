"""Files are on disk before their row, found by their content, swept when nothing refers to them."""

import hashlib
import io
import os
import resource
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from city import City
from sqlalchemy import Engine, event
from test_register_life import filed

from casework import changes, documents, loading, rounds
from casework.acts import Receipt
from casework.documents import EmptyFile, FolderUnusable, Stored, path_of
from models.database import reading
from procedure.instant import local_instant

PLAN = b"implementation plan"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for files, not made yet."""
    return tmp_path / "files"


def store(engine: Engine, folder: Path, content: bytes = PLAN) -> Stored:
    return documents.store(engine, folder, io.BytesIO(content))


def stored_rows(city: City) -> list[tuple[str, int]]:
    return [(row["digest"], row["size"]) for row in city.rows("files")]


def files_under(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_lies_under_its_digest_read_only_with_its_row(yueyang: City, folder: Path) -> None:
    kept = store(yueyang.engine, folder)
    assert kept == Stored(hashlib.sha256(PLAN).hexdigest(), len(PLAN))
    path = path_of(folder, kept.digest)
    assert path == folder / kept.digest[:2] / kept.digest
    assert path.read_bytes() == PLAN
    assert path.stat().st_mode & 0o777 == 0o440
    assert stored_rows(yueyang) == [(kept.digest, len(PLAN))]
    assert documents.missing(yueyang.engine, folder) == []


def test_the_same_content_is_stored_once(yueyang: City, folder: Path) -> None:
    assert store(yueyang.engine, folder) == store(yueyang.engine, folder)
    assert len(stored_rows(yueyang)) == 1
    assert len(files_under(folder)) == 1


def test_the_bytes_are_on_disk_before_the_row_is_committed(yueyang: City, folder: Path) -> None:
    there: list[bool] = []
    digest = hashlib.sha256(PLAN).hexdigest()
    event.listen(yueyang.engine, "commit", lambda _: there.append(path_of(folder, digest).exists()))
    store(yueyang.engine, folder)
    assert there == [True]


def test_nothing_is_no_document(yueyang: City, folder: Path) -> None:
    with pytest.raises(EmptyFile):
        store(yueyang.engine, folder, b"")
    assert (files_under(folder), stored_rows(yueyang)) == ([], [])


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes, as on a disk that fills up."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_named_and_leaves_nothing(yueyang: City, folder: Path) -> None:
    content = os.urandom(3_000_000)
    with pytest.raises(FolderUnusable) as refused, full_after(2_000_000):
        store(yueyang.engine, folder, content)
    assert str(refused.value) == f"cannot store a file in {folder}: File too large"
    assert (files_under(folder), stored_rows(yueyang)) == ([], [])


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder that this process may read and not write, whoever runs it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_read_only_folder_is_named(yueyang: City) -> None:
    with as_nobody() as folder, pytest.raises(FolderUnusable) as refused:
        store(yueyang.engine, folder)
    assert str(refused.value) == f"cannot store a file in {folder}: Permission denied"
    assert stored_rows(yueyang) == []


def test_a_folder_that_is_a_file_is_named(yueyang: City, folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(FolderUnusable, match="files: "):
        store(yueyang.engine, folder)


def test_a_database_that_cannot_write_leaves_no_file_that_counts(yueyang: City, folder: Path) -> None:
    class Broken(Exception):
        pass

    def fail(_: Any) -> None:
        raise Broken

    event.listen(yueyang.engine, "commit", fail)
    with pytest.raises(Broken):
        store(yueyang.engine, folder)
    event.remove(yueyang.engine, "commit", fail)
    assert stored_rows(yueyang) == []
    # What lies there without a row is a stray: the same content stored again simply takes its place.
    assert store(yueyang.engine, folder).digest in files_under(folder)
    assert len(stored_rows(yueyang)) == 1


def test_lost_and_altered_files_are_found(yueyang: City, folder: Path) -> None:
    lost, altered, whole = (store(yueyang.engine, folder, content) for content in (b"a", b"b", b"c"))
    path_of(folder, lost.digest).unlink()
    path_of(folder, altered.digest).chmod(0o600)
    path_of(folder, altered.digest).write_bytes(b"B")
    assert documents.missing(yueyang.engine, folder) == sorted([lost.digest, altered.digest])
    assert whole.digest not in documents.missing(yueyang.engine, folder)


def test_what_nothing_refers_to_is_swept_after_a_day(yueyang: City, folder: Path) -> None:
    case = yueyang.start()
    attached = store(yueyang.engine, folder, b"attached")
    loose = store(yueyang.engine, folder, b"loose")
    yueyang.do(
        case,
        "zhang0",
        "attach_document",
        material="attachment",
        digest=attached.digest,
        name="a.pdf",
        size=attached.size,
        media_type="application/pdf",
    )
    yueyang.at("2024-07-11T09:00")
    fresh = store(yueyang.engine, folder, b"fresh")
    assert documents.sweep_orphans(yueyang.engine, folder) == []
    yueyang.at("2024-07-11T09:00:00.000001")
    assert documents.sweep_orphans(yueyang.engine, folder) == [loose.digest]
    assert files_under(folder) == sorted([attached.digest, fresh.digest])
    # Removed from the case it stays: the record refers to it.
    yueyang.do(case, "zhang0", "remove_document", material="attachment")
    yueyang.at("2024-08-01T09:00")
    assert documents.sweep_orphans(yueyang.engine, folder) == [fresh.digest]


def test_evidence_of_a_report_and_the_material_of_a_change_are_kept(yueyang: City, folder: Path) -> None:
    _, number = filed(yueyang)
    evidence, material = (
        store(yueyang.engine, folder, b"evidence"),
        store(yueyang.engine, folder, b"material"),
    )
    loose = store(yueyang.engine, folder, b"loose")
    yueyang.at("2025-08-05T09:00")
    told = {"code": "PJ2025", "period": "2025"}
    assert isinstance(rounds.announce(yueyang.engine, "yueyang", yueyang.people["chen"], told), Receipt)
    rounds.open_tasks(yueyang.engine)
    wanted = {"aspect": "plan", "value": "新增任务", "reason": "需要"}
    drawn_up = changes.propose(yueyang.engine, yueyang.people["zhang0"], number, wanted)
    assert isinstance(drawn_up, Receipt), drawn_up
    with reading(yueyang.engine) as connection:
        task = loading.id_of(connection, f"PJ2025/{number}")
        change = loading.id_of(connection, drawn_up.ref)
    proof = [{"title": "证书", "digest": evidence.digest}]
    yueyang.do(task, "zhang0", "submit_report", contents={"results": "完成"}, evidence=proof)
    attached = {"material": "construction_plan", "digest": material.digest, "name": "方案.pdf"}
    yueyang.do(change, "zhang0", "attach_material", **attached)
    assert loose.digest in documents.sweep_orphans(yueyang.engine, folder)
    assert {evidence.digest, material.digest} <= set(files_under(folder))
    assert {evidence.digest, material.digest} <= {row["digest"] for row in yueyang.rows("files")}


def test_a_file_stored_anew_has_its_day_anew(yueyang: City, folder: Path) -> None:
    kept = store(yueyang.engine, folder)
    yueyang.at("2024-07-11T10:00")
    store(yueyang.engine, folder)
    assert documents.sweep_orphans(yueyang.engine, folder) == []
    (row,) = yueyang.rows("files")
    assert row["stored_at"] == local_instant("2024-07-11T10:00")
    assert path_of(folder, kept.digest).exists()


def test_what_a_crash_left_without_a_row_is_swept_too(engine: Engine, folder: Path) -> None:
    stray = hashlib.sha256(b"stray").hexdigest()
    path = path_of(folder, stray)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"stray")
    half = folder / ".incoming-abc"
    half.write_bytes(b"ha")
    assert documents.sweep_orphans(engine, folder) == []
    long_ago = path.stat().st_mtime - 2 * 86_400
    for each in (path, half):
        os.utime(each, (long_ago, long_ago))
    assert documents.sweep_orphans(engine, folder) == [stray]
    assert files_under(folder) == []


def test_storing_and_sweeping_at_once_never_leaves_a_row_without_its_file(
    yueyang: City, folder: Path
) -> None:
    store(yueyang.engine, folder)
    yueyang.at("2024-07-12T09:00")
    for _ in range(10):
        gate = threading.Barrier(2)

        def storing(gate: threading.Barrier = gate) -> None:
            gate.wait()
            store(yueyang.engine, folder)

        def sweeping(gate: threading.Barrier = gate) -> None:
            gate.wait()
            documents.sweep_orphans(yueyang.engine, folder)

        with ThreadPoolExecutor(2) as pool:
            for done in (pool.submit(storing), pool.submit(sweeping)):
                done.result()
        assert documents.missing(yueyang.engine, folder) == []
