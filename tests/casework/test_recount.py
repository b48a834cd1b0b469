"""A published or amended arrangement moves the deadlines it touches: once, visibly, never into the past."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from city import PLAN, TABLES, City
from projected import everywhere
from sqlalchemy import update

from casework import calendar_import, wake
from models.database import writing
from procedure.instant import local_instant
from procedure.working_days import Arrangement, ArrangementError, state_council

NAMES = [
    ("元旦", "New Year"),
    ("春节", "Spring Festival"),
    ("清明节", "Qingming"),
    ("劳动节", "Labour Day"),
    ("端午节", "Dragon Boat"),
    ("中秋节", "Mid-Autumn"),
    ("国庆节", "National Day"),
]


def arrangement_2027() -> Arrangement:
    """A made-up arrangement of 2027: 1 to 3 January off, every other holiday a Sunday."""
    sundays = [datetime.date(2027, month, 28) for month in (2, 3, 11)]
    days = [
        (datetime.date(2027, 1, 1), datetime.date(2027, 1, 3)),
        *((day, day) for day in sundays),
        *(
            (day, day)
            for day in (datetime.date(2027, 5, 2), datetime.date(2027, 6, 6), datetime.date(2027, 9, 5))
        ),
    ]
    return Arrangement.model_validate(
        {
            "year": 2027,
            "document": "国办发明电〔2026〕9号",
            "issued": datetime.date(2026, 11, 1),
            "holidays": [
                {"name_zh": zh, "name_en": en, "first_day": first, "last_day": last}
                for (zh, en), (first, last) in zip(NAMES, days, strict=True)
            ],
        }
    )


def amendment(worked: list[str], off: list[str]) -> Arrangement:
    """A made-up second notice of 2024: days off, and weekend days worked."""
    return Arrangement.model_validate(
        {
            "year": 2024,
            "version": 2,
            "document": "国办发明电〔2024〕99号",
            "issued": datetime.date(2024, 7, 12),
            "holidays": [
                {
                    "name_zh": "台风假",
                    "name_en": "Typhoon",
                    "first_day": first,
                    "last_day": first,
                    "worked": worked if first == off[0] else [],
                }
                for first in off
            ],
        }
    )


def due(city: City, case: int, name: str) -> tuple[Any, bool]:
    (row,) = [each for each in city.rows("deadlines", case) if each["name"] == name and not each["ended_at"]]
    return row["due_at"], row["provisional"]


def test_a_published_year_settles_provisional_dates_once(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    yueyang.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="调查")
    yueyang.at("2026-12-29T09:00")
    yueyang.do(case, "boss", "resume_deadline", deadline="formal_review", reason="恢复")
    assert due(yueyang, case, "formal_review") == (local_instant("2027-01-05T23:59:59.999999"), True)
    moved = calendar_import.import_arrangements(yueyang.engine, [arrangement_2027()]).moved
    assert [(each.ref, each.deadline, each.provisional) for each in moved] == [
        ("YY2024-0001", "formal_review", False)
    ]
    assert due(yueyang, case, "formal_review") == (local_instant("2027-01-06T23:59:59.999999"), False)
    assert calendar_import.recount(yueyang.engine) == ()
    last = yueyang.rows("events", case)[-1]
    assert (last["kind"], last["role"], last["act"]) == ("calendar_changed", "system", None)
    (line,) = [row for row in yueyang.rows("ledger", case) if row["kind"] == "recalculated"]
    assert (line["due_before"], line["due_after"]) == (
        local_instant("2027-01-05T23:59:59.999999"),
        local_instant("2027-01-06T23:59:59.999999"),
    )
    everywhere(yueyang)


def test_an_amendment_lengthens_what_it_touches(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")  # since Wednesday 10 July, due on the 17th
    yueyang.at("2024-07-12T15:00")
    moved = calendar_import.import_arrangements(
        yueyang.engine, [amendment([], ["2024-07-15", "2024-07-16"])]
    ).moved
    assert {each.deadline for each in moved} == {"formal_review"}
    assert due(yueyang, case, "formal_review")[0] == local_instant("2024-07-19T23:59:59.999999")
    everywhere(yueyang)


def test_an_amendment_never_takes_away_the_day_that_has_begun(yueyang: City) -> None:
    # The correction is due on the 17th; a notice of the 17th makes the weekend before worked days.
    case = yueyang.case_at("formal_review")
    yueyang.do(case, "chen", "return_for_correction", **PLAN)
    yueyang.at("2024-07-17T10:00")
    calendar_import.import_arrangements(
        yueyang.engine, [amendment(["2024-07-13", "2024-07-14"], ["2024-12-30"])]
    )
    assert due(yueyang, case, "formal_correction")[0] == local_instant("2024-07-17T23:59:59.999999")
    assert wake.sweep(yueyang.engine, "application").moved == ()
    assert yueyang.do(case, "zhang0", "resubmit").stage == "formal_review"
    everywhere(yueyang)


def test_what_has_passed_is_not_brought_back_by_a_late_calendar(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    yueyang.do(case, "chen", "return_for_correction", **PLAN)
    yueyang.at("2024-07-18T09:00")
    assert calendar_import.import_arrangements(yueyang.engine, [amendment([], ["2024-07-16"])]).moved == ()
    wake.sweep(yueyang.engine, "application")
    assert yueyang.subject(case).outcome == "correction_expired"


def test_suspended_and_extended_deadlines_are_left_alone(yueyang: City) -> None:
    suspended, extended = yueyang.case_at("formal_review", 0), yueyang.case_at("formal_review", 1)
    yueyang.do(suspended, "boss", "suspend_deadline", deadline="formal_review", reason="调查")
    yueyang.do(extended, "boss", "extend_deadline", deadline="formal_review", until="2024-07-30", reason="多")
    yueyang.at("2024-07-12T15:00")
    assert calendar_import.import_arrangements(yueyang.engine, [amendment([], ["2024-07-15"])]).moved == ()
    yueyang.do(suspended, "boss", "resume_deadline", deadline="formal_review", reason="恢复")
    assert due(yueyang, suspended, "formal_review")[0] == local_instant("2024-07-22T23:59:59.999999")
    everywhere(yueyang)


def test_a_bad_case_becomes_an_incident_and_the_recount_is_tried_again(yueyang: City) -> None:
    cases = [yueyang.case_at("formal_review", n) for n in range(3)]
    yueyang.at("2024-07-12T15:00")
    subjects = TABLES["subjects"]
    whole = next(row["state"] for row in yueyang.rows("subjects") if row["id"] == cases[1])

    def state(of: str) -> None:
        with writing(yueyang.engine) as connection:
            connection.execute(update(subjects).where(subjects.c.id == cases[1]).values(state=of))

    state("{}")
    moved = calendar_import.import_arrangements(yueyang.engine, [amendment([], ["2024-07-15"])]).moved
    assert [each.ref for each in moved] == ["YY2024-0001", "YY2024-0003"]
    (incident,) = yueyang.rows("incidents")
    assert (incident["kind"], incident["subject_id"]) == ("calendar", cases[1])
    state(whole)
    assert [each.ref for each in calendar_import.recount(yueyang.engine)] == ["YY2024-0002"]
    assert calendar_import.recount(yueyang.engine) == ()
    everywhere(yueyang)


def test_two_recounts_at_once_move_each_deadline_once(yueyang: City) -> None:
    cases = [yueyang.case_at("formal_review", n) for n in range(2)]
    yueyang.at("2024-07-12T15:00")
    # Imported by a process that died before it recounted.
    notice = amendment([], ["2024-07-15"])
    with writing(yueyang.engine) as connection:
        connection.execute(
            TABLES["calendars"]
            .insert()
            .values(
                year=2024,
                version=2,
                document=notice.document,
                issued=notice.issued,
                content=notice.model_dump(mode="json"),
            )
        )
    gate = threading.Barrier(3)

    def recount() -> int:
        gate.wait()
        return len(calendar_import.recount(yueyang.engine))

    with ThreadPoolExecutor(3) as pool:
        counts = [each.result() for each in [pool.submit(recount) for _ in range(3)]]
    assert sum(counts) == 2
    for case in cases:
        assert yueyang.kinds(case).count("calendar_changed") == 1


def test_a_notice_that_is_known_is_not_stored_again_and_none_says_otherwise(yueyang: City) -> None:
    first = state_council().arrangements[0]
    again = calendar_import.import_arrangements(yueyang.engine, [first, first])
    assert (again.stored, again.moved) == ((), ())
    otherwise = first.model_copy(update={"document": "国办发明电〔2000〕1号"})
    with pytest.raises(ArrangementError, match=f"{first.year} version 1 is already in force and says other"):
        calendar_import.import_arrangements(yueyang.engine, [arrangement_2027(), otherwise])
    assert yueyang.count("calendars") == 0
    twice = calendar_import.import_arrangements(yueyang.engine, [arrangement_2027(), arrangement_2027()])
    assert [each.year for each in twice.stored] == [2027]
    assert yueyang.count("calendars") == 1
