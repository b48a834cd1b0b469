"""Revoking a filing: notice, statement, decision, appeal. What is decided is done to the entry at once."""

from dataclasses import replace
from typing import Any, Literal

import pendulum

from procedure.act import Consequence, Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.hearing import Appeal, AppealDecided, Decided, Statement
from procedure.revocation import Revocation


class Notice(Payload):
    """The facts as the notice states them, where they replace those the revocation began with."""

    facts: Reason | None = None


class Revoked(Decided):
    """Whether the filing is revoked; a revocation has a document."""

    result: Literal["revoked", "kept"]


def revocation_of(c: Context) -> Revocation:
    """Return the particulars of the revocation that an act is on."""
    record = c.subject.record
    if not isinstance(record, Revocation):
        raise TypeError(f"{c.subject.ref} is a {c.subject.kind}")
    return record


@act("give_notice", "revocation_notified", Notice)
def give_notice(c: Context, p: Notice) -> Happening:
    """Tell the unit the facts and the clause, and until when it may be heard."""
    record = revocation_of(c)
    return Happening({"facts": p.facts or record.facts, "ground": record.ground})


@act("make_statement", "statement_made", Statement)
def make_statement(c: Context, p: Statement) -> Happening:
    """Be heard: the unit says what it has to say."""
    return Happening({"statement": p.text})


@act("decide_revocation", "revocation_decided", Revoked)
def decide_revocation(c: Context, p: Revoked) -> Happening | Refusal:
    """Revoke the filing or keep it, answering what the unit said; a revocation has a document."""
    if p.result == "revoked" and p.document_number is None:
        return Refusal("document_number_missing", {"field": "document_number"})
    revoked = (Consequence(revocation_of(c).entry, "be_revoked", _cause(c, p.answer)),)
    return Happening(
        {"result": p.result, "answer": p.answer, "document_number": p.document_number, "reason": p.answer},
        seen={"decision": {"result": p.result}},
        consequences=revoked if p.result == "revoked" else (),
    )


@act("appeal_revocation", "revocation_appealed", Appeal)
def appeal_revocation(c: Context, p: Appeal) -> Happening:
    """Appeal against the revocation."""
    return Happening({"reason": p.reason})


@act("decide_revocation_appeal", "revocation_appeal_decided", AppealDecided)
def decide_revocation_appeal(c: Context, p: AppealDecided) -> Happening:
    """Uphold the revocation, or reverse it: the entry is valid again, with all of its history."""
    restored = (Consequence(revocation_of(c).entry, "be_restored", _cause(c, p.answer)),)
    return Happening(
        {"result": p.result, "answer": p.answer, "reason": p.answer},
        seen={"appeal": {"result": p.result}},
        consequences=restored if p.result == "reversed" else (),
    )


def _cause(c: Context, reason: str) -> dict[str, str]:
    return {"cause": c.subject.ref, "reason": reason}


@evolves("revocation_notified")
def _notified(r: Revocation, data: dict[str, Any], at: pendulum.DateTime) -> Revocation:
    return replace(r, facts=data["facts"])
