import logging
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from apprise import Apprise

from notifications.channel import Answer, deliver
from notifications.message import Message
from tests.notifications.mail_server import MailServer, free_port, scripted, serving

MESSAGE = Message(
    recipient="li.na@example.gov.cn",
    subject="岳阳市创新联合体备案:推荐截止提醒,请于2024年8月4日18:00前完成(案件编号 YY-2024-0007)",
    plain="李娜:\n\n推荐函尚未提交。\n.一行以句点开头\n",
    html='<!doctype html><html lang="zh"><body><p>推荐函尚未提交。</p></body></html>',
    message_id="<4f1c2a@beian.example.gov.cn>",
    thread="<case-7@beian.example.gov.cn>",
    at=datetime(2024, 8, 1, 1, tzinfo=UTC),
)
SENDER = "&from=%E7%A7%91%E6%8A%80%E5%B1%80%20%3Cbeian%40example.gov.cn%3E"


def send(server: MailServer | str, message: Message = MESSAGE, timeout: float = 60) -> Answer:
    base = server if isinstance(server, str) else server.url
    return deliver(f"{base}?to={message.recipient}{SENDER}", message, timeout)


def part(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def test_a_letter_arrives_as_it_was_meant(mail_server: MailServer) -> None:
    answer = send(mail_server)

    assert (answer.ok, answer.detail, answer.uncertain) == (True, "250 queued as 1", False)
    (letter,) = mail_server.letters
    assert mail_server.envelopes == [("beian@example.gov.cn", ["li.na@example.gov.cn"])]
    assert letter["Subject"] == MESSAGE.subject
    assert letter["From"] == "科技局 <beian@example.gov.cn>"
    assert letter["To"] == "li.na@example.gov.cn"
    assert letter["Date"].datetime == MESSAGE.at
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "multipart/alternative"
    assert part(letter, "plain") == MESSAGE.plain
    assert part(letter, "html").strip() == MESSAGE.html


@pytest.mark.parametrize(
    ("subject", "recipient"),
    [
        (MESSAGE.subject, MESSAGE.recipient),
        ("YY2024-0007: due soon", "li+x@a-b.example.cn"),
        ("due " * 30, f"{'x' * 60}@{'y' * 30}.example.cn"),
        ("=?utf-8?q?due?= soon", MESSAGE.recipient),
    ],
)
def test_headers_are_what_the_library_would_write(
    mail_server: MailServer, subject: str, recipient: str
) -> None:
    message = replace(MESSAGE, subject=subject.strip(), recipient=recipient)
    send(mail_server, message)
    letter = EmailMessage(SMTP.clone(cte_type="7bit"))
    letter["From"] = "科技局 <beian@example.gov.cn>"
    letter["To"] = recipient
    letter["Subject"] = message.subject
    letter["Date"] = message.at
    letter["Message-ID"] = message.message_id
    letter["In-Reply-To"] = letter["References"] = message.thread
    letter["Auto-Submitted"] = "auto-generated"
    (raw,) = mail_server.raw
    assert raw.partition(b"MIME-Version")[0] == letter.as_bytes().removesuffix(b"\r\n")


def test_threads_and_identity_are_the_notices_own(mail_server: MailServer) -> None:
    send(mail_server)
    (letter,) = mail_server.letters
    assert letter.get_all("Message-ID") == ["<4f1c2a@beian.example.gov.cn>"]
    assert letter.get_all("References") == ["<case-7@beian.example.gov.cn>"]
    assert letter.get_all("In-Reply-To") == ["<case-7@beian.example.gov.cn>"]


def test_the_letter_needs_neither_eight_bits_nor_long_lines(mail_server: MailServer) -> None:
    send(mail_server)
    (raw,) = mail_server.raw
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 78


def test_nobody_listens_at_the_port() -> None:
    answer = send(f"mailto://127.0.0.1:{free_port()}")
    assert not answer.ok
    assert not answer.uncertain
    assert "ConnectionRefusedError" in answer.detail


def test_refused_for_now_then_taken(mail_server: MailServer) -> None:
    mail_server.answers = ["450 4.7.1 greylisted, come back"]
    assert send(mail_server) == Answer(
        False, "450 4.7.1 greylisted, come back", duration_ms=pytest.approx(0, abs=60_000)
    )
    assert send(mail_server).ok
    assert len(mail_server.letters) == 1


def test_refused_for_good(mail_server: MailServer) -> None:
    mail_server.recipient_answers = ["550 5.1.1 没有这个用户"]
    answer = send(mail_server)
    assert (answer.ok, answer.uncertain) == (False, False)
    assert answer.detail == "550 5.1.1 没有这个用户"
    assert mail_server.letters == []


def test_a_connection_lost_after_the_letter_leaves_it_uncertain(mail_server: MailServer) -> None:
    mail_server.answers = [None]
    answer = send(mail_server)
    assert (answer.ok, answer.uncertain) == (False, True)
    assert "SMTPServerDisconnected" in answer.detail
    assert len(mail_server.letters) == 1


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = send(f"mailto://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3)
    assert not answer.ok
    assert answer.duration_ms >= 250
    assert "timed out" in answer.detail


def test_a_farewell_gone_wrong_does_not_undo_the_delivery() -> None:
    with scripted(QUIT="500 never") as url:
        answer = send(url)
    assert (answer.ok, answer.detail) == (True, "250 taken")


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "END"])
def test_a_refusal_at_any_step_is_certain(step: str) -> None:
    with scripted(**{step: "554 5.7.1 not here"}) as url:
        answer = send(url)
    assert (answer.ok, answer.detail, answer.uncertain) == (False, "554 5.7.1 not here", False)


def test_login_with_a_password_full_of_signs() -> None:
    with serving(auth_require_tls=False) as server:
        answer = send(f"mailto://user:p%40ss%20word@127.0.0.1:{server.port}")
        assert answer.ok, answer.detail
        assert server.logins == [(b"user", b"p@ss word")]


def test_a_refused_password_is_not_repeated_in_the_answer() -> None:
    with serving(auth_require_tls=False) as server:
        answer = send(f"mailto://user:hunter22@127.0.0.1:{server.port}")
    assert not answer.ok
    assert answer.detail.startswith("535")
    assert "hunter22" not in answer.detail


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (
            "mailto://127.0.0.1:25?to=nobody&from=a@b.cn",
            "mailto://127.0.0.1 cannot be used: Dropped invalid To email (nobody)",
        ),
        (
            "mailto://127.0.0.1:25?to=li.na@example.gov.cn,b@example.cn&from=a@b.cn",
            "is not one e-mail address",
        ),
        ("mailto://127.0.0.1:25?to=li.na@example.gov.cn&cc=b@example.cn&from=a@b.cn", "cc, bcc and pgp"),
        ("mailto://u:geheim@?to=x", "cannot be used"),
        (
            "pigeon://u:geheim@loft.example.cn/",
            "pigeon://**** cannot be used: ",
        ),
        ("mailto://[u:geheim", "The channel's URL cannot be used"),
        ("no address at all", "The channel's URL cannot be used"),
        ("", "The channel's URL cannot be used"),
    ],
)
def test_an_unusable_url_is_named_without_its_secrets(url: str, named: str) -> None:
    answer = deliver(url, MESSAGE, 1)
    assert not answer.ok
    assert named in answer.detail
    assert "geheim" not in answer.detail


def test_an_address_that_is_none_is_refused_before_any_talk(mail_server: MailServer) -> None:
    bad = Message("li.na", "x", "x", "x", "<1@x>", "<2@x>", MESSAGE.at)
    answer = send(mail_server, bad)
    assert not answer.ok
    assert "'li.na' is not one e-mail address" in answer.detail


def test_a_subject_cannot_smuggle_a_header(mail_server: MailServer) -> None:
    bad = Message(MESSAGE.recipient, "x\r\nBcc: all@example.cn", "x", "x", "<1@x>", "<2@x>", MESSAGE.at)
    answer = send(mail_server, bad)
    assert not answer.ok
    assert mail_server.letters == []


def test_options_of_the_url_cannot_call_a_failure_a_success(mail_server: MailServer) -> None:
    mail_server.answers = ["450 later", "450 later"]
    answer = deliver(f"{mail_server.url}?to={MESSAGE.recipient}{SENDER}&optional=yes&retry=1", MESSAGE, 5)
    assert not answer.ok
    assert len(mail_server.answers) == 1


@pytest.mark.parametrize("result", [False, None, type("Partial", (), {"__bool__": lambda _: False})()])
def test_whatever_is_not_a_full_success_is_a_failure(result: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Apprise, "notify", lambda *_, **__: result)
    assert not send("mailto://127.0.0.1:1").ok


def test_other_channels_answer_through_apprises_log() -> None:
    answer = deliver(f"json://127.0.0.1:{free_port()}/", MESSAGE, 1)
    assert not answer.ok
    assert "Connection refused" in answer.detail


def test_apprise_says_nothing_in_our_logs(mail_server: MailServer) -> None:
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append
    logging.getLogger().addHandler(handler)
    try:
        deliver("pigeon://u:geheim@loft.example.cn/", MESSAGE, 1)
        send(mail_server)
    finally:
        logging.getLogger().removeHandler(handler)
    assert [record for record in records if record.name.startswith("apprise")] == []


def test_letters_sent_at_once_do_not_mix_their_answers(mail_server: MailServer) -> None:
    answers: list[Answer] = []
    refused = f"mailto://127.0.0.1:{free_port()}"
    threads = [
        threading.Thread(target=lambda to=to: answers.append(send(to))) for to in [mail_server, refused] * 8
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.detail.split()[0] for a in answers) == ["250"] * 8 + ["ConnectionRefusedError:"] * 8
