"""The portal in a process of its own, and the system's Chromium in another."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from casework import clock, parties
from casework.incidents import record_incident
from models.database import connect, default_url, writing
from tests.casework.city import City, build

ITEMS = [
    {"item": "consortium.summary", "remark": "请写明联合体的分工"},
    {"item": "document:implementation_plan", "remark": "请盖章后重新上传"},
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = Path(__file__).resolve().parents[2] / "out" / "portal"
WHOSE = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
PATIENCE = 60
"""Seconds for which anything is awaited: on a machine that does much else a page takes its time."""

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window; where it is missing the tests are skipped, or fail where it is required."""
    path = os.environ.get("BEIAN_CHROMIUM") or shutil.which("chromium")
    if path is None:
        message = "there is no Chromium here: install the package chromium, or name it in BEIAN_CHROMIUM"
        if os.environ.get("BEIAN_TEST_BROWSER") == "required":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def town(sqlite_template: Callable[[bool], Path], tmp_path_factory: pytest.TempPathFactory) -> City:
    """Yueyang with cases at several stages, and a consortium on the register."""
    folder = tmp_path_factory.mktemp("portal")
    shutil.copyfile(sqlite_template(True), folder / "beian.db")
    city = build(connect(default_url(folder)))
    city.case_at("recommendation", 0, "高端阀门")
    city.case_at("formal_review", 1, "绿色石化")
    city.do(city.case_at("recommendation", 2, "光电显示"), "wang", "return_for_correction", items=ITEMS)
    city.filled(3, "智能制造")
    city.case_at("papers", 4, "先进材料")
    city.case_at("expert_review", 8, "低空装备")
    city.person("ops", "operations", bureau_id=city.city)
    role = next(row for row in city.rows("roles") if row["person_id"] == city.people["zhang3"].person)
    with writing(city.engine) as connection:
        parties.put_in_charge(connection, role["id"], manages=True)
        now = clock.now(connection)
        cause = "KeyError: 'desk'"
        case = city.rows("cases")[0]["subject_id"]
        record_incident(connection, "wake KeyError", "wake", cause, "Traceback …", now, subject_id=case)
    city.lead(5)
    return city


@pytest.fixture(scope="session")
def portal(town: City) -> Iterator[str]:
    """The address of the portal."""
    with served(Path(str(town.engine.url.database)).parent) as address:
        yield address


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the database of a folder, and give the address."""
    environment = {
        **os.environ,
        "BEIAN_DATABASE_URL": default_url(folder),
        "BEIAN_PORTAL_DEMONSTRATION": "true",
    }
    # Opened here and handed on: between looking for a free port and taking it another might.
    with socket.create_server(("127.0.0.1", 0)) as line:
        port, number = line.getsockname()[1], line.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "web.serve", str(folder), f"line:{number}"],
            env=environment,
            pass_fds=[number],
            stderr=subprocess.DEVNULL,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/health", trust_env=False, timeout=PATIENCE).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the portal did not come up")


def be(page: Page, handle: str) -> None:
    """Sign in as somebody, as a demonstration lets anybody."""
    page.goto("/sign-in")
    token = page.locator("input[name=csrf]").first.get_attribute("value")
    page.request.post("/demonstration", form={"csrf": str(token), "handle": handle})


@pytest.fixture
def visit(browser: Browser, portal: str) -> Iterator[Callable[..., Page]]:
    """Open a page of one's own: ``visit("wang")`` signed in, ``visit(None)`` not."""
    with visiting(browser, portal) as opened:
        yield opened


@contextmanager
def visiting(browser: Browser, portal: str) -> Iterator[Callable[..., Page]]:
    """Give what opens pages of the portal at this address, and close them all at the end."""
    contexts: list[BrowserContext] = []

    def opened(handle: str | None = None, **how: object) -> Page:
        context = browser.new_context(base_url=portal, **how)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        if handle is not None:
            be(page, handle)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def own_town(
    browser: Browser, sqlite_template: Callable[[bool], Path], tmp_path: Path
) -> Iterator[tuple[City, Callable[..., Page]]]:
    """A town of one's own, whose time may be moved, and somebody's page in it."""
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    city = build(connect(default_url(tmp_path)))
    city.filled(0)
    with served(tmp_path) as address, visiting(browser, address) as visit:
        yield city, visit
