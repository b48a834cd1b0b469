"""What people type becomes exact values, or a problem that names field, value and rule."""

import datetime
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedure.definition import FormField, Words
from procedure.form import MOST_YUAN, FormProblem, parse, parse_all, yuan


def field(kind: str, **more: Any) -> FormField:
    return FormField(path="lead.x", title=Words(zh="x", en="x"), type=kind, basis="setting", **more)


MONEY, WHOLE, DATE, BOOLEAN = field("money"), field("integer"), field("date"), field("boolean")
TEXT = field("text", max_length=20)
LINES = field("text", max_length=20, multiline=True)
CHOICE = field("choice", choices={"city": Words(zh="a", en="a"), "none": Words(zh="b", en="b")})


@pytest.mark.parametrize(
    ("asked", "raw", "value"),
    [
        (MONEY, "9999999.99", 999_999_999),
        (MONEY, "9,999,999.99", 999_999_999),
        (MONEY, 10_000_000, 1_000_000_000),
        (MONEY, 9999999.99, 999_999_999),
        (MONEY, Decimal("0.10"), 10),
        (MONEY, "0.1", 10),
        (MONEY, " 12 ", 1200),
        (MONEY, "\uff11\uff12\uff0e\uff15", 1250),
        (MONEY, "10000000000000", MOST_YUAN * 100),
        (MONEY, 0, 0),
        (WHOLE, "-12", -12),
        (WHOLE, 12, 12),
        (DATE, "2024-02-29", "2024-02-29"),
        (DATE, datetime.date(2024, 8, 4), "2024-08-04"),
        (BOOLEAN, True, True),
        (BOOLEAN, "false", False),
        (CHOICE, "city", "city"),
        (TEXT, "  \u751f\u7269\u533b\u836f ", "\u751f\u7269\u533b\u836f"),
        (TEXT, "e\u0301", "\u00e9"),
        (LINES, "a\r\nb\rc\td", "a\nb\nc\td"),
    ],
)
def test_what_is_typed_becomes_an_exact_value(asked: FormField, raw: Any, value: Any):
    parsed = parse(asked, raw)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize("asked", [MONEY, WHOLE, DATE, BOOLEAN, CHOICE, TEXT])
@pytest.mark.parametrize("raw", [None, "", "  \n "])
def test_nothing_clears_a_field(asked: FormField, raw: Any):
    assert parse(asked, raw) is None


@pytest.mark.parametrize(
    ("asked", "raw", "code", "rule"),
    [
        (MONEY, "0.001", "too_many_decimals", "at most two decimals (fen)"),
        (MONEY, 0.1 + 0.2, "too_many_decimals", "at most two decimals (fen)"),
        (MONEY, "9999999.9999999999", "too_many_decimals", "at most two decimals (fen)"),
        (MONEY, "-1", "negative", "an amount cannot be negative"),
        (MONEY, -0.5, "negative", "an amount cannot be negative"),
        (MONEY, "10000000000000.01", "too_large", "at most 10000000000000.00 yuan"),
        (MONEY, 10**40, "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, "1e9", "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, 1e22, "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, float("nan"), "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, "Infinity", "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, "1,00", "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, "1000 yuan", "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, "1" + " " * 90 + "2", "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, True, "not_money", "expected an amount in yuan such as 9999999.99"),
        (MONEY, ["1"], "not_money", "expected an amount in yuan such as 9999999.99"),
        (field("money", minimum=100), "0.99", "too_small", "at least 1.00 yuan"),
        (field("money", maximum=100), "1.01", "too_large", "at most 1.00 yuan"),
        (WHOLE, "1.0", "not_a_whole_number", "expected a whole number such as 12"),
        (WHOLE, 1.0, "not_a_whole_number", "expected a whole number such as 12"),
        (WHOLE, True, "not_a_whole_number", "expected a whole number such as 12"),
        (WHOLE, 10**16, "too_large", "at most 1000000000000000"),
        (field("integer", minimum=1), "0", "too_small", "at least 1"),
        (field("integer", maximum=9), "10", "too_large", "at most 9"),
        (DATE, "2024-02-30", "not_a_date", "there is no day 2024-02-30"),
        (DATE, "04/08/2024", "not_a_date", "expected a date such as 2024-08-04"),
        (DATE, "2024-08-04T18:00", "not_a_date", "expected a date such as 2024-08-04"),
        (DATE, datetime.datetime(2024, 8, 4), "not_a_date", "expected a date such as 2024-08-04"),  # noqa: DTZ001
        (DATE, 20240804, "not_a_date", "expected a date such as 2024-08-04"),
        (DATE, "0001-01-01", "date_out_of_range", "expected a day from 1900-01-01 to 2199-12-31"),
        (BOOLEAN, 1, "not_a_boolean", "expected true or false"),
        (BOOLEAN, "yes", "not_a_boolean", "expected true or false"),
        (CHOICE, "county", "not_a_choice", "expected one of city, none"),
        (CHOICE, 1, "not_a_choice", "expected one of city, none"),
        (TEXT, 5, "not_text", "expected text"),
        (TEXT, "x" * 21, "too_long", "at most 20 characters, not 21"),
        (TEXT, "x" * 10**6, "too_long", "at most 20 characters, not 1000000"),
        (TEXT, "a\nb", "invisible_character", "invisible or control character U+000A at position 2"),
        (LINES, "a\x00b", "invisible_character", "invisible or control character U+0000 at position 2"),
        (TEXT, "ab\u202ec", "invisible_character", "invisible or control character U+202E at position 3"),
        (TEXT, "\ud800", "invisible_character", "invisible or control character U+D800 at position 1"),
    ],
)
def test_what_does_not_fit_is_refused(asked: FormField, raw: Any, code: str, rule: str):
    problem = parse(asked, raw)
    assert isinstance(problem, FormProblem)
    assert (problem.path, problem.code, problem.rule) == ("lead.x", code, rule)
    assert len(problem.value) <= 80
    problem.value.encode()


def test_a_problem_keeps_its_facts_for_other_wordings():
    problem = parse(TEXT, "x" * 21)
    assert problem == FormProblem(
        "lead.x", "x" * 21, "too_long", "at most 20 characters, not 21", {"limit": 20, "length": 21}
    )


def test_all_fields_are_parsed_and_all_problems_named():
    fields = {"lead.money": MONEY, "lead.text": TEXT}
    values, problems = parse_all(fields, {"lead.money": "-1", "lead.text": None, "lead.colour": "red"})
    assert values == {"lead.text": None}
    assert [(problem.path, problem.code) for problem in problems] == [
        ("lead.x", "negative"),
        ("lead.colour", "unknown_field"),
    ]


@given(st.integers(0, MOST_YUAN * 100))
def test_money_survives_the_round_trip(fen: int):
    assert parse(MONEY, yuan(fen)) == fen
    assert parse(MONEY, float(yuan(fen))) == fen


@given(st.one_of(st.text(), st.floats(), st.integers(), st.decimals(), st.binary(), st.booleans()))
def test_money_is_a_whole_number_of_fen_in_range_or_a_problem(raw: Any):
    value = parse(MONEY, raw)
    if isinstance(value, int):
        assert type(value) is int
        assert 0 <= value <= MOST_YUAN * 100
    else:
        assert value is None or isinstance(value, FormProblem)


@given(st.text())
def test_text_is_normalised_once_and_for_all(raw: str):
    value = parse(LINES, raw)
    if isinstance(value, str):
        assert unicodedata.is_normalized("NFC", value)
        assert parse(LINES, value) == value


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)))
def test_dates_survive_the_round_trip(day: datetime.date):
    assert parse(DATE, day) == parse(DATE, day.isoformat()) == day.isoformat()
