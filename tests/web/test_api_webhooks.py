"""Webhooks through the interface: registered, listed, heard again; each program its own."""

import pytest
from sqlalchemy import update

from casework import clock
from models import Notice
from models.database import writing
from notifications.webhook import key_for
from tests.casework.city import City
from tests.web.test_api import program

HOOK = "https://systems.example.gov.cn/beian?of=pingjiang"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEIAN_SECRET_KEY", "门" * 32)
    monkeypatch.setenv("BEIAN_WEBHOOK_KEY", "钩" * 32)


def left(city: City, number: int) -> None:
    with writing(city.engine) as connection:
        values = {"state": "sent", "sent_at": clock.now(connection), "attempts": 1}
        connection.execute(update(Notice.__table__).where(Notice.__table__.c.id == number).values(values))


def test_a_webhook_is_registered_listed_and_heard_again(city: City, keys: None) -> None:
    wang = program(city, "wang", "district_officer")
    assert wang.ask("GET", "/webhook").json() == {"registered": False}
    answer = wang.ask("PUT", "/webhook", json={"url": HOOK})
    assert (answer.status_code, answer.json()) == (200, {"key": key_for("钩" * 32, HOOK)})
    assert wang.ask("GET", "/webhook").json() == {"registered": True}
    assert HOOK not in str(city.rows("addresses"))
    city.case_at("recommendation", 0)
    city.case_at("recommendation", 1)
    first = wang.ask("GET", "/webhook/deliveries?limit=1").json()
    second = wang.ask("GET", f"/webhook/deliveries?after={first['next']}").json()
    told = first["deliveries"] + second["deliveries"]
    assert [each["case"] for each in told] == ["YY2024-0001", "YY2024-0002"]
    assert second["next"] is None
    (one, two) = (each["number"] for each in told)
    left(city, one)
    again = wang.ask("POST", "/webhook/deliveries/replay", json={"numbers": [one, two, 999_999]})
    assert again.json() == {"numbers": [one]}
    row = next(row for row in city.rows("notices") if row["id"] == one)
    assert (row["state"], row["possibly_twice"], row["message_id"].strip("<>")) == (
        "pending",
        True,
        told[0]["id"],
    )
    assert wang.ask("DELETE", "/webhook").status_code == 204
    assert wang.ask("GET", "/webhook").json() == {"registered": False}


def test_nobody_hears_what_others_are_told(city: City, keys: None) -> None:
    wang, chen = program(city, "wang", "district_officer"), program(city, "chen", "city_officer")
    wang.ask("PUT", "/webhook", json={"url": HOOK})
    city.case_at("recommendation", 0)
    (one,) = wang.ask("GET", "/webhook/deliveries").json()["deliveries"]
    left(city, one["number"])
    assert chen.ask("GET", "/webhook/deliveries").json()["deliveries"] == []
    replay = {"numbers": [one["number"]]}
    assert chen.ask("POST", "/webhook/deliveries/replay", json=replay).json() == {"numbers": []}
    reads = program(city, "wang", "district_officer", "read")
    for method, path, body in (
        ("PUT", "", {"url": HOOK}),
        ("DELETE", "", None),
        ("POST", "/deliveries/replay", replay),
    ):
        assert reads.ask(method, f"/webhook{path}", json=body).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"url": "ftp://x"}, 422, "bad_address"),
        ({"url": "http://127.0.0.1:8080/in"}, 422, "bad_address"),
        ({"url": HOOK, "kinds": ["nothing"]}, 422, "bad_kind"),
        ({"kinds": ["*"]}, 422, "bad_request"),
    ],
)
def test_what_is_none_is_refused_by_name(
    city: City, keys: None, body: object, status: int, code: str
) -> None:
    answer = program(city, "wang", "district_officer").ask("PUT", "/webhook", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert city.count("addresses") == 0
    if code == "bad_address":
        (detail,) = problem["details"]
        assert detail["zh"].startswith("不是 webhook 的地址：")
        assert detail["en"] == problem["facts"]["why"]


def test_without_a_key_there_are_none(city: City) -> None:
    answer = program(city, "wang", "district_officer").ask("PUT", "/webhook", json={"url": HOOK})
    assert (answer.status_code, answer.json()["code"]) == (409, "webhooks_not_set_up")
