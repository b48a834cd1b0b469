"""Documents that are sent: looked into, stored, attached."""

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile

from casework import documents, file_kind, intake
from casework.acts import Receipt
from casework.case_view import CaseView
from procedure.definition import Material
from web import acting
from web.acting import Problem
from web.page import Page
from web.visitor import Desk, Form


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was stored: the name it came with, its digest and its size in bytes."""

    name: str
    digest: str
    size: int


def take(page: Page, file: UploadFile, material: Material) -> Taken | str:
    """Store a file that can be one of a material; return why it cannot, in words, for any other."""
    name = intake.clean_name(file.filename or "")
    unfit = intake.unfit(file.file, name, material)
    if unfit is not None or name is None:
        formats = page.terms().listed(each.upper() for each in material.formats)
        return page.say(f"documents.{unfit}", formats=formats, most=material.max_megabytes)
    stored = documents.store(page.portal.engine, page.portal.files, file.file)
    return Taken(name, stored.digest, stored.size)


def attach(desk: Desk, view: CaseView, form: Form, member: str | None) -> Problem | None:
    """Attach the file that the form brings as one of the materials; return why not, None once it is."""
    page = desk.page
    material = view.stands.procedure.material.get(form.text("material"))
    target = f"file-{form.text('material')}-{member or view.application.lead}"
    if material is None:
        return unusable(page, target, page.say("documents.unknown_material"))
    file = form.file("file")
    if file is None:
        return unusable(page, target, page.say("documents.no_file"))
    taken = take(page, file, material)
    if isinstance(taken, str):
        return unusable(page, target, taken)
    payload: dict[str, Any] = {
        "material": material.id,
        "digest": taken.digest,
        "name": taken.name,
        "size": taken.size,
        "media_type": file_kind.MEDIA_TYPES[_extension(taken.name)],
    }
    if member is not None and desk.claim.role == "applicant":
        payload["member"] = member
    answer = acting.perform(desk, view.id, "attach_document", payload, form)
    return None if isinstance(answer, Receipt) else acting.problem(desk, view, answer, lambda _: target)


def _extension(name: str) -> str:
    extension = name.rpartition(".")[2].lower()
    return "jpg" if extension == "jpeg" else extension


def unusable(page: Page, target: str, why: str) -> Problem:
    """Return the problem of a file that cannot be taken, with where to choose another."""
    return Problem(why, ((target, page.say("documents.choose_again")),), "", None)
