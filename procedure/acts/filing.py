"""Filing: the consortium gets its official name, its register number and its validity."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import StringConstraints

from procedure import register
from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.review import before_submission
from procedure.definition import STATUS
from procedure.instant import Day, calendar_day, day_of, iso
from procedure.subject import Application, Filing

REGISTER = "register"
"""The counter that register numbers come from."""


class File(Payload):
    """The filing document; ``direction`` replaces the application's own in the official name.

    Without ``valid_to`` the filing is valid for the pack's years; a longer time needs ``validity_reason``.
    """

    document_number: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    document_date: Day
    direction: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    valid_to: Day | None = None
    validity_reason: Reason | None = None


@act("file", "filed", File, "counter", "names")
def file(c: Context, p: File) -> Happening | Refusal:
    """Enter the consortium into the register under a name that no other entry of the bureau bears."""
    if p.document_date > day_of(c.now):
        return Refusal(
            "time_ahead",
            {"field": "document_date", "value": p.document_date.isoformat(), "now": iso(c.now)},
        )
    refused = before_submission(c, "document_date", p.document_date)
    if refused is not None:
        return refused
    form = c.application.form
    direction = p.direction or str(form.get("consortium.direction", ""))
    status = register.status(c.procedure, form)
    missing = [] if direction else ["consortium.direction"]
    if "{status}" in c.procedure.naming.pattern and status is None:
        missing.append(STATUS)
    if missing:
        return Refusal("incomplete", {"missing": missing})
    name = register.official_name(c.procedure, direction, form)
    if name in c.facts.names_taken:
        return Refusal("name_taken", {"name": name}, c.procedure.naming.clause)
    assert c.facts.counter is not None  # noqa: S101 - the act declares it
    valid_from, longest = register.validity(c.procedure, p.document_date)
    valid_to = p.valid_to or longest
    if valid_to < valid_from:
        return Refusal(
            "validity_ends_before_it_begins",
            {"field": "valid_to", "value": valid_to.isoformat(), "since": valid_from.isoformat()},
        )
    if valid_to > longest and p.validity_reason is None:
        return Refusal(
            "validity_too_long",
            {"field": "valid_to", "value": valid_to.isoformat(), "longest": longest.isoformat()},
            c.procedure.validity.clause,
        )
    reason = {} if p.validity_reason is None else {"validity_reason": p.validity_reason}
    return Happening(
        {
            **reason,
            "name": name,
            "number": register.register_number(c.procedure, p.document_date.year, c.facts.counter),
            "direction": direction,
            "document_number": p.document_number,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat(),
            **({} if status is None else {"status": status}),
        }
    )


@evolves("filed")
def _filed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    filing = Filing(
        data["name"],
        data["number"],
        data["direction"],
        data["document_number"],
        calendar_day(data["valid_from"]),
        calendar_day(data["valid_to"]),
        data.get("status"),
    )
    return replace(a, filing=filing)
