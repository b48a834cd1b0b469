"""What the desks have in common: a case that its viewer may see, its documents, and its page."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, Response
from fastapi.responses import FileResponse

from casework import case_view, documents, file_kind, loading, work_list
from casework.case_view import CaseView
from casework.loading import Loaded, NoSuchSubject
from casework.terms import Terms
from models.database import reading
from procedure import written
from procedure.acts.eligible import asked
from procedure.completeness import missing
from procedure.eligibility import Assessment
from procedure.panel import anonymous
from procedure.subject import Document
from web import acting
from web.acting import Problem
from web.errors import no_such_page
from web.visitor import DESKS, Desk, at_desk

ApplicantDesk = Annotated[Desk, Depends(at_desk("applicant"))]
MemberDesk = Annotated[Desk, Depends(at_desk("member"))]
DistrictDesk = Annotated[Desk, Depends(at_desk("district_officer"))]
BUREAU_ROLES: Final = ("city_officer", "city_leader", "administrator")
"""The roles that work at the city bureau's desk; somebody may hold several."""
BureauDesk = Annotated[Desk, Depends(at_desk(*BUREAU_ROLES))]
ExpertDesk = Annotated[Desk, Depends(at_desk("expert"))]
OperationsDesk = Annotated[Desk, Depends(at_desk("operations"))]


def seen(desk: Desk, bureau: str, number: str) -> CaseView:
    """Return a case as it stands; what the viewer may not see is not there."""
    with reading(desk.page.portal.engine) as connection:
        try:
            case_id = work_list.find(connection, desk.claim, bureau, number)
        except NoSuchSubject:
            raise no_such_page() from None
        return case_view.view(connection, case_id, desk.claim, desk.page.language)


def recorded(desk: Desk, bureau: str, number: str) -> Loaded:
    """Return a case as it is recorded, to act on it; what the viewer may not see is not there."""
    with reading(desk.page.portal.engine) as connection:
        try:
            return loading.one(connection, work_list.find(connection, desk.claim, bureau, number))
        except NoSuchSubject:
            raise no_such_page() from None


def home(desk: Desk, view: CaseView) -> str:
    """Return the path of a case at this desk."""
    return f"/{DESKS[desk.claim.role]}/{view.bureau}/{quote(view.stands.subject.ref)}"


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule of eligibility as a page shows it: its answer, its ground, and where it is not met, why."""

    answer: str
    title: str
    ground: str
    why: str


def conditions(desk: Desk, view: CaseView) -> list[Condition]:
    """Return every rule that applies, what is not met first, then what cannot be told, then the rest."""
    procedure, language = view.stands.procedure, desk.page.language
    terms = desk.page.terms(procedure)
    reasons = {waiver.rule: waiver.reason for waiver in view.application.waivers}
    rules = {rule.id: rule for rule in procedure.rules}
    found = [
        Condition(
            each.answer,
            rules[each.rule].title.of(language),
            written.ground(procedure, rules[each.rule], language),
            _why(desk, terms, each, reasons.get(each.rule, "")),
        )
        for each in view.stands.eligibility()
        if each.answer != "not_applicable"
    ]
    return sorted(found, key=lambda each: ("not_met", "cannot_tell", "waived", "met").index(each.answer))


def _why(desk: Desk, terms: Terms, each: Assessment, reason: str) -> str:
    told = asked(each)
    if each.answer == "cannot_tell":
        missing = terms.listed(terms.item(item) for item in told["missing"])
        return desk.page.say("conditions.lacks", missing=missing)
    if each.answer == "not_met":
        known = terms.procedure.field if terms.procedure is not None else {}
        return (
            terms.listed(
                terms.say("fact", field=terms.field(path), value=terms.value(path, value))
                for path, value in told["facts"].items()
                if path in known
            )
            if any(path in known for path in told["facts"])
            else ""
        )
    return reason


def lacking(view: CaseView) -> list[str]:
    """Return what the application still needs to be submitted."""
    return missing(view.stands.procedure, view.application, "submit")


def papers(desk: Desk, view: CaseView) -> list[dict[str, Any]]:
    """Return every material that is handed in here, with whose it is and the document that lies there."""
    a, procedure = view.application, view.stands.procedure
    attached = {(document.material, document.owner): document for document in a.documents}
    units = {
        a.district: desk.page.say("bureau.district"),
        a.lead: a.lead_name,
        **{member.uscc: member.name for member in a.members},
    }
    found: list[dict[str, Any]] = []
    for material in procedure.materials:
        owners = [a.lead]
        if material.by == "district":
            # It counts on paper, so a scan is shown only where there is one.
            owners = [a.district] if (material.id, a.district) in attached else []
        if material.by == "member":
            owners = [member.uscc for member in a.members if member.status != "declined"]
        found += [
            {
                "material": material,
                "id": f"{material.id}-{owner}",
                "title": material.title.of(desk.page.language),
                "ground": written.ground(procedure, material, desk.page.language),
                "owner": owner,
                "unit": units[owner],
                "document": attached.get((material.id, owner)),
                "needed": material.needed_for == "submit",
            }
            for owner in owners
        ]
    return found


def case_page(
    desk: Desk, view: CaseView, template: str, problem: Problem | None = None, **context: Any
) -> Response:
    """Answer with a page of a case; one that shows a problem has the status of what could not be done."""
    everything = {
        "view": view,
        "a": view.application,
        "subject": view.stands.subject,
        "place": view.stands.place(desk.page.language),
        "home": home(desk, view),
        "desk_role": desk.claim.role,
        "terms": desk.page.terms(view.stands.procedure),
        "now": view.stands.loaded.now,
        "key": acting.fresh_key(),
        "version": view.version,
        "problem": problem,
        "done": acting.done(desk.page),
        "values": dict[str, str](),
        **context,
    }
    return desk.page.answer(template, status=422 if problem else 200, **everything)


def download(desk: Desk, bureau: str, number: str, material: str, owner: str) -> Response:
    """Return an attached document as a file to be saved, under the name it came with."""
    view = seen(desk, bureau, number)
    found = next(
        (each for each in view.application.documents if (each.material, each.owner) == (material, owner)),
        None,
    )
    if found is None or not may_read(desk, view, found):
        raise no_such_page()
    path = documents.path_of(desk.page.portal.files, found.digest)
    if not path.is_file():
        raise no_such_page()
    media_type = file_kind.MEDIA_TYPES.get(found.name.rpartition(".")[2].lower(), "application/octet-stream")
    return FileResponse(
        path,
        media_type=media_type,
        filename=_given_as(desk, view, found),
        content_disposition_type="attachment",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _given_as(desk: Desk, view: CaseView, document: Document) -> str:
    """Return the name a document is saved under; in an anonymous review not the one it came with."""
    if desk.claim.role != "expert" or not anonymous(view.stands.procedure):
        return document.name
    title = view.stands.procedure.material[document.material].title.of(desk.page.language)
    return f"{view.stands.subject.ref} {title}.{document.name.rpartition('.')[2].lower()}"


def may_read(desk: Desk, view: CaseView, document: Document) -> bool:
    """Return whether the viewer may read a document: a member unit its own, others all of the case.

    Of a case in anonymous review experts read the anonymous ones.
    """
    if desk.claim.role == "expert":
        procedure = view.stands.procedure
        return not anonymous(procedure) or procedure.material[document.material].anonymous
    return desk.claim.role != "member" or document.owner in units_of(desk, view)


def units_of(desk: Desk, view: CaseView) -> frozenset[str]:
    """Return the member units of the case that the viewer speaks for."""
    with reading(desk.page.portal.engine) as connection:
        own = {unit.uscc for unit in work_list.units(connection, desk.claim)}
    return frozenset(member.uscc for member in view.application.members if member.uscc in own)
