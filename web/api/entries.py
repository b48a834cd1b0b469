"""An entry of the register: what was changed of it, and what it may claim of its city's support."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from casework import claimable, consortium
from casework.claimable import Known, Words
from casework.matter_list import MatterView
from models.database import reading
from procedure.entitlement import Entitlement
from procedure.entry import Entry
from procedure.instant import day_of
from procedure.support import Support
from web.api import entry_shapes
from web.api.caller import Caller, Reader
from web.api.matter_data import read_by
from web.api.problem import Both, answered, both, plain

router = APIRouter(prefix="/matters", tags=["after filing"])

Text = Annotated[str | None, Query(max_length=200)]


@router.get("/{bureau}/{number:path}/history", responses=answered())
def history(caller: Reader, bureau: str, number: str) -> list[entry_shapes.Changed]:
    """Tell what was changed of an entry, in order, with what the register said before."""
    with reading(caller.portal.engine) as connection:
        record = _entry(caller, connection, bureau, number)[1]
        found = consortium.history(connection, consortium.filed(connection, record.entry, bureau))
    role = caller.claim.role
    return [
        entry_shapes.Changed(
            at=each.at,
            cause=each.cause,
            aspect=each.aspect,
            title=both("states", each.aspect),
            reason=each.reason,
            before=read_by(role, each.before),
            after=read_by(role, each.after),
        )
        for each in found
    ]


@router.get("/{bureau}/{number:path}/support", responses=answered())
def support(
    caller: Reader,
    bureau: str,
    number: str,
    measure: Annotated[Text, Query(description="Of this measure alone.")] = None,
    beneficiary: Annotated[Text, Query(description="For the unit of this code; without it the lead.")] = None,
    of: Annotated[Text, Query(alias="object", description="For this project, platform or person.")] = None,
    year: Annotated[int | None, Query(ge=1900, le=9999)] = None,
    know: Annotated[
        list[str] | None,
        Query(max_length=50, description="A fact as FACT=VALUE: true, false, or an amount in whole fen."),
    ] = None,
) -> entry_shapes.Claimable:
    """Answer what the measures of its city come to for an entry today: how much, why and why not."""
    with reading(caller.portal.engine) as connection:
        view, record = _entry(caller, connection, bureau, number)
        day = day_of(view.stands.loaded.now)
        try:
            known = claimable.known(connection, record.entry, day, bureau)
        except LookupError:
            raise plain(404, "no_support") from None
    if measure is not None and measure not in known.support.measure:
        raise plain(422, "unknown_measure", given=measure, measures=list(known.support.measure))
    facts = dict(_fact(known.support, each) for each in know or ())
    told = claimable.answers(
        known, day, measure=measure, beneficiary=beneficiary, of=of, year=year, facts=facts
    )
    note = known.support.note
    return entry_shapes.Claimable(
        day=day,
        statuses=dict(known.entry.statuses),
        measures=_measures(known, told),
        note=None if note is None else Both(zh=note.zh, en=note.en),
    )


def _entry(caller: Caller, connection: Connection, bureau: str, number: str) -> tuple[MatterView, Entry]:
    view = caller.matter(connection, bureau, number)
    record = view.stands.subject.record
    if not isinstance(record, Entry):
        raise plain(404, "not_found")
    return view, record


def _fact(support: Support, text: str) -> tuple[str, bool | int]:
    """Return a fact that the caller knows; raises a problem for what is none of the city's, or no value."""
    name, _, value = text.partition("=")
    fact = support.facts.get(name)
    if fact is None:
        raise plain(422, "unknown_fact", given=name, facts=list(support.facts))
    if fact.type == "boolean" and value in ("true", "false"):
        return name, value == "true"
    if fact.type != "boolean" and value.isascii() and value.isdigit() and len(value) <= 15:
        return name, int(value)
    expected = "true, false" if fact.type == "boolean" else "whole fen, 15 digits at most"
    raise plain(422, "bad_value", fact=name, given=value, expected=expected)


def _measures(known: Known, told: list[Entitlement]) -> list[entry_shapes.Entitlement]:
    zh, en = (Words(known.support, language) for language in ("zh", "en"))
    return [
        entry_shapes.Entitlement(
            measure=each.measure,
            title=Both(zh=zh.measure(each.measure), en=en.measure(each.measure)),
            verdict=each.verdict,
            says=Both(zh=zh.verdict(each), en=en.verdict(each)),
            at_most_fen=each.at_most,
            exact=each.exact,
            reasons=[
                entry_shapes.Reason(
                    code=reason.code,
                    says=Both(zh=zh.reason(reason), en=en.reason(reason)),
                    clause=Both(zh=zh.ground(reason.clause), en=en.ground(reason.clause)),
                    facts=dict(reason.facts),
                )
                for reason in each.reasons
            ],
        )
        for each in told
    ]
