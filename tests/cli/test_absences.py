"""Handing a role over from a terminal, and acting on behalf of who is absent."""

from sqlalchemy import Engine

from tests.cli.terminal import Terminal, move


def test_a_role_is_handed_over_and_the_substitute_acts(terminal: Terminal, story: Engine, case: str) -> None:
    terminal.ok("party", "person", "he", "何平", "--role", "district_officer", "--of", "pingjiang")
    asked = ("absence", "begin", "wang", "--role", "district_officer", "--substitute", "he")
    days = ("--from", "2024-07-11", "--until", "2024-07-12", "--reason", "出差")
    made = terminal.data(*asked, *days, "--as", "wang")
    assert made == {
        "id": 1,
        "absent": "王五 (wang)",
        "role": "district_officer",
        "of": "pingjiang",
        "substitute": "何平 (he)",
        "first_day": "2024-07-11",
        "last_day": "2024-07-12",
        "reason": "出差",
        "repeated": False,
    }
    assert terminal.data(*asked, *days, "--as", "wang")["repeated"] is True
    assert terminal.data("absence", "list") == []
    (found,) = terminal.data("absence", "list", "--day", "2024-07-12")
    assert (found["absent"], found["substitute"]) == ("王五 (wang)", "何平 (he)")
    refused = terminal.run("case", "act", case, "endorse", "--as", "he", "--for", "wang")
    assert (refused.code, refused.err.splitlines()[0]) == (
        1,
        "此人今天没有受托代理“推荐单位经办人”。",
    )
    move(story, "2024-07-11T09:00")
    refused = terminal.run("case", "act", case, "endorse", "--as", "he", "--for", "wang", "--json")
    assert refused.json["error"]["code"] == "act_not_at_this_stage"
    terminal.ok("absence", "end", "1", "--as", "jiang")
    again = terminal.run("absence", "end", "1", "--as", "jiang", "--language", "en")
    assert (again.code, again.err.splitlines()[0]) == (
        1,
        "Delegation 1 is over (its last day: 12 July 2024).",
    )


def test_bad_input_is_named(terminal: Terminal) -> None:
    asked = ("absence", "begin", "chen", "--role", "city_officer", "--substitute")
    rest = ("--until", "2024-07-20", "--reason", "休假", "--as", "chen", "--json")
    assert terminal.run(*asked, "nobody", *rest).json["error"]["code"] == "unknown_person"
    assert terminal.run(*asked, "nobody", *rest).code == 3
    assert terminal.run(*asked, "wang", *rest).json["error"]["code"] == "substitute_of_another_unit"
    for wrong in ("2024-13-01", "1999-01-01"):
        answer = terminal.run(*asked, "gao", "--until", wrong, *rest[2:])
        assert answer.code == 1
    assert terminal.run("absence", "list", "--day", "heute").code == 2
    assert terminal.run("absence", "end", "77", "--as", "chen").code == 3


def test_a_supervisor_is_named_with_the_role(terminal: Terminal) -> None:
    told = terminal.ok("party", "role", "chen", "city_officer", "--of", "yueyang", "--supervisor", "gao")
    assert told.strip() == "chen 的角色：city_officer@yueyang，主管gao"
    outside = terminal.run("party", "role", "chen", "city_officer", "--of", "yueyang", "--supervisor", "wang")
    assert (outside.code, outside.err.splitlines()[0]) == (1, "主管人员应属于同一单位。")
