"""The table at the end of a story, of cases that are still on their way too."""

import io

import pytest
from rich.console import Console

from casework.terms import catalogue
from cli import telling
from cli.reply import Reply
from deployments import catalog
from story.carriers import AFTER_FILING, Ran

PUBLICITY = {"of": "deadline", "title": {"zh": "公示期", "en": "Publicity"}, "clause": None}
PASSED = {
    "event": "deadline_lapsed",
    "act": None,
    "deadline": "publicity",
    "due": "2025-10-10T23:59:59+08:00",
}
PUBLISHED = {"event": "case_published", "act": "be_published", "deadline": "publicity"}


@pytest.mark.parametrize(
    ("because", "reason"), [(PASSED, "Publicity: until 10 October 2025"), (PUBLISHED, "mean 90.00")]
)
def test_a_deadline_is_a_reason_once_it_has_passed(because: dict[str, object], reason: str) -> None:
    account = {
        "ref": "QD2025-0001",
        "lead": {"name": "甲公司"},
        "title": {"zh": "公示", "en": "Publicity"},
        "reason": None,
        "because": because,
        "grounds": [PUBLICITY],
        "register": None,
        "mean": "90.00",
    }
    told = Console(file=io.StringIO(), width=160)
    told.print(telling.outcomes({"cases": {"one": account}}, Reply("en", as_json=False)))
    assert isinstance(told.file, io.StringIO)
    assert reason in told.file.getvalue()


@pytest.mark.parametrize(
    ("runs", "zh", "en"),
    [
        (
            (Ran("calls", "Moved 3"), Ran("recommendation", "Reminded 16")),
            "批次流程 办理3件、办件流程 提醒16件",
            "lane calls moved 3, lane recommendation reminded of 16",
        ),
        ((Ran("evaluation", "Nothing due"),), "备案后流程 没有到期的", "lane evaluation found nothing due"),
        ((Ran("call"), Ran("application")), "批次、办件", "calls, applications"),
    ],
)
def test_what_happened_by_itself_is_told_in_words(runs: tuple[Ran, ...], zh: str, en: str) -> None:
    assert telling.what_ran(runs, "zh") == zh
    assert telling.what_ran(runs, "en") == en


def test_whatever_a_story_runs_has_a_name() -> None:
    lanes = {each.name for each in catalog.lanes()} - {"notices", "watch"}
    assert catalogue("zh")["runs"].keys() >= {*lanes, "call", "application", *AFTER_FILING}
