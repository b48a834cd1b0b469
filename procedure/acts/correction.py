"""Return for correction: items listed once and completely, the applicant's turn, and the way back."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.acts.draft import missing_parts
from procedure.subject import Application, Remark, Return


class ListedItem(Payload):
    """One item: a form field's path, ``document:MATERIAL`` or ``member:USCC``, and what to put right."""

    item: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    remark: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class ReturnForCorrection(Payload):
    """Everything that is to be corrected, at once."""

    items: Annotated[tuple[ListedItem, ...], Field(min_length=1, max_length=100)]


@act("return_for_correction", "returned_for_correction", ReturnForCorrection)
def return_for_correction(c: Context, p: ReturnForCorrection) -> Happening | Refusal:
    """Return the application; a later round at the same stage may only repeat items of the first list."""
    names = [listed.item for listed in p.items]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        return Refusal("item_listed_twice", {"items": twice})
    unknown = [name for name in names if not _exists(c, name)]
    if unknown:
        return Refusal("unknown_item", {"items": unknown})
    before = [each for each in c.application.returns if each.stage == c.stage.id]
    allowed = _rounds(c)
    if len(before) >= allowed:
        return Refusal("no_more_rounds", {"rounds": allowed})
    if before:
        first = {remark.item for remark in before[0].items}
        late = [name for name in names if name not in first]
        if late:
            return Refusal("not_in_the_first_list", {"items": late, "listed": sorted(first)})
    return Happening(
        {
            "stage": c.stage.id,
            "round": len(before) + 1,
            "items": [{"item": listed.item, "remark": listed.remark} for listed in p.items],
        }
    )


def _rounds(c: Context) -> int:
    stages = c.procedure.application.stages
    rounds = next(
        stage.correction.rounds for stage in stages if stage.correction and stage.correction.of == c.stage.id
    )
    return c.procedure.number(rounds)


def _exists(c: Context, item: str) -> bool:
    kind, colon, name = item.partition(":")
    if not colon:
        field = c.procedure.field.get(item)
        return field is not None and not item.startswith("member.")
    if kind == "document":
        return name in c.procedure.material
    return kind == "member" and c.application.member(name) is not None


@evolves("returned_for_correction")
def _returned(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    items = tuple(Remark(**item) for item in data["items"])
    return replace(a, returns=(*a.returns, Return(data["stage"], data["round"], items, at)))


@act("resubmit", "resubmitted")
def resubmit(c: Context, p: Nothing) -> Happening | Refusal:
    """Hand the corrected application back; what a submission needs must still be there."""
    missing = missing_parts(c, "submit")
    if missing:
        return Refusal("incomplete", {"missing": missing})
    return Happening(
        {
            "documents": [
                {"material": each.material, "owner": each.owner, "digest": each.digest}
                for each in c.application.documents
            ]
        }
    )


@act("revoke_return", "return_revoked")
def revoke_return(c: Context, p: Nothing) -> Happening | Refusal:
    """Take the return back, as long as the applicant has not begun to correct."""
    correction = c.application.correction
    if correction is not None and correction.acted:
        return Refusal("applicant_has_acted", {"round": correction.round})
    return Happening()


@evolves("resubmitted")
def _resubmitted(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, returns=(*a.returns[:-1], replace(a.returns[-1], resubmitted_at=at)))


@evolves("return_revoked")
def _revoked(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, returns=a.returns[:-1])
