"""Incidents from the terminal: listed, taken on, tried again, closed, each by those who may."""

from sqlalchemy import Engine, update

from casework import wake
from models import Subject
from models.database import reading, writing
from tests.cli.terminal import Terminal, move

_subjects = Subject.__table__


def test_an_incident_from_its_first_sight_to_its_closing(story: Engine, terminal: Terminal) -> None:
    assert terminal.run("incident", "list").err == "没有未关闭的异常。\n"
    assert terminal.data("incident", "list") == []
    number = terminal.start()
    with reading(story) as connection:
        held = connection.execute(_subjects.select().where(_subjects.c.kind == "application")).one()
    _write(story, held.id, '{"kind": "nothing"}')
    move(story, "2024-08-04T18:05")
    wake.sweep(story, "application")

    (line,) = terminal.data("incident", "list")
    assert {name: line[name] for name in ("id", "kind", "state", "occurrences", "cases", "failing")} == {
        "id": 1,
        "kind": "wake",
        "state": "open",
        "occurrences": 1,
        "cases": 1,
        "failing": 1,
    }
    assert terminal.data("incident", "list", "--kind", "flow") == []
    assert "到期事项未能办理" in terminal.ok("incident", "list")

    taken = terminal.data("incident", "acknowledge", "1", "--as", "chen")
    assert (taken["state"], taken["assigned_to"]) == ("acknowledged", "chen")
    given = terminal.data("incident", "assign", "1", "jiang", "--as", "chen")
    assert given["assigned_to"] == "jiang"

    again = terminal.run("incident", "retry", "1", "--as", "chen", "--json")
    assert again.code == 1
    assert [(each["number"], each["recovered"]) for each in again.json["results"]] == [(number, False)]
    _write(story, held.id, held.state)
    done = terminal.data("incident", "retry", "1", "--case", number, "--as", "chen")
    assert (done["recovered"], done["failed"]) == (1, 0)

    shown = terminal.data("incident", "show", "1")
    assert shown["state"] == "closed"
    assert [each["kind"] for each in shown["history"]] == [
        "raised",
        "acknowledged",
        "assigned",
        "retried",
        "failed_again",
        "retried",
        "recovered",
        "resolved",
    ]
    assert terminal.data("incident", "list") == []
    assert [each["id"] for each in terminal.data("incident", "list", "--all")] == [1]
    english = terminal.ok("incident", "show", "1", "--language", "en")
    assert "resolved by itself" in english
    assert number in english
    closed = terminal.data("incident", "close", "1", "已更正数据", "--as", "chen")
    assert closed["history"][-1]["remark"] == "已更正数据"


def test_what_cannot_be_done_is_named(terminal: Terminal) -> None:
    unknown = terminal.run("incident", "close", "7", "x", "--as", "chen")
    assert unknown.code == 3
    assert "没有编号为 7 的异常" in unknown.err
    stranger = terminal.run("incident", "acknowledge", "7", "--as", "wang", "--json")
    assert (stranger.code, stranger.json["error"]["code"]) == (1, "role_may_not")
    nobody = terminal.run("incident", "acknowledge", "7", "--as", "wang", "--role", "operations", "--json")
    assert (nobody.code, nobody.json["error"]["code"]) == (1, "no_such_role")


def _write(engine: Engine, subject: int, state: str) -> None:
    with writing(engine) as connection:
        connection.execute(update(_subjects).where(_subjects.c.id == subject).values(state=state))
