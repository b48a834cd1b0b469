"""The radar from the terminal: in both languages, for programs, narrowed, and when nothing is stuck."""

from sqlalchemy import Engine

from tests.cli.terminal import FORM, MEMBER_FORM, UNIVERSITY, Terminal, move


def submitted(terminal: Terminal) -> str:
    """Submit one application and return its number."""
    number = terminal.start()
    terminal.act(number, "save_draft", "zhang", fields={**FORM, "consortium.contact_phone": "0730-1234567"})
    terminal.act(number, "invite_member", "zhang", uscc=UNIVERSITY)
    terminal.act(number, "confirm_membership", "li")
    terminal.act(number, "save_draft", "zhang", members={UNIVERSITY: MEMBER_FORM})
    for material, who in (
        ("application_form", "zhang"),
        ("implementation_plan", "zhang"),
        ("cooperation_agreement", "li"),
    ):
        file = terminal.folder / f"{material}.pdf"
        file.write_bytes(b"%PDF-1.4 " + material.encode())
        terminal.data("case", "act", number, "attach_document", "--file", f"{material}={file}", "--as", who)
    terminal.act(number, "submit", "zhang")
    return number


def test_the_radar_tells_who_holds_what_is_next_and_what_helps(story: Engine, terminal: Terminal) -> None:
    assert terminal.run("radar").err == "没有受阻的办件。\n"
    assert terminal.data("radar")["lines"] == []
    number = submitted(terminal)
    move(story, "2024-08-09T09:00")
    data = terminal.data("radar", "--as", "chen")
    (line,) = data["lines"]
    assert {name: line[name] for name in ("number", "stage", "troubles", "holder", "people", "due")} == {
        "number": number,
        "stage": "recommendation",
        "troubles": ["breach"],
        "holder": "district",
        "people": ["王五"],
        "due": "2024-08-09T18:00:00+08:00",
    }
    assert line["next"]["lapses"] is True
    assert data["counts"]["breach"] == 1
    chinese = terminal.ok("radar")
    assert "将逾期" in chinese
    assert "平江县科技局：王五" in chinese
    english = terminal.ok("radar", "--language", "en")
    assert "about to breach" in english
    assert "is settled by itself" in english
    assert terminal.data("radar", "--trouble", "overdue")["lines"] == []
    assert terminal.data("radar", "--as", "gang")["lines"] == []
    wrong = terminal.run("radar", "--trouble", "nothing")
    assert wrong.code == 2
