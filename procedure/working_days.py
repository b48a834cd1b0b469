"""Working days by the State Council's yearly holiday arrangements.

An arrangement is data: one version of one year, as its notice states it (`procedure/calendar/*.yaml`, or a
row imported later). A calendar is what a set of arrangements says together, and counts in constant time.

Every day is a civil day of mainland China. Which day an instant falls on is settled by the caller, in
Asia/Shanghai: an instant (`datetime`) given as a day is refused with a `TypeError`, never cut down.
A year without an arrangement is counted Monday to Friday and called provisional; it is never an error.
"""

import datetime
import functools
import hashlib
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal

import pendulum
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails
from ruamel.yaml.error import YAMLError

from procedure.fault import Fault, fault_of, of_pydantic
from procedure.quick_yaml import quick

FIRST_DAY = pendulum.Date(2015, 1, 1)
LAST_DAY = pendulum.Date(2060, 12, 31)
# As 全国年节及纪念日放假办法 lists them: a year's first notice that lacks one was not read whole.
STATUTORY_HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
# In days. None has passed ten; a longer one is a misprint.
LONGEST_HOLIDAY = 15

_ORIGIN = FIRST_DAY.toordinal()
_LENGTH = LAST_DAY.toordinal() - _ORIGIN + 1
_SATURDAY = 5
_SCALARS = (str, int, float, datetime.date)
_PACKAGED = Path(__file__).with_name("calendar")


class DayOutOfRange(ValueError):
    """A day before `FIRST_DAY` or after `LAST_DAY` was asked about, or would be reached by counting."""

    def __init__(self, what: object) -> None:
        super().__init__(f"{what} lies outside the calendar, which runs from {FIRST_DAY} to {LAST_DAY}")


class ArrangementError(ValueError):
    """A calendar file or a set of arrangements is refused: the message names it, the field and the rule."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A holiday as its notice names it; a notice may name two together (国庆节、中秋节)."""

    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class DayFact:
    """What a notice, cited by its number, says of a day: off for a holiday, or worked to make up for one."""

    day: pendulum.Date
    kind: Literal["holiday", "makeup"]
    name_zh: str
    name_en: str
    document: str


def _on_a_weekend(day: datetime.date) -> datetime.date:
    if day.weekday() < _SATURDAY:
        raise ValueError(Fault("no_weekend"))
    return day


class HolidayPeriod(BaseModel):
    """One clause of a notice: a holiday's days off, first to last, and the weekend days worked for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name_zh: Annotated[str, Field(min_length=1)]
    name_en: Annotated[str, Field(min_length=1)]
    first_day: datetime.date
    last_day: datetime.date
    worked: tuple[Annotated[datetime.date, AfterValidator(_on_a_weekend)], ...] = ()

    @field_validator("last_day")
    @classmethod
    def _not_before_the_first(cls, last_day: datetime.date, info: ValidationInfo) -> datetime.date:
        first_day: datetime.date | None = info.data.get("first_day")
        if first_day and not 0 <= (last_day - first_day).days < LONGEST_HOLIDAY:
            raise ValueError(Fault("holiday_length", longest=LONGEST_HOLIDAY, first=first_day))
        return last_day

    @property
    def days_off(self) -> tuple[datetime.date, ...]:
        """Every day of the holiday, its weekend days included."""
        length = (self.last_day - self.first_day).days + 1
        return tuple(self.first_day + datetime.timedelta(days) for days in range(length))


class Arrangement(BaseModel):
    """One notice of the State Council's General Office on the holidays of one year.

    Version 1 arranges the whole year. Later versions state only what they change: for a day that several
    notices speak of, the one issued last counts. `withdrawn` returns days to the plain weekday rule.
    Raises Pydantic's `ValidationError`, whose entries give field, value and rule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: Annotated[int, Field(gt=FIRST_DAY.year, le=LAST_DAY.year)]
    version: Annotated[int, Field(ge=1)] = 1
    document: Annotated[str, Field(pattern=r"^\S+〔\d{4}〕\d+号$")]
    issued: datetime.date
    holidays: tuple[HolidayPeriod, ...]
    withdrawn: tuple[datetime.date, ...] = ()

    @field_validator("issued")
    @classmethod
    def _issued_for_the_year(cls, issued: datetime.date, info: ValidationInfo) -> datetime.date:
        year: int = info.data.get("year", issued.year)
        if issued.year not in {year - 1, year}:
            raise ValueError(Fault("issued_in", year=year, before=year - 1))
        return issued

    @field_validator("holidays")
    @classmethod
    def _each_day_once_and_in_the_year(
        cls, holidays: tuple[HolidayPeriod, ...], info: ValidationInfo
    ) -> tuple[HolidayPeriod, ...]:
        year: int | None = info.data.get("year")
        stated: dict[datetime.date, str] = {}
        for holiday in holidays:
            for day in (*holiday.days_off, *holiday.worked):
                # New Year's days off, and days worked for them, may fall in the December before.
                if year and not datetime.date(year - 1, 12, 1) <= day <= datetime.date(year, 12, 31):
                    raise ValueError(Fault("outside_the_year", holiday=holiday.name_zh, day=day, year=year))
                if day in stated:
                    raise ValueError(
                        Fault("stated_in_holiday", holiday=holiday.name_zh, day=day, other=stated[day])
                    )
                stated[day] = holiday.name_zh
        return holidays

    @field_validator("holidays")
    @classmethod
    def _first_version_is_whole(
        cls, holidays: tuple[HolidayPeriod, ...], info: ValidationInfo
    ) -> tuple[HolidayPeriod, ...]:
        named = "、".join(holiday.name_zh for holiday in holidays)
        missing = [name for name in STATUTORY_HOLIDAYS if name not in named]
        if info.data.get("version") == 1 and missing:
            raise ValueError(Fault("holidays_missing", holidays="、".join(missing)))
        return holidays

    @field_validator("withdrawn")
    @classmethod
    def _withdraws_what_others_arranged(
        cls, withdrawn: tuple[datetime.date, ...], info: ValidationInfo
    ) -> tuple[datetime.date, ...]:
        if withdrawn and info.data.get("version") == 1:
            raise ValueError(Fault("nothing_to_withdraw"))
        for holiday in info.data.get("holidays", ()):
            for day in withdrawn:
                if day in holiday.days_off or day in holiday.worked:
                    raise ValueError(Fault("stated_once", day=day, other=holiday.name_zh))
        return withdrawn

    def facts(self) -> Iterator[DayFact]:
        """Every day this notice arranges, weekend days inside a holiday included."""
        for holiday in self.holidays:
            for day in holiday.days_off:
                yield self._fact(day, "holiday", holiday)
            for day in holiday.worked:
                yield self._fact(day, "makeup", holiday)

    def _fact(
        self, day: datetime.date, kind: Literal["holiday", "makeup"], holiday: HolidayPeriod
    ) -> DayFact:
        return DayFact(_days()[_index(day)], kind, holiday.name_zh, holiday.name_en, self.document)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked, and arithmetic over them; made by `calendar_from` or `state_council`.

    Immutable; equal when the versions are. `version` is derived from what the calendar says of every day, so
    a date computed under one version can be recomputed when another differs. Every method raises
    `DayOutOfRange` for a day, given or reached, outside `FIRST_DAY`..`LAST_DAY`.
    """

    version: str
    arrangements: tuple[Arrangement, ...] = field(compare=False, repr=False)
    published: frozenset[int] = field(compare=False, repr=False)
    _stated: Mapping[datetime.date, DayFact] = field(compare=False, repr=False)
    _departures: tuple[DayFact, ...] = field(compare=False, repr=False)
    # _before[i] working days precede the i-th day of the horizon; _working lists the working days in order.
    _before: tuple[int, ...] = field(compare=False, repr=False)
    _working: tuple[pendulum.Date, ...] = field(compare=False, repr=False)

    @property
    def first_year(self) -> int:
        """The first year with an arrangement."""
        return min(self.published)

    @property
    def last_published_year(self) -> int:
        """The last year with an arrangement."""
        return max(self.published)

    def is_working_day(self, day: datetime.date) -> bool:
        """Whether `day` is worked: make-up weekends are, holidays are not."""
        index = _index(day)
        return self._before[index] < self._before[index + 1]

    def is_provisional(self, day: datetime.date) -> bool:
        """Whether `day` lies in a year without an arrangement, so that the plain weekday rule is assumed."""
        return _days()[_index(day)].year not in self.published

    def spans_provisional(self, start: datetime.date, end: datetime.date) -> bool:
        """Whether any of the days that `between` looks at is provisional."""
        first, last = sorted((_index(start), _index(end)))
        if first == last:
            return False
        years = range(_days()[first + 1].year, _days()[last].year + 1)
        return not self.published.issuperset(years)

    def add(self, day: datetime.date, n: int) -> pendulum.Date:
        """The n-th working day after `day`, itself not counted; before it for n < 0; `day` itself for 0."""
        index = _index(day)
        if n == 0:
            return _days()[index]
        position = self._before[index + 1] + n - 1 if n > 0 else self._before[index] + n
        if 0 <= position < len(self._working):
            return self._working[position]
        raise DayOutOfRange(f"{abs(n)} working days {'after' if n > 0 else 'before'} {day}")

    def subtract(self, day: datetime.date, n: int) -> pendulum.Date:
        """The n-th working day before `day`: `add(day, -n)`."""
        return self.add(day, -n)

    def between(self, start: datetime.date, end: datetime.date) -> int:
        """Working days in (`start`, `end`]; if `end` is earlier, minus those in (`end`, `start`]."""
        return self._before[_index(end) + 1] - self._before[_index(start) + 1]

    def on_or_after(self, day: datetime.date) -> pendulum.Date:
        """`day` itself when it is worked, else the next working day."""
        position = self._before[_index(day)]
        if position < len(self._working):
            return self._working[position]
        raise DayOutOfRange(f"the first working day on or after {day}")

    def holiday(self, day: datetime.date) -> Holiday | None:
        """The holiday that `day` is off for, weekend days inside it included; `None` on any other day."""
        _index(day)
        fact = self._stated.get(day)
        return Holiday(fact.name_zh, fact.name_en) if fact and fact.kind == "holiday" else None

    def facts(self, start: datetime.date, end: datetime.date) -> list[DayFact]:
        """In order, the days that `between` looks at and that depart from the plain weekday rule.

        That is Mondays to Fridays off, and Saturdays and Sundays worked. With `weekends` they account for
        every day: days in the span = working days + holidays among the facts + weekend days off.
        """
        first, last = sorted((_index(start), _index(end)))
        low, high = (bisect_right(self._departures, index, key=_fact_index) for index in (first, last))
        return list(self._departures[low:high])

    def weekends(self, start: datetime.date, end: datetime.date) -> int:
        """How many of the days that `between` looks at are Saturdays and Sundays not worked."""
        first, last = sorted((_index(start), _index(end)))
        off = last - first - abs(self.between(start, end))
        return off - sum(fact.kind == "holiday" for fact in self.facts(start, end))


@functools.cache
def state_council() -> WorkingCalendar:
    """The calendar that the packaged arrangements make."""
    return calendar_from(packaged())


@functools.cache
def packaged() -> tuple[Arrangement, ...]:
    """The packaged arrangements, read once. Raises `ArrangementError` on a bad file."""
    paths = sorted(_PACKAGED.glob("*.yaml"))
    return tuple(arrangement for path in paths for arrangement in read_arrangements(path))


def read_arrangements(path: Path) -> tuple[Arrangement, ...]:
    """The arrangements of one year, in the file named after it: a YAML list, amendments last.

    Raises `ArrangementError` with the file's name and every field, value and rule that is broken.
    """
    try:
        content: object = quick().load(path.read_text(encoding="utf-8"))
        arrangements = _ARRANGEMENTS.validate_python(content)
    except ValidationError as error:
        raise ArrangementError(_within(path.name, _explained(error))) from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ArrangementError(_within(path.name, Fault("not_readable", why=str(error)))) from error
    for arrangement in arrangements:
        if path.stem != str(arrangement.year):
            raise ArrangementError(_within(path.name, Fault("not_the_year", year=arrangement.year)))
    return arrangements


def calendar_from(arrangements: Iterable[Arrangement]) -> WorkingCalendar:
    """The calendar that these arrangements make together, in whatever order they come.

    To add a year: `calendar_from([*packaged(), imported])`; the same arrangement given
    twice counts once. Raises `ArrangementError` when there is none, when the versions of a year do not run
    1, 2, … in the order of issue, or when a day is withdrawn that no earlier notice arranged.
    """
    ordered = _in_order_of_issue(arrangements)
    published = frozenset(arrangement.year for arrangement in ordered)
    stated: dict[datetime.date, DayFact] = {}
    for arrangement in ordered:
        for day in arrangement.withdrawn:
            if stated.pop(day, None) is None:
                raise ArrangementError(Fault("withdraws_nothing", document=arrangement.document, day=day))
        stated.update((fact.day, fact) for fact in arrangement.facts())

    works = [day.weekday() < _SATURDAY for day in _days()]
    departures: list[DayFact] = []
    for day, fact in sorted(stated.items()):
        index = _index(day)
        worked = fact.kind == "makeup"
        if works[index] != worked:
            works[index] = worked
            departures.append(fact)
    return WorkingCalendar(
        version=_version(published, stated),
        arrangements=ordered,
        published=published,
        _stated=stated,
        _departures=tuple(departures),
        _before=tuple(accumulate(works, initial=0)),
        _working=tuple(day for day, worked in zip(_days(), works, strict=True) if worked),
    )


def _in_order_of_issue(arrangements: Iterable[Arrangement]) -> tuple[Arrangement, ...]:
    ordered = sorted(set(arrangements), key=lambda one: (one.issued, one.year, one.version))
    if not ordered:
        raise ArrangementError(Fault("no_arrangement"))
    versions: dict[int, int] = {}
    for arrangement in ordered:
        expected = versions.get(arrangement.year, 0) + 1
        if arrangement.version != expected:
            raise ArrangementError(
                Fault(
                    "version_out_of_order",
                    year=arrangement.year,
                    document=arrangement.document,
                    version=arrangement.version,
                    expected=expected,
                )
            )
        versions[arrangement.year] = expected
    return tuple(ordered)


def _version(published: frozenset[int], stated: Mapping[datetime.date, DayFact]) -> str:
    lines = [" ".join(map(str, sorted(published)))]
    for day, fact in sorted(stated.items()):
        lines.append(f"{day:%Y-%m-%d} {fact.kind} {fact.name_zh} {fact.name_en} {fact.document}")
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return f"CN-{min(published)}..{max(published)}-{digest[:8]}"


def _within(place: str, says: Fault) -> Fault:
    return Fault("within", place=place, says=says)


def _explained(error: ValidationError) -> Fault:
    broken: list[Fault] = []
    for entry in error.errors(include_url=False):
        if entry["type"] == "too_short" and entry["input"]:
            # Too short only without the notices that are wrong, and those are named by themselves.
            continue
        place = ".".join(map(str, entry["loc"])) or "content"
        if isinstance(entry["input"], _SCALARS):
            broken.append(Fault("has_value", place=place, value=str(entry["input"]), says=_told(entry)))
        else:
            broken.append(_within(place, _told(entry)))
    return functools.reduce(lambda one, other: Fault("and_also", one=one, other=other), broken)


def _told(entry: ErrorDetails) -> Fault:
    cause = entry.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        return fault_of(cause)
    if entry["type"] == "tuple_type":
        return Fault("must_be_a_list")
    said = of_pydantic(entry)
    return said if entry["type"] in ("missing", "extra_forbidden") else Fault("should_be", says=said)


@functools.cache
def _days() -> tuple[pendulum.Date, ...]:
    # Building a pendulum.Date costs more than the rest of an addition, so each day is built once and shared.
    return tuple(
        pendulum.Date(year, month, day)
        for year in range(FIRST_DAY.year, LAST_DAY.year + 1)
        for month in range(1, 13)
        for day in range(1, monthrange(year, month)[1] + 1)
    )


def _index(day: datetime.date) -> int:
    if isinstance(day, datetime.datetime):
        raise TypeError(f"{day!r} is an instant: give the day it falls on in Asia/Shanghai")
    index = day.toordinal() - _ORIGIN
    if 0 <= index < _LENGTH:
        return index
    raise DayOutOfRange(day)


def _fact_index(fact: DayFact) -> int:
    return _index(fact.day)


_ARRANGEMENTS = TypeAdapter(Annotated[tuple[Arrangement, ...], Field(min_length=1)])
