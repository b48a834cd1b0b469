"""One act on many cases, a holiday arrangement imported, a draw replayed: from the terminal."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.casework import city as cities
from tests.cli.terminal import Terminal, move
from tests.procedure import panel_pack

EXPIRED = """\
year: 2027
version: 1
document: 国办发明电〔2026〕99号
issued: 2026-11-01
holidays: []
"""


@pytest.fixture
def made(story_engine: Engine) -> cities.City:
    if story_engine.dialect.name == "postgresql":
        pytest.skip("the commands are the same")
    return cities.build(story_engine)


def terminal_of(engine: Engine, folder: Path) -> Terminal:
    url = engine.url.render_as_string(hide_password=False)
    return Terminal(url, folder, {"BEIAN_FOLDER": str(folder / "data")})


def test_every_case_is_answered_and_repeating_does_nothing_twice(made: cities.City, tmp_path: Path) -> None:
    terminal = terminal_of(made.engine, tmp_path)
    for n in range(3):
        made.case_at("recommendation", n)
    asked = ("call", "batch", "2024", "accept_online", "--as", "wang", "--key", "k", "--json")
    first = terminal.run(*asked)
    assert (first.code, first.json["done"], first.json["refused"]) == (0, 3, 0)
    assert [each["repeated"] for each in terminal.run(*asked).json["cases"]] == [True] * 3
    endorse = ("call", "batch", "2024", "endorse", "--data", "opinion=同意", "--as", "wang")
    part = terminal.run(*endorse, "--case", "YY2024-0001", "--case", "YY2024-0009", "--json")
    assert part.code == 9
    assert [(each["ref"], each["done"], each.get("code")) for each in part.json["cases"]] == [
        ("YY2024-0001", True, None),
        ("YY2024-0009", False, "not_found"),
    ]
    rest = terminal.run(*endorse)
    assert rest.code == 0
    assert "已办理 2 件，被拒绝 0 件" in rest.out
    none = terminal.run(*endorse)
    assert (none.code, none.out.strip()) == (0, "没有可以办理的办件。")
    refused = terminal.run(*endorse, "--case", "YY2024-0001", "--language", "en")
    assert refused.code == 1
    assert "refused" in refused.out


def test_bad_input_is_named(made: cities.City, tmp_path: Path) -> None:
    terminal = terminal_of(made.engine, tmp_path)
    made.case_at("recommendation")
    base = ("call", "batch", "2024", "endorse", "--as", "wang", "--json")
    answer = terminal.run(*base)
    assert (answer.code, answer.json["cases"][0]["code"]) == (1, "bad_particulars")
    assert terminal.run(*base, "--key", "x" * 121).json["error"]["code"] == "bad_key"
    assert terminal.run("call", "batch", "YY2024-0001", "endorse", "--as", "wang").code == 2
    assert terminal.run("call", "batch", "1999", "endorse", "--as", "wang").code == 3
    unknown = terminal.run("call", "batch", "2024", "nope", "--as", "wang", "--json")
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "unknown_act")


def test_an_arrangement_is_imported_and_what_moved_is_listed(
    terminal: Terminal, story: Engine, tmp_path: Path
) -> None:
    shown = terminal.data("calendar", "show")
    assert [each["year"] for each in shown["arrangements"]][-1] == shown["last_published_year"]
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(EXPIRED, encoding="utf-8")
    answer = terminal.run("calendar", "import", wrong, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "bad_arrangement")
    assert terminal.run("calendar", "import", tmp_path / "none.yaml").code in (2, 6)
    assert terminal.data("calendar", "recount") == []
    move(story, "2024-07-11T09:00")


def test_a_draw_is_replayed(story_engine: Engine, tmp_path: Path) -> None:
    if story_engine.dialect.name == "postgresql":
        pytest.skip("the commands are the same")
    made = cities.build(story_engine, pack=panel_pack.pack())
    terminal = terminal_of(made.engine, tmp_path)
    case = made.case_at("panel_naming")
    number = made.subject(case).ref
    assert terminal.run("case", "panel", number).code == 3
    terminal.ok("party", "retire", "e4", "--reason", "调离", "--as", "admin")
    assert terminal.run("party", "retire", "e4", "--reason", "调离", "--as", "admin").code == 1
    terminal.ok("party", "readmit", "e4", "--reason", "调回", "--as", "admin")
    made.do(case, "chen", "draw_panel")
    data = terminal.data("case", "panel", number)
    assert (len(data["panel"]), data["differences"]) == (3, [])
    assert [(each["change"], each["by"]) for each in data["pool_changes"]] == [
        ("admitted", None),
        ("admitted", None),
        ("admitted", None),
        ("admitted", None),
        ("admitted", None),
        ("retired", "Admin (admin)"),
        ("readmitted", "Admin (admin)"),
    ][-len(data["pool_changes"]) :]
    assert terminal.ok("case", "panel", number).splitlines()[-1] == "重演与记录一致。"
    assert len(terminal.data("party", "pool", "yueyang")) == 7
    assert terminal.data("audit", "verify")["sound"] is True
