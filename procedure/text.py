"""Typed text: cleaned of what nobody can see, and shown shortened in messages."""

import unicodedata
from typing import Any, Final

SHOWN: Final = 80
"""The most characters of a value that a message shows."""


class InvisibleCharacter(ValueError):
    """A text holds a control or format character; ``character`` (U+0000 style) and ``position`` (from 1)."""

    def __init__(self, character: str, position: int) -> None:
        self.character, self.position = f"U+{ord(character):04X}", position
        super().__init__(f"invisible or control character {self.character} at position {position}")


def cleaned(text: str, *, multiline: bool) -> str:
    """Return ``text`` stripped, in Unicode's composed form, with plain line ends.

    Raises InvisibleCharacter; line ends and tabs are allowed only where it may have several lines.
    """
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if plain.isprintable():
        return plain
    allowed = "\n\t" if multiline else ""
    for position, character in enumerate(plain, 1):
        category = unicodedata.category(character)
        # Unassigned and private characters pass: rare Chinese characters are newer than Python's tables.
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in allowed:
            raise InvisibleCharacter(character, position)
    return plain


def shown(value: Any) -> str:
    """Return ``value`` as a message shows it: readable, at most SHOWN characters."""
    if isinstance(value, int) and value.bit_length() > 300:
        return "a number too long to show"
    try:
        text = str(value).encode("utf-8", "backslashreplace").decode()
    except (ValueError, RecursionError):
        return "a value too long to show"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
