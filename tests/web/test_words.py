"""Every text of the portal is there in both languages, and none that no page says."""

import re
from pathlib import Path
from typing import Any

from casework.terms import catalogue

WEB = Path(__file__).resolve().parents[2] / "web"


def _keys(table: dict[str, Any]) -> set[str]:
    return {f"{section}.{name}" for section, texts in table.items() for name in texts}


def _said() -> tuple[set[str], set[str]]:
    """Return the keys that the sources name, and the beginnings of those they put together."""
    texts = [path.read_text(encoding="utf-8") for path in (*WEB.rglob("*.py"), *WEB.rglob("*.html"))]
    whole = {key for text in texts for key in re.findall(r"[\"']([a-z]+\.[a-z][a-z0-9_]*)[\"']", text)}
    begun = {key for text in texts for key in re.findall(r"say\(['\"]([a-z]+\.[a-z_]*)['\"] ~", text)}
    begun |= {key for text in texts for key in re.findall(r"f['\"]([a-z]+\.[a-z_]*)\{", text)}
    return whole, begun


def test_both_languages_say_the_same_things() -> None:
    zh, en = catalogue("zh")["portal"], catalogue("en")["portal"]
    assert _keys(zh) == _keys(en)
    for section, texts in zh.items():
        for name, text in texts.items():
            facts = set(re.findall(r"{(\w+)}", text))
            assert facts == set(re.findall(r"{(\w+)}", en[section][name])), f"{section}.{name}"


def test_pages_say_only_what_there_are_words_for() -> None:
    whole, _ = _said()
    sections = set(catalogue("zh")["portal"])
    files = (".html", ".css", ".svg", "_")
    asked = {key for key in whole if key.split(".")[0] in sections and not key.endswith(files)}
    assert asked - _keys(catalogue("zh")["portal"]) == set()


def test_nothing_stands_there_unsaid() -> None:
    whole, begun = _said()
    left = {
        key
        for key in _keys(catalogue("zh")["portal"])
        if key not in whole and not key.startswith(tuple(begun))
    }
    assert left == set()
