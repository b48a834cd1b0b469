"""Erasing personal data: the values go, the chain stays whole."""

from sqlalchemy import Engine, select, update

from casework import loading
from models import Event as EventRow
from models import Subject as SubjectRow
from models.database import writing
from procedure import event as events
from procedure import subject as subjects
from procedure.machine import replay

_events = EventRow.__table__
_subjects = SubjectRow.__table__


def erase(engine: Engine, subject_id: int) -> int:
    """Erase the personal form fields of a subject from events and state; return how many events had any.

    It cannot be undone. The digests stay, so that ``audit verify`` still finds the chain whole.
    """
    with writing(engine) as connection:
        erased = connection.execute(
            update(_events)
            .where(_events.c.subject_id == subject_id, _events.c.personal.is_not(None))
            .values(personal=None)
        ).rowcount
        rows = connection.execute(
            select(_events.c.data, _events.c.personal)
            .where(_events.c.subject_id == subject_id)
            .order_by(_events.c.seq)
        ).all()
        if not rows:
            raise loading.NoSuchSubject(f"no subject {subject_id}")
        state = subjects.dump(replay(events.load(row.data) for row in rows))
        connection.execute(update(_subjects).where(_subjects.c.id == subject_id).values(state=state))
    return erased
