"""A whole call moved to another revision from the terminal: dry run, confirmation, what stands in the way."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from procedure.pack import CATALOG
from tests.casework import city as cities
from tests.cli.terminal import Terminal


@pytest.fixture
def made(story_engine: Engine) -> cities.City:
    if story_engine.dialect.name == "postgresql":
        pytest.skip("the commands are the same")
    return cities.build(story_engine)


def folder(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A pack like Yueyang's with texts of its procedure replaced."""
    target = tmp_path / "pack"
    target.mkdir()
    for name in ("procedure.yaml", "notices.yaml"):
        text = (CATALOG / "yueyang-2024" / name).read_text(encoding="utf-8")
        for before, after in changes if name == "procedure.yaml" else ():
            assert before in text
            text = text.replace(before, after)
        (target / name).write_text(text, encoding="utf-8")
    return target


def test_a_call_is_moved_after_a_dry_run(made: cities.City, tmp_path: Path) -> None:
    url = made.engine.url.render_as_string(hide_password=False)
    terminal = Terminal(url, tmp_path, {"BEIAN_FOLDER": str(tmp_path / "data")})
    case = made.case_at("formal_review")
    titles = ("title: {zh: 形式审查, en: Formal review}", "title: {zh: 材料审查, en: Review}")
    pack = folder(tmp_path, titles)
    revision = terminal.data("procedure", "publish", str(pack))["hash"]
    asked = ("call", "migrate", "2024", "--to", revision[:12])
    dry = terminal.data(*asked, "--dry-run")
    assert (dry["to"], dry["blocked"], len(dry["subjects"])) == (revision, 0, 2)
    assert f"--confirm {dry['token']}" in terminal.ok(*asked, "--dry-run")
    wrong = terminal.run(*asked, "--confirm", "0" * 16, "--as", "admin", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (1, "plan_outdated")
    assert terminal.run(*asked).code == 2
    assert terminal.run(*asked, "--stage", "x", "--dry-run").code == 2
    assert terminal.run("call", "migrate", "2024", "--to", "nothing", "--dry-run").code == 3
    officer = terminal.run(*asked, "--confirm", dry["token"], "--as", "chen", "--json")
    assert officer.json["error"]["code"] == "role_may_not"
    done = terminal.data(*asked, "--confirm", dry["token"], "--as", "admin")
    assert (done["moved"], done["left"]) == (2, 0)
    assert "材料审查" in terminal.ok("case", "show", made.subject(case).ref)
    again = terminal.run(*asked, "--dry-run", "--json")
    assert (again.code, again.json["error"]["code"]) == (1, "nothing_to_move")
    assert terminal.data("audit", "verify")["sound"] is True
    assert "改用另一版本" in terminal.ok("case", "history", made.subject(case).ref)


def test_what_blocks_is_said_in_both_languages(made: cities.City, tmp_path: Path) -> None:
    url = made.engine.url.render_as_string(hide_password=False)
    terminal = Terminal(url, tmp_path, {"BEIAN_FOLDER": str(tmp_path / "data")})
    made.case_at("site_visit")
    pack = folder(tmp_path, ("id: site_visit\n", "id: visiting\n"), ("to: site_visit", "to: visiting"))
    published = terminal.data("procedure", "publish", str(pack))
    asked = ("call", "migrate", "2024", "--to", published["hash"][:12], "--dry-run")
    zh, en = terminal.run(*asked), terminal.run(*asked, "--language", "en")
    assert (zh.code, en.code) == (1, 1)
    assert "新版本没有“site_visit”环节" in zh.out
    assert "the revision has no stage site_visit" in en.out
    mapped = terminal.data(*asked, "--stage", "site_visit=visiting")
    assert (mapped["blocked"], mapped["subjects"][1]["to"]) == (0, "visiting")
