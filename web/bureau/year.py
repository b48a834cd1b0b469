"""The year of the city's programme as a page: a chart for each table, and made to be printed."""

from fastapi import APIRouter, Response

from casework import access, clock, programme, programme_file, spreadsheet
from casework.access import NoSuchRole
from casework.file_kind import MEDIA_TYPES
from casework.programme import OPEN, Programme
from casework.terms import term
from casework.time_account import PARTIES
from models.database import reading
from procedure.form import yuan
from procedure.instant import day_of
from web.cases import BureauDesk
from web.errors import no_such_page
from web.visitor import Desk

router = APIRouter(prefix="/bureau")

Row = tuple[str, int, str]
"""A row of a chart: its name, how long its bar is, and the number as it is written."""

Chart = tuple[str, list[Row], str, str, int | None]
"""A chart: its title, its rows, what both columns are, and what a whole bar is; the longest, where None."""

WHOLE = 100
"""Of targets a whole bar is a target that is reached."""


@router.get("/year")
def this_year(desk: BureauDesk) -> Response:
    """Lead to the present year of the viewer's own city."""
    with reading(desk.page.portal.engine) as connection:
        year = day_of(clock.now(connection)).year
    own = next(iter(_bureaus(desk)), None)
    if own is None:
        raise no_such_page()
    return desk.page.go(f"/bureau/year/{own}/{year}")


@router.get("/year/{bureau}/{year}")
def year(desk: BureauDesk, bureau: str, year: int) -> Response:
    """Show a year of the viewer's own city."""
    if bureau not in _bureaus(desk) or not 2000 <= year <= 2100:
        raise no_such_page()
    with reading(desk.page.portal.engine) as connection:
        told = programme.programme(connection, bureau, year, desk.page.language)
    return desk.page.answer("bureau/year.html", told=told, charts=_charts(desk, told))


@router.get("/year/{bureau}/{year}/workbook")
def workbook(desk: BureauDesk, bureau: str, year: int) -> Response:
    """Return the same year as XLSX, to be saved."""
    if bureau not in _bureaus(desk) or not 2000 <= year <= 2100:
        raise no_such_page()
    with reading(desk.page.portal.engine) as connection:
        told = programme.programme(connection, bureau, year, "zh")
    name = f"{bureau}-{year}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    content = spreadsheet.content(*programme_file.sheets(told))
    return Response(content, headers=headers, media_type=MEDIA_TYPES["xlsx"])


def _bureaus(desk: Desk) -> list[str]:
    with reading(desk.page.portal.engine) as connection:
        try:
            actors = access.roles_of(connection, desk.claim, day_of(clock.now(connection)))
        except NoSuchRole:
            return []
    return [each.bureau for each in actors if each.bureau is not None]


def _charts(desk: Desk, told: Programme) -> list[Chart]:
    """Return every chart that has something to show."""
    language, say = desk.page.language, desk.page.say
    outcomes: dict[str, int] = {}
    for call in told.calls:
        for name, n in call.outcomes.items():
            outcomes[name] = outcomes.get(name, 0) + n
    parties = tuple(dict.fromkeys(PARTIES.values()))
    cases, days = say("year.cases"), say("year.days")
    charts: list[tuple[str, list[tuple[str, int]], str, str]] = [
        (
            say("year.outcomes"),
            [(say("year.open") if name == OPEN else name, n) for name, n in outcomes.items()],
            say("year.outcome"),
            cases,
        )
    ]
    charts += [
        (title, [(each.key, sum(each.parties[p].days for p in parties)) for each in accounts], head, days)
        for title, accounts, head in (
            (say("year.by_stage"), told.by_stage, say("year.stage")),
            (say("year.by_holder"), told.by_holder, say("year.holder")),
        )
    ]
    charts += [
        (say("year.filed"), [(name or "—", n) for name, n in told.filed.items()], say("year.field"), cases),
        (
            say("year.states"),
            [(term("states", name, language), n) for name, n in told.states.items()],
            say("year.state"),
            cases,
        ),
        (
            say("year.evaluations"),
            [(term("grades", name, language), n) for name, n in told.evaluations.items()],
            say("year.grade"),
            cases,
        ),
        (
            say("year.acceptances"),
            [(term("grades", name, language), n) for name, n in told.acceptances.items()],
            say("year.grade"),
            cases,
        ),
    ]
    counted: list[Chart] = [
        (title, [(name, n, str(n)) for name, n in rows], names, numbers, None)
        for title, rows, names, numbers in charts
    ]
    targets = [
        (
            each.target.title.of(language),
            min(WHOLE, each.total * WHOLE // each.target.number),
            f"{each.total} / {each.target.number}",
        )
        for each in told.targets
    ]
    counted.append((say("year.targets"), targets, say("year.target"), say("year.now"), WHOLE))
    granted = [(name, fen, yuan(fen)) for name, fen in told.granted.items()]
    counted.append((say("year.granted"), granted, say("year.measure"), say("year.yuan"), None))
    return [chart for chart in counted if chart[1]]
