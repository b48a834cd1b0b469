"""The recommendation procedure, from online submission to filing, as each call's pack orders it."""

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State

from flows.report import Report, begun, finish
from flows.stages import STAGE_TASKS, case_id, open_calls, walk


@flow(name="recommendation", flow_run_name="recommendation {call}")
async def recommendation(call: str | None = None, case: str | None = None) -> State:
    """Walk every open call (or one call, or one case) through its pinned stages in the pack's order.

    Each stage's task applies all that has fallen due there: a lapse, an overdue mark, the next stage. The
    walk is repeated when something moved back to a stage that it had passed. The run's state names how much
    moved and a table says what and why.
    """
    started = await asyncio.to_thread(begun)
    only = await asyncio.to_thread(case_id, case)
    report = Report("recommendation", started)
    for call_id, code, procedure in await asyncio.to_thread(open_calls, call):
        again = True
        while again:
            again, passed = False, set[str]()
            for kind, stages in walk(procedure):
                sweep = await STAGE_TASKS[kind](call_id, stages, only)
                report.add(code, kind.value, sweep)
                again = again or any(moved.after in passed for moved in sweep.moved)
                passed.update(stages)
    return await finish(report)
