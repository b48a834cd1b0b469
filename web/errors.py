"""What goes wrong, as pages: what happened, and what to do next."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from casework.acts import Busy
from casework.documents import FolderUnusable
from models.database import DatabaseUnusable
from web.page import page_of

logger = logging.getLogger(__name__)

KNOWN: Final = (400, 403, 404, 405, 413, 429)
"""The statuses that have words of their own; any other is told as 500 or 400."""


def no_such_page() -> HTTPException:
    """Return the answer to whatever is not there, or not for this visitor: nobody learns which."""
    return HTTPException(404)


def error_page(request: Request, status: int) -> Response:
    """Return the page of an error."""
    page = page_of(request)
    told = status if status in KNOWN or status == 503 else (500 if status >= 500 else 400)
    response = page.answer(
        "error.html",
        status=status,
        title=page.say(f"errors.title_{told}"),
        says=page.say(f"errors.says_{told}"),
        next_step=page.say(f"errors.next_{told}"),
    )
    if status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a page."""

    def known(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return error_page(request, status)

    def mistyped(request: Request, _: Exception) -> Response:
        return error_page(request, 404 if request.method == "GET" else 400)

    def unusable(request: Request, error: Exception) -> Response:
        logger.error("%s: %s", type(error).__name__, error)
        return error_page(request, 503)

    def unexpected(request: Request, _: Exception) -> Response:
        # Uvicorn writes the traceback to the log.
        return error_page(request, 500)

    handlers: dict[type[Exception], Callable[[Request, Exception], Response | Awaitable[Response]]] = {
        HTTPException: known,
        RequestValidationError: mistyped,
        # PostgreSQL keeps no text with a NUL in it, wherever in a request it stands.
        DataError: mistyped,
        DatabaseUnusable: unusable,
        FolderUnusable: unusable,
        Busy: unusable,
        Exception: unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
