"""A work list is in order of urgency, whole across its pages, and as long as it says."""

from typing import Any

import pytest
from city import City
from sqlalchemy import update

from casework import work_list, work_order
from casework.access import Claim
from casework.work_order import Total
from models import Subject
from models.database import reading, writing
from procedure.instant import local_instant

_subjects = Subject.__table__
SOON = local_instant("2024-07-20T09:00")
LATER = local_instant("2024-07-30T09:00")


@pytest.fixture
def city(yueyang: City) -> City:
    """Eight cases: drafts, open ones due at three instants or none, one of another district, ended ones."""
    yueyang.filled(0)
    due = {1: LATER, 2: SOON, 3: None, 4: SOON, 5: None}
    cases = {n: yueyang.case_at("formal_review" if n == 2 else "recommendation", n) for n in range(1, 8)}
    with writing(yueyang.engine) as connection:
        for n, at in due.items():
            connection.execute(update(_subjects).where(_subjects.c.id == cases[n]).values(due_at=at))
    for n in (7, 6):
        yueyang.do(cases[n], f"zhang{n}", "withdraw", reason="项目调整")
    return yueyang


def numbers(city: City, claim: Claim, **asked: Any) -> list[str]:
    """Return the ends of the numbers of the cases, read two at a time."""
    found: list[str] = []
    with reading(city.engine) as connection:
        for offset in range(0, 12, 2):
            page = work_list.lines(connection, claim, limit=2, offset=offset, **asked)
            found += [line.number[-1] for line in page]
        # Past the end there is the last page.
        for number, shown in ((1, found[:3]), (2, found[3:6] or found), (9, found[-(len(found) % 3 or 3) :])):
            total, page = work_list.page(connection, claim, number=number, limit=3, **asked)
            assert (total, [line.number[-1] for line in page]) == (Total(len(found)), shown)
        whole = [line.number[-1] for line in work_list.lines(connection, claim, **asked)]
    assert whole == found
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # Case n has the number n + 1. At the same instant and district the earlier stage by name comes first.
        ({}, "35 2 46 78"),
        ({"is_open": True}, "35 2 46"),
        ({"is_open": False}, "78"),
        ({"waiting": True}, "5 2 46"),
        ({"stages": ["recommendation"]}, "5 2 46"),
        ({"due_before": LATER}, "35"),
        ({"search": "YY2024"}, "35 2 46 78"),
        ({"search": "YY2024", "due_before": LATER, "stages": ["formal_review"]}, "3"),
        ({"search": "nothing"}, ""),
        ({"district": "pingjiang", "is_open": True}, "35 2 46"),
        ({"district": "elsewhere"}, ""),
    ],
)
def test_the_district_reads_its_cases_by_urgency(city: City, asked: dict[str, Any], expected: str) -> None:
    assert "".join(numbers(city, city.people["wang"], **asked)) == expected.replace(" ", "")


def test_the_bureau_reads_them_alike_but_for_what_waits_for_it(city: City) -> None:
    claim = city.people["chen"]
    assert "".join(numbers(city, claim)) == "3524678"
    assert "".join(numbers(city, claim, waiting=True)) == "3"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"waiting": True},
        {"due_before": LATER.add(days=1)},
        {"search": "YY2024"},
        {"search": "2024", "waiting": True},
        {"search": "公司", "is_open": False},
    ],
)
def test_of_many_it_counts_no_more_than_it_shows(
    city: City, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    whole = numbers(city, city.people["wang"], **asked)
    for limit in ("MANY", "FEW"):
        monkeypatch.setattr(work_order, limit, 2)
    expected = {
        1: (Total(2, whole=len(whole) <= 2), whole[:2]),
        2: (Total(min(4, len(whole)), whole=len(whole) <= 4), whole[2:4] or whole[-2:]),
        9: (Total(len(whole)), whole[-(len(whole) % 2 or 2) :]),
    }
    with reading(city.engine) as connection:
        for number, shown in expected.items():
            total, page = work_list.page(connection, city.people["wang"], number=number, limit=2, **asked)
            assert (total, [line.number[-1] for line in page]) == shown


def test_who_holds_nothing_reads_nothing(city: City) -> None:
    for role in ("district_officer", "city_officer"):
        assert numbers(city, Claim(city.people["zhang0"].person, role)) == []


def test_a_lead_unit_reads_its_draft(city: City) -> None:
    assert numbers(city, city.people["zhang0"]) == ["1"]
