"""What failed, tried again at a person's word: one case, or the thousands that one cause hit."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select

from casework import calendar_import, clock, incidents, wake
from casework.access import Claim, require_operator
from casework.incidents import HitCase
from models import Subject
from models.database import DatabaseUnusable, reading, writing
from procedure.instant import day_of

_subjects = Subject.__table__

RETRIABLE: Final = ("wake", "calendar")
"""Kinds of incidents whose cases can be tried again; the others are looked at again by the watch."""


class NotRetriable(ValueError):
    """An incident of this kind has no cases that could be tried again."""

    def __init__(self, incident: int, kind: str) -> None:
        super().__init__(f"incident {incident} ({kind}) has no cases to try again")
        self.incident = incident
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of one case: ``recovered`` or not, how much happened to it, and what it failed with."""

    incident: int
    number: str
    recovered: bool
    moved: int
    error: str | None


def retry(
    engine: Engine,
    incident: int,
    claim: Claim,
    numbers: Collection[str] = (),
    tell: Callable[[Retried, int, int], None] = lambda _result, _done, _of: None,
) -> list[Retried]:
    """Try an incident's failing cases again, each in a transaction of its own, or those of ``numbers``.

    ``tell`` hears each result with how many are done, of how many. An incident with no failing case left is
    resolved; one whose cases fail again counts one more occurrence each. Raises UnknownIncident,
    NotRetriable, NoSuchRole and NotTheirRole before anything is tried.
    """
    with reading(engine) as connection:
        day = day_of(clock.now(connection))
        require_operator(connection, claim, day)
        found = incidents.one(connection, incident, claim, day)
        if found.kind not in RETRIABLE:
            raise NotRetriable(incident, found.kind)
        failing = incidents.cases_of(connection, incident, failing_only=True, seen_by=claim, day=day)
    chosen = [each for each in failing if not numbers or each.number in numbers]
    with writing(engine) as connection:
        incidents.retried(connection, incident, claim, f"{len(chosen)}/{found.cases}", clock.now(connection))
    results: list[Retried] = []
    for each in chosen:
        result = _once(engine, incident, found.kind, each)
        _note(engine, incident, each.subject, claim, result)
        results.append(result)
        tell(result, len(results), len(chosen))
    return results


def _once(engine: Engine, incident: int, kind: str, case: HitCase) -> Retried:
    try:
        if kind == "calendar":
            moved = calendar_import.recount_again(engine, case.subject)
        else:
            with reading(engine) as connection:
                query = select(_subjects.c.kind).where(_subjects.c.id == case.subject)
                what = connection.execute(query).scalar_one()
            done = wake.sweep(engine, what, subject=case.subject)
            if done.failed:
                return Retried(
                    incident, case.number, recovered=False, moved=0, error=_last_words(engine, case)
                )
            moved = len(done.moved)
    except DatabaseUnusable:
        raise
    except Exception as error:
        wake.report(engine, kind, case.subject, error)
        said = f"{type(error).__name__}: {error}"
        return Retried(incident, case.number, recovered=False, moved=0, error=said)
    return Retried(incident, case.number, recovered=True, moved=moved, error=None)


def _last_words(engine: Engine, case: HitCase) -> str:
    with reading(engine) as connection:
        hit = incidents.of_subject(connection, case.subject)
    return max(hit, key=lambda each: each["last_seen"])["summary"] if hit else case.summary


def _note(engine: Engine, incident: int, subject: int, claim: Claim, result: Retried) -> None:
    with writing(engine) as connection:
        now = clock.now(connection)
        if result.recovered:
            incidents.recovered(connection, incident, [subject], now, claim)
        else:
            incidents.failed_again(connection, incident, subject, claim, result.error or "", now)
