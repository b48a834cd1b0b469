"""The interface as an application of its own, which the portal carries under ``/api/v1``."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from web.api import (
    absences,
    announcing,
    bulk,
    bureau,
    calls,
    cases,
    defences,
    documents,
    entries,
    joint,
    matters,
    objections,
    operations,
    previews,
    problem,
    procedures,
    radar,
    recommending,
    registers,
    reports,
    rounds,
    targets,
    trust,
    webhooks,
)
from web.api.cases import NotChanged
from web.api.pace import Pace
from web.api.problem import Problem
from web.page import Portal

PREFIX: Final = "/api/v1"

MOST: Final = 600
"""How many requests a minute one token makes, and as many each address without one."""

ROUTERS: Final = tuple(
    part.router
    for part in (
        cases,
        documents,
        previews,
        entries,
        matters,
        rounds,
        bureau,
        operations,
        radar,
        defences,
        recommending,
        joint,
        calls,
        objections,
        announcing,
        procedures,
        targets,
        reports,
        trust,
        absences,
        registers,
        bulk,
        webhooks,
    )
)
"""The routes, by what they are about."""


def create_api(portal: Portal, most: int = MOST) -> FastAPI:
    """Return the interface on the portal's database; its description stands at ``/openapi.json``."""
    api = FastAPI(title="Beian", version="1", docs_url=None, redoc_url=None, root_path_in_servers=True)
    api.state.portal, api.state.pace, api.state.public_pace = portal, Pace(most), Pace(most)
    problem.install(api)
    api.add_exception_handler(NotChanged, _not_changed)
    # Taken over as they are: including a router would build each of its routes once more.
    api.router.routes += [route for router in ROUTERS for route in router.routes]
    described = api.openapi

    def openapi() -> dict[str, Any]:
        whole = described()
        whole["components"].setdefault("schemas", {}).update(_problem_schemas())
        return whole

    api.openapi = openapi  # type: ignore[method-assign]
    return api


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def _not_changed(_: Request, error: Exception) -> Response:
    assert isinstance(error, NotChanged)  # noqa: S101 - the only kind it is installed for
    return Response(status_code=304, headers={"ETag": error.tag})
