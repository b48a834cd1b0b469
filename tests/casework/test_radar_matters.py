"""What comes after filing is stuck like a case: told with the same columns, to whom it concerns."""

from typing import Any

from city import City
from test_consortium_changes import proposed
from test_radar import look
from test_register_life import revocation
from test_rounds import announce, filed, subject_of

from casework import clock, incidents, matter_list, metrics, parties, rounds, summary, wake
from casework.incidents import record_incident
from casework.radar import Trouble
from models.database import reading, writing
from procedure.instant import iso


def round_of(yueyang: City, leads: int = 2) -> list[str]:
    """Return the entries of a round whose self-reports are due on 12 August 2025, at last on the 20th."""
    numbers = filed(yueyang, leads)
    yueyang.at("2025-08-06T09:00")
    announce(yueyang, self_report="2025-08-12", last_report="2025-08-20")
    rounds.open_tasks(yueyang.engine)
    return numbers


def found(yueyang: City, who: str | None = None, **narrowed: Any) -> list[tuple[str, str, str]]:
    return [
        (line.number, line.stage, " ".join(line.troubles)) for line in look(yueyang, who, **narrowed).lines
    ]


def test_a_late_self_report_is_told_with_who_holds_it_until_when_and_what_is_next(yueyang: City) -> None:
    first, second = round_of(yueyang)
    assert found(yueyang) == []
    yueyang.at("2025-08-12T09:00")
    # The last day: the office has the day that is left.
    late = [f"PJ2025/{first}", f"PJ2025/{second}"]
    assert found(yueyang) == [(each, "self_report", "breach") for each in late]
    yueyang.at("2025-08-13T00:00")
    before = look(yueyang)
    wake.sweep(yueyang.engine, "evaluation")
    seen = look(yueyang)
    assert found(yueyang) == [(each, "self_report", "overdue") for each in late]
    assert (before.counts, seen.counts[Trouble.OVERDUE]) == (seen.counts, 2)
    line = seen.lines[0]
    assert (line.kind, line.entry, line.call, line.lead) == ("evaluation", first, None, "第0公司")
    assert (line.holder, line.office.zh, line.people) == ("applicant", "第0公司", ("Zhang0",))
    assert (line.district_code, iso(line.since)) == ("pingjiang", "2025-08-06T09:00:00+08:00")
    assert line.due_at is not None
    assert iso(line.due_at) == "2025-08-12T23:59:59.999999+08:00"
    assert line.next is not None
    assert line.helps == ("urge", "extend_deadline", "open")
    # One hands its report in: it is the district's now, and told when that is late.
    yueyang.do(subject_of(yueyang, late[0]), "zhang0", "submit_report", contents={"results": "完成"})
    assert [each[0] for each in found(yueyang)] == [late[1]]
    with reading(yueyang.engine) as connection:
        # However many are more urgent, but with somebody else.
        waiting = matter_list.waiting(connection, yueyang.people["wang"], limit=1)
    assert [(each.number, each.stage) for each in waiting] == [(late[0], "comment")]
    yueyang.at("2025-08-22T09:00")
    wake.sweep(yueyang.engine, "evaluation")
    assert found(yueyang, districts=["pingjiang"]) == [(late[0], "comment", "overdue")]
    assert look(yueyang).lines[0].holder == "district"


def test_a_district_is_told_of_evaluations_and_revocations_and_of_no_change(yueyang: City) -> None:
    [number] = round_of(yueyang, 1)
    case = revocation(yueyang, number)
    change = proposed(yueyang, number, "chief_expert", value="王院士")
    # What is being drawn up has no clock, but may be hit by something: it is the lead unit's own business.
    with writing(yueyang.engine) as connection:
        record_incident(
            connection,
            fingerprint="wake:X:y",
            kind="wake",
            summary="X",
            detail="X",
            now=clock.now(connection),
            subject_id=change,
        )
    with reading(yueyang.engine) as connection:
        (incident,) = incidents.lines(connection)
        assert [each.number for each in incidents.cases_of(connection, incident.id)] == [f"{number}/C1"]
    assert found(yueyang) == []
    yueyang.do(change, "zhang0", "hand_in_change")
    assert found(yueyang, "chen") == [(f"{number}/C1", "review", "incident")]
    yueyang.at("2025-09-10T09:00")
    told = {
        (f"PJ2025/{number}", "self_report", "overdue"),
        (yueyang.subject(case).ref, "proposed", "overdue"),
    }
    of_bureau = {*told, (f"{number}/C1", "review", "overdue incident")}
    assert (set(found(yueyang, "chen")), set(found(yueyang, "wang"))) == (of_bureau, told)
    assert set(found(yueyang, "chen", districts=["pingjiang"])) == of_bureau
    assert found(yueyang, "chen", stages=["review"]) == [(f"{number}/C1", "review", "overdue incident")]
    yueyang.person("zhou", "district_officer", bureau_id=_xiangyin(yueyang))
    assert found(yueyang, "zhou") == []
    assert look(yueyang, "zhou").counts[Trouble.OVERDUE] == 0


def _xiangyin(yueyang: City) -> int:
    with writing(yueyang.engine) as connection:
        return parties.bureau_id(connection, "xiangyin")


def test_a_follow_up_that_was_not_held_is_told_and_an_expiry_is_no_trouble(yueyang: City) -> None:
    [number] = filed(yueyang, 1)
    entry = subject_of(yueyang, number)
    yueyang.do(entry, "chen", "plan_follow_up", topic="样机", on="2024-09-02")
    yueyang.at("2024-09-03T09:00")
    assert found(yueyang) == [(number, "valid", "overdue")]
    yueyang.do(entry, "chen", "record_follow_up", on="2024-09-03", findings="进展正常")
    yueyang.at("2027-08-04T09:00")
    assert found(yueyang) == []


def test_the_summary_the_chart_and_the_figures_count_them_too(yueyang: City) -> None:
    [number] = round_of(yueyang, 1)
    yueyang.at("2025-08-13T09:00")
    assert f"PJ2025/{number} 自评 2025-08-12 23:59 (已逾期)" in summary.items(look(yueyang), "zh")
    assert [each.cases for each in look(yueyang).late] == [0, 0, 1, 0, 0]
    told = metrics.text(yueyang.engine).splitlines()
    of = 'bureau="yueyang",kind="evaluation",stage="self_report"'
    assert {f"beian_open_matters{{{of}}} 1.0", f"beian_overdue_matters{{{of}}} 1.0"} < set(told)
