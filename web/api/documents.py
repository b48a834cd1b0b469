"""Documents: sent, looked into and attached; read again, and attested by the receipt."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel

from casework import documents, file_kind, intake, work_list
from casework.standing import standing
from models.database import reading
from procedure.definition import Material
from procedure.instant import instant
from web.api import case_data, shapes
from web.api.caller import Actor, Reader
from web.api.cases import Key, Match, perform, tag
from web.api.problem import answered, plain
from web.page import Portal

router = APIRouter(tags=["documents"])


@router.post("/cases/{bureau}/{number}/documents", responses=answered(409, 412, 413))
def attach(
    caller: Actor,
    request: Request,
    response: Response,
    bureau: str,
    number: str,
    material: Annotated[str, Form(max_length=100)],
    file: Annotated[UploadFile, File()],
    member: Annotated[str | None, Form(max_length=40)] = None,
    key: Key = None,
    match: Match = None,
) -> shapes.Receipt:
    """Attach a document; its content must be what its name says, within the pack's formats and size."""
    portal = caller.portal
    with reading(portal.engine) as connection:
        case_id = caller.case(connection, bureau, number)
        known = standing(connection, case_id).procedure.material.get(material)
    if known is None:
        raise plain(422, "unknown_material", material=material)
    payload = stored(portal, known, file)
    if member is not None:
        payload["member"] = member
    receipt = perform(caller, request, case_id, bureau, "attach_document", payload, key, match)
    response.headers["ETag"] = tag(receipt.seq)
    return receipt


class Submitted(BaseModel):
    """What a receipt attests: which case was last sent when, and its digest in the record."""

    number: str
    at: datetime.datetime
    digest: str
    documents: list[shapes.Paper]


@router.get("/cases/{bureau}/{number}/receipt", responses=answered())
def receipt(caller: Reader, bureau: str, number: str) -> Submitted:
    """Show what the receipt of the last submission attests; there is none before the first."""
    with reading(caller.portal.engine) as connection:
        case_id = caller.case(connection, bureau, number)
        sent = work_list.submission(connection, case_id)
        if sent is None:
            raise plain(404, "not_found")
        case = case_data.of_case(connection, caller, case_id)
    return Submitted(number=case.number, at=instant(sent.at), digest=sent.digest, documents=case.documents)


@router.get(
    "/cases/{bureau}/{number}/documents/{material}/{owner}",
    responses=answered() | {200: {"description": "The file.", "content": {"*/*": {}}}},
    response_class=FileResponse,
)
def download(caller: Reader, bureau: str, number: str, material: str, owner: str) -> Response:
    """Give an attached document as a file to be saved."""
    with reading(caller.portal.engine) as connection:
        case = case_data.of_case(connection, caller, caller.case(connection, bureau, number))
    found = next((each for each in case.documents if (each.material, each.owner) == (material, owner)), None)
    path = None if found is None else documents.path_of(caller.portal.files, found.digest)
    if found is None or path is None or not path.is_file():
        raise plain(404, "not_found")
    return FileResponse(
        path,
        media_type=found.media_type,
        filename=found.name,
        content_disposition_type="attachment",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def stored(portal: Portal, material: Material, file: UploadFile) -> dict[str, Any]:
    """Store a file that can be one of a material; return what attaching it says, raise a problem if not."""
    name = intake.clean_name(file.filename or "")
    unfit = intake.unfit(file.file, name, material)
    if unfit is not None or name is None:
        facts = {"formats": list(material.formats), "max_megabytes": material.max_megabytes}
        raise plain(422, unfit or "no_name", material=material.id, **facts)
    kept = documents.store(portal.engine, portal.files, file.file)
    extension = name.rpartition(".")[2].lower().replace("jpeg", "jpg")
    return {
        "material": material.id,
        "digest": kept.digest,
        "name": name,
        "size": kept.size,
        "media_type": file_kind.MEDIA_TYPES[extension],
    }
