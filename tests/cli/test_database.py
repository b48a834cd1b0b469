"""Databases: set up where a record begins, never by a look at one; refused with the reason."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import make_url

from models.database import connect, default_url
from models.migrate import current, downgrade
from tests.cli.terminal import Terminal
from tests.cli.test_bad_input import refused, told

ROOT = Path(__file__).parents[2]


def test_a_look_never_makes_a_database(fresh: Terminal) -> None:
    for arguments in (
        ("case", "list"),
        ("case", "show", "YY2024-0001"),
        ("call", "show"),
        ("party", "list"),
        ("register", "list"),
        ("register", "export", "x.xlsx"),
        ("audit", "verify"),
        ("audit", "anchor", "x.json"),
    ):
        refused(fresh.run(*arguments, "--json"), 4, "no_database", "beian init")
    told(fresh.run("audit", "verify"), 4, "没有数据库", "beian init")
    assert list(fresh.folder.iterdir()) == []


def test_what_ships_can_be_shown_before_there_is_a_database(fresh: Terminal) -> None:
    assert "【办件】" in fresh.ok("procedure", "show", "yueyang-2024")
    assert fresh.data("procedure", "show")["published"] == []
    assert list(fresh.folder.iterdir()) == []


def test_init_sets_up_and_then_finds_it_current(fresh: Terminal) -> None:
    first = fresh.data("init")
    assert (first["done"], first["folder"]) == ("created", str(fresh.folder / "beian-data"))
    assert fresh.data("init")["done"] == "current"
    assert fresh.data("party", "list") == {"bureaus": [], "organisations": [], "people": []}


@pytest.mark.parametrize(
    "arguments", [("procedure", "publish", "yueyang-2024"), ("party", "import", "p.yaml")]
)
def test_where_a_record_begins_a_fresh_database_is_set_up_and_said(
    fresh: Terminal, arguments: tuple[str, ...]
) -> None:
    (fresh.folder / "p.yaml").write_text("people:\n  p: {name: 某人}\n", encoding="utf-8")
    answer = fresh.run(*arguments)
    assert answer.code == 0
    assert f"已新建数据库 {fresh.url}" in answer.err.replace("\n", "")
    assert fresh.run(*arguments).err == ""


def test_the_default_is_a_folder_here(fresh: Terminal) -> None:
    fresh.environment["BEIAN_DATABASE_URL"] = ""
    fresh.ok("init")
    assert (fresh.folder / "beian-data" / "beian.db").is_file()


def test_init_works_on_either_engine(empty_url: str, tmp_path: Path) -> None:
    terminal = Terminal(empty_url, tmp_path)
    assert terminal.data("init")["done"] == "created"
    shown = make_url(empty_url).render_as_string(hide_password=True)
    assert terminal.data("init")["database"].endswith(shown.partition("://")[2])
    assert terminal.data("procedure", "publish", "yueyang-2024")["new"] is True
    assert terminal.data("procedure", "publish", "yueyang-2024")["new"] is False


def test_an_older_database_is_upgraded_only_when_told_to(empty_url: str, tmp_path: Path) -> None:
    terminal = Terminal(empty_url, tmp_path)
    terminal.ok("init")
    engine = connect(empty_url)
    downgrade(engine, "base")
    terminal.ok("init")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from the future'")
    for arguments in (("case", "list"), ("procedure", "publish", "yueyang-2024"), ("init",)):
        error = refused(terminal.run(*arguments, "--json"), 4, "DatabaseNewer", "from the future")
        assert error["message"] == "数据库由更新版本的备案系统升级过，本版本不能使用。"
    engine.dispose()


def test_a_database_that_was_never_migrated_says_what_to_run(empty_url: str, tmp_path: Path) -> None:
    engine = connect(empty_url)
    assert current(engine) is None
    engine.dispose()
    terminal = Terminal(empty_url, tmp_path)
    refused(terminal.run("case", "list", "--json"), 4, "DatabaseNotMigrated", "beian init")
    told(terminal.run("case", "list", "--language", "en"), 4, "is not migrated", "beian up")


def test_somebody_elses_database_is_not_ours(fresh: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "beian-data"
    folder.mkdir()
    with sqlite3.connect(folder / "beian.db") as connection:
        connection.execute("CREATE TABLE people (id INTEGER)")
    connection.close()
    refused(fresh.run("init", "--json"), 4, "database_error", "already exists")
    refused(fresh.run("procedure", "publish", "yueyang-2024", "--json"), 4, "database_error")


@pytest.mark.parametrize(
    ("url", "name", "word"),
    [
        ("postgresql://nobody@127.0.0.1:1/beian", "DatabaseUnreachable", "127.0.0.1"),
        ("mysql://localhost/beian", "DatabaseUnusable", "mysql"),
        ("beian.db", "DatabaseUnusable", "cannot be read"),
        ("sqlite://", "DatabaseUnusable", "sqlite"),
        ("sqlite:////proc/beian/beian.db", "DatabaseReadOnly", "/proc/beian"),
    ],
)
def test_a_database_that_cannot_be_used_says_why(fresh: Terminal, url: str, name: str, word: str) -> None:
    fresh.environment["BEIAN_DATABASE_URL"] = url
    for language in ("zh", "en"):
        refused(fresh.run("init", "--json", "--language", language), 4, name, word)
    told(fresh.run("init"), 4, word)


def test_a_password_is_never_shown(fresh: Terminal) -> None:
    answer = fresh.run("init", "--database", "postgresql://beian:geheim@127.0.0.1:1/beian", "--json")
    assert answer.code == 4
    assert "geheim" not in answer.out + answer.err


def test_a_file_that_is_no_database_is_damaged(fresh: Terminal) -> None:
    (fresh.folder / "beian-data").mkdir()
    (fresh.folder / "beian-data" / "beian.db").write_text("not a database, and long enough to say so " * 100)
    refused(fresh.run("case", "list", "--json"), 4, "DatabaseDamaged", "not a database")


AS_NOBODY = """
import os
import cli.setup, cli.trouble
from cli.main import main
# The superuser may write anywhere, so the probe gives that up.
if os.geteuid() == 0:
    os.setuid(65534)
main()
"""


def test_a_read_only_folder_is_named_to_its_user() -> None:
    # Not tmp_path: pytest closes the folders above it to other users.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        url = default_url(folder / "below")
        found = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, "init", "--database", url],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert (found.returncode, found.stdout) == (4, "")
        assert "数据库不能写入" in found.stderr
        assert "Permission denied" in found.stderr
        assert "Traceback" not in found.stderr
        assert list(folder.iterdir()) == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with ulimit")
def test_a_full_disk_writes_nothing_and_says_so(fresh: Terminal, tmp_path: Path) -> None:
    """A limit on the size of files stands for the end of the disk."""
    beian = f"{sys.executable} -m cli.main"
    environment = {**os.environ, "BEIAN_DATABASE_URL": fresh.url, "PYTHONPATH": str(ROOT)}
    script = f"ulimit -f 40; exec {beian} init"
    found = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert found.returncode == 4, found.stderr
    assert "Traceback" not in found.stderr
    # The half-made file is no obstacle once there is space.
    assert fresh.data("init")["done"] == "created"
    assert fresh.data("audit", "verify")["sound"] is True
