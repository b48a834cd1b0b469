"""Scores: points from 0 to 100 with at most two decimals, and how they come together."""

import pytest
from yueyang_walk import EXPERTS, OFFICER, at_stage


@pytest.mark.parametrize(
    "points",
    [
        "",
        "abc",
        "-1",
        "100.01",
        "86.555",
        "101",
        "NaN",
        "Infinity",
        "1e1",
        "8_6",
        "100.00000000000000000000000000001",
        "99.999999999999999999999999999999999",
        101,
        -1,
    ],
)
def test_a_score_is_0_to_100_with_at_most_two_decimals(points: str | int) -> None:
    refusal = at_stage("expert_review").refused("score", EXPERTS[0], points=points)
    assert refusal.code in ("bad_score", "bad_particulars")


def test_a_number_too_long_to_show_is_refused_all_the_same() -> None:
    refusal = at_stage("expert_review").refused("score", EXPERTS[0], points=10**5000)
    assert refusal.facts == {"field": "points", "value": "a number too long to show"}


@pytest.mark.parametrize(
    ("points", "hundredths"),
    [("86.5", 8650), (86, 8600), ("0", 0), ("100", 10000), ("70.05", 7005), ("８６", 8600)],
)
def test_scores_are_kept_in_hundredths(points: str | int, hundredths: int) -> None:
    walk = at_stage("expert_review").do("score", EXPERTS[0], points=points)
    assert walk.subject.application.scores[0].score == hundredths


@pytest.mark.parametrize(
    ("points", "mean", "place"),
    [
        (["70", "70", "70"], 7000, "selection"),
        (["69.99", "70", "70"], 7000, "selection"),  # 69.996̅ rounds half up to a hundredth
        (["69.99", "69.99", "70"], 6999, "below_pass_mark"),
        (["100", "0", "90", "100", "60"], 7000, "selection"),
        (["100", "0", "90", "100", "59.97"], 6999, "below_pass_mark"),
    ],
)
def test_the_mean_is_exact_in_hundredths(points: list[str], mean: int, place: str) -> None:
    walk = at_stage("expert_review")
    for expert, given in zip(EXPERTS, points, strict=False):
        walk = walk.do("score", expert, points=given)
    walk = walk.do("close_scoring", OFFICER)
    assert (walk.subject.application.mean, walk.place) == (mean, place)


def test_a_score_may_be_given_anew_until_the_scores_are_closed() -> None:
    walk = at_stage("expert_review").do("score", EXPERTS[0], points="50", comment="初评")
    walk = walk.do("score", EXPERTS[0], points="60", comment="改评")
    assert [(each.expert, each.score, each.comment) for each in walk.subject.application.scores] == [
        (EXPERTS[0].person, 6000, "改评")
    ]
    assert walk.refused("close_scoring", OFFICER).facts == {"needed": 3, "given": 1}
