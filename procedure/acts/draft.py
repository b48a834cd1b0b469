"""Filling in and submitting: form, members, documents, submission, withdrawal."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.acts.eligible import answers, assess, relied_upon, stopped
from procedure.barred import barred
from procedure.completeness import missing
from procedure.form import FormProblem, parse
from procedure.instant import day_of
from procedure.subject import Application, Document, Member, Subject
from procedure.uscc import InvalidUscc, valid

Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def application(uscc: str, name: str, kind: str, district: str, district_kind: str | None) -> Application:
    """Return the particulars of an application that ``uscc`` begins in ``district``."""
    return Application(uscc, name, kind, district, district_kind)


class SaveDraft(Payload):
    """Fields by path; ``members`` holds the fields about each member unit by its USCC."""

    fields: Annotated[dict[str, Any], Field(default_factory=dict, max_length=200)]
    members: Annotated[dict[str, dict[str, Any]], Field(default_factory=dict, max_length=100)]


@act("save_draft", "draft_saved", SaveDraft)
def save_draft(c: Context, p: SaveDraft) -> Happening | Refusal:
    """Keep what was typed; every value is checked against its field, and none is kept if one is wrong."""
    problems: list[dict[str, Any]] = []
    data: dict[str, Any] = {"fields": {}, "members": {}}
    personal: dict[str, str] = {}
    for path, raw in p.fields.items():
        _save(c, path, raw, ("lead.", "consortium."), "", data["fields"], personal, problems)
    for uscc, fields in p.members.items():
        if c.application.member(uscc) is None:
            return Refusal("no_such_member", {"uscc": uscc})
        kept = data["members"].setdefault(uscc, {})
        for path, raw in fields.items():
            _save(c, path, raw, ("member.",), uscc, kept, personal, problems)
    if problems:
        return Refusal("bad_fields", {"problems": problems})
    unlisted = [
        item
        for item in (*p.fields, *(f"member:{uscc}" for uscc in p.members))
        if not _may_be_changed(c, item)
    ]
    if unlisted:
        return _not_listed(c, unlisted)
    return Happening(data, personal)


def _save(
    c: Context,
    path: str,
    raw: Any,
    sections: tuple[str, ...],
    uscc: str,
    kept: dict[str, Any],
    personal: dict[str, str],
    problems: list[dict[str, Any]],
) -> None:
    field = c.procedure.field.get(path)
    if field is None or not path.startswith(sections):
        unknown = FormProblem(path, str(raw)[:80], "unknown_field", "unknown field")
        problems.append(facts_of(unknown))
        return
    value = parse(field, raw)
    if isinstance(value, FormProblem):
        problems.append(facts_of(value))
    elif field.personal and isinstance(value, str):
        personal[f"{uscc}/{path}"] = value
    else:
        kept[path] = value


def facts_of(unfit: FormProblem) -> dict[str, Any]:
    """Return what is wrong with a field as refusals name it."""
    return {
        "field": unfit.path,
        "value": unfit.value,
        "rule": unfit.rule,
        "code": unfit.code,
        "facts": dict(unfit.facts),
    }


def _may_be_changed(c: Context, item: str) -> bool:
    correction = c.application.correction
    return correction is None or any(listed.item == item for listed in correction.items)


def _not_listed(c: Context, items: list[str]) -> Refusal:
    correction = c.application.correction
    listed = [each.item for each in correction.items] if correction is not None else list[str]()
    return Refusal("not_listed_for_correction", {"items": items, "listed": listed})


@evolves("draft_saved")
def _draft_saved(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    personal: Mapping[str, str] = data.get("personal", {})
    own = {key.removeprefix("/"): value for key, value in personal.items() if key.startswith("/")}
    a = replace(a, form=_merged(a.form, {**data["fields"], **own}))
    touched = {*data["members"], *(key.split("/")[0] for key in personal if not key.startswith("/"))}
    for uscc in touched:
        theirs = {
            key.split("/", 1)[1]: value for key, value in personal.items() if key.startswith(f"{uscc}/")
        }
        fields = {**data["members"].get(uscc, {}), **theirs}
        a = replace(
            a,
            members=tuple(
                replace(member, form=_merged(member.form, fields)) if member.uscc == uscc else member
                for member in a.members
            ),
        )
    return _acted(a)


def _merged(form: dict[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in {**form, **fields}.items() if value is not None}


def _acted(a: Application) -> Application:
    if a.correction is None or a.correction.acted:
        return a
    return replace(a, returns=(*a.returns[:-1], replace(a.returns[-1], acted=True)))


class InviteMember(Payload):
    """A unit to invite; name and kind are needed where the USCC is not known yet."""

    uscc: str
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    kind: (
        Literal[
            "enterprise",
            "university",
            "institute",
            "new_rnd_institution",
            "innovation_body",
            "service_agency",
            "medical_institution",
        ]
        | None
    ) = None
    core_layer: bool = False


@act("invite_member", "member_invited", InviteMember, "organisations", "bars")
def invite_member(c: Context, p: InviteMember) -> Happening | Refusal:
    """Invite a unit into the consortium; the lead itself and a unit already in it are refused."""
    try:
        uscc = valid(p.uscc)
    except InvalidUscc as problem:
        return Refusal("invalid_uscc", {"uscc": p.uscc[:40], "problem": str(problem)})
    if uscc == c.application.lead:
        return Refusal("lead_is_no_member", {"uscc": uscc})
    present = c.application.member(uscc)
    if present is not None and present.status != "declined":
        return Refusal("already_a_member", {"uscc": uscc, "status": present.status})
    kept_away = barred(c.procedure, c.facts, uscc, day_of(c.now)) if p.core_layer else None
    if kept_away is not None:
        return kept_away
    known = c.facts.organisations.get(uscc)
    name, kind = (known.name, known.kind) if known is not None else (p.name, p.kind)
    if name is None or kind is None:
        return Refusal("unknown_unit", {"uscc": uscc, "needed": ["name", "kind"]})
    return Happening({"uscc": uscc, "name": name, "kind": kind, "core_layer": p.core_layer})


@evolves("member_invited")
def _member_invited(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    member = Member(data["uscc"], data["name"], data["kind"], data["core_layer"], "invited")
    return replace(a, members=(*(each for each in a.members if each.uscc != member.uscc), member))


class OfMember(Payload):
    """Which member unit."""

    uscc: str


@act("remove_member", "member_removed", OfMember)
def remove_member(c: Context, p: OfMember) -> Happening | Refusal:
    """Take a unit out of the consortium again."""
    if c.application.member(p.uscc) is None:
        return Refusal("no_such_member", {"uscc": p.uscc[:40]})
    return Happening({"uscc": p.uscc})


@evolves("member_removed")
def _member_removed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(
        a,
        members=tuple(member for member in a.members if member.uscc != data["uscc"]),
        documents=tuple(document for document in a.documents if document.owner != data["uscc"]),
    )


@act("confirm_membership", "membership_confirmed", Nothing, "bars")
def confirm_membership(c: Context, p: Nothing) -> Happening | Refusal:
    """Confirm, as the invited unit, that it is part of the consortium."""
    member = c.application.member(c.actor.organisation)
    if member is not None and member.core_layer:
        kept_away = barred(c.procedure, c.facts, member.uscc, day_of(c.now))
        if kept_away is not None:
            return kept_away
    return _answer_invitation(c, "confirmed")


class DeclineMembership(Payload):
    """Why the unit does not join."""

    reason: Reason


@act("decline_membership", "membership_declined", DeclineMembership)
def decline_membership(c: Context, p: DeclineMembership) -> Happening | Refusal:
    """Decline, as the invited unit, to be part of the consortium."""
    answer = _answer_invitation(c, "declined")
    return answer if isinstance(answer, Refusal) else Happening({**answer.data, "reason": p.reason})


def _answer_invitation(c: Context, status: str) -> Happening | Refusal:
    member = c.application.member(c.actor.organisation)
    if member is None:
        return Refusal("no_such_member", {"uscc": c.actor.organisation or ""})
    if member.status != "invited":
        return Refusal("already_answered", {"uscc": member.uscc, "status": member.status})
    return Happening({"uscc": member.uscc, "status": status})


@evolves("membership_confirmed")
@evolves("membership_declined")
def _answered(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(
        a,
        members=tuple(
            replace(member, status=data["status"]) if member.uscc == data["uscc"] else member
            for member in a.members
        ),
    )


class AttachDocument(Payload):
    """A stored file to attach as a material of the pack; ``digest`` is the SHA-256 of its content."""

    material: str
    digest: Digest
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\]+$")]
    size: Annotated[int, Field(ge=1)]
    media_type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    member: str | None = None


@act("attach_document", "document_attached", AttachDocument, "files")
def attach_document(c: Context, p: AttachDocument) -> Happening | Refusal:
    """Attach a file as one of the materials; a new one takes the place of the unit's former one."""
    material = c.procedure.material.get(p.material)
    if material is None:
        return Refusal(
            "unknown_material", {"material": p.material[:60], "materials": sorted(c.procedure.material)}
        )
    owner = _owner(c, p.member)
    if material.by == "member":
        member = c.application.member(owner)
        if member is None or member.status == "declined":
            return Refusal("no_such_member", {"uscc": owner or ""})
    elif owner != (c.application.lead if material.by == "applicant" else c.application.district):
        return Refusal("not_your_material", {"material": material.id, "by": material.by})
    extension = p.name.rpartition(".")[2].lower()
    if extension not in material.formats:
        return Refusal(
            "wrong_format", {"material": material.id, "name": p.name, "formats": list(material.formats)}
        )
    stored = c.facts.stored_files
    if stored is not None and p.digest not in stored:
        return Refusal("file_not_stored", {"name": p.name, "digest": p.digest})
    size = p.size if stored is None else stored[p.digest]
    if size > material.max_megabytes * 1_000_000:
        return Refusal(
            "file_too_large",
            {"material": material.id, "size": size, "max_megabytes": material.max_megabytes},
        )
    if not _may_be_changed(c, f"document:{material.id}"):
        return _not_listed(c, [f"document:{material.id}"])
    return Happening({**p.model_dump(exclude={"member"}), "size": size, "owner": owner})


@evolves("document_attached")
def _document_attached(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    document = Document(**data)
    kept = (
        each for each in a.documents if (each.material, each.owner) != (document.material, document.owner)
    )
    return _acted(replace(a, documents=(*kept, document)))


def _owner(c: Context, member: str | None) -> str | None:
    """Return whose document it is that the actor hands in: a unit's USCC, or a recommending unit's code."""
    match c.actor.role:
        case "member":
            return c.actor.organisation
        case "district_officer":
            return c.application.district
        case _:
            return member or c.application.lead


class RemoveDocument(Payload):
    """Which material, and whose; the lead's when ``member`` is not given."""

    material: str
    member: str | None = None


@act("remove_document", "document_removed", RemoveDocument)
def remove_document(c: Context, p: RemoveDocument) -> Happening | Refusal:
    """Take an attached document out again; the file itself stays stored."""
    owner = _owner(c, p.member)
    if not any((each.material, each.owner) == (p.material, owner) for each in c.application.documents):
        return Refusal("no_such_document", {"material": p.material[:60], "owner": owner or ""})
    if not _may_be_changed(c, f"document:{p.material}"):
        return _not_listed(c, [f"document:{p.material}"])
    return Happening({"material": p.material, "owner": owner})


@evolves("document_removed")
def _document_removed(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    gone = (data["material"], data["owner"])
    return _acted(
        replace(a, documents=tuple(each for each in a.documents if (each.material, each.owner) != gone))
    )


@act("submit", "submitted", Nothing, "bars")
def submit(c: Context, p: Nothing) -> Happening | Refusal:
    """Submit the application; all that is missing is named at once."""
    core = (each.uscc for each in c.application.members if each.core_layer and each.status == "confirmed")
    for uscc in (c.application.lead, *core):
        kept_away = barred(c.procedure, c.facts, uscc, day_of(c.now))
        if kept_away is not None:
            return kept_away
    missing = missing_parts(c, "submit")
    if missing:
        return Refusal("incomplete", {"missing": missing})
    assessments = assess(c)
    refusal = stopped(c, "submit", assessments)
    if refusal is not None:
        return refusal
    return Happening(
        {
            "documents": [
                {"material": each.material, "owner": each.owner, "digest": each.digest}
                for each in c.application.documents
            ],
            **answers(c, "submit", assessments),
        }
    )


@evolves("submitted")
def _submitted(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return relied_upon(replace(a, submitted_at=at), data, at)


def missing_parts(c: Context, act_name: str) -> list[str]:
    """Return what is still missing for ``act_name``: fields, documents and answers of invited units."""
    return missing(c.procedure, c.application, act_name)


class Withdraw(Payload):
    """Why the application is withdrawn."""

    reason: Reason


@act("withdraw", "withdrawn", Withdraw)
def withdraw(c: Context, p: Withdraw) -> Happening | Refusal:
    """Withdraw the application; the case ends."""
    return Happening({"reason": p.reason})


@evolves("withdrawn")
def _withdrawn(a: Application, data: dict[str, Any], at: pendulum.DateTime) -> Application:
    return replace(a, reason=data["reason"])


def blank(ref: str, call: Subject, particulars: Application) -> Subject:
    """Return an application of ``call`` to which nothing has happened yet."""
    return Subject("application", ref, call.ref, "", 0, particulars, dates=call.dates)
