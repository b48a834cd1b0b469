"""Requests end where their length does: nobody fills the disk by sending."""

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM: Final = 1_000_000
"""The most bytes of a form without files."""

UPLOAD: Final = 210_000_000
"""The most bytes of a form with a file; the greatest that a pack may allow is 200 MB."""


class TooLongError(Exception):
    """More came than may."""


class BodyLimit:
    """Refuses a body that is longer than its kind of request may be, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and stop it where it grows too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = UPLOAD if headers.get(b"content-type", b"").startswith(b"multipart/form-data") else FORM
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await PlainTextResponse("413", 413)(scope, receive, send)
            return
        came, begun = 0, False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise TooLongError
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except TooLongError:
            if not begun:
                await PlainTextResponse("413", 413)(scope, receive, send)
