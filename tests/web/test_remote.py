"""`beian --server`: the terminal on a portal elsewhere, over real HTTP."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from casework import calls, rounds
from cli.main import app
from tests.casework.city import City
from tests.web.desk import PDF
from tests.web.test_api import token_of
from tests.web.test_api_rounds import LASTING
from tests.web.test_evaluations import filed
from web.app import create_app
from web.settings import PortalSettings

__all__ = ["filed"]


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


def test_what_comes_after_filing_is_begun_acted_on_and_told_from_elsewhere(
    filed: City, server: str, tmp_path: Path
) -> None:
    [row] = filed.rows("register_entries")
    entry, task = row["number"], f"PJ2025/{row['number']}"
    tokens = {
        handle: token_of(filed, handle, role)
        for handle, role in (("chen", "city_officer"), ("boss", "city_leader"), ("zhang0", "applicant"))
    }

    def run(who: str, *words: str) -> Result:
        return CliRunner().invoke(
            app, ["--server", server, "--token", tokens[who], *words, "--language", "en"]
        )

    def told(who: str, *words: str) -> Any:
        answer = run(who, *words, "--json")
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.output)

    opened = run("chen", "evaluation", "open", "yueyang", "PJ2025", "--period", "2025", "--key", "r")
    assert (opened.exit_code, opened.output.partition(" (")[0]) == (0, "Begun: PJ2025")
    again = ("evaluation", "open", "yueyang", "PJ2025", "--period", "2025", "--key", "r")
    assert told("chen", *again)["repeated"] is True
    rounds.open_tasks(filed.engine)
    assert [each["places"] for each in told("chen", "evaluation", "rounds")] == [{"self_report": 1}]
    assert [each["number"] for each in told("zhang0", "evaluation", "list", "PJ2025", "--open")] == [task]
    assert told("zhang0", "evaluation", "list", "--closed") == []
    shown = run("zhang0", "evaluation", "show", task)
    assert "submit_report" in shown.output
    assert "2 September 2025" in shown.output
    urged = run("chen", "evaluation", "urge", task, "--remark", "请报送")
    assert urged.output.partition(":")[0] == "Urged (no. 1)", urged.output
    postponing = ("evaluation", "act", task, "postpone_evaluation", "--data", "reason=厂房搬迁")
    refused = json.loads(run("zhang0", *postponing, "--json").output)
    assert (refused["exit_code"], refused["error"]["code"]) == (1, "role_may_not")
    assert told("boss", *postponing)["repeated"] is False

    proposed = ("aspect=direction", "value=石化新材料", "reason=项目需要")
    data = [word for each in proposed for word in ("--data", each)]
    change = told("zhang0", "consortium", "begin", entry, "change", *data)["number"]
    assert change == f"{entry}/C1"
    assert [each["number"] for each in told("zhang0", "consortium", "list", "--open")] == [change]
    assert told("chen", "consortium", "list") == []
    assert [each["number"] for each in told("chen", "consortium", "list", "--kind", "entry")] == [entry]
    assert run("chen", "consortium", "show", change).exit_code == 3
    plan = tmp_path / "方案.pdf"
    assert run("zhang0", "consortium", "send", change, str(plan)).exit_code == 6
    plan.write_bytes(PDF)
    sent = told("zhang0", "consortium", "send", change, str(plan))
    given = ("material=construction_plan", f"digest={sent['digest']}", f"name={sent['name']}")
    data = [word for each in given for word in ("--data", each)]
    assert told("zhang0", "consortium", "act", change, "attach_material", *data)["stage"] == "draft"
    withdrawing = ("consortium", "act", change, "withdraw_change", "--data", "reason=暂缓")
    assert told("zhang0", *withdrawing)["outcome"] == "withdrawn"
    assert run("chen", "evaluation", "close", "yueyang", "PJ2024").exit_code == 3

    revision = filed.rows("revisions")[0]["id"]
    calls.announce(filed.engine, revision, "again", filed.people["admin"], LASTING)
    filed.at("2027-03-01T09:00")
    renewed = told("zhang0", "consortium", "renew", entry, "--call", "again")
    assert told("zhang0", "case", "show", renewed["case"]["number"])["stage"] == "draft"


def test_documents_are_sent_from_elsewhere_once_each(city: City, server: str, tmp_path: Path) -> None:
    case = city.filled(0)
    number, token = city.subject(case).ref, token_of(city, "zhang0", "applicant")
    form, plan = tmp_path / "申报书.pdf", tmp_path / "方案.pdf"
    form.write_bytes(PDF)
    plan.write_bytes(PDF + b"\n%2")

    def run(*words: str) -> Result:
        told = ["--server", server, "--token", token, "case", "act", number, *words, "--language", "en"]
        return CliRunner().invoke(app, told)

    def failed(*words: str) -> tuple[int, str]:
        answer = json.loads(run(*words, "--json").output)
        return answer["exit_code"], answer["error"]["code"]

    both = ("--file", f"application_form={form}", "--file", f"implementation_plan={plan}", "--key", "d")
    sent = run("attach_document", *both)
    assert sent.exit_code == 0, sent.output
    assert [line.partition(" (")[0] for line in sent.output.splitlines()] == [
        "Attached 申报书.pdf",
        "Attached 方案.pdf",
    ]
    names = {each.material: each.name for each in city.subject(case).application.documents}
    assert (names["application_form"], names["implementation_plan"]) == ("申报书.pdf", "方案.pdf")
    events = city.count("events")
    again = json.loads(run("attach_document", *both, "--json").output)
    assert [each["repeated"] for each in again] == [True, True]
    form.write_bytes(b"MZ")
    assert failed("attach_document", "--file", f"application_form={form}") == (1, "not_what_it_says")
    assert failed("attach_document", "--file", f"application_form={tmp_path / 'x.pdf'}") == (
        6,
        "file_unusable",
    )
    stale = ("attach_document", "--file", f"implementation_plan={plan}", "--version", "1")
    assert failed(*stale) == (1, "stale_version")
    assert failed("attach_document", "--file", "application_form") == (2, "bad_file")
    assert failed("attach_document") == (2, "bad_file")
    assert failed("submit", "--file", f"application_form={plan}") == (2, "no_file_here")
    assert city.count("events") == events
