"""`beian --server`: the terminal on a portal elsewhere, over real HTTP."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from cli.main import app
from tests.casework.city import City
from tests.web.test_api import token_of
from web.app import create_app
from web.settings import PortalSettings


@pytest.fixture
def server(city: City, tmp_path: Path) -> Iterator[str]:
    """A portal on a free port of this machine."""
    config = uvicorn.Config(
        create_app(city.engine, tmp_path / "files", PortalSettings()), port=0, log_level="error"
    )
    served = uvicorn.Server(config)
    thread = threading.Thread(target=served.run)
    thread.start()
    while not served.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{served.servers[0].sockets[0].getsockname()[1]}"
    served.should_exit = True
    thread.join()


def test_a_case_is_listed_acted_on_and_told_from_elsewhere(city: City, server: str) -> None:
    case = city.case_at("recommendation", 0)
    token = token_of(city, "wang", "district_officer")
    number = next(row["number"] for row in city.rows("cases") if row["subject_id"] == case)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["--server", server, "--token", token, *words, "--language", "en"])

    listed = run("case", "list", "--json")
    assert [each["number"] for each in json.loads(listed.output)] == [number]
    assert json.loads(run("case", "show", number, "--json").output)["stage"] == "recommendation"
    assert "Possible now" in run("case", "show", number).output
    acted = run("case", "act", number, "accept_online", "--key", "k")
    assert (acted.exit_code, acted.output.partition(" (")[0]) == (0, "Done")
    again = run("case", "act", number, "accept_online", "--key", "k", "--json")
    assert json.loads(again.output)["repeated"] is True
    refused = json.loads(run("case", "act", number, "accept_online", "--json").output)
    assert (refused["exit_code"], refused["error"]["code"]) == (1, "already_accepted_online")
    assert run("case", "history", number).exit_code == 0
    assert "9 August 2024" in run("case", "why", number).output
    assert json.loads(run("register", "list", "--json").output) == []
    assert run("case", "show", "YY2024-9999").exit_code == 3
    assert run("party", "list").exit_code == 2
