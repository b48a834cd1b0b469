"""The published list as the machine sees it: its snapshot, its refusals, and what a pack needs for it."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from procedure.act import Child, Decision
from procedure.acts import ACTS
from procedure.check import check
from procedure.instant import local_instant
from procedure.pack import PackError, load_texts, shipped
from procedure.publicity import clock, snapshot
from procedure.subject import ListEntry
from tests.procedure.edited_pack import edited_files
from tests.procedure.publicity_pack import edits, pack
from tests.procedure.test_selection import batch, waiting
from tests.procedure.yueyang_walk import LEADER, OFFICER, Walk

ENTRIES = (
    ListEntry(1, "a", "A", "方向"),
    ListEntry(2, "b", "B", "方向"),
    ListEntry(3, "c", "C", "方向"),
)
LIST = {"document_number": "公示〔2025〕1号"}
CHANGE = {"list": 1, "document_number": "公示〔2025〕2号", "reason": "信息有误"}


def at_stages(**stages: str) -> dict[str, Child]:
    return {ref: Child(stage, None, ref.upper(), "方向") for ref, stage in stages.items()}


def listed(at: str = "2025-09-26T10:00", **settings: Any) -> Walk:
    """A call that has selected a, b and c and not published them."""
    walk = batch(waiting(a=9000, b=8000, c=7000), **settings).on(at)
    chosen = walk.do("select", LEADER, cases=["a", "b", "c"])
    return chosen.knowing(children=at_stages(a="proposed", b="proposed", c="proposed"))


def published(**settings: Any) -> Walk:
    """A call that has published a, b and c on one list."""
    walk = listed(**settings).do("publish_list", OFFICER, **LIST)
    return walk.knowing(children=at_stages(a="publicity", b="publicity", c="publicity"))


def refusal(walk: Walk, act: str, **payload: Any) -> tuple[str, dict[str, Any]]:
    answer = walk.refused(act, OFFICER if act == "publish_list" else LEADER, **payload)
    return answer.code, dict(answer.facts)


def consequences(walk: Walk, act: str, **payload: Any) -> list[tuple[str, str, Any]]:
    answer = walk.ask(act, OFFICER if act == "publish_list" else LEADER, **payload)
    assert isinstance(answer, Decision), answer
    return [(each.ref, each.act, dict(each.payload)) for each in answer.consequences]


def test_a_snapshot_is_the_digest_of_the_list_as_published() -> None:
    text = (
        '{"document":"公示〔2025〕1号","entries":['
        '{"case":"a","direction":"方向","lead_name":"A","position":1}],'
        '"published_at":"2025-09-26T10:00:00+08:00"}'
    )
    at = local_instant("2025-09-26T10:00")
    assert snapshot("公示〔2025〕1号", at, ENTRIES[:1]) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [{"position": 2}, {"case": "b"}, {"lead_name": "B"}, {"direction": "方"}],
)
def test_a_snapshot_changes_with_every_part_of_an_entry(change: dict[str, Any]) -> None:
    at = local_instant("2025-09-26T10:00")
    before = snapshot("1", at, ENTRIES[:1])
    assert snapshot("1", at, [replace(ENTRIES[0], **change)]) != before


def test_a_snapshot_changes_with_document_instant_and_order() -> None:
    at = local_instant("2025-09-26T10:00")
    digests = {
        snapshot("1", at, ENTRIES),
        snapshot("2", at, ENTRIES),
        snapshot("1", local_instant("2025-09-26T10:01"), ENTRIES),
        snapshot("1", at, reversed(ENTRIES)),
        snapshot("1", at, ENTRIES[:2]),
    }
    assert len(digests) == 5


def test_one_list_moves_every_case_with_one_instant() -> None:
    until = "2025-10-10T23:59:59.999999+08:00"
    assert consequences(listed(), "publish_list", **LIST) == [
        ("a", "be_published", {"list": 1, "position": 1, "until": until}),
        ("b", "be_published", {"list": 1, "position": 2, "until": until}),
        ("c", "be_published", {"list": 1, "position": 3, "until": until}),
    ]
    [known] = published().subject.call.lists
    assert known.entries == ENTRIES
    assert known.snapshot == snapshot("公示〔2025〕1号", local_instant("2025-09-26T10:00"), ENTRIES)
    assert (known.id, known.version, known.until, known.provisional) == (1, 1, local_instant(until), False)


def test_the_list_keeps_the_order_of_the_selection_and_what_is_left_makes_another() -> None:
    walk = listed().do("publish_list", OFFICER, **LIST, title="第一批", cases=["c", "a"])
    [first] = walk.subject.call.lists
    assert ([entry.case for entry in first.entries], first.title) == (["a", "c"], "第一批")
    walk = walk.knowing(children=at_stages(a="publicity", b="proposed", c="publicity"))
    walk = walk.on("2025-10-09T09:00").do("publish_list", OFFICER, **LIST)
    assert [(each.id, [entry.case for entry in each.entries]) for each in walk.subject.call.lists] == [
        (1, ["a", "c"]),
        (2, ["b"]),
    ]


def test_a_publicity_into_an_unpublished_year_is_provisional() -> None:
    walk = listed("2027-12-30T09:00").do("publish_list", OFFICER, **LIST)
    assert walk.subject.call.lists[0].provisional is True


def test_only_selected_cases_that_wait_are_published_each_once() -> None:
    walk = listed().knowing(children=at_stages(a="proposed", b="publicity", c="proposed", d="proposed"))
    assert refusal(walk, "publish_list", **LIST, cases=["b", "d", "a"]) == (
        "not_ready_for_publicity",
        {"cases": ["b", "d"], "waiting": ["a", "c"]},
    )
    assert refusal(walk, "publish_list", **LIST, cases=["a", "a"]) == ("listed_twice", {"cases": ["a"]})
    over = walk.knowing(children={"a": Child("proposed", "withdrawn"), **at_stages(b="filing", c="filing")})
    assert refusal(over, "publish_list", **LIST) == (
        "nothing_to_publish",
        {"selected": ["a", "b", "c"]},
    )


RESTART = {"list": 1, "until": "2025-10-14T23:59:59.999999+08:00", "reason": "信息有误", "direction": None}


@pytest.mark.parametrize(("restart", "anew"), [("changed", {"b": "材料"}), ("all", {"b": "材料", "c": None})])
def test_a_changed_list_strikes_corrects_and_restarts(restart: str, anew: dict[str, str | None]) -> None:
    walk = published(publicity_restart=restart).on("2025-09-30T09:00")
    change = {
        **CHANGE,
        "remove": [{"case": "a", "reason": "弄虚作假"}],
        "correct": {"b": {"direction": "材料"}},
    }
    assert consequences(walk, "change_list", **change) == [
        ("a", "be_struck", {"list": 1, "reason": "弄虚作假"}),
        *((ref, "be_republished", {**RESTART, "direction": direction}) for ref, direction in anew.items()),
    ]
    after = walk.do("change_list", LEADER, **change)
    [known] = after.subject.call.lists
    assert (known.id, known.version, known.document) == (1, 2, "公示〔2025〕2号")
    assert known.entries == (replace(ENTRIES[1], direction="材料"), ENTRIES[2])
    assert known.snapshot == snapshot("公示〔2025〕2号", local_instant("2025-09-30T09:00"), known.entries)
    assert after.events[-1].data["restarted"] == list(anew)


def test_a_list_from_which_something_is_only_removed_keeps_its_time() -> None:
    walk = published(publicity_restart="changed").on("2025-09-30T09:00")
    change = {**CHANGE, "remove": [{"case": "a", "reason": "弄虚作假"}]}
    assert [each[:2] for each in consequences(walk, "change_list", **change)] == [("a", "be_struck")]
    [before] = walk.subject.call.lists
    [after] = walk.do("change_list", LEADER, **change).subject.call.lists
    assert (after.until, after.published_at) == (before.until, local_instant("2025-09-30T09:00"))


def test_a_lead_units_name_is_corrected_in_the_list() -> None:
    walk = published().do("change_list", LEADER, **CHANGE, correct={"c": {"lead_name": "丙公司"}})
    assert walk.subject.call.lists[0].entries[2] == ListEntry(3, "c", "丙公司", "方向")


def test_what_cannot_be_changed_is_named() -> None:
    walk = published().on("2025-09-30T09:00")
    strike = {"case": "a", "reason": "弄虚作假"}
    assert refusal(walk, "change_list", **{**CHANGE, "list": 2}) == (
        "no_such_list",
        {"list": 2, "lists": [1]},
    )
    assert refusal(walk, "change_list", **CHANGE) == ("nothing_changes", {"list": 1, "cases": []})
    assert refusal(walk, "change_list", **CHANGE, correct={"b": {"direction": "方向"}, "c": {}}) == (
        "nothing_changes",
        {"list": 1, "cases": ["b", "c"]},
    )
    assert refusal(walk, "change_list", **CHANGE, remove=[strike], correct={"a": {"direction": "材料"}}) == (
        "listed_twice",
        {"cases": ["a"]},
    )
    assert refusal(walk, "change_list", **CHANGE, remove=[{**strike, "case": "x"}]) == (
        "not_on_the_list",
        {"list": 1, "cases": ["x"]},
    )
    gone = walk.knowing(
        children={
            "a": Child("filing", None),
            "b": Child("filing", "filed"),
            **at_stages(c="publicity"),
        }
    )
    assert refusal(gone, "change_list", **CHANGE, remove=[strike], correct={"b": {"direction": "材料"}}) == (
        "entry_has_moved_on",
        {"list": 1, "cases": {"a": "filing", "b": "filed"}},
    )


def test_a_direction_that_the_form_would_not_take_is_no_correction() -> None:
    code, facts = refusal(published(), "change_list", **CHANGE, correct={"b": {"direction": "长" * 41}})
    assert code == "bad_fields"
    assert [(each["field"], each["code"]) for each in facts["problems"]] == [
        ("consortium.direction", "too_long")
    ]


def test_whoever_has_moved_on_stays_in_the_list_as_they_are() -> None:
    walk = published(publicity_restart="all").on("2025-09-30T09:00")
    walk = walk.knowing(children=at_stages(a="filing", b="publicity", c="objection"))
    change = {**CHANGE, "correct": {"b": {"direction": "材料"}}}
    assert [each[:2] for each in consequences(walk, "change_list", **change)] == [
        ("b", "be_republished"),
        ("c", "be_republished"),
    ]
    assert len(walk.do("change_list", LEADER, **change).subject.call.lists[0].entries) == 3


def problems(changes: dict[str, Any]) -> list[str]:
    with pytest.raises(PackError) as raised:
        load_texts(edited_files({**edits(), **changes}), frozenset(ACTS))
    return [f"{problem.path}: {problem.message}" for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("selection", "best", "expected `merit` or `ranked`, not 'best'"),
        ("publicity_restart", "none", "expected `changed` or `all`, not 'none'"),
        ("anonymous_objections", 1, "expected true or false, not 1"),
        ("quota", -1, "expected a whole number, 0 for no quota, not -1"),
        ("quota", True, "expected a whole number, 0 for no quota, not True"),
    ],
)
def test_a_setting_has_one_of_its_values(name: str, value: Any, expected: str) -> None:
    assert problems({f"settings.{name}.value": value}) == [f"settings.{name}.value: {expected}"]


def test_acts_have_the_settings_they_read() -> None:
    assert problems({"settings.publicity_restart": None, "settings.anonymous_objections": None}) == [
        "call.stages.3.acts.change_list: needs the setting `publicity_restart`: `changed` or `all`",
        *(
            f"application.{where}.lodge_objection: needs the setting `anonymous_objections`: true or false"
            for where in ("everywhere", "stages.5.acts", "stages.6.acts", "stages.7.acts")
        ),
    ]


def test_publication_leads_to_a_publicity_that_ends_by_itself() -> None:
    where = "application.stages.proposed.acts.be_published.to"
    place = "application.stages.4.acts.be_published"
    wanted = f"{place}: must lead to a stage of kind `publicity` with a deadline"
    assert problems({where: "filing"}) == [wanted]
    assert problems({"application.deadlines.publicity.lapse": None}) == [
        f"{place}: leads to the deadline `publicity`, which must count working days and have a `lapse`"
    ]
    assert problems({"application.stages.proposed.acts.be_published": None}) == [
        "call.stages.3.acts.publish_list: no stage of the application has the act `be_published`"
    ]


def test_a_pack_that_publishes_nothing_has_no_clock_for_it() -> None:
    with pytest.raises(LookupError, match="yueyang-2024 publishes no list"):
        clock(shipped("yueyang-2024").procedure)
    assert clock(pack().procedure).id == "publicity"


@pytest.mark.parametrize("rolling", [False, True])
def test_the_proofs_know_lists_and_objections(rolling: bool) -> None:
    flaws = check(pack(rolling=rolling).procedure)
    assert {flaw.code for flaw in flaws} == {"text_never_sent"}
