"""Doing an act from a page: read, shown beforehand where that is asked for or it is final, then done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Response

from casework import foresight
from casework.acts import Request
from casework.case_view import CaseView
from casework.foresight import Foreseen
from casework.standing import Standing
from procedure.act import Refusal
from web import acting
from web.act_inputs import ActForm, said, sent
from web.acting import Problem
from web.cases import home
from web.visitor import Desk, Form

Again = Callable[[Problem], Response]
"""Shows the page of the form once more, with why it was not done."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What an act is done to: a case or a call, where its page is, and what it is called there."""

    id: int
    stands: Standing
    home: str
    about: str


def of_case(desk: Desk, view: CaseView) -> Matter:
    """Return a case as what an act is done to."""
    about = f"{view.stands.subject.ref} · {view.application.lead_name}"
    return Matter(view.id, view.stands, home(desk, view), about)


def do(desk: Desk, matter: Matter, offer: ActForm, form: Form, again: Again) -> Response:
    """Do an act as its form says, or show first what it would do."""
    acting_as = replace(desk, claim=replace(desk.claim, role=offer.role))
    payload = offer.payload(form)
    first = form.text("preview") == "true" or (offer.final and form.text("confirmed") != "true")
    if first:
        seen = foresee(acting_as, matter.id, offer.act, payload, form)
        if isinstance(seen, Foreseen):
            return _confirm(desk, matter, offer, form, payload, seen)
        answer = seen
    else:
        done = acting.perform(acting_as, matter.id, offer.act, payload, form)
        if not isinstance(done, Refusal):
            return desk.page.go(matter.home, done=offer.act)
        answer = done
    return again(acting.problem(desk, matter, answer, lambda path: target(offer.act, path)))


def foresee(
    desk: Desk, subject: int, act: str, payload: Mapping[str, Any], form: Form, *, dated: bool = True
) -> Foreseen | Refusal:
    """Return what an act would do if it were done as the form asks for it, on the version it was made for.

    What is not ``dated`` is asked for on the subject as it stands.
    """
    version = form.number("version") if dated else None
    wanted = Request(subject, act, desk.claim, payload, None, version, acting.received_at(desk))
    return foresight.foresee(desk.page.portal.engine, wanted)


def _confirm(
    desk: Desk, matter: Matter, offer: ActForm, form: Form, payload: Mapping[str, Any], seen: Foreseen
) -> Response:
    """Answer with what would be done and who would be told what, and the button that does it."""
    page, subject = desk.page, matter.stands.subject
    terms = page.terms(matter.stands.procedure)
    leads = (
        "" if (seen.stage, seen.outcome) == (subject.stage, subject.outcome) else seen.outcome or seen.stage
    )
    return page.answer(
        "confirm.html",
        title=page.say("act.confirm_title", act=terms.term("acts", offer.act)),
        about=matter.about,
        act=offer.act,
        action=f"{matter.home}/{offer.act}",
        home=matter.home,
        means=page.has(f"means.{offer.act}") if offer.final else "",
        said=said(offer, payload, page.language),
        leads=terms.place(leads) if leads else "",
        notices=seen.notices,
        again=sent(form),
        warns=offer.act in ("decline", "reject", "refuse_papers", "refuse_change", "reject_claim"),
        key=form.text("key"),
        version=form.text("version"),
    )


def target(act: str, path: str) -> str:
    """Return the id of the input that a particular, or a missing material, belongs to."""
    if path.startswith("consortium."):
        return f"{act}-reached-{path}"
    copies = {"application_form": "application_copies", "summary_table": "summary_copies"}
    return f"{act}-{copies.get(path, path.partition('.')[0])}"
