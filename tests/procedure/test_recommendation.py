"""What the recommending unit hands in and says: its letter as a document of its own, its ranking."""

import pytest

from tests.procedure.yueyang_walk import (
    APPLICANT,
    DISTRICT,
    LEAD,
    OFFICER,
    Walk,
    at_stage,
    document,
    replayed,
)

LETTER = document("recommendation_letter", name="推荐函.pdf")


def owners(walk: Walk) -> set[tuple[str, str]]:
    return {(each.material, each.owner) for each in walk.subject.application.documents}


def test_the_stamped_letter_is_the_units_own_document_and_a_new_one_takes_its_place() -> None:
    before = at_stage("papers")
    walk = before.do("attach_document", DISTRICT, **LETTER)
    assert owners(walk) - owners(before) == {("recommendation_letter", "pingjiang")}
    again = walk.do("attach_document", DISTRICT, **{**LETTER, "digest": "b" * 64})
    assert owners(again) == owners(walk)
    assert next(e for e in again.subject.application.documents if e.owner == "pingjiang").digest == "b" * 64
    assert again.subject.stage == "papers"
    assert replayed(again.blank, again.events) == again.subject


@pytest.mark.parametrize("material", ["implementation_plan", "cooperation_agreement"])
def test_the_unit_hands_in_nothing_of_others(material: str) -> None:
    refusal = at_stage("papers").refused("attach_document", DISTRICT, **document(material, member=LEAD))
    assert refusal.code == ("no_such_member" if material == "cooperation_agreement" else "not_your_material")


@pytest.mark.parametrize("actor", [APPLICANT, OFFICER])
def test_nobody_else_hands_in_the_letter(actor: object) -> None:
    assert at_stage("papers").refused("attach_document", actor, **LETTER).code == "role_may_not"


@pytest.mark.parametrize(("given", "position"), [({}, None), ({"position": 2}, 2)])
def test_the_unit_may_rank_what_it_recommends(given: dict[str, int], position: int | None) -> None:
    walk = (
        at_stage("recommendation")
        .do("accept_online", DISTRICT)
        .do("endorse", DISTRICT, opinion="同意", **given)
    )
    assert walk.subject.application.recommended_as == position
    assert walk.events[-1].data == {"opinion": "同意", **given}
    assert replayed(walk.blank, walk.events) == walk.subject
