"""Which notices an event writes: to whom, with which text, and with which dates."""

from typing import Any

from city import PLAN, City, lead_uscc

from casework import parties, wake
from models.database import writing


def told(city: City, subject: int, seq: int | None = None) -> list[tuple[str, str]]:
    """Text and recipient of the notices of an event, the last one's when not given."""
    people = {row["id"]: row["handle"] for row in city.rows("people")}
    last = seq or city.subject(subject).version
    return sorted(
        (row["text"], people[row["recipient_id"]])
        for row in city.rows("notices", subject)
        if row["seq"] == last
    )


def context(city: City, subject: int, text: str) -> dict[str, Any]:
    found = [row["context"] for row in city.rows("notices", subject) if row["text"] == text]
    return dict(found[-1])


def test_a_submission_tells_the_applicant_the_members_that_joined_and_the_district(yueyang: City) -> None:
    case = yueyang.filled()
    with writing(yueyang.engine) as connection:
        unit = parties.organisation(connection, lead_uscc(50), "配套公司", "enterprise")
    yueyang.person("ma", "member", organisation_id=unit)
    yueyang.do(case, "zhang0", "invite_member", uscc=lead_uscc(50))
    assert told(yueyang, case) == [("membership_invited", "ma")]
    yueyang.do(case, "ma", "decline_membership", reason="忙")
    yueyang.do(case, "zhang0", "submit")
    assert told(yueyang, case) == [("submitted", "li"), ("submitted", "zhang0"), ("to_endorse", "wang")]


def test_a_return_names_the_first_instant_that_ends_the_case(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    yueyang.do(case, "wang", "return_for_correction", **PLAN)
    assert told(yueyang, case) == [("returned", "zhang0")]
    returned = context(yueyang, case, "returned")
    assert returned["due"] == "2024-07-17T23:59:59.999999+08:00"
    assert returned["items"] == ["document:implementation_plan: 请盖章"]
    yueyang.do(case, "boss", "extend_deadline", deadline="recommendation", until="2024-09-30", reason="暴雨")
    changed = context(yueyang, case, "deadline_changed")
    assert (changed["deadline"], changed["due"]) == ("系统推荐", "2024-09-30T23:59:59.999999+08:00")
    assert changed["reason"] == "暴雨"


def test_a_suspended_deadline_is_told_without_a_date(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    yueyang.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="调查")
    assert told(yueyang, case) == [("deadline_changed", "chen"), ("deadline_changed", "zhang0")]
    assert context(yueyang, case, "deadline_changed")["due"] == ""


def test_overdue_papers_are_told_with_the_day_they_were_due(yueyang: City) -> None:
    case = yueyang.case_at("papers")
    yueyang.at("2024-08-15T09:00")
    wake.sweep(yueyang.engine, "application")
    assert told(yueyang, case) == [("papers_overdue", "chen"), ("papers_overdue", "wang")]
    overdue = context(yueyang, case, "papers_overdue")
    assert overdue["due"] == "2024-08-13T23:59:59.999999+08:00"
    assert overdue["case_number"] == "YY2024-0001"


def test_a_role_that_has_ended_is_told_nothing(yueyang: City) -> None:
    case = yueyang.case_at("papers")
    (role,) = [row for row in yueyang.rows("roles") if row["person_id"] == yueyang.people["wang"].person]
    with writing(yueyang.engine) as connection:
        parties.end_role(connection, role["id"], role["valid_from"])
    yueyang.at("2024-08-15T09:00")
    wake.sweep(yueyang.engine, "application")
    assert told(yueyang, case) == [("papers_overdue", "chen")]


def test_a_draft_left_at_the_closing_is_told_to_its_applicant_alone(yueyang: City) -> None:
    case = yueyang.filled()
    yueyang.at("2024-08-04T18:01")
    wake.sweep(yueyang.engine, "application")
    assert told(yueyang, case) == [("draft_not_accepted", "zhang0")]


def test_each_recipient_gets_one_notice_of_one_event_in_their_language(yueyang: City) -> None:
    case = yueyang.case_at("selection")
    yueyang.at("2024-08-06T09:00")
    yueyang.do(yueyang.call, "boss", "select", cases=["YY2024-0001"])
    yueyang.do(case, "chen", "file", document_number="岳科发〔2024〕1号", document_date="2024-08-06")
    assert told(yueyang, case) == [("filed", "li"), ("filed", "wang"), ("filed", "zhang0")]
    filed = context(yueyang, case, "filed")
    assert filed["official_name"] == "岳阳市方向0创新联合体"
    assert filed["register_number"] == "YYLHT-2024-001"
    rows = yueyang.rows("notices", case)
    assert len({(row["seq"], row["recipient_id"]) for row in rows}) == len(rows)
    assert {row["state"] for row in rows} == {"pending"}
