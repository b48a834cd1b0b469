"""The targets that ship say what the documents say; figures derived are worked out, and shown as derived."""

import pytest

from procedure.pack import PackError, shipped, shipped_codes
from procedure.targets import TARGETS, read, shipped_targets, targets_codes, whole

KUNSHAN = (TARGETS / "kunshan-2024.yaml").read_text(encoding="utf-8")
XIAMEN = (TARGETS / "xiamen-2025.yaml").read_text(encoding="utf-8")


def problems(text: str) -> list[str]:
    with pytest.raises(PackError) as raised:
        read("targets.yaml", text)
    return [str(problem) for problem in raised.value.problems]


def test_every_city_has_its_targets_and_the_bureau_of_its_pack() -> None:
    assert targets_codes() == shipped_codes()
    for code in targets_codes():
        assert shipped_targets(code).bureau == shipped(code).procedure.bureau.code


def test_no_other_city_has_any() -> None:
    with pytest.raises(PackError, match="expected one of kunshan-2024"):
        shipped_targets("suzhou")


@pytest.mark.clause("kunshan-opinions-2024", "2")
def test_kunshans_seven_by_2025() -> None:
    assert [
        (each.id, each.number, each.by, each.about) for each in shipped_targets("kunshan-2024").targets
    ] == [
        ("consortia", 50, 2025, False),
        ("projects", 20, 2025, False),
        ("platforms", 5, 2025, False),
        ("conversion_platforms", 10, 2025, False),
        ("incubators", 30, 2025, False),
        ("alliances", 5, 2025, False),
        ("talents", 20, 2025, False),
    ]


@pytest.mark.clause("qingdao-guideline-2025", "2")
def test_qingdaos_about_twenty_by_2028() -> None:
    (target,) = shipped_targets("qingdao-2025").targets
    assert (target.number, target.by, target.about) == (20, 2028, True)


@pytest.mark.clause("xiamen-measures-2025", "导语")
def test_xiamens_figures_stand_apart_and_the_total_is_derived() -> None:
    sheet = shipped_targets("xiamen-2025")
    assert sheet.targets == ()
    assert [(each.figure.id, each.figure.year, each.number, each.derived) for each in sheet.reported] == [
        ("formed", 2025, 11, False),
        ("led", 2024, 4, False),
        ("joined", 2024, 16, False),
        ("proposed", 2024, 18, True),
    ]


def test_yueyang_names_none() -> None:
    sheet = shipped_targets("yueyang-2024")
    assert (sheet.targets, sheet.figures) == ((), ())
    assert sheet.note is not None


def test_a_whole_is_the_only_one_that_its_parts_fit() -> None:
    assert whole([(4, 22), (16, 89)]) == 18
    assert whole([(7, 100)]) == 7
    with pytest.raises(ValueError, match="fit 134 wholes"):
        whole([(1, 1)])
    with pytest.raises(ValueError, match="fit 0 wholes"):
        whole([(4, 22), (16, 50)])
    with pytest.raises(ValueError, match="follows from parts"):
        whole([])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: projects", "id: consortia", "`consortia` stands twice"),
        ("number: 50", "number: 0", "expected at least 1"),
        ("by: 2025", "by: 1925", "expected at least 2000"),
        (
            'document: kunshan-opinions-2024, clause: "2"',
            'document: nothing, clause: "2"',
            "unknown document",
        ),
        ("number: 50", "number: 50\n    quota: true", "quota"),
    ],
)
def test_other_targets_are_refused_by_name(old: str, new: str, says: str) -> None:
    assert old in KUNSHAN
    assert any(says in problem for problem in problems(KUNSHAN.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("whole_of: [led, joined]", "whole_of: [led, nobody]", "unknown figure with a percentage `nobody`"),
        ("whole_of: [led, joined]", "whole_of: [formed]", "unknown figure with a percentage `formed`"),
        ("whole_of: [led, joined]", "whole_of: [joined, led]\n    number: 18", "or `whole_of` alone"),
        ("percent: 89", "percent: 50", "fit 0 wholes"),
        ("    number: 11\n", "", "give `number` and `clause`"),
    ],
)
def test_other_figures_are_refused_by_name(old: str, new: str, says: str) -> None:
    assert old in XIAMEN
    assert any(says in problem for problem in problems(XIAMEN.replace(old, new, 1)))
