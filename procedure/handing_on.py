"""Handing a case on: what a rung of a ladder does to the desk of a case whose holder does not act."""

from collections.abc import Iterable, Sequence
from typing import Literal

import pendulum

from procedure.act import Officer
from procedure.acts.desk import DESKS
from procedure.definition import REASSIGNED, DeadlineRule, Procedure, Rung
from procedure.event import Event, Told
from procedure.subject import Application, Subject

Kept = Literal["held_elsewhere", "there_already", "nobody"]
"""Why a case stays where it is: its stage is not held by who holds the deadline, it lies there already,
or nobody is there who could take it."""


def hand_on(
    procedure: Procedure,
    subject: Subject,
    rule: DeadlineRule,
    rung: Rung,
    people: Iterable[int],
    officers: Sequence[Officer],
    now: pendulum.DateTime,
) -> Event | Kept:
    """Return the event that lays ``subject`` on the desk of the first of ``people`` who can take it.

    That is who of ``officers`` holds the desk's role in the unit that holds the stage, and is present; others
    of the unit may still act, as after ``reassign``.
    """
    record = subject.record
    stage = procedure.life(subject.kind).stage[subject.stage]
    role = DESKS.get(rule.holder)
    if not isinstance(record, Application) or role is None or stage.holder != rule.holder:
        return "held_elsewhere"
    unit = record.district if rule.holder == "district" else procedure.bureau.code
    able = {
        each.person for each in officers if (each.role, each.unit) == (role, unit) and each.substitute is None
    }
    to = next((person for person in people if person in able), None)
    if to is None:
        return "nobody"
    if to == record.desk:
        return "there_already"
    return Event(
        subject.version + 1,
        "reassigned",
        now,
        {"to": to, "from": record.desk, "role": role, "deadline": rule.id, "rung": rung.id},
        told=(Told(REASSIGNED, ("assignee",)),) if REASSIGNED in procedure.notices else (),
    )
