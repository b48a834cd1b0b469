"""A forgotten password: the same answer for everybody, a link for its person alone."""

import datetime
import re
from functools import partial
from typing import Any, Final

from sqlalchemy import event
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casework import accounts, clock, delivery, forgotten
from casework.accounts import NotSignedIn, Place
from casework.sessions import SignedIn
from casework.texts import texts_of
from models.database import writing
from notifications.settings import ChannelSettings
from tests.casework.city import City
from tests.notifications.mail_server import serving
from tests.web.conftest import SEAL, browser
from tests.web.test_sign_in import HOUR, PASSWORD, send, token

URL = "https://beian.example.cn"
ANOTHER = "八月的山风 2024"
ANSWERED: Final = "the answer is complete"


def known(city: City) -> int:
    person = city.people["wang"].person
    with writing(city.engine) as connection:
        accounts.set_password(connection, person, PASSWORD, clock.present(None))
    return person


def link_of(city: City) -> str:
    (notice,) = [row for row in city.rows("notices") if row["text"] == "password_forgotten"]
    return SEAL.open(notice["context"]["sealed"]["link"])


def test_every_account_gets_the_same_answer_and_one_gets_a_link(city: City) -> None:
    person = known(city)
    client = browser(city, url=URL)
    answers = {
        re.sub(r'value="[^"]*"', "", send(client, "/forgotten", "/forgotten", handle=handle))
        for handle in ("wang", "nobody", "chen", "", "wang")
    }
    assert len(answers) == 1
    notices = [row for row in city.rows("notices") if row["text"] == "password_forgotten"]
    assert [row["recipient_id"] for row in notices] == [person]
    link = link_of(city)
    assert link not in str(notices)
    assert link.startswith(f"{URL}/welcome/")
    path = link.removeprefix(URL)
    send(client, path, path, new=ANOTHER)
    assert client.get(path).status_code == 404
    now = clock.present(None)
    place = Place("10.0.0.1")
    assert accounts.sign_in(city.engine, "wang", PASSWORD, "", place, now, HOUR) == NotSignedIn()
    assert isinstance(accounts.sign_in(city.engine, "wang", ANOTHER, "", place, now, HOUR), SignedIn)


def test_until_the_answer_is_complete_the_same_is_done_for_everybody(city: City) -> None:
    known(city)
    log: list[str] = []

    def heard(_: Any, __: Any, statement: str, *___: Any) -> None:
        log.append(statement.split(" WHERE", maxsplit=1)[0])

    def listening(app: ASGIApp) -> ASGIApp:
        async def listened(scope: Scope, receive: Receive, send: Send) -> None:
            async def sent(message: Message) -> None:
                await send(message)
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    log.append(ANSWERED)

            await app(scope, receive, sent)

        return listened

    client = browser(city, url=URL)
    csrf = token(client.get("/forgotten").text)
    client._transport.app = listening(client._transport.app)  # type: ignore[attr-defined]
    event.listen(city.engine, "before_cursor_execute", heard)
    told: dict[str, list[str]] = {}
    for handle in ("wang", "nobody", "chen", ""):
        log.clear()
        client.post("/forgotten", data={"csrf": csrf, "handle": handle})
        at = log.index(ANSWERED)
        told[handle] = log[:at]
        # What differs comes after it, and only then.
        assert any("INSERT INTO notices" in each for each in log[at:]) == (handle == "wang")
    assert told["wang"] == told["nobody"] == told["chen"] == told[""]
    assert any("sign_in_attempts" in each for each in told["wang"])


def test_a_link_is_over_soon_and_none_follows_at_once(city: City) -> None:
    known(city)
    now = clock.present(None)

    def ask(at: datetime.datetime) -> bool:
        return forgotten.send_link(city.engine, "wang", URL, SEAL, at)

    second = datetime.timedelta(seconds=1)
    assert [ask(now), ask(now + forgotten.PAUSE - second), ask(now + forgotten.PAUSE)] == [True, False, True]
    assert {row["ends_at"] - row["made_at"] for row in city.rows("invitations")} == {forgotten.LASTS}
    later = now + forgotten.PAUSE + forgotten.LASTS
    (last,) = [row for row in city.rows("notices") if row["text"] == "password_forgotten"][-1:]
    token = SEAL.open(last["context"]["sealed"]["link"]).rpartition("/")[2]
    with writing(city.engine) as connection:
        assert accounts.invited(connection, token, later - second) is not None
        assert accounts.accept(connection, token, ANOTHER, later) is None


def test_too_many_links_from_one_place_have_to_wait(city: City) -> None:
    client = browser(city, url=URL)
    pages = [send(client, "/forgotten", "/forgotten", handle="nobody") for _ in range(6)]
    assert ["请15分钟后再试" in page for page in pages] == [False] * 5 + [True]


def test_without_a_key_or_an_address_nothing_is_offered(city: City) -> None:
    client = browser(city)
    assert client.get("/forgotten").status_code == 404
    assert "/forgotten" not in client.get("/sign-in").text


def test_the_letter_has_the_link(city: City) -> None:
    known(city)
    assert forgotten.send_link(city.engine, "wang", URL, SEAL, clock.present(None))
    with serving() as mail:
        settings = ChannelSettings(smtp_url=mail.url, mail_from="beian@example.cn", secret_key="门" * 32)
        delivery.deliver_due(
            city.engine, partial(texts_of, city.engine), settings, lambda: clock.present(None), 1000
        )
    (letter,) = [each for each in mail.letters if each["subject"] == "重新设置密码"]
    body = letter.get_body(("plain",))
    assert body is not None
    assert link_of(city) in body.get_content()
