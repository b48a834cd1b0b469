"""The city bureau's desk: its list, its cases, its calls, its calendar and its procedures."""

from typing import Final

from web.bureau import (
    calendar,
    calls,
    case,
    defences,
    filing,
    first_people,
    opening,
    procedures,
    records,
    trust,
    work,
    year,
)

ROUTERS: Final = tuple(
    part.router
    for part in (
        work,
        year,
        trust,
        first_people,
        opening,
        filing,
        defences,
        calls,
        procedures,
        calendar,
        records,
        case,
    )
)
"""The parts of the desk; a case's address fits nearly any path, so it comes last."""
