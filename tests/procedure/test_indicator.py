"""Targets of the construction plan: what a form sets, how a report answers them, what is refused."""

from typing import Any

import pytest

from procedure import indicator
from procedure.act import Refusal
from procedure.pack import shipped

PACK = shipped("kunshan-2024").procedure
PATENTS, SALES, BY = "consortium.target_patents", "consortium.target_sales", "consortium.targets_by"
FORM = {"consortium.direction": "芯片", SALES: 500_000_000, BY: "2027-12-31", PATENTS: 3}


def test_a_plan_is_what_the_form_says_of_the_targets_in_the_packs_order() -> None:
    plan = indicator.plan(PACK, FORM)
    assert plan == {PATENTS: 3, SALES: 500_000_000, BY: "2027-12-31"}
    assert list(indicator.targets(PACK, plan)) == [PATENTS, SALES]
    assert indicator.due(PACK, plan) == "2027-12-31"
    assert indicator.plan(shipped("xiamen-2025").procedure, FORM) == {}


def test_every_target_is_answered_with_a_number_or_an_amount_in_yuan() -> None:
    plan = indicator.plan(PACK, FORM)
    assert indicator.answered(PACK, plan, {SALES: "4999999.99", PATENTS: 0}) == [
        {"field": PATENTS, "target": 3, "reached": 0, "by": "2027-12-31"},
        {"field": SALES, "target": 500_000_000, "reached": 499_999_999, "by": "2027-12-31"},
    ]
    # More than a target may be is no mistake where it was reached.
    assert indicator.answered(PACK, {PATENTS: 3}, {PATENTS: 100_001}) == [
        {"field": PATENTS, "target": 3, "reached": 100_001, "by": None}
    ]


def test_the_fields_of_a_plan_are_its_targets_and_their_day() -> None:
    assert list(indicator.fields(PACK))[-1] == BY
    assert set(indicator.fields(PACK)) >= {PATENTS, SALES}
    assert indicator.fields(shipped("xiamen-2025").procedure) == {}


def test_a_consortium_without_targets_has_nothing_to_answer() -> None:
    assert indicator.answered(PACK, {}, {}) == []


@pytest.mark.parametrize(
    ("given", "code", "named"),
    [
        ({PATENTS: 1}, "targets_unanswered", [SALES]),
        ({PATENTS: " ", SALES: ""}, "targets_unanswered", [PATENTS, SALES]),
        ({PATENTS: 1, SALES: 1, BY: "2027-01-01"}, "target_not_set", [BY]),
        (
            {PATENTS: 1, SALES: 1, "consortium.target_talent": 1},
            "target_not_set",
            ["consortium.target_talent"],
        ),
        ({PATENTS: "-1", SALES: 1}, "bad_fields", [PATENTS]),
        ({PATENTS: "1.5", SALES: "1.005"}, "bad_fields", [PATENTS, SALES]),
    ],
)
def test_what_is_missing_unknown_or_malformed_is_refused_by_name(
    given: dict[str, Any], code: str, named: list[str]
) -> None:
    refused = indicator.answered(PACK, indicator.plan(PACK, FORM), given)
    assert isinstance(refused, Refusal)
    facts = refused.facts
    told = {
        "targets_unanswered": lambda: facts["targets"],
        "target_not_set": lambda: facts["given"].split(", "),
        "bad_fields": lambda: [each["field"] for each in facts["problems"]],
    }
    assert (refused.code, told[refused.code]()) == (code, named)


@pytest.mark.parametrize(
    ("reached", "target", "share"),
    [
        (3, 10, "30.0%"),
        (9_999, 10_000, "99.9%"),
        (10, 10, "100.0%"),
        (25, 10, "250.0%"),
        (0, 3, "0.0%"),
        (1, 0, None),
    ],
)
def test_a_share_is_never_rounded_up(reached: int, target: int, share: str | None) -> None:
    assert indicator.share(reached, target) == share
