"""Renewal: a new application that carries over what is still true, and asks only for what is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pendulum import Date
from sqlalchemy import Connection, Engine, select

from casework import acts, calls, consortium, loading
from casework.access import Claim
from casework.acts import Receipt, Request
from casework.consortium import Filed
from casework.loading import Loaded, NoSuchSubject
from models import RegisterEntry, Subject
from models.database import reading
from procedure import subject as subjects
from procedure.act import Refusal
from procedure.completeness import missing
from procedure.definition import FormField, Procedure
from procedure.form import yuan
from procedure.instant import day_of
from procedure.subject import Application

_register = RegisterEntry.__table__
_subjects = Subject.__table__

WINDOW = "renewal_months"
"""How many months before the last day of validity a renewal may be prepared."""
AFRESH = "renewal_afresh"
"""The materials, by id, that a renewal asks for anew."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """A renewal as it was begun: its case, what was carried over, and what is still to be given."""

    case: Receipt
    procedure: Procedure
    fields: tuple[str, ...]
    members: tuple[str, ...]
    documents: tuple[str, ...]
    to_give: tuple[str, ...]


def opens_on(valid_to: Date, months: int) -> Date:
    """Return the first day on which a renewal may be prepared."""
    return valid_to.subtract(months=months)


def renew(
    engine: Engine, claim: Claim, number: str, call: int, bureau: str | None = None
) -> Renewed | Refusal:
    """Begin an application in ``call`` that renews the entry ``number``, for its lead unit.

    Fields, members and documents are carried over as far as the call's procedure knows them; members
    confirm anew, and the materials of the setting ``renewal_afresh`` are given anew. Done again, it goes on
    where it was.
    """
    try:
        with reading(engine) as connection:
            entry = consortium.filed(connection, number, bureau)
            former = _application(connection, entry)
            into = loading.one(connection, call).procedure
    except NoSuchSubject:
        return Refusal("no_such_entry", {"number": number})
    if into.bureau.code != entry.loaded.procedure.bureau.code:
        return Refusal("not_found", {"ref": call})
    refused = _too_early(entry, number)
    if refused is not None:
        return refused
    case = calls.start(
        engine, call, claim, entry.record.district, lead=entry.record.lead, key=f"renew {number}"
    )
    if isinstance(case, Refusal):
        return case
    with reading(engine) as connection:
        case_id = loading.id_of(connection, case.ref, into.bureau.code)
    for n, (act, payload) in enumerate(_steps(into, entry, former)):
        answer = acts.perform(engine, Request(case_id, act, claim, payload, f"renew {number} {n}"))
        if isinstance(answer, Refusal):
            return answer
    with reading(engine) as connection:
        return _told(loading.one(connection, case_id), case)


def _too_early(entry: Filed, number: str) -> Refusal | None:
    record, values = entry.record, entry.loaded.procedure.values
    opens = opens_on(record.valid_to, int(values.get(WINDOW, 6)))
    today = day_of(entry.loaded.now)
    if entry.state not in ("valid", "expired"):
        return Refusal("entry_is_not_valid", {"number": number, "state": entry.state})
    if today < opens:
        told = {"number": number, "first": opens.isoformat(), "last": record.valid_to.isoformat()}
        return Refusal("renewal_not_open", told)
    return None


def _steps(into: Procedure, entry: Filed, former: Application) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the acts that carry over what is still true."""
    made_of = entry.composition
    fields = dict(_typed(into, made_of.form, ("lead.", "consortium.")))
    if entry.record.direction is not None:
        fields["consortium.direction"] = entry.record.direction
    yield "save_draft", {"fields": fields}
    for unit in made_of.members:
        yield "invite_member", {"uscc": unit.uscc, "core_layer": unit.core_layer}
    told = {unit.uscc: dict(_typed(into, unit.form, ("member.",))) for unit in made_of.members}
    if any(told.values()):
        yield "save_draft", {"members": {uscc: given for uscc, given in told.items() if given}}
    units = {entry.record.lead, *(unit.uscc for unit in made_of.members)}
    afresh = str(entry.loaded.procedure.values.get(AFRESH, "")).split()
    for document in former.documents:
        if document.material in into.material and document.owner in units and document.material not in afresh:
            yield (
                "attach_document",
                {
                    "material": document.material,
                    "digest": document.digest,
                    "name": document.name,
                    "size": document.size,
                    "media_type": document.media_type,
                    "member": document.owner if document.owner != entry.record.lead else None,
                },
            )


def _typed(into: Procedure, form: Any, sections: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the values of a form as they would be typed anew; an ID number cannot be read back."""
    for path, value in form.items():
        field: FormField | None = into.field.get(path)
        if field is not None and path.startswith(sections) and field.type != "id_digest":
            yield path, yuan(value) if field.type == "money" else value


def _told(case: Loaded, receipt: Receipt) -> Renewed:
    application = case.subject.application
    return Renewed(
        receipt,
        case.procedure,
        tuple(sorted(application.form)),
        tuple(each.name for each in application.members),
        tuple(each.material for each in application.documents),
        tuple(missing(case.procedure, application, "submit")),
    )


def _application(connection: Connection, entry: Filed) -> Application:
    state = connection.execute(
        select(_subjects.c.state)
        .join(_register, _register.c.subject_id == _subjects.c.id)
        .where(_register.c.id == entry.entry_id)
    ).scalar_one()
    return subjects.load(state).application
