"""Whose time it took, to the hour: the authority's apart from the applicant's, and what was suspended."""

import pytest
from city import PLAN, City

from casework import time_account
from casework.access import Claim
from casework.time_account import Account, Amount, Grouping
from models.database import reading
from procedure.definition import Words


@pytest.fixture
def returned(yueyang: City) -> City:
    """A case returned for correction on Friday, resubmitted on Monday, suspended for two days, passed on."""
    case = yueyang.case_at("formal_review")
    yueyang.at("2024-07-12T09:00")
    yueyang.do(case, "chen", "return_for_correction", **PLAN)
    yueyang.at("2024-07-15T15:00")
    yueyang.do(case, "zhang0", "attach_document", **yueyang.store("implementation_plan", "second"))
    yueyang.do(case, "zhang0", "resubmit")
    yueyang.at("2024-07-16T09:00")
    yueyang.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="等函复")
    yueyang.at("2024-07-18T09:00")
    yueyang.do(case, "boss", "resume_deadline", deadline="formal_review", reason="已函复")
    yueyang.at("2024-07-19T09:00")
    yueyang.do(case, "chen", "pass_review")
    yueyang.at("2024-07-19T10:30")
    return yueyang


def told(city: City, by: Grouping, who: Claim | None = None) -> dict[str, Account]:
    with reading(city.engine) as connection:
        return {
            each.key: each for each in time_account.accounts(time_account.spans(connection, seen_by=who), by)
        }


def test_a_return_counts_for_the_applicant_and_a_suspension_is_told_apart(returned: City) -> None:
    (case,) = told(returned, "case").values()
    assert case.key == "YY2024-0001"
    assert case.parties == {
        "authority": Amount(139.5, 6),
        "applicant": Amount(78.0, 1),
        "panel": Amount(),
        "public": Amount(),
    }
    assert case.suspended == Amount(48.0, 2)
    assert case.mean_days("authority") == 6.0


def test_each_stage_has_its_own(returned: City) -> None:
    stages = told(returned, "stage")
    assert {
        name: (each.parties["authority"].days, each.parties["applicant"].days, each.suspended.days)
        for name, each in stages.items()
    } == {
        "draft": (0, 0, 0),
        "recommendation": (0, 0, 0),
        "papers": (0, 0, 0),
        "formal_review": (6, 0, 2),
        "formal_correction": (0, 1, 0),
        "site_visit": (0, 0, 0),
    }
    assert stages["formal_review"].parties["authority"].hours == 138.0
    assert stages["site_visit"].parties["authority"].hours == 1.5


def test_by_district_and_by_holder(returned: City) -> None:
    (district,) = told(returned, "district").values()
    assert (district.key, district.cases, district.parties["authority"].days) == ("pingjiang", 1, 6)
    assert district.title == Words(zh="平江县科技局", en="Pingjiang")
    holders = told(returned, "holder")
    assert {key: sum(amount.days for amount in each.parties.values()) for key, each in holders.items()} == {
        returned.rows("organisations")[1]["uscc"]: 1,
        "pingjiang": 0,
        "yueyang": 6,
    }
    assert [each.title.zh for each in holders.values() if each.title] == [
        "第0公司", "平江县科技局", "岳阳市科学技术局"
    ]  # fmt: skip


def test_panels_are_apart_and_an_ended_case_ends(yueyang: City) -> None:
    case = yueyang.case_at("expert_review")
    yueyang.at("2024-07-16T09:00")
    yueyang.do(case, "zhang0", "withdraw", reason="x")
    yueyang.at("2024-08-16T09:00")
    (account,) = told(yueyang, "case").values()
    assert account.parties["panel"] == Amount(144.0, 4)
    assert account.parties["authority"] == Amount(0.0, 0)


def test_only_what_one_sees_is_counted(returned: City) -> None:
    assert set(told(returned, "case", returned.people["chen"])) == {"YY2024-0001"}
    assert told(returned, "case", Claim(returned.people["chen"].person, "district_officer")) == {}
