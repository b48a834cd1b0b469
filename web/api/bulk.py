"""Many at once: applications brought in, and what the caller sees taken out as a table."""

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import orjson
from fastapi import APIRouter, Request, Response

from casework import case_listing, spreadsheet
from casework.case_listing import ListedCase, Wanted
from casework.register_file import inert
from casework.spreadsheet import Sheet
from models.database import reading
from web.api import shapes
from web.api.caller import Actor, Caller, Reader
from web.api.calls import begun
from web.api.cases import perform
from web.api.problem import ProblemError, answered

router = APIRouter(tags=["bulk"])

HEADS: Final = (
    "bureau",
    "number",
    "call",
    "lead_uscc",
    "lead_name",
    "direction",
    "district",
    "stage",
    "outcome",
    "submitted_at",
    "due_at",
)
CHUNK: Final = 1_000
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.post("/calls/{bureau}/{code}/imports", responses=answered(413))
def bring_in(
    caller: Actor, request: Request, bureau: str, code: str, given: shapes.Import
) -> list[shapes.Imported]:
    """Begin applications and save what is given of each; each by itself, repeated without harm."""
    return [_one(caller, request, bureau, code, each) for each in given.applications]


@router.get(
    "/exports/cases.{kind}",
    responses=answered() | {200: {"content": {each: {} for each in MEDIA_TYPES.values()}}},
    response_class=Response,
)
def take_out(caller: Reader, kind: Literal["csv", "json", "xlsx"]) -> Response:
    """Give every case that the caller sees as a table, in which no text is taken for a formula."""
    rows = [[getattr(each, name) for name in HEADS] for each in _all(caller)]
    body = {"csv": _csv, "json": _json, "xlsx": _xlsx}[kind](rows)
    headers = {"Content-Disposition": f'attachment; filename="cases.{kind}"'}
    return Response(body, media_type=MEDIA_TYPES[kind], headers=headers)


def _one(
    caller: Caller, request: Request, bureau: str, code: str, given: shapes.Application
) -> shapes.Imported:
    try:
        receipt = begun(caller, bureau, code, given.district, given.lead, given.key)
        if given.fields:
            with reading(caller.portal.engine) as connection:
                case_id = caller.case(connection, bureau, receipt.number)
            payload = {"fields": given.fields}
            perform(caller, request, case_id, bureau, "save_draft", payload, f"{given.key}:fields", None)
    except ProblemError as error:
        return shapes.Imported(key=given.key, number=None, problem=error.problem.model_dump(mode="json"))
    return shapes.Imported(key=given.key, number=receipt.number, problem=None)


def _all(caller: Caller) -> Iterator[ListedCase]:
    after = 0
    with reading(caller.portal.engine) as connection:
        while found := case_listing.page(connection, caller.claim, Wanted(), after, CHUNK):
            yield from found
            after = found[-1].id


def _csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(HEADS)
    lines.writerows([inert("" if cell is None else str(cell)) for cell in row] for row in rows)
    # With the mark at its beginning, spreadsheets read the file as UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _json(rows: list[list[Any]]) -> bytes:
    return orjson.dumps([dict(zip(HEADS, row, strict=True)) for row in rows])


def _xlsx(rows: list[list[Any]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.xlsx"
        spreadsheet.write(path, Sheet("cases", HEADS, rows))
        return path.read_bytes()
