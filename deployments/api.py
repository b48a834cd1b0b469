"""The few words of Prefect's REST API that programs outside flows need.

Portal and command line speak it without importing Prefect, which costs a second and a hundred megabytes.
"""

import os
import time
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from deployments.catalog import POOL

PAUSE = 0.2
LONGEST_PAUSE = 2.0

FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


class NoSuchLaneError(LookupError):
    """The server knows no deployment of that name in the work pool."""


@dataclass(frozen=True)
class RunState:
    """A flow run as the server last knew it: the state's name is what people read, its type what it means."""

    flow_run_id: UUID
    name: str
    type: str
    message: str | None = None

    @property
    def final(self) -> bool:
        """Whether the run has ended, well or not."""
        return self.type in FINAL

    @property
    def completed(self) -> bool:
        """Whether the run ended well."""
        return self.type == "COMPLETED"


class Api:
    """A connection to the server at `url`; every call raises `httpx.HTTPError` when it does not answer.

    A server that is busy is asked again for `patience` seconds: on SQLite it answers 503 while its database
    is locked, or nothing within `timeout`, and its own clients try again, too. A run is asked for under one
    key, so that it is created once however often it is asked for.
    """

    def __init__(self, url: str, timeout: float = 10.0, patience: float = 3.0) -> None:
        self._patience = patience
        user, _, secret = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")
        self._http = httpx.Client(
            base_url=url,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 2.0)),
            auth=httpx.BasicAuth(user, secret) if user else None,
            # A proxy for the world outside is no way to our own machine.
            mounts={"all://127.0.0.1": None, "all://localhost": None},
        )

    def deployment_of(self, lane: str) -> UUID:
        """Return the id of a lane's deployment, or raise NoSuchLaneError."""
        found = self._post(
            "/deployments/filter",
            {"deployments": {"name": {"any_": [lane]}}, "work_pools": {"name": {"any_": [POOL]}}},
        )
        if not found:
            raise NoSuchLaneError(lane)
        return UUID(found[0]["id"])

    def create_run(
        self, deployment: UUID, parameters: dict[str, Any] | None = None, tags: tuple[str, ...] = ()
    ) -> RunState:
        """Create a flow run that is due now."""
        return _run_state(
            self._post(
                f"/deployments/{deployment}/create_flow_run",
                {"parameters": parameters or {}, "tags": list(tags), "idempotency_key": str(uuid4())},
            )
        )

    def run_state(self, flow_run_id: UUID) -> RunState:
        """Return how a flow run stands."""
        return _run_state(self._http.get(f"/flow_runs/{flow_run_id}").raise_for_status().json())

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        gives_up, pause = time.monotonic() + self._patience, PAUSE
        while True:
            try:
                answer = self._http.post(path, json=body)
            except httpx.ReadTimeout:
                if time.monotonic() > gives_up:
                    raise
            else:
                busy = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
                if not busy or time.monotonic() > gives_up:
                    return answer.raise_for_status().json()
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _run_state(run: dict[str, Any]) -> RunState:
    state = run["state"]
    return RunState(
        flow_run_id=UUID(run["id"]),
        name=state["name"],
        type=state["type"],
        message=state.get("message"),
    )
