"""What happens after filing by itself: rounds are opened, entries expire, terms run out."""

import asyncio

from prefect import flow, task
from prefect.client.schemas.objects import State

from casework import rounds, wake
from casework.rounds import Opened
from casework.wake import Sweep
from flows.database import engine
from flows.report import Report, begun, finish


@task(name="rounds")
async def opening() -> Opened:
    """Open the task of every entry that is due in the rounds that were announced."""
    return await asyncio.to_thread(rounds.open_tasks, engine())


@task(name="register")
async def register() -> Sweep:
    """Mark the entries whose validity is over, and follow-ups that are overdue."""
    return await asyncio.to_thread(wake.sweep, engine(), "entry")


@task(name="evaluations")
async def evaluations() -> Sweep:
    """Remind of self-reports, comments and reviews, close what was never reported, conclude grades."""
    return await asyncio.to_thread(wake.sweep, engine(), "evaluation")


@task(name="revocations")
async def revocations() -> Sweep:
    """Go on to the decision where nothing was said in time, and end the time to appeal."""
    return await asyncio.to_thread(wake.sweep, engine(), "revocation")


@task(name="changes")
async def changes() -> Sweep:
    """End changes that not every unit consented to in time."""
    return await asyncio.to_thread(wake.sweep, engine(), "change")


@task(name="claims")
async def claims() -> Sweep:
    """Remind of claims to decide and grants to pay."""
    return await asyncio.to_thread(wake.sweep, engine(), "claim")


@task(name="disqualifications")
async def disqualifications() -> Sweep:
    """Go on to the decision where nothing was said in time, and end the time to appeal."""
    return await asyncio.to_thread(wake.sweep, engine(), "disqualification")


@flow(name="evaluation")
async def evaluation() -> State:
    """Apply what has fallen due after filing; the run's state and table say what moved and why."""
    report = Report("evaluation", await asyncio.to_thread(begun))
    report.open(await opening())
    report.add("", "register", await register())
    report.add("", "evaluations", await evaluations())
    report.add("", "revocations", await revocations())
    report.add("", "changes", await changes())
    report.add("", "claims", await claims())
    report.add("", "disqualifications", await disqualifications())
    return await finish(report)
