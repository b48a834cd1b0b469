"""Browsing at a size of some hundreds: every kind of page is opened, and none is empty."""

import pytest
from sqlalchemy import Engine

from benchmarks import browse


def test_everybody_finds_cases_on_every_page(story_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "READS", (0.05, 0.2))
    lines = browse.run(story_engine, cases=900, people=10, seconds=4)
    kinds = ("bureau", "case", "district", "entry", "radar", "register", "search")
    assert [line.name for line in lines] == ["browse", *(f"browse:{kind}" for kind in kinds)]
    assert all(line.ours >= line.baseline > 0 for line in lines)
