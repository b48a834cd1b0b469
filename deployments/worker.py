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
from contextlib import suppress
from datetime import UTC, datetime
from pkgutil import resolve_name
from threading import Thread, Timer
from typing import Any
from uuid import UUID

import anyio.abc
import httpx
from prefect.client.schemas import SetStateStatus
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import run_flow
from prefect.flows import load_flow_from_entrypoint
from prefect.logging import get_logger
from prefect.settings import PREFECT_API_URL
from prefect.states import Completed, Crashed, Pending
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult
from typing_extensions import override

from deployments.catalog import CATALOG, POOL, Lane, Settings
from deployments.housekeeping import is_routine, settle, start_lanes
from flows import linger

logger = get_logger("beian.worker")

OUT_OF_SIGHT = 30.0
FAREWELL = 10.0


class WarmResult(BaseWorkerResult):
    """Always good: how a run ended is reported by the engine, or by the worker in its place."""


class _Turn:
    """Whose turn it is in a lane: one routine run at work and at most one waiting."""

    def __init__(self) -> None:
        self.taken = asyncio.Lock()
        self.awaited = False
        self.closed = False


class WarmWorker(BaseWorker[BaseJobConfiguration, BaseVariables, WarmResult]):
    """Carries runs in-process. Whatever a flow does short of ending the process, the worker goes on.

    Routine runs of a lane take turns, and those that find one waiting already are completed as Merged: a run
    does everything that is due, so the waiting one does their work too. A run that lasts longer than
    `patience` seconds is given up as Crashed and no longer holds its lane.

    Runs are claimed here and not by the base class, whose ten requests a run include one (its labels) that
    the server on SQLite refuses while it writes: with six runs at once, retrying that took up to a minute.
    """

    type = "beian-warm"
    _description = "Runs Beian's flows in the worker's own process."

    def __init__(self, name: str, catalog: Collection[Lane], patience: float) -> None:
        super().__init__(POOL, name=name)
        self._catalog = catalog
        self._patience = patience
        self._at_work: dict[UUID, asyncio.Task[WarmResult]] = {}
        self._turns: defaultdict[UUID | None, _Turn] = defaultdict(_Turn)
        self._last_seen = float("-inf")
        # Deployments of lanes started since the server was out of sight; kept while housekeeping fails.
        self._started: set[UUID] = set()

    @override
    async def sync_with_backend(self) -> None:
        """Send a heartbeat, and look whether the server still knows the lanes: its database may be new."""
        await super().sync_with_backend()
        known = {deployment.name for deployment in await self.client.read_deployments()}
        if not known.issuperset(lane.name for lane in self._catalog):
            self._last_seen = float("-inf")

    @override
    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Take the runs that are due; first take the lanes up again if the server was out of sight."""
        if time.monotonic() - self._last_seen > OUT_OF_SIGHT:
            await self._take_up()
        try:
            due = await self.client.get_scheduled_flow_runs_for_work_pool(
                POOL, scheduled_before=datetime.now(UTC)
            )
        except ObjectNotFound:
            self._last_seen = float("-inf")
            return []
        self._last_seen = time.monotonic()
        # Begun one by one as they are claimed: a claimed run that nobody carries would look alive.
        return [entry.flow_run for entry in due if await self._begin(entry.flow_run)]

    @override
    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration | None = None,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> WarmResult:
        """Carry one claimed run to its end."""
        try:
            # By its name housekeeping knows whose run this was.
            await self.client.update_flow_run(flow_run.id, infrastructure_pid=self.name)
            if is_routine(flow_run):
                await self._carry_in_turn(flow_run)
            else:
                await self._carry(flow_run)
        except Exception:
            logger.exception("run %s slipped from the worker's hands", flow_run.name)
        return WarmResult(status_code=0, identifier=str(flow_run.id))

    @override
    async def teardown(self, *exc_info: Any) -> None:
        """Give the runs at work a while to end; what has not begun stays for the next worker to clear."""
        linger.end()
        for turn in self._turns.values():
            turn.closed = True
        if self._at_work:
            await asyncio.wait(self._at_work.values(), timeout=FAREWELL)
        await super().teardown(*exc_info)

    async def _take_up(self) -> None:
        """Have every lane run at once: those that the server knows before the house is put in order."""
        await self._start_lanes()
        await settle(
            self.client, self._catalog, WORK_POOL, worker=self.name, own=self._at_work, started=self._started
        )
        await self._start_lanes()
        self._started.clear()

    async def _start_lanes(self) -> None:
        if self._work_pool is not None and self._work_pool.is_paused:
            return
        # Claimed before housekeeping looks: it would take what nobody carries for dead.
        async for flow_run in start_lanes(self.client, self._catalog, self._started):
            await self._begin(flow_run)

    async def _begin(self, flow_run: FlowRun) -> bool:
        with suppress(ObjectNotFound):
            claim = await self.client.set_flow_run_state(flow_run.id, Pending())
            if claim.status == SetStateStatus.ACCEPT:
                task = asyncio.create_task(self.run(flow_run))
                self._at_work[flow_run.id] = task
                task.add_done_callback(lambda _: self._at_work.pop(flow_run.id))
                return True
        return False

    async def _carry_in_turn(self, flow_run: FlowRun) -> None:
        turn = self._turns[flow_run.deployment_id]
        if turn.awaited:
            state = Completed(name="Merged", message="The run that waits in this lane does its work.")
            await self.client.set_flow_run_state(flow_run.id, state)
            return
        turn.awaited = True
        async with turn.taken:
            turn.awaited = False
            if not turn.closed:
                await self._carry(flow_run)

    async def _carry(self, flow_run: FlowRun) -> None:
        # The engine wants the state as it is after our claim, and someone may have cancelled the run.
        current = await self.client.read_flow_run(flow_run.id)
        if flow_run.deployment_id is None or current.state is None or current.state.is_final():
            return
        deployment = await self.client.read_deployment(flow_run.deployment_id)
        ending: Future[str | None] = Future()
        Thread(
            target=lambda: ending.set_result(_carry_to_end(deployment.entrypoint, current)),
            name=f"run-{current.name}",
            daemon=True,
        ).start()
        ended, _ = await asyncio.wait([asyncio.wrap_future(ending)], timeout=self._patience)
        trouble = ending.result() if ended else f"The run was given up after {self._patience:.0f} s."
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
    finally:
        # The interpreter waits at its end for threads, and a flow may have left one that never ends.
        last_resort = Timer(FAREWELL, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
