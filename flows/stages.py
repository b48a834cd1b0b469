"""One named task for each kind of stage: it applies what falls due at that stage, and nothing else does.

Each takes a call and the stages of its kind there, and returns what moved.
"""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import groupby
from typing import Any

from prefect import task

from casework import loading, queries, wake
from casework.wake import Sweep
from flows.database import engine
from models.database import reading
from procedure.definition import Procedure, StageKind

Stages = tuple[str, ...]
StageTask = Callable[[int, Stages, int | None], Coroutine[Any, Any, Sweep]]


@task(name="online submission")
async def online_submission(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Drafts left at the closing instant are not accepted, with a notice, and stay readable."""
    return await _settle(call, stages, case)


@task(name="district endorsement")
async def district_endorsement(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Recommendations, corrections for the district and papers whose time has come."""
    return await _settle(call, stages, case)


@task(name="formal review")
async def formal_review(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Formal reviews that are overdue and corrections whose time has run out."""
    return await _settle(call, stages, case)


@task(name="expert review")
async def expert_review(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Panels not named and scores not given in time."""
    return await _settle(call, stages, case)


@task(name="site visit")
async def site_visit(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Site visits that are overdue."""
    return await _settle(call, stages, case)


@task(name="defence")
async def defence(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Defences whose time has come."""
    return await _settle(call, stages, case)


@task(name="selection")
async def selection(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Lists that are overdue."""
    return await _settle(call, stages, case)


@task(name="publicity")
async def publicity(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Publicity periods that have ended."""
    return await _settle(call, stages, case)


@task(name="filing")
async def filing(call: int, stages: Stages, case: int | None = None) -> Sweep:
    """Filing documents that are overdue."""
    return await _settle(call, stages, case)


STAGE_TASKS: dict[StageKind, StageTask] = {
    StageKind.ONLINE_SUBMISSION: online_submission,
    StageKind.DISTRICT_ENDORSEMENT: district_endorsement,
    StageKind.FORMAL_REVIEW: formal_review,
    StageKind.EXPERT_REVIEW: expert_review,
    StageKind.SITE_VISIT: site_visit,
    StageKind.DEFENCE: defence,
    StageKind.SELECTION: selection,
    StageKind.PUBLICITY: publicity,
    StageKind.FILING: filing,
}
"""The task of each kind of stage."""


def walk(procedure: Procedure) -> list[tuple[StageKind, Stages]]:
    """Return the pack's stages in its order, neighbours of one kind together."""
    grouped = groupby(procedure.application.stages, key=lambda stage: stage.kind)
    return [(kind, tuple(stage.id for stage in stages)) for kind, stages in grouped]


def open_calls(code: str | None) -> list[tuple[int, str, Procedure]]:
    """Return the calls that still have something to do, or the one of this code, with their procedures."""
    with reading(engine()) as connection:
        return [
            (call, name, loading.one(connection, call).procedure)
            for call, name in queries.open_calls(connection)
            if code in (None, name)
        ]


def case_id(number: str | None) -> int | None:
    """Return the id of the case with this number; raises NoSuchSubject for an unknown one."""
    if number is None:
        return None
    with reading(engine()) as connection:
        return loading.id_of(connection, number)


async def _settle(call: int, stages: Stages, case: int | None) -> Sweep:
    return await asyncio.to_thread(
        wake.sweep, engine(), "application", stages=stages, parent=call, subject=case
    )
