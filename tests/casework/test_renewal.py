"""Renewal: the window opens before expiry with a notice, and what is still true is carried over."""

import pytest
from city import UNIVERSITY, City
from test_register_life import filed

from casework import calls, loading, renewal, wake
from casework.acts import Receipt
from casework.renewal import Renewed
from models.database import reading
from procedure.act import Refusal
from procedure.instant import calendar_day
from procedure.pack import shipped
from procedure.working_days import state_council

AGAIN = {
    "filing_opens": "2024-08-05T00:00",
    "filing_closes": "2028-12-01T18:00",
    "recommendation_due": "2028-12-09T18:00",
    "papers_due": "2028-12-13",
}


@pytest.fixture
def entry(yueyang: City) -> str:
    """An entry valid until 4 August 2027, and a call that takes applications for years."""
    _, number = filed(yueyang)
    revision = yueyang.rows("revisions")[0]["id"]
    assert isinstance(
        calls.announce(yueyang.engine, revision, "again", yueyang.people["admin"], AGAIN), Receipt
    )
    return number


def renew(city: City, number: str, who: str = "zhang0") -> Renewed | Refusal:
    with reading(city.engine) as connection:
        call = loading.id_of(connection, "again")
    return renewal.renew(city.engine, city.people[who], number, call)


def test_the_window_opens_six_months_before_the_last_day(yueyang: City, entry: str) -> None:
    yueyang.at("2027-02-03T23:59")
    early = renew(yueyang, entry)
    assert isinstance(early, Refusal)
    assert (early.code, early.facts["first"]) == ("renewal_not_open", "2027-02-04")
    yueyang.at("2027-02-04T00:00")
    assert isinstance(renew(yueyang, entry), Renewed)


def test_what_is_still_true_is_carried_over_and_the_rest_is_asked_for(yueyang: City, entry: str) -> None:
    yueyang.at("2027-03-01T09:00")
    told = renew(yueyang, entry)
    assert isinstance(told, Renewed), told
    with reading(yueyang.engine) as connection:
        case = loading.id_of(connection, told.case.ref)
    application = yueyang.subject(case).application
    former = yueyang.subject(yueyang.rows("register_entries")[0]["subject_id"]).application
    assert application.form == former.form
    [member] = application.members
    assert (member.uscc, member.status, member.form) == (UNIVERSITY, "invited", former.members[0].form)
    assert sorted(each.material for each in application.documents) == [
        "cooperation_agreement",
        "implementation_plan",
    ]
    assert set(told.to_give) == {f"member:{UNIVERSITY}:answer", "document:application_form"}
    # Asked for again, it goes on where it was.
    again = renew(yueyang, entry)
    assert isinstance(again, Renewed)
    assert (again.case.ref, again.to_give) == (told.case.ref, told.to_give)


def test_a_name_that_has_expired_is_filed_again(yueyang: City, entry: str) -> None:
    yueyang.at("2027-08-05T00:01")
    wake.sweep(yueyang.engine, "entry")
    assert isinstance(renew(yueyang, entry), Renewed)
    stranger = renew(yueyang, "没有")
    assert isinstance(stranger, Refusal)
    assert stranger.code == "no_such_entry"


def test_whatever_day_is_the_last_the_notice_comes_when_the_window_is_open() -> None:
    procedure, calendar = shipped("yueyang-2024").procedure, state_council()
    written = procedure.life("entry").deadline["validity"].ladder
    assert written is not None
    [rung] = [each for each in written.rungs if each.id == "renewal_opens"]
    assert rung.before is not None
    assert rung.before.working_days is not None
    day, months = calendar_day("2021-01-01"), int(procedure.values[renewal.WINDOW])
    while day < calendar_day("2028-01-01"):
        last = day if calendar.is_working_day(day) else calendar.subtract(day, 1)
        assert calendar.subtract(last, rung.before.working_days) >= renewal.opens_on(day, months), day
        day = day.add(days=1)


def test_the_lead_unit_is_told_before_its_filing_expires(yueyang: City, entry: str) -> None:
    assert entry
    yueyang.at("2027-08-01T12:00")
    wake.sweep(yueyang.engine, "entry")
    told = [row for row in yueyang.rows("notices") if row["text"] == "renewal_opens"]
    assert told
    assert {row["recipient_id"] for row in told} == {yueyang.people["zhang0"].person}
