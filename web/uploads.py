"""Documents that are sent: looked into, stored, attached."""

from typing import Any

from casework import documents, file_kind, intake
from casework.acts import Receipt
from casework.case_view import CaseView
from web import acting
from web.acting import Problem
from web.visitor import Desk, Form


def attach(desk: Desk, view: CaseView, form: Form, member: str | None) -> Problem | None:
    """Attach the file that the form brings as one of the materials; return why not, None once it is."""
    page = desk.page
    material = view.stands.procedure.material.get(form.text("material"))
    target = f"file-{form.text('material')}-{member or view.application.lead}"
    if material is None:
        return _told(desk, target, "documents.unknown_material")
    file = form.file("file")
    if file is None:
        return _told(desk, target, "documents.no_file")
    name = intake.clean_name(file.filename or "")
    unfit = intake.unfit(file.file, name, material)
    if unfit is not None:
        formats = page.terms().listed(each.upper() for each in material.formats)
        return _told(desk, target, f"documents.{unfit}", formats=formats, most=material.max_megabytes)
    stored = documents.store(page.portal.engine, page.portal.files, file.file)
    payload: dict[str, Any] = {
        "material": material.id,
        "digest": stored.digest,
        "name": name,
        "size": stored.size,
        "media_type": file_kind.MEDIA_TYPES[_extension(str(name))],
    }
    if member is not None and desk.claim.role == "applicant":
        payload["member"] = member
    answer = acting.perform(desk, view.id, "attach_document", payload, form)
    return None if isinstance(answer, Receipt) else acting.problem(desk, view, answer, lambda _: target)


def _extension(name: str) -> str:
    extension = name.rpartition(".")[2].lower()
    return "jpg" if extension == "jpeg" else extension


def _told(desk: Desk, target: str, key: str, **facts: Any) -> Problem:
    page = desk.page
    return Problem(page.say(key, **facts), ((target, page.say("documents.choose_again")),), "", None)
