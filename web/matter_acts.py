"""What may be done to a matter after filing, or to an entry of the register: seen, offered and done."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from fastapi import Response

from casework import matter_list
from casework.loading import NoSuchSubject
from casework.matter_list import MatterView
from casework.objecting import EVIDENCE
from models.database import reading
from procedure.entry import Entry, OfEntry
from web import acting, uploads
from web.act_inputs import ActForm, sent
from web.acting import Problem
from web.after_filing import SEEING
from web.doing import Matter, do
from web.errors import no_such_page
from web.matter_forms import form_of, forms
from web.visitor import Desk, Form, claims

Show = Callable[[MatterView, Problem, str, Form], Response]
"""Shows the page of a matter with why an act on it was not done, and the form once more."""

LISTS: Final = {"entry": "/filed", "change": "/changes", "claim": "/support", "disqualification": "/filed"}
"""The list that each kind stands in; the others stand among the evaluations."""


def perform(desk: Desk, form: Form, view: MatterView, act: str, show: Show) -> Response:
    """Do an act on a matter, or an entry, or show first what it would do."""
    offer = form_of(desk, view, act)
    if offer is None:
        raise no_such_page()
    form, problem = _stored(desk, offer, form)
    if problem is not None:
        return show(view, problem, act, form)

    def again(problem: Problem) -> Response:
        now = seen(desk, view.bureau, view.stands.subject.ref)
        return show(now, problem, act, form)

    answer = do(as_role(desk, view, offer.role), _of_matter(view), offer, form, again)
    return _gone(desk, view, act) if answer.status_code == 303 else answer


def seen(desk: Desk, bureau: str, number: str) -> MatterView:
    """Return a matter, or an entry; what the visitor may not see is not there."""
    with reading(desk.page.portal.engine) as connection:
        try:
            return matter_list.view(connection, claims(desk, SEEING), bureau, number)
        except NoSuchSubject:
            raise no_such_page() from None


def home(view: MatterView) -> str:
    """Return the path of a matter, or of an entry."""
    ref = view.stands.subject.ref
    of_entry = isinstance(view.stands.subject.record, Entry)
    return f"/{'filed' if of_entry else 'matters'}/{view.bureau}/{quote(ref)}"


def _of_matter(view: MatterView) -> Matter:
    """Return a matter, or an entry, as what an act is done to."""
    record = view.stands.subject.record
    name = record.name if isinstance(record, OfEntry) else ""
    return Matter(view.id, view.stands, home(view), f"{view.stands.subject.ref} · {name}")


def as_role(desk: Desk, view: MatterView, role: str) -> Desk:
    """Return the desk of the visitor in a role in which they see the matter."""
    claim = next((each for each in view.claims if each.role == role), None)
    if claim is None:
        raise no_such_page()
    return Desk(desk.page, desk.viewer, claim)


def _stored(desk: Desk, offer: ActForm, form: Form) -> tuple[Form, Problem | None]:
    """Store the files that a form brings, and return the form with them, or with why one cannot be taken."""
    for name in (each.name for each in offer.inputs if each.kind == "files"):
        for brought in form.files(name):
            taken = uploads.take(desk.page, brought, EVIDENCE)
            if isinstance(taken, str):
                return form, uploads.unusable(desk.page, f"{offer.act}-{name}", taken)
            form = form.adding({f"{name}:{taken.digest}": taken.name})
    return form, None


def _gone(desk: Desk, view: MatterView, act: str) -> Response:
    """Lead back to the matter after an act, or to the list for who has nothing more to see of it."""
    acting.wake("evaluation")
    with reading(desk.page.portal.engine) as connection:
        stays = any(matter_list.may_see(connection, claim, view.id) for claim in view.claims)
    kind = view.stands.subject.kind
    return desk.page.go(home(view) if stays else LISTS.get(kind, "/evaluations"), done=act)


def offered(
    desk: Desk, view: MatterView, problem: Problem | None, failed: str, form: Form | None
) -> dict[str, Any]:
    """Return what a page with the acts on a matter, or an entry, needs of them; ``failed`` is shown again."""
    found = forms(desk, view)
    chosen = {} if form is None else dict(sent(form))
    return {
        "home": home(view),
        "place": view.stands.place(desk.page.language),
        "offered": found,
        "means": {each.act: desk.page.has(f"means.{each.act}") for each in found},
        "failed": failed,
        "chosen": chosen,
        "typed": {name: values[-1] for name, values in chosen.items() if values},
        "problem": problem,
        "key": acting.fresh_key(),
        "version": view.stands.subject.version - len(view.stands.pending),
        "done": acting.done(desk.page),
    }
