"""Procedures at the bureau: read, drawn, proved, compared, tried on open cases, and published."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

from fastapi import APIRouter, Response

from casework import access, clock, loading, migration, pack_text, procedures, revised_words, revisions
from casework.migration import Plan, Wanted
from casework.revisions import Published
from casework.terms import term
from models.database import reading, writing
from procedure.check import check
from procedure.definition import Procedure
from procedure.diagram import drawn
from procedure.difference import SECTIONS, differences
from procedure.instant import day_of
from procedure.pack import shipped, shipped_codes
from web import acting
from web.bureau.records import named_acts
from web.bureau.work import calls_of
from web.cases import BureauDesk
from web.errors import no_such_page
from web.visitor import Desk, Posted

router = APIRouter(prefix="/bureau/procedures")

HASH: Final = 12
"""So many characters of a revision's hash stand in an address."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision that the bureau may read: published, or shipped and not published yet (``id`` is None)."""

    id: int | None
    hash: str
    procedure: Procedure
    published: Published | None

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/bureau/procedures/{self.hash[:HASH]}"


def _revisions(desk: Desk) -> list[Revision]:
    """Return the revisions of the bureau's procedures, newest first, those that only ship before them."""
    with reading(desk.page.portal.engine) as connection:
        day = day_of(clock.now(connection))
        bureaus = {actor.bureau for actor in access.roles_of(connection, desk.claim, day)}
        known = [
            Revision(each.id, each.content_hash, procedures.of_revision(connection, each.id), each)
            for each in revisions.published(connection)
        ]
    hashes = {each.hash for each in known}
    packs = [shipped(code) for code in shipped_codes()]
    fresh = [
        Revision(None, pack.content_hash, pack.procedure, None)
        for pack in packs
        if pack.content_hash not in hashes
    ]
    return [each for each in (*fresh, *known) if each.procedure.bureau.code in bureaus]


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
        about=f"{revision.procedure.code} · {revision.hash[:HASH]}",
        back=revision.path,
        svg=drawn(revision.procedure, desk.page.language, named_acts()),
    )


@router.post("/{name}/publish")
def publish(desk: BureauDesk, form: Posted, name: str) -> Response:
    """Publish a revision that ships, if its check finds no flaw: calls can then be announced under it."""
    if "administrator" not in desk.viewer.roles:
        raise no_such_page()
    revision = _named(_revisions(desk), name)
    flaws = [each for each in check(revision.procedure) if each.severity == "flaw"]
    if flaws or form.text("confirmed") != "true" or revision.id is not None:
        return _page(desk, name, asked=not flaws)
    with writing(desk.page.portal.engine) as connection:
        pack = shipped(revision.procedure.code)
        procedures.publish(connection, pack, clock.now(connection), desk.viewer.person)
    return desk.page.go(revision.path)


def _named(known: list[Revision], name: str) -> Revision:
    found = [each for each in known if each.hash.startswith(name)] if len(name) >= HASH else []
    if len(found) != 1:
        raise no_such_page()
    return found[0]


def _page(desk: Desk, name: str, *, asked: bool = False, tried: bool = False) -> Response:
    page, known = desk.page, _revisions(desk)
    revision = _named(known, name)
    before = _before(known, revision)
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
        flaws=[(each.severity, each.text(page.language)) for each in check(revision.procedure)],
        before=before,
        differences=told,
        plans=_tried(desk, revision) if tried else None,
        moves=partial(revised_words.lines, language=page.language),
        may_publish="administrator" in desk.viewer.roles and revision.id is None,
        asked=asked,
        key=acting.fresh_key(),
    )


def _before(known: list[Revision], revision: Revision) -> Revision | None:
    """Return the revision of the same procedure that was the newest before this one."""
    same = [each for each in known if each.procedure.code == revision.procedure.code]
    return next(iter(same[same.index(revision) + 1 :]), None)


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
    if revision.id is None:
        return []
    found: list[tuple[str, Plan | None, str]] = []
    with reading(desk.page.portal.engine) as connection:
        for card in calls_of(connection, desk.claim):
            call = loading.one(connection, card.id)
            if call.subject.outcome is not None or call.procedure.code != revision.procedure.code:
                continue
            answer = migration.plan(connection, Wanted(card.id, revision.id, {}))
            if isinstance(answer, Plan):
                found.append((card.code, answer, ""))
            else:
                problem = acting.problem(desk, None, answer)
                found.append((card.code, None, problem.says))
    return found
