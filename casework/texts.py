"""The texts that a subject's notices are written with: those of the revision it is pinned to."""

from sqlalchemy import Engine, select

from casework import procedures
from models import Subject
from models.database import reading
from notifications.rendering import Texts

_subjects = Subject.__table__


def texts_of(engine: Engine, subject_id: int) -> Texts:
    """Return the notice texts of the revision that `subject_id` is pinned to."""
    with reading(engine) as connection:
        revision = connection.execute(
            select(_subjects.c.revision_id).where(_subjects.c.id == subject_id)
        ).scalar_one()
        return procedures.of_revision(connection, revision).notices
