"""The portal as an application: its desks, and what stands before every one of them."""

from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware

from web import errors, public
from web.body_limit import BodyLimit
from web.headers import SecureHeaders
from web.language import LanguagePrefix
from web.page import Portal
from web.settings import PortalSettings
from web.statics import Statics


def create_app(engine: Engine, files: Path, settings: PortalSettings | None = None) -> FastAPI:
    """Return the portal on a migrated database; documents are stored in the folder ``files``."""
    settings = settings or PortalSettings()
    app = FastAPI(title="Beian", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.portal = Portal(engine, files, settings)
    errors.install(app)
    for desk in (public,):
        app.include_router(desk.router)
    app.mount("/static", Statics(), name="static")
    # The last added sees a request first.
    app.add_middleware(GZipMiddleware, minimum_size=600)
    app.add_middleware(BodyLimit)
    app.add_middleware(LanguagePrefix)
    app.add_middleware(SecureHeaders, secure=settings.secure)
    return app
