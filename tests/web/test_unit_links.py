"""A unit nobody of which is known: invited by a link, it opens an account and answers for itself."""

import datetime
import re

import pytest

from casework import clock, first_people, unit_links
from casework.first_people import NotAwaitedError
from casework.unit_links import CannotLinkError, NoLinkError
from models.database import reading, writing
from procedure.instant import calendar_day
from tests.casework.city import City, lead_uscc
from tests.web.conftest import SEAL, browser
from tests.web.desk import Person, words
from tests.web.straight import Browser
from tests.web.test_applicant import CASE, drafted
from tests.web.test_password_forgotten import URL
from tests.web.test_sign_in import PASSWORD, send, token

NEW = lead_uscc(77)
TODAY = calendar_day("2024-07-10")


@pytest.fixture
def zhang(city: City) -> Person:
    """The applicant with a draft into which an unknown unit is invited."""
    drafted(city)
    person = Person(city, "zhang0", url=URL)
    person.opens(f"{CASE}/members")
    person.sends("/members", uscc=NEW, name="湘北密封件厂", kind="enterprise")
    return person


def sent(city: City) -> list[str]:
    """Return the paths of the links that were sent, in order."""
    notices = [row for row in city.rows("notices") if row["text"] == "unit_link"]
    return [SEAL.open(row["context"]["sealed"]["link"]).removeprefix(URL) for row in notices]


def asks(zhang: Person, to: str = "sun@example.org", status: int = 200) -> str:
    zhang.opens(f"{CASE}/members")
    return zhang.sends("/members/link", status=status, contact="孙工", to=to)


def join(client: Browser, path: str, **fields: str) -> str:
    return send(client, path, path, **{"uscc": NEW, "name": "孙丽", "new": PASSWORD, **fields})


def test_a_unit_opens_an_account_by_link_and_confirms(city: City, zhang: Person) -> None:
    page = asks(zhang)
    assert "链接已发往 sun@example.org" in words(page)
    (path,) = sent(city)
    assert path not in str(city.rows("notices"))
    assert path.rpartition("/")[2] not in str(city.everything())
    client = browser(city, url=URL)
    welcome = client.get(path)
    for secret in (NEW, "湘北密封件厂", lead_uscc(0), "第0公司", "YY2024", "孙工", "sun@"):
        assert secret not in welcome.text
    roles = city.count("roles")
    assert "与受邀单位的统一社会信用代码不一致" in join(client, path, uscc=lead_uscc(78))
    assert "请填写姓名" in join(client, path, name=" ")
    assert "至少" in join(client, path, new="short")
    assert (city.count("roles"), city.count("credentials")) == (roles, 0)
    join(client, path)
    person = city.rows("people")[-1]
    assert (person["name"], person["email"], person["active"]) == ("孙丽", "sun@example.org", True)
    assert client.get(path).status_code == 404
    page = send(client, "/sign-in", "/sign-in", handle=person["handle"], password=PASSWORD, next="/member")
    assert "YY2024-0001" in page
    sun = Person(city, person["handle"])
    sun.opens("/member/yueyang/YY2024-0001")
    assert "已确认" in words(sun.sends("/confirm"))
    page = zhang.opens(f"{CASE}/members")
    assert "/members/link" not in page
    assert "由孙丽通过邀请链接确认，待市科技局核实" in words(page)


def joined(city: City, zhang: Person) -> Person:
    """Return the unit's first person, who has come by the link and confirmed."""
    asks(zhang)
    (path,) = sent(city)
    join(browser(city, url=URL), path)
    sun = Person(city, city.rows("people")[-1]["handle"])
    sun.opens("/member/yueyang/YY2024-0001")
    sun.sends("/confirm")
    return sun


def test_the_bureau_says_once_that_a_first_person_is_of_the_unit(city: City, zhang: Person) -> None:
    joined(city, zhang)
    chen = Person(city, "chen")
    page = words(chen.opens("/bureau/first-people"))
    assert f"湘北密封件厂 {NEW} 孙丽 sun@example.org" in page
    assert "YY2024-0001" not in page
    asked = chen.page
    chen.sends("/first-people", belongs="yes")
    assert "已核实" in words(chen.page)
    assert "市科技局已核实其为该单位人员" in words(zhang.opens(f"{CASE}/members"))
    (link,) = city.rows("invitations")
    assert (link["belongs"], link["judged_by"]) == (True, city.people["chen"].person)
    for number in (str(link["id"]), "999", "x"):
        chen.page = asked
        chen.sends("/first-people", status=404, first=number, belongs="no")
    assert city.rows("invitations") == [link]


def test_who_is_not_of_the_unit_is_out_and_what_they_confirmed_is_marked(city: City, zhang: Person) -> None:
    sun = joined(city, zhang)
    chen = Person(city, "chen")
    chen.opens("/bureau/first-people")
    chen.sends("/first-people", belongs="no")
    assert "不是该单位人员" in words(chen.page)
    assert sun.client.get("/member", follow_redirects=False).status_code == 303
    assert "这一确认不获认可" in words(zhang.opens(f"{CASE}/members"))
    zhang.sends("/members/remove")
    zhang.sends("/members", uscc=NEW)
    assert "用链接邀请" in words(zhang.opens(f"{CASE}/members"))


def test_a_link_taken_back_made_nobody_a_first_person(city: City, zhang: Person) -> None:
    asks(zhang)
    zhang.sends("/members/link/revoke")
    chen = Person(city, "chen")
    assert "还没有单位通过链接开通账号" in words(chen.opens("/bureau/first-people"))
    with writing(city.engine) as connection, pytest.raises(NotAwaitedError):
        first_people.judge(connection, ["yueyang"], 1, 1, clock.present(None), belongs=True)
    assert [each["belongs"] for each in city.rows("invitations")] == [None]


def test_another_citys_bureau_is_told_of_nobody(city: City, zhang: Person) -> None:
    joined(city, zhang)
    with reading(city.engine) as connection:
        assert first_people.listed(connection, ["qingdao"]) == []
        assert [each.name for each in first_people.listed(connection, ["yueyang"])] == ["孙丽"]


def test_in_a_demonstration_which_sends_nothing_the_page_shows_the_link(city: City) -> None:
    drafted(city)
    zhang = Person(city, "zhang0", url=URL, demonstration=True)
    zhang.opens(f"{CASE}/members")
    zhang.sends("/members", uscc=NEW, name="湘北密封件厂", kind="enterprise")
    (path,) = re.findall(r'href="(/join/[^"]+)"', asks(zhang))
    assert sent(city) == [path]
    assert "/join/" not in zhang.opens(f"{CASE}/members")


def test_a_link_taken_back_replaced_or_over_opens_nothing(city: City, zhang: Person) -> None:
    asks(zhang)
    zhang.sends("/members/link/revoke")
    asks(zhang, to="13800000000")
    assert "刚刚发过一个链接" in asks(zhang, status=422)
    now = clock.present(None)
    with writing(city.engine) as connection:
        later = now + unit_links.PAUSE + datetime.timedelta(seconds=5)
        unit_links.send(connection, 2, NEW, "周工", "zhou@example.org", None, URL, SEAL, later)
    client = browser(city, url=URL)
    assert [client.get(path).status_code for path in sent(city)] == [404, 404, 200]
    (*_, last) = sent(city)
    link = last.rpartition("/")[2]
    ends = city.rows("invitations")[-1]["ends_at"]
    assert ends == (later + unit_links.INVITED_FOR).replace(second=0, microsecond=0)
    with reading(city.engine) as connection:
        second = datetime.timedelta(seconds=1)
        assert unit_links.opened(connection, link, ends - second, TODAY) is not None
        assert unit_links.opened(connection, link, ends, TODAY) is None
    phone = city.rows("notices")[-2]
    assert (phone["channel"], city.rows("people")[-2]["phone"]) == ("sms", "13800000000")
    zhang.opens(f"{CASE}/members")
    zhang.sends("/members/remove")
    zhang.sends("/members", uscc=NEW)
    assert client.get(last).status_code == 404
    # Neither is it the link of an account, to set its password without the unit's code.
    assert client.get(last.replace("/join/", "/welcome/")).status_code == 404


def test_of_two_links_to_one_unit_one_opens_an_account(city: City, zhang: Person) -> None:
    city.start(1)
    city.do(3, "zhang1", "invite_member", uscc=NEW)
    now = clock.present(None)
    with writing(city.engine) as connection:
        for case in (2, 3):
            unit_links.send(connection, case, NEW, "孙工", "sun@example.org", None, URL, SEAL, now)
    tokens = [path.rpartition("/")[2] for path in sent(city)]
    with writing(city.engine) as connection:
        assert unit_links.join(connection, tokens[0], NEW, "孙丽", PASSWORD, now, TODAY)
        with pytest.raises(NoLinkError):
            unit_links.join(connection, tokens[1], NEW, "另一人", PASSWORD, now, TODAY)
        with pytest.raises(CannotLinkError, match="known"):
            unit_links.send(connection, 3, NEW, "孙工", "sun@example.org", None, URL, SEAL, now)
    # Whoever is known by now answers for the unit in both.
    sun = Person(city, city.rows("people")[-2]["handle"])
    assert "YY2024-0002" in sun.opens("/member")


def test_only_the_lead_sends_links_and_only_to_units_it_invited(city: City, zhang: Person) -> None:
    zhang.opens(f"{CASE}/members")
    zhang.sends("/members/link", status=422, uscc=lead_uscc(78), contact="某", to="x@example.org")
    assert "不在待答复之列" in words(zhang.page)
    assert "请填写电子邮箱或手机号" in asks(zhang, to="x", status=422)
    city.lead(1)
    for handle in ("zhang1", "li"):
        other = Person(city, handle, url=URL)
        csrf = token(other.opens("/account"))
        data = {"csrf": csrf, "uscc": NEW, "contact": "某", "to": "x@example.org"}
        for path in ("link", "link/revoke"):
            assert other.client.post(f"{CASE}/members/{path}", data=data).status_code in (403, 404)
    assert sent(city) == []


def test_a_code_is_not_found_out_by_trying(city: City, zhang: Person) -> None:
    asks(zhang)
    (path,) = sent(city)
    client = browser(city, url=URL)
    pages = [join(client, path, uscc=lead_uscc(n)) for n in range(80, 86)]
    assert ["请15分钟后再试" in page for page in pages] == [False] * 5 + [True]
