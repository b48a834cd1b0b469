"""What happened to a case, in words, and who is told how much of it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from casework.access import Claim, hears, is_told_why
from casework.queries import Happened
from casework.terms import Terms
from procedure import written

NAMED: Final = 3
"""How many fields of one saving a history names."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, in words; ``seq`` is its number among all, heard of or not."""

    seq: int
    at: datetime.datetime
    what: str
    who: str
    remark: str


def told(terms: Terms, claim: Claim, each: Happened) -> Told | None:
    """Return one event in the words that somebody is told; None for what is not for them."""
    event = each.event
    if not hears(claim, each.kind, each.role):
        return None
    what = terms.term("events", each.kind)
    if event.outcome or event.stage:
        what = f"{what} → {terms.place(event.outcome or event.stage)}"
    whole = is_told_why(claim, each.kind, each.role)
    role = terms.term("roles", each.role)
    who = terms.say("by_person", name=each.person, role=role) if each.person and whole else role
    return Told(each.seq, each.effective_at, what, who, remark(terms, event.data) if whole else "")


def remark(terms: Terms, data: Mapping[str, Any]) -> str:
    """Return what an event's particulars say, as a list within a sentence."""
    told: list[str] = []
    if "deadline" in data and "rung" not in data:
        told.append(terms.deadline(data["deadline"]))
    if "rule" in data:
        told.append(terms.rule(data["rule"]))
    if "material" in data:
        told.append(terms.material(data["material"]))
    if isinstance(data.get("items"), list):
        told += [f"{terms.item(each['item'])}: {each['remark']}" for each in data["items"]]
    if "until" in data:
        told.append(terms.moment(data["until"]))
    if "mean" in data:
        told.append(written.points(data["mean"]))
    elif "score" in data:
        told.append(written.points(data["score"]))
    fields = list(data["fields"]) if isinstance(data.get("fields"), dict) else []
    told += [terms.field(path) for path in fields[:NAMED]]
    if len(fields) > NAMED:
        told.append(f"… ({len(fields)})")
    told += [
        str(data[name])
        for name in ("name", "number", "uscc", "opinion", "findings", "reason")
        if isinstance(data.get(name), str)
    ]
    if "rung" in data and terms.procedure is not None:
        told.append(written.handed_on(terms.procedure, data["deadline"], data["rung"], terms.language))
    return written.listed(filter(None, told), terms.language)
