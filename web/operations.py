"""The desk of operations: what is stuck and for how long, what runs, and whether all is well."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from casework import clock, conditions, health, overdue, radar, roster
from casework.radar_line import Line
from casework.troubles import Trouble
from models.database import reading
from procedure import written
from procedure.definition import Words
from web.cases import OperationsDesk
from web.visitor import Desk

router = APIRouter(prefix="/operations")

LINES: Final = 25
"""How many lines of the radar a page shows."""


@router.get("")
def radar_page(
    desk: OperationsDesk,
    trouble: Annotated[str, Query(max_length=20)] = "",
    district: Annotated[str, Query(max_length=60)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """Show what is stuck, the most urgent first, and for how long cases have been overdue."""
    language = desk.page.language
    wanted = [each for each in Trouble if each == trouble]
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        seen = radar.look(
            connection,
            seen_by=desk.claim,
            troubles=wanted,
            districts=[district] if district else (),
            limit=LINES,
            offset=(number - 1) * LINES,
        )
        names = {each.code: Words(zh=each.name_zh, en=each.name_en) for each in roster.bureaus(connection)}
    return desk.page.answer(
        "operations/radar.html",
        seen=seen,
        lines=[(line, holder_of(line, language), next_of(desk, line)) for line in seen.lines],
        counts=seen.counts,
        conditions=[conditions.said(each, language) for each in seen.conditions],
        late=[(_step(desk, each), each.cases, str(each.cases)) for each in seen.late],
        trouble=wanted[0] if wanted else "",
        district=district,
        narrowed_to=names[district].of(language) if district in names else district,
        number=number,
        now=now,
    )


@router.get("/runs")
def runs(desk: OperationsDesk) -> Response:
    """Show when each lane last succeeded, and where Prefect's own pages are."""
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        lanes = conditions.lanes(connection)
        ill = [conditions.said(each, desk.page.language) for each in conditions.sweeping(connection, now)]
    return desk.page.answer(
        "operations/runs.html",
        lanes=lanes,
        ill=ill,
        prefect=desk.page.portal.settings.prefect_url.rstrip("/"),
    )


@router.get("/health")
def health_page(desk: OperationsDesk) -> Response:
    """Show what the doctor finds; it needs neither Prefect nor the worker."""
    portal = desk.page.portal
    told = [health.told(each, desk.page.language) for each in health.whole(portal.engine, portal.files)]
    return desk.page.answer(
        "operations/health.html", checks=told, bad=sum(each.state == "bad" for each in told)
    )


def holder_of(line: Line, language: str) -> str:
    """Return who holds the case or matter of a line: the office with its people, the panel or the public."""
    if line.holder in ("panel", "public"):
        return written.HOLDERS[line.holder].of(language)
    people = written.listed(line.people, language)
    office = line.office.of(language)
    return f"{office} {people}" if people else office


def next_of(desk: Desk, line: Line) -> str:
    """Return what happens next by itself and when, empty where nothing does."""
    if line.next is None:
        return ""
    language = desk.page.language
    if line.next.step is not None:
        what = line.next.step.of(language)
    else:
        what = desk.page.terms().term("rungs", "lapse" if line.next.lapses else "due")
    return f"{written.when(line.next.at, language)} {line.next.title.of(language)} {what}"


def _step(desk: Desk, step: overdue.Step) -> str:
    facts: dict[str, Any] = {"least": step.least, "below": step.below}
    if step.below is None:
        return desk.page.say("operations.late_days_on", least=step.least // 24)
    if step.below <= 24:
        return desk.page.say("operations.late_hours", **facts)
    return desk.page.say("operations.late_days", least=step.least // 24, below=step.below // 24)
