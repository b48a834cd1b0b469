"""The register to take home as XLSX, CSV and JSON: all or what was searched for, now or on a past day."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from casework import register_file
from models.database import reading
from procedure.instant import calendar_day
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
def download(
    page: AnyPage,
    ending: str,
    q: Annotated[str, Query(max_length=100)] = "",
    at: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Give the register as a file, as it is or as it stood on the day ``at``."""
    if ending not in TYPES:
        raise no_such_page()
    try:
        day = calendar_day(at.strip()) if at.strip() else None
    except ValueError:
        raise no_such_page() from None
    with reading(page.portal.engine) as connection:
        extract = register_file.extract(connection, query=q.strip(), on=day)
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"register.{ending}"
        register_file.write(file, extract)
        body = file.read_bytes()
    headers = {
        "Content-Disposition": f'attachment; filename="register.{ending}"',
        "Cache-Control": f"public, max-age={PUBLIC_SECONDS}",
    }
    return Response(body, media_type=TYPES[ending], headers=headers)
