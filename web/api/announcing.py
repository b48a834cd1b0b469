"""A call set up by a city's own system."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from casework import calls, procedures, revisions, wording
from casework.calls import BadDates
from models.database import reading
from procedure.act import Refusal
from web.api import shapes
from web.api.caller import Actor, City
from web.api.cases import receipt_of, tag
from web.api.problem import Both, ProblemError, answered, plain, refused

router = APIRouter(tags=["calls"])

Title = Annotated[str, Field(min_length=1, max_length=300, pattern=r"\S")]


class Titles(BaseModel):
    """What a call is called."""

    zh: Title
    en: Title


class Announced(BaseModel):
    """A call to announce: under which published revision, as what, with which dates of its own."""

    procedure: str = Field(
        min_length=1, max_length=100, description="The code of its newest revision, or how a hash begins."
    )
    code: str = Field(pattern=r"^[^\s/]{1,100}$")
    title: Titles | None = Field(default=None, description="Without it the procedure's own.")
    dates: dict[str, str] = Field(
        default_factory=dict,
        max_length=50,
        description="By name, as 2025-08-04T18:00 or 2025-08-13, in Shanghai's time; others are the pack's.",
    )


@router.post("/calls/{bureau}", status_code=201, responses=answered(405, 409, 413))
def announce(
    caller: Actor, _city: City, response: Response, bureau: str, wanted: Announced
) -> shapes.Receipt:
    """Announce a call, for an administrator; the same code again is refused."""
    engine = caller.portal.engine
    with reading(engine) as connection:
        revision = revisions.find(connection, wanted.procedure)
        pack = None if revision is None else procedures.of_revision(connection, revision.id)
    if revision is None or pack is None or pack.bureau.code != bureau:
        raise plain(404, "no_such_procedure", procedure=wanted.procedure)
    title = None if wanted.title is None else (wanted.title.zh.strip(), wanted.title.en.strip())
    try:
        answer = calls.announce(engine, revision.id, wanted.code, caller.claim, wanted.dates, title)
    except BadDates as error:
        problem = plain(422, "bad_dates", dates=[each.path for each in error.problems]).problem
        told = [wording.date_problems(error, language, pack) for language in ("zh", "en")]
        details = [Both(zh=zh, en=en) for zh, en in zip(*told, strict=True)]
        raise ProblemError(problem.model_copy(update={"details": details})) from None
    if isinstance(answer, Refusal):
        raise refused(answer)
    response.headers["Location"] = f"/api/v1/calls/{bureau}/{wanted.code}"
    response.headers["ETag"] = tag(answer.seq)
    return receipt_of(bureau, answer)
