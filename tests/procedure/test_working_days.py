import datetime
import pickle
from pathlib import Path

import chinese_calendar
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from procedure.working_days import (
    FIRST_DAY,
    LAST_DAY,
    Arrangement,
    ArrangementError,
    DayFact,
    DayOutOfRange,
    Holiday,
    WorkingCalendar,
    calendar_from,
    read_arrangements,
    state_council,
)

CALENDAR = state_council()
ONE_DAY = datetime.timedelta(days=1)

days = st.dates(datetime.date(2019, 1, 1), datetime.date(2028, 12, 31))
counts = st.integers(0, 400)


def date(text: str) -> pendulum.Date:
    return pendulum.Date.fromisoformat(text)


def every_day(first: str, last: str) -> list[pendulum.Date]:
    span = (date(last) - date(first)).in_days()
    return [date(first).add(days=offset) for offset in range(span + 1)]


def holiday(name_zh: str, first_day: str, last_day: str | None = None, *worked: str) -> dict[str, object]:
    last_day = last_day or first_day
    return {
        "name_zh": name_zh,
        "name_en": name_zh,
        "first_day": first_day,
        "last_day": last_day,
        "worked": worked,
    }


def year_2027(**changes: object) -> dict[str, object]:
    """A made-up arrangement of 2027 in the shape of an import; the real one is not published."""
    return {
        "year": 2027,
        "document": "国办发明电〔2026〕99号",
        "issued": "2026-11-10",
        "holidays": [
            holiday("元旦", "2027-01-01", "2027-01-03"),
            holiday("春节", "2027-02-05", "2027-02-12", "2027-01-31", "2027-02-13"),
            holiday("清明节", "2027-04-03", "2027-04-05"),
            holiday("劳动节", "2027-05-01", "2027-05-05", "2027-05-08"),
            holiday("端午节", "2027-06-09"),
            holiday("中秋节", "2027-09-15"),
            holiday("国庆节", "2027-10-01", "2027-10-07", "2027-09-26", "2027-10-09"),
        ],
        **changes,
    }


def amendment_2027(**changes: object) -> Arrangement:
    return Arrangement.model_validate(
        {
            "year": 2027,
            "version": 2,
            "document": "国办发明电〔2027〕1号",
            "issued": "2027-01-20",
            "holidays": [],
            **changes,
        }
    )


def with_2027(*amendments: Arrangement) -> WorkingCalendar:
    return calendar_from(
        [*CALENDAR.arrangements, Arrangement.model_validate(year_2027()), *amendments],
    )


# The packaged data


def test_every_day_of_the_published_years_agrees_with_chinesecalendar() -> None:
    published = every_day("2020-01-01", "2026-12-31")

    assert len(published) == 2557
    assert [
        day for day in published if CALENDAR.is_working_day(day) != chinese_calendar.is_workday(day)
    ] == []


def test_every_departure_from_the_weekday_rule_bears_the_name_chinesecalendar_gives() -> None:
    theirs = {
        day: ("makeup" if is_makeup else "holiday", named.lower())
        for is_makeup, table in enumerate((chinese_calendar.holidays, chinese_calendar.workdays))
        for day, named in table.items()
        if datetime.date(2020, 1, 1) <= day <= datetime.date(2026, 12, 31)
        and (is_makeup or day.weekday() < 5)
    }
    ours = {fact.day: fact for fact in CALENDAR.facts(date("2019-12-31"), date("2026-12-31"))}

    assert ours.keys() == theirs.keys()
    assert [
        fact
        for day, fact in ours.items()
        if fact.kind != theirs[day][0] or theirs[day][1] not in fact.name_en.lower()
    ] == []


def test_the_notices_are_those_of_the_state_council() -> None:
    assert [(a.year, a.version, a.document, str(a.issued)) for a in CALENDAR.arrangements] == [
        (2020, 1, "国办发明电〔2019〕16号", "2019-11-21"),
        (2020, 2, "国办发明电〔2020〕1号", "2020-01-26"),
        (2021, 1, "国办发明电〔2020〕27号", "2020-11-25"),
        (2022, 1, "国办发明电〔2021〕11号", "2021-10-25"),
        (2023, 1, "国办发明电〔2022〕16号", "2022-12-08"),
        (2024, 1, "国办发明电〔2023〕7号", "2023-10-25"),
        (2025, 1, "国办发明电〔2024〕12号", "2024-11-12"),
        (2026, 1, "国办发明电〔2025〕7号", "2025-11-04"),
    ]
    assert (CALENDAR.first_year, CALENDAR.last_published_year) == (2020, 2026)
    assert CALENDAR.published == frozenset(range(2020, 2027))


def test_the_version_identifies_the_content() -> None:
    # Stored dates cite it: it may change only with the data.
    assert CALENDAR.version == "CN-2020..2026-6133f171"
    assert calendar_from(reversed(CALENDAR.arrangements)) == CALENDAR
    assert calendar_from(CALENDAR.arrangements[1:2] + CALENDAR.arrangements) == CALENDAR
    assert with_2027() != CALENDAR
    assert with_2027().version.startswith("CN-2020..2027-")
    assert state_council() is CALENDAR
    assert pickle.loads(pickle.dumps(CALENDAR)) == CALENDAR  # noqa: S301 - our own bytes


# The autumn of 2025


def test_the_autumn_of_2025() -> None:
    worked = [str(day) for day in every_day("2025-09-26", "2025-10-13") if CALENDAR.is_working_day(day)]

    assert worked == [
        "2025-09-26",
        "2025-09-28",
        "2025-09-29",
        "2025-09-30",
        "2025-10-09",
        "2025-10-10",
        "2025-10-11",
        "2025-10-13",
    ]
    assert CALENDAR.add(date("2025-09-26"), 5) == date("2025-10-10")
    assert CALENDAR.add(date("2025-09-30"), 3) == date("2025-10-11")
    assert CALENDAR.subtract(date("2025-10-10"), 5) == date("2025-09-26")
    assert CALENDAR.between(date("2025-09-26"), date("2025-10-13")) == 7
    assert CALENDAR.between(date("2025-10-13"), date("2025-09-26")) == -7
    assert CALENDAR.on_or_after(date("2025-10-01")) == date("2025-10-09")
    assert CALENDAR.on_or_after(date("2025-10-11")) == date("2025-10-11")
    assert not CALENDAR.spans_provisional(date("2025-09-26"), date("2025-10-13"))


def test_the_autumn_of_2025_is_explained_by_its_notice() -> None:
    def fact(day: str, kind: str) -> DayFact:
        assert kind in {"holiday", "makeup"}
        name_en = "National Day and Mid-Autumn Festival"
        return DayFact(date(day), kind, "国庆节、中秋节", name_en, "国办发明电〔2024〕12号")

    span = date("2025-09-26"), date("2025-10-13")

    assert CALENDAR.facts(*span) == [
        fact("2025-09-28", "makeup"),
        fact("2025-10-01", "holiday"),
        fact("2025-10-02", "holiday"),
        fact("2025-10-03", "holiday"),
        fact("2025-10-06", "holiday"),
        fact("2025-10-07", "holiday"),
        fact("2025-10-08", "holiday"),
        fact("2025-10-11", "makeup"),
    ]
    assert CALENDAR.weekends(*span) == 4
    assert CALENDAR.holiday(date("2025-10-04")) == Holiday(
        "国庆节、中秋节", "National Day and Mid-Autumn Festival"
    )
    assert CALENDAR.holiday(date("2025-10-11")) is None
    assert CALENDAR.holiday(date("2025-10-12")) is None


# Amendments


def test_the_spring_festival_of_2020_before_and_after_its_amendment() -> None:
    first_version = calendar_from(CALENDAR.arrangements[:1])
    start = date("2020-01-23")

    assert first_version.add(start, 1) == date("2020-01-31")
    assert first_version.add(start, 2) == date("2020-02-01")
    assert CALENDAR.add(start, 1) == date("2020-02-03")
    assert CALENDAR.add(start, 2) == date("2020-02-04")
    assert first_version.version != CALENDAR.version


def test_each_day_of_an_amended_holiday_cites_the_notice_that_settled_it() -> None:
    cited = [
        (str(fact.day), fact.kind, fact.document)
        for fact in CALENDAR.facts(date("2020-01-17"), date("2020-02-03"))
    ]

    assert cited == [
        ("2020-01-19", "makeup", "国办发明电〔2019〕16号"),
        ("2020-01-24", "holiday", "国办发明电〔2019〕16号"),
        ("2020-01-27", "holiday", "国办发明电〔2019〕16号"),
        ("2020-01-28", "holiday", "国办发明电〔2019〕16号"),
        ("2020-01-29", "holiday", "国办发明电〔2019〕16号"),
        ("2020-01-30", "holiday", "国办发明电〔2019〕16号"),
        ("2020-01-31", "holiday", "国办发明电〔2020〕1号"),
    ]


def test_an_amendment_withdraws_days() -> None:
    amended = with_2027(amendment_2027(withdrawn=["2027-02-12", "2027-02-13"]))

    assert amended.is_working_day(date("2027-02-12"))
    assert not amended.is_working_day(date("2027-02-13"))
    assert amended.facts(date("2027-02-11"), date("2027-02-15")) == []


def test_a_day_only_an_earlier_notice_arranged_can_be_withdrawn() -> None:
    with pytest.raises(
        ArrangementError, match=r"〔2027〕1号: withdrawn = 2027-07-01: must be a day an earlier"
    ):
        with_2027(amendment_2027(withdrawn=["2027-07-01"]))


# Years without an arrangement


def test_an_unpublished_year_is_provisional_and_counts_monday_to_friday() -> None:
    assert not CALENDAR.is_provisional(date("2026-12-31"))
    assert CALENDAR.is_provisional(date("2027-01-01"))
    assert CALENDAR.is_provisional(date("2019-12-31"))
    assert CALENDAR.is_working_day(date("2027-10-01"))
    assert CALENDAR.add(date("2026-12-31"), 5) == date("2027-01-07")
    assert CALENDAR.facts(date("2026-12-31"), date("2027-12-31")) == []
    assert CALENDAR.holiday(date("2027-10-01")) is None


@pytest.mark.parametrize(
    ("start", "end", "provisional"),
    [
        ("2026-12-30", "2026-12-31", False),
        ("2026-12-31", "2027-01-01", True),
        ("2027-01-01", "2026-12-31", True),
        ("2019-12-31", "2020-01-02", False),
        ("2019-12-30", "2020-01-02", True),
        ("2018-06-01", "2028-06-01", True),
        ("2027-06-01", "2027-06-01", False),
    ],
)
def test_a_span_is_provisional_when_one_of_its_counted_days_is(
    start: str, end: str, provisional: bool
) -> None:
    assert CALENDAR.spans_provisional(date(start), date(end)) is provisional


def test_a_year_imported_later_makes_its_days_definite() -> None:
    calendar = with_2027()

    assert not calendar.is_provisional(date("2027-01-01"))
    assert calendar.is_provisional(date("2028-01-01"))
    assert (calendar.first_year, calendar.last_published_year) == (2020, 2027)
    assert calendar.add(date("2026-12-31"), 5) == date("2027-01-08")
    assert calendar.add(date("2025-09-26"), 5) == date("2025-10-10")


def test_a_gap_between_published_years_is_provisional() -> None:
    calendar = calendar_from(a for a in CALENDAR.arrangements if a.year != 2023)

    assert calendar.is_provisional(date("2023-05-01"))
    assert calendar.spans_provisional(date("2022-12-01"), date("2024-01-31"))
    assert not calendar.spans_provisional(date("2024-01-01"), date("2024-01-31"))


def test_new_years_days_off_in_the_december_before_cite_the_next_years_notice() -> None:
    assert CALENDAR.holiday(date("2022-12-31")) == Holiday("元旦", "New Year's Day")
    assert CALENDAR.add(date("2022-12-30"), 1) == date("2023-01-03")


# Arithmetic


def test_days_come_back_as_pendulum_dates_whatever_came_in() -> None:
    for day in (datetime.date(2025, 9, 27), date("2025-09-27")):
        for result in (
            CALENDAR.add(day, 0),
            CALENDAR.add(day, 1),
            CALENDAR.subtract(day, 1),
            CALENDAR.on_or_after(day),
        ):
            assert type(result) is pendulum.Date


def test_adding_nothing_gives_the_day_itself_even_when_it_is_not_worked() -> None:
    assert CALENDAR.add(date("2025-10-01"), 0) == date("2025-10-01")
    assert CALENDAR.subtract(date("2025-10-01"), 0) == date("2025-10-01")


@given(days, counts)
def test_n_working_days_lie_between_a_day_and_the_nth_working_day_after_it(
    day: datetime.date, n: int
) -> None:
    assert CALENDAR.between(day, CALENDAR.add(day, n)) == n


@given(days, st.integers(-400, 400).filter(bool))
def test_counting_lands_on_a_working_day_on_the_right_side(day: datetime.date, n: int) -> None:
    reached = CALENDAR.add(day, n)

    assert CALENDAR.is_working_day(reached)
    assert (reached > day) is (n > 0)


@given(days, days, counts, counts)
def test_adding_is_monotone(day: datetime.date, other: datetime.date, n: int, more: int) -> None:
    assert CALENDAR.add(day, n) <= CALENDAR.add(day, n + more)
    assert n == 0 or CALENDAR.add(min(day, other), n) <= CALENDAR.add(max(day, other), n)


@given(days, counts)
def test_subtracting_undoes_adding(day: datetime.date, n: int) -> None:
    worked = CALENDAR.on_or_after(day)

    assert CALENDAR.subtract(CALENDAR.add(worked, n), n) == worked
    assert CALENDAR.add(CALENDAR.subtract(worked, n), n) == worked
    assert CALENDAR.between(worked, CALENDAR.subtract(worked, n)) == -n


@given(days, st.integers(0, 40))
def test_adding_agrees_with_walking_day_by_day(day: datetime.date, n: int) -> None:
    walked, left = day, n
    while left:
        walked += ONE_DAY
        left -= CALENDAR.is_working_day(walked)

    assert CALENDAR.add(day, n) == walked


@given(days, days)
def test_facts_and_weekends_account_for_every_day_of_a_span(start: datetime.date, end: datetime.date) -> None:
    first, last = min(start, end), max(start, end)
    facts = CALENDAR.facts(start, end)
    off = sum(fact.kind == "holiday" for fact in facts)

    assert CALENDAR.between(first, last) + off + CALENDAR.weekends(start, end) == (last - first).days
    assert all(first < fact.day <= last for fact in facts)
    assert all(CALENDAR.is_working_day(fact.day) is (fact.kind == "makeup") for fact in facts)


@given(days)
def test_on_or_after_is_the_first_working_day_from_a_day(day: datetime.date) -> None:
    assert CALENDAR.on_or_after(day) == CALENDAR.add(day - ONE_DAY, 1)


# The horizon


@pytest.mark.parametrize(
    "day", [FIRST_DAY - ONE_DAY, LAST_DAY + ONE_DAY, datetime.date.min, datetime.date.max]
)
def test_a_day_outside_the_horizon_is_refused_by_every_method(day: datetime.date) -> None:
    inside = date("2025-01-01")
    refusal = f"^{day} lies outside the calendar, which runs from 2015-01-01 to 2060-12-31$"

    for ask in (
        lambda: CALENDAR.is_working_day(day),
        lambda: CALENDAR.is_provisional(day),
        lambda: CALENDAR.add(day, 0),
        lambda: CALENDAR.subtract(day, 1),
        lambda: CALENDAR.between(inside, day),
        lambda: CALENDAR.on_or_after(day),
        lambda: CALENDAR.holiday(day),
        lambda: CALENDAR.facts(day, inside),
        lambda: CALENDAR.weekends(inside, day),
        lambda: CALENDAR.spans_provisional(day, inside),
    ):
        with pytest.raises(DayOutOfRange, match=refusal):
            ask()


def test_the_ends_of_the_horizon_can_be_asked_about_but_not_passed() -> None:
    assert CALENDAR.is_working_day(FIRST_DAY)
    assert CALENDAR.is_working_day(LAST_DAY)
    assert CALENDAR.subtract(FIRST_DAY.add(days=1), 1) == FIRST_DAY
    assert CALENDAR.add(LAST_DAY.subtract(days=1), 1) == LAST_DAY
    with pytest.raises(DayOutOfRange, match=r"^1 working days after 2060-12-31 lies outside"):
        CALENDAR.add(LAST_DAY, 1)
    with pytest.raises(DayOutOfRange, match=r"^2 working days before 2015-01-02 lies outside"):
        CALENDAR.subtract(FIRST_DAY.add(days=1), 2)


def test_an_instant_is_not_taken_for_a_day() -> None:
    with pytest.raises(TypeError, match="is an instant: give the day it falls on in Asia/Shanghai"):
        CALENDAR.add(pendulum.datetime(2025, 9, 26, 23, tz="UTC"), 1)


# Bad data


def replaced(name_zh: str, *replacements: dict[str, object]) -> list[dict[str, object]]:
    kept = [one for one in Arrangement.model_validate(year_2027()).holidays if one.name_zh != name_zh]
    return [*(one.model_dump() for one in kept), *replacements]


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"year": 2061}, ("year",), "less than or equal to 2060"),
        ({"issued": "2025-11-10"}, ("issued",), "a notice for 2027 is issued in 2026 or 2027"),
        ({"document": "国办发明电2026-99"}, ("document",), "should match pattern"),
        ({"isued": "2026-11-10"}, ("isued",), "Extra inputs are not permitted"),
        (
            {"holidays": replaced("端午节", holiday("端午节", "2027-06-09", None, "2027-06-11"))},
            ("holidays", 6, "worked", 0),
            "a make-up day must be a Saturday or a Sunday",
        ),
        (
            {"holidays": replaced("端午节", holiday("端午节", "2027-06-09", "2027-06-08"))},
            ("holidays", 6, "last_day"),
            "must end a holiday of 1 to 15 days that begins on 2027-06-09",
        ),
        (
            {"holidays": replaced("国庆节", holiday("国庆节", "2027-10-01", "2027-11-07"))},
            ("holidays", 6, "last_day"),
            "must end a holiday of 1 to 15 days that begins on 2027-10-01",
        ),
        (
            {"holidays": replaced("元旦", holiday("元旦", "2026-11-30", "2026-12-01"))},
            ("holidays",),
            "元旦 2026-11-30: must lie in 2027 or in the December before",
        ),
        (
            {"holidays": replaced("国庆节", holiday("国庆节", "2027-12-31", "2028-01-01"))},
            ("holidays",),
            "国庆节 2028-01-01: must lie in 2027 or in the December before",
        ),
        (
            {"holidays": replaced("国庆节", holiday("国庆节", "2027-10-01", "2027-10-07", "2027-10-02"))},
            ("holidays",),
            "国庆节 2027-10-02: a day is stated once, 国庆节 has it already",
        ),
        (
            {"holidays": replaced("中秋节", holiday("中秋节", "2027-10-02"))},
            ("holidays",),
            "中秋节 2027-10-02: a day is stated once, 国庆节 has it already",
        ),
        (
            {"holidays": replaced("中秋节")},
            ("holidays",),
            "version 1 must arrange every statutory holiday, 中秋节 missing",
        ),
        ({"withdrawn": ["2027-02-05"]}, ("withdrawn",), "version 1 has nothing to withdraw"),
        (
            {"version": 2, "withdrawn": ["2027-02-05"]},
            ("withdrawn",),
            "2027-02-05: a day is stated once, 春节 has it already",
        ),
    ],
)
def test_a_bad_arrangement_is_refused_by_field_and_rule(
    changes: dict[str, object], field: tuple[str | int, ...], rule: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        Arrangement.model_validate(year_2027(**changes))

    (entry,) = refusal.value.errors()
    assert entry["loc"] == field
    assert rule in entry["msg"]


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "2026.yaml"
    packaged = Path(__file__).parents[2] / "procedure" / "calendar" / "2026.yaml"
    path.write_text(packaged.read_text(encoding="utf-8"), encoding="utf-8")

    assert read_arrangements(path) == CALENDAR.arrangements[-1:]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "worked: [2026-01-04]",
            "worked: [2026-01-05]",
            "2026.yaml: 0.holidays.0.worked.0 = 2026-01-05: a make-up day must be a Saturday or a Sunday",
        ),
        ("year: 2026", "year: 2025", "2026.yaml: 0.holidays: 元旦 2026-01-01: must lie in 2025 or in the"),
        ("issued: 2025-11-04", "issued: soon", "2026.yaml: 0.issued = soon: Input should be a valid date"),
        ("  version: 1\n", "  version: 1\n  version: 2\n", "2026.yaml: is not readable as YAML: "),
        ("- year: 2026\n ", "year: 2026\n", "2026.yaml: is not readable as YAML: "),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    packaged = (Path(__file__).parents[2] / "procedure" / "calendar" / "2026.yaml").read_text(
        encoding="utf-8"
    )
    path = tmp_path / "2026.yaml"
    path.write_text(packaged.replace(old, new), encoding="utf-8")

    with pytest.raises(ArrangementError) as refusal:
        read_arrangements(path)

    assert str(refusal.value).startswith(message)
    assert "at least 1 item" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "2026.yaml: content: must be a list"),
        ("[]", "2026.yaml: content: Tuple should have at least 1 item"),
        ("just words", "2026.yaml: content = just words: must be a list"),
        ("[{year: 2026}]", "2026.yaml: 0.document: Field required; 0.issued: Field required; 0.holidays: "),
    ],
)
def test_a_file_that_is_no_list_of_arrangements_is_refused_by_name(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "2026.yaml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ArrangementError) as refusal:
        read_arrangements(path)

    assert str(refusal.value).startswith(message)


def test_a_file_named_after_another_year_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "2027.yaml"
    packaged = Path(__file__).parents[2] / "procedure" / "calendar" / "2026.yaml"
    path.write_text(packaged.read_text(encoding="utf-8"), encoding="utf-8")

    with pytest.raises(
        ArrangementError, match=r"^2027\.yaml: year = 2026: must be the year in the file's name$"
    ):
        read_arrangements(path)


def test_a_calendar_needs_an_arrangement() -> None:
    with pytest.raises(ArrangementError, match="at least one arrangement"):
        calendar_from([])


def test_versions_of_a_year_run_without_gap_or_double() -> None:
    first = Arrangement.model_validate(year_2027())
    other_first = Arrangement.model_validate(year_2027(document="国办发明电〔2026〕98号"))

    with pytest.raises(ArrangementError, match=r"2027, 国办发明电〔2027〕1号: version = 3: must be 2"):
        calendar_from([first, amendment_2027(version=3)])
    with pytest.raises(ArrangementError, match=r"version = 1: must be 2"):
        calendar_from([first, other_first])
    with pytest.raises(ArrangementError, match=r"2027, 国办发明电〔2027〕1号: version = 2: must be 1"):
        calendar_from([amendment_2027()])
