"""The calls' windows: they open and close by themselves, and drafts left at the closing are not accepted."""

import asyncio

from prefect import flow, task
from prefect.client.schemas.objects import State

from casework import calendar_import, wake
from casework.wake import Sweep
from flows.database import engine
from flows.report import Report, begun, finish
from flows.stages import online_submission, open_calls, walk
from procedure.definition import StageKind


@task(name="windows")
async def windows() -> Sweep:
    """Open and close the windows whose instant has come."""
    return await asyncio.to_thread(wake.sweep, engine(), "call")


@task(name="calendar")
async def calendar() -> int:
    """Count every open deadline anew once another holiday arrangement is in force."""
    return len(await asyncio.to_thread(calendar_import.recount, engine()))


@flow(name="calls")
async def calls() -> State:
    """Apply a new calendar, open and close every call's window in time, then close the drafts left."""
    report = Report("calls", await asyncio.to_thread(begun))
    await calendar()
    sweep = await windows()
    report.add("", "windows", sweep)
    moved = {each.ref for each in sweep.moved}
    for call_id, code, procedure in await asyncio.to_thread(open_calls, None):
        if code in moved:
            for kind, stages in walk(procedure):
                if kind is StageKind.ONLINE_SUBMISSION:
                    report.add(code, kind.value, await online_submission(call_id, stages))
    return await finish(report)
