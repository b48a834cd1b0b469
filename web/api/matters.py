"""What comes after filing: listed, shown, begun and acted on, its files sent and read, its holder urged."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, File, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse

from casework import (
    changes,
    claims,
    clock,
    disqualifying,
    documents,
    file_kind,
    intake,
    matter_list,
    public,
    renewal,
)
from casework.acts import Receipt
from casework.matter_list import OF_ENTRY, MatterView
from casework.objecting import EVIDENCE
from models.database import reading
from procedure.act import Refusal
from web.acting import wake
from web.api import cursor, matter_data, matter_shapes, shapes
from web.api.caller import Actor, Caller, Reader
from web.api.cases import Key, Match, NoneMatch, NotChanged, Remark, perform, receipt_of, tag, urged
from web.api.problem import answered, plain, refused

router = APIRouter(prefix="/matters", tags=["after filing"])

Kind = Literal["entry", "evaluation", "revocation", "change", "claim", "disqualification"]
Name = Annotated[str, Query(max_length=100)]

Beginning = Literal["change", "claim", "disqualification"]

BEGIN: Final[Mapping[str, Callable[..., Receipt | Refusal]]] = {
    "change": changes.propose,
    "claim": claims.file,
    "disqualification": disqualifying.propose,
}
"""What is begun about an entry of the register, by whoever may; the others follow from something."""


@router.get("", responses=answered())
def list_matters(
    caller: Reader,
    kind: Annotated[Kind | None, Query(description="Without it all but the entries themselves.")] = None,
    entry: Name | None = None,
    code: Annotated[str | None, Query(alias="round", max_length=40, description="Of this round.")] = None,
    search: Name = "",
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    after: cursor.After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> matter_shapes.Matters:
    """List what comes after filing that the caller sees, a page at a time."""
    with reading(caller.portal.engine) as connection:
        found = matter_list.lines(
            connection,
            [caller.claim],
            after=cursor.read(after),
            limit=limit + 1,
            kinds=OF_ENTRY if kind is None else (kind,),
            round_code=code,
            entry=entry,
            is_open=is_open,
            search=search.strip(),
        )
    more = found[limit - 1].id if len(found) > limit else None
    return matter_shapes.Matters(
        matters=[matter_data.line(each) for each in found[:limit]],
        next=None if more is None else cursor.write(more),
    )


@router.get(
    "/{bureau}/{number:path}/files/{digest}",
    responses=answered() | {200: {"description": "The file.", "content": {"*/*": {}}}},
    response_class=FileResponse,
)
def download(caller: Reader, bureau: str, number: str, digest: str) -> Response:
    """Give a material of a change, or a file of evidence of a self-report, as a file to be saved."""
    with reading(caller.portal.engine) as connection:
        found = caller.matter(connection, bureau, number).files
    title = {each.digest: each.title for each in found}.get(digest)
    path = None if title is None else documents.path_of(caller.portal.files, digest)
    if title is None or path is None or not path.is_file():
        raise plain(404, "not_found")
    return FileResponse(
        path,
        media_type=file_kind.MEDIA_TYPES.get(title.rpartition(".")[2].lower(), "application/octet-stream"),
        filename=title,
        content_disposition_type="attachment",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


@router.get("/{bureau}/{number:path}", responses=answered() | {304: {"description": "Not changed."}})
def show(
    caller: Reader, response: Response, bureau: str, number: str, none_match: NoneMatch = None
) -> matter_shapes.Matter:
    """Show one matter as it stands, or an entry of the register; the ETag is its version."""
    with reading(caller.portal.engine) as connection:
        matter = matter_data.of_matter(connection, caller.matter(connection, bureau, number))
    response.headers["ETag"] = tag(matter.version)
    response.headers["Cache-Control"] = "private, no-cache"
    if none_match == tag(matter.version):
        raise NotChanged(matter.version)
    return matter


@router.post("/{bureau}/{number:path}/files", status_code=201, responses=answered(405, 413))
def send(
    caller: Actor, bureau: str, number: str, file: Annotated[UploadFile, File()]
) -> matter_shapes.StoredFile:
    """Store a file that an act then names by its digest: evidence of a report, or a material of a change."""
    with reading(caller.portal.engine) as connection:
        caller.matter(connection, bureau, number)
    name = intake.clean_name(file.filename or "")
    unfit = intake.unfit(file.file, name, EVIDENCE)
    if unfit is not None or name is None:
        facts = {"formats": list(EVIDENCE.formats), "max_megabytes": EVIDENCE.max_megabytes}
        raise plain(422, unfit or "no_name", **facts)
    stored = documents.store(caller.portal.engine, caller.portal.files, file.file)
    return matter_shapes.StoredFile(name=name, digest=stored.digest, size=stored.size)


@router.post("/{bureau}/{number:path}/begin/{kind}", status_code=201, responses=answered(405, 409, 413))
def begin(
    caller: Actor,
    response: Response,
    bureau: str,
    number: str,
    kind: Beginning,
    payload: Annotated[dict[str, Any] | None, Body(description="What it is to be.")] = None,
    key: Key = None,
) -> shapes.Receipt:
    """Begin a matter of an entry of the register."""
    entry = entry_of(caller, bureau, number)
    answer = BEGIN[kind](caller.portal.engine, caller.claim, number, payload or {}, bureau, key)
    if isinstance(answer, Refusal):
        raise refused(answer, entry.stands)
    wake("evaluation")
    response.headers["Location"] = f"/api/v1/matters/{bureau}/{answer.ref}"
    response.headers["ETag"] = tag(answer.seq)
    return receipt_of(bureau, answer)


@router.post("/{bureau}/{number:path}/renewal", status_code=201, responses=answered(405, 409, 413))
def renew(
    caller: Actor,
    response: Response,
    bureau: str,
    number: str,
    call: Annotated[str, Body(embed=True, max_length=40, description="The code of an open call.")],
) -> matter_shapes.Renewed:
    """Begin an application that renews an entry, for its lead unit; asked again it goes on where it was."""
    with reading(caller.portal.engine) as connection:
        entry = caller.matter(connection, bureau, number)
        cards = public.call_cards(connection, clock.now(connection), bureau, call)
    if entry.stands.subject.kind != "entry" or not cards:
        raise plain(404, "not_found")
    answer = renewal.renew(caller.portal.engine, caller.claim, number, cards[0].id, bureau)
    if isinstance(answer, Refusal):
        raise refused(answer, entry.stands)
    wake()
    response.headers["Location"] = f"/api/v1/cases/{bureau}/{answer.case.ref}"
    return matter_shapes.Renewed(
        case=receipt_of(bureau, answer.case),
        fields=list(answer.fields),
        members=list(answer.members),
        documents=list(answer.documents),
        to_give=list(answer.to_give),
    )


@router.post("/{bureau}/{number:path}/acts/{act}", responses=answered(405, 409, 412, 413))
def act(
    caller: Actor,
    request: Request,
    response: Response,
    bureau: str,
    number: str,
    act: str,
    payload: Annotated[dict[str, Any] | None, Body(description="The particulars of the act.")] = None,
    key: Key = None,
    match: Match = None,
) -> shapes.Receipt:
    """Do an act on a matter, or on an entry, with its particulars; a file is named by its digest."""
    with reading(caller.portal.engine) as connection:
        matter = caller.matter(connection, bureau, number).id
    receipt = perform(caller, request, matter, bureau, act, payload or {}, key, match)
    wake("evaluation")
    response.headers["ETag"] = tag(receipt.seq)
    return receipt


@router.post("/{bureau}/{number:path}/urge", responses=answered(405, 409, 413))
def urge(caller: Actor, bureau: str, number: str, remark: Remark = "") -> shapes.Urged:
    """Remind whoever holds a matter."""
    with reading(caller.portal.engine) as connection:
        matter = caller.matter(connection, bureau, number).id
    return urged(caller, matter, remark)


def entry_of(caller: Caller, bureau: str, number: str) -> MatterView:
    """Return an entry of the register that the caller sees; raises a problem for anything else."""
    with reading(caller.portal.engine) as connection:
        entry = caller.matter(connection, bureau, number)
    if entry.stands.subject.kind != "entry":
        raise plain(404, "not_found")
    return entry
