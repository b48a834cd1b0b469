"""A day's defences in order: places that are free when asked for, times, and experts in two rooms."""

from casework.defence_day import Clash, Seat, Set, Slot, clashes, in_turn, slots
from procedure.instant import local_instant

NINE, TEN = (local_instant(f"2024-07-11T{hour}:00") for hour in ("09", "10"))
HALF = local_instant("2024-07-11T09:30")


def places(turns: list[Slot]) -> list[tuple[str, int]]:
    return [(each.number, each.position) for each in turns]


def test_each_case_has_the_next_free_place_and_the_time_after_the_one_before() -> None:
    assert slots(["b", "a", "c"], {2}, NINE, 30) == [
        Slot("b", 1, NINE),
        Slot("a", 3, HALF),
        Slot("c", 4, TEN),
    ]


def test_a_place_is_asked_for_when_it_is_free() -> None:
    wanted = slots(["b", "a"], (), NINE, 30)
    assert places(in_turn(wanted, {}, ())) == [("b", 1), ("a", 2)]
    # Who holds the first place moves away from it before the other asks for it.
    assert places(in_turn(wanted, {"a": 1}, ())) == [("a", 2), ("b", 1)]


def test_two_that_change_places_go_behind_what_is_taken_in_their_order() -> None:
    wanted = slots(["b", "a"], {3}, NINE, 30)
    assert in_turn(wanted, {"a": 1, "b": 2}, {3}) == [Slot("b", 4, NINE), Slot("a", 5, HALF)]


def test_an_expert_cannot_hear_two_cases_at_once() -> None:
    seats = {
        "a": [Seat(1, "甲", sits=True), Seat(2, "乙", sits=True)],
        "x": [Seat(1, "甲", sits=True), Seat(2, "乙", sits=False)],
    }
    other = Set("x", "某公司", 7, Slot("x", 1, HALF), held=False)
    assert clashes([Slot("a", 1, NINE)], [other], seats, 30) == {}
    assert clashes([Slot("a", 1, NINE)], [other], seats, 31) == {"a": [Clash("甲", "x", HALF)]}
