"""The bureau's procedures, revision by revision: read, checked, compared, tried on open calls, published."""

import datetime
from itertools import groupby
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from casework import pack_text, procedure_list, revised_words
from casework.migration import Plan
from casework.procedure_list import Revision
from casework.terms import term
from models.database import reading, writing
from procedure.difference import SECTIONS, differences
from web.api.caller import Actor, Bureau, Caller
from web.api.problem import Both, answered, plain, refused
from web.bureau.work import calls_of

router = APIRouter(prefix="/procedures", tags=["procedures"])

Name = Annotated[str, Path(max_length=100, description="How its hash begins, 12 characters at least.")]


class RevisionLine(BaseModel):
    """One revision of a procedure; ``published_at`` is None for one that ships and is not published yet."""

    code: str
    hash: str
    title: Both
    bureau: str
    published_at: datetime.datetime | None
    published_by: str | None


class Found(BaseModel):
    """What the check found: a flaw, with which it cannot be published, or a remark."""

    severity: Literal["flaw", "remark"]
    says: Both


class Differs(BaseModel):
    """A part of the procedure, and in words what differs in it from the revision before."""

    section: Both
    says: list[Both]


class RevisionRead(RevisionLine):
    """A revision as a text, with what its check found, and what differs from the one ``before`` it."""

    text: Both
    findings: list[Found]
    before: str | None = Field(description="Its hash; None for the first.")
    differences: list[Differs]


class CaseMoves(BaseModel):
    """What would change for a call itself or a case of it; ``blocked`` if it could not be moved."""

    number: str
    blocked: bool
    says: list[Both]


class CallMoves(BaseModel):
    """What moving an open call to the revision would do, or why it cannot be moved."""

    call: str
    subjects: list[CaseMoves]
    problem: dict[str, Any] | None


@router.get("", responses=answered())
def list_procedures(caller: Bureau) -> list[RevisionLine]:
    """List every revision of the bureau's procedures, the newest of each first."""
    with reading(caller.portal.engine) as connection:
        return [_line(each) for each in procedure_list.readable(connection, caller.claim)]


@router.get("/{name}", responses=answered())
def show(caller: Bureau, name: Name) -> RevisionRead:
    """Show a revision as a text, what its check found, and what differs from the revision before."""
    with reading(caller.portal.engine) as connection:
        known, revision = _named(connection, caller, name)
    before = procedure_list.before(known, revision)
    found = () if before is None else differences(before.procedure, revision.procedure, term)
    zh, en = ("\n".join(pack_text.lines(revision.procedure, language)) for language in ("zh", "en"))
    return RevisionRead(
        **_line(revision).model_dump(),
        text=Both(zh=zh, en=en),
        findings=_found(revision),
        before=None if before is None else before.hash,
        differences=[
            Differs(
                section=Both(zh=SECTIONS[section].zh, en=SECTIONS[section].en),
                says=[Both(zh=each.said.of("zh"), en=each.said.of("en")) for each in listed],
            )
            for section, listed in groupby(found, lambda each: each.section)
        ],
    )


@router.get("/{name}/moves", responses=answered())
def moves(caller: Bureau, name: Name) -> list[CallMoves]:
    """Tell what moving each open call of the procedure to a published revision would do; nothing is moved."""
    with reading(caller.portal.engine) as connection:
        _, revision = _named(connection, caller, name)
        found = procedure_list.tried(connection, calls_of(connection, caller.claim), revision)
    return [
        CallMoves(call=code, subjects=_moves(answer), problem=None)
        if isinstance(answer, Plan)
        else CallMoves(call=code, subjects=[], problem=refused(answer).problem.model_dump(mode="json"))
        for code, answer in found
    ]


@router.post("/{name}/publish", responses=answered(409, 413))
def publish(caller: Actor, _bureau: Bureau, name: Name) -> RevisionLine:
    """Publish a revision that ships, for an administrator: calls can then be announced under it."""
    if caller.claim.role != "administrator":
        raise plain(403, "role", needs=["administrator"])
    with reading(caller.portal.engine) as connection:
        _, revision = _named(connection, caller, name)
    if revision.id is not None:
        raise plain(409, "already_published", hash=revision.hash)
    if revision.flawed:
        told = [each.says.model_dump() for each in _found(revision) if each.severity == "flaw"]
        raise plain(409, "flawed", hash=revision.hash, flaws=told)
    with writing(caller.portal.engine) as connection:
        procedure_list.publish(connection, revision, caller.claim.person)
        return _line(_named(connection, caller, name)[1])


def _named(connection: Connection, caller: Caller, name: str) -> tuple[list[Revision], Revision]:
    known = procedure_list.readable(connection, caller.claim)
    found = procedure_list.named(known, name)
    if found is None:
        raise plain(404, "not_found")
    return known, found


def _line(each: Revision) -> RevisionLine:
    title, published = each.procedure.title, each.published
    return RevisionLine(
        code=each.procedure.code,
        hash=each.hash,
        title=Both(zh=title.zh, en=title.en),
        bureau=each.procedure.bureau.code,
        published_at=None if published is None else published.published_at,
        published_by=None if published is None else published.published_by,
    )


def _found(revision: Revision) -> list[Found]:
    return [
        Found(severity=each.severity, says=Both(zh=each.text("zh"), en=each.text("en")))
        for each in revision.findings
    ]


def _moves(plan: Plan) -> list[CaseMoves]:
    return [
        CaseMoves(
            number=each.ref,
            blocked=bool(each.blocks),
            says=[
                Both(zh=zh, en=en)
                for zh, en in zip(
                    revised_words.lines(each, "zh"), revised_words.lines(each, "en"), strict=True
                )
            ],
        )
        for each in plan.subjects
    ]
