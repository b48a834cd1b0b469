"""One act on many cases of a call: each shown beforehand, each with its own answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from casework import batch, loading, wording
from casework.acts import Receipt
from casework.batch import Joint
from casework.foresight import Foreseen
from models.database import reading
from procedure.act import Child, Refusal
from procedure.definition import Procedure
from web import acting
from web.act_inputs import ActForm, sent
from web.doing import foresee
from web.page import Page
from web.visitor import Desk, Form

SHOWN: Final = 20
"""So many cases are shown beforehand with their notices."""


@dataclass(frozen=True, slots=True)
class Many:
    """Cases of a call on which an act can be done, by number, and the particulars that all share.

    ``home`` is the page of the call, below ``cases`` are those of its cases, ``action`` takes the form.
    ``may`` has the cases on which the act can be done now; ``ranked`` asks for a place for each, and
    ``note`` is what helps to choose.
    """

    call: int
    bureau: str
    title: str
    procedure: Procedure
    home: str
    cases: str
    action: str
    may: Mapping[str, Child]
    offer: ActForm
    ranked: bool = False
    note: str = ""


def page(desk: Desk, many: Many, form: Form | None = None) -> Response:
    """Show the cases, all of them chosen; for a form that was sent also what it would do to each."""
    chosen = list(many.may) if form is None else form.chosen("case")
    beforehand: list[tuple[str, Foreseen | None, str]] = []
    if form is not None:
        numbers = [each for each in chosen if each in many.may][:SHOWN]
        with reading(desk.page.portal.engine) as connection:
            ids = {each: loading.id_of(connection, each, many.bureau) for each in numbers}
        for number in numbers:
            payload = {**many.offer.payload(form), **_own(many, form, number)}
            seen = foresee(desk, ids[number], many.offer.act, payload, form, dated=False)
            why = "" if isinstance(seen, Foreseen) else told(desk.page, many, seen)
            beforehand.append((number, seen if isinstance(seen, Foreseen) else None, why))
    again = {} if form is None else dict(sent(form))
    return desk.page.answer(
        "joint.html",
        many=many,
        title=desk.page.say(f"joint.title_{many.offer.act}"),
        chosen=chosen,
        beforehand=beforehand,
        asked=form is not None,
        most=SHOWN,
        typed={name: values[-1] for name, values in again.items() if values},
        again=again,
        key=acting.fresh_key() if form is None else form.text("key"),
    )


def sent_in(desk: Desk, many: Many, form: Form) -> Response:
    """Show what the act would do to the chosen cases; once confirmed, do it one by one and tell of each."""
    chosen = form.chosen("case")
    if form.text("confirmed") != "true" or not chosen:
        return page(desk, many, form)
    joint = Joint(
        many.call,
        many.offer.act,
        desk.claim,
        form.text("key")[: batch.LONGEST_KEY] or acting.fresh_key(),
        many.offer.payload(form),
        chosen,
        acting.received_at(desk),
        {number: _own(many, form, number) for number in chosen},
    )
    answered = batch.perform_batch(desk.page.portal.engine, joint)
    acting.wake()
    return desk.page.answer(
        "joint_done.html",
        many=many,
        title=desk.page.say(f"joint.title_{many.offer.act}"),
        results=[
            (number, isinstance(each, Receipt), told(desk.page, many, each)) for number, each in answered
        ],
    )


def _own(many: Many, form: Form, number: str) -> dict[str, Any]:
    """Return what the form says of one case alone: its position, where it is given one."""
    position = form.number(f"position:{number}") if many.ranked else None
    return {} if position is None else {"position": position}


def told(page: Page, many: Many, answer: Receipt | Refusal) -> str:
    """Return where an act has brought a case, or why it was refused, in words."""
    if isinstance(answer, Receipt):
        return (
            page.say("joint.before")
            if answer.repeated
            else page.terms(many.procedure).place(answer.outcome or answer.stage)
        )
    said = wording.word(answer, page.language, many.procedure)
    return " ".join((said.says, *said.details))
