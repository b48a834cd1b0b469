"""What a filed consortium may claim: how much at most, why, and why not, with the clause and the facts.

All amounts are whole fen and nothing is ever rounded up. What was granted before counts against limits and
exclusions, whatever the order of the claims.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pendulum import Date

from procedure.definition import Clause
from procedure.register import last_day
from procedure.support import InForce, Measure, Support

Verdict = Literal["payable", "decide", "cannot_tell", "not_payable"]
"""``decide``: an officer decides what the documents leave open; ``at_most`` is the most they can decide."""

_ORDER: Final[tuple[Verdict, ...]] = ("not_payable", "cannot_tell", "decide")


@dataclass(frozen=True, slots=True)
class Entry:
    """What measures ask of an entry of the register: its validity, units by USCC with kind, statuses held.

    ``state`` is the entry's state on the day of the claim; ``statuses`` gives the first day of each, and
    ``excellent`` whether an evaluation has marked it.
    """

    number: str
    lead: str
    units: Mapping[str, str]
    valid_from: Date
    valid_to: Date
    state: str = "valid"
    statuses: Mapping[str, Date] = field(default_factory=dict)
    excellent: bool = False


@dataclass(frozen=True, slots=True)
class Nomination:
    """A consortium's recorded nomination of an object, such as a talent project."""

    entry: str
    object: str
    on: Date


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim made ``on`` a day: by which measure, for whom (USCC), for what object, for which year.

    ``decided`` holds an officer's decisions on what the documents leave open: whether the measure still (or
    already) holds (``term``), and whether it is given ``beside`` others already granted.
    """

    measure: str
    beneficiary: str
    on: Date
    object: str | None = None
    year: int | None = None
    facts: Mapping[str, bool | int] = field(default_factory=dict)
    decided: Mapping[Literal["term", "beside"], bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Granted:
    """What was granted: by which measure, to whom, for what, for which year, and how much."""

    measure: str
    entry: str
    beneficiary: str
    object: str | None
    year: int | None
    amount: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why or why not: a stable name, the clause (None: a setting) and the facts."""

    code: str
    clause: Clause | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The answer to a claim.

    ``at_most`` is in fen, None where the document states no amount; ``exact`` says that just this is given
    or nothing. Reasons that stand against it come first.
    """

    measure: str
    verdict: Verdict
    at_most: int | None
    exact: bool
    reasons: tuple[Reason, ...]


def entitlement(
    support: Support,
    claim: Claim,
    entry: Entry,
    granted: Iterable[Granted] = (),
    nominations: Iterable[Nomination] = (),
) -> Entitlement:
    """Answer what ``claim`` may bring; raises KeyError for a measure that ``support`` does not have.

    A fact that nobody has given makes the answer ``cannot_tell``, unless another stands against it anyway.
    """
    measure = support.measure[claim.measure]
    found = list(_against(support, measure, claim, entry, nominations))
    verdict = next((each for each in _ORDER if any(each == against for against, _ in found)), None)
    if verdict in ("not_payable", "cannot_tell"):
        reasons = sorted(found, key=lambda pair: _ORDER.index(pair[0]))
        return Entitlement(measure.id, verdict, None, False, tuple(reason for _, reason in reasons))
    at_most, counted, undecided = _amount(support, measure, claim, entry, tuple(granted))
    if at_most == 0:
        return Entitlement(measure.id, "not_payable", 0, False, counted)
    verdict = "decide" if found or undecided else "payable"
    reasons = (*(reason for _, reason in found), *counted)
    return Entitlement(measure.id, verdict, at_most, measure.amount.fixed is not None, reasons)


def entitlements(
    support: Support,
    entry: Entry,
    on: Date,
    claims: Iterable[Claim] = (),
    granted: Sequence[Granted] = (),
    nominations: Sequence[Nomination] = (),
) -> tuple[Entitlement, ...]:
    """Answer every measure for an entry, in the order of the document; the claims given say for what.

    A measure that no claim names is answered for the lead unit with nothing known.
    """
    given = tuple(claims)
    answers: list[Entitlement] = []
    for measure in support.measures:
        asked = [each for each in given if each.measure == measure.id]
        asked = asked or [Claim(measure.id, entry.lead, on, year=on.year)]
        answers += [entitlement(support, each, entry, granted, nominations) for each in asked]
    return tuple(answers)


def grant(
    support: Support,
    claim: Claim,
    amount: int,
    entry: Entry,
    granted: Iterable[Granted] = (),
    nominations: Iterable[Nomination] = (),
) -> Granted | Reason:
    """Return the grant of ``amount`` fen, or why not so much may be granted.

    Where the documents leave something open the officer's decision stands in the claim, else it is refused.
    """
    if type(amount) is not int or amount <= 0:
        return Reason("not_an_amount", facts={"amount": amount})
    answer = entitlement(support, claim, entry, granted, nominations)
    measure = support.measure[claim.measure]
    if answer.verdict != "payable":
        return answer.reasons[0]
    if answer.at_most is not None:
        facts = {"amount": amount, "at_most": answer.at_most}
        if amount > answer.at_most:
            return Reason("over_the_limit", measure.clause, facts)
        if answer.exact and amount != answer.at_most:
            return Reason("not_the_stated_amount", measure.clause, facts)
    least = measure.amount.least
    if least is not None and amount < least:
        return Reason("under_the_least", measure.clause, {"amount": amount, "least": least})
    return Granted(measure.id, entry.number, claim.beneficiary, claim.object, _year(measure, claim), amount)


def _against(
    support: Support, measure: Measure, claim: Claim, entry: Entry, nominations: Iterable[Nomination]
) -> Iterator[tuple[Verdict, Reason]]:
    clause = measure.clause
    yield from _period(support.terms[measure.in_force], claim, clause)
    if not (entry.state == "valid" and entry.valid_from <= claim.on <= entry.valid_to):
        facts = {"state": entry.state, "from": entry.valid_from, "to": entry.valid_to, "on": claim.on}
        yield "not_payable", Reason("entry_not_valid", None, facts)
    since = entry.statuses.get(measure.status or "")
    if measure.status is not None and (since is None or since > claim.on):
        held = sorted(name for name, day in entry.statuses.items() if day <= claim.on)
        yield "not_payable", Reason("status_missing", clause, {"needed": measure.status, "held": held})
    kind = entry.units.get(claim.beneficiary)
    if not _may_receive(measure, claim, entry):
        facts = {"needed": measure.to, "kind": kind, "beneficiary": claim.beneficiary}
        yield "not_payable", Reason("wrong_beneficiary", clause, facts)
    if measure.per == "object" and claim.object is None:
        yield "cannot_tell", Reason("object_missing", clause)
    if measure.nominated and not any(
        (each.entry, each.object) == (entry.number, claim.object) and each.on <= claim.on
        for each in nominations
    ):
        yield "not_payable", Reason("not_nominated", clause, {"object": claim.object})
    unknown = sorted(set(claim.facts) - set(support.facts))
    if unknown:
        yield "not_payable", Reason("unknown_fact", None, {"facts": unknown})
    for name in (*measure.requires, *(() if measure.amount.of is None else (measure.amount.of,))):
        value = claim.facts.get(name) if support.facts[name].of_register is None else entry.excellent
        if value is None:
            yield "cannot_tell", Reason("fact_missing", clause, {"fact": name})
        elif support.facts[name].type == "money" and (type(value) is not int or value < 0):
            yield "not_payable", Reason("not_an_amount", clause, {"fact": name, "value": value})
        elif support.facts[name].type == "boolean" and value is not True:
            yield "not_payable", Reason("condition_not_met", clause, {"fact": name, "value": value})


def _may_receive(measure: Measure, claim: Claim, entry: Entry) -> bool:
    match measure.to:
        case "lead":
            return claim.beneficiary == entry.lead
        case "unit":
            return claim.beneficiary in entry.units
        case "enterprise":
            return entry.units.get(claim.beneficiary) == "enterprise"
        case "anyone":
            return True


def _period(term: InForce, claim: Claim, of: Clause | None) -> Iterator[tuple[Verdict, Reason]]:
    """Yield why the measure ``of`` a clause does not hold on the claim's day, or in the year it is for."""
    first, sure_from, sure_to, last = _bounds(term)
    facts = {"since": term.since, "years": term.years, "on": claim.on}
    if claim.on < first or (last is not None and claim.on > last):
        yield "not_payable", Reason("not_in_force", term.clause, facts)
    elif claim.on < sure_from or (sure_to is not None and claim.on > sure_to):
        if "term" not in claim.decided:
            yield "decide", Reason("term_unclear", term.clause, facts)
        elif not claim.decided["term"]:
            yield "not_payable", Reason("not_in_force", term.clause, {**facts, "decided": False})
    if claim.year is not None and not first.year <= claim.year <= claim.on.year:
        yield "not_payable", Reason("wrong_year", of, {"year": claim.year, **facts})


def _bounds(term: InForce) -> tuple[Date, Date, Date | None, Date | None]:
    """Return the first day on which it may hold and surely does, the last on which it surely does and may."""
    year, month, *day = (int(part) for part in term.since.split("-"))
    first = Date(year, month, day[0] if day else 1)
    sure = first if day else first.end_of("month")
    if term.years is None:
        return first, sure, None, None
    return first, sure, last_day(first, term.years), last_day(sure, term.years)


def _amount(
    support: Support, measure: Measure, claim: Claim, entry: Entry, granted: tuple[Granted, ...]
) -> tuple[int | None, tuple[Reason, ...], bool]:
    """Return the most that is left, the reasons, and whether an officer has to decide something."""
    amount, most = measure.amount, measure.amount.most
    reasons: list[Reason] = []
    if most is None:
        reasons.append(Reason("amount_not_stated", measure.clause))
    elif amount.percent is not None and amount.of is not None:
        base = int(claim.facts[amount.of])
        share = base * amount.percent // 100
        facts = {amount.of: base, "percent": amount.percent, "share": share, "up_to": most}
        reasons.append(Reason("matched", measure.clause, facts))
        most = min(share, most)
    used = {each.id: _counted(each, measure, claim, entry, granted) for each in support.sharing(measure)}
    own, others = used.pop(measure.id), {name: fen for name, fen in used.items() if fen}
    left = most
    if most is not None:
        left = max(0, most - own - sum(others.values()))
        if amount.least is not None and own:  # given once, within the range
            left = 0
        counted = Reason("limit", measure.clause, {"most": most, "granted": own})
        if others:
            counted = Reason("higher_only", measure.clause, {"most": most, "granted": own, "other": others})
        reasons.insert(0, counted)
    beside = {each.id: _counted(each, each, claim, entry, granted) for each in support.beside(measure)}
    paid = {name: fen for name, fen in beside.items() if fen}
    if left == 0 or not paid:
        return left, tuple(reasons), False
    decided = claim.decided.get("beside")
    reasons.insert(0, Reason("beside", None, {"granted": paid, "decided": decided}))
    if decided is False:
        left = 0 if left is None else max(0, left - sum(paid.values()))
    return left, tuple(reasons), decided is None


def _counted(
    other: Measure, measure: Measure, claim: Claim, entry: Entry, granted: tuple[Granted, ...]
) -> int:
    """Return what was granted under ``other`` within the scope in which ``measure`` is counted."""
    year = _year(measure, claim)
    return sum(
        each.amount
        for each in granted
        if each.measure == other.id
        and _scope(measure, each.entry, each.beneficiary, each.object)
        == _scope(measure, entry.number, claim.beneficiary, claim.object)
        and (measure.every == "once" or each.year == year)
    )


def _scope(measure: Measure, entry: str, beneficiary: str, of: str | None) -> str | None:
    match measure.per:
        case "consortium":
            return entry
        case "firm":
            return beneficiary
        case "object":
            return of


def _year(measure: Measure, claim: Claim) -> int | None:
    if measure.every == "once":
        return None
    return claim.on.year if claim.year is None else claim.year
