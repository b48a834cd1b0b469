"""Changes of filed consortia: proposed by the lead unit, with a row for each unit whose consent is needed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from casework import consortium
from casework.access import Claim
from casework.acts import Receipt
from casework.consortium import Filed
from casework.entry_matters import Asking, Begun, begin, unseen
from models import Consent, Organisation
from procedure.act import Refusal
from procedure.acts import parsed
from procedure.change import Change, Known
from procedure.instant import day_of
from procedure.proposal import Proposed, proposal
from procedure.subject import Record
from procedure.uscc import InvalidUscc, valid

_consents = Consent.__table__
_organisations = Organisation.__table__


def propose(
    engine: Engine,
    claim: Claim,
    number: str,
    particulars: Mapping[str, Any],
    bureau: str | None = None,
    key: str | None = None,
    begun: Begun = unseen,
) -> Receipt | Refusal:
    """Begin a change (``Proposed``) of the entry ``number``, for its lead unit; one at a time.

    It is a draft until it is handed in: materials are attached meanwhile, and nobody is asked yet.
    """
    wanted = parsed("propose_change", Proposed, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    asking = Asking(claim, number, "propose_change", "lead", bureau, key, begun)
    return begin(
        engine, asking, "change", lambda connection, entry: _proposed(connection, entry, wanted), _ask
    )


def _proposed(connection: Connection, entry: Filed, wanted: Proposed) -> Change | Refusal:
    loaded, record = entry.loaded, entry.record
    if entry.state != "valid" or day_of(loaded.now) > record.valid_to:
        return Refusal("entry_is_not_valid", {"number": record.entry, "state": entry.state})
    if "change" not in loaded.procedure.lives:
        return Refusal("unknown_change", {"aspect": wanted.aspect, "aspects": []})
    other = consortium.open_change(connection, entry.entry_id)
    if other is not None:
        return Refusal("change_open", {"change": other, "number": record.entry})
    return proposal(
        loaded.procedure, Known(record, entry.composition), wanted, _organisations_of(connection, wanted)
    )


def _ask(connection: Connection, change_id: int, change: Record) -> None:
    if not isinstance(change, Change):
        raise TypeError(f"{change}: no change")
    for unit in change.joins:
        _enter(connection, unit.uscc, unit.name, unit.kind)
    usccs = [each.uscc for each in change.parties] or _moved(change)
    units = connection.execute(
        select(_organisations.c.id, _organisations.c.uscc).where(_organisations.c.uscc.in_(usccs))
    )
    rows = [
        {"subject_id": change_id, "organisation_id": each.id, "leaves": each.uscc in change.leaves}
        for each in units
    ]
    if rows:
        connection.execute(insert(_consents), rows)


def _moved(change: Change) -> list[str]:
    """Return the units that come or go by a change that nobody is asked about."""
    return [*(each.uscc for each in change.joins), *change.leaves]


def _enter(connection: Connection, uscc: str, name: str, kind: str) -> None:
    known = select(_organisations.c.id).where(_organisations.c.uscc == uscc)
    if connection.execute(known).scalar() is None:
        connection.execute(insert(_organisations).values(uscc=uscc, name=name, kind=kind))


def _organisations_of(connection: Connection, wanted: Proposed) -> dict[str, Any]:
    usccs: list[str] = []
    for each in wanted.joins:
        try:
            usccs.append(valid(each.uscc))
        except InvalidUscc:
            continue
    return consortium.organisations(connection, usccs)
