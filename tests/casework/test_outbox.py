import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from casework import delivery, outbox
from casework.claimed import Claimed
from casework.delivery import Report, deliver_due
from casework.incidents import unresolved
from casework.outbox import LAST_ATTEMPT, PAUSES, Outcome, claim, record
from models import Delivery, Event, Notice, Person
from models.database import connect, reading, writing
from notifications.channel import Answer
from notifications.rendering import Texts
from notifications.settings import ChannelSettings
from tests.models.valid_rows import ROWS, fill
from tests.notifications.mail_server import MailServer, serving

NOW = datetime(2024, 8, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = 10 * MINUTE
FINE = Answer(True, "250 queued as 1", 12)
REFUSED = Answer(False, "550 no", 12)

TEXTS: Texts = {
    "to_endorse": {
        "zh": {"subject": "{{ case_number }}:请推荐", "body": "{{ name }}:\n请于{{ due|when }}前推荐。"},
        "en": {"subject": "{{ case_number }}: to endorse", "body": "{{ name }}, due {{ due|when }}."},
    }
}
CONTEXT = {"case_number": "2024-001", "name": "李娜", "due": "2024-08-04T18:00:00+08:00"}


def owe(engine: Engine, count: int = 1, **changes: Any) -> list[int]:
    """Notices to as many people; their numbers."""
    with writing(engine) as connection:
        fill(
            connection,
            ("bureaus", "organisations", "people", "revisions", "subjects", "calls", "cases", "events"),
        )
        for number in range(100, 100 + count):
            person = {
                **ROWS["people"][0],
                "id": number,
                "handle": f"p{number}",
                "id_digest": None,
                "email": f"p{number}@example.cn",
            }
            notice = {
                **ROWS["notices"][0],
                "id": number,
                "recipient_id": number,
                "text": "to_endorse",
                "context": CONTEXT,
                "created_at": NOW - MINUTE + timedelta(seconds=number / 1_000),
                "not_before": NOW - MINUTE + timedelta(seconds=number / 1_000),
                "message_id": f"<n{number}@beian.example.cn>",
            }
            connection.execute(insert(Person.__table__).values(person))
            connection.execute(insert(Notice.__table__).values(notice | changes))
    return list(range(100, 100 + count))


def notices(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(connection.execute(select(Notice.__table__).order_by(Notice.__table__.c.id)))


def deliveries(engine: Engine) -> list[tuple[int, int, bool, str]]:
    table = Delivery.__table__
    with reading(engine) as connection:
        rows = connection.execute(select(table).order_by(table.c.id))
        return [(row.notice_id, row.attempt, row.ok, row.answer) for row in rows]


def through(server: MailServer) -> ChannelSettings:
    return ChannelSettings(smtp_url=server.url, mail_from="beian@example.cn", channel_timeout=60, senders=1)


def run(
    engine: Engine,
    settings: ChannelSettings,
    at: datetime = NOW,
    limit: int = 1_000,
    texts_of: Callable[[int], Texts] = lambda _: TEXTS,
) -> Report:
    return deliver_due(engine, texts_of, settings, lambda: at, limit)


def settle(engine: Engine, notice: Claimed, answer: Answer, at: datetime) -> str:
    (attempt,) = record(engine, [Outcome(notice, answer, "c" * 64)], at)
    return attempt.state


def states(report: Report) -> list[str]:
    return [attempt.state for attempt in report.attempts]


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("BEIAN_SMTP_URL", raising=False)
    with serving() as server:
        yield server


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"not_before": NOW}, True),
        ({"not_before": NOW - timedelta(seconds=5)}, True),
        ({"not_before": NOW - timedelta(seconds=6)}, False),
        ({"not_before": NOW + timedelta(seconds=1)}, False),
        ({"not_before": NOW, "channel": "sms"}, False),
        ({"not_before": NOW, "state": "failed", "attempts": 1, "strikes": 1}, False),
        ({"not_before": NOW, "state": "dead"}, False),
    ],
)
def test_fresh_is_what_has_its_turn_just_now_on_a_usable_channel_and_was_never_tried(
    engine: Engine, changes: dict[str, Any], found: bool
) -> None:
    owe(engine, **changes)
    with reading(engine) as connection:
        assert outbox.fresh(connection, ["email", "wecom"], NOW) is found


def test_what_is_due_is_sent_once_and_proved(engine: Engine, mail_server: MailServer) -> None:
    owe(engine, 3)

    assert states(run(engine, through(mail_server))) == ["sent", "sent", "sent"]
    assert run(engine, through(mail_server)) == Report()

    assert deliveries(engine) == [(n, 1, True, f"250 queued as {n - 99}") for n in (100, 101, 102)]
    assert [(n.state, n.attempts, n.sent_at, n.leased_until, n.possibly_twice) for n in notices(engine)] == [
        ("sent", 1, NOW, None, False)
    ] * 3
    letter = mail_server.letters[0]
    assert letter["To"] == "p100@example.cn"
    assert letter["Subject"] == "2024-001:请推荐"
    assert letter["Message-ID"] == "<n100@beian.example.cn>"
    assert letter["References"] == "<subject-2@example.cn>"
    assert letter["Date"].datetime == NOW
    plain = letter.get_body(("plain",)).get_content()
    assert "李娜:\r\n请于2024年8月4日 18:00前推荐。" in plain
    assert "案件编号：2024-001" in plain


def test_each_reads_their_own_language(engine: Engine, mail_server: MailServer) -> None:
    (notice,) = owe(engine)
    with writing(engine) as connection:
        table = Notice.__table__
        connection.execute(table.update().where(table.c.id == notice).values(language="en"))
    run(engine, through(mail_server))
    assert mail_server.letters[0]["Subject"] == "2024-001: to endorse"


def test_a_notice_waits_for_its_hour(engine: Engine, mail_server: MailServer) -> None:
    owe(engine, not_before=NOW + MINUTE)
    assert run(engine, through(mail_server)) == Report()
    assert states(run(engine, through(mail_server), NOW + MINUTE)) == ["sent"]


def test_the_limit_holds_and_the_oldest_go_first(engine: Engine, mail_server: MailServer) -> None:
    owe(engine, 15)
    report = run(engine, through(mail_server), limit=12)
    assert [attempt.notice.id for attempt in report.attempts] == list(range(100, 112))
    assert Counter(n.state for n in notices(engine)) == {"sent": 12, "pending": 3}


def test_without_a_channel_everything_waits(engine: Engine) -> None:
    owe(engine)
    assert run(engine, ChannelSettings()) == Report(configured=False)
    assert [(n.state, n.attempts) for n in notices(engine)] == [("pending", 0)]


def test_a_notice_for_a_channel_that_is_not_configured_waits(engine: Engine, mail_server: MailServer) -> None:
    owe(engine, channel="wecom")
    assert run(engine, through(mail_server)) == Report()
    assert [(n.state, n.attempts) for n in notices(engine)] == [("pending", 0)]


def test_refused_for_now_then_sent(engine: Engine, mail_server: MailServer) -> None:
    (notice,) = owe(engine)
    mail_server.answers = ["450 greylisted"]

    assert states(run(engine, through(mail_server))) == ["failed"]
    (row,) = notices(engine)
    assert MINUTE <= row.not_before - NOW <= 1.1 * MINUTE
    assert (row.leased_until, row.possibly_twice) == (None, False)
    assert run(engine, through(mail_server), NOW + MINUTE / 2) == Report()

    assert states(run(engine, through(mail_server), NOW + 2 * MINUTE)) == ["sent"]
    assert deliveries(engine) == [(notice, 1, False, "450 greylisted"), (notice, 2, True, "250 queued as 1")]


def test_a_connection_lost_after_the_letter_is_marked(engine: Engine, mail_server: MailServer) -> None:
    owe(engine)
    mail_server.answers = [None]
    assert states(run(engine, through(mail_server))) == ["failed"]
    assert states(run(engine, through(mail_server), NOW + 2 * MINUTE)) == ["sent"]
    assert [letter["Message-ID"] for letter in mail_server.letters] == ["<n100@beian.example.cn>"] * 2
    assert notices(engine)[0].possibly_twice


def test_a_connection_lost_in_the_last_attempt_is_marked_too(engine: Engine, mail_server: MailServer) -> None:
    owe(engine, attempts=LAST_ATTEMPT - 1, strikes=LAST_ATTEMPT - 1)
    mail_server.answers = [None]
    assert states(run(engine, through(mail_server))) == ["dead"]
    assert len(mail_server.letters) == 1
    assert notices(engine)[0].possibly_twice


def test_pauses_grow_and_the_last_failure_opens_one_incident(engine: Engine, mail_server: MailServer) -> None:
    owe(engine, 2)
    mail_server.recipient_answers = ["550 no such mailbox"] * 2 * LAST_ATTEMPT
    settings, at, rests = through(mail_server), NOW, []
    for _ in PAUSES:
        assert set(states(run(engine, settings, at))) == {"failed"}
        rests.append([row.not_before - at for row in notices(engine)])
        at = max(row.not_before for row in notices(engine))
    for pause, rest in zip(PAUSES, rests, strict=True):
        assert all(pause <= one <= 1.1 * pause for one in rest)
        assert len(set(rest)) == 2

    report = run(engine, settings, at, limit=1)
    assert states(report) == ["dead"]
    with reading(engine) as connection:
        (incident,) = unresolved(connection)
    assert (incident["fingerprint"], incident["kind"], incident["occurrences"]) == (
        "delivery:email",
        "delivery",
        1,
    )
    assert "to p10" in incident["detail"]
    assert "550 no such mailbox" in incident["detail"]

    assert states(run(engine, settings, at)) == ["dead"]
    with reading(engine) as connection:
        (incident,) = unresolved(connection)
    assert incident["occurrences"] == 2
    assert run(engine, settings, at + timedelta(days=9)) == Report()
    assert Counter(attempt for _, attempt, _, _ in deliveries(engine)) == dict.fromkeys(
        range(1, LAST_ATTEMPT + 1), 2
    )


def test_one_notices_trouble_is_its_own(engine: Engine, mail_server: MailServer) -> None:
    unknown, speechless, unreachable, lost, fine = owe(engine, 5)
    with writing(engine) as connection:
        table, people = Notice.__table__, Person.__table__
        connection.execute(table.update().where(table.c.id == unknown).values(text="gone"))
        connection.execute(table.update().where(table.c.id == speechless).values(context={}))
        connection.execute(people.update().where(people.c.id == unreachable).values(email=None))
        event = ROWS["events"][0] | {"subject_id": 3, "act_key": "3"}
        connection.execute(insert(Event.__table__).values(event))
        connection.execute(table.update().where(table.c.id == lost).values(subject_id=3))

    def texts_of(subject: int) -> Texts:
        if subject == 3:
            raise RuntimeError("the revision cannot be read")
        return TEXTS

    report = run(engine, through(mail_server), texts_of=texts_of)

    assert {attempt.notice.id: (attempt.state, attempt.answer.detail) for attempt in report.attempts} == {
        unknown: ("failed", "TextError: text 'gone' (zh), subject: the pack has no 'gone'"),
        speechless: ("failed", "TextError: text 'to_endorse' (zh), subject: 'case_number' is undefined"),
        unreachable: ("dead", "NoAddress: p102 has no e-mail address"),
        lost: ("failed", "RuntimeError: the revision cannot be read"),
        fine: ("sent", "250 queued as 1"),
    }


def test_two_claimers_never_get_the_same(engine: Engine) -> None:
    owed = owe(engine, 120)

    def take(_: int) -> list[int]:
        taken = []
        while claimed := claim(engine, NOW, 7, LEASE):
            taken += [notice.id for notice in claimed]
        return taken

    with ThreadPoolExecutor(6) as threads:
        takings = list(threads.map(take, range(6)))
    assert sorted(notice for taking in takings for notice in taking) == owed
    assert {(n.state, n.attempts, n.possibly_twice) for n in notices(engine)} == {("sending", 1, False)}


def test_a_lease_that_ran_out_is_claimed_again_visibly(engine: Engine) -> None:
    (notice,) = owe(engine)
    assert [c.attempt for c in claim(engine, NOW, 5, LEASE)] == [1]
    assert claim(engine, NOW + LEASE - MINUTE, 5, LEASE) == []
    (again,) = claim(engine, NOW + LEASE, 5, LEASE)
    assert (again.id, again.attempt, again.possibly_twice) == (notice, 2, True)


@pytest.mark.parametrize("later", [FINE, REFUSED])
def test_a_success_reported_late_settles_the_notice(engine: Engine, later: Answer) -> None:
    owe(engine)
    (slow,) = claim(engine, NOW, 5, LEASE)
    (quick,) = claim(engine, NOW + LEASE, 5, LEASE)
    assert settle(engine, slow, FINE, NOW + LEASE) == "sent"
    assert settle(engine, quick, later, NOW + LEASE + MINUTE) == "sent"
    (row,) = notices(engine)
    assert (row.state, row.sent_at, row.possibly_twice) == ("sent", NOW + LEASE, True)
    assert len(deliveries(engine)) == 2


def test_a_failure_reported_late_changes_nothing(engine: Engine) -> None:
    owe(engine)
    (slow,) = claim(engine, NOW, 5, LEASE)
    (quick,) = claim(engine, NOW + LEASE, 5, LEASE)
    assert settle(engine, slow, REFUSED, NOW + LEASE) == "sending"
    assert settle(engine, quick, FINE, NOW + LEASE) == "sent"


def test_a_last_attempt_that_never_reports_back_is_not_made_again(engine: Engine) -> None:
    owe(engine, attempts=LAST_ATTEMPT - 1, strikes=LAST_ATTEMPT - 1)
    assert len(claim(engine, NOW, 5, LEASE)) == 1
    assert claim(engine, NOW + LEASE, 5, LEASE) == []
    assert (notices(engine)[0].state, notices(engine)[0].possibly_twice) == ("dead", True)
    with reading(engine) as connection:
        (incident,) = unresolved(connection)
    assert "never reported back" in incident["detail"]


def test_what_is_cut_off_again_and_again_is_tried_twice_as_often(engine: Engine) -> None:
    owe(engine)
    at, strikes = NOW, []
    while claim(engine, at, 5, LEASE):
        strikes.append(notices(engine)[0].strikes)
        at += LEASE
    assert strikes == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert len(strikes) == 2 * LAST_ATTEMPT
    assert (notices(engine)[0].state, notices(engine)[0].possibly_twice) == ("dead", True)


def test_what_a_slow_server_leaves_of_a_lease_is_given_back(
    engine: Engine, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(engine, 3)
    monkeypatch.setattr(delivery, "LEASE", 5 * timedelta(seconds=1))
    assert run(engine, through(mail_server)) == Report()
    assert mail_server.letters == []
    assert [(n.state, n.attempts, n.strikes, n.not_before) for n in notices(engine)] == [
        ("pending", 0, 0, NOW)
    ] * 3


def _deliver(url: str, smtp: str) -> None:
    settings = ChannelSettings(smtp_url=smtp, mail_from="beian@example.cn", channel_timeout=60)
    run(connect(url), settings)


def test_killed_between_sending_and_recording(engine: Engine, mail_server: MailServer) -> None:
    owe(engine)
    mail_server.silent = True
    url = engine.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=_deliver, args=(url, mail_server.url))
    process.start()
    deadline = time.monotonic() + 60
    while not mail_server.letters and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    mail_server.silent = False

    assert deliveries(engine) == []
    assert run(engine, through(mail_server)) == Report()
    assert states(run(engine, through(mail_server), NOW + LEASE)) == ["sent"]
    assert [letter["Message-ID"] for letter in mail_server.letters] == ["<n100@beian.example.cn>"] * 2
    (row,) = notices(engine)
    assert (row.state, row.attempts, row.possibly_twice) == ("sent", 2, True)
    assert [attempt for _, attempt, _, _ in deliveries(engine)] == [2]
