"""Proof of service: what is shown, exported, and found out when somebody alters it."""

import csv
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, text

from casework import audit, proof
from casework.proof_file import WRITERS
from models.database import reading, writing
from models.migrate import downgrade, upgrade
from tests.casework.test_audit import attacking, execute
from tests.casework.test_outbox import MINUTE, NOW, owe, run, through
from tests.notifications.mail_server import MailServer, serving


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


class Place:
    """What `attacking` needs of a city."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine


@pytest.fixture
def told(engine: Engine, mail_server: MailServer) -> Engine:
    """Three notices of one case: the first taken at the second attempt."""
    owe(engine, 3)
    mail_server.answers = ["450 =later"]
    run(engine, through(mail_server))
    run(engine, through(mail_server), NOW + 2 * MINUTE)
    return engine


def deliveries_found(connection: Any) -> list[tuple[int, str]]:
    return [(each.seq, each.kind) for each in proof.verify(connection)]


def test_the_whole_story_of_a_notice_is_shown_and_exported(told: Engine, tmp_path: Path) -> None:
    with reading(told) as connection:
        services = proof.of_subject(connection, 2)
        assert proof.of_notice(connection, 100) == services[0]
        assert proof.of_notice(connection, 1) is None
    assert [(each.id, each.handle, each.state, len(each.attempts)) for each in services] == [
        (100, "p100", "sent", 2),
        (101, "p101", "sent", 1),
        (102, "p102", "sent", 1),
    ]
    first, second = services[0].attempts
    assert (first.number, first.ok, first.answer) == (1, False, "450 =later")
    assert (second.number, second.ok, second.answer) == (4, True, "250 queued as 3")
    assert first.content_hash == second.content_hash != services[1].attempts[0].content_hash

    WRITERS[".csv"](tmp_path / "proof.csv", services)
    rows = list(csv.DictReader((tmp_path / "proof.csv").open(encoding="utf-8-sig")))
    assert [(row["notice"], row["attempt"], row["ok"]) for row in rows] == [
        ("100", "1", "False"),
        ("100", "4", "True"),
        ("101", "2", "True"),
        ("102", "3", "True"),
    ]


def test_every_export_says_the_same_and_no_answer_becomes_a_formula(told: Engine, tmp_path: Path) -> None:
    with reading(told) as connection:
        services = proof.of_subject(connection, 2)
    said = '=HYPERLINK("http://x")'
    first = replace(services[0], name="@SUM(A1)", attempts=(replace(services[0].attempts[0], answer=said),))
    never = replace(services[1], attempts=())
    for ending, write in WRITERS.items():
        write(tmp_path / f"proof{ending}", [first, never, services[2]])
    cells = CalamineWorkbook.from_path(tmp_path / "proof.xlsx").get_sheet_by_index(0).to_python()
    heads, *rows = cells
    answer, name, attempt = heads.index("answer"), heads.index("name"), heads.index("attempt")
    assert [(row[name], row[attempt], row[answer]) for row in rows] == [
        ("@SUM(A1)", 1, said),
        (never.name, "", ""),
        (services[2].name, 3, services[2].attempts[0].answer),
    ]
    with zipfile.ZipFile(tmp_path / "proof.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    (line, *_) = csv.DictReader((tmp_path / "proof.csv").open(encoding="utf-8-sig"))
    assert (line["answer"], line["name"]) == (f"'{said}", "'@SUM(A1)")
    plain = json.loads((tmp_path / "proof.json").read_text(encoding="utf-8"))
    assert [(each["name"], len(each["attempts"])) for each in plain] == [
        ("@SUM(A1)", 1),
        (never.name, 0),
        (services[2].name, 1),
    ]
    assert plain[0]["attempts"][0]["answer"] == said


def test_what_nobody_altered_is_sound(told: Engine) -> None:
    with reading(told) as connection:
        assert deliveries_found(connection) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE deliveries SET answer = '250 fine', ok = true WHERE id = 1", [(1, "delivery_changed")]),
        ("UPDATE notices SET recipient_id = 1 WHERE id = 101", [(2, "delivery_changed")]),
        ("UPDATE notices SET text = 'other' WHERE id = 102", [(3, "delivery_changed")]),
        ("DELETE FROM deliveries WHERE id = 2", [(2, "delivery_removed"), (0, "delivery_removed")]),
        ("DELETE FROM deliveries WHERE id = 4", [(0, "delivery_removed")]),
    ],
)
def test_what_was_altered_is_named(told: Engine, statement: str, expected: list[tuple[int, str]]) -> None:
    with attacking(Place(told)) as connection:  # type: ignore[arg-type]
        execute(connection, statement)
        assert deliveries_found(connection) == expected


def test_an_anchor_knows_the_last_attempt(told: Engine) -> None:
    with reading(told) as connection:
        number, head = proof.end(connection)
        assert audit.anchor(connection).deliveries == (number, head)
        assert list(proof.against(connection, number, head, "then")) == []
        assert [each.kind for each in proof.against(connection, 9, head, "then")] == ["delivery_removed"]
        assert [each.kind for each in proof.against(connection, 1, head, "then")] == ["delivery_changed"]


def test_attempts_of_before_are_chained_by_the_migration(told: Engine) -> None:
    downgrade(told, "0003")
    with reading(told) as connection:
        assert connection.scalar(text("SELECT count(*) FROM deliveries")) == 4
    upgrade(told)
    with reading(told) as connection:
        assert deliveries_found(connection) == []
        assert proof.end(connection)[0] == 4
        assert connection.scalar(text("SELECT cause FROM notices WHERE id = 100")) == "event 1"
    with pytest.raises(Exception, match="append-only"), writing(told) as connection:
        connection.execute(text("UPDATE deliveries SET answer = ''"))
