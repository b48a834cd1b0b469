"""A call at a recommending unit: what waits for it, its quota and ranking, and its letter."""

from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from casework import recommending
from casework.recommending import LETTER
from models.database import reading
from web import letters
from web.api import joint, shapes
from web.api.caller import Actor, Caller, District
from web.api.cases import Key
from web.api.documents import stored
from web.api.problem import Both, answered, plain
from web.page import Page

router = APIRouter(prefix="/calls/{bureau}/{code}/recommending", tags=["calls"])

ACTS: Final = ("accept_online", "endorse")

Typed = Annotated[str, Query(max_length=100)]


class Recommended(BaseModel):
    """A case that the unit recommended: its place in the unit's ranking, where it stands, and its letter."""

    number: str
    lead: str
    direction: str
    position: int | None
    stage: str
    outcome: str | None
    letter: shapes.Paper | None


class LetterWanted(BaseModel):
    """The letter that goes with the recommended cases; ``jointly`` with the finance bureau of the place."""

    title: Both
    jointly: bool
    formats: list[str]
    max_megabytes: int
    for_cases: list[str] = Field(description="Those to which it can be attached now.")


class Recommending(BaseModel):
    """How far a unit is with a call: ``ready`` by act, quota (None for any number), ranking and letter."""

    unit: Both
    quota: int | None
    made: int
    ready: dict[Literal["accept_online", "endorse"], list[str]]
    recommended: list[Recommended]
    letter: LetterWanted | None = Field(description="None where the procedure asks for none.")


@router.get("", responses=answered())
def show(caller: District, bureau: str, code: str) -> Recommending:
    """Show how far the caller's unit is with a call in which it has cases."""
    with reading(caller.portal.engine) as connection:
        found = _found(connection, caller, bureau, code)
    material = found.letter
    return Recommending(
        unit=Both(zh=found.unit.name_zh, en=found.unit.name_en),
        quota=found.quota or None,
        made=found.made,
        ready={act: list(found.ready(act)) for act in ACTS},
        recommended=[
            Recommended(
                number=number,
                lead=each.lead_name,
                direction=str(each.application.form.get("consortium.direction", "")),
                position=each.application.recommended_as,
                stage=each.stage,
                outcome=each.outcome,
                letter=next(
                    (
                        shapes.Paper(**{name: getattr(paper, name) for name in shapes.Paper.model_fields})
                        for paper in each.application.documents
                        if paper.material == LETTER
                    ),
                    None,
                ),
            )
            for number, each in found.recommended.items()
        ],
        letter=None
        if material is None
        else LetterWanted(
            title=Both(zh=material.title.zh, en=material.title.en),
            jointly=found.unit.joint,
            formats=list(material.formats),
            max_megabytes=material.max_megabytes,
            for_cases=list(found.at("attach_document")),
        ),
    )


@router.get(
    "/letter",
    responses=answered() | {200: {"description": "The letter.", "content": {"application/pdf": {}}}},
    response_class=Response,
)
def draw_up(
    caller: District,
    bureau: str,
    code: str,
    number: Annotated[Typed, Query(description="Of the document.")] = "",
    finance: Annotated[Typed, Query(description="The finance bureau that joins it, where one does.")] = "",
    language: Literal["zh", "en"] = "zh",
) -> Response:
    """Give the letter that recommends the unit's cases as a PDF, to be printed and stamped."""
    with reading(caller.portal.engine) as connection:
        found = _found(connection, caller, bureau, code)
    if found.letter is None or not found.recommended:
        raise plain(404, "not_found")
    page = Page(caller.request, caller.portal, language)
    name = quote(f"{page.say('letter.name')} {code}.pdf")
    return Response(
        content=letters.letter(page, found, number, finance),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/letter", responses=answered(413))
def hand_in(
    caller: Actor,
    _district: District,
    request: Request,
    bureau: str,
    code: str,
    cases: Annotated[joint.Numbers, Form()],
    file: Annotated[UploadFile, File()],
    key: Key = None,
) -> list[joint.Answer]:
    """Attach the stamped letter to the cases named, each with its own answer."""
    with reading(caller.portal.engine) as connection:
        found = _found(connection, caller, bureau, code)
    if found.letter is None:
        raise plain(404, "not_found")
    payload = stored(caller.portal, found.letter, file)
    return joint.together(
        caller, request, found.card.id, bureau, "attach_document", cases, payload=payload, own={}, key=key
    )


def _found(connection: Connection, caller: Caller, bureau: str, code: str) -> recommending.Recommending:
    found = recommending.of(connection, caller.claim, bureau, code)
    if found is None:
        raise plain(404, "not_found")
    return found
