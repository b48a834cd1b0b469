"""Support claims: decided by the measures and what was granted before, paid, and recovered."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import StringConstraints

from procedure import entitlement
from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.acts.entry import entry_of
from procedure.claim import Payment, Question, SupportClaim
from procedure.entitled import Entitled, as_asked, plain
from procedure.entitlement import Granted
from procedure.entry import Entry, Nominated
from procedure.form import fen
from procedure.instant import Day, calendar_day, day_of, iso

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Nomination(Payload):
    """What the consortium nominates, such as a talent project."""

    object: Line


class OpenQuestion(Payload):
    """What the documents leave open (whether the term covers it, whether it comes beside others), and why."""

    question: Question
    yes: bool
    reason: Reason


class Approval(Payload):
    """How much is granted, in yuan, and the document that says so."""

    amount: str
    document: Line


class Rejection(Payload):
    """Why nothing is granted, or the claim is withdrawn."""

    reason: Reason


class Paid(Payload):
    """How much was paid, in yuan, when, and by which voucher."""

    amount: str
    on: Day
    document: Line


class Recovered(Payload):
    """How much is recovered, in yuan, when, by which document, and because of which matter."""

    amount: str
    on: Day
    document: Line
    cause: Line


def claim_of(c: Context) -> SupportClaim:
    """Return the particulars of the claim that an act is on."""
    record = c.subject.record
    if not isinstance(record, SupportClaim):
        raise TypeError(f"{c.subject.ref} is a {c.subject.kind}")
    return record


def _entitled(c: Context) -> Entitled:
    known = c.facts.entitled
    if known is None:
        raise ValueError(f"{c.subject.ref}: the facts bring no measures")
    return known


@act("nominate", "object_nominated", Nomination)
def nominate(c: Context, p: Nomination) -> Happening | Refusal:
    """Nominate, as the consortium, a project or person for support that asks for it."""
    if any(each.object == p.object for each in entry_of(c).nominations):
        return Refusal("already_nominated", {"object": p.object})
    return Happening({"object": p.object, "on": day_of(c.now).isoformat()})


@act("decide_question", "claim_question_decided", OpenQuestion)
def decide_question(c: Context, p: OpenQuestion) -> Happening:
    """Decide, as an officer, what the documents leave open about a claim."""
    return Happening({"question": p.question, "yes": p.yes, "reason": p.reason})


@act("approve_claim", "claim_approved", Approval, "entitled")
def approve_claim(c: Context, p: Approval) -> Happening | Refusal:
    """Grant an amount within what the measure still allows, whatever was granted before."""
    amount = fen(p.amount)
    if amount is None:
        return _no_amount(p.amount)
    claim, known = claim_of(c), _entitled(c)
    answer = entitlement.grant(
        known.support, as_asked(claim), amount, known.entry, known.granted, known.nominations
    )
    if not isinstance(answer, Granted):
        return not_claimable(claim.measure, answer)
    return Happening({"amount": amount, "document": p.document, "year": answer.year})


@act("reject_claim", "claim_rejected", Rejection)
def reject_claim(c: Context, p: Rejection) -> Happening:
    """Grant nothing, with a reason."""
    return Happening({"reason": p.reason})


@act("withdraw_claim", "claim_withdrawn", Rejection)
def withdraw_claim(c: Context, p: Rejection) -> Happening:
    """Withdraw the claim."""
    return Happening({"reason": p.reason})


@act("pay_claim", "claim_paid", Paid)
def pay_claim(c: Context, p: Paid) -> Happening | Refusal:
    """Record a payment; all payments together never exceed the grant."""
    amount, claim = fen(p.amount), claim_of(c)
    if amount is None:
        return _no_amount(p.amount)
    left = (claim.granted or 0) - claim.paid
    if amount > left:
        return Refusal("over_what_is_left", {"amount": amount, "left": left})
    if p.on > day_of(c.now):
        return Refusal("time_ahead", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    data = {"amount": amount, "on": p.on.isoformat(), "document": p.document}
    return Happening(data, seen={"payment": {"complete": amount == left}})


@act("recover_claim", "claim_recovered", Recovered, "entitled")
def recover_claim(c: Context, p: Recovered) -> Happening | Refusal:
    """Record what is recovered of what was paid, because acceptance failed or the filing was revoked."""
    amount, claim = fen(p.amount), claim_of(c)
    if amount is None:
        return _no_amount(p.amount)
    grounds = _entitled(c).grounds
    if p.cause not in grounds:
        return Refusal("no_ground_to_recover", {"given": p.cause, "known": list(grounds)})
    left = claim.paid - claim.recovered
    if amount > left:
        return Refusal("over_what_is_left", {"amount": amount, "left": left})
    if p.on > day_of(c.now):
        return Refusal("time_ahead", {"field": "on", "value": p.on.isoformat(), "now": iso(c.now)})
    return Happening({"amount": amount, "on": p.on.isoformat(), "document": p.document, "cause": p.cause})


def not_claimable(measure: str, reason: entitlement.Reason) -> Refusal:
    """Return the refusal that a reason against a claim amounts to, with its clause."""
    return Refusal(
        "not_claimable",
        {"measure": measure, "reason": reason.code, "facts": plain(reason.facts)},
        reason.clause,
    )


def _no_amount(given: str) -> Refusal:
    return Refusal("no_amount", {"given": given[:40]})


@evolves("object_nominated")
def _nominated(e: Entry, data: dict[str, Any], at: pendulum.DateTime) -> Entry:
    fresh = Nominated(data["object"], calendar_day(data["on"]))
    return replace(e, nominations=(*e.nominations, fresh))


@evolves("claim_question_decided")
def _question(r: SupportClaim, data: dict[str, Any], at: pendulum.DateTime) -> SupportClaim:
    return replace(r, decided={**r.decided, data["question"]: data["yes"]})


@evolves("claim_approved")
def _approved(r: SupportClaim, data: dict[str, Any], at: pendulum.DateTime) -> SupportClaim:
    return replace(r, granted=data["amount"], document=data["document"], year=data["year"])


@evolves("claim_paid")
def _paid(r: SupportClaim, data: dict[str, Any], at: pendulum.DateTime) -> SupportClaim:
    return replace(r, payments=(*r.payments, _payment(data)))


@evolves("claim_recovered")
def _recovered(r: SupportClaim, data: dict[str, Any], at: pendulum.DateTime) -> SupportClaim:
    return replace(r, recoveries=(*r.recoveries, _payment(data)))


def _payment(data: dict[str, Any]) -> Payment:
    return Payment(data["amount"], calendar_day(data["on"]), data["document"])
