"""Which notices an event writes: to whom, with which text, and with which dates."""

from typing import Any

from city import PLAN, City, lead_uscc
from sqlalchemy import update

from casework import loading, notices, parties, wake
from casework.notices import Rung, Summons
from models import Person
from models.database import reading, writing
from models.notice import LATER, ORDINARY, URGENT
from procedure.instant import instant, local_instant


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


def chose(city: City, handle: str, choices: dict[str, Any]) -> None:
    people = Person.__table__
    with writing(city.engine) as connection:
        connection.execute(update(people).where(people.c.handle == handle).values(choices=choices))


def rung(city: City, case: int, **changes: Any) -> Rung:
    with reading(city.engine) as connection:
        loaded = loading.one(connection, case)
    given: dict[str, Any] = {
        "loaded": loaded,
        "deadline": "recommendation",
        "occurrence": 1,
        "rung": "before_3d",
        "at": local_instant("2024-08-06T18:00"),
        "text": "deadline_overdue",
        "to": ("holder", "bureau"),
    }
    return Rung(**{**given, **changes})


def write_rungs(city: City, *rungs: Rung) -> int:
    with writing(city.engine) as connection:
        return notices.write_rungs(connection, rungs, local_instant("2024-08-06T18:00:01"))


def test_a_rung_is_told_once_however_often_it_is_written(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    leader = yueyang.people["boss"].person
    first = rung(yueyang, case, people=frozenset({leader}), urgency=URGENT)

    assert write_rungs(yueyang, first) == 3
    assert write_rungs(yueyang, first, rung(yueyang, case, text="deadline_changed")) == 0
    assert write_rungs(yueyang, rung(yueyang, case, rung="before_1d"), rung(yueyang, case, occurrence=2)) == 4

    people = {row["id"]: row["handle"] for row in yueyang.rows("people")}
    rows = [row for row in yueyang.rows("notices", case) if row["seq"] is None]
    assert sorted((row["cause"], people[row["recipient_id"]], row["urgency"]) for row in rows) == [
        ("rung recommendation 1 before_1d", "chen", ORDINARY),
        ("rung recommendation 1 before_1d", "wang", ORDINARY),
        ("rung recommendation 1 before_3d", "boss", URGENT),
        ("rung recommendation 1 before_3d", "chen", URGENT),
        ("rung recommendation 1 before_3d", "wang", URGENT),
        ("rung recommendation 2 before_3d", "chen", ORDINARY),
        ("rung recommendation 2 before_3d", "wang", ORDINARY),
    ]
    assert rows[0]["context"]["deadline"] == "系统推荐"
    assert rows[0]["context"]["due"] == "2024-08-09T18:00:00+08:00"
    assert rows[0]["context"]["effective_at"] == "2024-08-06T18:00:00+08:00"


def test_a_rung_waits_for_its_hour_and_a_preview_writes_nothing(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    morning = local_instant("2024-08-07T09:00")
    asked = rung(
        yueyang, case, not_before=morning, data={"reason": "催办"}, context={"zh": {"holder": "平江县"}}
    )
    with reading(yueyang.engine) as connection:
        shown = notices.preview(connection, [asked], local_instant("2024-08-06T18:00:01"))
    assert {(row["context"]["reason"], row["context"]["holder"]) for row in shown} == {("催办", "平江县")}
    assert [row for row in yueyang.rows("notices", case) if row["seq"] is None] == []
    write_rungs(yueyang, asked)
    rows = [row for row in yueyang.rows("notices", case) if row["seq"] is None]
    assert {instant(row["not_before"]) for row in rows} == {morning}


def test_people_are_told_in_the_way_they_chose(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    chose(yueyang, "chen", {"*": {"channels": ["sms", "email"], "language": "en"}})
    chose(yueyang, "wang", {"*": {"digest": True}, "deadline_overdue": {"channels": ["wecom"]}})
    chose(yueyang, "boss", {"*": {"channels": []}})
    asked = rung(yueyang, case, people=frozenset({yueyang.people["boss"].person}))
    with reading(yueyang.engine) as connection:
        friday = notices.preview(connection, [asked], local_instant("2024-08-09T18:00"))
    told = {row["context"]["recipient_name"]: row for row in friday}
    assert {
        name: (row["channel"], row["language"], row["urgency"], row["bundle"]) for name, row in told.items()
    } == {
        "Chen": ("sms", "en", ORDINARY, None),
        "Wang": ("wecom", "zh", LATER, "2024-08-12"),
    }
    assert told["Wang"]["not_before"] == local_instant("2024-08-12T09:00")
    assert told["Chen"]["context"]["deadline"] == "Recommendation in the system"


def test_what_is_served_in_person_can_be_neither_declined_nor_put_off(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    chose(yueyang, "zhang0", {"*": {"channels": [], "digest": True}, "returned": {"digest": True}})
    yueyang.do(case, "wang", "return_for_correction", **PLAN)
    (row,) = [row for row in yueyang.rows("notices", case) if row["text"] == "returned"]
    assert (row["channel"], row["bundle"], row["urgency"]) == ("email", None, ORDINARY)
    assert row["not_before"] == row["created_at"]


def test_operations_are_told_of_no_case_and_once(yueyang: City) -> None:
    boss, chen = (yueyang.people[handle].person for handle in ("boss", "chen"))
    items = {"zh": {"day": "2024-08-05", "items": ["3 件逾期"]}, "en": {"day": "2024-08-05", "items": []}}
    daily = Summons("daily 2024-08-05", "daily_summary", frozenset({boss, chen}), items)
    with writing(yueyang.engine) as connection:
        written = [
            notices.write_summons(connection, [daily], local_instant("2024-08-05T08:00")) for _ in range(2)
        ]
    assert written == [2, 0]
    rows = [row for row in yueyang.rows("notices") if row["subject_id"] is None]
    assert {row["context"]["items"][0] for row in rows} == {"3 件逾期"}
    assert {row["urgency"] for row in rows} == {LATER}
