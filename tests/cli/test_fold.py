"""Lines folded to a terminal's width."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cli.fold import folded


def test_chinese_is_folded_between_characters_and_never_before_a_stop() -> None:
    assert folded("  办件现处于“填报”环节，由申报单位办理。", 22) == [
        "  办件现处于“填报”环",
        "  节，由申报单位办理。",
    ]
    # The stop would stand first on the second line, so the character before it goes with it.
    assert folded("申报单位办理。好", 12) == ["申报单位办", "理。好"]


def test_words_and_dates_stay_whole() -> None:
    assert folded("held by the recommending unit", 12) == ["held by the", "recommending", "unit"]
    assert folded("于2024年8月4日 18:00:00.001截止", 14) == ["于2024年8月4日", "18:00:00.001截", "止"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert folded("sqlite:///a/very/long/path", 10) == ["sqlite:///", "a/very/lon", "g/path"]


def test_what_fits_stays_as_it_is() -> None:
    assert folded("  短", 80) == ["  短"]
    assert folded("", 80) == [""]


@given(st.text(alphabet="ab ，。“”（）汉字1…", max_size=60), st.integers(4, 30))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = folded(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
