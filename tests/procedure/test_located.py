"""Both parsers of YAML: what the quick one reads, the other reads the same."""

import re
from pathlib import Path

import pytest

from procedure import located
from procedure.pack import CATALOG

ROOT = CATALOG.parents[1]
TEXTS = [*sorted(CATALOG.rglob("*.yaml")), *sorted((ROOT / "examples").rglob("*.yaml"))]


def slowly(monkeypatch: pytest.MonkeyPatch, text: str) -> located.Located:
    """Return what the parser in Python reads."""
    with monkeypatch.context() as patch:
        patch.setattr(located, "_READ_DIFFERENTLY", re.compile(""))
        return located.read(text)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_texts_are_read_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data, lines and complaints of every pack and story."""
    text = path.read_text(encoding="utf-8")
    assert located.read(text) == slowly(monkeypatch, text)


@pytest.mark.parametrize(
    "text",
    [
        "a: &b 1\nc: *b",
        "a: !!str 1",
        "a: ! 1",
        "{a:1, b: [c:d]}",
        "a: |#\n  b",
        "a: >-2#\n  b",
        "a: b\tc",
        "a:\tb",
        "a: 1\x85b: 2",
        "a: b\u2028c",
        "\ufeffa: b",
        "%YAML 1.1\n---\na: yes\nb: 017",
        "a: yes\nb: on\nc: 017\nd: 0o17\ne: 0x1f\nf: 1_000\ng: 1:30\nh: 1e3\ni: .inf\nj: ~\nk: 2024-01-01",
        "a: \x07",
        "a: \ud800",
        "a: 1\na: 2",
        "<<: {a: 1}",
        "? [a]\n: b",
        "a: 1\n---\nb: 2",
        "a: [1\n",
        "'a': \"b\\x85\\u2028\"",
        "[" * 300 + "]" * 300,
        "- " * 30_000,
        "{a: " * 30_000,
    ],
)
def test_odd_texts_are_read_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the two parsers take differently, or what one of them would crash at, is left to the slow one."""
    assert located.read(text) == slowly(monkeypatch, text)
