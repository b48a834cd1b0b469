"""A case as data: what its caller may read of it, and nothing else."""

from collections.abc import Sequence

from sqlalchemy import Connection

from casework import case_view, work_list
from casework.case_view import Due
from procedure.definition import Words
from procedure.subject import Application
from web.api import shapes
from web.api.caller import Caller
from web.api.problem import Both, both


def of_case(connection: Connection, caller: Caller, case_id: int) -> shapes.Case:
    """Return a case that the caller sees (``Caller.case``)."""
    zh, en = (case_view.view(connection, case_id, caller.claim, language) for language in ("zh", "en"))
    a, subject, life = zh.application, zh.stands.subject, zh.stands.procedure.application
    own = _own_units(connection, caller)
    rules = {rule.id: rule for rule in zh.stands.procedure.rules}
    return shapes.Case(
        bureau=zh.bureau,
        number=subject.ref,
        version=zh.version,
        stage=subject.stage,
        outcome=subject.outcome,
        place=Both(zh=zh.stands.place("zh"), en=zh.stands.place("en")),
        holder=None if subject.outcome is not None else life.stage[subject.stage].holder,
        since=subject.entered_at,
        lead=shapes.Unit(uscc=a.lead, name=a.lead_name, kind=a.lead_kind),
        district=a.district,
        submitted_at=a.submitted_at,
        form={} if own is not None else dict(a.form),
        members=_members(a, own),
        documents=[
            shapes.Paper(
                material=each.material,
                owner=each.owner,
                name=each.name,
                size=each.size,
                media_type=each.media_type,
                digest=each.digest,
            )
            for each in a.documents
            if own is None or each.owner in own
        ],
        conditions=[]
        if own is not None
        else [
            shapes.Condition(rule=each.rule, title=_both(rules[each.rule].title), answer=each.answer)
            for each in zh.stands.eligibility()
        ],
        deadlines=dues(zh.dues, en.dues),
        way=[
            shapes.Step(
                title=Both(zh=each.title, en=other.title),
                holder=Both(zh=each.holder, en=other.holder),
                state=each.state,
                at=each.at,
            )
            for each, other in zip(zh.way, en.way, strict=True)
        ],
        may={act: both("acts", act) for act in zh.may},
    )


def dues(zh: Sequence[Due], en: Sequence[Due]) -> list[shapes.Due]:
    """Return deadlines told in both languages as data."""
    return [
        shapes.Due(
            title=Both(zh=each.title, en=other.title),
            state=each.state,
            at=each.at,
            provisional=each.provisional,
            why=[Both(zh=line, en=line_en) for line, line_en in zip(each.why, other.why, strict=True)],
        )
        for each, other in zip(zh, en, strict=True)
    ]


def history(connection: Connection, caller: Caller, case_id: int) -> list[shapes.Happened]:
    """Return what happened to a case, the last first, as the caller is told of it."""
    zh, en = (case_view.view(connection, case_id, caller.claim, language).told for language in ("zh", "en"))
    return [
        shapes.Happened(
            seq=each.seq,
            at=each.at,
            what=Both(zh=each.what, en=other.what),
            who=Both(zh=each.who, en=other.who),
            remark=Both(zh=each.remark, en=other.remark),
        )
        for each, other in zip(zh, en, strict=True)
    ]


def readable(connection: Connection, caller: Caller, owner: str) -> bool:
    """Return whether the caller may read the documents of ``owner``."""
    own = _own_units(connection, caller)
    return own is None or owner in own


def _own_units(connection: Connection, caller: Caller) -> frozenset[str] | None:
    """Return the units to which a member unit's reading is limited, None for whoever reads all."""
    if caller.claim.role != "member":
        return None
    return frozenset(unit.uscc for unit in work_list.units(connection, caller.claim))


def _both(words: Words) -> Both:
    return Both(zh=words.zh, en=words.en)


def _members(a: Application, own: frozenset[str] | None) -> list[shapes.MemberUnit]:
    return [
        shapes.MemberUnit(
            uscc=each.uscc,
            name=each.name,
            kind=each.kind,
            status=each.status,
            core_layer=each.core_layer,
            details=dict(each.form) if own is None or each.uscc in own else {},
        )
        for each in a.members
    ]
