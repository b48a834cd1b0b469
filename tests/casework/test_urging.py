"""Urging: who may, whom it tells, how often, and that it decides nothing."""

from typing import Any

import pytest
from city import City
from sqlalchemy import insert, select
from test_consortium_changes import proposed
from test_radar_matters import round_of

from casework import loading, urging
from casework.access import Claim
from casework.urging import Urged
from models import Delegation, Role
from models.database import reading, writing
from procedure.act import Refusal
from procedure.instant import calendar_day, local_instant


def urge(city: City, case: int, who: str, **said: Any) -> Urged | Refusal:
    return urging.urge(city.engine, case, city.people[who], said)


def code(answer: Urged | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def told(city: City, case: int) -> list[tuple[str, str]]:
    handles = {row["id"]: row["handle"] for row in city.rows("people")}
    return [
        (handles[row["recipient_id"]], row["context"]["reason"])
        for row in city.rows("notices", case, order="id")
        if row["text"] == "urged"
    ]


def test_the_applicant_urges_the_district_and_gets_a_receipt(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    events = yueyang.rows("events", case)
    answer = urge(yueyang, case, "zhang0", remark="请尽快")
    assert answer == Urged(
        "YY2024-0001",
        1,
        local_instant("2024-07-10T09:00"),
        "recommendation",
        "district",
        "recommendation",
        local_instant("2024-08-09T18:00"),
        1,
        local_instant("2024-07-11T09:00"),
    )
    assert told(yueyang, case) == [("wang", "请尽快")]
    with reading(yueyang.engine) as connection:
        (line,) = urging.of_subject(connection, case)
    assert (line.number, line.by, line.role, line.holder, line.people) == (
        *(1, "zhang0", "applicant", "district", 1),
    )
    # It is no event, and the case stays where it is.
    assert yueyang.rows("events", case) == events


def test_not_again_before_the_pause_is_over_whoever_asks(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    assert isinstance(urge(yueyang, case, "zhang0"), Urged)
    yueyang.at("2024-07-11T08:59:59")
    refused = urge(yueyang, case, "chen")
    assert code(refused) == "urged_lately"
    assert isinstance(refused, Refusal)
    assert refused.facts["again"] == "2024-07-11T09:00:00+08:00"
    yueyang.at("2024-07-11T09:00")
    again = urge(yueyang, case, "chen")
    assert isinstance(again, Urged)
    assert again.number == 2
    assert len(told(yueyang, case)) == 2


def test_who_is_away_is_urged_through_their_substitute(yueyang: City) -> None:
    yueyang.person("liu", "district_officer", bureau_id=yueyang.district)
    case = yueyang.case_at("recommendation")
    with writing(yueyang.engine) as connection:
        role = connection.execute(
            select(Role.__table__.c.id).where(Role.__table__.c.person_id == yueyang.people["wang"].person)
        ).scalar_one()
        connection.execute(
            insert(Delegation.__table__).values(
                role_id=role,
                substitute_id=yueyang.people["liu"].person,
                first_day=calendar_day("2024-07-01"),
                last_day=calendar_day("2024-07-31"),
                reason="出差",
                made_at=local_instant("2024-07-01T09:00"),
                made_by=yueyang.people["wang"].person,
            )
        )
    urge(yueyang, case, "zhang0")
    assert [who for who, _ in told(yueyang, case)] == ["liu"]


@pytest.mark.parametrize(
    ("stage", "who", "refusal"),
    [
        ("recommendation", "wang", "urges_oneself"),
        ("formal_review", "chen", "urges_oneself"),
        ("recommendation", "admin", "role_may_not"),
        ("recommendation", "e1", "not_found"),
        ("draft", "chen", "not_found"),
    ],
)
def test_who_may_not(yueyang: City, stage: str, who: str, refusal: str) -> None:
    case = yueyang.case_at(stage)
    handle = (
        next(each for each in yueyang.people if yueyang.people[each].role == "expert") if who == "e1" else who
    )
    assert code(urge(yueyang, case, handle)) == refusal
    assert yueyang.rows("urges") == []


def test_a_closed_case_a_stranger_and_nonsense_are_refused_by_name(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    assert code(urge(yueyang, 9999, "zhang0")) == "not_found"
    assert code(urging.urge(yueyang.engine, case, Claim(9999, "applicant"))) == "no_such_role"
    assert code(urge(yueyang, case, "zhang0", remark="长" * 501)) == "bad_particulars"
    assert code(urge(yueyang, case, "zhang0", colour="red")) == "bad_particulars"
    yueyang.do(case, "zhang0", "withdraw", reason="x")
    assert code(urge(yueyang, case, "chen")) == "closed"


def matter(city: City, ref: str) -> int:
    with reading(city.engine) as connection:
        return loading.id_of(connection, ref)


def test_a_unit_an_office_and_a_leader_urge_whoever_holds_an_evaluation(yueyang: City) -> None:
    [number] = round_of(yueyang, 1)
    ref = f"PJ2025/{number}"
    task = matter(yueyang, ref)
    assert [code(urge(yueyang, task, who)) for who in ("zhang0", "e0", "admin")] == [
        *("urges_oneself", "not_found", "role_may_not"),
    ]
    answer = urge(yueyang, task, "wang", remark="请按时自评")
    assert answer == Urged(
        ref,
        1,
        local_instant("2025-08-06T09:00"),
        "self_report",
        "applicant",
        "self_report",
        local_instant("2025-08-12T23:59:59.999999"),
        1,
        local_instant("2025-08-07T09:00"),
    )
    assert told(yueyang, task) == [("zhang0", "请按时自评")]
    # The same rest for whoever asks, at whatever stage.
    yueyang.do(task, "zhang0", "submit_report", contents={"results": "完成"})
    assert code(urge(yueyang, task, "li")) == "urged_lately"
    yueyang.at("2025-08-07T09:00")
    assert code(urge(yueyang, task, "wang")) == "urges_oneself"
    assert isinstance(urge(yueyang, task, "li"), Urged)
    yueyang.do(task, "wang", "comment_report", comment="属实")
    yueyang.at("2025-08-08T09:00")
    assert code(urge(yueyang, task, "chen")) == "urges_oneself"
    assert isinstance(urge(yueyang, task, "boss", remark="请尽快定等"), Urged)
    assert told(yueyang, task) == [("zhang0", "请按时自评"), ("wang", ""), ("chen", "请尽快定等")]
    # Each side is told of what is its own to know: the bureau's urges stay inside.
    with reading(yueyang.engine) as connection:
        heard = {
            who: [each.number for each in urging.told(connection, task, [yueyang.people[who]])]
            for who in ("zhang0", "wang", "chen")
        }
    assert heard == {"zhang0": [1, 2], "wang": [1, 2], "chen": [1, 2, 3]}


def test_the_office_urges_reviewers_who_have_not_reviewed_and_is_urged_itself_once_all_have(
    yueyang: City,
) -> None:
    [number] = round_of(yueyang, 1)
    task = matter(yueyang, f"PJ2025/{number}")
    yueyang.do(task, "zhang0", "submit_report", contents={"results": "完成"})
    yueyang.do(task, "wang", "comment_report", comment="属实")
    yueyang.do(task, "chen", "appoint_reviewers", experts=["e0", "e1", "e2"])
    yueyang.do(task, "e0", "review_report", score="88", opinion="好")
    answer = urge(yueyang, task, "chen", remark="请尽快评审")
    assert isinstance(answer, Urged)
    assert told(yueyang, task) == [("e1", "请尽快评审"), ("e2", "请尽快评审")]
    for who in ("e1", "e2"):
        yueyang.do(task, who, "review_report", score="88", opinion="好")
    yueyang.at("2025-08-07T09:00")
    assert code(urge(yueyang, task, "chen")) == "urges_oneself"
    assert isinstance(urge(yueyang, task, "boss"), Urged)


def test_units_asked_for_their_consent_hold_a_change_and_nobody_else_is_told(yueyang: City) -> None:
    [number] = round_of(yueyang, 1)
    change = proposed(yueyang, number, "direction", value="石化新材料")
    assert [code(urge(yueyang, change, who)) for who in ("zhang0", "li", "chen")] == [
        *("urges_oneself", "not_found", "not_found"),
    ]
    yueyang.do(change, "zhang0", "hand_in_change")
    assert code(urge(yueyang, change, "li")) == "urges_oneself"
    assert code(urge(yueyang, change, "wang")) == "not_found"
    assert isinstance(urge(yueyang, change, "zhang0", remark="请表态"), Urged)
    assert told(yueyang, change) == [("li", "请表态")]
    yueyang.do(change, "li", "consent_to_change")
    yueyang.at("2025-08-07T09:00")
    assert isinstance(urge(yueyang, change, "li"), Urged)
    assert told(yueyang, change)[1:] == [("chen", "")]


def test_what_lasts_by_itself_and_what_has_ended_is_urged_of_nobody(yueyang: City) -> None:
    [number] = round_of(yueyang, 1)
    assert code(urge(yueyang, matter(yueyang, number), "zhang0")) == "nobody_to_urge"
    assert code(urge(yueyang, matter(yueyang, "PJ2025"), "boss")) == "nobody_to_urge"
    task = matter(yueyang, f"PJ2025/{number}")
    yueyang.do(task, "boss", "waive_evaluation", reason="厂房搬迁")
    assert code(urge(yueyang, task, "chen")) == "closed"
    assert yueyang.rows("urges") == []
