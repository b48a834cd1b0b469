"""The bureau's calendar of visits and defences: a month, the order of each day, and a file to take away."""

import calendar as months
import datetime
from collections import defaultdict
from typing import Annotated, Final

import pendulum
from fastapi import APIRouter, Query, Response
from icalendar import Calendar, Event

from casework import agenda, clock
from casework.agenda import Appointment
from models.database import reading
from procedure.instant import SHANGHAI, day_of, instant
from web.cases import BureauDesk, seen
from web.page import Page

router = APIRouter(prefix="/bureau")

_LENGTHS: Final = {"visit": datetime.timedelta(hours=2), "defence": datetime.timedelta(minutes=30)}
"""How long an appointment takes in a calendar that reads the file; nothing depends on it."""

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
    file = Calendar()
    file.add("prodid", "-//Beian//zh-CN")
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    for each in found:
        file.add_component(_entry(page, each))
    # Shanghai has had one time all year since 1992.
    file.add_missing_timezones(first_date=datetime.date(1992, 1, 1))
    return Response(
        file.to_ical(),
        media_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.ics"',
            "Cache-Control": "private, no-store",
        },
    )


def _entry(page: Page, each: Appointment) -> Event:
    """Return an appointment as calendars keep it.

    Set anew or cancelled it keeps its UID, with a greater SEQUENCE (RFC 5545, 3.8.4.7 and 3.8.7.4): a
    calendar moves or strikes out what it has.
    """
    title, length = page.say(f"bureau.{each.kind}"), _LENGTHS[each.kind]
    set_at = instant(each.set_at).in_timezone("UTC")
    entry = Event()
    entry.add("uid", f"{each.bureau}-{each.number}-{each.kind}-{each.nth}@beian")
    entry.add("sequence", each.sequence)
    entry.add("status", "CANCELLED" if each.cancelled else "CONFIRMED")
    entry.add("dtstamp", set_at)
    entry.add("last-modified", set_at)
    entry.add("dtstart", instant(each.at))
    entry.add("duration", length)
    entry.add("summary", f"{title} {each.lead} {each.number}")
    entry.add("description", "、".join(each.details))
    return entry
