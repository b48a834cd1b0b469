"""An entry that expired, was revoked or dissolved takes with it what is still open of it.

Which stages end so stands in the pack: those that allow ``end_with_entry``. A claim and the loss of the lead
qualification concern money and the unit, not the filing; they go on.
"""

import pendulum
from sqlalchemy import Connection, select

from casework import facts, loading, matters
from casework.loading import Loaded
from models import Matter
from models import Subject as SubjectRow
from procedure.act import Refusal
from procedure.acts.ending import END_WITH_ENTRY
from procedure.definition import Procedure
from procedure.entry import Entry
from procedure.evaluation import Evaluation
from procedure.machine import settle
from procedure.subject import Subject

_matters = Matter.__table__
_subjects = SubjectRow.__table__

_WITH_AN_ENTRY = frozenset({"evaluation", "change", "revocation"})


def follow(connection: Connection, loaded: Loaded, after: Subject) -> None:
    """End what an entry that has just ceased to be valid leaves open, each with the reason."""
    if not isinstance(after.record, Entry) or (after.outcome is None and after.stage == "valid"):
        return
    life = loaded.procedure.life("entry")
    place = (life.outcome[after.outcome] if after.outcome else life.stage[after.stage]).title.of("zh")
    cause = {"cause": after.ref, "reason": f"{after.ref}：{place}"}
    for each in _open_of(connection, loaded.id):
        matter = loading.one(connection, each)
        # From the instant at which the entry ended, however late that was noticed.
        last, ended = matter.subject.last_at, after.entered_at or loaded.now
        at = ended if last is None else max(ended, last)
        # What had come to an end of its own by then has no other, though no sweep has been there.
        by_then, _ = settle(matter.procedure, matter.subject, facts.plain(matter), at)
        if _ends(matter.procedure, by_then):
            matters.act(connection, each, END_WITH_ENTRY, cause, at)


def ended_already(connection: Connection, loaded: Loaded, at: pendulum.DateTime) -> Refusal | None:
    """Return why nothing is done about a matter whose entry is over at that instant, swept or not.

    None for what goes on without its entry, and for every subject that has none.
    """
    if loaded.subject.kind not in _WITH_AN_ENTRY or not _ends(loaded.procedure, loaded.subject):
        return None
    of_entry = (
        select(_matters.c.entry_id)
        .where(_matters.c.subject_id == loaded.id)
        .correlate(None)
        .scalar_subquery()
    )
    passes = connection.execute(
        select(_subjects.c.id)
        .join(_matters, _matters.c.subject_id == _subjects.c.id)
        .where(_matters.c.entry_id == of_entry, _matters.c.kind == "entry", _subjects.c.passes_at <= at)
    ).scalar()
    if passes is None:
        return None
    entry = loading.one(connection, passes)
    now, _ = settle(entry.procedure, entry.subject, facts.plain(entry), at)
    if now.outcome is None and now.stage == "valid":
        return None
    return Refusal("entry_is_not_valid", {"number": entry.subject.ref, "state": now.outcome or now.stage})


def _open_of(connection: Connection, entry_subject: int) -> list[int]:
    entry = select(_matters.c.entry_id).where(_matters.c.subject_id == entry_subject).scalar_subquery()
    return list(
        connection.execute(
            select(_matters.c.subject_id)
            .join(_subjects, _subjects.c.id == _matters.c.subject_id)
            .where(
                _matters.c.entry_id == entry,
                _matters.c.subject_id != entry_subject,
                _subjects.c.outcome.is_(None),
            )
            .order_by(_matters.c.subject_id)
        ).scalars()
    )


def _ends(procedure: Procedure, subject: Subject) -> bool:
    """Return whether a matter ends with its entry; an acceptance decides on money and goes on."""
    if subject.outcome is not None:
        return False
    if isinstance(subject.record, Evaluation) and subject.record.purpose == "acceptance":
        return False
    return END_WITH_ENTRY in procedure.life(subject.kind).acts(subject.stage)
