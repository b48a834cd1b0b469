"""A page sees one moment: everything that a request to read asks the database, it asks in one snapshot."""

from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.moment import Moment, shared

READS: Final = ("GET", "HEAD")


class OneMoment:
    """Gives each request to read a moment of its own, until its answer begins.

    ``at_once`` requests have one at a time, the others wait their turn: each holds a connection for itself
    while it waits for a thread, and there are fewer of both than of visitors. What lies under ``but`` asks
    the database nothing.
    """

    def __init__(self, app: ASGIApp, at_once: int, but: str) -> None:
        self._app = app
        self._turns = CapacityLimiter(at_once)
        self._but = but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and end its moment before the first byte of the answer leaves."""
        if scope["type"] != "http" or scope["method"] not in READS or scope["path"].startswith(self._but):
            await self._app(scope, receive, send)
            return
        turn = object()
        await self._turns.acquire_on_behalf_of(turn)
        ended = False

        async def end(moment: Moment) -> None:
            nonlocal ended
            if not ended:
                ended = True
                try:
                    await run_sync(moment.end)
                finally:
                    self._turns.release_on_behalf_of(turn)

        with shared() as moment:

            async def answering(message: Message) -> None:
                await end(moment)
                await send(message)

            try:
                await self._app(scope, receive, answering)
            finally:
                await end(moment)
