"""Watches over the lanes: failed runs, silent lanes, missing holidays; and writes the daily summary."""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Completed

from casework import clock, conditions, documents, summary, wake, watching
from casework.watching import LANE, FailedRun, Outcome
from flows.database import engine
from models.database import reading

FIRST_LOOK = timedelta(hours=1)
"""How far back the first watch of a database looks for failed runs."""

FILES_EVERY = timedelta(days=1)
"""How often files that nothing refers to are looked for."""

PAGE = 200


@task(name="flow runs", retries=2, retry_delay_seconds=1)
async def flow_runs(since: datetime, before: datetime) -> tuple[list[FailedRun], dict[str, str]]:
    """Return the lanes' runs that failed in this time, and by lane one that ended well after them."""
    async with get_client() as client:
        lanes = {
            deployment.id: deployment.name
            for deployment in await client.read_deployments(
                deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=["beian"]))
            )
        }
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(
                    type=FlowRunFilterStateType(
                        any_=[StateType.FAILED, StateType.CRASHED, StateType.COMPLETED]
                    )
                ),
                end_time=FlowRunFilterEndTime(after_=since, before_=before),
            ),
            sort=FlowRunSort.END_TIME_DESC,
            limit=PAGE,
        )
    return sorted_out([(lanes[run.deployment_id], run) for run in runs if run.deployment_id in lanes])


def sorted_out(runs: list[tuple[str, FlowRun]]) -> tuple[list[FailedRun], dict[str, str]]:
    """Return the failed ones of these runs, the latest first given, and by lane one that succeeded after."""
    failed: list[FailedRun] = []
    succeeded: dict[str, str] = {}
    decided: set[str] = set()
    for lane, run in runs:
        if run.state is None:
            continue
        if run.state.is_completed():
            if lane not in decided:
                succeeded[lane] = run.name
        else:
            failed.append(FailedRun(lane, run.name, run.state.message or run.state.name or ""))
        decided.add(lane)
    return failed, succeeded


@flow(name="watch")
async def watch() -> State:
    """Raise incidents for what ails the program and resolve those that are over."""
    started, since, before = await asyncio.to_thread(_begun)
    failed, succeeded = await flow_runs(since, before)
    outcome = await asyncio.to_thread(watching.watch, engine(), failed, succeeded)
    told = await asyncio.to_thread(summary.tell, engine())
    await asyncio.to_thread(wake.note, engine(), LANE, started, len(outcome.raised))
    await asyncio.to_thread(sweep_files)
    return _state(outcome, told)


def sweep_files() -> None:
    """Delete the files that nothing refers to, once a day, where this worker knows their folder."""
    folder = os.environ.get("BEIAN_FOLDER")
    if not folder:
        return
    with reading(engine()) as connection:
        now, last = clock.now(connection), watching.last_begun(connection, conditions.FILES)
    if last is None or now >= last + FILES_EVERY:
        gone = documents.sweep_orphans(engine(), Path(folder) / "files")
        wake.note(engine(), conditions.FILES, now, len(gone))


def _begun() -> tuple[datetime, datetime, datetime]:
    """Return this database's present, and from when to when runs are looked at: from the last watch's on.

    Prefect's runs end in real time, whatever time a story has come to.
    """
    with reading(engine()) as connection:
        now, real = clock.now(connection), clock.present(None)
        last = None if clock.is_story(connection) else watching.last_begun(connection)
        return now, real - FIRST_LOOK if last is None else last, real


def _state(outcome: Outcome, told: int) -> State:
    if not outcome.raised and not outcome.resolved and not told:
        return Completed(name="Nothing new")
    said = [f"raised {each}" for each in outcome.raised] + [f"resolved {each}" for each in outcome.resolved]
    if told:
        said.append(f"daily summary to {told}")
    return Completed(name="Incidents" if outcome.raised else "Resolved", message=", ".join(said))
