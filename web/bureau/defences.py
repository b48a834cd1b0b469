"""A day's defences of a call: its cases put in order, each given its time, and all set by one confirm."""

import datetime
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pendulum
from fastapi import APIRouter, Response

from casework import batch, defence_day
from casework.acts import Receipt
from casework.batch import Joint
from casework.defence_day import Set, Timetable
from models.database import reading
from procedure import written
from procedure.act import Child
from procedure.instant import calendar_day, day_of, instant, iso, local_instant
from web import acting, joint
from web.act_inputs import ActForm
from web.bureau.calls import Shown, call_of
from web.cases import BUREAU_ROLES, BureauDesk
from web.errors import no_such_page
from web.joint import Many
from web.visitor import Desk, Form, Posted

router = APIRouter(prefix="/bureau/calls")

ACT = "schedule_defence"
MINUTES = 30
"""How long a defence takes where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says: the order, which of it take part, when it begins, for how long each, and where.

    ``begins`` is None where day and hour make no moment.
    """

    order: tuple[str, ...]
    chosen: tuple[str, ...]
    day: str
    hour: str
    begins: pendulum.DateTime | None
    minutes: int
    place: str


@dataclass(frozen=True, slots=True)
class Day:
    """The day as it would be: which cases can be heard, what is set already, and each chosen one's turn."""

    asked: Asked
    cases: Mapping[str, Child]
    own: Mapping[str, Set]
    found: Timetable

    @property
    def mark(self) -> str:
        """What the timetable is known by: whoever confirms has seen this one."""
        return self.found.mark(self.asked.place)


@router.get("/{bureau}/{code}/defences")
def defences(desk: BureauDesk, bureau: str, code: str) -> Response:
    """Show the cases that can be heard, those without a time chosen."""
    shown = call_of(desk, bureau, code)
    return _page(desk, shown, _day(desk, shown, None), {})


@router.post("/{bureau}/{code}/defences")
def order(desk: BureauDesk, form: Posted, bureau: str, code: str) -> Response:
    """Move a case, draw the order by lot, or show the timetable; once confirmed, set every defence of it."""
    shown = call_of(desk, bureau, code)
    day = _day(desk, shown, form)
    arranging = any(form.text(each) for each in ("up", "down", "draw"))
    problems = dict[str, str]() if arranging else _problems(desk, shown, day)
    if not problems and form.text("confirmed") == day.mark:
        return _set(desk, shown, day, form)
    return _page(desk, shown, day, problems, form)


def _role(desk: Desk, shown: Shown) -> str:
    """Return the role in which the visitor may set defences; there is no such page without one."""
    life = shown.stands.procedure.application
    rules = [life.acts(stage.id).get(ACT) for stage in life.stages]
    may = {role for rule in rules if rule is not None for role in rule.roles}
    for role in BUREAU_ROLES:
        if role in may and role in desk.viewer.roles:
            return role
    raise no_such_page()


def _asked(form: Form, known: Sequence[str]) -> Asked:
    given = [each for each in dict.fromkeys(form.chosen("order")) if each in known]
    order = [*given, *(each for each in known if each not in given)]
    for name, step in (("up", -1), ("down", 1)):
        moved = form.text(name)
        if moved in order and 0 <= order.index(moved) + step < len(order):
            n = order.index(moved)
            order[n], order[n + step] = order[n + step], order[n]
    if form.text("draw"):
        secrets.SystemRandom().shuffle(order)
    day, hour = form.text("day").strip()[:10], form.text("hour").strip()[:5]
    try:
        begins = local_instant(f"{calendar_day(day).isoformat()}T{hour}")
    except ValueError:
        begins = None
    return Asked(
        tuple(order),
        tuple(each for each in order if each in form.chosen("case")),
        day,
        hour,
        begins,
        min(max(form.number("minutes") or MINUTES, 5), 240),
        form.text("place").strip()[:200],
    )


def _day(desk: Desk, shown: Shown, form: Form | None) -> Day:
    life = shown.stands.procedure.application
    at = {stage.id for stage in life.stages if ACT in stage.acts}
    cases = {
        ref: each for ref, each in sorted(shown.children.items()) if not each.outcome and each.stage in at
    }
    bureau_id, call = shown.stands.loaded.bureau_id, shown.card.id
    tomorrow = local_instant(f"{day_of(shown.stands.loaded.now).add(days=1).isoformat()}T09:00")
    with reading(desk.page.portal.engine) as connection:
        own = {each.number: each for each in defence_day.of_call(connection, call)}
        known = [ref for ref in cases if ref not in own or not own[ref].held]
        if form is None:
            fresh = tuple(ref for ref in known if ref not in own)
            asked = Asked(tuple(known), fresh, f"{tomorrow:YYYY-MM-DD}", "09:00", tomorrow, MINUTES, "")
        else:
            asked = _asked(form, known)
        found = defence_day.timetable(
            connection,
            bureau_id,
            call,
            asked.chosen,
            asked.begins or tomorrow,
            asked.minutes,
            cases=cases,
        )
    if asked.begins is None:
        found = replace(found, plan=(), clashes={})
    return Day(asked, cases, own, found)


def _problems(desk: Desk, shown: Shown, day: Day) -> dict[str, str]:
    say, begins = desk.page.say, day.asked.begins
    found: dict[str, str] = {}
    if begins is None:
        found["day"] = say("defences.no_time")
    elif begins <= shown.stands.loaded.now:
        found["day"] = say("defences.past")
    if not day.asked.place:
        found["place"] = say("defences.no_place")
    if not day.asked.chosen:
        found["case"] = say("joint.none_chosen")
    return found


def _page(desk: Desk, shown: Shown, day: Day, problems: dict[str, str], form: Form | None = None) -> Response:
    _role(desk, shown)
    form = form or Form.blank()
    sitting = {ref: [each for each in day.found.panels.get(ref, ()) if each.sits] for ref in day.asked.order}
    quorum = shown.stands.procedure.number("defence_quorum")
    return desk.page.answer(
        "bureau/defences.html",
        status=422 if problems else 200,
        title=shown.card.title_en if desk.page.language == "en" else shown.card.title_zh,
        home=shown.matter.home,
        day_shown=day,
        asked=day.asked,
        turns={each.number: each for each in day.found.plan},
        sitting={ref: [each.name for each in seats] for ref, seats in sitting.items()},
        gone={
            ref: [each.name for each in day.found.panels.get(ref, ()) if not each.sits]
            for ref in day.asked.order
        },
        short={ref: len(seats) for ref, seats in sitting.items() if len(seats) < quorum},
        quorum=quorum,
        problems=problems,
        ready=bool(day.found.plan and day.asked.place and not problems),
        moved=form.text("up") or form.text("down"),
        went_up=bool(form.text("up")),
        key=form.text("key") or acting.fresh_key(),
        clock_of=_clock,
    )


def _clock(at: datetime.datetime) -> str:
    return f"{instant(at):HH:mm}"


def _set(desk: Desk, shown: Shown, day: Day, form: Form) -> Response:
    """Set the defences one after another, and tell of each."""
    role = _role(desk, shown)
    wanted = Joint(
        shown.card.id,
        ACT,
        acting.in_role(desk, role).claim,
        form.text("key")[: batch.LONGEST_KEY] or acting.fresh_key(),
        {"place": day.asked.place},
        [each.number for each in day.found.plan],
        acting.received_at(desk),
        {each.number: {"at": iso(instant(each.at)), "position": each.position} for each in day.found.plan},
    )
    answered = batch.perform_batch(desk.page.portal.engine, wanted)
    acting.wake()
    many = Many(
        shown.card.id,
        shown.card.bureau,
        shown.card.title_en if desk.page.language == "en" else shown.card.title_zh,
        shown.stands.procedure,
        shown.matter.home,
        f"/bureau/{shown.card.bureau}",
        f"{shown.matter.home}/defences",
        day.cases,
        ActForm(ACT, role),
    )
    at = {each.number: written.when(instant(each.at), desk.page.language) for each in day.found.plan}
    return desk.page.answer(
        "joint_done.html",
        many=many,
        title=desk.page.say("defences.title"),
        results=[
            (number, True, at[number])
            if isinstance(each, Receipt)
            else (number, False, joint.told(desk.page, many, each))
            for number, each in answered
        ],
    )
