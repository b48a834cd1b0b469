"""Lines folded to the width of a terminal: between words, and between Chinese characters."""

import re
from typing import Final

from rich.cells import cell_len

_PIECES: Final = re.compile(r" +|[^\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef “”‘’…]+|.", re.DOTALL)
_NOT_FIRST: Final = frozenset("，。；：、！？）》〉】〕”’…,.;:!?)]}%")
"""Signs that never begin a line."""
_NOT_LAST: Final = frozenset("（《〈【〔“‘([{")
"""Signs that never end a line."""


def folded(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` columns, a Chinese character taking two.

    A word longer than a line is cut. Continued lines are indented as the first one is.
    """
    indent = " " * min(len(text) - len(text.lstrip(" ")), width // 2)
    room = max(2, width - len(indent))
    lines: list[str] = [""]
    for piece in _bound(_PIECES.findall(text.strip())):
        if lines[-1] and cell_len(lines[-1] + piece.rstrip()) > room:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
        while cell_len(lines[-1].rstrip()) > room:
            at = _fitting(lines[-1], room)
            lines[-1:] = [lines[-1][:at], lines[-1][at:]]
    return [f"{indent}{line}" for line in lines]


def _bound(pieces: list[str]) -> list[str]:
    """Return the pieces with those signs put to their neighbours that may not stand at an end of a line."""
    bound: list[str] = []
    for piece in pieces:
        if bound and (piece[0] in _NOT_FIRST or bound[-1][-1] in _NOT_LAST):
            bound[-1] += piece
        else:
            bound.append(piece)
    return bound


def _fitting(text: str, room: int) -> int:
    """Return how many characters of ``text`` take at most ``room`` columns; at least one."""
    columns = 0
    for at, character in enumerate(text):
        columns += cell_len(character)
        if columns > room:
            return max(1, at)
    return len(text)
