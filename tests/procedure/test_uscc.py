"""Unified social credit codes: normalised, and refused with value and reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedure.uscc import InvalidUscc, valid

CODE = "91110000600037341L"
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "91110000600037341l",
        " 9111 0000 6000 3734 1L ",
        "91110000-60003734-1L",
        "\uff19\uff11\uff11\uff11\uff10\uff10\uff10\uff10\uff16\uff10\uff10\uff10\uff13\uff17\uff13\uff14\uff11\uff2c",
    ],
)
def test_what_people_type_is_normalised(typed: str):
    assert valid(typed) == CODE


def test_units_whose_code_begins_with_a_letter_are_valid():
    assert valid("N2430600MF0000001R") == "N2430600MF0000001R"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "expected 18 characters, not 0"),
        ("12345", "expected 18 characters, not 5"),
        ("9" * 1000, "expected 18 characters, not 1000"),
        ("91110000600037341X", "the check digit X does not belong to the other characters"),
        (
            "9111000O600037341L",
            "expected digits and capital letters without I, O, S, V, Z, with digits in places 3 to 8",
        ),
    ],
)
def test_a_wrong_code_is_refused_with_value_and_reason(typed: str, why: str):
    with pytest.raises(InvalidUscc) as raised:
        valid(typed)
    assert str(raised.value) == f"{typed[:40]!r} is no unified social credit code: {why}"


@given(st.integers(0, 17), st.sampled_from(LETTERS))
def test_one_wrong_character_never_passes(place: int, character: str):
    changed = CODE[:place] + character + CODE[place + 1 :]
    if changed == CODE:
        assert valid(changed) == CODE
    else:
        with pytest.raises(InvalidUscc):
            valid(changed)


@given(st.text())
def test_any_text_is_answered(text: str):
    try:
        assert valid(valid(text)) == valid(text)
    except InvalidUscc as problem:
        assert problem.why  # noqa: PT017 - either answer will do
