"""The pages of an application while it is filled in, corrected and submitted."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import Response

from casework import clock, first_people, public, unit_links, work_list
from casework.case_view import CaseView
from casework.terms import Terms
from models.database import reading
from procedure.definition import FormField
from procedure.instant import day_of
from procedure.uscc import InvalidUscc, valid
from web import acting, cases, fields
from web.acting import Problem
from web.errors import no_such_page
from web.public import left
from web.urge import may_urge
from web.visitor import Desk

SECTIONS: Final = ("consortium", "lead")
"""The sections of the form about the whole; the rest is asked of each member unit."""


def start_page(desk: Desk, bureau: str, code: str, problem: Problem | None = None) -> Response:
    """Return the page on which an application begins."""
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        card = next(iter(public.call_cards(connection, now, bureau, code)), None)
        if card is None:
            raise no_such_page()
        districts = work_list.districts(connection, bureau)
        units = work_list.units(connection, desk.claim)
    return desk.page.answer(
        "applicant/start.html",
        status=422 if problem else 200,
        card=card,
        left=left(desk.page, card.closes_at, now) if card.accepting else None,
        districts=districts,
        units=units,
        chosen=next((unit.district for unit in units if unit.district), None),
        problem=problem,
        key=acting.fresh_key(),
    )


def case_page(desk: Desk, view: CaseView, problem: Problem | None = None) -> Response:
    """Return a case as a list of tasks while it can be filled in, else as where it is."""
    if "submit" not in view.may and "resubmit" not in view.may:
        return cases.case_page(desk, view, "applicant/case.html", problem, may_urge=may_urge(desk, view))
    lacking = cases.lacking(view)
    parts = {section: sum(each.startswith(f"{section}.") for each in lacking) for section in SECTIONS}
    parts["members"] = sum(each.startswith("member:") for each in lacking)
    parts["documents"] = sum(each.startswith("document:") for each in lacking)
    return cases.case_page(
        desk,
        view,
        "applicant/tasks.html",
        parts=parts,
        begun={
            section: any(path.startswith(section) for path in view.application.form) for section in SECTIONS
        },
        lacking=lacking,
        conditions=cases.conditions(desk, view),
        remarks=_remarks(view),
    )


def _remarks(view: CaseView) -> dict[str, str]:
    correction = view.application.correction
    return {} if correction is None else {each.item: each.remark for each in correction.items}


def values(view: CaseView, unit: str) -> dict[str, Any]:
    """Return what the form holds about the whole, or about one member unit."""
    member = view.application.member(unit) if unit else None
    return view.application.form if member is None else member.form


def open_fields(view: CaseView, section: str, unit: str) -> list[FormField]:
    """Return the fields of a section that can be changed now: in a correction the listed ones only."""
    if section not in (*SECTIONS, "member") or (section == "member") != bool(unit):
        raise no_such_page()
    if unit and view.application.member(unit) is None:
        raise no_such_page()
    asked = [field for field in view.stands.procedure.form if field.path.startswith(f"{section}.")]
    if view.application.correction is None:
        return asked
    listed = _remarks(view)
    return [field for field in asked if (f"member:{unit}" if unit else field.path) in listed]


def form_page(
    desk: Desk,
    view: CaseView,
    section: str,
    unit: str,
    saved: fields.Saved | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """Return a section of the form, with what was typed and what is wrong with it."""
    if "save_draft" not in view.may:
        return over_page(desk, view, None if saved is None else saved.problem, typed)
    asked = open_fields(view, section, unit)
    errors = {} if saved is None else dict(saved.errors)
    problem = None if saved is None else saved.problem
    if saved is not None and problem is None and (errors or saved.conflicts):
        links = [(fields.identity(path), text) for path, text in errors.items()]
        problem = Problem(desk.page.say("form.not_all_saved"), tuple(links), "", None)
    return cases.case_page(
        desk,
        view,
        "applicant/form.html",
        problem,
        section=section,
        unit=view.application.member(unit) if unit else None,
        conflicts=() if saved is None else saved.conflicts,
        fields=fields.shown(
            desk, view.stands.procedure, asked, values(view, unit), typed, errors, _remarks(view)
        ),
        conditions=cases.conditions(desk, view),
        remark=_remarks(view).get(f"member:{unit}") if unit else None,
    )


def over_page(
    desk: Desk, view: CaseView, problem: Problem | None = None, typed: dict[str, str] | None = None
) -> Response:
    """Tell that the time to fill in is over, with what was typed and could not be saved.

    A page that was only asked for, of a case that goes on, is not there.
    """
    subject, terms = view.stands.subject, desk.page.terms(view.stands.procedure)
    if problem is None and subject.outcome is None:
        raise no_such_page()
    with reading(desk.page.portal.engine) as connection:
        now = clock.now(connection)
        closes_at = work_list.closes_at(connection, view.id)
    return cases.case_page(
        desk,
        view,
        "applicant/over.html",
        problem,
        closes_at=closes_at if closes_at is not None and closes_at < now else None,
        typed=[(terms.field(path), text) for path, text in (typed or {}).items() if text.strip()],
    )


def looked_up(desk: Desk, uscc: str) -> dict[str, Any]:
    """Return the unit of a code, if it is one and known; ``asked`` says that a code was given."""
    try:
        code = valid(uscc)
    except InvalidUscc:
        return {"asked": bool(uscc.strip()), "unit": None, "valid": False, "kinds": KINDS}
    with reading(desk.page.portal.engine) as connection:
        return {
            "asked": True,
            "unit": work_list.organisation(connection, code),
            "valid": True,
            "kinds": KINDS,
        }


KINDS: Final = (
    "enterprise",
    "university",
    "institute",
    "new_rnd_institution",
    "innovation_body",
    "service_agency",
    "medical_institution",
)
"""The kinds of unit that may be invited (``InviteMember.kind``)."""


def members_page(
    desk: Desk,
    view: CaseView,
    problem: Problem | None = None,
    values: dict[str, str] | None = None,
    uscc: str = "",
) -> Response:
    """Return the member units and the form to invite one."""
    lacking = cases.lacking(view)
    portal = desk.page.portal
    with reading(portal.engine) as connection:
        reach = unit_links.reach(connection, view.id, clock.present(None), day_of(view.stands.loaded.now))
        came = first_people.who_confirmed(connection, view.id)
    return cases.case_page(
        desk,
        view,
        "applicant/members.html",
        problem,
        reach=reach,
        came=came,
        links=portal.seal is not None and portal.settings.url is not None,
        **looked_up(desk, uscc),
        values={"uscc": uscc, **(values or {})},
        lacking={
            member.uscc: [item for item in lacking if member.uscc in item]
            for member in view.application.members
        },
        remarks=_remarks(view),
    )


def documents_page(desk: Desk, view: CaseView, problem: Problem | None = None) -> Response:
    """Return the materials, those to be corrected alone in a correction."""
    return cases.case_page(
        desk,
        view,
        "applicant/documents.html",
        problem,
        papers=cases.papers(desk, view),
        remarks=_remarks(view),
        correcting=view.application.correction is not None,
    )


def review_page(desk: Desk, view: CaseView, problem: Problem | None = None) -> Response:
    """Return everything as it would be submitted."""
    if "submit" not in view.may and "resubmit" not in view.may:
        return over_page(desk, view, problem)
    terms = desk.page.terms(view.stands.procedure)
    form = view.stands.procedure.form
    a = view.application
    return cases.case_page(
        desk,
        view,
        "applicant/review.html",
        problem,
        sections=[
            (
                section,
                [
                    (f.title.of(desk.page.language), _said(terms, f, a.form))
                    for f in form
                    if f.path.startswith(f"{section}.")
                ],
            )
            for section in SECTIONS
        ],
        member_sections=[
            (
                member,
                [
                    (f.title.of(desk.page.language), _said(terms, f, member.form))
                    for f in form
                    if f.path.startswith("member.") and f.path in member.form
                ],
            )
            for member in a.members
        ],
        papers=cases.papers(desk, view),
        lacking=cases.lacking(view),
        conditions=cases.conditions(desk, view),
        where=where(desk, view),
        correcting=a.correction is not None,
    )


def _said(terms: Terms, field: FormField, values: dict[str, Any]) -> str | None:
    return terms.value(field.path, values[field.path]) if field.path in values else None


def where(desk: Desk, view: CaseView) -> Callable[[str], str | None]:
    """Return what leads from a missing item to the page on which it is given."""

    def target(item: str) -> str | None:
        kind, _, rest = item.partition(":")
        base = cases.home(desk, view)
        if kind == "document":
            material, _, owner = rest.partition(":")
            return desk.page.url(f"{base}/documents") + f"#file-{material}-{owner or view.application.lead}"
        if kind == "member":
            code, _, last = rest.partition(":")
            if last == "answer":
                return desk.page.url(f"{base}/members")
            return desk.page.url(f"{base}/form/member", unit=code) + f"#{fields.identity(last)}"
        section = item.partition(".")[0]
        return desk.page.url(f"{base}/form/{section}") + f"#{fields.identity(item)}"

    return target
