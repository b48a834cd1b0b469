"""Signing in: what is asked, what is told, how guessing is slowed, and what ends when."""

import datetime
import re
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine, update

from casework import accounts, attempts, clock, second_factor, sessions
from casework.accounts import NotSignedIn, Place
from casework.sessions import SignedIn
from models.database import reading, writing
from models.session import Session
from notifications.secret import NoKey, Seal, WrongKey
from tests.casework.city import City, build
from tests.web.conftest import SEAL, browser
from tests.web.straight import Browser
from web.app import NoDemonstration, create_app
from web.settings import PortalSettings
from web.visitor import DESKS

PASSWORD = "七月的湖水 1958"
HOUR = datetime.timedelta(hours=1)
IDLE = datetime.timedelta(minutes=30)


def token(page: str) -> str:
    """Return the token of a page's first form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


def send(client: Browser, path: str, form: str, **fields: str) -> str:
    """Send a form that the page ``form`` shows and return the page after it."""
    csrf = token(client.get(form).text)
    answer = client.post(path, data={"csrf": csrf, **fields})
    return answer.text


@pytest.fixture
def known(city: City) -> City:
    """The city, where the officer wang has a password."""
    with writing(city.engine) as connection:
        accounts.set_password(connection, city.people["wang"].person, PASSWORD, clock.present(None))
    return city


def test_whoever_signs_in_goes_where_they_wanted_and_out_again(known: City) -> None:
    client = browser(known)
    asked = client.get("/account", follow_redirects=False)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/sign-in?next=/account")
    page = send(
        client, "/sign-in", "/sign-in?next=/account", handle="wang", password=PASSWORD, next="/account"
    )
    assert '<h1 class="govuk-heading-xl">Wang</h1>' in page
    cookies = {cookie.name: cookie for cookie in client.cookies.jar}
    assert set(cookies) == {"beian_session", "beian_browser"}
    assert all(cookie.has_nonstandard_attr("HttpOnly") for cookie in cookies.values())
    send(client, "/sign-out", "/account")
    assert client.get("/account", follow_redirects=False).status_code == 303


def test_every_no_sounds_the_same(known: City) -> None:
    client = browser(known)
    answers = {
        re.sub(r'value="[^"]*"', "", send(client, "/sign-in", "/sign-in", handle=handle, password=password))
        for handle, password in (("wang", "wrong"), ("nobody", PASSWORD), ("chen", PASSWORD), ("", ""))
    }
    assert len(answers) == 1
    assert "账号、密码或验证码不正确" in answers.pop()


def test_guessing_is_slowed_where_it_comes_from_and_nowhere_else(known: City) -> None:
    now = clock.present(None)

    def sign_in(password: str, place: Place, at: datetime.datetime = now) -> SignedIn | NotSignedIn:
        return accounts.sign_in(known.engine, "wang", password, "", place, at, HOUR)

    own = sign_in(PASSWORD, Place("10.0.0.1"))
    assert isinstance(own, SignedIn)
    there = Place("10.0.0.2")
    assert [sign_in("guess", there) for _ in range(6)] == [NotSignedIn()] * 5 + [NotSignedIn(wait=True)]
    assert sign_in(PASSWORD, there) == NotSignedIn(wait=True)
    assert isinstance(sign_in(PASSWORD, Place("10.0.0.3")), SignedIn)
    # The browser in which wang signed in before is let in even from the place that is held up.
    assert isinstance(sign_in(PASSWORD, Place("10.0.0.2", own.browser_token)), SignedIn)
    assert isinstance(sign_in(PASSWORD, there, now + attempts.WINDOW + IDLE), SignedIn)


def test_one_place_cannot_try_one_account_after_the_other(known: City) -> None:
    now = clock.present(None)
    with writing(known.engine) as connection:
        noted = [attempts.note(connection, f"n{n}", "p" * 64, now) for n in range(51)]
    assert [attempt is not None for attempt in noted] == [True] * 50 + [False]


def test_the_second_factor_asks_for_a_code_that_works_once(known: City) -> None:
    person = known.people["wang"].person
    now = clock.present(None)
    with writing(known.engine) as connection:
        address = second_factor.propose(connection, person, SEAL)
        assert second_factor.propose(connection, person, SEAL) == address
        totp = pyotp.parse_uri(address)
        assert isinstance(totp, pyotp.TOTP)
        assert not second_factor.confirm(connection, person, "000000x", now, SEAL)
        assert second_factor.confirm(connection, person, totp.at(now), now, SEAL)

    def sign_in(code: str, at: datetime.datetime) -> SignedIn | NotSignedIn:
        return accounts.sign_in(known.engine, "wang", PASSWORD, code, Place("10.0.0.1"), at, HOUR, SEAL)

    later = now + datetime.timedelta(seconds=30)
    assert sign_in("", now) == sign_in(totp.at(now), now) == NotSignedIn()  # used at the confirmation
    assert isinstance(sign_in(f" {totp.at(later)[:3]} {totp.at(later)[3:]}", later), SignedIn)
    assert sign_in(totp.at(later), later) == NotSignedIn()


def test_secrets_of_second_factors_rest_sealed_and_keys_can_be_changed(known: City, tmp_path: Path) -> None:
    person = known.people["wang"].person
    with writing(known.engine) as connection:
        secret = pyotp.parse_uri(second_factor.propose(connection, person, SEAL)).secret
    assert secret not in str(known.rows("credentials"))
    for missing in (None, Seal(["other" * 7])):
        with pytest.raises((NoKey, WrongKey)):
            create_app(known.engine, tmp_path, PortalSettings(), missing)
    both = Seal(["new" * 11, "门" * 32])
    with writing(known.engine) as connection:
        assert second_factor.seal_anew(connection, both) == 1
    with writing(known.engine) as connection:
        again = pyotp.parse_uri(second_factor.propose(connection, person, Seal(["new" * 11])))
        assert again.secret == secret
        with pytest.raises(WrongKey):
            second_factor.require_key(connection, SEAL)


def test_an_invitation_is_good_for_one_password(city: City) -> None:
    with writing(city.engine) as connection:
        person = city.people["zhang0"].person if "zhang0" in city.people else city.people["li"].person
        void = accounts.invite(connection, person, clock.present(None))
        link = accounts.invite(connection, person, clock.present(None))
    client = browser(city)
    assert client.get(f"/welcome/{void}").status_code == 404
    assert "密码至少 10 个字符" in send(client, f"/welcome/{link}", f"/welcome/{link}", new="short")
    assert "这个密码太简单" in send(client, f"/welcome/{link}", f"/welcome/{link}", new="1111111111")
    page = send(client, f"/welcome/{link}", f"/welcome/{link}", new=PASSWORD)
    assert "<h1" in page
    assert client.get(f"/welcome/{link}").status_code == 404
    assert "wang" not in send(client, "/sign-in", "/sign-in", handle="li", password=PASSWORD)
    assert client.get("/account").status_code == 200


def test_sessions_are_listed_and_ended_by_their_owner_only(known: City) -> None:
    one, other = browser(known), browser(known)
    for client in (one, other):
        send(client, "/sign-in", "/sign-in", handle="wang", password=PASSWORD)
    page = one.get("/account").text
    assert page.count("最近使用") == 2
    number = re.search(r'name="session" value="(\d+)"', page)
    assert number
    with writing(known.engine) as connection:  # somebody else's wish ends nothing
        sessions.end(connection, known.people["li"].person, int(number[1]), clock.present(None))
    assert other.get("/account").status_code == 200
    send(one, "/account/sessions", "/account", session=number[1])
    assert other.get("/account", follow_redirects=False).status_code == 303
    assert one.get("/account").status_code == 200


def test_a_changed_password_ends_every_other_session(known: City) -> None:
    one, other = browser(known), browser(known)
    for client in (one, other):
        send(client, "/sign-in", "/sign-in", handle="wang", password=PASSWORD)
    assert "现在的密码不正确" in send(one, "/account/password", "/account", old="x", new=f"{PASSWORD}!")
    assert "不能包含账号" in send(one, "/account/password", "/account", old=PASSWORD, new="wangwangwang 12")
    assert "密码已更改" in send(one, "/account/password", "/account", old=PASSWORD, new=f"{PASSWORD}!")
    assert other.get("/account", follow_redirects=False).status_code == 303


def test_a_session_ends_by_time_by_rest_and_with_the_person(known: City) -> None:
    now = clock.present(None)
    done = accounts.sign_in_without(known.engine, "wang", Place("10.0.0.1"), now, HOUR)
    assert done is not None

    def is_in(at: datetime.datetime) -> bool:
        with reading(known.engine) as connection:
            day = datetime.date(2024, 7, 10)
            return sessions.viewer(known.engine, connection, done.token, at, IDLE, day) is not None

    assert is_in(now + datetime.timedelta(minutes=29))  # which is noted as use
    assert is_in(now + datetime.timedelta(minutes=58))
    assert not is_in(now + HOUR)
    with writing(known.engine) as connection:
        connection.execute(update(Session.__table__).values(seen_at=now - IDLE))
    assert not is_in(now)


def test_forms_from_elsewhere_do_nothing(known: City) -> None:
    client = browser(known)
    csrf = token(client.get("/sign-in").text)
    good = {"handle": "wang", "password": PASSWORD, "csrf": csrf}
    stranger = browser(known)
    for wrong, headers, status in (
        ({**good, "csrf": "x.y"}, {}, 303),
        ({**good, "csrf": ""}, {}, 303),
        (good, {"Sec-Fetch-Site": "cross-site"}, 400),
    ):
        answer = client.post("/sign-in", data=wrong, headers=headers, follow_redirects=False)
        assert answer.status_code == status
        assert "beian_session" not in client.cookies
    answer = stranger.post("/sign-in", data=good, follow_redirects=False)
    assert answer.headers["Location"] == "/sign-in?ended=1"


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "x", "/a b"])
def test_nobody_is_led_elsewhere_after_signing_in(known: City, path: str) -> None:
    client = browser(known)
    csrf = token(client.get("/sign-in").text)
    form = {"csrf": csrf, "handle": "wang", "password": PASSWORD, "next": path}
    assert client.post("/sign-in", data=form, follow_redirects=False).headers["Location"] == "/desk"


def test_a_demonstration_needs_its_setting_and_a_story(city: City, engine: Engine, tmp_path: Path) -> None:
    city.person("ops", "operations", bureau_id=city.city)
    city.lead(0)
    client = browser(city)
    csrf = token(client.get("/sign-in").text)
    assert "演示登录" not in client.get("/sign-in").text
    assert client.post("/demonstration", data={"csrf": csrf, "handle": "wang"}).status_code == 404
    assert "beian_session" not in client.cookies
    shown = browser(city, demonstration=True)
    page = shown.get("/sign-in").text
    assert "演示环境" in page
    assert set(re.findall(r'name="next" value="(/[a-z]+)"', page)) == {f"/{desk}" for desk in DESKS.values()}
    csrf = token(page)
    assert shown.post("/demonstration", data={"csrf": csrf, "handle": "ghost"}).status_code == 404
    shown.post("/demonstration", data={"csrf": csrf, "handle": "wang"}, follow_redirects=False)
    assert shown.get("/account").status_code == 200
    with pytest.raises(NoDemonstration):
        create_app(engine, tmp_path, PortalSettings(demonstration=True))


def test_over_https_cookies_belong_to_the_host(known: City) -> None:
    client = browser(known, secure=True)
    client.base_url = "https://testserver"
    answer = client.get("/sign-in")
    assert answer.headers["Set-Cookie"].startswith("__Host-beian_visit=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.postgres
def test_accounts_work_on_postgresql(story_engine: Engine) -> None:
    city = build(story_engine)
    now = clock.present(None)
    with writing(city.engine) as connection:
        accounts.set_password(connection, city.people["wang"].person, PASSWORD, now)
    done = accounts.sign_in(city.engine, "wang", PASSWORD, "", Place("::1"), now, HOUR)
    assert isinstance(done, SignedIn)
    with reading(city.engine) as connection:
        day = datetime.date(2024, 7, 10)
        viewer = sessions.viewer(city.engine, connection, done.token, now, IDLE, day)
    assert viewer is not None
    assert (viewer.handle, viewer.roles) == ("wang", ("district_officer",))
