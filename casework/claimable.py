"""What an entry of the register may claim of its city's support: from the record, and in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pendulum import Date
from sqlalchemy import Connection, Row, select

from casework.terms import catalogue, term
from models import Bureau, Grant, Matter, Organisation, RegisterEntry, Subject
from procedure import subject as subjects
from procedure import written
from procedure.definition import STATUS, Clause
from procedure.entitlement import (
    Claim,
    Entitlement,
    Entry,
    Granted,
    Nomination,
    Reason,
    entitlements,
)
from procedure.entry import Entry as Filed
from procedure.instant import calendar_day
from procedure.pack import shipped
from procedure.subject import Application
from procedure.support import Support, shipped_support, support_codes

_register = RegisterEntry.__table__
_subjects = Subject.__table__
_bureaus = Bureau.__table__
_grants = Grant.__table__
_matters = Matter.__table__
_organisations = Organisation.__table__


AMOUNTS: Final = ("amount", "at_most", "granted", "least", "most", "other", "share", "up_to")
"""What of the facts of a reason is an amount."""


class NoSuchEntry(LookupError):
    """The bureau's register has no entry of this number."""


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the register as measures ask of it, its name, and the support of its city.

    ``granted`` is what was granted before by its city, to whomever: limits per firm or object count it too.
    """

    bureau: str
    number: str
    name: str
    entry: Entry
    support: Support
    granted: tuple[Granted, ...] = ()
    nominations: tuple[Nomination, ...] = ()


def known(connection: Connection, number: str, on: Date, bureau: str | None = None) -> Known:
    """Return an entry as it stands on a day; raises NoSuchEntry for none, or several without ``bureau``.

    Entries of one lead unit in one direction are one consortium (a setting): it holds the statuses of all
    that are valid on that day, and what was granted counts under the number of the first.
    """
    statement = _entries().where(_register.c.number == number)
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    rows = connection.execute(statement).all()
    if len(rows) != 1:
        raise NoSuchEntry(number)
    row = rows[0]
    application = subjects.load(row.application).application
    filed = _filed(connection, row.id)
    own = connection.execute(
        _entries()
        .where(
            _register.c.bureau_id == row.bureau_id,
            _register.c.lead_id == row.lead_id,
            _register.c.direction.is_not_distinct_from(row.direction),
        )
        .order_by(_register.c.valid_from, _register.c.id)
    ).all()
    entry = Entry(
        own[0].number,
        application.lead if filed is None else filed.lead,
        _units(connection, application, filed),
        _day(row.valid_from),
        _day(row.valid_to or row.valid_from),
        row.state,
        _statuses(own, on),
        excellent=filed is not None and bool(filed.marks),
    )
    each_own = {each.id: _filed(connection, each.id) for each in own}
    nominations = tuple(
        Nomination(own[0].number, nominated.object, nominated.on)
        for each in each_own.values()
        if each is not None
        for nominated in each.nominations
    )
    granted = _granted(connection, row.bureau_id)
    return Known(row.code, row.number, row.name, entry, support_of(row.code), granted, nominations)


def _granted(connection: Connection, bureau_id: int) -> tuple[Granted, ...]:
    rows = connection.execute(
        select(_grants).where(_grants.c.bureau_id == bureau_id).order_by(_grants.c.subject_id)
    )
    return tuple(
        Granted(row.measure, row.consortium, row.beneficiary, row.object, row.year, row.amount)
        for row in rows
    )


def _filed(connection: Connection, entry_id: int) -> Filed | None:
    """Return the particulars of the entry's own subject; None for one filed before entries had any."""
    state = connection.execute(
        select(_subjects.c.state)
        .join(_matters, _matters.c.subject_id == _subjects.c.id)
        .where(_matters.c.entry_id == entry_id, _matters.c.kind == "entry")
    ).scalar()
    record = None if state is None else subjects.load(state).record
    return record if isinstance(record, Filed) else None


def _entries() -> Any:
    return (
        select(_register, _bureaus.c.code, _subjects.c.state.label("application"))
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .join(_subjects, _subjects.c.id == _register.c.subject_id)
    )


def _day(value: Any) -> Date:
    return calendar_day(value.isoformat())


def _units(connection: Connection, application: Application, filed: Filed | None) -> dict[str, str]:
    if filed is not None and filed.members is not None:
        kind = select(_organisations.c.kind).where(_organisations.c.uscc == filed.lead)
        lead = {filed.lead: str(connection.execute(kind).scalar_one())}
        return lead | {each.uscc: each.kind for each in filed.members}
    joined = {member.uscc: member.kind for member in application.members if member.status == "confirmed"}
    return {application.lead: application.lead_kind, **joined}


def _statuses(rows: Iterable[Row[Any]], on: Date) -> dict[str, Date]:
    held: dict[str, Date] = {}
    for row in rows:
        filing = subjects.load(row.application).application.filing
        valid = row.state == "valid" and row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
        if filing is not None and filing.status is not None and valid:
            held.setdefault(filing.status, _day(row.valid_from))
    return held


def support_of(bureau: str) -> Support:
    """Return the support measures of a bureau's city; raises LookupError where none ship."""
    for code in support_codes():
        sheet = shipped_support(code).support
        if sheet.bureau == bureau:
            return sheet
    raise LookupError(f"no support measures of {bureau} ship")


def answers(
    known_: Known,
    on: Date,
    *,
    measure: str | None = None,
    beneficiary: str | None = None,
    of: str | None = None,
    year: int | None = None,
    facts: Mapping[str, bool | int] | None = None,
    granted: Iterable[Granted] | None = None,
) -> list[Entitlement]:
    """Answer every measure, or one, for a unit (the lead if none), an object and a year, with these facts.

    A measure asks only for what concerns it: other facts do not count against it.
    """
    given = dict(facts or {})
    unknown = set(given) - set(known_.support.facts)
    claims = [
        Claim(
            each.id,
            beneficiary or known_.entry.lead,
            on,
            of,
            year,
            {
                name: value
                for name, value in given.items()
                if name in each.requires or name == each.amount.of or name in unknown
            },
        )
        for each in known_.support.measures
        if measure in (None, each.id)
    ]
    before = known_.granted if granted is None else tuple(granted)
    found = entitlements(known_.support, known_.entry, on, claims, before, known_.nominations)
    return [each for each in found if measure in (None, each.measure)]


class Words:
    """Answers in words, in one language."""

    def __init__(self, support: Support, language: str) -> None:
        self._support = support
        self._language = language
        applied_for = shipped(support.code).procedure.field.get(STATUS)
        self._statuses = {} if applied_for is None else applied_for.choices

    def measure(self, name: str) -> str:
        """Return the title of a measure; the name as it was given where the city has no such measure."""
        measure = self._support.measure.get(name)
        return name if measure is None else measure.title.of(self._language)

    def scope(self, name: str) -> str:
        """Return what a measure's amount is counted by, how often, whether as co-funding, and who gets it."""
        measure, language = self._support.measure[name], self._language
        told = [term("scopes", measure.per, language), term("scopes", measure.every, language)]
        if measure.co_funding:
            told.append(term("scopes", "co_funding", language))
        whom = term("beneficiaries", measure.to, language)
        return written.listed([*told, term("scopes", "paid_to", language).format(whom=whom)], language)

    def note(self, name: str) -> str:
        """Return what is remarked on a measure, such as what of it is a setting; nothing where nothing is."""
        note = self._support.measure[name].note
        return "" if note is None else note.of(self._language)

    def verdict(self, answer: Entitlement) -> str:
        """Return whether it may be claimed."""
        return term("verdicts", answer.verdict, self._language)

    def amount(self, answer: Entitlement) -> str:
        """Return the most that may be claimed; that no amount is stated where none is."""
        if answer.verdict in ("not_payable", "cannot_tell"):
            return ""
        if answer.at_most is None:
            return term("entitlements", "no_amount", self._language)
        phrase = term("entitlements", "exactly" if answer.exact else "at_most", self._language)
        return phrase.format(amount=written.money(answer.at_most))

    def reason(self, reason: Reason) -> str:
        """Return why or why not, with the facts."""
        facts = {name: self._fact(name, value) for name, value in reason.facts.items()}
        return str(catalogue(self._language)["entitlements"][reason.code]).format_map(facts)

    def ground(self, clause: Clause | None) -> str:
        """Return the clause that a reason rests on, or that it is a setting."""
        if clause is None:
            return written.SETTING.of(self._language)
        title = self._support.documents[clause.document].title.of(self._language)
        force = written.MODALITIES[clause.modality].of(self._language)
        if self._language == "en":
            return f"{title}, clause {clause.clause} ({force})"
        return f"《{title}》{clause.clause}（{force}）"

    def _fact(self, name: str, value: Any) -> str:
        if isinstance(value, Date):
            return written.day(value, self._language)
        if isinstance(value, Mapping):
            return written.listed(
                (f"{self.measure(each)} {written.money(fen)}" for each, fen in value.items()), self._language
            )
        if isinstance(value, (list, tuple)):
            return written.listed((self._fact(name, each) for each in value), self._language) or "—"
        if name in (*AMOUNTS, *self._support.facts) and type(value) is int:
            return written.money(value)
        if name in ("fact", "facts") and value in self._support.facts:
            return self._support.facts[value].title.of(self._language)
        if name in ("needed", "held", "kind", "state"):
            return self._named(str(value))
        return "—" if value is None else str(value)

    def _named(self, value: str) -> str:
        if value in self._statuses:
            return self._statuses[value].of(self._language)
        for section in ("states", "organisations", "beneficiaries"):
            if value in catalogue(self._language)[section]:
                return term(section, value, self._language)
        return value
