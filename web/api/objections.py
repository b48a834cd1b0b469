"""Objections to an entry of a published list: anybody lodges them, by name or, where taken, without."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from pydantic import BaseModel

from casework import objecting
from casework.objecting import EVIDENCE
from models.database import reading
from procedure.act import Refusal
from web.acting import wake
from web.api.caller import Public
from web.api.calls import call_of
from web.api.cases import Key, received_at
from web.api.documents import stored
from web.api.problem import answered, plain, refused

router = APIRouter(tags=["calls"])


class Lodged(BaseModel):
    """The receipt of an objection: its number, when it was received, and its digest in the record."""

    number: str
    at: datetime.datetime
    digest: str


@router.post(
    "/calls/{bureau}/{code}/lists/{number}/objections", status_code=201, responses=answered(409, 413)
)
def lodge(
    portal: Public,
    request: Request,
    bureau: str,
    code: str,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    case: Annotated[str, Form(max_length=100)],
    text: Annotated[str, Form(max_length=10_000)],
    objector: Annotated[str | None, Form(max_length=200)] = None,
    contact: Annotated[str | None, Form(max_length=200)] = None,
    anonymous: Annotated[bool, Form(description="Nobody is named; where the procedure takes it.")] = False,
    file: Annotated[UploadFile | None, File(description="Evidence.")] = None,
    key: Key = None,
) -> Lodged:
    """Object to an entry of a list while objections are taken; it needs no token, and is not done often."""
    with reading(portal.engine) as connection:
        found = objecting.entries(connection, call_of(connection, bureau, code), number)
    entry = next((each for each in found if each.case == case), None)
    if entry is None:
        raise plain(404, "not_found")
    if not anonymous and not objector:
        raise plain(422, "objector_missing", field="objector")
    if not objecting.may_try(portal.engine, "" if request.client is None else request.client.host):
        raise plain(429, "too_many")
    payload: dict[str, Any] = {"text": text.replace("\r\n", "\n").strip(), "evidence": []}
    if file is not None:
        payload["evidence"] = [
            {
                name: value
                for name, value in stored(portal, EVIDENCE, file).items()
                if name in {"digest", "name"}
            }
        ]
    if not anonymous:
        named = {"objector": objector, "contact": contact}
        payload |= {name: value for name, value in named.items() if value}
    answer = objecting.lodge(portal.engine, entry.id, payload, key, received_at(portal.engine, request))
    if isinstance(answer, Refusal):
        raise refused(answer)
    wake()
    return Lodged(number=answer.number, at=answer.at, digest=answer.digest)
