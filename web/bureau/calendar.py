"""The bureau's calendar of visits and defences: a month, the order of each day, and a file to take away."""

import calendar as months
import datetime
from collections import defaultdict
from typing import Annotated

import pendulum
from fastapi import APIRouter, Query, Response

from casework import agenda, clock
from casework.agenda import Appointment
from models.database import reading
from procedure.instant import SHANGHAI, day_of, instant
from web.cases import BureauDesk, seen
from web.page import Page

router = APIRouter(prefix="/bureau")

Month = Annotated[str, Query(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")]


@router.get("/calendar")
def calendar(desk: BureauDesk, month: Month = "") -> Response:
    """Show a month of visits and defences, and each day's in order."""
    first, found = _of_month(desk, month)
    days: defaultdict[datetime.date, list[Appointment]] = defaultdict(list)
    for each in found:
        days[day_of(instant(each.at))].append(each)
    return desk.page.answer(
        "bureau/calendar.html",
        first=first,
        weeks=months.Calendar().monthdatescalendar(first.year, first.month),
        days=days,
        month=f"{first:YYYY-MM}",
        before=f"{first.subtract(months=1):YYYY-MM}",
        after=f"{first.add(months=1):YYYY-MM}",
        clock_of=_clock,
    )


@router.get("/calendar.ics")
def as_file(desk: BureauDesk, month: Month = "") -> Response:
    """Give a month of visits and defences as a file that calendars read."""
    first, found = _of_month(desk, month)
    return _file(desk.page, found, f"{first:YYYY-MM}")


@router.get("/{bureau}/{number}/visit.ics")
def one_case(desk: BureauDesk, bureau: str, number: str) -> Response:
    """Give the visits and defences of one case as a file that calendars read."""
    view = seen(desk, bureau, number)
    ever = (pendulum.datetime(2000, 1, 1, tz=SHANGHAI), pendulum.datetime(2100, 1, 1, tz=SHANGHAI))
    with reading(desk.page.portal.engine) as connection:
        found = agenda.between(connection, desk.claim, *ever, view.stands.subject.ref)
    return _file(desk.page, found, view.stands.subject.ref)


def _clock(at: datetime.datetime) -> str:
    return f"{instant(at):HH:mm}"


def _of_month(desk: BureauDesk, month: str) -> tuple[pendulum.DateTime, list[Appointment]]:
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        year, number = (int(part) for part in (month or f"{now:YYYY-MM}").split("-"))
        first = pendulum.datetime(year, number, 1, tz=SHANGHAI)
        return first, agenda.between(connection, desk.claim, first, first.add(months=1))


def _file(page: Page, found: list[Appointment], name: str) -> Response:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Beian//zh-CN", "CALSCALE:GREGORIAN"]
    for each in found:
        at, set_at = (instant(one).in_timezone("UTC") for one in (each.at, each.set_at))
        title = page.say("bureau.visit" if each.kind == "visit" else "bureau.defence")
        lines += [
            "BEGIN:VEVENT",
            # Set anew it keeps its UID, with a greater SEQUENCE (RFC 5545, 3.8.4.7 and 3.8.7.4): a calendar
            # moves what it has instead of showing it twice.
            f"UID:{each.bureau}-{each.number}-{each.kind}-{each.nth}@beian",
            f"SEQUENCE:{each.sequence}",
            f"DTSTAMP:{set_at:YYYYMMDD[T]HHmmss[Z]}",
            f"LAST-MODIFIED:{set_at:YYYYMMDD[T]HHmmss[Z]}",
            f"DTSTART:{at:YYYYMMDD[T]HHmmss[Z]}",
            "DURATION:PT2H" if each.kind == "visit" else "DURATION:PT30M",
            f"SUMMARY:{_text(f'{title} {each.lead} {each.number}')}",
            f"DESCRIPTION:{_text('、'.join(each.details))}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    body = "".join(f"{_folded(line)}\r\n" for line in lines)
    return Response(
        body,
        media_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.ics"',
            "Cache-Control": "private, no-store",
        },
    )


def _text(text: str) -> str:
    """Return a text as RFC 5545 (3.3.11) writes it."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> str:
    """Return a line folded to at most 75 octets (RFC 5545, 3.1), never within a character."""
    parts: list[str] = []
    held = b""
    for char in line:
        octets = char.encode()
        if len(held) + len(octets) > 74:
            parts.append(held.decode())
            held = b""
        held += octets
    return "\r\n ".join([*parts, held.decode()])
