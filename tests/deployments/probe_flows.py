"""Tiny flows for the worker to carry. Each leaves a line in the file that BEIAN_DATABASE_URL names."""

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from deployments.catalog import Lane


def note(text: str) -> None:
    with Path(os.environ["BEIAN_DATABASE_URL"]).open("a") as diary:
        diary.write(f"{datetime.now(UTC).isoformat()} {text}\n")


@flow
async def tick() -> None:
    """Runs often."""
    await asyncio.to_thread(note, "tick")


@flow
async def echo(word: str = "") -> str:
    """Is only triggered."""
    await asyncio.to_thread(note, f"echo {word}")
    return word


@flow
async def slow(seconds: float = 0) -> None:
    """Is triggered to be killed, and runs often besides."""
    await asyncio.to_thread(note, f"slow began {seconds}")
    await asyncio.to_thread(time.sleep, seconds)
    await asyncio.to_thread(note, f"slow ended {seconds}")


@flow
async def broken(how: str = "") -> None:
    """Fails as it is told."""
    if how == "raise":
        raise ValueError("broken on purpose")
    if how == "exit":
        raise SystemExit(3)
    if how == "hang":
        await asyncio.to_thread(time.sleep, 60)


HOUR = 3600


def lanes() -> tuple[Lane, ...]:
    return tuple(
        Lane(name=name, entrypoint=f"probe_flows.{name}", every=every, description=f"The probe {name}.")
        for name, every in [("tick", 3), ("echo", HOUR), ("slow", 5), ("broken", HOUR)]
    )
