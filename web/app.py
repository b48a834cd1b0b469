"""The portal as an application: its desks, and what stands before every one of them."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount

from casework import clock, second_factor
from models.database import reading
from notifications.secret import Seal
from web import (
    absences,
    after_filing,
    applicant,
    bureau,
    deliveries,
    district,
    district_calls,
    errors,
    evaluations,
    expert,
    filed,
    incidents,
    matters,
    member,
    objections,
    operations,
    operations_case,
    own,
    provider_pages,
    public,
    register_files,
    saved_views,
    sign_in,
    tokens,
    unit_links,
    unit_people,
    verify,
)
from web.api.app import PREFIX, create_api
from web.body_limit import BodyLimit
from web.headers import SecureHeaders
from web.language import LanguagePrefix
from web.one_moment import OneMoment
from web.page import Portal
from web.received import Received
from web.settings import PortalSettings
from web.sign_in import ask_to_sign_in
from web.statics import Statics
from web.visitor import SignInNeededError

ROUTERS: Final = (
    *(
        desk.router
        for desk in (
            public,
            register_files,
            verify,
            objections,
            sign_in,
            provider_pages,
            own,
            absences,
            tokens,
            unit_people,
            unit_links,
            saved_views,
            after_filing,
        )
    ),
    *filed.ROUTERS,
    *(desk.router for desk in (matters, evaluations, applicant, member, district_calls, district, expert)),
    *bureau.ROUTERS,
    *(part.router for part in (operations, operations_case, incidents, deliveries)),
)
"""The pages of the public, of signing in, and of each desk."""


STATIC: Final = "/static"
"""Where style sheets, scripts and pictures lie."""

AT_ONCE: Final = 8
"""How many requests a process works on at once; more would only take time from each other."""


class NoDemonstration(Exception):
    """A demonstration was asked for on a database of record."""


def create_app(
    engine: Engine, files: Path, settings: PortalSettings | None = None, seal: Seal | None = None
) -> FastAPI:
    """Return the portal on a migrated database; documents are stored in the folder ``files``.

    ``seal`` is what secrets are sealed with; without one nobody sets up a second factor.
    Raises NoDemonstration where one is asked for on a database that lives in real time, NoKey and WrongKey
    where the database holds secrets that ``seal`` does not open.
    """
    settings = settings or PortalSettings()
    with reading(engine) as connection:
        if settings.demonstration and not clock.is_story(connection):
            raise NoDemonstration(
                "a demonstration lets anybody sign in as anybody: it needs a story's database"
            )
        second_factor.require_key(connection, seal)
    app = FastAPI(title="Beian", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_a_few_at_once)
    app.state.portal = Portal(engine, files, settings, seal)
    errors.install(app)
    app.add_exception_handler(SignInNeededError, ask_to_sign_in)
    # Taken over as they are: including a router would build each of its routes once more.
    app.router.routes += [route for router in ROUTERS for route in router.routes]
    app.router.routes.append(_under(PREFIX, create_api(app.state.portal)))
    app.mount(STATIC, Statics(), name="static")
    # The last added sees a request first.
    app.add_middleware(OneMoment, at_once=AT_ONCE, but=f"{STATIC}/")
    app.add_middleware(GZipMiddleware, minimum_size=600)
    app.add_middleware(BodyLimit)
    app.add_middleware(LanguagePrefix)
    app.add_middleware(SecureHeaders, secure=settings.secure)
    app.add_middleware(Received)
    return app


def _under(prefix: str, part: FastAPI) -> Mount:
    """Return a part of the portal that answers for everything under ``prefix``, line breaks in it or not."""
    mount = Mount(prefix, part)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


@asynccontextmanager
async def _a_few_at_once(_: FastAPI) -> AsyncGenerator[None]:
    current_default_thread_limiter().total_tokens = AT_ONCE
    yield
