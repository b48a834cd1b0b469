"""The portal as an application: its desks, and what stands before every one of them."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware

from casework import clock
from models.database import reading
from web import applicant, district, errors, member, public, sign_in
from web.body_limit import BodyLimit
from web.headers import SecureHeaders
from web.language import LanguagePrefix
from web.page import Portal
from web.settings import PortalSettings
from web.statics import Statics
from web.visitor import SignInNeededError, ask_to_sign_in

ROUTERS: Final = tuple(desk.router for desk in (public, sign_in, applicant, member, district))
"""The pages of the public, of signing in, and of each desk."""


class NoDemonstration(Exception):
    """A demonstration was asked for on a database of record."""


def create_app(engine: Engine, files: Path, settings: PortalSettings | None = None) -> FastAPI:
    """Return the portal on a migrated database; documents are stored in the folder ``files``.

    Raises NoDemonstration where one is asked for on a database that lives in real time.
    """
    settings = settings or PortalSettings()
    with reading(engine) as connection:
        if settings.demonstration and not clock.is_story(connection):
            raise NoDemonstration(
                "a demonstration lets anybody sign in as anybody: it needs a story's database"
            )
    app = FastAPI(title="Beian", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.portal = Portal(engine, files, settings)
    errors.install(app)
    app.add_exception_handler(SignInNeededError, ask_to_sign_in)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", Statics(), name="static")
    # The last added sees a request first.
    app.add_middleware(GZipMiddleware, minimum_size=600)
    app.add_middleware(BodyLimit)
    app.add_middleware(LanguagePrefix)
    app.add_middleware(SecureHeaders, secure=settings.secure)
    return app
