"""Notices from the terminal: proof, preview, choices, addresses, sending again."""

import csv

import pytest
from sqlalchemy import Engine, select, update

from models import Address, Notice, Person
from models.database import reading, writing
from tests.cli.terminal import Terminal

KEY = "k" * 32


def test_notices_of_a_case_are_previewed_listed_and_sent_again(story: Engine, terminal: Terminal) -> None:
    assert "没有待发的通知" in terminal.run("notice", "preview", "--kind", "nothing").err
    number = terminal.start()
    assert "尚无通知" in terminal.run("notice", "list", number).err
    notices, people = Notice.__table__, Person.__table__
    with writing(story) as connection:
        subject = connection.execute(
            select(notices.c.subject_id).where(notices.c.subject_id.is_not(None))
        ).scalar()
        recipient = "zhang"
        person = connection.execute(select(people.c.id).where(people.c.handle == recipient)).scalar_one()
        case = connection.exec_driver_sql("SELECT subject_id FROM cases").scalar_one()
        assert subject != case
        row = {
            "subject_id": case,
            "cause": "rung recommendation 1 before_3d",
            "text": "submitted",
            "recipient_id": person,
            "channel": "email",
            "language": "zh",
            "state": "pending",
            "context": {
                "case_number": number,
                "recipient_name": "王",
                "lead_name": "甲",
                "effective_at": "2024-07-10T09:00:00+08:00",
                "district_name": "平江",
            },
            "message_id": "<n@beian>",
            "urgency": 1,
            "attempts": 0,
            "strikes": 0,
            "possibly_twice": False,
        }
        at = connection.exec_driver_sql("SELECT at FROM clock").scalar_one()
        connection.execute(notices.insert().values(**row, created_at=_instant(at), not_before=_instant(at)))
    (shown,) = terminal.data("notice", "preview", "--case", number)
    assert shown["subject"] == f"{number}：申报已提交"
    assert "由平江初审" in shown["text"]
    (line,) = terminal.data("notice", "list", number)
    assert (line["cause"], line["state"], line["attempts"]) == (row["cause"], "pending", [])
    assert "待发送" in terminal.ok("notice", "list", number)

    for who, sees in ((recipient, True), ("chen", True), ("wang", False), ("li", False)):
        for asked in (("list", number), ("preview", "--case", number)):
            assert [each["id"] for each in terminal.data("notice", *asked, "--as", who)] == (
                [line["id"]] if sees else []
            )
    assert terminal.run("notice", "list", number, "--as", "nobody", "--json").code == 3

    assert terminal.data("notice", "resend", str(line["id"]), "--as", "chen") == {
        "again": [],
        "left": [line["id"]],
    }
    with writing(story) as connection:
        connection.execute(update(notices).where(notices.c.id == line["id"]).values(state="dead"))
    assert terminal.data("notice", "resend", str(line["id"]), "--as", "chen") == {
        "again": [line["id"]],
        "left": [],
    }

    terminal.ok("notice", "list", number, "--out", "proof.csv")
    (written,) = csv.DictReader((terminal.folder / "proof.csv").open(encoding="utf-8-sig"))
    assert (written["case"], written["cause"]) == (number, row["cause"])
    assert terminal.run("notice", "list", number, "--out", "proof.txt").code == 2


def test_how_another_is_told_is_not_ones_own_to_set(story: Engine, terminal: Terminal) -> None:
    terminal.environment |= {"BEIAN_SECRET_KEY": KEY, "BEIAN_WEBHOOK_KEY": KEY}
    hook = "https://oa.example.gov.cn/beian\n"
    for who, code in (("zhang", "not_theirs"), ("chen", "not_theirs"), ("gao", "not_theirs")):
        chosen = terminal.run("notice", "choose", "wang", "--digest", "--as", who, "--json")
        assert (chosen.code, chosen.json["error"]["code"]) == (1, code)
        reached = terminal.run("notice", "address", "wang", "webhook", "--as", who, "--json", stdin=hook)
        assert (reached.code, reached.json["error"]["code"]) == (1, code)
    nobody = terminal.run("notice", "choose", "wang", "--digest", "--json")
    assert (nobody.code, nobody.json["error"]["code"]) == (2, "nobody_acts")
    stranger = terminal.run(
        "notice", "choose", "wang", "--digest", "--as", "wang", "--role", "administrator", "--json"
    )
    assert (stranger.code, stranger.json["error"]["code"]) == (1, "no_such_role")
    with reading(story) as connection:
        assert connection.execute(select(Address.__table__)).all() == []
        assert set(connection.execute(select(Person.__table__.c.choices)).scalars()) == {None}
    # Who tends to the people of the city does it for them.
    assert terminal.data("notice", "choose", "wang", "--digest", "--as", "jiang")["choices"]
    assert terminal.run("notice", "address", "zhang", "webhook", "--as", "jiang", stdin=hook).code == 0
    for who in ("zhang", "wang"):
        again = terminal.run("notice", "resend", "1", "--as", who, "--json")
        assert (again.code, again.json["error"]["code"]) == (1, "role_may_not")


def _instant(stored: str) -> object:
    from datetime import datetime

    return datetime.fromisoformat(stored)


def test_people_choose_how_they_are_told(terminal: Terminal) -> None:
    assert terminal.data(
        "notice", "choose", "wang", "--as", "wang", "--channel", "wecom", "--channel", "email"
    )["choices"] == {"*": {"channels": ["wecom", "email"]}}
    assert terminal.data("notice", "choose", "wang", "--as", "wang", "--kind", "submitted", "--digest")[
        "choices"
    ] == {
        "*": {"channels": ["wecom", "email"]},
        "submitted": {"digest": True},
    }
    terminal.ok("notice", "choose", "wang", "--as", "wang", "--forget")
    assert (
        terminal.data("notice", "choose", "wang", "--as", "wang", "--kind", "submitted", "--forget")[
            "choices"
        ]
        == {}
    )

    served = terminal.run(
        "notice", "choose", "wang", "--as", "wang", "--kind", "returned", "--digest", "--json"
    )
    assert (served.code, served.json["error"]["code"]) == (1, "served_in_person")
    declined = terminal.run(
        "notice", "choose", "wang", "--as", "wang", "--kind", "returned", "--none", "--json"
    )
    assert declined.json["error"]["code"] == "served_in_person"
    unknown = terminal.run("notice", "choose", "wang", "--as", "wang", "--kind", "pigeon", "--none", "--json")
    assert unknown.json["error"]["code"] == "unknown_kind"
    wrong = terminal.run("notice", "choose", "wang", "--as", "wang", "--channel", "pigeon", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (2, "bad_choice")


def test_an_address_is_sealed_and_its_signing_key_is_told(
    story: Engine, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = "https://oa.example.gov.cn/beian"
    closed = terminal.run("notice", "address", "wang", "webhook", "--as", "wang", "--json", stdin=f"{hook}\n")
    assert closed.json["error"]["code"] == "no_key"
    terminal.environment |= {"BEIAN_SECRET_KEY": KEY, "BEIAN_WEBHOOK_KEY": KEY}
    entered = terminal.run(
        "notice", "address", "wang", "webhook", "--as", "wang", "--json", stdin=f"{hook}\n"
    )
    assert entered.code == 0, entered.err
    assert len(entered.json["signing_key"]) == 64
    with reading(story) as connection:
        (row,) = connection.execute(select(Address.__table__))
    assert hook not in row.value
    bad = terminal.run("notice", "address", "wang", "webhook", "--as", "wang", "--json", stdin="ftp://x\n")
    assert (bad.code, bad.json["error"]["code"]) == (2, "bad_address")
    terminal.run("notice", "address", "wang", "webhook", "--as", "wang", stdin="\n")
    with reading(story) as connection:
        assert connection.execute(select(Address.__table__)).all() == []
