"""When the rungs of a ladder come: in order, inside the sending hours, never early, whatever the date."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedure import ladder
from procedure.definition import Offset, Rung, SendingHours
from procedure.instant import end_of, instant, local_instant
from procedure.ladder import Ladder, sendable
from procedure.pack import shipped
from procedure.working_days import FIRST_DAY, LAST_DAY, state_council
from tests.procedure.edited_pack import edited

CALENDAR = state_council()
PACK = shipped("yueyang-2024").procedure
HOURS = SendingHours(basis="setting")
OPENS, CLOSES = datetime.time(9), datetime.time(18)


def plan(of: str, since: str, due: str) -> list[tuple[str, str, str | None]]:
    planned = ladder.of(PACK, "application", of).plan(moment(since), moment(due), CALENDAR)
    return [(each.rung.id, f"{each.at:%Y-%m-%d %H:%M}", each.unsent) for each in planned]


def moment(text: str):
    return local_instant(text) if "T" in text else end_of(datetime.date.fromisoformat(text))


def test_the_default_ladder_counts_working_days_over_the_holidays_of_autumn_2024():
    # National Day from 1 to 7 October; Saturday 12 October is worked.
    assert plan("formal_review", "2024-09-30T10:00", "2024-10-11") == [
        ("three_days_before", "2024-10-08 09:00", None),
        ("one_day_before", "2024-10-10 09:00", None),
        ("last_day", "2024-10-11 09:00", None),
        ("to_supervisor", "2024-10-12 09:00", None),
        ("to_duty_officer", "2024-10-15 09:00", None),
        ("to_leader", "2024-10-17 09:00", None),
        ("still_open", "2024-10-24 09:00", None),
    ]


def test_of_a_deadline_on_a_sunday_the_last_day_is_the_friday_before():
    assert plan("filing", "2024-07-04T00:00", "2024-08-04T18:00") == [
        ("three_days_before", "2024-07-30 09:00", None),
        ("one_day_before", "2024-08-01 09:00", None),
        ("last_day", "2024-08-02 09:00", None),
        ("three_hours_before", "2024-08-04 15:00", None),
    ]


def test_after_a_holiday_the_first_working_day_is_the_first_after_the_due_day():
    assert ("to_supervisor", "2024-10-08 09:00", None) in plan(
        "papers", "2024-09-02T10:00", "2024-10-02T18:00"
    )


def test_a_deadline_due_when_sending_opens_has_its_last_day_before():
    assert ("last_day", "2024-08-08 09:00", None) in plan("papers", "2024-08-01T10:00", "2024-08-09T09:00")
    assert ("last_day", "2024-08-09 09:00", None) in plan("papers", "2024-08-01T10:00", "2024-08-09T09:01")


def test_what_lies_before_the_beginning_never_comes():
    assert plan("recommendation", "2024-08-08T10:00", "2024-08-09T18:00") == [
        ("three_days_before", "2024-08-06 09:00", "began_later"),
        ("one_day_before", "2024-08-08 09:00", "began_later"),
        ("last_day", "2024-08-09 09:00", None),
    ]


def test_a_deadline_that_lapses_is_climbed_no_further():
    assert [rung for rung, _, _ in plan("recommendation", "2024-07-01T10:00", "2024-08-09T18:00")] == [
        "three_days_before",
        "one_day_before",
        "last_day",
    ]


def test_what_the_public_holds_has_no_ladder():
    assert ladder.of(shipped("qingdao-2025").procedure, "application", "publicity").rungs == ()


def test_a_pack_without_a_ladder_has_no_rungs():
    bare = edited({"ladder": None})
    assert ladder.of(bare, "application", "papers").rungs == ()
    assert ladder.of(bare, "application", "filing").rungs != ()


def test_a_provisional_date_has_a_ladder_too():
    assert plan("formal_review", "2031-01-02T10:00", "2031-01-09")[0][1:] == ("2031-01-06 09:00", None)


@pytest.mark.parametrize("due", [FIRST_DAY.isoformat(), LAST_DAY.isoformat(), "2014-01-01", "2071-01-01"])
def test_beyond_the_calendar_there_are_no_rungs_in_working_days(due: str):
    planned = ladder.of(PACK, "application", "papers").plan(moment("2000-01-01"), moment(due), CALENDAR)
    assert all(each.at.year in range(2014, 2062) for each in planned)


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2024-10-11T08:59", "2024-10-11T09:00"),
        ("2024-10-11T09:00", "2024-10-11T09:00"),
        ("2024-10-11T17:59:59", "2024-10-11T17:59:59"),
        ("2024-10-11T18:00", "2024-10-12T09:00"),
        ("2024-10-12T18:00", "2024-10-14T09:00"),
        ("2024-10-01T12:00", "2024-10-08T09:00"),
        ("2099-01-01T03:00", "2099-01-01T03:00"),
    ],
)
def test_what_falls_outside_the_hours_waits_for_the_next_opening(at: str, then: str):
    assert sendable(HOURS, moment(at), CALENDAR) == moment(then)


def test_sending_on_every_day_does_not_wait_for_monday():
    hours = SendingHours(opens="08:00", closes="20:00", days="all", basis="setting")
    assert sendable(hours, moment("2024-10-01T21:00"), CALENDAR) == moment("2024-10-02T08:00")


OFFSETS = st.one_of(
    st.builds(Offset, working_days=st.integers(1, 40)), st.builds(Offset, hours=st.integers(1, 200))
)
DUES = st.builds(
    lambda day, time: local_instant(f"{day}T{time}"),
    st.dates(datetime.date(2018, 1, 1), datetime.date(2032, 12, 31)),
    st.times(),
)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    rungs = []
    for number in range(draw(st.integers(1, 7))):
        side = draw(st.sampled_from(("before", "after", "at")))
        where = {} if side == "at" else {side: draw(OFFSETS)}
        rungs.append(
            Rung(id=f"r{number}", text="t", recipients=("holder",), urgent=draw(st.booleans()), **where)
        )
    return Ladder(tuple(rungs), HOURS)


@given(ladders(), DUES, DUES)
def test_rungs_are_in_order_inside_the_hours_and_never_early(of: Ladder, since, due):
    planned = of.plan(since, due, CALENDAR)
    assert {each.rung.id for each in planned} == {rung.id for rung in of.rungs}
    assert [each.at for each in planned] == sorted(each.at for each in planned)
    for each in planned:
        assert (each.at > since) or each.unsent == "began_later"
        if each.unsent is not None:
            continue
        if not each.rung.urgent:
            assert sendable(HOURS, each.at, CALENDAR) == each.at
        day, due_day = each.at.date(), due.date()
        offset = each.rung.before or each.rung.after
        if each.rung.after is None:
            assert each.at < due
        else:
            assert each.at > due
        if offset is not None and offset.hours is not None:
            exact = instant(due + datetime.timedelta(hours=offset.hours * (1 if each.rung.after else -1)))
            assert each.at >= exact
        elif each.rung.after is not None:
            assert CALENDAR.between(due_day, day) == offset.working_days
        else:
            # The day itself is one of the working days that are left.
            ahead = CALENDAR.between(day.subtract(days=1), due_day)
            late = CALENDAR.is_working_day(due_day) and due.time() <= OPENS
            assert ahead - late == (0 if offset is None else offset.working_days) + 1


@given(ladders(), DUES, DUES, st.integers(0, 60))
def test_a_later_date_moves_every_rung_later(of: Ladder, since, due, days: int):
    before = {each.rung.id: each for each in of.plan(since, due, CALENDAR)}
    later = {each.rung.id: each for each in of.plan(since, due.add(days=days), CALENDAR)}
    for name, each in later.items():
        # A rung that had no hours left stands at its bare instant.
        if "no_hours_left" not in (each.unsent, before[name].unsent):
            assert each.at >= before[name].at
