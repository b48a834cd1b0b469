"""A change as the lead unit proposes it: read against the consortium as it is."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from procedure import indicator
from procedure.act import Organisation, Refusal
from procedure.acts.act_type import Payload
from procedure.acts.draft import Reason, facts_of
from procedure.change import Change, Composition, Known, Party
from procedure.definition import Aspect, Procedure, UnitKind
from procedure.entry import Unit
from procedure.form import parse_all
from procedure.uscc import InvalidUscc, valid

Value = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Joining(Payload):
    """A unit that is to join; name and kind are needed where the USCC is not known yet."""

    uscc: str
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    kind: UnitKind | None = None
    core_layer: bool = False
    fields: Annotated[dict[str, Any], Field(default_factory=dict, max_length=200)]


class Proposed(Payload):
    """What is to change, and why; which of the others is needed depends on the aspect.

    ``fields`` are those of the form about a new lead, or the targets that a plan sets anew; the others stay.
    """

    aspect: Aspect
    reason: Reason
    joins: Annotated[tuple[Joining, ...], Field(max_length=50)] = ()
    leaves: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    lead: str | None = None
    value: Value | None = None
    fields: Annotated[dict[str, Any], Field(default_factory=dict, max_length=200)]


def proposal(
    procedure: Procedure, known: Known, wanted: Proposed, organisations: Mapping[str, Organisation]
) -> Change | Refusal:
    """Return the change that is proposed, with whose consent it needs, or what is wrong with it."""
    rule = procedure.changes.get(wanted.aspect)
    if rule is None:
        return Refusal("unknown_change", {"aspect": wanted.aspect, "aspects": list(procedure.changes)})
    entry, composition = known.entry, known.composition
    joins = _joins(procedure, composition, wanted, organisations)
    if isinstance(joins, Refusal):
        return joins
    refused = _unfit(procedure, composition, wanted)
    if refused is not None:
        return refused
    asked = indicator.fields(procedure) if wanted.aspect == "plan" else _section(procedure, "lead")
    form, problems = parse_all(asked, wanted.fields)
    if problems:
        return Refusal("bad_fields", {"problems": [facts_of(each) for each in problems]})
    parties: tuple[Party, ...] = ()
    if rule.consent == "all":
        parties = tuple(Party(each.uscc, each.name) for each in (*composition.units, *joins))
    value = wanted.value
    return Change(
        entry.entry,
        entry.name,
        entry.lead,
        entry.lead_name,
        entry.district,
        wanted.aspect,
        wanted.reason,
        parties,
        joins,
        wanted.leaves,
        wanted.lead if wanted.aspect == "lead" else None,
        value.strip() if value is not None else None,
        {path: told for path, told in form.items() if told is not None},
    )


def _joins(
    procedure: Procedure,
    composition: Composition,
    wanted: Proposed,
    organisations: Mapping[str, Organisation],
) -> tuple[Unit, ...] | Refusal:
    joins: list[Unit] = []
    for each in wanted.joins:
        try:
            uscc = valid(each.uscc)
        except InvalidUscc as problem:
            return Refusal("invalid_uscc", {"uscc": each.uscc[:40], "problem": str(problem)})
        if uscc == composition.lead.uscc:
            return Refusal("lead_is_no_member", {"uscc": uscc})
        if composition.member(uscc) is not None or any(uscc == other.uscc for other in joins):
            return Refusal("already_a_member", {"uscc": uscc, "status": "confirmed"})
        unit = organisations.get(uscc)
        name, kind = (unit.name, unit.kind) if unit is not None else (each.name, each.kind)
        if name is None or kind is None:
            return Refusal("unknown_unit", {"uscc": uscc, "needed": ["name", "kind"]})
        form, problems = parse_all(_section(procedure, "member"), each.fields)
        if problems:
            return Refusal("bad_fields", {"problems": [facts_of(problem) for problem in problems]})
        told = {path: value for path, value in form.items() if value is not None}
        joins.append(Unit(uscc, name, kind, each.core_layer, told))
    return tuple(joins)


def _unfit(procedure: Procedure, composition: Composition, wanted: Proposed) -> Refusal | None:
    """Return what is wrong with who leaves, who leads or what the value is."""
    aspect = wanted.aspect
    moves = bool(wanted.joins or wanted.leaves)
    if moves and aspect not in ("members", "lead"):
        return _not_of_it(aspect, "joins" if wanted.joins else "leaves")
    if aspect == "members" and not moves:
        return Refusal("nobody_moves", {"aspect": aspect})
    if aspect == "lead":
        if composition.member(wanted.lead) is None:
            return Refusal("new_lead_is_no_member", {"uscc": (wanted.lead or "")[:40]})
        leaving = set(wanted.leaves) - {composition.lead.uscc}
        if leaving or wanted.joins:
            return _not_of_it(aspect, "leaves" if leaving else "joins")
    for uscc in wanted.leaves if aspect == "members" else ():
        if composition.member(uscc) is None:
            return Refusal("no_such_member", {"uscc": uscc[:40]})
    if aspect in ("direction", "name", "chief_expert", "plan") and wanted.value is None:
        return Refusal("value_missing", {"aspect": aspect, "field": "value"})
    if aspect == "name" and procedure.naming.clause is not None:
        return Refusal("name_is_stated", {"pattern": procedure.naming.pattern}, procedure.naming.clause)
    return None


def _not_of_it(aspect: str, field: str) -> Refusal:
    return Refusal("not_of_this_change", {"aspect": aspect, "field": field})


def _section(procedure: Procedure, section: str) -> dict[str, Any]:
    return {
        path: each
        for path, each in procedure.field.items()
        if path.startswith(f"{section}.") and not each.personal
    }
