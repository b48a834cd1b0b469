"""Every act of the machine has its place in a pack that ships, or a reason; what decides a case is served."""

import pytest

from procedure.acts import ACTS
from procedure.definition import act_rules
from procedure.pack import shipped, shipped_codes

WITHOUT_A_PLACE: dict[str, str] = {}
"""Acts that no shipped pack offers, each with the reason."""


def offered() -> set[str]:
    packs = [shipped(code).procedure for code in shipped_codes()]
    return {
        where.rpartition(".")[2]
        for pack in packs
        for kind in pack.kinds
        for where, _ in act_rules(pack.life(kind), pack.place(kind))
    }


def test_every_act_has_its_place_in_a_pack_or_a_reason() -> None:
    assert set(ACTS) - offered() == set(WITHOUT_A_PLACE)


def test_packs_offer_only_acts_of_the_machine() -> None:
    assert offered() - set(ACTS) == set()


@pytest.mark.parametrize("code", shipped_codes())
def test_how_a_case_ends_and_what_it_must_correct_are_served_on_people(code: str) -> None:
    pack = shipped(code).procedure
    ends = {each.text for end in pack.application.outcomes if end.id != "withdrawn" for each in end.notify}
    deciding = {*ends, "returned", "review_passed", "visit_scheduled"}
    assert [name for name in sorted(deciding) if not pack.notices[name].served] == []
