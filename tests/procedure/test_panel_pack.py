"""What a pack says of its panel goes together, and its scores are trimmed and counted as it says."""

from collections.abc import Callable
from typing import Any

import pytest

from procedure.definition import Procedure
from procedure.form import FormProblem, parse
from procedure.pack import PackError
from tests.procedure import panel_pack
from tests.procedure.panel_case import (
    DIGEST,
    PACK,
    drawn,
    expert,
    pool,
    scored,
)
from tests.procedure.yueyang_walk import OFFICER


def without_seeds(procedure: dict[str, Any]) -> None:
    for stage in procedure["application"]["stages"]:
        stage["seeds"] = False


def seeds_of_the_call(procedure: dict[str, Any]) -> None:
    procedure["call"]["stages"][0]["seeds"] = True


class TestTheScores:
    @pytest.mark.parametrize(
        ("points", "mean", "count"),
        [
            (["90", "80", "70", "60", "10"], 7000, 3),
            (["100", "100", "0", "0", "0.05"], 3335, 3),
            (["80", "80", "80", "80", "80"], 8000, 3),
        ],
    )
    def test_the_highest_and_the_lowest_are_dropped(self, points: list[str], mean: int, count: int):
        procedure = panel_pack.procedure(panel_size=5, scores_needed=3, trim=1, defence_quorum=5)
        walk = drawn(pool(7), procedure)
        walk = scored(
            walk, **{f"p{n}": p for n, p in zip(walk.subject.application.panel, points, strict=True)}
        )
        walk = walk.do("close_scoring", OFFICER)
        assert walk.events[-1].data == {"mean": mean, "count": count, "given": 5, "stage": "expert_review"}
        assert walk.subject.application.mean == mean

    def test_too_few_after_that_are_too_few(self):
        procedure = panel_pack.procedure(panel_size=5, scores_needed=3, trim=1, defence_quorum=5)
        walk = scored(drawn(pool(5), procedure), p1="80", p2="80", p3="80", p4="80")
        refusal = walk.refused("close_scoring", OFFICER)
        assert (refusal.code, refusal.facts) == (
            "scores_missing",
            {"needed": 3, "given": 4, "trim": 1, "counted": 2},
        )

    def test_a_dropped_score_is_a_missing_one(self):
        walk = scored(drawn(pool(3)), p1="80", p2="80")
        walk = walk.do("declare_conflict", expert(1), reason="亲属任职")
        assert walk.refused("close_scoring", OFFICER).facts == {"needed": 2, "given": 1}


def problems(change: Callable[[dict[str, Any]], None] = lambda _: None, **values: Any) -> list[str]:
    with pytest.raises(PackError) as refused:
        panel_pack.built(change, **values)
    return [f"{problem.path}: {problem.message}" for problem in refused.value.problems]


RECORD = "application.stages.10.acts.record_defence"


class TestThePack:
    def test_who_draws_must_have_fixed_the_seed(self):
        message = "draws a panel, so it must fix the seed: give `seeds: true`"
        assert problems(without_seeds) == [f"application.stages.{n}: {message}" for n in (8, 9, 10)]

    def test_a_call_has_no_seed(self):
        assert problems(seeds_of_the_call) == [
            "call.stages.0.seeds: only a stage of the application fixes a seed"
        ]

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"panel_size": 4}, "settings.panel_size.value: a panel has an odd number of experts, not 4"),
            (
                {"trim": 1},
                "settings.panel_size.value: 3 experts leave 1 scores after `trim`, `scores_needed` is 2",
            ),
            (
                {"panel_size": 5, "trim": 1, "defence_quorum": 3},
                "settings.defence_quorum.value: 3 experts leave 1 scores after `trim`, `scores_needed` is 2",
            ),
            (
                {"trim": -1},
                "settings.trim.value: setting `trim` must be a whole number of at least 0, not -1",
            ),
            (
                {"defence_quorum": 0},
                f"{RECORD}: setting `defence_quorum` must be a whole number of at least 1, not 0",
            ),
        ],
    )
    def test_its_numbers_go_together(self, values: dict[str, Any], expected: str):
        assert expected in problems(**values)

    def test_the_field_that_experts_must_know_is_one_of_the_form(self):
        (problem,) = problems(panel_field="consortium.dirction")
        assert problem.startswith("settings.panel_field.value: unknown form field `consortium.dirction`")

    @pytest.mark.parametrize(
        ("kind", "personal", "expected"),
        [
            ("boolean", True, "`person` belongs to fields of type `text` and `id_digest`"),
            (
                "id_digest",
                False,
                "a field of type `id_digest` says whose it is in `person`, and is `personal: true`",
            ),
        ],
    )
    def test_a_field_about_a_person_is_a_name_or_a_digest(self, kind: str, personal: bool, expected: str):
        field = next(each for each in PACK.form if each.path == "consortium.chief_expert_name")
        given = {**field.model_dump(exclude_defaults=True), "type": kind, "personal": personal}
        with pytest.raises(ValueError, match=expected):
            type(field).model_validate(given)

    def test_the_shipped_pack_has_no_seed_and_names_its_panel_by_hand(self):
        procedure: Procedure = panel_pack.shipped("yueyang-2024").procedure
        assert not any(stage.seeds for stage in procedure.application.stages)


class TestTheDigestOfAnIdNumber:
    FIELD = PACK.field["consortium.chief_expert_digest"]

    def test_it_is_64_hexadecimal_digits(self):
        assert parse(self.FIELD, f" {DIGEST} ") == DIGEST
        assert parse(self.FIELD, "") is None

    @pytest.mark.parametrize("raw", ["430600197001011234", "D" * 64, "d" * 63, "d" * 65, 1, True])
    def test_nothing_else_is_kept(self, raw: object):
        problem = parse(self.FIELD, raw)
        assert isinstance(problem, FormProblem)
        assert (problem.path, problem.code) == ("consortium.chief_expert_digest", "not_a_digest")
