"""The list of a call: by merit or by rank, within the quota, once in a batch, repeatedly when rolling."""

from typing import Any

import pytest

from procedure.act import Child, Decision, Refusal
from procedure.instant import local_instant
from tests.procedure.publicity_pack import pack
from tests.procedure.yueyang_walk import LEADER, Walk, new_call

DATES = {
    "filing_opens": local_instant("2025-09-01T00:00"),
    "filing_closes": local_instant("2025-09-10T18:00"),
}


def waiting(**means: int | None) -> dict[str, Child]:
    """Cases that wait for the list, by their letter, with their frozen means."""
    return {ref: Child("selection", None, ref.upper(), "方向", mean) for ref, mean in means.items()}


def batch(children: dict[str, Child], **settings: Any) -> Walk:
    """A call with a closing date, under review, with these cases."""
    procedure = pack(**settings).procedure
    walk = new_call("2025-08-01T09:00", DATES, procedure).swept("2025-09-11T09:00")
    return walk.knowing(children=children)


def rolling(children: dict[str, Child], **settings: Any) -> Walk:
    """A rolling call with these cases."""
    return new_call("2025-08-01T09:00", {}, pack(rolling=True, **settings).procedure).knowing(
        children=children
    )


def consequences(walk: Walk, *cases: str, **more: Any) -> list[tuple[str, str, Any]]:
    answer = walk.ask("select", LEADER, cases=list(cases), **more)
    assert isinstance(answer, Decision), answer
    return [(each.ref, each.act, dict(each.payload)) for each in answer.consequences]


def refusal(walk: Walk, *cases: str, **more: Any) -> tuple[str, dict[str, Any]]:
    answer = walk.refused("select", LEADER, cases=list(cases), **more)
    assert isinstance(answer, Refusal)
    return answer.code, dict(answer.facts)


def recorded(walk: Walk, *cases: str, **more: Any) -> dict[str, Any]:
    return dict(walk.do("select", LEADER, cases=list(cases), **more).events[-1].data)


def test_by_merit_the_order_is_free_and_the_rest_is_passed_over() -> None:
    walk = batch(waiting(a=9000, b=9500, c=8000))
    assert consequences(walk, "a", "b") == [
        ("a", "be_selected", {"rank": 1}),
        ("b", "be_selected", {"rank": 2}),
        ("c", "be_passed_over", {}),
    ]
    after = walk.do("select", LEADER, cases=["a", "b"])
    assert after.place == "listed"
    assert after.subject.call.selected == ("a", "b")
    assert after.subject.call.passed_over == ("c",)
    assert recorded(walk, "a", "b") == {"cases": ["a", "b"], "passed_over": ["c"]}


def test_a_pack_without_the_settings_selects_by_merit_without_quota() -> None:
    walk = batch(waiting(a=8000, b=9000), selection=None, quota=None)
    assert recorded(walk, "a", "b") == {"cases": ["a", "b"], "passed_over": []}


def test_a_list_of_nobody_passes_all_over() -> None:
    walk = batch(waiting(a=8000, b=9000), selection="ranked", quota=1)
    assert recorded(walk) == {"cases": [], "passed_over": ["a", "b"]}


def test_a_ranked_list_follows_the_means() -> None:
    walk = batch(waiting(a=8000, b=9000, c=8500), selection="ranked")
    assert recorded(walk, "b", "c", "a") == {"cases": ["b", "c", "a"], "passed_over": []}
    assert recorded(walk, "b", "c") == {"cases": ["b", "c"], "passed_over": ["a"]}


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["b", "a"], ["b", "c"]),
        (["c", "b"], ["b", "c"]),
        (["a"], ["b"]),
        (["b", "a", "c"], ["b", "c", "a"]),
    ],
)
def test_a_ranked_list_that_departs_needs_a_reason(listed: list[str], expected: list[str]) -> None:
    walk = batch(waiting(a=8000, b=9000, c=8500), selection="ranked")
    assert refusal(walk, *listed) == (
        "not_by_rank",
        {
            "listed": listed,
            "expected": expected,
            "ties": [],
            "means": {"b": 9000, "c": 8500, "a": 8000},
        },
    )
    data = recorded(walk, *listed, reason="产业链急需")
    assert (data["cases"], data["reason"]) == (listed, "产业链急需")


def test_cases_with_the_same_mean_stand_in_either_order_and_are_named() -> None:
    walk = batch(waiting(a=9000, b=9000, c=8000), selection="ranked")
    for order in (["a", "b"], ["b", "a"]):
        assert recorded(walk, *order) == {"cases": order, "passed_over": ["c"], "ties": [order]}


def test_a_line_between_equals_needs_a_reason() -> None:
    walk = batch(waiting(a=9000, b=8000, c=8000, d=7000), selection="ranked", quota=2)
    assert refusal(walk, "a", "c") == (
        "not_by_rank",
        {
            "listed": ["a", "c"],
            "expected": ["a", "c"],
            "ties": [["c", "b"]],
            "means": {"a": 9000, "c": 8000, "b": 8000, "d": 7000},
        },
    )
    assert recorded(walk, "a", "c", reason="抽签决定") == {
        "cases": ["a", "c"],
        "passed_over": ["b", "d"],
        "ties": [["c", "b"]],
        "reason": "抽签决定",
    }
    assert recorded(walk, "a") == {"cases": ["a"], "passed_over": ["b", "c", "d"]}


def test_a_case_without_a_score_stands_last() -> None:
    walk = batch(waiting(a=None, b=0), selection="ranked")
    assert refusal(walk, "a", "b")[1]["expected"] == ["b", "a"]
    assert recorded(walk, "b", "a") == {"cases": ["b", "a"], "passed_over": []}


def test_the_quota_is_the_line() -> None:
    walk = batch(waiting(a=9000, b=8000, c=7000), quota=2)
    assert refusal(walk, "c", "b", "a") == (
        "over_quota",
        {"quota": 2, "taken": 0, "listed": 3, "line": 2, "beyond": ["a"]},
    )
    assert recorded(walk, "c", "b") == {"cases": ["c", "b"], "passed_over": ["a"]}


def test_in_a_batch_no_case_may_be_on_its_way() -> None:
    walk = batch({**waiting(a=9000), "b": Child("expert_review", None), "c": Child("draft", "withdrawn")})
    assert refusal(walk, "a") == ("review_unfinished", {"cases": {"b": "expert_review"}})


def test_only_waiting_cases_are_listed_and_each_once() -> None:
    walk = batch({**waiting(a=9000), "b": Child("filing", "filed")})
    assert refusal(walk, "a", "b", "x") == (
        "not_ready_for_selection",
        {"cases": ["b", "x"], "waiting": ["a"]},
    )
    assert refusal(walk, "a", "a") == ("listed_twice", {"cases": ["a"]})
    assert refusal(walk, "a", pass_over=["a"]) == ("listed_twice", {"cases": ["a"]})


def test_a_rolling_call_selects_again_and_again() -> None:
    children = {**waiting(a=9000, b=8000, c=7000), "d": Child("expert_review", None)}
    walk = rolling(children)
    assert consequences(walk, "b", pass_over=["c"]) == [
        ("b", "be_selected", {"rank": 1}),
        ("c", "be_passed_over", {}),
    ]
    after = walk.do("select", LEADER, cases=["b"], pass_over=["c"])
    assert after.place == "open"
    later = {**waiting(a=9000, d=6000), "b": Child("proposed", None), "c": Child("selection", "not_selected")}
    again = after.knowing(children=later).do("select", LEADER, cases=["a"])
    assert again.subject.call.selected == ("b", "a")
    assert again.subject.call.passed_over == ("c",)


def test_a_rolling_call_refuses_a_list_that_says_nothing() -> None:
    assert refusal(rolling(waiting(a=9000))) == ("nothing_selected", {"waiting": ["a"]})


def test_in_a_rolling_call_a_better_case_is_not_left_waiting_without_a_reason() -> None:
    walk = rolling(waiting(a=9000, b=8000), selection="ranked")
    assert refusal(walk, "b")[0] == "not_by_rank"
    assert recorded(walk, "a") == {"cases": ["a"], "passed_over": []}


def test_the_quota_of_a_rolling_call_counts_who_holds_a_place() -> None:
    walk = rolling(waiting(a=9000, b=8000, c=7000), quota=3).do("select", LEADER, cases=["a", "b", "c"])
    later = {
        "a": Child("filing", "filed"),
        "b": Child("publicity", "struck_from_list"),
        "c": Child("publicity", None),
        **waiting(d=6000, e=5000),
    }
    walk = walk.knowing(children=later)
    assert refusal(walk, "d", "e") == (
        "over_quota",
        {"quota": 3, "taken": 2, "listed": 2, "line": 1, "beyond": ["e"]},
    )
    assert walk.do("select", LEADER, cases=["d"]).subject.call.selected == ("a", "b", "c", "d")
