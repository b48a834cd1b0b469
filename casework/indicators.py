"""Targets of a construction plan beside what a self-report says was reached, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from casework import consortium
from casework.loading import Loaded
from casework.terms import Terms
from procedure import indicator, written
from procedure.evaluation import Evaluation, Reached
from procedure.instant import calendar_day


@dataclass(frozen=True, slots=True)
class Line:
    """One target in words, by when it is to be reached, and what was reached: None while nobody has said."""

    field: str
    title: str
    target: str
    by: str | None
    reached: str | None = None
    share: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the line as plain data."""
        return {name: getattr(self, name) for name in ("field", "title", "target", "by", "reached", "share")}


def lines(connection: Connection, loaded: Loaded, language: str) -> list[Line]:
    """Return the targets of the consortium that an evaluation is of; once reported on, as they were then.

    Nothing for what is no evaluation, and where the application set no targets.
    """
    record = loaded.subject.record
    terms = Terms(language, loaded.procedure)
    if isinstance(record, Evaluation) and record.report is not None:
        return [_answered(terms, each) for each in record.report.reached]
    return _open(terms, loaded, consortium.plan(connection, loaded))


def set_by(terms: Terms, form: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the targets that a form sets, and the day they are due, each as its title and its value."""
    plan: dict[str, Any] = {} if terms.procedure is None else indicator.plan(terms.procedure, form)
    return [(terms.field(path), terms.value(path, value)) for path, value in plan.items()]


def _open(terms: Terms, loaded: Loaded, plan: Mapping[str, Any]) -> list[Line]:
    due = indicator.due(loaded.procedure, plan)
    by = None if due is None else written.day(calendar_day(due), terms.language)
    targets = indicator.targets(loaded.procedure, plan)
    return [Line(path, terms.field(path), terms.value(path, target), by) for path, target in targets.items()]


def _answered(terms: Terms, each: Reached) -> Line:
    return Line(
        each.field,
        terms.field(each.field),
        terms.value(each.field, each.target),
        None if each.by is None else written.day(each.by, terms.language),
        terms.value(each.field, each.reached),
        indicator.share(each.reached, each.target),
    )
