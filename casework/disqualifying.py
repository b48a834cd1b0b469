"""Proposing that a lead unit loses the lead qualification: both findings, of one entry, by an officer."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from casework.access import Claim
from casework.acts import Receipt
from casework.consortium import Filed
from casework.entry_matters import Asking, Begun, begin, unseen
from procedure.act import Refusal
from procedure.acts import parsed
from procedure.acts.act_type import Payload
from procedure.acts.draft import Reason
from procedure.disqualification import SETTING, Disqualification
from procedure.instant import Day, day_of


class Findings(Payload):
    """Both findings in words, and when the unit was in breach."""

    organised_poorly: Reason | None = None
    not_performed: Reason | None = None
    breached_on: Day


def propose(
    engine: Engine,
    claim: Claim,
    number: str,
    particulars: Mapping[str, Any],
    bureau: str | None = None,
    key: str | None = None,
    begun: Begun = unseen,
) -> Receipt | Refusal:
    """Begin a disqualification (``Findings``) of the lead of the entry ``number``, as its city's officer.

    One finding alone is not enough, and a city whose document knows no bar has none.
    """
    wanted = parsed("propose_disqualification", Findings, particulars)
    if isinstance(wanted, Refusal):
        return wanted
    asking = Asking(claim, number, "propose_disqualification", "bureau", bureau, key, begun)
    return begin(engine, asking, "disqualification", lambda _, entry: _proposed(entry, wanted))


def _proposed(entry: Filed, wanted: Findings) -> Disqualification | Refusal:
    procedure, record, today = entry.loaded.procedure, entry.record, day_of(entry.loaded.now)
    if not procedure.values.get(SETTING) or "disqualification" not in procedure.lives:
        return Refusal("no_bar_here", {"bureau": procedure.bureau.name.zh})
    if wanted.organised_poorly is None or wanted.not_performed is None:
        absent = [name for name in ("organised_poorly", "not_performed") if getattr(wanted, name) is None]
        return Refusal("both_findings_needed", {"absent": absent}, procedure.settings[SETTING].clause)
    if wanted.breached_on > today:
        told = {"field": "breached_on", "value": wanted.breached_on.isoformat(), "now": today.isoformat()}
        return Refusal("time_ahead", told)
    return Disqualification(
        record.entry,
        record.name,
        record.lead,
        record.lead_name,
        record.district,
        wanted.organised_poorly,
        wanted.not_performed,
        wanted.breached_on,
    )
