"""Claims of support: filed for an entry, refused by name at once where nothing may be claimed."""

from collections.abc import Mapping
from typing import Annotated, Any

from pendulum import Date
from pydantic import Field, StringConstraints
from sqlalchemy import Connection, Engine

from casework import claimable
from casework.access import Claim
from casework.acts import Receipt
from casework.claimable import NoSuchEntry
from casework.consortium import Filed
from casework.entry_matters import Asking, Begun, begin, unseen
from procedure import entitlement
from procedure.act import Refusal
from procedure.acts import parsed
from procedure.acts.act_type import Payload
from procedure.acts.claim import not_claimable
from procedure.claim import SupportClaim
from procedure.entitled import as_asked
from procedure.entitlement import Reason
from procedure.form import fen
from procedure.instant import day_of

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Asked(Payload):
    """By which measure, for whom, for what, for which year, with which facts, and how much in yuan."""

    measure: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    beneficiary: Annotated[str, StringConstraints(min_length=1, max_length=18)] | None = None
    object: Line | None = None
    year: int | None = None
    facts: Annotated[dict[str, bool | int], Field(default_factory=dict, max_length=50)]
    amount: str | None = None


def file(
    engine: Engine,
    who: Claim,
    number: str,
    particulars: Mapping[str, Any],
    bureau: str | None = None,
    key: str | None = None,
    begun: Begun = unseen,
) -> Receipt | Refusal:
    """File a claim (``Asked``) for the entry ``number`` as its lead unit.

    What the measure or the record stands against is refused at once, with its clause and nothing written;
    what the documents leave open waits for an officer.
    """
    wanted = parsed("file_claim", Asked, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    asking = Asking(who, number, "file_claim", "lead", bureau, key, begun)
    return begin(engine, asking, "claim", lambda connection, entry: _asked(connection, entry, wanted))


def _asked(connection: Connection, entry: Filed, wanted: Asked) -> SupportClaim | Refusal:
    loaded = entry.loaded
    if "claim" not in loaded.procedure.lives:
        return Refusal("unknown_measure", {"measure": wanted.measure, "measures": []})
    today = day_of(loaded.now)
    return _judged(connection, entry.record.entry, loaded.procedure.bureau.code, wanted, entry.record, today)


def _judged(
    connection: Connection, number: str, bureau: str, wanted: Asked, record: Any, today: Date
) -> SupportClaim | Refusal:
    """Return the claim as it is recorded, or why nothing, or not so much, may be claimed."""
    try:
        known = claimable.known(connection, number, today, bureau)
    except (NoSuchEntry, LookupError):
        return Refusal("unknown_measure", {"measure": wanted.measure, "measures": []})
    measure = known.support.measure.get(wanted.measure)
    if measure is None:
        return Refusal(
            "unknown_measure", {"measure": wanted.measure, "measures": list(known.support.measure)}
        )
    asked = None
    if wanted.amount is not None:
        asked = fen(wanted.amount)
        if asked is None:
            return Refusal("no_amount", {"given": wanted.amount[:40]})
    claim = SupportClaim(
        record.entry,
        record.name,
        record.lead,
        record.lead_name,
        record.district,
        measure.id,
        known.entry.number,
        wanted.beneficiary or record.lead,
        today,
        wanted.object,
        wanted.year,
        dict(wanted.facts),
        asked,
    )
    answer = entitlement.entitlement(
        known.support, as_asked(claim), known.entry, known.granted, known.nominations
    )
    if answer.verdict in ("not_payable", "cannot_tell"):
        return not_claimable(measure.id, answer.reasons[0])
    if asked is not None:
        reason = _over(measure, answer, asked)
        if reason is not None:
            return not_claimable(measure.id, reason)
    return claim


def _over(measure: Any, answer: entitlement.Entitlement, asked: int) -> Reason | None:
    if answer.at_most is not None and asked > answer.at_most:
        return Reason("over_the_limit", measure.clause, {"amount": asked, "at_most": answer.at_most})
    if answer.exact and asked != answer.at_most:
        facts = {"amount": asked, "at_most": answer.at_most}
        return Reason("not_the_stated_amount", measure.clause, facts)
    least = measure.amount.least
    if least is not None and asked < least:
        return Reason("under_the_least", measure.clause, {"amount": asked, "least": least})
    return None
