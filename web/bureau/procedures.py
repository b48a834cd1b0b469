"""Procedures at the bureau: read, drawn, proved, compared, tried on open cases, and published."""

from collections.abc import Iterable
from functools import partial
from itertools import groupby

from fastapi import APIRouter, Response

from casework import pack_text, procedure_list, revised_words
from casework.migration import Plan
from casework.procedure_list import Revision
from casework.terms import term
from models.database import reading, writing
from procedure.diagram import drawn
from procedure.difference import SECTIONS, differences
from web import acting
from web.bureau.records import named_acts
from web.bureau.work import calls_of
from web.cases import BureauDesk
from web.errors import no_such_page
from web.visitor import Desk, Posted

router = APIRouter(prefix="/bureau/procedures")


def _revisions(desk: Desk) -> list[Revision]:
    with reading(desk.page.portal.engine) as connection:
        return procedure_list.readable(connection, desk.claim)


@router.get("")
def all_procedures(desk: BureauDesk) -> Response:
    """Show every revision of the bureau's procedures."""
    return desk.page.answer(
        "bureau/procedures.html",
        revisions=[(each, each.procedure.title.of(desk.page.language)) for each in _revisions(desk)],
    )


@router.get("/{name}")
def one(desk: BureauDesk, name: str, tried: bool = False) -> Response:
    """Show a revision as text, with what its check found and what differs from the revision before.

    Where it is asked to be ``tried``, also what moving open calls to it would do.
    """
    return _page(desk, name, tried=tried)


@router.get("/{name}/picture")
def picture(desk: BureauDesk, name: str) -> Response:
    """Show a revision as a diagram."""
    known = _revisions(desk)
    revision = _named(known, name)
    return desk.page.answer(
        "bureau/picture.html",
        title=revision.procedure.title.of(desk.page.language),
        about=f"{revision.procedure.code} · {revision.name}",
        back=_path(revision),
        svg=drawn(revision.procedure, desk.page.language, named_acts()),
    )


@router.post("/{name}/publish")
def publish(desk: BureauDesk, form: Posted, name: str) -> Response:
    """Publish a revision that ships, if its check finds no flaw: calls can then be announced under it."""
    if "administrator" not in desk.viewer.roles:
        raise no_such_page()
    revision = _named(_revisions(desk), name)
    flawed = revision.flawed
    if flawed or form.text("confirmed") != "true" or revision.id is not None:
        return _page(desk, name, asked=not flawed)
    with writing(desk.page.portal.engine) as connection:
        procedure_list.publish(connection, revision, desk.viewer.person)
    return desk.page.go(_path(revision))


def _path(revision: Revision) -> str:
    return f"/bureau/procedures/{revision.name}"


def _named(known: list[Revision], name: str) -> Revision:
    found = procedure_list.named(known, name)
    if found is None:
        raise no_such_page()
    return found


def _page(desk: Desk, name: str, *, asked: bool = False, tried: bool = False) -> Response:
    page, known = desk.page, _revisions(desk)
    revision = _named(known, name)
    before = procedure_list.before(known, revision)
    found = () if before is None else differences(before.procedure, revision.procedure, term)
    told = [
        (SECTIONS[section].of(page.language), [each.said.of(page.language) for each in listed])
        for section, listed in groupby(found, lambda each: each.section)
    ]
    return page.answer(
        "bureau/procedure.html",
        revision=revision,
        title=revision.procedure.title.of(page.language),
        lines=_sections(pack_text.lines(revision.procedure, page.language)),
        flaws=[(each.severity, each.text(page.language)) for each in revision.findings],
        before=before,
        differences=told,
        plans=_tried(desk, revision) if tried else None,
        moves=partial(revised_words.lines, language=page.language),
        may_publish="administrator" in desk.viewer.roles and revision.id is None,
        asked=asked,
        key=acting.fresh_key(),
    )


def _sections(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Return the text of a pack in parts: the heading of each, empty for the first, and its lines."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    blank = False
    for line in lines:
        if blank:
            parts.append((line.strip("【】"), []))
        elif line:
            parts[-1][1].append(line)
        blank = not line
    return [(head, "\n".join(told)) for head, told in parts]


def _tried(desk: Desk, revision: Revision) -> list[tuple[str, Plan | None, str]]:
    """Return what moving each open call of the procedure to this revision would do; nothing is moved."""
    with reading(desk.page.portal.engine) as connection:
        found = procedure_list.tried(connection, calls_of(connection, desk.claim), revision)
    return [
        (code, answer, "")
        if isinstance(answer, Plan)
        else (code, None, acting.problem(desk, None, answer).says)
        for code, answer in found
    ]
