"""What comes after filing, as lists: the filed consortia one has to do with, their changes and claims."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from casework import claimable, matter_list
from casework.access import CITY_ROLES
from casework.claimable import Words
from casework.matter_list import MatterLine
from models.database import reading
from procedure import written
from web.visitor import Desk, SignedInDesk, claims

router = APIRouter()

SEEING: Final = ("applicant", "member", "district_officer", "expert", *CITY_ROLES)
"""The roles that have to do with what comes after filing."""

Search = Annotated[str, Query(max_length=100)]


@router.get("/filed")
def consortia(desk: SignedInDesk, q: Search = "") -> Response:
    """Show the filed consortia that the visitor has to do with, what expires first first."""
    return desk.page.answer("filed/list.html", lines=_lines(desk, "entry", q), q=q)


@router.get("/changes")
def changes(desk: SignedInDesk, q: Search = "") -> Response:
    """Show the changes that the visitor's units, or bureau, have to do with."""
    return desk.page.answer("filed/changes.html", lines=_lines(desk, "change", q), q=q)


@router.get("/support")
def support(desk: SignedInDesk, q: Search = "") -> Response:
    """Show the claims of support, with what was granted, paid and recovered."""
    told = [(line, _claimed(desk, line)) for line in _lines(desk, "claim", q)]
    return desk.page.answer("filed/claims.html", lines=told, q=q)


def _lines(desk: Desk, kind: str, search: str) -> list[MatterLine]:
    with reading(desk.page.portal.engine) as connection:
        return matter_list.lines(connection, claims(desk, SEEING), kinds=(kind,), search=search.strip())


def _claimed(desk: Desk, line: MatterLine) -> tuple[str, ...]:
    """Return the measure's title, and the amounts asked, granted, paid and recovered."""
    record, language = line.record, desk.page.language
    title = Words(claimable.support_of(line.bureau), language).measure(record.measure)
    amounts = (record.asked, record.granted, record.paid or None, record.recovered or None)
    return (title, *("" if each is None else written.money(each) for each in amounts))
