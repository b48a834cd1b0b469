"""Taking back one's last act, as long as nobody has acted since: the case stands as it stood before."""

from typing import Any, Final

import pendulum

from procedure import deadlines
from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.subject import Application, particulars, plain_particulars

TYPED: Final = frozenset({"form", "members", "documents"})
"""Particulars that people type and attach: they are changed again, never taken back."""

SETTLED: Final = frozenset(
    {
        "visit",
        "panel",
        "order",
        "cleared",
        "barred",
        "scores",
        "means",
        "defence",
        "objections",
        "rectifications",
    }
)
"""What a visit, a draw, a conflict, a score or an objection has settled: a redraw is never free, closed
scores stay, and an objection once recorded is answered by its decision alone."""

SEED: Final = "seed"
"""The one particular that stays when the act is taken back that fixed it: nobody shops for another."""


class TakeBack(Payload):
    """Why the act is taken back."""

    reason: Reason


@act("take_back", "act_taken_back", TakeBack, "last")
def take_back(c: Context, p: TakeBack) -> Happening | Refusal:
    """Take back one's own last act where the pack lets it be, before anything else has happened."""
    last = c.facts.last
    if last is None or c.subject.version != last.before.version + 1 or not last.before.stage:
        return Refusal("nothing_to_take_back", {"ref": c.subject.ref})
    if last.person != c.actor.person:
        return Refusal("not_your_act", {"act": last.act})
    rule = c.procedure.life(c.subject.kind).acts(last.before.stage).get(last.act)
    was, now = plain_particulars(last.before.application), plain_particulars(c.application)
    restored = {name: value for name, value in was.items() if value != now[name] and name != SEED}
    if rule is None or not rule.may_be_taken_back or restored.keys() & (TYPED | SETTLED):
        return Refusal("act_stands", {"act": last.act, "stage": last.before.stage})
    return Happening(
        {"act": last.act, "reason": p.reason, "restored": restored},
        clock=deadlines.restore(last.before.deadlines, c.subject.deadlines, c.now, c.facts.calendar),
        back_to=last.before.stage if last.before.stage != c.subject.stage else None,
    )


@evolves("act_taken_back")
def _taken_back(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return particulars({**plain_particulars(a), **data["restored"]})
