"""A city's filed consortia through the years after: rounds opened, evaluations carried to their grade."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy import text as sql

from casework import acts, clock, loading, rounds, wake
from casework.access import Claim
from casework.acts import Receipt, Request
from models import Person, Record, RegisterState, Role
from models.database import reading, writing
from procedure.act import Refusal
from procedure.instant import instant, iso, local_instant
from procedure.subject import Subject

TABLES = Record.metadata.tables
KINDS = ("entry", "evaluation", "revocation")


@dataclass
class Years:
    """A story's database after filing; people act by handle, and who speaks for a unit as its applicant."""

    engine: Engine
    bureau: str
    keys: "itertools.count[int]" = field(default_factory=itertools.count)

    def claim(self, handle: str, role: str | None = None) -> Claim:
        people, roles = Person.__table__, Role.__table__
        with reading(self.engine) as connection:
            rows = connection.execute(
                select(people.c.id, roles.c.role)
                .join(roles, roles.c.person_id == people.c.id)
                .where(people.c.handle == handle)
            ).all()
        held = {row.role for row in rows}
        return Claim(rows[0].id, role or ("applicant" if "applicant" in held else held.pop()))

    def at(self, text: str) -> None:
        """Move the story on to a local time, with a sweep of everything half a minute before it."""
        with writing(self.engine) as connection:
            clock.move(connection, local_instant(text))
        for kind in KINDS:
            assert wake.sweep(self.engine, kind).failed == 0

    def id(self, ref: str) -> int:
        with reading(self.engine) as connection:
            return loading.id_of(connection, ref, self.bureau)

    def subject(self, ref: str) -> Subject:
        with reading(self.engine) as connection:
            return loading.one(connection, self.id(ref)).subject

    def place(self, ref: str) -> str:
        found = self.subject(ref)
        return found.outcome or found.stage

    def due(self, ref: str, deadline: str) -> str:
        running = self.subject(ref).deadline(deadline)
        assert running is not None
        return iso(running.due_at)

    def ask(self, ref: str, who: str, act: str, **payload: Any) -> Receipt | Refusal:
        request = Request(self.id(ref), act, self.claim(who), payload, f"years-{next(self.keys)}")
        return acts.perform(self.engine, request)

    def do(self, ref: str, who: str, act: str, **payload: Any) -> None:
        answer = self.ask(ref, who, act, **payload)
        assert isinstance(answer, Receipt), f"{act}: {answer}"

    def round(self, code: str, by: str, **more: Any) -> int:
        """Announce a round and open its tasks; return how many there are."""
        told = {"code": code, "period": code, **more}
        answer = rounds.announce(self.engine, self.bureau, self.claim(by), told)
        assert isinstance(answer, Receipt), answer
        return rounds.open_tasks(self.engine).tasks[code]

    def everything(self) -> dict[str, list[Any]]:
        """Return every row of every table."""
        with reading(self.engine) as connection:
            return {name: connection.execute(select(table)).all() for name, table in TABLES.items()}

    def states(self, number: str) -> list[tuple[str, str]]:
        """Return every state of an entry with the local day and time since when."""
        with reading(self.engine) as connection:
            rows = connection.execute(
                sql(
                    "SELECT s.state, s.since FROM register_states s"
                    " JOIN register_entries e ON e.id = s.entry_id WHERE e.number = :number ORDER BY s.number"
                ).columns(since=RegisterState.__table__.c.since.type),
                {"number": number},
            ).all()
        return [(row.state, iso(instant(row.since))) for row in rows]
