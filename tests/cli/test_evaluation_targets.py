"""Targets at the terminal: set by `beian consortium change … plan --set`, answered by a self-report."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from casework import rounds, wake
from models.database import connect, default_url
from tests.casework.city import City, build
from tests.cli.terminal import Terminal

PATENTS, SALES = "consortium.target_patents", "consortium.target_sales"


@pytest.fixture
def city(sqlite_template: Callable[[bool], Path], tmp_path: Path) -> Iterator[City]:
    """A city on SQLite with one entry, filed on 5 August 2024 with no target in its application."""
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    engine = connect(default_url(tmp_path))
    found = build(engine)
    case = found.case_at("selection")
    found.at("2024-08-05T09:00")
    wake.sweep(engine, "call")
    found.do(found.call, "boss", "select", cases=[found.subject(case).ref])
    found.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    yield found
    engine.dispose()


@pytest.fixture
def terminal(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in that city."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    url = city.engine.url.render_as_string(hide_password=False)
    return Terminal(url, tmp_path, {"BEIAN_FOLDER": str(tmp_path / "data")})


def changed(terminal: Terminal, number: str, *targets: str) -> str:
    """Have the plan changed, and return the change's number."""
    told = (
        "--value",
        "目标调整",
        "--reason",
        "设备晚到",
        *(part for each in targets for part in ("--set", each)),
    )
    change: str = terminal.data("consortium", "change", number, "plan", *told, "--as", "zhang0")["change"]
    terminal.ok("consortium", "attach", change, "construction_plan=plan.pdf", "--as", "zhang0")
    terminal.ok("consortium", "hand-in", change, "--as", "zhang0")
    terminal.ok("consortium", "consent", change, "--as", "li")
    terminal.ok("consortium", "decide", change, "approved", "--reason", "同意", "--as", "chen")
    return change


def opened(city: City) -> str:
    """Open a round, and return the number of the one evaluation in it."""
    city.at("2025-08-05T09:00")
    rounds.announce(city.engine, "yueyang", city.people["chen"], {"code": "PJ2025", "period": "2025"})
    rounds.open_tasks(city.engine)
    return f"PJ2025/{number_of(city)}"


def number_of(city: City) -> str:
    [entry] = city.rows("register_entries")
    return str(entry["number"])


def report(ref: str, *answers: str) -> tuple[str, ...]:
    reached = "{" + ", ".join(answers) + "}"
    data = ("--data", 'contents={"results": "完成"}', "--data", f"reached={reached}")
    return ("evaluation", "act", ref, "submit_report", *data, "--as", "zhang0")


def test_targets_are_set_answered_and_shown_with_their_share(city: City, terminal: Terminal) -> None:
    number = number_of(city)
    change = changed(
        terminal, number, f"{PATENTS}=8", f"{SALES}=2,000,000", "consortium.targets_by=2026-12-31"
    )
    history = terminal.data("consortium", "show", number)["history"]
    assert [each["change"] for each in history] == [change]
    assert history[0]["after"]["form"] == {
        PATENTS: 8,
        SALES: 200_000_000,
        "consortium.targets_by": "2026-12-31",
    }
    assert "建设期内新增授权发明专利（件） 8" in terminal.ok("consortium", "show", number)
    ref = opened(city)
    open_still = terminal.data("evaluation", "show", ref)["targets"]
    assert [(each["field"], each["reached"], each["share"]) for each in open_still] == [
        (PATENTS, None, None),
        (SALES, None, None),
    ]
    terminal.ok(*report(ref, f'"{PATENTS}": 6', f'"{SALES}": "2500000.01"'))
    told = terminal.data("evaluation", "show", ref)["targets"]
    assert [(each["target"], each["reached"], each["share"]) for each in told] == [
        ("8", "6", "75.0%"),
        ("¥2,000,000.00", "¥2,500,000.01", "125.0%"),
    ]
    assert "75.0%" in terminal.ok("evaluation", "show", ref)


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        ((f'"{PATENTS}": 6',), "targets_unanswered", "成果转化新增销售收入"),
        ((f'"{PATENTS}": 6', f'"{SALES}": " "'), "targets_unanswered", "成果转化新增销售收入"),
        ((f'"{PATENTS}": "六"', f'"{SALES}": "1"'), "bad_fields", "应为整数"),
        ((f'"{PATENTS}": 6', f'"{SALES}": "-1"'), "bad_fields", "不能为负"),
        ((f'"{PATENTS}": 6', f'"{SALES}": "1.005"'), "bad_fields", "成果转化新增销售收入"),
        (
            (f'"{PATENTS}": 6', f'"{SALES}": "1"', '"consortium.target_talent": 3'),
            "target_not_set",
            "consortium.target_talent",
        ),
    ],
)
def test_a_wrong_answer_is_refused_by_name_and_nothing_is_recorded(
    city: City, terminal: Terminal, answers: tuple[str, ...], code: str, said: str
) -> None:
    changed(terminal, number_of(city), f"{PATENTS}=8", f"{SALES}=2000000")
    ref = opened(city)
    before = len(city.rows("events"))
    answer = terminal.run(*report(ref, *answers), "--json")
    assert (answer.code, answer.json["error"]["code"]) == (1, code)
    assert said in terminal.run(*report(ref, *answers)).err
    assert len(city.rows("events")) == before


def test_a_target_that_is_none_is_refused_before_a_change_begins(city: City, terminal: Terminal) -> None:
    told = ("--value", "目标调整", "--reason", "设备晚到", "--as", "zhang0")
    for given, code in (
        (f"{PATENTS}=八", "bad_fields"),
        ("consortium.direction=氢能", "bad_fields"),
        ("目标", "bad_data"),
    ):
        answer = terminal.run(
            "consortium", "change", number_of(city), "plan", *told, "--set", given, "--json"
        )
        assert answer.json["error"]["code"] == code
    assert [row["kind"] for row in city.rows("matters")] == ["entry"]


def test_a_bureau_learns_at_the_terminal_who_is_due(city: City, terminal: Terminal) -> None:
    city.at("2025-08-05T09:00")
    assert terminal.data("evaluation", "due", "yueyang") == [
        {
            "bureau": "yueyang",
            "months": 12,
            "until": "2024-08-05",
            "entries": 1,
            "since": "2024-08-05T09:00:00+08:00",
        }
    ]
    answer = terminal.run("evaluation", "due", "yueyang-xian", "--json")
    assert (answer.code != 0, answer.json["error"]["code"]) == (True, "no_such_bureau")
