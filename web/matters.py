"""One matter after filing on the portal: what it is, who answered what, and what may be done now."""

from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from casework import claimable, consortium, documents, file_kind, grants, indicators, matter_list, urging
from casework.access import CITY_ROLES
from casework.claimable import Words
from casework.loading import NoSuchSubject
from casework.matter_list import MatterView
from casework.objecting import EVIDENCE
from casework.terms import Terms
from models.database import reading
from procedure import written
from procedure.act import Refusal
from procedure.change import Change
from procedure.claim import SupportClaim
from procedure.entry import Entry
from procedure.evaluation import Evaluation
from web import acting, uploads
from web.acting import Problem
from web.errors import no_such_page
from web.matter_acts import LISTS, as_role, home, offered, perform, seen
from web.visitor import Desk, Form, Posted, SignedInDesk

router = APIRouter(prefix="/matters")


@router.get("/{bureau}/{number:path}/files/{digest}")
def file(desk: SignedInDesk, bureau: str, number: str, digest: str) -> Response:
    """Return a material of a change, or a file of evidence of a self-report, to be saved."""
    found = {each.digest: each.title for each in seen(desk, bureau, number).files}
    path = documents.path_of(desk.page.portal.files, digest)
    if digest not in found or not path.is_file():
        raise no_such_page()
    return FileResponse(
        path,
        media_type=file_kind.MEDIA_TYPES.get(
            found[digest].rpartition(".")[2].lower(), "application/octet-stream"
        ),
        filename=found[digest],
        content_disposition_type="attachment",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


@router.get("/{bureau}/{number:path}")
def matter(desk: SignedInDesk, bureau: str, number: str) -> Response:
    """Show one matter, and the forms of what may be done now."""
    return _page(desk, seen(desk, bureau, number))


@router.post("/{bureau}/{number:path}/attach_material")
def attach(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Attach the file that the form brings as one of the materials of a change."""
    view = seen(desk, bureau, number)
    target = f"file-{form.text('material')}"
    brought = form.file("file")
    if brought is None:
        problem = uploads.unusable(desk.page, target, desk.page.say("documents.no_file"))
        return _page(desk, view, problem)
    taken = uploads.take(desk.page, brought, EVIDENCE)
    if isinstance(taken, str):
        return _page(desk, view, uploads.unusable(desk.page, target, taken))
    payload = {"material": form.text("material"), "digest": taken.digest, "name": taken.name}
    applicant = as_role(desk, view, "applicant")
    answer = acting.perform(applicant, view.id, "attach_material", payload, form)
    if isinstance(answer, Refusal):
        problem = acting.problem(desk, view, answer, lambda _: target)
        return _page(desk, seen(desk, bureau, number), problem)
    return desk.page.go(home(view), done="attach_material")


@router.post("/{bureau}/{number:path}/urge")
def urge(desk: SignedInDesk, form: Posted, bureau: str, number: str) -> Response:
    """Remind whoever holds a matter."""
    view = seen(desk, bureau, number)
    with reading(desk.page.portal.engine) as connection:
        claim = urging.urger(connection, view.stands, view.claims) or view.claims[0]
    answer = urging.urge(desk.page.portal.engine, view.id, claim, {"remark": form.text("remark")})
    if isinstance(answer, Refusal):
        return _page(desk, view, acting.problem(desk, view, answer), "urge", form)
    return desk.page.go(home(view), done="urge")


@router.post("/{bureau}/{number:path}/{act}")
def act(desk: SignedInDesk, form: Posted, bureau: str, number: str, act: str) -> Response:
    """Do an act, or show first what it would do."""
    return perform(desk, form, seen(desk, bureau, number), act, partial(_page, desk))


def _page(
    desk: Desk,
    view: MatterView,
    problem: Problem | None = None,
    failed: str = "",
    form: Form | None = None,
) -> Response:
    page, subject, procedure = desk.page, view.stands.subject, view.stands.procedure
    record = subject.record
    if isinstance(record, Entry):
        raise no_such_page()
    due = [
        (view.stands.deadline_title(each, page.language), each.due_at, each.state, each.provisional)
        for each in subject.deadlines
        if each.state in ("running", "overdue")
    ]
    more: dict[str, Any] = {"may_attach": False, "its_page": _of_entry(desk, view, record)}
    if isinstance(record, Change):
        rule = procedure.changes[record.aspect]
        more |= {
            "rule": rule,
            "ground": "" if rule.clause is None else page.terms(procedure).clause(rule.clause),
            "told": _told(page.terms(procedure), record),
            "may_attach": subject.outcome is None and subject.stage == "draft" and "applicant" in view.roles,
        }
    if isinstance(record, SupportClaim):
        more |= _judged(desk, view, record)
    if isinstance(record, Evaluation):
        asked = procedure.evaluation
        more |= {
            "contents": {} if asked is None else {each.id: each.title for each in asked.contents},
            "targets": _targets(desk, view),
            "reviews_shown": bool(view.roles & set(CITY_ROLES)),
        }
    with reading(page.portal.engine) as connection:
        urges = urging.told(connection, view.id, view.claims)
        may_urge = urging.urger(connection, view.stands, view.claims) is not None
    return page.answer(
        "matters/page.html",
        status=422 if problem else 200,
        kind=subject.kind,
        ref=subject.ref,
        record=record,
        bureau=view.bureau,
        due=due,
        urges=urges,
        may_urge=may_urge,
        remark="" if form is None else form.text("remark"),
        stages={each.id: each.title.of(page.language) for each in procedure.life(subject.kind).stages},
        back=LISTS.get(subject.kind, "/evaluations"),
        **more,
        **offered(desk, view, problem, failed, form),
    )


def _targets(desk: Desk, view: MatterView) -> list[indicators.Line]:
    with reading(desk.page.portal.engine) as connection:
        return indicators.lines(connection, view.stands.loaded, desk.page.language)


def _of_entry(desk: Desk, view: MatterView, record: Any) -> str:
    """Return the path of the entry's own page, or of its public one for whom the entry does not concern."""
    with reading(desk.page.portal.engine) as connection:
        try:
            matter_list.view(connection, view.claims, view.bureau, record.entry)
        except NoSuchSubject:
            return f"/register/{view.bureau}/{quote(record.entry)}"
    return f"/filed/{view.bureau}/{quote(record.entry)}"


def _told(terms: Terms, record: Change) -> list[tuple[str, str]]:
    """Return what changes, as pairs of a word and a value."""
    told = [("joins", f"{each.name} ({each.uscc})") for each in record.joins]
    told += [("leaves", uscc) for uscc in record.leaves]
    if record.new_lead is not None:
        told.append(("lead", record.new_lead))
    if record.value is not None:
        told.append(("value", record.value))
    return [(terms.term("fields", name), value) for name, value in told] + indicators.set_by(
        terms, record.form
    )


def _judged(desk: Desk, view: MatterView, record: SupportClaim) -> dict[str, Any]:
    """Return the claim's measure in words, and while it is being decided what stands for and against it."""
    words = Words(claimable.support_of(view.bureau), desk.page.language)
    stands = view.stands
    open_still = stands.subject.outcome is None and stands.subject.stage == "review"
    with reading(desk.page.portal.engine) as connection:
        answer = grants.answer(connection, stands.loaded) if open_still else None
        unit = consortium.organisations(connection, [record.beneficiary]).get(record.beneficiary)
    return {
        "measure": words.measure(record.measure),
        "beneficiary": record.beneficiary if unit is None else f"{unit.name} ({unit.uscc})",
        "verdict": None if answer is None else (answer.verdict, words.verdict(answer), words.amount(answer)),
        "reasons_told": []
        if answer is None
        else [(words.reason(each), words.ground(each.clause)) for each in answer.reasons],
        "questions": dict(record.decided),
        "amounts": [
            (name, written.money(amount))
            for name, amount in (("asked", record.asked), ("granted", record.granted))
            if amount is not None
        ],
        "yuan": written.money,
    }
