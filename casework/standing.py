"""Where a case or call stands now, with what has fallen due since the last sweep applied."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from casework import facts, loading, wording
from casework.loading import Loaded
from casework.wording import Offer
from models import Person
from procedure.definition import Procedure, Stage
from procedure.eligibility import Assessment, of_application
from procedure.event import Event
from procedure.instant import day_of
from procedure.machine import settle
from procedure.subject import Application, Deadline, Subject

_people = Person.__table__


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject as it stands; ``pending`` is what happened by itself and no sweep has recorded yet.

    ``desk`` is the name of the person whom the case was given to at this stage.
    """

    loaded: Loaded
    subject: Subject
    pending: tuple[Event, ...]
    desk: str | None = None

    @property
    def procedure(self) -> Procedure:
        """The pinned procedure."""
        return self.loaded.procedure

    @property
    def stage(self) -> Stage:
        """The stage it is or ended at."""
        return self.procedure.life(self.subject.kind).stage[self.subject.stage]

    def place(self, language: str) -> str:
        """Return the title of the outcome, or of the stage while it is open."""
        life = self.procedure.life(self.subject.kind)
        if self.subject.outcome is not None:
            return life.outcome[self.subject.outcome].title.of(language)
        return self.stage.title.of(language)

    def offers(self, language: str) -> tuple[Offer, ...]:
        """Return the acts that people can do now."""
        return wording.offers(self.procedure, self.subject, language)

    def deadline_title(self, deadline: Deadline, language: str) -> str:
        """Return the title of one of its deadlines."""
        return self.procedure.life(self.subject.kind).deadline[deadline.name].title.of(language)

    def eligibility(self) -> tuple[Assessment, ...]:
        """Return every rule's answer for an application; nothing for a call."""
        record = self.subject.record
        if not isinstance(record, Application):
            return ()
        return of_application(self.procedure, record, day_of(self.loaded.now))

    def as_data(self) -> dict[str, Any]:
        """Return where it stands, for programs."""
        return {
            "ref": self.subject.ref,
            "kind": self.subject.kind,
            "version": self.subject.version - len(self.pending),
            "stage": self.subject.stage,
            "outcome": self.subject.outcome,
            "holder": None if self.subject.outcome is not None else self.stage.holder,
            "desk": self.desk,
            "since": self.subject.entered_at,
            "deadlines": [
                {
                    "name": each.name,
                    "occurrence": each.occurrence,
                    "state": each.state,
                    "holder": each.holder,
                    "due": None if each.state == "suspended" else each.due_at,
                    "provisional": each.provisional,
                }
                for each in self.subject.deadlines
            ],
            "pending": [each.kind for each in self.pending],
        }


def standing(connection: Connection, subject_id: int) -> Standing:
    """Return where the subject with this id stands at this database's present."""
    loaded = loading.one(connection, subject_id)
    subject, pending = settle(loaded.procedure, loaded.subject, facts.plain(loaded), loaded.now)
    given_to = subject.record.desk if isinstance(subject.record, Application) else None
    desk = None
    if given_to is not None:
        desk = connection.execute(select(_people.c.name).where(_people.c.id == given_to)).scalar()
    return Standing(loaded, subject, pending, desk)
