"""What people type into the form, made into values: text, numbers, fen, ISO dates, choices, digests."""

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from procedure.definition import FormField
from procedure.text import SHOWN, InvisibleCharacter, cleaned, shown

Value = str | int | bool
"""What a field holds: text, choice and date (ISO 8601) as text, money as fen."""

MOST_YUAN: Final = 10**13
"""The greatest amount of money, in yuan; its fen are far from the bounds of CEL's integers."""

MOST: Final = 10**15
"""The greatest whole number, up or down."""

FIRST_DAY: Final = datetime.date(1900, 1, 1)
LAST_DAY: Final = datetime.date(2199, 12, 31)

_AMOUNT: Final = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?", re.ASCII)
_WHOLE: Final = re.compile(r"[+-]?\d+", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FormProblem:
    """A value that a field does not take: which field, what was typed (shortened), and the rule broken.

    ``code`` and ``facts`` are stable, for other wordings than the English ``rule``.
    """

    path: str
    value: str
    code: str
    rule: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class _UnfitError(Exception):
    def __init__(self, code: str, rule: str, **facts: Any) -> None:
        super().__init__(rule)
        self.code, self.rule, self.facts = code, rule, facts


def parse(field: FormField, raw: Any) -> Value | FormProblem | None:
    """Return the value that ``raw`` gives ``field``, None where it clears it, or what is wrong with it.

    None and blank text clear a field. Money is typed in yuan; nothing is ever rounded.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    try:
        return _value(field, raw)
    except _UnfitError as unfit:
        return FormProblem(field.path, shown(raw), unfit.code, unfit.rule, unfit.facts)


def parse_all(
    fields: Mapping[str, FormField], raw: Mapping[str, Any]
) -> tuple[dict[str, Value | None], tuple[FormProblem, ...]]:
    """Return the values by path, and all problems; a path that ``fields`` does not have is a problem."""
    values: dict[str, Value | None] = {}
    problems: list[FormProblem] = []
    for path, typed in raw.items():
        if path not in fields:
            problems.append(FormProblem(shown(path), shown(typed), "unknown_field", "unknown field"))
            continue
        value = parse(fields[path], typed)
        if isinstance(value, FormProblem):
            problems.append(value)
        else:
            values[path] = value
    return values, tuple(problems)


def fen(typed: str) -> int | None:
    """Return an amount typed in yuan, to two decimals at most, as fen; None for what is none above zero."""
    found = re.fullmatch(r"(\d{1,13})(?:\.(\d{1,2}))?", typed.strip(), re.ASCII)
    return (int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) or None) if found else None


def yuan(fen: int) -> str:
    """Return an amount of fen as yuan with two decimals, the way ``parse`` reads it back."""
    return f"{fen // 100}.{fen % 100:02d}"


def _value(field: FormField, raw: Any) -> Value:
    match field.type:
        case "text":
            return _text(field, raw)
        case "integer":
            return _integer(field, raw)
        case "money":
            return _money(field, raw)
        case "date":
            return _date(raw)
        case "boolean":
            return _boolean(raw)
        case "choice":
            return _choice(field, raw)
        case "id_digest":
            return _digest(raw)


def _text(field: FormField, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _UnfitError("not_text", "expected text")
    if len(raw) > 4 * field.max_length + 1000:
        raise _too_long(field, len(raw))
    try:
        text = cleaned(raw, multiline=field.multiline)
    except InvisibleCharacter as error:
        raise _UnfitError(
            "invisible_character", str(error), character=error.character, position=error.position
        ) from None
    if len(text) > field.max_length:
        raise _too_long(field, len(text))
    return text


def _too_long(field: FormField, length: int) -> _UnfitError:
    rule = f"at most {field.max_length} characters, not {length}"
    return _UnfitError("too_long", rule, limit=field.max_length, length=length)


def _integer(field: FormField, raw: Any) -> int:
    typed = _typed(raw)
    if not _WHOLE.fullmatch(typed):
        raise _UnfitError("not_a_whole_number", "expected a whole number such as 12")
    least = -MOST if field.minimum is None else field.minimum
    most = MOST if field.maximum is None else field.maximum
    return _between(int(typed), least, most, str)


def _money(field: FormField, raw: Any) -> int:
    typed = _typed(raw)
    if typed.startswith("-") and _AMOUNT.fullmatch(typed[1:]):
        raise _UnfitError("negative", "an amount cannot be negative")
    parts = _AMOUNT.fullmatch(typed)
    if parts is None:
        raise _UnfitError("not_money", "expected an amount in yuan such as 9999999.99")
    whole, decimals = parts[1].replace(",", ""), parts[2] or ""
    if len(decimals) > 2:
        raise _UnfitError("too_many_decimals", "at most two decimals (fen)", decimals=len(decimals))
    fen = int(whole) * 100 + int(decimals.ljust(2, "0"))
    most = MOST_YUAN * 100 if field.maximum is None else field.maximum
    return _between(fen, field.minimum or 0, most, _in_yuan)


def _typed(raw: Any) -> str:
    """Return what was typed for a number, or "" for what is none.

    A float is read as its shortest text, in which binary noise shows as decimals.
    """
    match raw:
        case bool():
            return ""
        case str() if len(raw) <= SHOWN:
            return unicodedata.normalize("NFKC", raw).strip()
        case int() if raw.bit_length() <= 100:
            return str(raw)
        case float() | Decimal():
            return str(raw)
    return ""


def _in_yuan(fen: int) -> str:
    return f"{yuan(fen)} yuan"


def _between(number: int, least: int, most: int, shown: Callable[[int], str]) -> int:
    if number < least:
        raise _UnfitError("too_small", f"at least {shown(least)}", minimum=least)
    if number > most:
        raise _UnfitError("too_large", f"at most {shown(most)}", maximum=most)
    return number


def _date(raw: Any) -> str:
    if isinstance(raw, datetime.date) and not isinstance(raw, datetime.datetime):
        raw = raw.isoformat()
    typed = unicodedata.normalize("NFKC", raw).strip() if isinstance(raw, str) and len(raw) <= 40 else ""
    if not _DAY.fullmatch(typed):
        raise _UnfitError("not_a_date", "expected a date such as 2024-08-04")
    try:
        day = datetime.date.fromisoformat(typed)
    except ValueError:
        raise _UnfitError("not_a_date", f"there is no day {typed}") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _UnfitError(
            "date_out_of_range",
            f"expected a day from {FIRST_DAY} to {LAST_DAY}",
            first=FIRST_DAY.isoformat(),
            last=LAST_DAY.isoformat(),
        )
    return typed


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    answer = {"true": True, "false": False}.get(raw.strip().lower()) if isinstance(raw, str) else None
    if answer is None:
        raise _UnfitError("not_a_boolean", "expected true or false")
    return answer


def _choice(field: FormField, raw: Any) -> str:
    if not isinstance(raw, str) or raw.strip() not in field.choices:
        raise _UnfitError(
            "not_a_choice", f"expected one of {', '.join(field.choices)}", choices=list(field.choices)
        )
    return raw.strip()


def _digest(raw: Any) -> str:
    if not isinstance(raw, str) or not _DIGEST.fullmatch(raw.strip()):
        raise _UnfitError("not_a_digest", "expected the digest of an ID number: 64 digits of 0-9 and a-f")
    return raw.strip()
