"""Objections from the public, and the feed of what is published."""

import io
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database import connect, default_url
from tests.casework import published_call
from tests.casework.published_call import City
from tests.web.conftest import browser
from tests.web.desk import PDF, words
from tests.web.straight import Browser

LIST = "/lists/yueyang/2025/1"
FORM = f"{LIST}/objection"
GIVEN = {"text": "牵头单位不在本市", "objector": "李四", "contact": "13800000000"}


@pytest.fixture
def engine(sqlite_template: Callable[[bool], Path], tmp_path: Path) -> Engine:
    """A story of its own."""
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    return connect(default_url(tmp_path))


def _published(engine: Engine, **settings: bool) -> tuple[City, Browser, str]:
    """A published list, a visitor, and the number of the first case on it."""
    city = published_call.city(engine, **settings).publish("2025-09-26T09:00")
    return city, browser(city), city.numbers[0]  # type: ignore[arg-type]


def _send(client: Browser, status: int = 200, file: bytes | None = None, **fields: str) -> str:
    page = client.get(FORM).text
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key)" value="([^"]+)"', page))
    files = None if file is None else {"file": ("证据.pdf", io.BytesIO(file), "application/pdf")}
    answer = client.post(FORM, data={**hidden, **fields}, files=files)
    assert answer.status_code == status, words(answer.text)
    return answer.text


def test_an_objection_is_received_and_holds_its_entry(engine: Engine) -> None:
    city, visitor, case = _published(engine)
    assert f'href="{FORM}"' in visitor.get(LIST).text
    page = words(_send(visitor, case=case, file=PDF, **GIVEN))
    assert "异议已收到" in page
    assert f"{case}-Y1" in page
    (objection,) = city.objections(case)
    assert (objection.objector, objection.contact, objection.text) == (
        "李四",
        "13800000000",
        "牵头单位不在本市",
    )
    assert [name for name, _ in objection.evidence] == ["证据.pdf"]
    assert city.place(case) == "objection"
    shown = visitor.get(LIST).text
    assert "有异议，正在核实" in shown
    assert "李四" not in shown
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT person_id, role FROM events WHERE kind = 'objection_lodged'"
        ).one()
    assert tuple(row) == (None, "public")


def test_the_same_form_sent_twice_is_one_objection(engine: Engine) -> None:
    city, visitor, case = _published(engine)
    page = visitor.get(FORM).text
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key)" value="([^"]+)"', page))
    for _ in range(2):
        answer = visitor.post(FORM, data={**hidden, "case": case, **GIVEN})
        assert f"{case}-Y1" in answer.text
    assert len(city.objections(case)) == 1


def test_what_is_missing_is_named_and_what_was_typed_stays(engine: Engine) -> None:
    city, visitor, case = _published(engine)
    page = _send(visitor, 422, text="牵头单位不在本市")
    assert "请选择对哪一单位提出异议" in page
    assert "请填写姓名或单位名称" in page
    assert "牵头单位不在本市" in page
    page = _send(visitor, 422, file=b"no pdf", case=case, **GIVEN)
    assert "文件内容与扩展名不符" in page
    assert city.objections(case) == []


@pytest.mark.parametrize("taken", [True, False])
def test_anonymous_objections_are_taken_where_the_pack_says_so(engine: Engine, taken: bool) -> None:
    city, visitor, case = _published(engine, anonymous_objections=taken)
    assert ('name="anonymous"' in visitor.get(FORM).text) is taken
    _send(visitor, 200 if taken else 422, case=case, text="举报", anonymous="true", objector="王五")
    assert [each.objector for each in city.objections(case)] == ([None] if taken else [])


def test_after_the_publicity_there_is_no_form(engine: Engine) -> None:
    city, visitor, case = _published(engine)
    page = visitor.get(FORM).text
    hidden = dict(re.findall(r'type="hidden" name="(csrf|key)" value="([^"]+)"', page))
    city.at("2025-10-20T09:00")
    assert "这份名单现在不受理异议" in visitor.get(FORM).text
    answer = visitor.post(FORM, data={**hidden, "case": case, **GIVEN})
    assert answer.status_code == 422
    assert city.objections(case) == []
    assert visitor.get("/lists/yueyang/2025/9/objection").status_code == 404


def test_one_place_cannot_flood_a_list(engine: Engine) -> None:
    city, visitor, case = _published(engine)
    for n in range(5):
        _send(visitor, case=case, **{**GIVEN, "text": f"第{n}份"})
    assert "请15分钟后再试" in _send(visitor, 429, case=case, **GIVEN)
    assert len(city.objections(case)) == 5


def test_a_form_of_another_site_lodges_nothing(engine: Engine) -> None:
    city, visitor, case = _published(engine)
    answer = visitor.post(FORM, data={"case": case, **GIVEN}, follow_redirects=False)
    assert answer.status_code == 303
    assert city.objections(case) == []


def test_the_feed_tells_calls_and_lists(engine: Engine) -> None:
    _, visitor, _ = _published(engine)
    answer = visitor.get("/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    again = visitor.get("/feed.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(answer.text)  # noqa: S314 - our own
    links = [link.get("href") for link in feed.findall(f"{atom}entry/{atom}link")]
    assert links == [f"http://testserver{LIST}", "http://testserver/calls/yueyang/2025"]
    stamps = [each.text for each in feed.findall(f"{atom}entry/{atom}updated")]
    assert stamps[0] == feed.findtext(f"{atom}updated")
    assert stamps == sorted(map(str, stamps), reverse=True)
    english = ET.fromstring(visitor.get("/en/feed.atom").text)  # noqa: S314 - our own
    assert english.findtext(f"{atom}id") == "http://testserver/en"


def test_a_program_lodges_one_too_once_under_its_key(engine: Engine) -> None:
    city, visitor, case = _published(engine, anonymous_objections=False)
    at = "/api/v1/calls/yueyang/2025/lists/1/objections"

    def send(path: str = at, key: str = "one", **fields: str) -> tuple[int, dict[str, str]]:
        files = {"file": ("证据.pdf", io.BytesIO(PDF), "application/pdf")}
        answer = visitor.post(
            path, data={"case": case, **fields}, files=files, headers={"Idempotency-Key": key}
        )
        return answer.status_code, answer.json()

    lodged = send(**GIVEN)
    assert (lodged[0], lodged[1]["number"]) == (201, f"{case}-Y1")
    assert send(**GIVEN) == lodged
    (objection,) = city.objections(case)
    assert (objection.objector, [name for name, _ in objection.evidence]) == ("李四", ["证据.pdf"])
    nameless = {"text": "牵头单位不在本市"}
    assert [
        send(key="two", **nameless)[1]["code"],
        send(key="two", anonymous="true", **nameless)[1]["code"],
    ] == [
        "objector_missing",
        "anonymous_not_accepted",
    ]
    assert send(at.replace("lists/1", "lists/2"), **GIVEN)[0] == 404
    assert len(city.objections(case)) == 1
