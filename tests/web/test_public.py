"""What everybody sees: in both languages, the same for all, without anybody's personal data."""

import re

import pytest

from tests.casework.city import FORM, City, database_file
from tests.web.conftest import browser
from tests.web.straight import Browser
from web.headers import POLICY

PAGES = ("/", "/calls/yueyang/2024", "/lists", "/register", "/register?q=%E9%98%80")


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_the_same_for_everybody_and_kept_for_a_minute(visitor: Browser, path: str) -> None:
    first = visitor.get(path)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Content-Security-Policy"] == POLICY
    assert "Set-Cookie" not in first.headers
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"], "Cookie": "beian_session=x"})
    assert (again.status_code, again.text) == (304, "")


@pytest.mark.parametrize("path", PAGES)
def test_english_pages_say_nothing_in_chinese_but_names(visitor: Browser, path: str) -> None:
    page = visitor.get(f"/en{'' if path == '/' else path}").text
    assert '<html lang="en"' in page
    shown = re.sub(r'<a [^>]*lang="zh-CN"[^>]*>.*?</a>|value="[^"]*"|“[^”]*”|href="[^"]*"', "", page)
    assert re.findall(r"[\u4e00-\u9fff]+", shown) == []


def test_an_open_call_is_shown_with_what_is_left(city: City) -> None:
    visitor = browser(city)
    page = visitor.get("/").text
    assert "2024年8月4日 18:00 截止" in page
    assert "还有 25 天" in page
    city.at("2024-08-04T16:30")
    assert "还有 90 分钟" in visitor.get("/").text
    city.at("2024-08-04T18:00:00.001")
    page = visitor.get("/").text
    assert "目前没有正在受理的申报通知" in page
    assert "岳阳市2024年度创新联合体申报（试行）" in page


def test_a_call_tells_its_rules_with_their_clauses(visitor: Browser) -> None:
    page = visitor.get("/calls/yueyang/2024").text
    for told in (
        "牵头单位近三年研发经费投入不少于1000万元",
        "2.1(3)（应当）",
        "设定，原文件未规定",
        "推荐单位提交",
        "不超过 20 MB",
        "10 个工作日",
    ):
        assert told in page


def test_the_register_is_searched_and_an_entry_checked(city: City) -> None:
    visitor = browser(city)
    for n, direction in enumerate(("高端阀门", "绿色石化")):
        city.case_at("selection", n, direction)
    cases = ["YY2024-0001", "YY2024-0002"]
    city.at("2024-08-05T09:00")
    city.do(city.call, "boss", "select", cases=cases)
    for n, case in enumerate(city.rows("cases")):
        city.do(
            case["subject_id"], "chen", "file", document_number=f"岳科发{n}号", document_date="2024-08-05"
        )
    page = visitor.get("/register").text
    assert "已备案 2 家" in page
    assert "岳阳市高端阀门创新联合体" in page
    found = visitor.get("/register", params={"q": "石化"}).text
    assert "查到 1 家" in found
    assert "岳阳市高端阀门创新联合体" not in found
    assert "查到 0 家" in visitor.get("/register", params={"q": "%"}).text
    on = {day: visitor.get("/register.json", params={"at": day}) for day in ("2024-08-04", "2024-08-05", "x")}
    assert [len(on[day].json()["entries"]) for day in ("2024-08-04", "2024-08-05")] == [0, 2]
    assert on["x"].status_code == 404
    entry = visitor.get("/register/yueyang/YYLHT-2024-001").text
    assert "岳阳市高端阀门创新联合体" in entry
    assert "2027年8月4日" in entry
    for path in ("/register", "/register/yueyang/YYLHT-2024-001", "/"):
        shown = visitor.get(path).text
        assert str(FORM["consortium.contact_name"]) not in shown
        assert str(FORM["consortium.contact_phone"]) not in shown


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nope", 404),
        ("/calls/yueyang/2025", 404),
        ("/calls/changsha/2024", 404),
        ("/lists/yueyang/2024/1", 404),
        ("/lists/yueyang/2024/x", 404),
        ("/register/yueyang/1", 404),
        ("/register?page=0", 404),
        ("/register?page=99", 200),
        (f"/register?q={'x' * 101}", 404),
    ],
)
def test_what_is_not_there_is_told_by_a_page(visitor: Browser, path: str, status: int) -> None:
    for prefix in ("", "/en"):
        answer = visitor.get(prefix + path)
        assert answer.status_code == status
        assert "text/html" in answer.headers["Content-Type"]
        assert "<h1" in answer.text


def test_too_much_is_refused_whether_announced_or_not(visitor: Browser) -> None:
    assert visitor.post("/sign-in", content=b"x" * 1_000_001).status_code == 413
    headers = {"Cookie": "beian_visit=x", "Content-Type": "application/x-www-form-urlencoded"}
    streamed = iter([b"x=" + b"y" * 600_000] * 2)
    assert visitor.post("/sign-in", content=streamed, headers=headers).status_code == 413


def test_programs_learn_that_it_works(visitor: Browser) -> None:
    answer = visitor.get("/health")
    assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, "ok", "no-store")


def test_programs_learn_what_does_not_work(city: City) -> None:
    visitor = browser(city)
    city.engine.dispose()
    place = database_file(city.engine)
    for part in place.parent.glob(f"{place.name}*"):
        part.write_bytes(b"no database" * 100)
    answer = visitor.get("/health")
    assert (answer.status_code, answer.text) == (503, "DatabaseDamaged: beian doctor")
    assert str(place.parent) not in answer.text
