"""An act is carried out once and whole by who may, or refused by name with nothing written."""

import datetime
import re
from typing import Any

import pytest
from city import EXPERTS, FORM, MEMBER_FORM, UNIVERSITY, City, lead_uscc
from projected import everywhere
from sqlalchemy import update

from casework import acts, calls, clock, loading, parties, wake
from casework.access import Claim
from casework.acts import Receipt, Request
from models import Record
from models.database import reading, writing
from procedure.act import Refusal
from procedure.instant import calendar_day, local_instant
from procedure.pack import shipped

TABLES = Record.metadata.tables


def code(answer: Receipt | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


# --- idempotency keys -------------------------------------------------------------------------------


def test_the_same_key_twice_is_one_event_and_the_same_receipt(yueyang: City) -> None:
    case = yueyang.start()
    payload = {"fields": {"consortium.direction": "新材料"}}
    first = yueyang.ask(case, "zhang0", "save_draft", payload, key="click")
    assert isinstance(first, Receipt)
    yueyang.at("2024-07-11T09:00")
    before = yueyang.everything()
    again = yueyang.ask(case, "zhang0", "save_draft", payload, key="click")
    assert again == Receipt(first.ref, 2, "draft", None, first.at, repeated=True)
    assert yueyang.everything() == before
    assert yueyang.kinds(case) == ["started", "draft_saved"]


def test_a_repetition_says_where_the_case_stands_now(yueyang: City) -> None:
    case = yueyang.filled()
    assert isinstance(yueyang.ask(case, "zhang0", "submit", key="submit"), Receipt)
    yueyang.do(case, "wang", "decline", reason="不符合")
    again = yueyang.ask(case, "zhang0", "submit", key="submit")
    assert isinstance(again, Receipt)
    assert (again.repeated, again.outcome, again.at) == (True, "declined", local_instant("2024-07-10T09:00"))


def test_a_key_belongs_to_one_act_of_one_person(yueyang: City) -> None:
    case = yueyang.filled()
    yueyang.person("li2", "member", organisation_id=yueyang.rows("organisations", order="id")[0]["id"])
    first = yueyang.ask(case, "zhang0", "save_draft", {"fields": FORM}, key="k")
    assert isinstance(first, Receipt)
    other_act = yueyang.ask(case, "zhang0", "withdraw", {"reason": "x"}, key="k")
    assert other_act == Refusal("key_used", {"key": "k", "act": "save_draft"})
    scores = yueyang.case_at("expert_review", 1)
    assert isinstance(yueyang.ask(scores, "e0", "score", {"points": "80"}, key="score-1"), Receipt)
    other_person = yueyang.ask(scores, "e1", "score", {"points": "10"}, key="score-1")
    assert other_person == Refusal("key_used", {"key": "score-1", "act": "score"})
    assert [each.score for each in yueyang.subject(scores).application.scores] == [8000]


@pytest.mark.parametrize("key", ["", "k" * 201, "a\x00b", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused_by_name(yueyang: City, key: str) -> None:
    case = yueyang.start()
    assert code(yueyang.ask(case, "zhang0", "save_draft", {}, key=key)) == "bad_key"
    answer = calls.start(yueyang.engine, yueyang.call, yueyang.lead(1), "pingjiang", key=key)
    assert code(answer) == "bad_key"


def test_starting_twice_with_the_same_key_is_one_case(yueyang: City) -> None:
    def start(key: str | None, n: int = 0) -> Receipt | Refusal:
        return calls.start(yueyang.engine, yueyang.call, yueyang.lead(n), "pingjiang", key=key)

    first = start("begin")
    assert isinstance(first, Receipt)
    yueyang.at("2024-07-11T09:00")
    assert start("begin") == Receipt("YY2024-0001", 1, "draft", None, first.at, repeated=True)
    assert start("other") == Refusal("one_open_case", {"case": "YY2024-0001"})
    assert start(None) == Refusal("one_open_case", {"case": "YY2024-0001"})
    with reading(yueyang.engine) as connection:
        case = loading.id_of(connection, "YY2024-0001")
    yueyang.do(case, "zhang0", "withdraw", reason="改日再报")
    again = start("begin")
    assert isinstance(again, Receipt)
    assert (again.repeated, again.outcome) == (True, "withdrawn")
    assert yueyang.count("cases") == 1
    assert start("anew") == Receipt("YY2024-0002", 1, "draft", None, local_instant("2024-07-11T09:00"))
    assert start("begin", 1) == Receipt("YY2024-0003", 1, "draft", None, local_instant("2024-07-11T09:00"))


def test_a_key_of_the_beginning_is_no_key_for_an_act(yueyang: City) -> None:
    case = yueyang.start(key="begin")
    assert yueyang.ask(case, "zhang0", "save_draft", {}, key="begin") == Refusal(
        "key_used", {"key": "begin", "act": "start"}
    )


# --- who may ----------------------------------------------------------------------------------------


def test_a_stale_version_is_refused_with_both_versions(yueyang: City) -> None:
    case = yueyang.start()
    assert isinstance(yueyang.ask(case, "zhang0", "save_draft", {}, version=1), Receipt)
    answer = yueyang.ask(case, "zhang0", "save_draft", {}, version=1)
    assert answer == Refusal("stale_version", {"expected": 1, "actual": 2})


def test_wrong_role_wrong_place_and_nobody_are_refused_with_nothing_written(yueyang: City) -> None:
    case = yueyang.case_at("recommendation")
    with writing(yueyang.engine) as connection:
        xiangyin = parties.bureau_id(connection, "xiangyin")
    yueyang.person("zhou", "district_officer", bureau_id=xiangyin)
    yueyang.lead(1)
    before = yueyang.everything()
    wang = yueyang.people["wang"].person
    asked: list[tuple[Any, str, dict[str, Any]]] = [
        ("chen", "accept_online", {}),
        ("zhou", "accept_online", {}),
        ("zhang1", "withdraw", {"reason": "x"}),
        (Claim(wang, "city_leader"), "extend_deadline", {}),
        (Claim(wang, "system"), "accept_online", {}),
        (Claim(999_999, "district_officer"), "accept_online", {}),
        (Claim(wang, "no such role"), "accept_online", {}),
    ]
    assert [code(yueyang.ask(case, who, act, payload)) for who, act, payload in asked] == [
        "role_may_not",
        "not_yours",
        "not_yours",
        "no_such_role",
        "no_such_role",
        "no_such_role",
        "no_such_role",
    ]
    assert yueyang.ask(999_999, "wang", "accept_online") == Refusal("not_found", {"ref": 999_999})
    assert yueyang.everything() == before
    # The same person with roles in both districts acts for the one whose case it is.
    with writing(yueyang.engine) as connection:
        parties.grant(
            connection,
            yueyang.people["zhou"].person,
            "district_officer",
            bureau_id=yueyang.district,
            valid_from=calendar_day("2024-01-01"),
        )
    assert isinstance(yueyang.ask(case, "zhou", "accept_online"), Receipt)


def test_a_role_counts_from_its_first_to_its_last_day(yueyang: City) -> None:
    case = yueyang.case_at("papers")
    person = yueyang.people["chen"].person
    roles = TABLES["roles"]

    def valid(first: str, last: str | None) -> None:
        values = {
            "valid_from": calendar_day(first),
            "valid_to": None if last is None else calendar_day(last),
        }
        with writing(yueyang.engine) as connection:
            connection.execute(update(roles).where(roles.c.person_id == person).values(**values))

    def may() -> str:
        return code(yueyang.ask(case, "chen", "refuse_papers", {"reason": "x"}))

    valid("2024-07-11", None)
    assert may() == "no_such_role"
    valid("2024-01-01", "2024-07-09")
    assert may() == "no_such_role"
    valid("2024-07-10", "2024-07-10")
    assert may() == "papers_still_in_time"
    yueyang.at("2024-07-10T23:59:59.999999")
    assert may() == "papers_still_in_time"
    yueyang.at("2024-07-11T00:00")
    assert may() == "no_such_role"


def test_an_inactive_person_does_not_act(yueyang: City) -> None:
    case = yueyang.start()
    people = TABLES["people"]
    with writing(yueyang.engine) as connection:
        person = yueyang.people["zhang0"].person
        connection.execute(update(people).where(people.c.id == person).values(active=False))
    assert code(yueyang.ask(case, "zhang0", "save_draft")) == "no_such_role"


def test_an_unknown_act_and_bad_particulars_write_nothing(yueyang: City) -> None:
    case = yueyang.start()
    before = yueyang.everything()
    assert code(yueyang.ask(case, "zhang0", "approve")) == "unknown_act"
    assert code(yueyang.ask(case, "zhang0", "withdraw", {"reason": "a\x00b"})) == "bad_particulars"
    for payload in ({"uscc": "\x00"}, {"uscc": None}, {"uscc": ["x"]}, {"uscc": "9" * 100_000}, {}):
        assert code(yueyang.ask(case, "zhang0", "invite_member", payload)) in (
            "bad_particulars",
            "invalid_uscc",
        )
    attachment = yueyang.store("attachment") | {"digest": "\x00" * 64}
    assert code(yueyang.ask(case, "zhang0", "attach_document", attachment)) == "bad_particulars"
    assert {name: rows for name, rows in yueyang.everything().items() if name != "files"} == {
        name: rows for name, rows in before.items() if name != "files"
    }


def test_an_act_on_a_closed_case_says_since_when(yueyang: City) -> None:
    case = yueyang.start()
    yueyang.at("2024-08-04T18:00:00.000001")
    answer = yueyang.ask(case, "zhang0", "save_draft")
    assert answer == Refusal(
        "closed",
        {
            "act": "save_draft",
            "outcome": "draft_not_accepted",
            "since": "2024-08-04T18:00:00+08:00",
        },
    )
    # What settled with a refused act is not written: the next sweep does that.
    assert yueyang.kinds(case) == ["started"]


def test_the_longest_particulars_fit_into_the_database(yueyang: City) -> None:
    case = yueyang.start()

    def do(who: str, act: str, **payload: Any) -> None:
        answer = yueyang.ask(case, who, act, payload, key="键" * 200)
        assert isinstance(answer, Receipt), answer
        with writing(yueyang.engine) as connection:  # the same key again: only its length matters here
            events = TABLES["events"]
            if yueyang.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("DROP TRIGGER IF EXISTS events_keep")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.execute(update(events).where(events.c.subject_id == case).values(act_key=None))

    prose = "述" * 2000
    do(
        "zhang0",
        "save_draft",
        fields={**FORM, "consortium.direction": "向" * 40, "consortium.summary": prose},
    )
    do("zhang0", "invite_member", uscc=lead_uscc(9), name="名" * 200, kind="enterprise")
    do("zhang0", "remove_member", uscc=lead_uscc(9))
    do("zhang0", "invite_member", uscc=UNIVERSITY)
    do("li", "decline_membership", reason=prose)
    do("zhang0", "invite_member", uscc=UNIVERSITY)
    do("li", "confirm_membership")
    do("zhang0", "save_draft", members={UNIVERSITY: MEMBER_FORM})
    for material, who in (("application_form", "zhang0"), ("implementation_plan", "zhang0")):
        do(who, "attach_document", **{**yueyang.store(material), "name": "件" * 196 + ".pdf"})
    attached = yueyang.store("cooperation_agreement")
    do("li", "attach_document", **{**attached, "media_type": "m" * 100})
    do("zhang0", "submit")
    do("wang", "accept_online")
    do("wang", "endorse", opinion=prose)
    do("wang", "deliver_papers", letter=True, finance_signed=True, application_copies=100, summary_copies=100)
    items = [{"item": field, "remark": "改" * 1000} for field in shipped("yueyang-2024").procedure.field][:40]
    do(
        "chen",
        "return_for_correction",
        items=[each for each in items if not each["item"].startswith("member")],
    )
    do("zhang0", "resubmit")
    do("boss", "extend_deadline", deadline="formal_review", until="2060-12-31", reason=prose)
    do("chen", "pass_review", note=prose)
    do("chen", "schedule_visit", at="2024-07-11T09:00", team=[f"{n:02d}" + "员" * 58 for n in range(20)])
    do("chen", "record_visit", on="2024-07-10", result="passed", findings=prose)
    do("chen", "name_panel", experts=EXPERTS)
    for expert in EXPERTS:
        do(expert, "score", points="100", comment="评" * 4000)
    do("chen", "close_scoring")
    yueyang.at("2024-08-06T09:00")
    yueyang.do(yueyang.call, "boss", "select", cases=["YY2024-0001"])
    do("chen", "file", document_number="文" * 100, document_date="2024-08-06", direction="域" * 60)
    assert yueyang.subject(case).outcome == "filed"
    assert yueyang.rows("register_entries")[0]["name"] == f"岳阳市{'域' * 60}创新联合体"


# --- time -------------------------------------------------------------------------------------------


def test_an_act_counts_from_its_receipt_and_is_recorded_when_it_is_written(yueyang: City) -> None:
    case = yueyang.filled()
    yueyang.at("2024-08-04T18:00:20")
    received = local_instant("2024-08-04T18:00:00")
    answer = yueyang.ask(case, "zhang0", "submit", received_at=received)
    assert isinstance(answer, Receipt)
    assert (answer.stage, answer.at) == ("recommendation", received)
    row = yueyang.rows("events", case)[-1]
    assert row["effective_at"] == received
    assert row["recorded_at"] == local_instant("2024-08-04T18:00:20")


def test_what_came_in_before_another_but_is_recorded_after_it_counts_from_then(yueyang: City) -> None:
    case = yueyang.start()
    early = local_instant("2024-07-10T08:59:59")
    answer = yueyang.ask(case, "zhang0", "save_draft", {"fields": {}}, received_at=early)
    assert isinstance(answer, Receipt)
    assert answer.at == local_instant("2024-07-10T09:00:00")


def test_a_clock_that_is_behind_is_refused(yueyang: City) -> None:
    case = yueyang.start()
    yueyang.ask(case, "zhang0", "save_draft", received_at=local_instant("2024-07-10T09:00:01"))
    answer = yueyang.ask(case, "zhang0", "save_draft", received_at=local_instant("2024-07-10T09:00:00"))
    assert answer == Refusal(
        "clock_behind", {"now": "2024-07-10T09:00:00+08:00", "last": "2024-07-10T09:00:01+08:00"}
    )


# --- facts ------------------------------------------------------------------------------------------


def test_a_known_unit_keeps_its_name_and_kind_however_its_code_is_typed(yueyang: City) -> None:
    case = yueyang.start()
    typed = "１２１０００００ 40000062-4d"
    yueyang.do(case, "zhang0", "invite_member", uscc=typed, name="冒名大学", kind="enterprise")
    (member,) = yueyang.subject(case).application.members
    assert (member.uscc, member.name, member.kind) == (UNIVERSITY, "某大学", "university")
    assert yueyang.count("organisations") == 2


def test_a_new_unit_is_entered_with_its_invitation(yueyang: City) -> None:
    case = yueyang.start()
    yueyang.do(case, "zhang0", "invite_member", uscc=lead_uscc(9), name="新公司", kind="enterprise")
    (unit,) = [row for row in yueyang.rows("organisations") if row["uscc"] == lead_uscc(9)]
    assert (unit["name"], unit["kind"]) == ("新公司", "enterprise")


def test_a_file_counts_with_the_size_it_has(yueyang: City) -> None:
    case = yueyang.start()
    stored = yueyang.store("implementation_plan")
    yueyang.do(case, "zhang0", "attach_document", **{**stored, "size": 7})
    assert [each.size for each in yueyang.subject(case).application.documents] == [1000]
    unknown = stored | {"digest": "0" * 64}
    answer = yueyang.ask(case, "zhang0", "attach_document", unknown)
    assert answer == Refusal("file_not_stored", {"name": "implementation_plan.pdf", "digest": "0" * 64})


# --- calls ------------------------------------------------------------------------------------------


def test_applications_begin_only_while_their_call_is_open(yueyang: City) -> None:
    yueyang.at("2024-08-04T18:00")
    assert isinstance(calls.start(yueyang.engine, yueyang.call, yueyang.lead(0), "pingjiang"), Receipt)
    yueyang.at("2024-08-04T18:00:00.001")
    answer = calls.start(yueyang.engine, yueyang.call, yueyang.lead(1), "pingjiang")
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["stage"]) == ("call_not_open", "recommending")
    assert yueyang.count("cases") == 1


@pytest.mark.parametrize(
    ("who", "district", "refusal"),
    [
        ("zhang0", "atlantis", "unknown_district"),
        ("zhang0", "yueyang", "unknown_district"),
        ("li", "pingjiang", "role_may_not"),
        ("chen", "pingjiang", "not_yours"),
    ],
)
def test_who_may_begin_where(yueyang: City, who: str, district: str, refusal: str) -> None:
    yueyang.lead(0)
    assert code(calls.start(yueyang.engine, yueyang.call, yueyang.people[who], district)) == refusal
    assert yueyang.count("cases") == 0


def test_there_is_no_such_call(yueyang: City) -> None:
    answer = calls.start(yueyang.engine, 999, yueyang.lead(0), "pingjiang")
    assert answer == Refusal("not_found", {"ref": 999})


def test_a_case_gets_no_number_of_a_refused_beginning(yueyang: City) -> None:
    yueyang.start(0)
    assert code(calls.start(yueyang.engine, yueyang.call, yueyang.lead(0), "pingjiang")) == "one_open_case"
    assert yueyang.start(1) > 0
    assert [row["number"] for row in yueyang.rows("cases")] == ["YY2024-0001", "YY2024-0002"]


@pytest.mark.parametrize(
    ("dates", "named"),
    [
        ({"filing_ends": "2024-08-04T18:00"}, "filing_ends: unknown date"),
        ({"filing_closes": "2024-08-04"}, "filing_closes: expected instant such as"),
        ({"filing_closes": "soon"}, "filing_closes: expected instant such as"),
        ({"papers_due": "2024-08-13T18:00"}, "papers_due: expected day such as"),
        ({"filing_closes": "2024-07-03T18:00"}, "filing_closes: 2024-07-03T18:00:00+08:00 lies before"),
        ({"papers_due": "9999-12-31"}, "papers_due: expected day such as"),
        ({"filing_opens": "0001-01-01T00:00+14:00"}, "filing_opens: expected instant such as"),
    ],
)
def test_a_call_with_impossible_dates_is_refused_naming_each(
    yueyang: City, dates: dict[str, str], named: str
) -> None:
    revision = yueyang.rows("revisions")[0]["id"]
    before = yueyang.count("calls")
    with pytest.raises(calls.BadDates, match=re.escape(named)):
        calls.announce(yueyang.engine, revision, "2025", yueyang.people["admin"], dates)
    assert yueyang.count("calls") == before


def test_who_may_announce_and_once(yueyang: City) -> None:
    revision = yueyang.rows("revisions")[0]["id"]

    def announce(who: str, call: str) -> Receipt | Refusal:
        return calls.announce(yueyang.engine, revision, call, yueyang.people[who])

    assert code(announce("boss", "2025")) == "role_may_not"
    assert code(announce("wang", "2025")) == "not_yours"
    assert announce("admin", "2024") == Refusal("call_exists", {"code": "2024"})
    assert isinstance(announce("admin", "2025"), Receipt)
    # Announced on 10 July with the window of the 4th: it opens at once, and never in the past.
    with reading(yueyang.engine) as connection:
        call = loading.id_of(connection, "2025")
    assert isinstance(calls.start(yueyang.engine, call, yueyang.lead(0), "pingjiang"), Receipt)
    times = [row["effective_at"] for row in yueyang.rows("events", call)]
    assert times == sorted(times)


@pytest.mark.parametrize("swept", [False, True])
def test_a_list_is_drawn_up_whether_a_sweep_has_closed_the_drafts_or_not(yueyang: City, swept: bool) -> None:
    draft, case = yueyang.filled(0), yueyang.case_at("selection", 1)
    yueyang.at("2024-08-06T09:00")
    if swept:
        wake.sweep(yueyang.engine, "application")
    yueyang.do(yueyang.call, "boss", "select", cases=[yueyang.subject(case).ref])
    yueyang.do(case, "chen", "file", document_number="1号", document_date="2024-08-06")
    yueyang.do(yueyang.call, "admin", "complete")
    wake.sweep(yueyang.engine, "application")
    assert [yueyang.subject(each).outcome for each in (draft, case)] == ["draft_not_accepted", "filed"]
    everywhere(yueyang)


def test_the_story_s_clock_is_the_act_s_clock(yueyang: City) -> None:
    case = yueyang.start()
    yueyang.at("2024-07-20T09:00")
    answer = acts.perform(yueyang.engine, Request(case, "save_draft", yueyang.people["zhang0"]))
    assert isinstance(answer, Receipt)
    with reading(yueyang.engine) as connection:
        assert answer.at == clock.now(connection) == local_instant("2024-07-20T09:00")
    assert answer.at.utcoffset() == datetime.timedelta(hours=8)
