"""Changing a filed consortium: materials, the consent of every unit, and the bureau's decision."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

import pendulum
from pydantic import StringConstraints

from procedure import eligibility
from procedure.act import Consequence, Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.acts.draft import Digest, Reason
from procedure.acts.eligible import asked
from procedure.barred import barred
from procedure.change import Change, Composition, Exemption, Known, new_name, without_lead
from procedure.dialect import references
from procedure.eligibility import STOPPING, Assessment
from procedure.entry import Unit
from procedure.evaluation import Evidence
from procedure.instant import day_of
from procedure.subject import Member

RUNNING_PROJECT = "running_project"
"""The exemption that lets a consortium with a running project dissolve."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Attached(Payload):
    """A stored file as one of the materials that the change asks for."""

    material: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    digest: Digest
    name: Line


class Exempted(Payload):
    """Which rule the change is exempted from, and why."""

    rule: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    reason: Reason


class Why(Payload):
    """A written reason."""

    reason: Reason


class Decided(Payload):
    """Whether the change is approved, why, and the document that says so."""

    result: Literal["approved", "declined"]
    answer: Reason
    document_number: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


def change_of(c: Context) -> Change:
    """Return the particulars of the change that an act is on."""
    record = c.subject.record
    if not isinstance(record, Change):
        raise TypeError(f"{c.subject.ref} is a {c.subject.kind}")
    return record


def _known(c: Context) -> Known:
    known = c.facts.consortium
    if known is None:
        raise ValueError(f"{c.subject.ref}: the facts bring no consortium")
    return known


@act("attach_material", "material_attached", Attached, "files")
def attach_material(c: Context, p: Attached) -> Happening | Refusal:
    """Attach a file as one of the materials of the change; a new one takes the former one's place."""
    asked_for = c.procedure.changes[change_of(c).aspect].materials
    if p.material not in asked_for:
        return Refusal("unknown_material_of_change", {"given": p.material, "known": list(asked_for)})
    stored = c.facts.stored_files or {}
    if p.digest not in stored:
        return Refusal("file_not_stored", {"name": p.name, "digest": p.digest})
    return Happening({**p.model_dump(), "size": stored[p.digest]})


@act("exempt_change", "change_exempted", Exempted)
def exempt_change(c: Context, p: Exempted) -> Happening | Refusal:
    """Let the change do what a rule stands against, with a written reason."""
    rules = [RUNNING_PROJECT, *(rule.id for rule in c.procedure.rules if rule.stops)]
    if p.rule not in rules:
        return Refusal("unknown_exemption", {"given": p.rule, "known": rules})
    return Happening(p.model_dump())


@act("hand_in_change", "change_handed_in", Nothing, "consortium", "bars")
def hand_in_change(c: Context, p: Nothing) -> Happening | Refusal:
    """Hand the change in, the lead consenting thereby; everything is checked before others are asked."""
    change = change_of(c)
    wanted = c.procedure.changes[change.aspect].materials
    missing = [name for name in wanted if name not in change.materials]
    if missing:
        return Refusal(
            "materials_missing",
            {"wanting": missing},
            c.procedure.changes[change.aspect].clause,
        )
    refused = unsound(c, change, _known(c))
    if refused is not None:
        return refused
    return Happening({"uscc": change.lead}, seen={"change": {"agreed": change.agreed_but_for(change.lead)}})


@act("consent_to_change", "change_consented")
def consent_to_change(c: Context, p: Nothing) -> Happening | Refusal:
    """Consent, as a unit of the consortium or one that is to join; the last consent sends it on."""
    party = _asked(c)
    if isinstance(party, Refusal):
        return party
    return Happening({"uscc": party}, seen={"change": {"agreed": change_of(c).agreed_but_for(party)}})


@act("refuse_change", "change_refused", Why)
def refuse_change(c: Context, p: Why) -> Happening | Refusal:
    """Refuse, as a unit whose consent is needed: the change is over."""
    party = _asked(c)
    return party if isinstance(party, Refusal) else Happening({"uscc": party, "reason": p.reason})


@act("withdraw_change", "change_withdrawn", Why)
def withdraw_change(c: Context, p: Why) -> Happening:
    """Withdraw the change; it is over."""
    return Happening({"reason": p.reason})


@act("decide_change", "change_decided", Decided, "consortium", "bars")
def decide_change(c: Context, p: Decided) -> Happening | Refusal:
    """Approve the change or decline it; what was approved is done to the entry in the same transaction."""
    change, known = change_of(c), _known(c)
    data = {"result": p.result, "answer": p.answer, "document_number": p.document_number, "reason": p.answer}
    if p.result == "declined":
        return Happening(data, seen={"decision": {"result": p.result}})
    refused = unsound(c, change, known)
    if refused is not None:
        return refused
    cause = {"cause": c.subject.ref, "reason": p.answer}
    if change.aspect == "dissolution":
        effect = Consequence(change.entry, "be_dissolved", cause)
    else:
        values = {**cause, "aspect": change.aspect, "after": effects(c, change, known)}
        effect = Consequence(change.entry, "be_changed", values)
    return Happening(data, seen={"decision": {"result": p.result}}, consequences=(effect,))


def effects(c: Context, change: Change, known: Known) -> dict[str, Any]:
    """Return what the entry says after the change, by its particulars."""
    name = new_name(c.procedure, known, change)
    told: dict[str, Any] = {} if name is None else {"name": name}
    match change.aspect:
        case "members" | "lead":
            after = known.composition.after(change)
            told |= {"members": [asdict(each) for each in after.members]}
            if change.new_lead is not None:
                kept = without_lead(known.entry.form)
                told |= {"lead": after.lead.uscc, "lead_name": after.lead.name, "form": kept | change.form}
        case "direction":
            told |= {"direction": change.value}
        case "chief_expert":
            told |= {"chief_expert": change.value}
        case "plan":
            told |= {"plan": change.value}
            if change.form:
                told |= {"form": known.entry.form | change.form}
        case _:
            pass
    return told


def unsound(c: Context, change: Change, known: Known) -> Refusal | None:
    """Return why the change cannot be, by the record as it is now; None for one that can."""
    clause = c.procedure.changes[change.aspect].clause
    if change.aspect == "dissolution" and known.running and not change.exempt(RUNNING_PROJECT):
        return Refusal("project_running", {"projects": [each.title for each in known.running]}, clause)
    if change.aspect == "lead" and known.open_matters:
        return Refusal("matters_open", {"matters": list(known.open_matters)})
    name = new_name(c.procedure, known, change)
    if name is not None and name != known.entry.name and name in known.names_taken:
        return Refusal("name_taken", {"name": name}, c.procedure.naming.clause)
    if known.tied:
        told = [f"{each.name} ({each.evaluation}, {each.uscc})" for each in known.tied]
        return Refusal("reviewers_tied", {"tied": told})
    core = (each.uscc for each in change.joins if each.core_layer)
    for uscc in (change.new_lead, *core):
        kept_away = barred(c.procedure, c.facts, uscc, day_of(c.now))
        if kept_away is not None:
            return kept_away
    broken = list(_broken(c, change, known.composition))
    if broken:
        return Refusal("would_break_rules", {"rules": [asked(each) for each in broken]}, broken[0].clause)
    return None


def _broken(c: Context, change: Change, before: Composition) -> Iterator[Assessment]:
    """Yield the rules that what the consortium becomes does not meet, as far as the change concerns them."""
    if change.aspect not in ("members", "lead"):
        return
    after = before.after(change)
    fresh = {each.uscc for each in change.joins}
    concerned = {"members"} if change.aspect == "members" else {"members", "lead"}
    form = {**after.form, "lead.kind": after.lead.kind}
    for each in eligibility.assess(c.procedure, form, _members(after.members), day_of(c.now)):
        rule = c.procedure.rule[each.rule]
        if not rule.stops or change.exempt(rule.id) or each.answer not in STOPPING:
            continue
        if rule.each == "member":
            if any(one.uscc in fresh and one.answer in STOPPING for one in each.members):
                missing = tuple(fact for fact in each.missing if fact.member in fresh)
                yield replace(each, missing=missing)
        elif concerned & references(rule.met).names:
            yield each


def _members(units: tuple[Unit, ...]) -> list[Member]:
    return [
        Member(each.uscc, each.name, each.kind, each.core_layer, "confirmed", each.form) for each in units
    ]


def _asked(c: Context) -> str | Refusal:
    """Return the unit that answers, or why it has nothing to answer."""
    party = change_of(c).party(c.actor.organisation)
    if party is None:
        return Refusal("consent_of_a_stranger", {"uscc": c.actor.organisation or "", "ref": c.subject.ref})
    if party.answer is not None:
        return Refusal("already_answered", {"uscc": party.uscc, "status": party.answer})
    return party.uscc


@evolves("material_attached")
def _attached(r: Change, data: dict[str, Any], at: pendulum.DateTime) -> Change:
    fresh = Evidence(data["name"], data["digest"], data["size"])
    return replace(r, materials={**r.materials, data["material"]: fresh})


@evolves("change_exempted")
def _exempted(r: Change, data: dict[str, Any], at: pendulum.DateTime) -> Change:
    return replace(r, exemptions=(*r.exemptions, Exemption(data["rule"], data["reason"])))


@evolves("change_handed_in")
@evolves("change_consented")
def _consented(r: Change, data: dict[str, Any], at: pendulum.DateTime) -> Change:
    return _answered(r, data["uscc"], "consented", at)


@evolves("change_refused")
def _refused(r: Change, data: dict[str, Any], at: pendulum.DateTime) -> Change:
    return replace(_answered(r, data["uscc"], "refused", at), refused_by=data["uscc"])


def _answered(r: Change, uscc: str, answer: Literal["consented", "refused"], at: pendulum.DateTime) -> Change:
    return replace(
        r,
        parties=tuple(
            replace(each, answer=answer, answered_at=at) if each.uscc == uscc else each for each in r.parties
        ),
    )


@evolves("change_decided")
def _decided(r: Change, data: dict[str, Any], at: pendulum.DateTime) -> Change:
    return replace(r, decision=data["result"], answer=data["answer"], document_number=data["document_number"])
