"""What a worker puts in order before it begins: deployments, dead runs, late runs.

All of it is idempotent, so a worker repeats it whenever it has lost sight of the server for a while. It has
the lanes that the server knows run first (`start_lanes`) and tidies up afterwards (`settle`): what is due
does not wait for order.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType, WorkerStatus
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectAlreadyExists
from prefect.flows import load_flow_from_entrypoint
from prefect.logging import get_logger
from prefect.states import Cancelled, Crashed, Scheduled

from deployments.catalog import POKED, POOL, TIMEZONE, Lane

logger = get_logger("beian.housekeeping")

PAGE = 200
UNCLAIMED_FOR = timedelta(seconds=10)
APART = timedelta(seconds=0.7)


def is_routine(run: FlowRun) -> bool:
    """Whether the schedule or a poke made this run, so that any later such run of its lane does its work."""
    return run.auto_scheduled or POKED in run.tags


async def settle(
    client: PrefectClient,
    catalog: Collection[Lane],
    pool: WorkPoolCreate,
    *,
    worker: str,
    own: Collection[UUID] = (),
    started: Collection[UUID] = (),
) -> None:
    """Bring the server to where a worker expects it: deployments as the catalog says, no dead or late runs.

    `own` are the runs this very worker carries; they are not dead. `started` are the deployments of lanes
    that were just started: of their late runs none stays.
    """
    await register(client, catalog, pool)
    dead = await crash_dead_runs(client, worker, own)
    late = await cancel_late_runs(client, started)
    logger.info("settled: %d dead runs crashed, %d late runs cancelled", dead, late)


async def register(client: PrefectClient, catalog: Collection[Lane], pool: WorkPoolCreate) -> None:
    """Create or update every lane's deployment, and the work pool if there is none of that name.

    A lane whose flow cannot be imported is logged and left as it was: the others must run.
    """
    with suppress(ObjectAlreadyExists):
        await client.create_work_pool(pool)
    for lane in catalog:
        try:
            flow = load_flow_from_entrypoint(lane.entrypoint, use_placeholder_flow=False)
        except Exception:
            logger.exception("lane %s is not registered: %s does not load", lane.name, lane.entrypoint)
            continue
        await client.create_deployment(
            flow_id=await client.create_flow(flow),
            name=lane.name,
            entrypoint=lane.entrypoint,
            description=lane.description,
            parameters=lane.parameters,
            tags=list(lane.tags),
            work_pool_name=pool.name,
            schedules=[
                DeploymentScheduleCreate(
                    schedule=IntervalSchedule(
                        interval=lane.interval, anchor_date=lane.anchor, timezone=TIMEZONE
                    )
                )
            ],
            # An empty list, unlike none, tells stock workers that the code is installed.
            pull_steps=[],
            parameter_openapi_schema=flow.parameters.model_dump(exclude_unset=True),
            enforce_parameter_schema=True,
        )


async def crash_dead_runs(client: PrefectClient, worker: str, own: Collection[UUID] = ()) -> int:
    """Mark as Crashed the runs whose worker is gone, and return how many.

    A worker's name belongs to one process: what an earlier process of our name left running is dead. So are
    the runs of workers that are offline, and those no worker has put its name on for some seconds.
    """
    others = {
        other.name
        for other in await client.read_workers_for_work_pool(POOL)
        if other.status == WorkerStatus.ONLINE and other.name != worker
    }
    dead = [
        run
        for run in await _runs(client, _in_state(StateType.PENDING, StateType.RUNNING))
        if run.id not in own and _carrier_is_gone(run, others)
    ]
    for run in dead:
        message = "The worker that carried this run ended before it did."
        await client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(dead)


async def cancel_late_runs(client: PrefectClient, started: Collection[UUID] = ()) -> int:
    """Cancel every lane's late routine runs but the newest, and return how many.

    Of the lanes whose deployments are in `started` a later run is under way: not even the newest stays.
    """
    due = FlowRunFilter(
        state=_in_state(StateType.SCHEDULED).state,
        next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=datetime.now(UTC)),
    )
    seen: set[UUID | None] = set(started)
    late: list[FlowRun] = []
    for run in await _runs(client, due):
        if is_routine(run):
            if run.deployment_id in seen:
                late.append(run)
            seen.add(run.deployment_id)
    for run in late:
        message = "A later run of this lane does its work."
        await client.set_flow_run_state(run.id, Cancelled(name="Superseded", message=message), force=True)
    return len(late)


async def start_lanes(
    client: PrefectClient, catalog: Collection[Lane], started: set[UUID]
) -> AsyncIterator[FlowRun]:
    """Make a run of every lane that is deployed as the catalog says, due one after another from now on.

    Deployments in `started` are passed over, and those of the runs made are added to it. A lane that is not
    deployed yet, or was otherwise, is left to its registration.
    """
    wanted = {lane.name: lane for lane in catalog}
    deployed = await client.read_deployments(work_pool_filter=_POOL)
    ready = [d for d in deployed if d.id not in started and d.name in wanted and _is(d, wanted[d.name])]
    for place, deployment in enumerate(ready):
        due = Scheduled(scheduled_time=datetime.now(UTC) + place * APART)
        yield await client.create_flow_run_from_deployment(deployment.id, state=due, tags=[POKED])
        started.add(deployment.id)


def _is(deployment: DeploymentResponse, lane: Lane) -> bool:
    return (deployment.entrypoint, deployment.parameters) == (lane.entrypoint, lane.parameters)


_POOL = WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))


def _in_state(*types: StateType) -> FlowRunFilter:
    return FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))))


async def _runs(client: PrefectClient, wanted: FlowRunFilter) -> list[FlowRun]:
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            flow_run_filter=wanted,
            work_pool_filter=_POOL,
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < PAGE:
            return found


def _carrier_is_gone(run: FlowRun, others: Collection[str]) -> bool:
    # Stock workers label their runs; a warm worker is itself the infrastructure.
    carrier = run.labels.get("prefect.worker.name") or run.infrastructure_pid
    if carrier is None and others and run.state:
        return datetime.now(UTC) - run.state.timestamp > UNCLAIMED_FOR
    return carrier not in others
