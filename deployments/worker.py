"""The warm worker: carries deployed flow runs inside its own process, so that a run starts in about a second.

Stock workers start a process per run, which imports everything again. This one imports a flow once and gives
each run a thread with an event loop of its own: what a flow does to its loop stays there.
"""

import asyncio
import inspect
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import Future
from pkgutil import resolve_name
from threading import Thread
from uuid import UUID

import anyio
import anyio.abc
import httpx
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow
from prefect.flows import load_flow_from_entrypoint
from prefect.logging import get_logger
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Crashed
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult
from typing_extensions import override

from deployments.catalog import CATALOG, POOL, Lane, Settings
from deployments.housekeeping import is_routine, settle

logger = get_logger("beian.worker")

OUT_OF_SIGHT = 30.0


class WarmResult(BaseWorkerResult):
    """Always good: how a run ended is reported by the engine, or by the worker in its place."""


class _Turn:
    """Whose turn it is in a lane: one routine run at work and at most one waiting."""

    def __init__(self) -> None:
        self.taken = asyncio.Lock()
        self.awaited = False


class WarmWorker(BaseWorker[BaseJobConfiguration, BaseVariables, WarmResult]):
    """Carries runs in-process. Whatever a flow does short of ending the process, the worker goes on.

    Routine runs of a lane take turns, and those that find one waiting already are completed as Merged: a run
    does everything that is due, so the waiting one does their work too. A run that lasts longer than
    `patience` seconds is given up as Crashed and no longer holds its lane.
    """

    type = "beian-warm"
    _description = "Runs Beian's flows in the worker's own process."

    def __init__(self, name: str, catalog: Collection[Lane], patience: float) -> None:
        super().__init__(POOL, name=name, prefetch_seconds=0)
        self._catalog = catalog
        self._patience = patience
        self._own: set[UUID] = set()
        self._turns: defaultdict[UUID | None, _Turn] = defaultdict(_Turn)
        self._last_seen = float("-inf")

    @override
    async def sync_with_backend(self) -> None:
        """Send a heartbeat, and look whether the server still knows the lanes: its database may be new."""
        await super().sync_with_backend()
        known = {deployment.name for deployment in await self.client.read_deployments()}
        if not known.issuperset(lane.name for lane in self._catalog):
            self._last_seen = float("-inf")

    @override
    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Take the runs that are due, first putting the house in order if it was out of sight."""
        if time.monotonic() - self._last_seen > OUT_OF_SIGHT:
            await settle(self.client, self._catalog, WORK_POOL, worker=self.name, own=self._own)
        taken = await super().get_and_submit_flow_runs()
        self._last_seen = time.monotonic()
        return taken

    @override
    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> WarmResult:
        """Carry one run to its end."""
        self._own.add(flow_run.id)
        if task_status is not None:
            task_status.started(os.getpid())
        try:
            if is_routine(flow_run):
                await self._carry_in_turn(flow_run)
            else:
                await self._carry(flow_run)
        finally:
            self._own.discard(flow_run.id)
        return WarmResult(status_code=0, identifier=str(flow_run.id))

    async def _carry_in_turn(self, flow_run: FlowRun) -> None:
        turn = self._turns[flow_run.deployment_id]
        if turn.awaited:
            state = Completed(name="Merged", message="The run that waits in this lane does its work.")
            await self.client.set_flow_run_state(flow_run.id, state)
            return
        turn.awaited = True
        try:
            await turn.taken.acquire()
        finally:
            turn.awaited = False
        try:
            await self._carry(flow_run)
        finally:
            turn.taken.release()

    async def _carry(self, flow_run: FlowRun) -> None:
        # The engine wants the state as it is after our own Pending, and someone may have cancelled the run.
        current = await self.client.read_flow_run(flow_run.id)
        if flow_run.deployment_id is None or current.state is None or current.state.is_final():
            return
        deployment = await self.client.read_deployment(flow_run.deployment_id)
        ending: Future[str | None] = Future()
        # Or giving up below would cancel it, and the thread could not report to it any more.
        ending.set_running_or_notify_cancel()
        Thread(
            target=lambda: ending.set_result(_carry_to_end(deployment.entrypoint, current)),
            name=f"run-{current.name}",
            daemon=True,
        ).start()
        trouble: str | None = f"The run was given up after {self._patience:.0f} s."
        # Shielded, so that a worker asked to stop lets its runs end.
        with anyio.move_on_after(self._patience, shield=True):
            trouble = await asyncio.wrap_future(ending)
        if trouble:
            # Refused by the server, rightly, when the engine has reported an end already.
            await self.client.set_flow_run_state(flow_run.id, Crashed(message=trouble))


WORK_POOL = WorkPoolCreate(
    name=POOL, type=WarmWorker.type, base_job_template=WarmWorker.get_default_base_job_template()
)
"""The pool as a warm worker makes it; a pool that is there already, of whatever type, is left alone."""


def _carry_to_end(entrypoint: str | None, flow_run: FlowRun) -> str | None:
    """Run the flow in this thread; return what went wrong if the engine may not have reported it."""
    try:
        flow = load_flow_from_entrypoint(entrypoint or "", use_placeholder_flow=False)
        outcome = run_flow(flow, flow_run=flow_run, return_type="state")
        if inspect.iscoroutine(outcome):
            asyncio.run(outcome)
    except (Abort, Pause):
        return None
    except BaseException as error:
        # Even SystemExit: one flow's end must not be every flow's.
        logger.exception("run %s broke its engine", flow_run.name)
        return f"{type(error).__name__}: {error}"
    return None


async def work(catalog: Collection[Lane], settings: Settings) -> None:
    """Carry runs until SIGINT or SIGTERM, then let those at work end."""
    task = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM):
        if task:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await _wait_for_server()
    worker = WarmWorker(settings.worker_name, catalog, patience=settings.run_patience)
    await worker.start(printer=logger.info)


async def _wait_for_server() -> None:
    async with httpx.AsyncClient(timeout=2) as http:
        while True:
            try:
                if (await http.get(f"{PREFECT_API_URL.value()}/health")).is_success:
                    return
            except httpx.HTTPError:
                logger.debug("the server does not answer yet")
            await asyncio.sleep(0.2)


def main(catalog: str = CATALOG) -> None:
    """Work on the catalog that the function named `catalog` returns, as `module:function`."""
    try:
        asyncio.run(work(resolve_name(catalog)(), Settings()))
    except asyncio.CancelledError:
        logger.info("the worker was asked to stop, and did")


if __name__ == "__main__":
    main(*sys.argv[1:])
