"""A rung hands a forgotten case to another desk: an event by the program, which decides nothing."""

import datetime

import pytest
from city import City, build
from projected import agrees
from sqlalchemy import Engine, insert, select
from test_call_moved import edited
from test_ladders import at, away, in_review, told

from casework import clock, handing_on, parties
from models import Delegation, Role
from models.database import reading, writing
from procedure.instant import local_instant

_SUPERVISOR = "{id: to_supervisor, after: {working_days: 1}, text: escalated, recipients: [supervisor]}"


def handing(rung: str, to: str) -> tuple[str, str]:
    return rung, f"{rung[:-1]}, reassign_to: {to}}}"


@pytest.fixture
def city(story_engine: Engine) -> City:
    return build(story_engine, pack=edited(handing(_SUPERVISOR, "supervisor")))


def supervise(city: City, who: str, by: str) -> None:
    with writing(city.engine) as connection:
        role = connection.execute(
            select(Role.__table__.c.id).where(Role.__table__.c.person_id == city.people[who].person)
        ).scalar_one()
        parties.supervise(connection, role, city.people[by].person, clock.now(connection).date())


def away_in_august(city: City, who: str, substitute: str) -> None:
    with reading(city.engine) as connection:
        role = connection.execute(
            select(Role.__table__.c.id).where(Role.__table__.c.person_id == city.people[who].person)
        ).scalar_one()
    with writing(city.engine) as connection:
        connection.execute(
            insert(Delegation.__table__).values(
                role_id=role,
                substitute_id=city.people[substitute].person,
                first_day=datetime.date(2024, 8, 1),
                last_day=datetime.date(2024, 8, 31),
                reason="出差",
                made_at=local_instant("2024-07-01T09:00"),
                made_by=city.people[who].person,
            )
        )


def handed(city: City, case: int) -> list[tuple[str, str | None]]:
    return [(row["role"], row["act"]) for row in city.rows("events", case) if row["kind"] == "reassigned"]


def test_the_supervisor_gets_the_case_and_is_told_why(city: City) -> None:
    head = city.person("head", "city_officer", bureau_id=city.city)
    supervise(city, "chen", "head")
    case = in_review(city)
    before = city.subject(case)
    assert at(city, "2024-07-18T09:00:30")[-1][0] == "to_supervisor"
    agrees(city, case)
    after = city.subject(case)
    assert (after.stage, after.outcome, after.application.desk) == (before.stage, None, head.person)
    # Its one event is the program's, beside the passing of the deadline.
    assert city.kinds(case)[-2:] == ["deadline_passed", "reassigned"]
    assert handed(city, case) == [("system", None)]
    (item,) = [row for row in city.rows("work_items", case) if row["done_at"] is None]
    assert item["person_id"] == head.person
    (notice,) = [row for row in city.rows("notices", case) if row["text"] == "reassigned"]
    assert (notice["recipient_id"], notice["context"]["reason"]) == (
        head.person,
        "“形式审查”到期后1个工作日仍未办结",
    )
    # The unit stays competent, and the desk is that of the stage alone.
    city.do(case, "chen", "pass_review")
    assert city.subject(case).application.desk is None
    agrees(city, case)


def test_whoever_gets_it_acts_in_ones_own_name_and_escalation_goes_on(city: City) -> None:
    head = city.person("head", "city_officer", bureau_id=city.city)
    supervise(city, "chen", "head")
    case = in_review(city)
    at(city, "2024-07-18T09:00:30")
    at(city, "2024-07-22T09:00:30")
    city.do(case, "head", "pass_review")
    assert city.rows("events", case)[-1]["person_id"] == head.person
    assert [rung for rung, _, _ in told(city, case)][-1] == "to_duty_officer"


def test_the_supervisor_is_that_of_whose_desk_it_lies_on(city: City) -> None:
    city.person("head", "city_officer", bureau_id=city.city)
    supervise(city, "chen", "head")
    case = in_review(city)
    city.do(case, "boss", "reassign", officer="head", reason="出差")
    at(city, "2024-07-18T09:00:30")
    at(city, "2024-07-19T09:00:30")
    # The head has none but the bureau's leader, who cannot take it.
    assert handed(city, case) == [("city_leader", "reassign")]
    assert [row["kind"] for row in city.rows("incidents")] == ["not_handed_on"]


def test_an_absent_supervisor_is_left_out_for_the_substitute(city: City) -> None:
    city.person("head", "city_officer", bureau_id=city.city)
    deputy = city.person("deputy", "city_officer", bureau_id=city.city)
    supervise(city, "chen", "head")
    away(city, "head", "deputy")
    case = in_review(city)
    at(city, "2024-07-18T09:00:30")
    assert city.subject(case).application.desk == deputy.person


def test_where_nobody_can_take_it_it_stays_and_an_incident_says_so(city: City) -> None:
    case = in_review(city)
    # Without a supervisor of one's own it would be the leader's, who does not hold the officers' role.
    at(city, "2024-07-18T09:00:30")
    assert city.subject(case).application.desk is None
    assert handed(city, case) == []
    (incident,) = city.rows("incidents")
    assert (incident["kind"], incident["subject_id"], incident["summary"]) == (
        "not_handed_on",
        case,
        f"{city.subject(case).ref}: nobody is there to take the case over for Formal review",
    )


def test_after_an_outage_the_rung_that_was_skipped_still_hands_it_on(city: City) -> None:
    head = city.person("head", "city_officer", bureau_id=city.city)
    supervise(city, "chen", "head")
    case = in_review(city)
    ((sent, skipped),) = at(city, "2024-07-25T10:00")
    assert (sent, "to_supervisor" in skipped) == ("to_leader", True)
    assert (city.subject(case).application.desk, len(handed(city, case))) == (head.person, 1)
    agrees(city, case)


def test_a_deadline_that_lapses_meanwhile_is_not_kept_from_it(story_engine: Engine) -> None:
    """The district's last day hands the case to its substitute; the clause decides all the same."""
    last_day = "{id: last_day, text: due_now, recipients: [holder]}"
    city = build(story_engine, pack=edited(handing(last_day, "substitute")))
    deputy = city.person("deputy", "district_officer", bureau_id=city.district)
    case = city.case_at("recommendation")
    away_in_august(city, "wang", "deputy")
    at(city, "2024-08-09T09:00:30")
    assert city.subject(case).application.desk == deputy.person
    at(city, "2024-08-09T18:00:31")
    assert (city.subject(case).outcome, city.subject(case).application.desk) == ("not_accepted", None)
    agrees(city, case)


def test_a_sweep_killed_before_its_commit_hands_it_on_the_next_time(city: City, monkeypatch) -> None:
    city.person("head", "city_officer", bureau_id=city.city)
    supervise(city, "chen", "head")
    case = in_review(city)
    with monkeypatch.context() as patched:
        patched.setattr(handing_on, "evolve", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            at(city, "2024-07-18T09:00:30")
    assert handed(city, case) == []
    at(city, "2024-07-18T09:00:31")
    assert handed(city, case) == [("system", None)]
