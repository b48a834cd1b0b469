"""Signing in through an identity provider: linked people, on its proved word, where they asked."""

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from casework import clock, identities
from casework.identities import TakenIdentity
from models.database import writing
from tests.casework.city import City
from tests.web.conftest import browser
from tests.web.desk import Person, words
from tests.web.identity_provider import CLIENT, SECRET, IdentityProvider, providing, query_of
from tests.web.straight import Browser

URL = "http://testserver"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with providing() as found:
        yield found


def settings(provider: IdentityProvider) -> dict[str, Any]:
    return {"url": URL, "oidc_issuer": provider.issuer, "oidc_client": CLIENT, "oidc_secret": SECRET}


def linked(city: City, provider: IdentityProvider, handle: str = "wang") -> None:
    with writing(city.engine) as connection:
        person = city.people[handle].person
        identities.link(connection, person, provider.issuer, provider.subject, clock.present(None))


def comes_back(client: Browser, provider: IdentityProvider, path: str = "/sign-in/provider") -> str:
    """Go to the provider and come back from it; return the page one lands on."""
    away = client.get(path, follow_redirects=False)
    assert away.status_code == 303, away.text
    return client.get(provider.authorize(query_of(away.headers["Location"]))).text


def test_whoever_is_linked_comes_in_where_they_wanted(city: City, provider: IdentityProvider) -> None:
    linked(city, provider)
    client = browser(city, **settings(provider))
    assert "/sign-in/provider" in client.get("/sign-in").text
    page = comes_back(client, provider, "/sign-in/provider?next=/account")
    assert '<h1 class="govuk-heading-xl">Wang</h1>' in page
    assert "beian_provider" not in client.cookies


def test_whoever_is_not_linked_is_told_how(city: City, provider: IdentityProvider) -> None:
    client = browser(city, **settings(provider))
    assert "还没有与本系统的账号关联" in comes_back(client, provider)
    assert city.count("sessions") == 0


def test_whoever_was_let_go_does_not_come_in(city: City, provider: IdentityProvider) -> None:
    linked(city, provider)
    with writing(city.engine) as connection:
        connection.exec_driver_sql("UPDATE people SET active = false WHERE handle = 'wang'")
    assert "还没有与本系统的账号关联" in comes_back(browser(city, **settings(provider)), provider)


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "yesterday's"},
        {"exp": 1_000_000_000},
        {"sub": ""},
        {"sub": "x" * 256},
    ],
)
def test_a_word_that_is_not_meant_for_us_now_is_none(
    city: City, provider: IdentityProvider, lies: dict[str, Any]
) -> None:
    linked(city, provider)
    provider.lies = lies
    assert "统一身份认证没有完成" in comes_back(browser(city, **settings(provider)), provider)
    assert city.count("sessions") == 0


def test_a_word_that_somebody_else_signed_is_none(city: City, provider: IdentityProvider) -> None:
    linked(city, provider)
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "1"})
    assert "统一身份认证没有完成" in comes_back(browser(city, **settings(provider)), provider)
    assert city.count("sessions") == 0


def test_a_code_works_in_the_browser_that_asked_and_once(city: City, provider: IdentityProvider) -> None:
    linked(city, provider)
    client, other = (browser(city, **settings(provider)) for _ in range(2))
    away = client.get("/sign-in/provider", follow_redirects=False).headers["Location"]
    back = provider.authorize(query_of(away))
    assert other.get(back).status_code == 422
    assert client.get(back.replace("state=", "state=x")).status_code == 422
    assert city.count("sessions") == 0


def test_people_link_and_unlink_themselves(city: City, provider: IdentityProvider) -> None:
    wang = Person(city, "wang", **settings(provider))
    page = wang.opens("/account")
    assert provider.subject not in page
    path = next(each for each in page.split('"') if each.startswith("/account/identities/new"))
    assert (
        wang.client.get("/account/identities/new?token=x", follow_redirects=False).headers["Location"]
        == "/account"
    )
    page = comes_back(wang.client, provider, path)
    assert "已更新统一身份认证的关联" in words(page)
    assert provider.subject in page
    with pytest.raises(TakenIdentity):
        linked(city, provider, "chen")
    wang.opens("/account")
    page = wang.sends("/identities/remove", identity=str(city.rows("identities")[0]["id"]))
    assert provider.subject not in page
    assert city.count("identities") == 0


def test_a_provider_that_does_not_answer_is_told(city: City, provider: IdentityProvider) -> None:
    set_up = {**settings(provider), "oidc_issuer": "http://127.0.0.1:9"}
    answer = browser(city, **set_up).get("/sign-in/provider")
    assert answer.status_code == 503
    assert "统一身份认证没有完成" in answer.text


def test_without_a_provider_there_is_none(city: City) -> None:
    client = browser(city)
    assert "/sign-in/provider" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status_code == 404
