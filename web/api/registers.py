"""The register: for everybody."""

from typing import Annotated

from fastapi import APIRouter, Query

from casework import register
from models.database import reading
from web.api import cursor, entry_shapes, shapes
from web.api.caller import Public
from web.api.problem import answered, plain

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
        entries=[_line(each) for each in found[:limit]],
        next=cursor.write(at + limit) if len(found) > limit else None,
    )


@router.get("/register/{bureau}/{number}", responses=answered())
def entry(portal: Public, bureau: str, number: str) -> entry_shapes.Standing:
    """Show one entry of the register with every state that it had."""
    with reading(portal.engine) as connection:
        found = register.entries(connection, bureau, number=number)
        states = register.history(connection, number, bureau)
    if not found:
        raise plain(404, "not_found")
    history = [entry_shapes.State(state=each.state, since=each.since) for each in states]
    return entry_shapes.Standing(**_line(found[0]).model_dump(), history=history)


def _line(each: register.Entry) -> shapes.Entry:
    return shapes.Entry(
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
