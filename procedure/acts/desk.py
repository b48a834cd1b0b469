"""Whose desk a case lies on: an officer's or a leader's act within the unit that holds the clock."""

from dataclasses import replace
from typing import Any, Final

import pendulum

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.panel import Handle
from procedure.definition import Holder, Role
from procedure.subject import Application

DESKS: Final[dict[Holder, Role]] = {"district": "district_officer", "bureau": "city_officer"}
"""The role at whose desks a case lies, by who holds the clock; a seat on a panel is replaced instead."""


class Reassign(Payload):
    """Who is to handle the case at this stage (a handle), and why."""

    officer: Handle
    reason: Reason


@act("reassign", "reassigned", Reassign, "officers")
def reassign(c: Context, p: Reassign) -> Happening | Refusal:
    """Lay the case on the desk of another person of the unit and role that hold it, until the stage is left.

    Others of the role may still act: the unit is competent, the desk says who is expected to.
    """
    role = DESKS.get(c.stage.holder)
    if role is None:
        return Refusal("no_desk", {"stage": c.stage.id, "holder": c.stage.holder})
    unit = c.application.district if c.stage.holder == "district" else c.procedure.bureau.code
    if c.actor.bureau != unit:
        return Refusal("desk_of_another_unit", {"stage": c.stage.id, "holder": c.stage.holder})
    officer = next(
        (each for each in c.facts.officers if (each.handle, each.role, each.unit) == (p.officer, role, unit)),
        None,
    )
    if officer is None:
        known = sorted(each.handle for each in c.facts.officers if (each.role, each.unit) == (role, unit))
        return Refusal("unknown_officer", {"officer": p.officer, "role": role, "officers": known})
    if officer.person == c.application.desk:
        return Refusal("on_this_desk_already", {"officer": officer.name})
    if officer.substitute is not None:
        return Refusal("officer_absent", {"officer": officer.name, "substitute": officer.substitute})
    return Happening({"to": officer.person, "from": c.application.desk, "role": role, "reason": p.reason})


@evolves("reassigned")
def _reassigned(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, desk=data["to"])
