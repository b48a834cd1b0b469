"""Official names, numbers and validity."""

import pendulum

from procedure.definition import Procedure


def official_name(procedure: Procedure, direction: str) -> str:
    """Return the consortium's official name by the pack's pattern, for a direction such as 生物医药."""
    return procedure.naming.pattern.format(direction=direction.strip())


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
    anniversary = document_date.add(years=procedure.validity.years)
    whole = anniversary.day == document_date.day
    return document_date, anniversary.subtract(days=1) if whole else anniversary
