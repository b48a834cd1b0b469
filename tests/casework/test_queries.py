"""Who sees which cases, and what lists, histories and ledgers say of them."""

import datetime

import pytest
from city import EXPERTS, PLAN, TABLES, UNIVERSITY, City, lead_uscc
from sqlalchemy import update

from casework import parties, queries, register, search
from casework.access import Claim
from models.database import reading, writing
from procedure.instant import calendar_day, local_instant


def seen(city: City, who: str | Claim, day: str | None = None, **what: object) -> list[str]:
    claim = city.people[who] if isinstance(who, str) else who
    with reading(city.engine) as connection:
        found = queries.cases(
            connection,
            seen_by=claim,
            day=None if day is None else calendar_day(day),
            **what,  # type: ignore[arg-type]
        )
    return sorted(line.number[-4:] for line in found)


@pytest.fixture
def busy(yueyang: City) -> City:
    """A draft (0001), a case at the district (0002), one before the panel (0003), and two bystanders."""
    yueyang.filled(0)
    yueyang.case_at("recommendation", 1)
    yueyang.case_at("expert_review", 2)
    with writing(yueyang.engine) as connection:
        xiangyin = parties.bureau_id(connection, "xiangyin")
        stranger = parties.organisation(connection, lead_uscc(90), "旁观公司", "enterprise")
    yueyang.person("zhou", "district_officer", bureau_id=xiangyin)
    yueyang.person("pang", "member", organisation_id=stranger)
    yueyang.person("e9", "expert", bureau_id=yueyang.city)
    return yueyang


def test_each_sees_their_own(busy: City) -> None:
    assert {who: seen(busy, who) for who in busy.people} == {
        "zhang0": ["0001"],
        "zhang1": ["0002"],
        "zhang2": ["0003"],
        "li": ["0001", "0002", "0003"],
        "pang": [],
        "wang": ["0002", "0003"],  # a draft is the applicant's own business
        "zhou": [],
        "chen": ["0002", "0003"],
        "boss": ["0002", "0003"],
        "admin": ["0002", "0003"],
        **{expert: ["0003"] for expert in EXPERTS},
        "e9": [],
    }


def test_a_role_that_one_does_not_hold_shows_nothing(busy: City) -> None:
    zhang = busy.people["zhang0"].person
    for role in ("city_officer", "district_officer", "expert", "member", "system", "operations"):
        assert seen(busy, Claim(zhang, role)) == []
    assert seen(busy, Claim(999_999, "city_officer")) == []


def test_an_ended_role_and_an_inactive_person_see_nothing_any_more(busy: City) -> None:
    roles, people = TABLES["roles"], TABLES["people"]
    with writing(busy.engine) as connection:
        for who in ("chen", "e0", "zhang1"):
            person = busy.people[who].person
            connection.execute(
                update(roles).where(roles.c.person_id == person).values(valid_to=calendar_day("2024-07-10"))
            )
    for who, cases in (("chen", ["0002", "0003"]), ("e0", ["0003"]), ("zhang1", ["0002"])):
        assert seen(busy, who) == seen(busy, who, "2024-07-10") == cases
        assert seen(busy, who, "2024-07-11") == []
    busy.at("2024-07-11T00:00")
    assert [seen(busy, who) for who in ("chen", "e0", "zhang1")] == [[], [], []]
    with writing(busy.engine) as connection:
        connection.execute(
            update(people).where(people.c.id == busy.people["boss"].person).values(active=False)
        )
    assert seen(busy, "boss") == []


def test_a_unit_that_declined_or_was_removed_sees_nothing_any_more(busy: City) -> None:
    with writing(busy.engine) as connection:
        case = next(row["subject_id"] for row in busy.rows("cases") if row["number"].endswith("0001"))
        assert parties.organisation_id(connection, UNIVERSITY)
    busy.do(case, "zhang0", "invite_member", uscc=lead_uscc(90))
    assert seen(busy, "pang") == ["0001"]
    busy.do(case, "pang", "decline_membership", reason="忙")
    assert seen(busy, "pang") == []
    busy.do(case, "zhang0", "remove_member", uscc=UNIVERSITY)
    assert seen(busy, "li") == ["0002", "0003"]


def numbers(city: City, **what: object) -> list[str]:
    with reading(city.engine) as connection:
        return [line.number[-4:] for line in queries.cases(connection, **what)]  # type: ignore[arg-type]


def test_lists_are_narrowed_and_the_most_urgent_comes_first(busy: City) -> None:
    assert numbers(busy) == ["0003", "0001", "0002"]
    assert numbers(busy, stages=["draft", "recommendation"]) == ["0001", "0002"]
    assert numbers(busy, search="第1公司") == ["0002"]
    assert numbers(busy, search="方向2") == ["0003"]
    assert numbers(busy, search="%") == numbers(busy, search="_") == numbers(busy, search="\\") == []
    assert numbers(busy, district="xiangyin") == []
    assert numbers(busy, district="pingjiang", limit=1, offset=1) == ["0001"]
    assert numbers(busy, call="2023") == []
    busy.at("2024-08-04T18:01")
    case = next(row["subject_id"] for row in busy.rows("cases") if row["number"].endswith("0002"))
    busy.do(case, "zhang1", "withdraw", reason="x")
    assert numbers(busy, outcomes=["withdrawn"]) == ["0002"]
    assert numbers(busy, is_open=True) == ["0003", "0001"]
    assert numbers(busy, is_open=False) == ["0002"]


def test_a_unit_is_found_by_its_name_among_however_many(busy: City, monkeypatch: pytest.MonkeyPatch) -> None:
    few = numbers(busy, search="公司")
    assert sorted(few) == ["0001", "0002", "0003"]
    monkeypatch.setattr(search, "FEW", 1)
    assert numbers(busy, search="公司") == few
    assert numbers(busy, search="第1公司") == ["0002"]


def test_a_line_says_where_a_case_stands(busy: City) -> None:
    with reading(busy.engine) as connection:
        (line,) = queries.cases(connection, search="0002")
    assert line == queries.CaseLine(
        "YY2024-0002",
        "2024",
        "第1公司",
        "方向1",
        "平江县科技局",
        "recommendation",
        None,
        local_instant("2024-07-10T09:00"),
        local_instant("2024-07-10T09:00"),
        local_instant("2024-08-09T18:00:00.000001"),
    )


def test_a_case_without_a_direction_has_an_empty_one(yueyang: City) -> None:
    yueyang.start()
    with reading(yueyang.engine) as connection:
        assert queries.cases(connection)[0].direction == ""


def test_calls_and_which_of_them_still_have_something_to_do(busy: City) -> None:
    with reading(busy.engine) as connection:
        (line,) = queries.calls(connection, "yueyang")
        assert (line.code, line.stage, line.outcome) == ("2024", "open", None)
        assert (line.opens_at, line.closes_at) == (
            local_instant("2024-07-04T00:00"),
            local_instant("2024-08-04T18:00"),
        )
        assert queries.calls(connection, "changsha") == []
        assert queries.open_calls(connection) == [(busy.call, "2024")]


def test_a_completed_call_with_nothing_open_is_no_open_call(yueyang: City) -> None:
    yueyang.at("2024-08-06T09:00")
    yueyang.do(yueyang.call, "boss", "select", cases=[])
    yueyang.do(yueyang.call, "admin", "complete")
    with reading(yueyang.engine) as connection:
        assert queries.open_calls(connection) == []
        assert queries.calls(connection)[0].outcome == "completed"


def test_history_and_ledger_say_who_and_why(yueyang: City) -> None:
    case = yueyang.case_at("formal_review")
    yueyang.do(case, "boss", "extend_deadline", deadline="formal_review", until="2024-07-30", reason="材料多")
    yueyang.do(case, "chen", "return_for_correction", **PLAN)
    with reading(yueyang.engine) as connection:
        happened = queries.history(connection, case)
        lines = queries.ledger(connection, case)
    assert [(line.kind, line.person, line.role, line.act) for line in happened[-3:]] == [
        ("papers_delivered", "Wang", "district_officer", "deliver_papers"),
        ("deadline_extended", "Boss", "city_leader", "extend_deadline"),
        ("returned_for_correction", "Chen", "city_officer", "return_for_correction"),
    ]
    assert happened[1].event.personal["/consortium.contact_name"] == "张三"
    review = [line for line in lines if line.deadline == "formal_review"]
    assert [(line.entry.kind, line.person, line.entry.reason) for line in review] == [
        ("started", "Wang", None),
        ("extended", "Boss", "材料多"),
        ("suspended", "Chen", None),
    ]
    assert review[1].entry.due_after == local_instant("2024-07-30T23:59:59.999999")
    assert review[0].entry.base_at == local_instant("2024-07-10T09:00")


def test_a_desk_lists_what_a_person_owes(yueyang: City) -> None:
    yueyang.case_at("expert_review")
    with reading(yueyang.engine) as connection:
        person = yueyang.people["e0"].person
        assert queries.desk(connection, person) == [
            ("YY2024-0001", "expert_review", local_instant("2024-07-24T23:59:59.999999"))
        ]
        assert queries.desk(connection, yueyang.people["chen"].person) == []


def test_register_and_summary(yueyang: City) -> None:
    case = yueyang.case_at("selection", 0, "生物医药")
    yueyang.filled(1)
    yueyang.at("2024-08-06T09:00")
    yueyang.do(yueyang.call, "boss", "select", cases=["YY2024-0001"])
    yueyang.do(case, "chen", "file", document_number="岳科发〔2024〕1号", document_date="2024-08-06")
    with reading(yueyang.engine) as connection:
        (entry,) = register.entries(connection, "yueyang")
        assert register.entries(connection, query="生物") == [entry]
        assert register.entries(connection, query="%") == []
        assert register.entries(connection, "changsha") == []
        lines = register.summary(connection, "2024")
    assert entry == register.Entry(
        "YYLHT-2024-001",
        "岳阳市生物医药创新联合体",
        "第0公司",
        lead_uscc(0),
        "生物医药",
        datetime.date(2024, 8, 6),
        datetime.date(2027, 8, 5),
        "岳科发〔2024〕1号",
        "valid",
        "YY2024-0001",
        "yueyang",
    )
    # The summary table lists what was submitted: the draft of the second unit is none of it.
    assert [(line.case, line.members, line.outcome) for line in lines] == [("YY2024-0001", 1, "filed")]
