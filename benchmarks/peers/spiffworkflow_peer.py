"""SpiffWorkflow: a BPMN process, its state serialised to JSON and kept in a row of SQLite after each act."""

import sqlite3
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from benchmarks.peers import ACTS

_MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def bpmn() -> bytes:
    """Return the life as BPMN: one user task an act, in order."""
    nodes = ["begin", *(name for name, _ in ACTS), "done"]
    tasks = "".join(f'<userTask id="{name}" name="{name}"/>' for name in nodes[1:-1])
    flows = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="{here}" targetRef="{there}"/>'
        for n, (here, there) in enumerate(pairwise(nodes))
    )
    return (
        f'<definitions xmlns="{_MODEL}" id="d" targetNamespace="beian">'
        f'<process id="life" isExecutable="true">'
        f'<startEvent id="begin"/>{tasks}<endEvent id="done"/>{flows}</process></definitions>'
    ).encode()


class Spiff:
    """Cases in one SQLite file under `folder`."""

    def __init__(self, folder: Path) -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(bpmn())
        self._spec = parser.get_spec("life")
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self._database = sqlite3.connect(folder / "spiff.db", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=16000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE cases (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")

    def begin(self) -> int:
        """Begin a case."""
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        made = self._database.execute(
            "INSERT INTO cases (state) VALUES (?)", (self._serializer.serialize_json(workflow),)
        )
        return int(made.lastrowid or 0)

    def act(self, case: int, name: str, payload: Mapping[str, Any]) -> None:
        """Complete the task that is ready."""
        self._database.execute("BEGIN IMMEDIATE")
        workflow = self._load(case)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        if task is None or task.task_spec.bpmn_id != name:
            raise AssertionError(f"{case} does not wait for {name}")
        task.data[name] = dict(payload)
        task.run()
        workflow.do_engine_steps()
        state = self._serializer.serialize_json(workflow)
        self._database.execute("UPDATE cases SET state = ? WHERE id = ?", (state, case))
        self._database.execute("COMMIT")

    def waits_for(self, case: int) -> str | None:
        """Return the task that is ready."""
        task = self._load(case).get_next_task(state=TaskState.READY, manual=True)
        return None if task is None else str(task.task_spec.bpmn_id)

    def _load(self, case: int) -> Any:
        (state,) = self._database.execute("SELECT state FROM cases WHERE id = ?", (case,)).fetchone()
        return self._serializer.deserialize_json(state)


def made(folder: Path) -> Spiff:
    """Make the peer."""
    return Spiff(folder)
