"""Viewflow: a Django flow of tasks done from outside, in SQLite through Django's own tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from benchmarks.peers import ACTS


class Viewflow:
    """Cases in one SQLite file under `folder`; one such peer a process, since Django is set up once."""

    def __init__(self, folder: Path) -> None:
        settings.configure(
            INSTALLED_APPS=[
                "django.contrib.auth",
                "django.contrib.contenttypes",
                "viewflow",
                "viewflow.workflow",
                "benchmarks.peers",
            ],
            DATABASES={
                "default": {
                    "ENGINE": "django.db.backends.sqlite3",
                    "NAME": str(folder / "viewflow.db"),
                    "OPTIONS": {
                        "transaction_mode": "IMMEDIATE",
                        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                        " PRAGMA wal_autocheckpoint=16000;",
                    },
                }
            },
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
            USE_TZ=True,
        )
        django.setup()
        call_command("migrate", verbosity=0)
        # Viewflow finds a flow again by the name of its class in this module.
        globals()["Life"] = self._flow = _life()

    def begin(self) -> int:
        """Begin a case."""
        return int(self._flow.begin.run().pk)

    def act(self, case: int, name: str, payload: Mapping[str, Any]) -> None:
        """Complete the task that is there to be done."""
        task = self._waiting(case)
        if task is None or task.flow_task.name != name:
            raise AssertionError(f"{case} does not wait for {name}")
        task.flow_task.run(task, payload=dict(payload))

    def waits_for(self, case: int) -> str | None:
        """Return the task that is there to be done."""
        task = self._waiting(case)
        return None if task is None else str(task.flow_task.name)

    def _waiting(self, case: int) -> Any:
        tasks = self._flow.task_class._default_manager
        return tasks.filter(process_id=case, finished__isnull=True).first()


def _life() -> Any:
    from viewflow import this  # noqa: PLC0415 - only after Django is set up
    from viewflow.workflow import flow, lock  # noqa: PLC0415
    from viewflow.workflow.models import Process  # noqa: PLC0415

    def done(activation: Any, payload: Mapping[str, Any]) -> None:
        activation.task.data = payload

    def begun(activation: Any) -> Any:
        return activation.process

    names = [name for name, _ in ACTS]
    nodes: dict[str, Any] = {
        name: flow.Handle(done).Next(getattr(this, follows))
        for name, follows in zip(names, [*names[1:], "end"], strict=True)
    }
    nodes["begin"] = flow.StartHandle(begun).Next(getattr(this, names[0]))
    nodes["end"] = flow.End()
    return type(
        "Life",
        (flow.Flow,),
        {"process_class": Process, "lock_impl": lock.select_for_update_lock, "__module__": __name__, **nodes},
    )


def made(folder: Path) -> Viewflow:
    """Make the peer."""
    return Viewflow(folder)
