"""The texts that notices are written with: those of a subject's pinned revision, or of operations."""

from functools import cache
from pathlib import Path

from ruamel.yaml import YAML
from sqlalchemy import Engine, select

import notifications
from casework import procedures
from models import Subject
from models.database import reading
from notifications.rendering import Texts

_subjects = Subject.__table__


def texts_of(engine: Engine, subject_id: int | None) -> Texts:
    """Return the notice texts of the revision that `subject_id` is pinned to; without one, operations'."""
    if subject_id is None:
        return of_operations()
    with reading(engine) as connection:
        revision = connection.execute(
            select(_subjects.c.revision_id).where(_subjects.c.id == subject_id)
        ).scalar_one()
        return procedures.of_revision(connection, revision).texts


@cache
def of_operations() -> Texts:
    """Return what operations tell their own people (`notifications/operations.yaml`)."""
    path = Path(notifications.__path__[0]) / "operations.yaml"
    found: Texts = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found
