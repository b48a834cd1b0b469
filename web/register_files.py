"""The register to take home: XLSX, CSV and JSON, of everything or of what was searched for."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from casework import clock, register, register_file
from casework.register_file import Extract
from models.database import reading
from web.errors import no_such_page
from web.page import PUBLIC_SECONDS, AnyPage

router = APIRouter()

# A list on paper takes seconds to set: it is made by `beian register export`, not for everybody who asks.
TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
"""The formats that anybody may download."""


@router.get("/register.{ending}")
def download(page: AnyPage, ending: str, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Give the register as a file."""
    if ending not in TYPES:
        raise no_such_page()
    with reading(page.portal.engine) as connection:
        entries = register.entries(connection, query=q.strip())
        shown = {(entry.bureau, entry.number) for entry in entries}
        rectified = [
            each for each in register.rectifications(connection) if (each.bureau, each.number) in shown
        ]
        extract = Extract(entries, rectified, clock.now(connection))
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"register.{ending}"
        register_file.write(file, extract)
        body = file.read_bytes()
    headers = {
        "Content-Disposition": f'attachment; filename="register.{ending}"',
        "Cache-Control": f"public, max-age={PUBLIC_SECONDS}",
    }
    return Response(body, media_type=TYPES[ending], headers=headers)
