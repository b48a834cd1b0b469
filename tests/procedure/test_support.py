"""The measures that ship say what the documents say; others are read whole or refused with every reason."""

import pytest

from procedure.definition import grounds
from procedure.pack import PackError, shipped, shipped_codes
from procedure.support import SUPPORT, read, shipped_support, support_codes

KUNSHAN = (SUPPORT / "kunshan-2024.yaml").read_text(encoding="utf-8")


def problems(text: str) -> list[str]:
    with pytest.raises(PackError) as raised:
        read("kunshan.yaml", text)
    return [str(problem) for problem in raised.value.problems]


def changed(old: str, new: str, times: int = 1) -> tuple[str, int]:
    assert KUNSHAN.count(old) >= times
    text = KUNSHAN.replace(old, new, 1)
    return text, KUNSHAN[: KUNSHAN.index(old)].count("\n") + 1


def amounts(code: str) -> dict[str, str]:
    """Every stated amount, in yuan."""
    told = {}
    for measure in shipped_support(code).support.measures:
        a = measure.amount
        if a.most is not None:
            assert a.most % 100 == 0
            kind = "" if a.fixed else "≤ "
            least = "" if a.least is None else f"{a.least // 100:,} – "
            share = "" if a.percent is None else f"{a.percent} % of {a.of} "
            told[measure.id] = f"{share}{least}{kind if not least else ''}{a.most // 100:,}"
    return told


def test_every_city_has_its_sheet_and_the_bureau_of_its_pack() -> None:
    assert support_codes() == shipped_codes()
    for code in support_codes():
        assert shipped_support(code).support.bureau == shipped(code).procedure.bureau.code
        assert shipped_support(code).support.code == code


@pytest.mark.clause("kunshan-opinions-2024", "4(1)", "amounts")
@pytest.mark.clause("kunshan-opinions-2024", "4(4)")
def test_kunshans_amounts() -> None:
    assert amounts("kunshan-2024") == {
        "kunshan_cultivation": "≤ 500,000",
        "suzhou_cultivation": "≤ 1,000,000",
        "suzhou_recognition": "≤ 2,000,000",
        "special_project": "≤ 3,000,000",
        "leading_goose_platform": "≤ 200,000,000",
        "leading_goose_team": "≤ 100,000,000",
        "talent_project": "≤ 3,000,000",
        "national_key_laboratory": "≤ 200,000,000",
        "provincial_laboratory": "≤ 20,000,000",
        "national_innovation_centre": "≤ 50,000,000",
        "provincial_innovation_centre": "≤ 10,000,000",
        "suzhou_key_laboratory": "500,000",
        "breakthrough_result": "≤ 1,000,000",
    }
    co_funded = {each.id for each in shipped_support("kunshan-2024").support.measures if each.co_funding}
    assert co_funded == {
        "suzhou_recognition",
        "provincial_laboratory",
        "national_innovation_centre",
        "provincial_innovation_centre",
    }


def test_xiamens_amounts() -> None:
    assert amounts("xiamen-2025") == {
        "major_project": "≤ 20,000,000",
        "national_matching": "50 % of national_funds ≤ 10,000,000",
        "national_platform": "30,000,000",
        "public_platform": "≤ 20,000,000",
        "special_post": "1,000,000",
        "new_mechanism": "300,000",
        "outpost": "≤ 5,000,000",
        "recognition_reward": "200,000 – 5,000,000",
        "conversion": "≤ 20,000,000",
        "technology_contracts": "≤ 1,000,000",
    }


@pytest.mark.clause("qingdao-guideline-2025", "6(1)")
@pytest.mark.clause("qingdao-guideline-2025", "6(2)")
@pytest.mark.clause("qingdao-guideline-2025", "6(3)")
@pytest.mark.clause("qingdao-guideline-2025", "6(4)")
def test_qingdao_names_support_without_amounts_and_yueyang_none() -> None:
    assert amounts("qingdao-2025") == {}
    stated = [
        thing.clause.clause for _, thing in grounds(shipped_support("qingdao-2025").support) if thing.clause
    ]
    assert stated == ["通知", "6(1)", "6(1)", "6(1)", "6(2)", "6(3)", "6(4)", "7(2)"]
    yueyang = shipped_support("yueyang-2024").support
    assert yueyang.measures == ()
    assert yueyang.note is not None


@pytest.mark.clause("xiamen-16-measures-2024", "导语")
def test_the_inferred_beginning_is_said_to_be_inferred() -> None:
    term = shipped_support("xiamen-2025").support.terms["sixteen"]
    assert (term.since, term.years) == ("2024-02", 3)
    assert term.note is not None
    assert "推断" in term.note.zh
    assert "inferred" in term.note.en


def test_the_hash_covers_the_text() -> None:
    sheet = read("kunshan-2024.yaml", KUNSHAN)
    assert sheet == shipped_support("kunshan-2024")
    assert read("kunshan-2024.yaml", KUNSHAN + "\n").content_hash != sheet.content_hash


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("up_to: 50000000", "up_to: 0", "measures.0.amount.up_to: expected at least 1, not `0`"),
        (
            "up_to: 50000000",
            'up_to: "500000"',
            "measures.0.amount.up_to: expected a whole number, not `500000`",
        ),
        ("up_to: 50000000", "percent: 50", "measures.0.amount: give `percent` and `of` together"),
        ("up_to: 50000000", "fixed: 1, up_to: 2", "measures.0.amount: give `fixed` alone"),
        (
            "up_to: 50000000",
            "least: 5, up_to: 4",
            "measures.0.amount: `least` needs an `up_to` that is not smaller",
        ),
        ("up_to: 50000000", "percent: 50, of: x", "measures.0.amount: a share needs a limit: give `up_to`"),
        (
            "type: boolean}",
            "type: money, of_register: excellent}",
            "facts.in_special_programme: what the register knows is `boolean`",
        ),
        (
            "to: lead",
            "to: friends",
            "measures.0.to: expected one of lead, unit, enterprise, anyone, not `friends`",
        ),
        (
            "code: kunshan-2024",
            "code: kunshan-2024\ncolour: red",
            "colour: unknown key `colour`, expected one of",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, expected: str) -> None:
    text, line = changed(old, new)
    (found,) = problems(text)
    assert found.startswith(f"kunshan.yaml:{line + new.count(chr(10))}: {expected}")


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (
            "beside: [kunshan_cultivation,",
            "beside: [suzhou_recognition,",
            "measures.2.beside.0",
            "unknown other measure `suzhou_recognition`, expected one of",
        ),
        (
            "requires: [in_special_programme]",
            "requires: [in_programme]",
            "measures.3.requires.0",
            "unknown fact `in_programme`, expected one of",
        ),
        (
            "id: suzhou_cultivation",
            "id: kunshan_cultivation",
            "measures.1.id",
            "`kunshan_cultivation` stands twice",
        ),
        (
            "modality: at_most}\n    note: {zh: 付给牵头单位是设定。",
            "modality: at_most}\n    in_force: summer\n    note: {zh: 付给牵头单位是设定。",
            "measures.0.in_force",
            "unknown term `summer`, expected one of always",
        ),
        (
            "    amount: {up_to: 50000000}\n    higher_of",
            "    every: year\n    amount: {up_to: 50000000}\n    higher_of",
            "measures.0.higher_of",
            "measures of which the higher is given count `per` and `every` alike",
        ),
        (
            "kunshan-opinions-2024:\n    title",
            "kunshan-opinions-2023:\n    title",
            "measures.0.clause.document",
            "unknown document `kunshan-opinions-2024`, expected one of kunshan-opinions-2023",
        ),
    ],
)
def test_what_refers_to_nothing_is_named(old: str, new: str, path: str, message: str) -> None:
    text, _ = changed(old, new)
    assert any(f": {path}: {message}" in problem for problem in problems(text))


def test_what_is_no_yaml_and_what_does_not_ship() -> None:
    assert problems("- a list") == ["kunshan.yaml:1: expected a mapping"]
    assert problems("a: 1\na: 2") == ["kunshan.yaml:2: a: the key `a` stands twice, first on line 1"]
    with pytest.raises(PackError, match="no measures of this name ship, expected one of kunshan-2024"):
        shipped_support("../kunshan-2024")
