"""When a request came in: noted before anything else, so that nobody is late because others were served."""

from starlette.types import ASGIApp, Receive, Scope, Send

from casework import clock


class Received:
    """Notes the instant at which a request came in as ``request.state.received_at``.

    A server that knows better (``web.arrival``) has noted it already.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the instant, and hand the request on."""
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            state.setdefault("received_at", clock.present(None))
        await self._app(scope, receive, send)
