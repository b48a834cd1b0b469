"""Terminals: in an empty folder, and in a story with a call that is open for filing."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database import connect, default_url
from tests.cli.terminal import PARTIES, Terminal, move


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in an empty folder; there is no database yet."""
    monkeypatch.chdir(tmp_path)
    return Terminal(default_url(tmp_path / "beian-data"), tmp_path)


@pytest.fixture(scope="session")
def opened(sqlite_template: Callable[[bool], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story on SQLite with the call open and its parties entered, to be copied."""
    folder = tmp_path_factory.mktemp("opened")
    shutil.copyfile(sqlite_template(True), folder / "beian.db")
    engine = connect(default_url(folder))
    _open(engine, folder)
    engine.dispose()
    return folder / "beian.db"


@pytest.fixture
def story(opened: Path, tmp_path: Path) -> Iterator[Engine]:
    """A story on SQLite at 2024-07-10, with Yueyang's call "2024" open and its parties entered."""
    folder = tmp_path / "story"
    folder.mkdir()
    shutil.copyfile(opened, folder / "beian.db")
    engine = connect(default_url(folder))
    yield engine
    engine.dispose()


@pytest.fixture
def terminal(story: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in a story on SQLite, with the call open."""
    monkeypatch.chdir(tmp_path)
    return _terminal(story, tmp_path)


@pytest.fixture
def either(story_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in a story on SQLite, and in one on PostgreSQL, with the call open."""
    monkeypatch.chdir(tmp_path)
    return _open(story_engine, tmp_path)


def _terminal(engine: Engine, folder: Path) -> Terminal:
    (folder / "parties.yaml").write_text(PARTIES, encoding="utf-8")
    url = engine.url.render_as_string(hide_password=False)
    return Terminal(url, folder, {"BEIAN_FOLDER": str(folder / "data")})


def _open(engine: Engine, folder: Path) -> Terminal:
    """Open the call on a fresh story, move to 2024-07-10, and return a terminal there."""
    found = _terminal(engine, folder)
    found.ok("procedure", "publish", "yueyang-2024")
    found.ok("party", "import", folder / "parties.yaml")
    found.ok("call", "open", "2024", "--procedure", "yueyang-2024", "--as", "jiang")
    move(engine, "2024-07-10T09:00")
    return found


@pytest.fixture
def case(terminal: Terminal) -> str:
    """The number of a case that has just been started on SQLite."""
    return terminal.start()
