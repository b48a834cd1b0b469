"""The radar from the terminal: in both languages, for programs, narrowed, and when nothing is stuck."""

import shlex
from itertools import chain
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Engine, func, select, update

from casework import clock
from casework.incidents import record_incident
from casework.troubles import HELPS
from cli.radar import command_of
from models import Case, Notice
from models.database import writing
from procedure import pack
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
    assert data["late"][1] == {"least_hours": 1, "below_hours": 8, "cases": 0}
    chinese = terminal.ok("radar")
    assert "将逾期" in chinese
    assert "平江县科技局：王五" in chinese
    english = terminal.ok("radar", "--language", "en")
    assert "about to breach" in english
    assert "3 working days before: the holder" in english
    assert terminal.data("radar", "--trouble", "overdue")["lines"] == []
    assert terminal.data("radar", "--as", "gang")["lines"] == []
    wrong = terminal.run("radar", "--trouble", "nothing")
    assert wrong.code == 2


def test_everything_that_helps_is_a_command_that_there_is(terminal: Terminal) -> None:
    helps = {*chain.from_iterable(HELPS.values()), "open"}
    # What comes after filing is given to nobody else, and an entry lasts by itself.
    for kind, those in (
        ("application", helps),
        ("evaluation", helps - {"reassign"}),
        ("entry", {"open"}),
    ):
        life = pack.shipped("yueyang-2024").procedure.life(kind)
        acts = {*life.everywhere, *chain.from_iterable(stage.acts for stage in life.stage.values())}
        line: Any = SimpleNamespace(number="YY2024-0001", kind=kind, notices=(17, 18), incidents=(3,))
        for each in those:
            program, group, name, *rest = shlex.split(command_of(line, each))
            assert program == "beian"
            assert "示例" in terminal.ok(group, name, "--help")
            if name == "act":
                assert rest == ["YY2024-0001", each]
                assert each in acts


def test_what_the_radar_names_does_what_it_says(story: Engine, terminal: Terminal) -> None:
    number = submitted(terminal)
    move(story, "2024-08-09T09:00")
    notices, cases = Notice.__table__, Case.__table__
    with writing(story) as connection:
        case = connection.execute(select(cases.c.subject_id).where(cases.c.number == number)).scalar_one()
        first = connection.execute(
            select(func.min(notices.c.id)).where(notices.c.subject_id == case)
        ).scalar_one()
        connection.execute(update(notices).where(notices.c.id == first).values(state="dead"))
        record_incident(connection, "x", "delivery", "x", "x", clock.now(connection), case)
    (line,) = terminal.data("radar")["lines"]
    commands = {name: shlex.split(command)[1:] for name, command in line["commands"].items()}
    assert list(commands) == line["helps"]
    assert {"urge", "resend", "look_into", "open"} <= set(commands)
    assert f"重新发送 {first}" in terminal.ok("radar")
    assert terminal.data(*commands["resend"], "--as", "chen") == {"again": [first], "left": []}
    assert number in terminal.ok(*commands["open"])
    assert terminal.ok(*commands["look_into"])
    assert "已催办" in terminal.ok(*commands["urge"], "--as", "chen")
    (line,) = terminal.data("radar")["lines"]
    assert "resend" not in line["helps"]
