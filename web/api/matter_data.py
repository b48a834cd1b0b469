"""A matter after filing as data: what its caller may read of it, and nothing else."""

from typing import Any, Final

from sqlalchemy import Connection

from casework import case_view, indicators
from casework.access import CITY_ROLES
from casework.matter_list import MatterLine, MatterView
from procedure import subject as subjects
from procedure.entry import Entry, OfEntry
from web.api import matter_shapes
from web.api.case_data import dues
from web.api.problem import Both, both

OF_THE_BUREAU: Final = frozenset({"experts", "third_party", "reviews"})
"""What only the city bureau reads: who reviews, and how each judged."""

OF_THE_LEAD: Final = frozenset({"form"})
"""What units and districts do not read of others: what the application, or a change, says of each."""


def line(each: MatterLine) -> matter_shapes.MatterLine:
    """Return one matter of a list."""
    return matter_shapes.MatterLine(
        id=each.id,
        bureau=each.bureau,
        number=each.number,
        kind=each.kind,
        entry=each.entry,
        name=each.name,
        stage=each.stage,
        outcome=each.outcome,
        place=Both(zh=each.title_zh, en=each.title_en),
        holder=None if each.outcome is not None else each.holder,
        due_at=each.due_at,
    )


def of_matter(connection: Connection, view: MatterView) -> matter_shapes.Matter:
    """Return a matter that the caller sees (``Caller.matter``)."""
    stands, subject = view.stands, view.stands.subject
    [claim] = view.claims
    record = subject.record
    assert isinstance(record, (Entry, OfEntry))  # noqa: S101 - rounds are not looked at one by one
    return matter_shapes.Matter(
        bureau=view.bureau,
        number=subject.ref,
        kind=subject.kind,
        entry=record.entry,
        name=record.name,
        version=subject.version - len(stands.pending),
        stage=subject.stage,
        outcome=subject.outcome,
        place=Both(zh=stands.place("zh"), en=stands.place("en")),
        holder=None if subject.outcome is not None else stands.stage.holder,
        since=subject.entered_at,
        lead=record.lead,
        district=record.district,
        deadlines=dues(*(case_view.dues(connection, view.id, stands, language) for language in ("zh", "en"))),
        targets=_targets(connection, view),
        record=read_by(claim.role, subjects.plain(subject)["record"]),
        may={act: both("acts", act) for act in case_view.allowed(stands, claim.role)},
    )


def read_by(role: str, record: dict[str, Any]) -> dict[str, Any]:
    """Return the particulars of a matter, or of a change of an entry, as a role reads them."""
    if role in CITY_ROLES:
        return record
    kept = {name: value for name, value in record.items() if name not in OF_THE_BUREAU}
    if role == "applicant":
        return kept
    return {
        name: [_without_form(each) for each in value] if name in ("joins", "members") else value
        for name, value in _without_form(kept).items()
    }


def _targets(connection: Connection, view: MatterView) -> list[matter_shapes.Target]:
    told = (indicators.lines(connection, view.stands.loaded, language) for language in ("zh", "en"))
    return [
        matter_shapes.Target(
            field=zh.field,
            title=Both(zh=zh.title, en=en.title),
            target=Both(zh=zh.target, en=en.target),
            by=_both(zh.by, en.by),
            reached=_both(zh.reached, en.reached),
            share=zh.share,
        )
        for zh, en in zip(*told, strict=True)
    ]


def _both(zh: str | None, en: str | None) -> Both | None:
    return None if zh is None or en is None else Both(zh=zh, en=en)


def _without_form(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in OF_THE_LEAD}
