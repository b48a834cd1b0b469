"""What is stuck and why, who sees it, what is next and what helps; and that nothing is missed or made up."""

import datetime
from typing import Any

import pytest
from city import PLAN, TABLES, City
from sqlalchemy import Engine, insert, update

from casework import backlog, calendars, clock, conditions, pace, parties, radar, wake
from casework.access import Claim, Watched
from casework.incidents import record_incident
from casework.radar import Radar, Trouble
from models.database import reading, writing
from procedure.instant import calendar_day, day_of, end_of, local_instant
from procedure.working_days import state_council


def look(city: City, who: str | None = None, **narrowed: Any) -> Radar:
    with reading(city.engine) as connection:
        claim = None if who is None else city.people[who]
        seen = radar.look(connection, seen_by=claim, **narrowed)
        assert sum(step.cases for step in seen.late) == seen.counts[Trouble.OVERDUE]
        return seen


def found(seen: Radar) -> dict[str, tuple[str, ...]]:
    return {line.number[-4:]: tuple(map(str, line.troubles)) for line in seen.lines}


@pytest.fixture
def busy(yueyang: City) -> City:
    """A draft (1), one at the district (2), two in formal review (3, 4), one before the panel (5)."""
    yueyang.filled(0)
    yueyang.case_at("recommendation", 1)
    yueyang.case_at("formal_review", 2)
    yueyang.case_at("formal_review", 3)
    yueyang.case_at("expert_review", 4)
    yueyang.person("yun", "operations", bureau_id=yueyang.city)
    with writing(yueyang.engine) as connection:
        xiangyin = parties.bureau_id(connection, "xiangyin")
    yueyang.person("zhou", "district_officer", bureau_id=xiangyin)
    return yueyang


def test_nothing_is_stuck_while_all_is_in_time(busy: City) -> None:
    seen = look(busy)
    assert (seen.lines, seen.more) == ((), False)
    assert set(seen.counts.values()) == {0}
    assert seen.at == local_instant("2024-07-10T09:00")


def test_late_cases_are_told_whether_a_sweep_has_noticed_or_not(busy: City) -> None:
    # Formal review: five working days from 10 July, to the end of 17 July.
    busy.at("2024-07-18T08:59")
    before = look(busy)
    wake.sweep(busy.engine, "application")
    after = look(busy)
    assert found(before) == found(after) == {"0003": ("overdue",), "0004": ("overdue",)}
    assert before.counts == after.counts
    assert after.counts[Trouble.OVERDUE] == 2
    line = after.lines[0]
    assert (line.stage, line.holder, line.office.zh, line.people) == (
        "formal_review",
        "bureau",
        "岳阳市科学技术局",
        ("Chen",),
    )
    assert line.since == local_instant("2024-07-10T09:00")
    assert line.due_at == local_instant("2024-07-17T23:59:59.999999")
    assert {"extend_deadline", "open"} <= set(line.helps)
    assert before.lines[0].next is not None
    assert (before.lines[0].next.rung, before.lines[0].next.lapses) == ("three_days_before", False)


def test_what_is_due_today_is_in_danger_and_a_slow_office_sooner(busy: City) -> None:
    busy.at("2024-07-16T09:00")
    assert found(look(busy)) == {}
    items = TABLES["work_items"]
    with writing(busy.engine) as connection:
        # The bureau took three working days for each of its last five formal reviews.
        case = busy.rows("cases")[4]["subject_id"]
        for _ in range(pace.ENOUGH):
            connection.execute(
                insert(items).values(
                    subject_id=case,
                    seq=1,
                    stage="formal_review",
                    role="city_officer",
                    bureau_id=busy.city,
                    opened_at=local_instant("2024-07-10T09:00"),
                    done_at=local_instant("2024-07-15T09:00"),
                )
            )
    seen = look(busy)
    assert found(seen) == {"0003": ("breach",), "0004": ("breach",)}
    assert seen.counts[Trouble.BREACH] == 2
    busy.at("2024-07-17T23:59:59.999999")
    assert found(look(busy)) == {"0003": ("breach",), "0004": ("breach",)}
    busy.at("2024-07-18T00:00")
    assert found(look(busy)) == {"0003": ("overdue",), "0004": ("overdue",)}


def test_a_suspended_clock_is_no_trouble(busy: City) -> None:
    case = busy.rows("cases")[2]["subject_id"]
    busy.do(case, "boss", "suspend_deadline", deadline="formal_review", reason="等材料")
    busy.at("2024-07-18T09:00")
    assert found(look(busy)) == {"0004": ("overdue",)}


def test_each_sees_their_own(busy: City) -> None:
    busy.at("2024-08-12T09:00")
    wake.sweep(busy.engine, "application")
    everything = found(look(busy))
    assert everything == {"0003": ("overdue",), "0004": ("overdue",), "0005": ("overdue",)}
    for who in ("chen", "boss", "admin", "yun", "wang"):
        assert found(look(busy, who)) == everything
    for who in ("zhou", "li", "e0", "zhang3"):
        seen = look(busy, who)
        assert (seen.lines, set(seen.counts.values())) == ((), {0})
    assert look(busy, "wang").conditions == ()
    stranger = Claim(busy.people["wang"].person, "city_officer")
    with reading(busy.engine) as connection:
        assert radar.look(connection, seen_by=stranger).lines == ()


def test_lines_are_narrowed_paged_and_ordered_by_urgency(busy: City) -> None:
    busy.at("2024-08-12T09:00")
    wake.sweep(busy.engine, "application")
    assert [line.number[-4:] for line in look(busy).lines] == ["0003", "0004", "0005"]
    first = look(busy, limit=2)
    assert ([line.number[-4:] for line in first.lines], first.more) == (["0003", "0004"], True)
    last = look(busy, limit=2, offset=2)
    assert ([line.number[-4:] for line in last.lines], last.more) == (["0005"], False)
    assert list(found(look(busy, stages=["expert_review"]))) == ["0005"]
    assert look(busy, stages=["expert_review"]).counts[Trouble.OVERDUE] == 1
    assert found(look(busy, districts=["xiangyin"])) == {}
    assert len(found(look(busy, "wang", districts=["pingjiang"]))) == 3
    assert found(look(busy, "zhou", districts=["pingjiang"])) == {}
    assert found(look(busy, troubles=[Trouble.BREACH])) == {}
    assert look(busy, troubles=[Trouble.BREACH]).counts == look(busy).counts


def test_a_case_returned_twice_bounces(busy: City) -> None:
    case = busy.rows("cases")[2]["subject_id"]
    for n in range(2):
        busy.do(case, "chen", "return_for_correction", **PLAN)
        assert found(look(busy)) == ({"0003": ("bouncing",)} if n else {})
        busy.do(case, "zhang2", "attach_document", **busy.store("implementation_plan", str(n)))
        busy.do(case, "zhang2", "resubmit")
    assert look(busy).counts[Trouble.BOUNCING] == 1
    assert look(busy).lines[0].holder == "bureau"


def test_work_that_nobody_can_do_is_told(busy: City) -> None:
    roles, people = TABLES["roles"], TABLES["people"]

    def end(who: str) -> None:
        with writing(busy.engine) as connection:
            connection.execute(
                update(roles)
                .where(roles.c.person_id == busy.people[who].person)
                .values(valid_to=calendar_day("2024-07-10"))
            )

    end("wang")
    end("chen")
    assert found(look(busy)) == {}
    busy.at("2024-07-11T09:00")
    assert found(look(busy)) == {
        "0002": ("no_holder",),
        "0003": ("no_holder",),
        "0004": ("no_holder",),
    }
    busy.person("wu", "district_officer", bureau_id=busy.district)
    busy.person("cai", "city_officer", bureau_id=busy.city)
    assert found(look(busy)) == {}
    with writing(busy.engine) as connection:
        connection.execute(update(people).where(people.c.id == busy.people["e3"].person).values(active=False))
    seen = look(busy)
    assert found(seen) == {"0005": ("no_holder",)}
    assert seen.lines[0].people == ("E0", "E1", "E2", "E3", "E4")
    case = busy.rows("cases")[3]["subject_id"]
    busy.do(case, "cai", "return_for_correction", **PLAN)
    end("zhang3")
    assert found(look(busy)) == {"0005": ("no_holder",), "0004": ("no_holder",)}


def test_whoever_is_away_is_told_even_if_somebody_stands_in(busy: City) -> None:
    held = next(row["id"] for row in busy.rows("roles") if row["person_id"] == busy.people["chen"].person)
    with writing(busy.engine) as connection:
        connection.execute(
            insert(TABLES["delegations"]).values(
                role_id=held,
                substitute_id=busy.people["boss"].person,
                first_day=calendar_day("2024-07-11"),
                last_day=calendar_day("2024-07-12"),
                reason="出差",
                made_at=clock.now(connection),
                made_by=busy.people["chen"].person,
            )
        )
    away = {"0003": ("absent",), "0004": ("absent",)}
    assert found(look(busy)) == {}
    busy.at("2024-07-11T00:00")
    assert found(look(busy)) == away
    busy.person("cai", "city_officer", bureau_id=busy.city)
    assert found(look(busy)) == {}


def test_an_incident_that_cannot_be_retried_is_looked_into(busy: City) -> None:
    case = busy.rows("cases")[1]["subject_id"]
    with writing(busy.engine) as connection:
        record_incident(connection, "x", "delivery", "x", "x", clock.now(connection), case)
        record_incident(connection, "y", "overdue", "x", "x", clock.now(connection), case)
    (line,) = look(busy).lines
    assert (line.troubles, line.helps, line.incidents) == (("incident",), ("look_into", "open"), (1,))


def test_incidents_and_dead_notices_are_told(busy: City) -> None:
    cases = [row["subject_id"] for row in busy.rows("cases")]
    notices = TABLES["notices"]
    with writing(busy.engine) as connection:
        record_incident(connection, "x", "wake", "x", "x", clock.now(connection), cases[1])
        record_incident(connection, "y", "flow", "x", "x", clock.now(connection))
        one = next(row["id"] for row in busy.rows("notices") if row["subject_id"] == cases[2])
        connection.execute(update(notices).where(notices.c.id == one).values(state="dead"))
    seen = look(busy)
    assert found(seen) == {"0003": ("undelivered",), "0002": ("incident",)}
    helps = {line.number[-4:]: (line.helps, line.notices, line.incidents) for line in seen.lines}
    assert helps == {"0003": (("resend", "open"), (one,), ()), "0002": (("retry", "open"), (), (1,))}
    assert [(each.kind, each.of) for each in seen.conditions] == [("incident", "2")]


def test_what_lies_on_each_desk(busy: City) -> None:
    busy.at("2024-07-18T09:00")
    with reading(busy.engine) as connection:
        now = clock.now(connection)
        lying = backlog.lying(connection, [Watched(busy.city)], now)
        until = backlog.danger(connection, backlog.desks(connection, Watched(busy.city)), now)
    began = local_instant("2024-07-10T09:00")
    assert [(each.stage, each.open, each.overdue, each.breach, each.oldest) for each in lying] == [
        ("draft", 1, 0, 0, began),
        ("expert_review", 1, 0, 0, began),
        ("formal_review", 2, 2, 0, began),
        ("recommendation", 1, 0, 0, began),
    ]
    assert until.at("formal_review", busy.district) == end_of(day_of(now))


@pytest.mark.parametrize(
    ("days", "until"),
    [(1, "2025-09-26"), (2, "2025-09-28"), (5, "2025-10-09"), (6, "2025-10-10"), (7, "2025-10-11")],
)
def test_danger_reaches_as_many_working_days_as_the_pace(days: int, until: str) -> None:
    today = datetime.date(2025, 9, 26)
    assert pace.in_danger_until(state_council(), today, days) == end_of(datetime.date.fromisoformat(until))


# --- the program itself ---


def test_an_unseen_worker_and_a_stuck_lane_are_told_apart(engine: Engine) -> None:
    now = local_instant("2026-06-01T09:00")

    def kinds() -> list[tuple[str, str]]:
        with reading(engine) as connection:
            return [(each.kind, each.of) for each in conditions.sweeping(connection, now)]

    def swept(lane: str, minutes: int) -> None:
        with writing(engine) as connection:
            at = now.subtract(minutes=minutes)
            connection.execute(TABLES["sweeps"].delete().where(TABLES["sweeps"].c.lane == lane))
            connection.execute(insert(TABLES["sweeps"]).values(lane=lane, started_at=at, finished_at=at))

    assert kinds() == [("worker", "")]
    swept("calls", 11)
    swept("notices", 30)
    assert kinds() == [("worker", "")]
    swept("calls", 10)
    assert kinds() == [("lane", "notices")]
    swept("notices", 0)
    assert kinds() == []


def test_missing_holidays_are_told_from_december_or_once_a_deadline_reaches_them(engine: Engine) -> None:
    with reading(engine) as connection:
        last = calendars.current(connection, datetime.date(2060, 1, 1)).last_published_year

        def missing(at: str) -> list[str]:
            return [each.of for each in conditions.missing_holidays(connection, local_instant(at))]

        assert missing(f"{last}-11-30T23:59") == []
        assert missing(f"{last}-12-01T00:00") == [str(last + 1)]
        assert missing(f"{last + 1}-01-01T00:00") == [str(last + 1)]
