"""Whose time it took: each case's life split by stage and holder, in hours and in working days.

A stage's time is its holder's. While a case is back with its applicant for correction that is the
applicant's, so a return never counts against the authority; what a clock was suspended within a stage stays
with the stage's holder and is told apart.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal

import orjson
import pendulum
from sqlalchemy import Connection, select

from casework import calendars, clock, procedures
from casework.access import Claim, sees
from models import Bureau, Call, Case, Event, Organisation, Revision, Subject
from procedure import written
from procedure.definition import Holder, Procedure, Words
from procedure.instant import day_of, instant
from procedure.working_days import WorkingCalendar

_subjects = Subject.__table__
_cases = Case.__table__
_calls = Call.__table__
_events = Event.__table__
_bureaus = Bureau.__table__
_cities = _bureaus.alias("cities")
_leads = Organisation.__table__
_revisions = Revision.__table__

CHUNK: Final = 500

Party = Literal["authority", "applicant", "panel", "public"]
PARTIES: Final[dict[Holder, Party]] = {
    "applicant": "applicant",
    "district": "authority",
    "bureau": "authority",
    "panel": "panel",
    "public": "public",
}
Grouping = Literal["case", "stage", "district", "holder"]


@dataclass(frozen=True, slots=True)
class Span:
    """A case's stay at one stage: who held it, from when to when, how long, and how much of it suspended.

    ``until`` is the present for a case that is still there. Days are working days.
    """

    case: str
    district: str
    stage: str
    title: Words
    holder: Holder
    office: str
    names: Mapping[Grouping, Words]
    """What its district and its office are called."""
    since: pendulum.DateTime
    until: pendulum.DateTime
    hours: float
    days: int
    suspended_hours: float
    suspended_days: int

    @property
    def party(self) -> Party:
        """Whose time it is: the authority's, the applicant's, the panel's or the public's."""
        return PARTIES[self.holder]


@dataclass(slots=True)
class Amount:
    """An amount of time, in hours and in working days."""

    hours: float = 0.0
    days: int = 0


@dataclass(slots=True)
class Account:
    """The time of one case, stage, district or holder, by party; of all of it, what was suspended."""

    key: str
    title: Words | None = field(default=None, compare=False)
    """What a stage, district or holder is called; a stage that packs share as in the first of them."""
    cases: int = 0
    parties: dict[Party, Amount] = field(
        default_factory=lambda: {each: Amount() for each in PARTIES.values()}
    )
    suspended: Amount = field(default_factory=Amount)
    _seen: set[str] = field(default_factory=set[str])

    def add(self, span: Span) -> None:
        """Take in one stay."""
        amount = self.parties[span.party]
        amount.hours += span.hours
        amount.days += span.days
        self.suspended.hours += span.suspended_hours
        self.suspended.days += span.suspended_days
        self._seen.add(span.case)
        self.cases = len(self._seen)

    def mean_days(self, party: Party) -> float:
        """Return a party's working days for each case."""
        return self.parties[party].days / self.cases


def accounts(spans: Iterable[Span], by: Grouping) -> list[Account]:
    """Return the accounts of ``spans`` by case, stage, district or holder, in order of their keys."""
    found: dict[str, Account] = {}
    for span in spans:
        key = {"case": span.case, "stage": span.stage, "district": span.district, "holder": span.office}[by]
        title = span.title if by == "stage" else span.names.get(by)
        found.setdefault(key, Account(key, title)).add(span)
    return [found[key] for key in sorted(found)]


def spans(
    connection: Connection,
    *,
    call: str | None = None,
    districts: Collection[str] = (),
    case: str | None = None,
    seen_by: Claim | None = None,
) -> Iterator[Span]:
    """Yield every stay of the chosen cases, case by case; with ``seen_by`` of those that this person sees."""
    now = clock.now(connection)
    calendar = calendars.current(connection, day_of(now))
    query = (
        select(
            _cases.c.subject_id,
            _cases.c.number,
            _leads.c.uscc,
            _leads.c.name.label("lead"),
            _bureaus.c.code.label("district"),
            _bureaus.c.name_zh.label("district_zh"),
            _bureaus.c.name_en.label("district_en"),
            _cities.c.code.label("city"),
            _cities.c.name_zh.label("city_zh"),
            _cities.c.name_en.label("city_en"),
            _revisions.c.content_hash,
        )
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
        .join(_cities, _cities.c.id == _cases.c.bureau_id)
        .outerjoin(_calls, _calls.c.subject_id == _cases.c.call_id)
        .order_by(_cases.c.subject_id)
    )
    if call is not None:
        query = query.where(_calls.c.code == call)
    if districts:
        query = query.where(_bureaus.c.code.in_(districts))
    if case is not None:
        query = query.where(_cases.c.number == case)
    if seen_by is not None:
        query = query.where(sees(seen_by, day_of(now)))
    rows = connection.execute(query).all()
    for at in range(0, len(rows), CHUNK):
        chunk = rows[at : at + CHUNK]
        told = _events_of(connection, [row.subject_id for row in chunk])
        for row in chunk:
            procedure = procedures.by_hash(connection, row.content_hash)
            yield from _of_case(row, procedure, told[row.subject_id], calendar, now)


def _events_of(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Mapping[str, Any]]]:
    rows = connection.execute(
        select(_events.c.subject_id, _events.c.data)
        .where(_events.c.subject_id.in_(ids))
        .order_by(_events.c.subject_id, _events.c.seq)
    )
    found: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row.subject_id].append(orjson.loads(row.data))
    return found


def _of_case(
    row: Any,
    procedure: Procedure,
    told: Iterable[Mapping[str, Any]],
    calendar: WorkingCalendar,
    now: pendulum.DateTime,
) -> Iterator[Span]:
    life = procedure.application
    district = Words(zh=row.district_zh, en=row.district_en)
    offices: dict[Holder, tuple[str, Words]] = {
        "applicant": (row.uscc, Words(zh=row.lead, en=row.lead)),
        "district": (row.district, district),
        "bureau": (row.city, Words(zh=row.city_zh, en=row.city_en)),
    }
    stays: list[tuple[str | None, pendulum.DateTime]] = []
    stops: defaultdict[str, list[tuple[str, pendulum.DateTime]]] = defaultdict(list)
    for event in told:
        at = instant(event["effective_at"])
        if event.get("outcome") or event.get("stage"):
            stays.append((None if event.get("outcome") else event["stage"], at))
        for entry in event.get("clock", ()):
            stops[entry["deadline"]].append((entry["kind"], instant(entry["at"])))
    ends = [*stays, (None, now)]
    for (name, since), (_, until) in pairwise(ends):
        if name is None:
            return
        stage = life.stage[name]
        office, called = offices.get(stage.holder, (stage.holder, written.HOLDERS[stage.holder]))
        pauses = [pause for deadline in stage.deadlines for pause in _pauses(stops[deadline], since, until)]
        yield Span(
            row.number,
            row.district,
            name,
            stage.title,
            stage.holder,
            office,
            {"district": district, "holder": called},
            since,
            until,
            _hours(since, until),
            _days(calendar, since, until),
            sum(_hours(*pause) for pause in pauses),
            sum(_days(calendar, *pause) for pause in pauses),
        )


def _pauses(
    entries: Iterable[tuple[str, pendulum.DateTime]], since: pendulum.DateTime, until: pendulum.DateTime
) -> Iterator[tuple[pendulum.DateTime, pendulum.DateTime]]:
    """Yield for how long a deadline was suspended between two instants."""
    stopped: pendulum.DateTime | None = None
    for kind, at in (*entries, ("end", until)):
        if stopped is not None and kind != "suspended":
            first, last = max(stopped, since), min(at, until)
            if first < last:
                yield first, last
            stopped = None
        elif kind == "suspended" and stopped is None:
            stopped = at


def _hours(since: datetime.datetime, until: datetime.datetime) -> float:
    return (until.timestamp() - since.timestamp()) / 3600


def _days(calendar: WorkingCalendar, since: pendulum.DateTime, until: pendulum.DateTime) -> int:
    return calendar.between(day_of(since), day_of(until))
