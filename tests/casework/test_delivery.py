"""Breakers, the next channel, digests and order, against real servers that give out and come back."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from casework import breakers
from casework.incidents import unresolved
from casework.next_channel import PATIENCE
from casework.outbox import LAST_ATTEMPT, claim
from models import Address, Breaker, Notice, Person
from models.database import reading, writing
from models.notice import LATER, URGENT
from notifications.settings import ChannelSettings
from tests.casework.test_outbox import LEASE, MINUTE, NOW, deliveries, notices, owe, run, states
from tests.notifications.mail_server import MailServer, free_port, serving
from tests.notifications.web_server import WebServer, web_serving

KEY = "k" * 32
TABLE, PEOPLE = Notice.__table__, Person.__table__


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_serving() as server:
        yield server


def channels(
    mail: MailServer | str | None = None, web: WebServer | None = None, **given: Any
) -> ChannelSettings:
    smtp = mail.url if isinstance(mail, MailServer) else mail
    return ChannelSettings(
        **{
            "smtp_url": smtp,
            "mail_from": "beian@example.cn",
            "channel_timeout": 60,
            "senders": 1,
            "secret_key": KEY,
            "webhook_key": KEY,
            "webhooks_private": True,
            "wecom_api": None if web is None else web.url,
            **given,
        }
    )


def chose(engine: Engine, *order: str, **addresses: str) -> None:
    """Everybody chooses this order of channels, and has these addresses."""
    seal = channels().seal
    with writing(engine) as connection:
        connection.execute(update(PEOPLE).values(choices={"*": {"channels": list(order)}}))
        for person in connection.execute(select(PEOPLE.c.id)).scalars().all():
            for channel, address in addresses.items():
                connection.execute(
                    insert(Address.__table__).values(
                        person_id=person, channel=channel, value=seal.seal(address)
                    )
                )


def in_turn(engine: Engine) -> list[Any]:
    """A notice and the one that another channel was given instead."""
    return sorted(notices(engine), key=lambda row: row.instead_of is not None)


def breaker(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(select(Breaker.__table__)))


def incidents(engine: Engine) -> list[tuple[str, int]]:
    with reading(engine) as connection:
        return [(each["fingerprint"], each["occurrences"]) for each in unresolved(connection)]


def test_a_mail_server_that_is_gone_trips_one_breaker_and_wears_nothing_out(engine: Engine) -> None:
    owe(engine, 40)
    port = free_port()
    gone = channels(f"mailto://127.0.0.1:{port}")

    assert Counter(states(run(engine, gone))) == {"failed": breakers.THRESHOLD}
    assert incidents(engine) == [("channel:email", 1)]
    assert Counter(row.attempts for row in notices(engine)) == {0: 35, 1: 5}
    assert run(engine, gone, NOW + MINUTE / 2).attempts == ()

    at = NOW
    for probe in range(1, 12):
        at = breaker(engine)[0].retry_at
        (attempt,) = run(engine, gone, at).attempts
        assert (attempt.state, attempt.answer.out_of_order) == ("failed", True)
        assert breaker(engine)[0].retry_at - at == breakers.PROBES[min(probe, len(breakers.PROBES) - 1)]
    assert incidents(engine) == [("channel:email", 1)]
    assert {row.state for row in notices(engine)} == {"pending", "failed"}
    assert max(row.strikes for row in notices(engine)) <= 1

    with serving(port=port) as server:
        back = run(engine, gone, breaker(engine)[0].retry_at)
        run(engine, gone, breaker(engine)[0].retry_at or at + timedelta(hours=9))
        run(engine, gone, at + timedelta(hours=10))
        assert back.attempts[0].state == "sent"
        assert len(server.letters) == 40
    assert {row.state for row in notices(engine)} == {"sent"}
    assert incidents(engine) == []
    assert (breaker(engine)[0].failures, breaker(engine)[0].opened_at) == (0, None)


def test_only_one_of_several_workers_tries_a_channel_out_of_order(engine: Engine) -> None:
    owe(engine, 3)
    open_ = {
        "channel": "email",
        "person_id": 0,
        "failures": 9,
        "opened_at": NOW,
        "retry_at": NOW,
        "probes": 0,
    }
    with writing(engine) as connection:
        connection.execute(insert(Breaker.__table__).values(**open_, reason="gone"))
    assert [len(claim(engine, NOW, 50, LEASE)) for _ in range(3)] == [1, 0, 0]


def test_the_backlog_drains_in_order_of_urgency(engine: Engine, mail: MailServer) -> None:
    first, second, third, fourth = owe(engine, 4)
    with writing(engine) as connection:
        for notice, urgency in ((first, LATER), (fourth, URGENT), (third, URGENT)):
            connection.execute(update(TABLE).where(TABLE.c.id == notice).values(urgency=urgency))
    run(engine, channels(mail))
    assert [letter["To"] for letter in mail.letters] == [
        f"p{notice}@example.cn" for notice in (third, fourth, second, first)
    ]


def test_a_recipient_who_refuses_does_not_trip_the_breaker(engine: Engine, mail: MailServer) -> None:
    owe(engine, 12)
    mail.recipient_answers = ["550 no"] * 12
    assert Counter(states(run(engine, channels(mail)))) == {"failed": 12}
    assert breaker(engine) == []


def test_after_the_last_attempt_comes_the_next_channel(
    engine: Engine, mail: MailServer, web: WebServer
) -> None:
    (notice,) = owe(engine, channel="wecom_bot", attempts=LAST_ATTEMPT - 1, strikes=LAST_ATTEMPT - 1)
    chose(engine, "wecom_bot", wecom_bot="botkey-0123456789")
    web.default = (200, {"errcode": 93000, "errmsg": "invalid webhook url"})

    assert states(run(engine, channels(mail, web))) == ["dead"]
    run(engine, channels(mail, web))
    bot, letter = in_turn(engine)
    assert (bot.state, letter.state, letter.channel, letter.instead_of) == ("dead", "sent", "email", notice)
    assert (letter.cause, letter.text, letter.context) == (bot.cause, bot.text, bot.context)
    assert letter.message_id != bot.message_id
    assert [answer for _, _, _, answer in deliveries(engine)] == [
        'HTTP 200 {"errcode": 93000, "errmsg": "invalid webhook url"}',
        "250 queued as 1",
    ]
    assert incidents(engine) == []


def test_who_has_no_address_is_told_by_the_next_channel_at_once(engine: Engine, mail: MailServer) -> None:
    owe(engine, channel="wecom_bot")
    chose(engine, "wecom_bot")
    run(engine, channels(mail))
    run(engine, channels(mail))
    assert [(row.channel, row.state) for row in in_turn(engine)] == [("wecom_bot", "dead"), ("email", "sent")]
    assert incidents(engine) == []


def test_who_has_no_channel_left_is_an_incident(engine: Engine, mail: MailServer) -> None:
    owe(engine, 2)
    with writing(engine) as connection:
        connection.execute(update(PEOPLE).values(email=None))
    assert states(run(engine, channels(mail))) == ["dead", "dead"]
    assert incidents(engine) == [("delivery:email", 2)]


def test_a_channel_that_is_not_set_up_or_long_out_is_passed_by(engine: Engine, mail: MailServer) -> None:
    owe(engine, channel="sms")
    chose(engine, "sms", "email")
    run(engine, channels(mail))
    assert [(row.channel, row.state) for row in in_turn(engine)] == [("sms", "dead"), ("email", "sent")]
    assert deliveries(engine) == [(in_turn(engine)[1].id, 1, True, "250 queued as 1")]


def test_a_channel_that_is_long_out_is_passed_by(engine: Engine, mail: MailServer) -> None:
    owe(engine, 3, channel="wecom_bot")
    chose(engine, "wecom_bot", wecom_bot="botkey-0123456789")
    opened = {"opened_at": NOW - PATIENCE, "retry_at": NOW + MINUTE}
    with writing(engine) as connection:
        connection.execute(
            insert(Breaker.__table__).values(
                channel="wecom_bot", person_id=0, failures=9, probes=9, reason="gone", **opened
            )
        )
    run(engine, channels(mail))
    assert Counter((row.channel, row.state) for row in notices(engine)) == {
        ("wecom_bot", "dead"): 3,
        ("email", "sent"): 3,
    }


def test_a_digest_is_one_letter_and_each_notice_is_proved(engine: Engine, mail: MailServer) -> None:
    owed = owe(engine, 4, bundle="2024-08-01", urgency=LATER)
    with writing(engine) as connection:
        for number, notice in enumerate(owed):
            connection.execute(update(TABLE).where(TABLE.c.id == notice).values(cause=f"rung a {number} b"))
        connection.execute(update(TABLE).where(TABLE.c.id.in_(owed[:3])).values(recipient_id=owed[0]))
        connection.execute(update(TABLE).where(TABLE.c.id == owed[1]).values(text="gone"))
    mail.answers = ["450 later"]

    report = run(engine, channels(mail), limit=1)
    assert {attempt.notice.id: attempt.state for attempt in report.attempts} == dict.fromkeys(
        owed[:3], "failed"
    )
    run(engine, channels(mail), NOW + 2 * MINUTE)

    letters = [letter for letter in mail.letters if letter["To"] == f"p{owed[0]}@example.cn"]
    (letter,) = letters
    assert letter["Subject"] == "备案通知汇总（2条）"
    plain = letter.get_body(("plain",)).get_content()
    assert plain.count("请于2024年8月4日 18:00前推荐") == 2
    proved = [(notice, ok) for notice, _, ok, _ in deliveries(engine) if ok]
    assert sorted(proved) == [(owed[0], True), (owed[2], True), (owed[3], True)]
    assert [row.state for row in notices(engine)] == ["sent", "failed", "sent", "sent"]


def hooked(engine: Engine, web: WebServer, count: int = 3) -> list[int]:
    """A program that hears of several events of one case, in order."""
    owed = owe(engine, count, channel="webhook")
    chose(engine, "webhook", webhook=f"{web.url}/in")
    with writing(engine) as connection:
        for number, notice in enumerate(owed):
            connection.execute(
                update(TABLE)
                .where(TABLE.c.id == notice)
                .values(recipient_id=owed[0], cause=f"rung recommendation {number} x")
            )
    return owed


def test_a_program_hears_of_a_case_in_order(engine: Engine, web: WebServer) -> None:
    hooked(engine, web)
    web.answers = [(500, "")]
    web.default = (204, "")
    there = channels(web=web)
    assert states(run(engine, there)) == ["failed"]
    assert run(engine, there).attempts == ()
    run(engine, there, NOW + 2 * MINUTE)
    assert [json.loads(body)["cause"][-3] for _, _, body in web.requests] == ["0", "0", "1", "2"]


def test_a_flood_is_tried_again_and_marked_and_nothing_is_lost(engine: Engine, web: WebServer) -> None:
    hooked(engine, web, 1)
    web.answers, web.default = ["flood"], (204, "")
    there = channels(web=web)
    assert states(run(engine, there)) == ["failed"]
    assert states(run(engine, there, NOW + 2 * MINUTE)) == ["sent"]
    first, second = (json.loads(body)["id"] for _, _, body in web.requests)
    assert first == second
    assert [(row.state, row.possibly_twice) for row in notices(engine)] == [("sent", True)]


def test_a_programs_own_server_trips_its_own_breaker(engine: Engine, web: WebServer) -> None:
    owed = owe(engine, 12, channel="webhook")
    chose(engine, "webhook", webhook=f"{web.url}/in")
    web.default = (204, "")
    with writing(engine) as connection:
        seal = channels().seal
        connection.execute(
            update(Address.__table__)
            .where(Address.__table__.c.person_id == owed[0])
            .values(value=seal.seal(f"http://127.0.0.1:{free_port()}/gone"))
        )
        for number, notice in enumerate(owed[:6]):
            connection.execute(
                update(TABLE)
                .where(TABLE.c.id == notice)
                .values(recipient_id=owed[0], subject_id=None, seq=None, cause=f"x {number}")
            )
    report = run(engine, channels(web=web))
    assert Counter(states(report)) == {"failed": 5, "sent": 6}
    assert incidents(engine) == [(f"channel:webhook:{owed[0]}", 1)]
    (row,) = breaker(engine)
    assert (row.channel, row.person_id, row.failures) == ("webhook", owed[0], 5)
