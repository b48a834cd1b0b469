"""What was typed is not lost: over a session that ended, and over a closing time that passed meanwhile."""

import io

import pytest
from pypdf import PdfReader

from casework import accounts, clock, sessions
from models.database import writing
from tests.casework.city import City
from tests.web.desk import Person, words
from web import kept
from web.kept import Kept

HERE = {"Sec-Fetch-Site": "same-origin"}
FORM = "/applicant/yueyang/YY2024-0001/form/consortium"


def _left_alone(city: City, person: Person) -> None:
    """End the person's sessions behind their back."""
    with writing(city.engine) as connection:
        who = city.people["zhang0"].person
        sessions.end_all(connection, who, city.rows("sessions")[0]["started_at"], but=0)
    person.client.headers.update(HERE)


def test_a_form_survives_the_end_of_its_session(city: City) -> None:
    case = city.filled(0)
    zhang = Person(city, "zhang0")
    zhang.opens(FORM)
    _left_alone(city, zhang)
    page = zhang.sends("/form/consortium", status=401, **{"consortium.summary": "分工如下：\n甲方牵头"})
    assert "您填写的内容已经保留" in page
    assert "summary" not in str(city.subject(case).application.form)
    again = Person(city, "zhang0")
    zhang.client.cookies.update(again.client.cookies)
    zhang.client.cookies.delete("beian_session")
    _set_password(city)
    page = zhang.sends("/sign-in", handle="zhang0", password="不太简单的密码一二三")
    assert "您刚才填写的内容还在" in page
    assert "甲方牵头" in words(page)
    zhang.sends("/form/consortium")
    saved = city.subject(case).application.form["consortium.summary"]
    assert saved == "分工如下：\n甲方牵头"


def test_a_wrong_password_does_not_lose_it_either(city: City) -> None:
    city.filled(0)
    zhang = Person(city, "zhang0")
    zhang.opens(FORM)
    _left_alone(city, zhang)
    zhang.sends("/form/consortium", status=401, **{"consortium.summary": "甲方牵头"})
    page = zhang.sends("/sign-in", status=422, handle="zhang0", password="wrong")
    assert "甲方牵头" in page


def test_what_another_site_sends_is_not_carried_on(city: City) -> None:
    city.filled(0)
    zhang = Person(city, "zhang0")
    zhang.opens(FORM)
    _left_alone(city, zhang)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}):
        answer = zhang.client.post(FORM, data={"consortium.summary": "假的"}, headers=headers)
        assert "假的" not in answer.text


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "[1,2]", '["x",[],false]', '["//evil.example",[],false]'),
        *('["/\\\\evil.example",[],false]', '["/\\t/evil.example",[],false]'),
    ],
)
def test_what_is_no_kept_form_is_none(text: str) -> None:
    assert kept.unpacked(text) is None


def test_a_kept_form_comes_out_as_it_went_in() -> None:
    form = Kept("/x?y=1", (("a", "“1”\n"), ("a", "2"), ("csrf", "z"), ("b", " ")), files=True)
    assert kept.unpacked(form.packed()) == form
    assert form.typed == [("a", "“1”\n"), ("a", "2")]


def test_the_closing_passes_while_the_form_is_open(city: City) -> None:
    case = city.filled(0)
    zhang = Person(city, "zhang0")
    zhang.opens(FORM)
    city.at("2024-08-04T18:00:01")
    page = words(zhang.sends("/form/consortium", status=422, **{"consortium.summary": "差一分钟"}))
    assert "填写已经截止" in page
    assert "本批次的申报于2024年8月4日 18:00截止" in page
    assert "差一分钟" in page
    assert "consortium.summary" not in city.subject(case).application.form
    page = words(zhang.opens("/applicant/yueyang/YY2024-0001"))
    assert "草稿的内容" in page
    assert "张三" in page


def test_typing_on_after_the_closing_is_told_in_place(city: City) -> None:
    city.filled(0)
    zhang = Person(city, "zhang0")
    zhang.opens(FORM)
    city.at("2024-08-04T18:00:01")
    assert "不能" in zhang.types(FORM, **{"consortium.summary": "差一分钟"})


def test_the_closing_passes_while_the_review_is_open(city: City) -> None:
    city.filled(0)
    zhang = Person(city, "zhang0")
    zhang.opens("/applicant/yueyang/YY2024-0001/review")
    city.at("2024-08-04T18:00:01")
    page = words(zhang.sends("/submit", status=422, truthful="true"))
    assert "填写已经截止" in page


def test_a_receipt_is_a_pdf_with_number_time_and_digest(city: City) -> None:
    city.case_at("recommendation", 0, "高端阀门")
    zhang = Person(city, "zhang0")
    answer = zhang.client.get("/applicant/yueyang/YY2024-0001/receipt.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    submitted = next(row for row in city.rows("events") if row["kind"] == "submitted")
    flat = "".join(text.replace("\x00", "").split())
    for told in ("YY2024-0001", "第0公司", "高端阀门", "2024年7月10日", submitted["hash"], "提交回执"):
        assert told in flat


def _set_password(city: City) -> None:
    with writing(city.engine) as connection:
        who = city.people["zhang0"].person
        accounts.set_password(connection, who, "不太简单的密码一二三", clock.present(None))
