"""A pack is proved before it is used: shipped ones are sound, broken ones are told what is wrong."""

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.pack_flaws import text_flaws
from procedure import located
from procedure.acts import ACTS
from procedure.check import check
from procedure.definition import SETTING_OF_ACT
from procedure.pack import PackError, load_texts, shipped, shipped_codes
from procedure.proofs import vocabulary
from tests.procedure.edited_pack import CODE, edited, edited_files, rewired

HERE = Path(__file__).parent
UNSOUND = sorted((HERE / "broken_packs").glob("*.yaml"))
REFUSED = sorted((HERE / "broken_packs" / "refused").glob("*.yaml"))
ROOT = HERE.parent.parent / "procedure"
TEXTS = ROOT.parent / "cli" / "pack_flaws.py"


class Begins(str):
    """A text that another equals, or begins as it does where this one ends in an ellipsis."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        text = str(self)
        return str(other).startswith(text[:-1]) if text.endswith("…") else text == str(other)


def said(path: Path) -> dict[str, Any]:
    text = located.read(path.read_text(encoding="utf-8"))
    assert not text.complaints, text.complaints
    return text.data


@pytest.mark.parametrize("code", shipped_codes())
def test_a_shipped_pack_has_no_flaw(code: str):
    flaws = [flaw.text("en") for flaw in check(shipped(code).procedure) if flaw.severity == "flaw"]
    assert flaws == []


def test_there_is_nothing_to_remark_on_yueyang():
    assert check(shipped(CODE).procedure) == ()


@pytest.mark.parametrize("path", UNSOUND, ids=lambda path: path.stem)
def test_a_broken_pack_is_told_what_is_wrong(path: Path):
    broken = said(path)
    procedure = edited(broken["edits"], broken.get("pack", CODE))
    flaws = [*check(procedure), *text_flaws(procedure)]
    found = [(flaw.severity, flaw.code, flaw.text("zh"), flaw.text("en")) for flaw in flaws]
    assert found == [
        (each.get("severity", "flaw"), each["code"], Begins(each["zh"]), Begins(each["en"]))
        for each in broken["says"]
    ]


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_a_pack_whose_form_is_broken_is_not_even_loaded(path: Path):
    broken = said(path)
    with pytest.raises(PackError) as raised:
        load_texts(edited_files(broken["edits"], broken.get("pack", CODE)), frozenset(ACTS))
    told = [f"{each.path}: {each.message}" for each in raised.value.problems]
    assert told == [Begins(text) for text in broken["refused"]]


def test_no_two_broken_packs_are_told_the_same():
    told = [str(said(path).get("says") or said(path)["refused"]) for path in (*UNSOUND, *REFUSED)]
    assert len(told) >= 60
    assert sorted({text for text in told if told.count(text) > 1}) == []


def test_every_kind_of_flaw_has_a_broken_pack():
    known = {
        node.args[0].value
        for path in (TEXTS, ROOT / "check.py", *(ROOT / "proofs").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Flaw"
        if isinstance(node.args[0], ast.Constant)
    }
    shown = {each["code"] for path in UNSOUND for each in said(path)["says"]}
    assert len(known) >= 30
    assert shown == known


def test_every_kind_of_flaw_is_explained():
    explained = (ROOT.parent / "docs" / "checking-packs.md").read_text(encoding="utf-8")
    shown = {each["code"] for path in UNSOUND for each in said(path)["says"]}
    assert [code for code in sorted(shown) if f"`{code}`" not in explained] == []


def test_a_window_may_open_before_its_notice_was_posted():
    procedure = shipped(CODE).procedure
    opens, issued = procedure.dates["filing_opens"].value, procedure.documents["yueyang-call-2024"].issued
    assert (opens, issued) == ("2024-07-04T00:00", "2024-07-05")
    assert check(procedure) == ()


def test_two_dates_may_fall_on_the_same_instant():
    assert check(edited({"dates.recommendation_due.value": "2024-08-04T18:00"})) == ()


def test_a_date_the_call_has_yet_to_give_is_in_no_disorder():
    assert check(edited({"dates.filing_closes.value": None})) == ()


# The proofs about stages, held to a second reading of the same pack in which every way leads anywhere.


def closure(start: str, leads: dict[str, set[str]]) -> set[str]:
    found = {start}
    while more := {place for each in found for place in leads[each]} - found:
        found |= more
    return found


@given(st.lists(st.integers(0, 1000), min_size=60, max_size=60))
@settings(max_examples=60, deadline=None)
def test_reach_and_end_are_what_a_second_reading_finds(targets: list[int]):
    procedure, leads = rewired(targets)
    life = procedure.application
    flaws = check(procedure)
    told = {code: [flaw for flaw in flaws if flaw.code == code] for code in {flaw.code for flaw in flaws}}

    reached = closure("draft", leads)
    # Withdrawing is possible everywhere, so its outcome is always reached, and is never the way on.
    lost = {stage for stage in life.stage if stage not in reached}
    named = " ".join(
        flaw.found.en for code in ("unreachable_stage", "unreachable_outcome") for flaw in told.get(code, [])
    )
    assert {stage for stage in life.stage if f"({stage})" in named or f" {stage}" in named} >= lost
    assert ("unreachable_stage" in told) == bool(lost)
    assert ("unreachable_outcome" in told) <= bool(set(life.outcome) - reached - {"withdrawn"})

    endless = {stage for stage in reached & set(life.stage) if closure(stage, leads).isdisjoint(life.outcome)}
    assert ("no_outcome" in told) == bool(endless)
    for flaw in told.get("no_outcome", []):
        assert flaw.way[0] == "draft"
        assert flaw.way[-1] in flaw.way[:-1]
        assert flaw.way[-1] in endless
        for here, there in zip(flaw.way[::2], flaw.way[2::2], strict=False):
            assert there in leads[here]


# What the proofs know of the acts, held to the source of the acts.


def calls(paths: Iterable[Path]) -> list[tuple[str, list[str]]]:
    """Every call (and subscript, as `name[]`) in these sources, with the texts it is given."""
    found: list[tuple[str, list[str]]] = []
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                found.append((ast.unparse(node.func), [text for text in texts if isinstance(text, str)]))
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                found.append((f"{ast.unparse(node.value)}[]", [str(node.slice.value)]))
    return found


def first_texts(*names: str) -> set[str]:
    sources = (ROOT / "acts").glob("*.py")
    return {texts[0] for name, texts in calls(sources) if texts and name.rpartition(".")[2] in names}


def test_the_acts_that_follow_from_a_call_are_known():
    assert first_texts("Consequence") == {act for acts in vocabulary.CAUSES.values() for act in acts}


def test_the_acts_that_look_at_rules_and_materials_are_known():
    assert first_texts("stopped") == vocabulary.ASKS_FOR_RULES
    assert first_texts("missing_parts") == vocabulary.ASKS_FOR_MATERIALS


def test_the_settings_that_the_machine_reads_by_name_are_known():
    sources = [path for path in ROOT.rglob("*.py") if path.parent.name != "proofs"]
    readers = (".number", ".values.get", "settings.get", ".values[]", "settings[]")
    read = {texts[0] for name, texts in calls(sources) if texts and name.endswith(readers)}
    assert {"quota", "trim", "visit_team"} <= read
    assert read <= {*SETTING_OF_ACT.values(), *vocabulary.READ_BY_NAME}


def test_the_vocabulary_names_acts_of_the_machine():
    named = {*vocabulary.CAUSES, *vocabulary.CAUSED, *vocabulary.NEEDS, *vocabulary.OF_A_RETURN}
    named |= {*vocabulary.ASKS_FOR_RULES, *vocabulary.ASKS_FOR_MATERIALS}
    assert named <= set(ACTS)
