"""A day's defences put in order at once: who comes when, as which of the day, and whom nobody can hear."""

import datetime
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, or_, select

from models import Case, Defence, Expert, Organisation, PanelMember, Person
from procedure.instant import day_of, instant, iso

_cases = Case.__table__
_defences = Defence.__table__
_experts = Expert.__table__
_leads = Organisation.__table__
_people = Person.__table__
_seats = PanelMember.__table__


@dataclass(frozen=True, slots=True)
class Slot:
    """A case's turn: its place in the day's order, and when it begins."""

    number: str
    position: int
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Set:
    """A defence that is set already."""

    number: str
    lead: str
    call: int
    slot: Slot
    held: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """An expert's seat on the panel of a case; nobody ``sits`` there after a conflict or a replacement."""

    person: int
    name: str
    sits: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """An expert who would have to hear another case, by its number, at the same time."""

    name: str
    number: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Timetable:
    """A day of a call as it would be: what stays as it is set, each chosen case's turn, and its clashes.

    ``panels`` are those of the cases asked about and of all that are heard that day.
    """

    fixed: tuple[Set, ...]
    plan: tuple[Slot, ...]
    clashes: Mapping[str, list[Clash]]
    panels: Mapping[str, list[Seat]]

    def mark(self, place: str) -> str:
        """Return what the timetable at ``place`` is known by: whoever confirms it has seen this one."""
        said = repr((place, [(each.number, each.position, iso(instant(each.at))) for each in self.plan]))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def timetable(
    connection: Connection,
    bureau_id: int,
    call: int,
    chosen: Sequence[str],
    begins: datetime.datetime,
    minutes: int,
    *,
    cases: Collection[str] = (),
) -> Timetable:
    """Return the day on which the ``chosen`` cases of a call are heard in this order, ``minutes`` each.

    Others of the call that have a place on that day keep it. ``cases`` are further ones whose panels are
    asked for.
    """
    there = of_day(connection, bureau_id, day_of(begins))
    seats = panels(connection, bureau_id, {*cases, *chosen, *(each.number for each in there)})
    fixed = tuple(each for each in there if each.call == call and each.number not in chosen)
    taken = {each.slot.position for each in fixed}
    held = {each.number: each.slot.position for each in there if each.number in chosen}
    plan = in_turn(slots(chosen, taken, begins, minutes), held, taken)
    others = [each for each in there if each.number not in chosen]
    return Timetable(fixed, tuple(plan), clashes(plan, others, seats, minutes), seats)


def slots(
    order: Sequence[str], taken: Collection[int], begins: datetime.datetime, minutes: int
) -> list[Slot]:
    """Give each case in ``order`` the next place that is not taken, and the time after the one before it."""
    free = (place for place in range(1, len(order) + len(taken) + 1) if place not in taken)
    length = datetime.timedelta(minutes=minutes)
    return [
        Slot(number, place, begins + n * length)
        for n, (number, place) in enumerate(zip(order, free, strict=False))
    ]


def in_turn(wanted: Sequence[Slot], places: Mapping[str, int], taken: Collection[int]) -> list[Slot]:
    """Return the slots in an order in which each place is free when its case asks for it.

    ``places`` are those that the cases have on the day now. Where each waits for another's, as when two
    change places, all of them go behind everything that is taken, still one after another.
    """
    held = dict(places)
    left, done = list(wanted), list[Slot]()
    while left:
        free = [each for each in left if each.position not in {held[n] for n in held if n != each.number}]
        if not free:
            behind = max([*taken, *held.values(), *(each.position for each in wanted)])
            return [
                Slot(each.number, behind + n, each.at)
                for n, each in enumerate(sorted(wanted, key=lambda each: each.at), 1)
            ]
        done.append(free[0])
        held[free[0].number] = free[0].position
        left.remove(free[0])
    return done


def clashes(
    wanted: Iterable[Slot], others: Iterable[Set], panels: Mapping[str, Sequence[Seat]], minutes: int
) -> dict[str, list[Clash]]:
    """Return by case which experts of its panel would hear another one within the same ``minutes``."""
    length = datetime.timedelta(minutes=minutes)
    found: dict[str, list[Clash]] = {}
    there = list(others)
    for slot in wanted:
        for other in there:
            if other.number == slot.number or abs(other.slot.at - slot.at) >= length:
                continue
            busy = {seat.person for seat in panels.get(other.number, ()) if seat.sits}
            found.setdefault(slot.number, []).extend(
                Clash(seat.name, other.number, other.slot.at)
                for seat in panels.get(slot.number, ())
                if seat.sits and seat.person in busy
            )
    return {number: each for number, each in found.items() if each}


def of_day(connection: Connection, bureau_id: int, day: datetime.date) -> list[Set]:
    """Return the defences of a bureau on ``day`` that hold a place, in order of time."""
    return _found(connection, _cases.c.bureau_id == bureau_id, _defences.c.day == day)


def of_call(connection: Connection, call: int) -> list[Set]:
    """Return the defences of a call that hold a place on their day, in order of time."""
    return _found(connection, _defences.c.call_id == call)


def _found(connection: Connection, *which: ColumnElement[bool]) -> list[Set]:
    rows = connection.execute(
        select(_defences, _cases.c.number, _leads.c.name)
        .join(_cases, _cases.c.subject_id == _defences.c.subject_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .where(
            or_(_defences.c.attended.is_(True), _defences.c.attended.is_(None) & _cases.c.closed.is_(False)),
            *which,
        )
        .order_by(_defences.c.scheduled_for, _defences.c.position)
    )
    return [
        Set(
            row.number,
            row.name,
            row.call_id,
            Slot(row.number, row.position, row.scheduled_for),
            row.attended is True,
        )
        for row in rows
    ]


def panels(connection: Connection, bureau_id: int, numbers: Collection[str]) -> dict[str, list[Seat]]:
    """Return who has, or had, a seat on the panel of each of these cases."""
    rows = connection.execute(
        select(_cases.c.number, _people.c.id, _people.c.name, _seats.c.state)
        .join(_seats, _seats.c.subject_id == _cases.c.subject_id)
        .join(_experts, _experts.c.id == _seats.c.expert_id)
        .join(_people, _people.c.id == _experts.c.person_id)
        .where(_cases.c.bureau_id == bureau_id, _cases.c.number.in_(numbers))
        .order_by(_cases.c.number, _seats.c.id)
    )
    found: dict[str, list[Seat]] = {}
    for row in rows:
        found.setdefault(row.number, []).append(Seat(row.id, row.name, row.state == "assigned"))
    return found
