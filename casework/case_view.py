"""One case as a desk shows it: where it stands, how it got there, what is next, and what was sent to whom."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select

from casework import procedures, queries
from casework.access import Claim
from casework.explaining import explained
from casework.happened import Told, told
from casework.queries import Happened
from casework.standing import Standing, standing
from casework.terms import Terms
from models import Event, Notice
from models import Subject as SubjectRow
from notifications.rendering import Language, TextError, render
from procedure import written
from procedure.definition import ActRule, Stage
from procedure.instant import iso
from procedure.subject import Application, Deadline

_notices = Notice.__table__
_events = Event.__table__
_subjects = SubjectRow.__table__


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a case's way: done (with the instant it was left), now, or later."""

    title: str
    holder: str
    state: Literal["done", "now", "later"]
    at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline of the present stage: until when, how near, and in prose why then."""

    title: str
    holder: str
    state: str
    at: datetime.datetime
    provisional: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """A notice to one person about a case, as its reader was told."""

    subject: str
    body: str
    at: datetime.datetime
    state: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case and everything that its page shows; ``version`` is what whoever looks at it has seen."""

    id: int
    bureau: str
    stands: Standing
    version: int
    dues: tuple[Due, ...]
    way: tuple[Step, ...]
    told: tuple[Told, ...]
    notices: tuple[Served, ...]
    may: dict[str, ActRule]

    @property
    def application(self) -> Application:
        """The application's particulars."""
        return self.stands.subject.application

    @property
    def stage(self) -> Stage:
        """The stage it is or ended at."""
        return self.stands.stage

    @property
    def may_anybody(self) -> dict[str, ActRule]:
        """The acts that somebody may do to it as it stands, by name."""
        return possible(self.stands)


def view(connection: Connection, subject_id: int, claim: Claim, language: str) -> CaseView:
    """Return a case for somebody who sees it (``desk.find``), in one language."""
    stands = standing(connection, subject_id)
    terms = Terms(language, stands.procedure)
    history = queries.history(connection, subject_id)
    return CaseView(
        subject_id,
        stands.procedure.bureau.code,
        stands,
        stands.subject.version - len(stands.pending),
        dues(connection, subject_id, stands, language),
        _way(stands, history, language),
        tuple(filter(None, (told(terms, claim, each) for each in reversed(history)))),
        _served(connection, subject_id, claim, language),
        allowed(stands, claim.role),
    )


def possible(stands: Standing) -> dict[str, ActRule]:
    """Return the acts that somebody may do to a subject as it stands, by name."""
    life = stands.procedure.life(stands.subject.kind)
    return life.acts(stands.subject.stage) if stands.subject.outcome is None else life.afterwards


def allowed(stands: Standing, role: str) -> dict[str, ActRule]:
    """Return the acts that a role may do to a subject as it stands, by name."""
    return {name: rule for name, rule in possible(stands).items() if role in rule.roles}


def last_act(connection: Connection, subject_id: int) -> tuple[int | None, str | None]:
    """Return who did what last to a subject: a person's id and the act; None for what happened by itself."""
    row = connection.execute(
        select(_events.c.person_id, _events.c.act)
        .where(_events.c.subject_id == subject_id)
        .order_by(_events.c.seq.desc())
        .limit(1)
    ).one()
    return row.person_id, row.act


def changes(
    connection: Connection, subject_id: int, version: int, claim: Claim, language: str
) -> tuple[Told, ...]:
    """Return what somebody is told happened to a subject after the ``version`` they looked at."""
    terms = Terms(language, standing(connection, subject_id).procedure)
    later = (each for each in queries.history(connection, subject_id) if each.seq > version)
    return tuple(filter(None, (told(terms, claim, each) for each in later)))


def changed_fields(
    connection: Connection, subject_id: int, version: int, but: int
) -> frozenset[tuple[str, str]]:
    """Return the fields that others than the person ``but`` saved after ``version``: (USCC or "", path)."""
    found: set[tuple[str, str]] = set()
    rows = connection.execute(
        select(_events.c.seq, _events.c.person_id).where(
            _events.c.subject_id == subject_id, _events.c.seq > version, _events.c.kind == "draft_saved"
        )
    ).all()
    others = {row.seq for row in rows if row.person_id != but}
    if not others:
        return frozenset()
    for each in queries.history(connection, subject_id):
        if each.seq in others:
            found |= {("", path) for path in each.event.data["fields"]}
            found |= {(uscc, path) for uscc, fields in each.event.data["members"].items() for path in fields}
            found |= {(key.partition("/")[0], key.partition("/")[2]) for key in each.event.personal}
    return frozenset(found)


def dues(connection: Connection, subject_id: int, stands: Standing, language: str) -> tuple[Due, ...]:
    """Return the deadlines of a subject's present stage, the first to come first, each explained."""
    entries = queries.ledger(connection, subject_id)
    told_by = explained(connection, stands, entries, language)
    whys = {(account.deadline, account.occurrence): account.lines for account in told_by.accounts}
    found = (_due(stands, each, whys, language) for each in stands.subject.deadlines)
    return tuple(sorted(found, key=lambda due: due.at))


def _due(
    stands: Standing, each: Deadline, whys: dict[tuple[str, int], tuple[str, ...]], language: str
) -> Due:
    rule = stands.procedure.life(stands.subject.kind).deadline[each.name]
    return Due(
        stands.deadline_title(each, language),
        written.HOLDERS[rule.holder].of(language),
        each.state,
        each.due_at,
        each.provisional,
        whys.get((each.name, each.occurrence), ()),
    )


def _way(stands: Standing, history: Sequence[Happened], language: str) -> tuple[Step, ...]:
    """Return the stages the case went through, the one it is at, and those that follow in the pack's order.

    Corrections stand only where there were any; a case that has ended has nothing ahead.
    """
    life = stands.procedure.application
    steps: list[Step] = []
    at: list[str] = []
    for each in history:
        if each.event.stage is not None:
            if at:
                steps.append(_step(life.stage[at[-1]], "done", each.effective_at, language))
            at.append(each.event.stage)
        elif each.event.outcome is not None and at:
            steps.append(_step(life.stage[at[-1]], "done", each.effective_at, language))
    if stands.subject.outcome is not None:
        return tuple(steps)
    steps.append(_step(stands.stage, "now", stands.subject.entered_at, language))
    order = [stage.id for stage in life.stages]
    base = stands.stage.correction.of if stands.stage.correction else stands.stage.id
    ahead = order[order.index(base) + (0 if stands.stage.correction else 1) :]
    sure = [life.stage[name] for name in ahead if life.stage[name].correction is None]
    return (*steps, *(_step(stage, "later", None, language) for stage in sure))


def _step(
    stage: Stage, state: Literal["done", "now", "later"], at: datetime.datetime | None, language: str
) -> Step:
    return Step(stage.title.of(language), written.HOLDERS[stage.holder].of(language), state, at)


def _served(connection: Connection, subject_id: int, claim: Claim, language: str) -> tuple[Served, ...]:
    rows = connection.execute(
        select(_notices)
        # A sum is no column of an index: SQLite would walk all that an officer was ever told.
        .where(_notices.c.subject_id == subject_id, _notices.c.recipient_id + 0 == claim.person)
        .order_by(_notices.c.created_at.desc(), _notices.c.id.desc())
    ).all()
    if not rows:
        return ()
    revision = connection.execute(
        select(_subjects.c.revision_id).where(_subjects.c.id == subject_id)
    ).scalar_one()
    texts = procedures.of_revision(connection, revision).texts
    read: Language = "en" if language == "en" else "zh"
    served: dict[tuple[str, str], Served] = {}
    for row in rows:
        try:
            text = render(texts, row.text, read, row.context, None)
        except TextError:
            continue
        served.setdefault(
            (row.text, iso(row.created_at)), Served(text.subject, text.plain, row.created_at, row.state)
        )
    return tuple(served.values())
