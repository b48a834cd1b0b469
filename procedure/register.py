"""Official names, numbers and validity."""

from collections.abc import Mapping
from typing import Any

import pendulum

from procedure.definition import STATUS, Procedure


def official_name(procedure: Procedure, direction: str, form: Mapping[str, Any]) -> str:
    """Return the consortium's official name by the pack's pattern, for a direction such as 生物医药.

    The status that ``form`` applies for enters it where the pattern says so.
    """
    field, applied_for = procedure.field.get(STATUS), status(procedure, form)
    words = "" if field is None or applied_for is None else field.choices[applied_for].zh
    return procedure.naming.pattern.format(direction=direction.strip(), status=words)


def status(procedure: Procedure, form: Mapping[str, Any]) -> str | None:
    """Return the status that ``form`` applies for; None where the pack knows only one."""
    return str(form[STATUS]) if STATUS in procedure.field and STATUS in form else None


def case_number(procedure: Procedure, year: int, n: int) -> str:
    """Return the number of the ``n``-th case of ``year``."""
    return procedure.case_number.pattern.format(year=year, n=n)


def register_number(procedure: Procedure, year: int, n: int) -> str:
    """Return the register number of the ``n``-th filing of ``year``."""
    return procedure.register_number.pattern.format(year=year, n=n)


def validity(procedure: Procedure, document_date: pendulum.Date) -> tuple[pendulum.Date, pendulum.Date]:
    """Return the first and the last day of validity of a filing by a document of ``document_date``.

    Full years, both days counted: from 29 February they end with the 28th where there is no 29th.
    """
    return document_date, last_day(document_date, procedure.validity.years)


def last_day(first: pendulum.Date, years: int) -> pendulum.Date:
    """Return the last day of full years that begin with ``first``."""
    anniversary = first.add(years=years)
    return anniversary.subtract(days=1) if anniversary.day == first.day else anniversary
