"""The portal over a city with an open call, prepared once, copied for every test that changes anything."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from casework import accounts
from models.database import connect, default_url
from notifications.secret import Seal
from tests.casework.city import City, build
from tests.web.straight import Browser
from web.app import create_app
from web.settings import PortalSettings

SEAL = Seal(["门" * 32])


@pytest.fixture(autouse=True)
def light_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as ever, but with little work."""
    light = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(accounts, "_hasher", lambda: light)


@pytest.fixture(scope="session")
def prepared(sqlite_template: Callable[[bool], Path], tmp_path_factory: pytest.TempPathFactory) -> City:
    """Yueyang with an open call, on 10 July 2024 at 9:00; to be looked at, not acted in."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copyfile(sqlite_template(True), folder / "beian.db")
    return build(connect(default_url(folder)))


@pytest.fixture
def city(prepared: City, tmp_path: Path) -> Iterator[City]:
    """The same city, to act in."""
    yield from copied(prepared, tmp_path)


def copied(city: City, folder: Path) -> Iterator[City]:
    """Give a city of one's own, in ``folder``."""
    source = sqlite3.connect(str(city.engine.url.database))
    with closing(source) as there, closing(sqlite3.connect(folder / "beian.db")) as here:
        there.backup(here)
    engine = connect(default_url(folder))
    yield city.on(engine)
    engine.dispose()


def browser(city: City, **settings: Any) -> Browser:
    """Return a browser that has not signed in; documents are stored beside the database."""
    files = Path(str(city.engine.url.database)).parent / "files"
    return Browser(create_app(city.engine, files, PortalSettings(**settings), SEAL))


@pytest.fixture
def visitor(prepared: City) -> Browser:
    """A browser on the prepared city, for pages that change nothing."""
    return browser(prepared)
