"""The year of a city's programme: its calls and what came of them, whose time it took, what was filed."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Connection, Row, func, select

from casework import achievements, claimable, procedures, time_account
from casework.achievements import Progress
from casework.terms import Terms
from casework.time_account import Account, Span
from models import Bureau, Call, Case, Grant, Organisation, RegisterEntry, Revision
from models import Subject as SubjectRow
from procedure import subject as subjects
from procedure import written
from procedure.evaluation import Evaluation, Purpose
from procedure.instant import SHANGHAI
from procedure.subject import Subject
from procedure.targets import Reported

_bureaus = Bureau.__table__
_calls = Call.__table__
_cases = Case.__table__
_grants = Grant.__table__
_organisations = Organisation.__table__
_register = RegisterEntry.__table__
_revisions = Revision.__table__
_subjects = SubjectRow.__table__

OPEN: Final = "open"
"""What stands for the outcome of a case that has none yet."""


class NoSuchBureau(LookupError):
    """No city bureau has this code."""


@dataclass(frozen=True, slots=True)
class CallOfYear:
    """A call opened in the year, and how many of its submitted cases came to which outcome or are open."""

    code: str
    title: str
    opens_at: datetime.datetime
    closes_at: datetime.datetime | None
    submitted: int
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Programme:
    """A year of a city bureau; times are of the cases of its calls, up to the present.

    ``filed`` counts the entries whose validity begins in the year, by direction and by their state now,
    ``evaluations`` those concluded in it, by grade, and ``acceptances`` those at the end of a construction
    period; ``granted`` is what was granted in it, in fen, by measure. ``sources`` names the document and
    clause of each target, and of each of the figures that are ``reported``, by id; of a derived one none.
    """

    bureau: str
    name: str
    year: int
    calls: tuple[CallOfYear, ...]
    by_stage: tuple[Account, ...]
    by_holder: tuple[Account, ...]
    filed: dict[str, int]
    states: dict[str, int]
    targets: tuple[Progress, ...]
    reported: tuple[Reported, ...]
    sources: dict[str, str]
    evaluations: dict[str, int]
    acceptances: dict[str, int]
    granted: dict[str, int]


def programme(connection: Connection, bureau: str, year: int, language: str) -> Programme:
    """Return the year of a bureau with titles in a language; raises NoSuchBureau."""
    city = connection.execute(
        select(_bureaus).where(_bureaus.c.code == bureau, _bureaus.c.level == "city")
    ).one_or_none()
    if city is None:
        raise NoSuchBureau(bureau)
    rows = _calls_of(connection, city.id, year)
    cases = {row.number for call in rows for row in _cases_of(connection, call.subject_id)}
    spans = [
        (each, title) for call in rows for each, title in _spans(connection, call, city.id, cases, language)
    ]
    names = _holders(connection, {each.office for each, _ in spans}, language)
    entries = connection.execute(
        select(_register.c.direction, _register.c.state).where(
            _register.c.bureau_id == city.id,
            _register.c.valid_from.between(datetime.date(year, 1, 1), datetime.date(year, 12, 31)),
        )
    ).all()
    aims = tuple(achievements.sheets(bureau))
    return Programme(
        bureau,
        city.name_en if language == "en" else city.name_zh,
        year,
        tuple(_call(connection, call, language) for call in rows),
        _titled(spans),
        _titled((each, names.get(each.office, each.office)) for each, _ in spans),
        _counted(row.direction or "" for row in entries),
        _counted(row.state for row in entries),
        tuple(each for sheet in aims for each in achievements.progress(connection, sheet)),
        tuple(each for sheet in aims for each in sheet.reported),
        {
            each.id: achievements.source(sheet, each.clause, language)
            for sheet in aims
            for each in (*sheet.targets, *(one.figure for one in sheet.reported if not one.derived))
        },
        _evaluations(connection, city.id, year, "evaluation"),
        _evaluations(connection, city.id, year, "acceptance"),
        _granted(connection, bureau, city.id, year, language),
    )


def _evaluations(connection: Connection, bureau_id: int, year: int, purpose: Purpose) -> dict[str, int]:
    first = pendulum.datetime(year, 1, 1, tz=SHANGHAI)
    states = connection.execute(
        select(_subjects.c.state).where(
            _subjects.c.bureau_id == bureau_id,
            _subjects.c.kind == "evaluation",
            _subjects.c.closed_at >= first,
            _subjects.c.closed_at < first.add(years=1),
        )
    ).scalars()
    return _counted(_came_to(each) for each in map(subjects.load, states) if _purpose(each) == purpose)


def _purpose(subject: Subject) -> str | None:
    return subject.record.purpose if isinstance(subject.record, Evaluation) else None


def _came_to(subject: Subject) -> str:
    """Return the final grade; the outcome where there is none, or where another thing was decided on it."""
    grade = subject.record.grade if isinstance(subject.record, Evaluation) else None
    return grade if grade is not None and subject.outcome == "concluded" else subject.outcome or ""


def _granted(connection: Connection, bureau: str, bureau_id: int, year: int, language: str) -> dict[str, int]:
    first = pendulum.datetime(year, 1, 1, tz=SHANGHAI)
    rows = connection.execute(
        select(_grants.c.measure, func.sum(_grants.c.amount).label("fen"))
        .where(
            _grants.c.bureau_id == bureau_id,
            _grants.c.granted_at >= first,
            _grants.c.granted_at < first.add(years=1),
        )
        .group_by(_grants.c.measure)
        .order_by(_grants.c.measure)
    ).all()
    if not rows:
        return {}
    words = claimable.Words(claimable.support_of(bureau), language)
    return {words.measure(row.measure): int(row.fen) for row in rows}


def _calls_of(connection: Connection, bureau_id: int, year: int) -> Sequence[Row[Any]]:
    first = pendulum.datetime(year, 1, 1, tz=SHANGHAI)
    return connection.execute(
        select(_calls, _revisions.c.content_hash)
        .join(_subjects, _subjects.c.id == _calls.c.subject_id)
        .join(_revisions, _revisions.c.id == _subjects.c.revision_id)
        .where(
            _calls.c.bureau_id == bureau_id,
            _calls.c.opens_at >= first,
            _calls.c.opens_at < first.add(years=1),
        )
        .order_by(_calls.c.opens_at, _calls.c.code)
    ).all()


def _cases_of(connection: Connection, call_id: int) -> Sequence[Row[Any]]:
    return connection.execute(
        select(_cases.c.number, _subjects.c.outcome)
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .where(_cases.c.call_id == call_id, _cases.c.submitted_at.is_not(None))
        .order_by(_cases.c.number)
    ).all()


def _call(connection: Connection, row: Row[Any], language: str) -> CallOfYear:
    cases = _cases_of(connection, row.subject_id)
    terms = Terms(language, procedures.by_hash(connection, row.content_hash))
    outcomes = _counted(OPEN if case.outcome is None else terms.place(case.outcome) for case in cases)
    title = row.title_en if language == "en" else row.title_zh
    return CallOfYear(row.code, title, row.opens_at, row.closes_at, len(cases), outcomes)


def _spans(
    connection: Connection, call: Row[Any], bureau_id: int, cases: set[str], language: str
) -> Iterator[tuple[Span, str]]:
    """Yield the stays of a call's submitted cases, each with its stage's title."""
    districts = (
        connection.execute(select(_bureaus.c.code).where(_bureaus.c.parent_id == bureau_id)).scalars().all()
    )
    if not districts:
        return
    terms = Terms(language, procedures.by_hash(connection, call.content_hash))
    for span in time_account.spans(connection, call=call.code, districts=districts):
        if span.case in cases:
            yield span, terms.place(span.stage)


def _holders(connection: Connection, offices: set[str], language: str) -> dict[str, str]:
    """Return the names of whoever held a clock: bureaus by code, units by USCC, panel and public by word."""
    named = {name: title.of(language) for name, title in written.HOLDERS.items()}
    for row in connection.execute(select(_bureaus).where(_bureaus.c.code.in_(offices))):
        named[row.code] = row.name_en if language == "en" else row.name_zh
    units = select(_organisations.c.uscc, _organisations.c.name).where(_organisations.c.uscc.in_(offices))
    return named | {row.uscc: row.name for row in connection.execute(units)}


def _titled(spans: Iterable[tuple[Span, str]]) -> tuple[Account, ...]:
    """Return the accounts under these titles, in the order in which cases come to them."""
    found: dict[str, Account] = {}
    for span, title in spans:
        found.setdefault(title, Account(title)).add(span)
    return tuple(found.values())


def _counted(things: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(things).items(), key=lambda pair: (-pair[1], pair[0])))
