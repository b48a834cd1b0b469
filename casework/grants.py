"""What was granted, paid and recovered: the rows that caps and exclusions count."""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from casework import claimable
from casework.loading import Loaded
from models import Bureau, Grant, Matter, Subject
from procedure import subject as subjects
from procedure.act import Actor
from procedure.claim import SupportClaim
from procedure.entitled import Entitled, as_asked
from procedure.entitlement import Entitlement, entitlement
from procedure.evaluation import Evaluation
from procedure.event import Event

_grants = Grant.__table__
_bureaus = Bureau.__table__
_matters = Matter.__table__
_subjects = Subject.__table__


def entitled(connection: Connection, loaded: Loaded) -> Entitled | None:
    """Return what a claim is judged by, read in the write lock; None for what is no claim.

    Two claims of one city are decided one after the other, so that no cap is passed by both.
    """
    claim = loaded.subject.record
    if not isinstance(claim, SupportClaim):
        return None
    connection.execute(select(_bureaus.c.id).where(_bureaus.c.id == loaded.bureau_id).with_for_update())
    return _entitled(connection, loaded, claim)


def answer(connection: Connection, loaded: Loaded) -> Entitlement | None:
    """Return what a claim may bring as things stand now; None for what is no claim."""
    claim = loaded.subject.record
    if not isinstance(claim, SupportClaim):
        return None
    known = _entitled(connection, loaded, claim)
    return entitlement(known.support, as_asked(claim), known.entry, known.granted, known.nominations)


def _entitled(connection: Connection, loaded: Loaded, claim: SupportClaim) -> Entitled:
    known = claimable.known(connection, claim.entry, claim.claimed_on, loaded.procedure.bureau.code)
    return Entitled(
        known.support, known.entry, known.granted, known.nominations, grounds(connection, loaded.id)
    )


def grounds(connection: Connection, claim_id: int) -> tuple[str, ...]:
    """Return what funds of a claim may be recovered for: failed acceptances and revocations, by number."""
    entry = select(_matters.c.entry_id).where(_matters.c.subject_id == claim_id).scalar_subquery()
    rows = connection.execute(
        select(_matters.c.number, _matters.c.kind, _subjects.c.state)
        .join(_subjects, _subjects.c.id == _matters.c.subject_id)
        .where(_matters.c.entry_id == entry, _matters.c.kind.in_(("evaluation", "revocation")))
        .order_by(_matters.c.subject_id)
    ).all()
    return tuple(row.number for row in rows if _is_ground(subjects.load(row.state)))


def _is_ground(subject: subjects.Subject) -> bool:
    if subject.kind == "revocation":
        return subject.outcome == "revoked_for_good"
    record = subject.record
    return isinstance(record, Evaluation) and record.purpose == "acceptance" and record.grade == "failed"


def _approved(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
    claim = loaded.subject.record
    if not isinstance(claim, SupportClaim):
        raise TypeError(f"{loaded.subject.ref} is a {loaded.subject.kind}")
    entry = select(_matters.c.entry_id).where(_matters.c.subject_id == loaded.id)
    connection.execute(
        insert(_grants).values(
            subject_id=loaded.id,
            bureau_id=loaded.bureau_id,
            entry_id=connection.execute(entry).scalar_one(),
            measure=claim.measure,
            consortium=claim.consortium,
            beneficiary=claim.beneficiary,
            object=claim.object,
            year=event.data["year"],
            amount=event.data["amount"],
            granted_at=event.effective_at,
        )
    )


def _moved(column: str) -> Callable[[Connection, Loaded, Event, Actor], None]:
    def move(connection: Connection, loaded: Loaded, event: Event, _actor: Actor) -> None:
        values: dict[Any, Any] = {column: _grants.c[column] + event.data["amount"]}
        connection.execute(update(_grants).where(_grants.c.subject_id == loaded.id).values(values))

    return move


PARTICULARS: Final[dict[str, Callable[[Connection, Loaded, Event, Actor], None]]] = {
    "claim_approved": _approved,
    "claim_paid": _moved("paid"),
    "claim_recovered": _moved("recovered"),
}
"""What each kind of event writes beside the subject."""
