"""A unit's own administrator invites its people, and nobody else's."""

import re

import pytest

from casework import clock, parties, unit_people
from casework.unit_people import NotYours
from models.database import reading, writing
from procedure.instant import calendar_day
from tests.casework.city import SINCE, UNIVERSITY, City, lead_uscc
from tests.web.conftest import browser
from tests.web.desk import Person, words
from tests.web.test_sign_in import send

TODAY = calendar_day("2024-07-10")


@pytest.fixture
def unit(city: City) -> City:
    """The first unit with an administrator and a colleague, beside another unit's applicant."""
    city.lead(0)
    city.lead(1)
    with writing(city.engine) as connection:
        lead = parties.organisation_id(connection, lead_uscc(0))
        parties.put_in_charge(connection, _role(city, "zhang0"), manages=True)
    city.person("qian", "applicant", organisation_id=lead)
    return city


def _role(city: City, handle: str) -> int:
    person = city.people[handle].person
    return int(next(row["id"] for row in city.rows("roles") if row["person_id"] == person))


def test_somebody_is_invited_sets_a_password_and_acts_for_the_unit(unit: City) -> None:
    zhang = Person(unit, "zhang0")
    assert "本单位人员" in zhang.opens("/account")
    zhang.opens("/account/people")
    page = zhang.sends("/account/people", name="孙工", email="sun@example.org", role="applicant")
    (link,) = re.findall(r"<code>(http://testserver/welcome/\S+)</code>", page)
    (handle,) = re.findall(r"孙工的账号是 (u\w{9})。", page)
    assert link not in zhang.opens("/account/people")
    assert words(zhang.page).count("尚未设置密码") == 3
    path = link.removeprefix("http://testserver")
    client = browser(unit)
    send(client, path, path, new="十月的稻田 2024")
    page = send(client, "/sign-in", "/sign-in", handle=handle, password="十月的稻田 2024")
    assert "孙工" in page
    assert client.get("/applicant").status_code == 200
    assert words(zhang.opens("/account/people")).count("尚未设置密码") == 2
    new = unit.rows("people")[-1]
    assert (new["name"], new["email"], new["handle"]) == ("孙工", "sun@example.org", handle)


def test_a_role_ends_and_ones_own_does_not(unit: City) -> None:
    zhang = Person(unit, "zhang0")
    zhang.opens("/account/people")
    zhang.sends("/end", role=str(_role(unit, "qian")))
    ended = {row["person_id"]: row["valid_to"] for row in unit.rows("roles")}
    assert ended[unit.people["qian"].person] == TODAY
    zhang.opens("/account/people")
    zhang.sends("/account/people", name="甲", role="member")
    with writing(unit.engine) as connection, pytest.raises(NotYours):
        unit_people.end(connection, unit.people["zhang0"].person, _role(unit, "zhang0"), TODAY)


@pytest.mark.parametrize("handle", ["zhang1", "qian", "li", "wang", "admin"])
def test_whoever_sees_to_no_unit_has_no_such_page(unit: City, handle: str) -> None:
    person = Person(unit, handle)
    assert "/account/people" not in person.opens("/account")
    csrf = re.search(r'name="csrf" value="([^"]+)"', person.page)
    assert csrf
    person.opens("/account/people", status=404)
    before = unit.everything()
    for path in ("", "/link", "/end"):
        data = {"csrf": csrf[1], "name": "x", "role": str(_role(unit, "qian")), "unit": "1"}
        assert person.client.post(f"/account/people{path}", data=data).status_code == 404
    assert unit.everything() == before


def test_others_units_and_accounts_stay_out_of_reach(unit: City) -> None:
    zhang = unit.people["zhang0"].person
    with reading(unit.engine) as connection:
        other = parties.organisation_id(connection, UNIVERSITY)
        own = parties.organisation_id(connection, lead_uscc(0))
        assert [each.id for each in unit_people.units(connection, zhang, TODAY)] == [own]
    with writing(unit.engine) as connection:
        wang = unit.people["wang"].person
        parties.grant(connection, wang, "member", organisation_id=own, valid_from=SINCE)
    at = clock.present(None)
    for role in (_role(unit, "li"), _role(unit, "zhang1"), unit.rows("roles")[-1]["id"]):
        with writing(unit.engine) as connection, pytest.raises(NotYours):
            # The last belongs to an officer, who speaks for the unit as well: no link into that account.
            unit_people.link(connection, zhang, role, at, TODAY)
    for unit_id, role_name in ((other, "member"), (own, "city_officer")):
        with writing(unit.engine) as connection, pytest.raises(NotYours):
            unit_people.invite(connection, zhang, unit_id, role_name, "x", None, at, TODAY)


def test_what_is_missing_is_named_and_what_was_typed_stays(unit: City) -> None:
    zhang = Person(unit, "zhang0")
    zhang.opens("/account/people")
    page = zhang.sends("/account/people", status=422, name=" ", email="孙", role="member")
    assert "请填写姓名" in page
    assert "电子邮箱的格式不对" in page
    assert 'value="孙"' in page
    assert unit.count("invitations") == 0
