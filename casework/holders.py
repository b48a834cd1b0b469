"""Whom ladders and urges tell: holders of deadlines, supervisors, substitutes, who is on duty."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from casework import absence, endorsements, recipients
from casework.absence import Post
from casework.loading import Loaded
from casework.recipients import Audience
from casework.recipients import Recipient as Found
from models import Bureau
from procedure.acts.desk import DESKS
from procedure.change import CONSENT, Change
from procedure.definition import Holder, Recipient
from procedure.evaluation import Evaluation
from procedure.panel import late
from procedure.subject import Application, Subject

_bureaus = Bureau.__table__

_ABOVE: Final[Mapping[str, Recipient]] = {
    "applicant": "duty_officer",
    "district": "duty_officer",
    "panel": "duty_officer",
    "bureau": "leader",
}
"""Whom a holder without a supervisor of their own answers to: the bureau's duty officer, or its leader."""

_HOPS: Final = 5
"""How many substitutes of substitutes are followed."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a rung asks: ``recipients`` of a deadline that ``holder`` holds, of a subject as it is now."""

    loaded: Loaded
    subject: Subject
    holder: Holder
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """The people a rung reaches, by id; ``away`` are those left out because a substitute stands in.

    ``of`` is the unit (USCC or bureau code) for which each is told, in the same order.
    """

    people: tuple[int, ...]
    away: tuple[int, ...] = ()
    of: tuple[str, ...] = ()


def reached(connection: Connection, calls: Sequence[Call], day: datetime.date) -> list[Reached]:
    """Return whom each of ``calls`` reaches on ``day``, in a few statements for however many there are.

    Who is absent is left out for their substitute. Where nobody is on duty every officer of the bureau is,
    and where a holder has no supervisor of their own, the bureau's duty officer or leader takes that place.
    """
    return _Directory(connection, calls, day).answers(calls)


def holder_of(call: Call) -> Audience | None:
    """Return who holds the deadline of ``call``, the desk's officer first; None where nobody does.

    While units are asked for their consent to a change, those that have not answered do; while experts are
    to review an evaluation, those who have not.
    """
    record = call.subject.record
    if isinstance(record, Evaluation) and call.holder == "bureau" and record.awaited:
        return Audience(("expert",), people=frozenset(record.awaited))
    if isinstance(record, Change) and call.subject.stage == CONSENT:
        return Audience(("member",), record.unanswered)
    if isinstance(record, Application) and record.desk is not None and call.holder in DESKS:
        return Audience((), people=frozenset({record.desk}))
    bureau = frozenset({call.loaded.procedure.bureau.code})
    if call.holder == "bureau":
        return Audience(("city_officer",), bureau)
    if call.holder == "applicant" and call.subject.lead is not None:
        return Audience(("applicant",), frozenset({call.subject.lead}))
    if call.holder == "district" and call.subject.district is not None:
        return Audience(("district_officer",), frozenset({call.subject.district}))
    if call.holder == "panel" and isinstance(record, Application):
        stage = call.loaded.procedure.application.stage[call.subject.stage]
        return Audience((), people=frozenset(late(stage, record) or record.panel))
    return None


def holds(call: Call, role: str, units: Iterable[str]) -> bool:
    """Return whether a role in these units (USCCs and bureau codes) is the one that holds the deadline.

    On whosever desk it lies: an officer is of the office that holds it.
    """
    held = holder_of(call)
    if held is None:
        return False
    roles = held.roles or (DESKS.get(call.holder),)
    return role in roles and (not held.units or not held.units.isdisjoint(units))


class _Directory:
    def __init__(self, connection: Connection, calls: Sequence[Call], day: datetime.date) -> None:
        self._districts = _districts_of(connection, calls)
        self._owing = {
            call.loaded.id: frozenset(case.code for case in endorsements.owing(connection, call.loaded))
            for call in calls
            if "districts_owing" in call.recipients
        }
        audiences = [audience for call in calls for audience in self._audiences(call)]
        self._found = recipients.find(connection, audiences, day)
        everybody = self._found.people
        asks_above = any("supervisor" in call.recipients for call in calls)
        self._above = absence.supervisors(connection, day, everybody) if asks_above else {}
        self._stand_ins: dict[int, list[absence.Absence]] = {}
        people = everybody | set(self._above.values())
        for _ in range(_HOPS):
            # A substitute may be away too, and theirs.
            away = absence.on(connection, day, people)
            for each in away:
                self._stand_ins.setdefault(each.person, []).append(each)
            people = {each.substitute for each in away} - set(self._stand_ins)
            if not people:
                break

    def answers(self, calls: Sequence[Call]) -> list[Reached]:
        answers: list[Reached] = []
        for call in calls:
            people: dict[int, str] = {}
            away: dict[int, None] = {}
            for recipient in call.recipients:
                for post in self._posts(call, recipient):
                    present = self._present(post)
                    people.setdefault(present, post.unit)
                    if present != post.person:
                        away[post.person] = None
            answers.append(Reached(tuple(people), tuple(away), tuple(people.values())))
        return answers

    def _posts(self, call: Call, recipient: Recipient) -> list[Post]:
        if recipient in ("holder", "substitute", "supervisor"):
            holders = self._holders(call)
            if recipient == "holder":
                return holders
            if recipient == "substitute":
                return [post for post in holders if self._present(post) != post.person]
            above = [Post(self._above[post], post.role, post.unit) for post in holders if post in self._above]
            return list(dict.fromkeys(above)) or self._posts(call, _ABOVE.get(call.holder, "leader"))
        posts = _posts(self._found.of(self._of_bureau(call, recipient)))
        if recipient == "duty_officer" and not posts:
            return _posts(self._found.of(Audience(("city_officer",), _bureau(call))))
        return posts

    def _holders(self, call: Call) -> list[Post]:
        held = holder_of(call)
        if held is None:
            return []
        posts = _posts(self._found.of(held))
        role, record = DESKS.get(call.holder), call.subject.record
        if role is None or not held.people or not isinstance(record, Application):
            return posts
        # Found by name, on whose desk the case lies; absent is who handed over the role of the desk.
        unit = record.district if call.holder == "district" else call.loaded.procedure.bureau.code
        return [Post(post.person, role, unit) for post in posts]

    def _audiences(self, call: Call) -> Iterable[Audience]:
        held = holder_of(call)
        if held is not None:
            yield held
        yield Audience(("city_officer", "city_leader", "duty_officer"), _bureau(call))
        for recipient in call.recipients:
            if recipient in ("lead_unit", "districts", "districts_owing"):
                yield self._of_bureau(call, recipient)

    def _of_bureau(self, call: Call, recipient: Recipient) -> Audience:
        if recipient == "lead_unit":
            lead = call.subject.lead
            return Audience(("applicant",), frozenset[str]() if lead is None else frozenset({lead}))
        if recipient == "districts":
            return Audience(("district_officer",), self._districts.get(call.loaded.bureau_id, frozenset()))
        if recipient == "districts_owing":
            return Audience(("district_officer",), self._owing.get(call.loaded.id, frozenset()))
        return Audience(("city_leader" if recipient == "leader" else "duty_officer",), _bureau(call))

    def _present(self, post: Post) -> int:
        """Return who is there for ``post``: its person, or whoever stands in and is there."""
        person, seen = post.person, {post.person}
        while True:
            away = self._stand_ins.get(person, [])
            handed = [each for each in away if (each.role, each.unit) == (post.role, post.unit)] or [
                each for each in away if each.unit == post.unit
            ]
            if not handed or handed[0].substitute in seen:
                return person
            person = handed[0].substitute
            seen.add(person)


def _districts_of(connection: Connection, calls: Sequence[Call]) -> dict[int, frozenset[str]]:
    bureaus = {call.loaded.bureau_id for call in calls if "districts" in call.recipients}
    if not bureaus:
        return {}
    rows = connection.execute(
        select(_bureaus.c.parent_id, _bureaus.c.code).where(_bureaus.c.parent_id.in_(bureaus))
    ).all()
    return {bureau: frozenset(row.code for row in rows if row.parent_id == bureau) for bureau in bureaus}


def _bureau(call: Call) -> frozenset[str]:
    return frozenset({call.loaded.procedure.bureau.code})


def _posts(found: Iterable[Found]) -> list[Post]:
    return [Post(each.person, each.role, each.unit or "") for each in found]
