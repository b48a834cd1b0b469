"""The register: for everybody."""

from typing import Annotated

from fastapi import APIRouter, Query

from casework import register
from models.database import reading
from web.api import cursor, shapes
from web.api.caller import Public
from web.api.problem import answered

router = APIRouter(tags=["register"])


@router.get("/register", responses=answered())
def entries(
    portal: Public,
    bureau: Annotated[str | None, Query(max_length=64)] = None,
    search: Annotated[str, Query(max_length=100)] = "",
    after: cursor.After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> shapes.Register:
    """List the register by number; entries are never taken out of it, so that its order stays."""
    at = cursor.read(after)
    with reading(portal.engine) as connection:
        found = register.entries(connection, bureau, search.strip(), limit=limit + 1, offset=at)
    return shapes.Register(
        entries=[
            shapes.Entry(
                bureau=each.bureau,
                number=each.number,
                name=each.name,
                lead=each.lead,
                uscc=each.uscc,
                direction=each.direction,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
                document_number=each.document_number,
                state=each.state,
            )
            for each in found[:limit]
        ],
        next=cursor.write(at + limit) if len(found) > limit else None,
    )
