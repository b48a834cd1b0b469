"""Refusals in words: why, what to do next, and what is possible instead, in Chinese and in English."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from casework import claimable
from casework.calls import BadDates
from casework.terms import Terms, catalogue, term
from models.database import DatabaseUnusable
from procedure import written
from procedure.act import Refusal
from procedure.definition import Procedure, Words
from procedure.entitlement import Reason
from procedure.form import FormProblem
from procedure.subject import Subject


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that is possible now, with its title and the roles (titles) that may do it."""

    act: str
    title: str
    roles: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A refusal in words: why, the details one a line, what to do next, and the clause it rests on.

    ``offers`` lists what is possible instead, where an act was not.
    """

    code: str
    says: str
    details: tuple[str, ...]
    next_step: str
    clause: str | None = None
    offers: tuple[Offer, ...] = ()


def word(
    refusal: Refusal, language: str, procedure: Procedure | None = None, subject: Subject | None = None
) -> Wording:
    """Put a refusal into words; with its procedure, stages, fields and materials are named by their titles.

    With the subject, what is possible instead of an unknown act is offered. A code that has no wording is
    said by its name.
    """
    terms = Terms(language, procedure)
    said = terms.table["refusals"].get(refusal.code)
    clause = _clause(terms, refusal)
    if said is None:
        return Wording(refusal.code, f"{refusal.code}: {dict(refusal.facts)}", (), "", clause)
    facts = _Facts(terms, refusal)
    possible: tuple[Offer, ...] = ()
    if refusal.code in ("unknown_act", "act_not_at_this_stage") and terms.procedure and subject:
        possible = offers(terms.procedure, subject, terms.language)
    details = _DETAILS.get(refusal.code)
    return Wording(
        refusal.code,
        said["says"].format_map(facts),
        () if details is None else tuple(details(terms, refusal.facts)),
        said["next"].format_map(facts),
        clause,
        possible,
    )


def _clause(terms: Terms, refusal: Refusal) -> str | None:
    """Return the clause a refusal rests on; that of a measure stands in the document of the measures."""
    measures = _measures(terms) if refusal.code == "not_claimable" else None
    if refusal.clause is None:
        return None
    return terms.clause(refusal.clause) if measures is None else measures.ground(refusal.clause)


def unusable(error: DatabaseUnusable, language: str) -> Wording:
    """Put into words why a database cannot be used; the system's own reason stays as it is."""
    code = type(error).__name__
    if language == "en":
        return Wording(code, f"{error.what}.", (error.why,), f"{error.next_step}.")
    table = catalogue("zh")["database"]
    says = table.get(code, table["DatabaseUnusable"])
    return Wording(code, says["says"], (f"{error.what}: {error.why}",), says["next"])


def date_problems(error: BadDates, language: str, procedure: Procedure) -> tuple[str, ...]:
    """Return what is wrong with the dates given for a call of ``procedure``, one line each."""
    terms = Terms(language, procedure)
    return tuple(_date_problem(terms, procedure, problem) for problem in error.problems)


def offers(procedure: Procedure, subject: Subject, language: str) -> tuple[Offer, ...]:
    """Return the acts that people can do to ``subject`` at its stage or after its end, in order."""
    life = procedure.life(subject.kind)
    own = life.stage[subject.stage].acts
    rules = own | {name: rule for name, rule in life.everywhere.items() if name not in own}
    if subject.outcome is not None:
        rules = life.afterwards
    return tuple(
        Offer(
            name,
            term("acts", name, language),
            written.listed((term("roles", role, language) for role in rule.roles), language),
        )
        for name, rule in rules.items()
        if rule.roles != ("system",)
    )


ASIDES: Final = {
    "at_stage": "stage",
    "because_of": "because",
    "call_stage": "stage",
    "of_experts": "experts",
    "until_due": "due",
}
"""Parts of a sentence that are left out where their fact is not known."""


class _Known(dict[str, Any]):
    """Facts for a sentence, which leaves out what is not known."""

    def __missing__(self, name: str) -> str:
        return ""


class _Facts(_Known):
    """A refusal's facts as words."""

    def __init__(self, terms: Terms, refusal: Refusal) -> None:
        facts = refusal.facts
        super().__init__({name: _said(terms, name, value) for name, value in facts.items()})
        for name, fact in ASIDES.items():
            self[name] = terms.say(name, **{fact: self[fact]}) if facts.get(fact) else ""
        if not facts.get("acting_for", True):
            self["acting_for"] = terms.say("nobody")


def _said(terms: Terms, name: str, value: Any) -> str:
    say = _SAID.get(name)
    if say is not None:
        return say(terms, value)
    if isinstance(value, (list, tuple)):
        return terms.listed(str(each) for each in value)
    return "" if value is None else str(value)


def _each(say: Callable[[Terms, Any], str]) -> Callable[[Terms, Any], str]:
    """Return ``say`` for a list of values; a number stands for how many there are."""
    return lambda terms, values: (
        str(values) if isinstance(values, int) else terms.listed(say(terms, value) for value in values)
    )


def _needed(terms: Terms, value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return terms.listed(terms.particular(each) for each in value)
    return str(value) if isinstance(value, int) else terms.term("acts", value)


def _rules(terms: Terms, values: Any) -> str:
    return terms.listed(
        terms.rule(value["rule"] if isinstance(value, Mapping) else value) for value in values
    )


def _measures(terms: Terms) -> claimable.Words | None:
    """Return the words of the city's measures; None where no city is known, or none of it ship."""
    if terms.procedure is None:
        return None
    try:
        return claimable.Words(claimable.support_of(terms.procedure.bureau.code), terms.language)
    except LookupError:
        return None


def _measure(terms: Terms, name: Any) -> str:
    measures = _measures(terms)
    return str(name) if measures is None else measures.measure(str(name))


def _titled(terms: Terms, titles: Mapping[str, Words], name: str) -> str:
    return titles[name].of(terms.language) if name in titles else name


def _contents(terms: Terms) -> dict[str, Words]:
    """Return the titles of what a self-report speaks of."""
    asked = None if terms.procedure is None else terms.procedure.evaluation
    return {} if asked is None else {each.id: each.title for each in asked.contents}


def _materials_of_changes(terms: Terms) -> dict[str, Words]:
    """Return the titles of the materials that changes ask for."""
    if terms.procedure is None:
        return {}
    changes = terms.procedure.changes.values()
    return {name: title for each in changes for name, title in each.materials.items()}


def _owner(terms: Terms, value: Any) -> str:
    return str(value) or terms.say("nobody")


def _expert(_: Terms, value: Any) -> str:
    return str(value["name"] if isinstance(value, Mapping) else value)


def _size(terms: Terms, value: Any) -> str:
    return terms.say("megabytes", n=f"{value / 1_000_000:.1f}")


def _uscc_problem(terms: Terms, value: Any) -> str:
    """Return what is wrong with a code, from the machine's English sentence about it."""
    quoted = re.match(r"'(.*)' is no unified", str(value), re.DOTALL)
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", quoted[1] if quoted else ""))
    if len(code) != 18:
        return terms.say("uscc_length", n=len(code))
    return terms.say("uscc_check" if "check digit" in str(value) else "uscc_form")


_SAID: Final[dict[str, Callable[[Terms, Any], str]]] = {
    "act": lambda terms, value: terms.term("acts", value),
    "amount": lambda _, value: written.money(value),
    "answer": lambda terms, value: terms.term("states", value),
    "aspect": lambda terms, value: terms.term("states", value),
    "aspects": _each(lambda terms, value: terms.term("states", value)),
    "at": Terms.moment,
    "because": lambda terms, value: "" if value is None else terms.term("grounds", value),
    "by": lambda terms, value: terms.term("owners", value),
    "cases": _each(lambda _, value: str(value)),
    "contents": _each(lambda terms, value: _titled(terms, _contents(terms), value)),
    "day": Terms.moment,
    "deadline": Terms.deadline,
    "deadlines": _each(Terms.deadline),
    "again": Terms.moment,
    "due": Terms.moment,
    "experts": _each(_expert),
    "field": Terms.particular,
    "first": Terms.moment,
    "formats": _each(lambda _, value: str(value).upper()),
    "holder": lambda terms, value: written.HOLDERS[value].of(terms.language),
    "items": _each(Terms.item),
    "last": Terms.moment,
    "left": lambda _, value: written.money(value),
    "listed": _each(Terms.item),
    "longest": Terms.moment,
    "material": Terms.material,
    "materials": _each(Terms.material),
    "max_megabytes": lambda terms, value: terms.say("megabytes", n=value),
    "mean": lambda _, value: written.points(value),
    "measure": _measure,
    "needed": _needed,
    "now": Terms.moment,
    "outcome": Terms.place,
    "owner": _owner,
    "problem": _uscc_problem,
    "result": lambda terms, value: terms.term("states", value),
    "role": lambda terms, value: terms.term("roles", value),
    "roles": _each(lambda terms, value: terms.term("roles", value)),
    "rule": Terms.rule,
    "rules": _rules,
    "since": Terms.moment,
    "size": _size,
    "stage": lambda terms, value: "" if value is None else terms.place(value),
    "state": lambda terms, value: terms.term("states", value),
    "status": lambda terms, value: terms.term("states", value),
    "targets": _each(Terms.field),
    "until": Terms.moment,
    "value": Terms.moment,
    "what": lambda terms, value: terms.term("states", value),
    "wanting": _each(lambda terms, value: _titled(terms, _materials_of_changes(terms), value)),
}
"""How a fact of each name is said; any other as it is."""


def _bad_fields(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    return [
        _problem(terms, terms.field(each["field"]), "values", each, _field_facts(terms, each))
        for each in facts["problems"]
    ]


def _bad_particulars(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    return [
        _problem(terms, terms.particular(each["field"]), "particulars", each, each["facts"])
        for each in facts["problems"]
    ]


def _problem(
    terms: Terms, field: str, section: str, problem: Mapping[str, Any], facts: Mapping[str, Any]
) -> str:
    rule = terms.table[section].get(problem["code"])
    said = problem["rule"] if rule is None else rule.format_map(_Known(facts))
    if problem["code"] == "missing":
        return terms.say("problem_without_value", field=field, rule=said)
    return terms.say("problem", field=field, rule=said, value=problem["value"])


def _field_facts(terms: Terms, problem: Mapping[str, Any]) -> dict[str, Any]:
    path, facts = problem["field"], problem["facts"]
    bounds = {name: terms.value(path, facts[name]) for name in ("minimum", "maximum") if name in facts}
    days = {name: terms.moment(facts[name]) for name in ("first", "last") if name in facts}
    return {**facts, **bounds, **days, "choices": terms.listed(facts.get("choices", ()))}


def _not_eligible(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    return [condition(terms, each) for each in facts["rules"]]


def condition(terms: Terms, answer: Mapping[str, Any], reason: str = "") -> str:
    """Return in words why a rule is not met, cannot be told, or is waived (for ``reason``)."""
    known = {"title": terms.rule(answer["rule"]), "ground": terms.ground(answer["rule"])}
    if answer["answer"] == "waived":
        return terms.say("rule_waived", **known, reason=reason)
    if answer["answer"] == "cannot_tell":
        missing = terms.listed(terms.item(each) for each in answer["missing"])
        return terms.say("rule_cannot_tell", **known, missing=missing)
    used = [
        terms.say("fact", field=terms.field(path), value=terms.value(path, value))
        for path, value in answer["facts"].items()
        if terms.procedure is not None and path in terms.procedure.field
    ]
    if not used:
        return terms.say("rule_not_met", **known)
    return terms.say("facts", **known, facts=terms.listed(used))


def _copies(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    return [
        terms.say("copies", material=terms.material(name), **counts)
        for name, counts in facts["copies"].items()
    ]


def _open_cases(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    return [
        terms.say("open_case", case=case, stage=terms.place(stage))
        for case, stage in sorted(facts["cases"].items())
    ]


def _tied(terms: Terms, experts: Iterable[Mapping[str, str]]) -> list[str]:
    return [
        terms.say(
            "expert",
            name=each["name"],
            because=terms.term("grounds", each["because"]),
            party=terms.item(each["party"]),
        )
        for each in experts
    ]


def _pool(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    excluded = [
        terms.say("excluded", because=terms.term("grounds", ground), n=n)
        for ground, n in sorted(facts["excluded"].items())
    ]
    return [*excluded, *_tied(terms, facts["unclear"])]


def _not_claimable(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    measures = _measures(terms)
    if measures is not None:
        return [measures.reason(Reason(facts["reason"], None, facts["facts"]))]
    said = str(terms.table["entitlements"][facts["reason"]])
    amounts = {
        name: written.money(value) if type(value) is int and name not in ("year", "percent") else value
        for name, value in facts["facts"].items()
    }
    return [said.format_map(_Known(amounts))]


def _means(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    return [
        terms.say("score_of", case=case, mean=terms.say("none") if mean is None else written.points(mean))
        for case, mean in facts["means"].items()
    ]


def _date_problem(terms: Terms, procedure: Procedure, problem: FormProblem) -> str:
    def named(name: str) -> str:
        return (
            f"{name} ({procedure.dates[name].title.of(terms.language)})" if name in procedure.dates else name
        )

    facts = {
        "date": named(problem.path),
        "value": terms.moment(problem.value),
        "dates": terms.listed(named(name) for name in procedure.dates),
        "earlier": named(problem.facts.get("earlier", "")),
        "before": terms.moment(problem.facts.get("before", "")),
    }
    return str(terms.table["dates"][problem.code]).format_map(facts)


def _dates(terms: Terms, facts: Mapping[str, Any]) -> list[str]:
    dates = {} if terms.procedure is None else terms.procedure.dates
    return [
        terms.say(
            "date",
            title=dates[name].title.of(terms.language) if name in dates else name,
            value=terms.moment(at),
        )
        for name, at in facts["dates"].items()
    ]


_DETAILS: Final[dict[str, Callable[[Terms, Mapping[str, Any]], list[str]]]] = {
    "targets_unanswered": lambda terms, facts: [terms.field(each) for each in facts["targets"]],
    "bad_fields": _bad_fields,
    "bad_particulars": _bad_particulars,
    "call_not_open": _dates,
    "cases_still_open": _open_cases,
    "copies_missing": _copies,
    "entry_has_moved_on": _open_cases,
    "expert_tied": lambda terms, facts: _tied(terms, facts["experts"]),
    "expert_unclear": lambda terms, facts: _tied(terms, facts["experts"]),
    "incomplete": lambda terms, facts: [terms.item(each) for each in facts["missing"]],
    "not_by_rank": _means,
    "not_claimable": _not_claimable,
    "not_eligible": _not_eligible,
    "pool_too_small": _pool,
    "review_unfinished": _open_cases,
    "would_break_rules": _not_eligible,
}
"""What is listed below the sentence of a refusal, one a line."""
