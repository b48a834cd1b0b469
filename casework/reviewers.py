"""Who reviews an evaluation has it on their desk until their review is given."""

from sqlalchemy import Connection, insert, update

from casework.loading import Loaded
from models import WorkItem
from procedure.act import Actor
from procedure.evaluation import Evaluation
from procedure.event import Event

_work = WorkItem.__table__


def _appointed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    _done(connection, loaded, event, None)
    due = loaded.subject.deadline("review")
    rows = [
        {
            "subject_id": loaded.id,
            "seq": event.seq,
            "stage": loaded.subject.stage,
            "role": "expert",
            "person_id": person,
            "opened_at": event.effective_at,
            "due_at": None if due is None else due.due_at,
        }
        for person in event.data["seated"]
    ]
    if rows:
        connection.execute(insert(_work), rows)


def _reviewed(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    if event.data["expert"] is not None:
        _done(connection, loaded, event, event.data["expert"])


def _over(connection: Connection, loaded: Loaded, event: Event, actor: Actor) -> None:
    if isinstance(loaded.subject.record, Evaluation):
        _done(connection, loaded, event, None)


def _done(connection: Connection, loaded: Loaded, event: Event, person: int | None) -> None:
    """Take it off the desk of one person, or of everybody."""
    statement = update(_work).where(_work.c.subject_id == loaded.id, _work.c.done_at.is_(None))
    if person is not None:
        statement = statement.where(_work.c.person_id == person)
    connection.execute(statement.values(done_at=event.effective_at))


PARTICULARS = {
    "reviewers_appointed": _appointed,
    "report_reviewed": _reviewed,
    "graded": _over,
    "evaluation_postponed": _over,
    "evaluation_waived": _over,
    "ended_with_entry": _over,
}
"""What each kind of event does to the reviewers' desks."""
