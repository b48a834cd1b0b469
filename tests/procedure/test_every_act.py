"""Every act of the machine has its place in a pack that ships, or a reason for having none."""

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
        for kind in ("call", "application")
        for where, _ in act_rules(pack.life(kind), kind)
    }


def test_every_act_has_its_place_in_a_pack_or_a_reason() -> None:
    assert set(ACTS) - offered() == set(WITHOUT_A_PLACE)


def test_packs_offer_only_acts_of_the_machine() -> None:
    assert offered() - set(ACTS) == set()
