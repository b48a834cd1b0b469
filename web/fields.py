"""The pack's form on a page: each field as it is typed, saved as far as it is right."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from casework import case_view
from casework.acts import Receipt
from casework.case_view import CaseView
from models.database import reading
from procedure import written
from procedure.act import Refusal
from procedure.acts.draft import facts_of
from procedure.definition import FormField, Procedure
from procedure.form import FormProblem, parse, yuan
from web import acting
from web.acting import Problem
from web.visitor import Desk, Form


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as the page shows it: what stands in it, where it comes from, and what is wrong with it."""

    field: FormField
    id: str
    title: str
    text: str
    choices: tuple[tuple[str, str], ...]
    hint: str
    ground: str
    error: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """How a saving went: the errors by path, and the fields that others had changed meanwhile."""

    errors: Mapping[str, str]
    problem: Problem | None
    conflicts: tuple[str, ...] = ()


def identity(path: str) -> str:
    """Return the id of a field's element."""
    return path.replace(".", "-")


def text_of(field: FormField, value: Any) -> str:
    """Return a field's value the way it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return yuan(value) if field.type == "money" and isinstance(value, int) else str(value)


def shown(
    desk: Desk,
    procedure: Procedure,
    fields: Sequence[FormField],
    values: Mapping[str, Any],
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    remarks: Mapping[str, str] | None = None,
) -> list[Shown]:
    """Return the fields as they stand, what was typed taking the place of what is kept."""
    language = desk.page.language
    found: list[Shown] = []
    for field in fields:
        one = Shown(
            field,
            identity(field.path),
            field.title.of(language),
            text_of(field, values.get(field.path)),
            _choices(desk, field),
            field.note.of(language) if field.note else "",
            written.ground(procedure, field, language),
            (errors or {}).get(field.path),
            (remarks or {}).get(field.path),
        )
        found.append(replace(one, text=typed[field.path]) if typed and field.path in typed else one)
    return found


def _choices(desk: Desk, field: FormField) -> tuple[tuple[str, str], ...]:
    if field.type == "boolean":
        return (("true", desk.page.say("form.yes")), ("false", desk.page.say("form.no")))
    return tuple((name, words.of(desk.page.language)) for name, words in field.choices.items())


def typed_in(form: Form, fields: Sequence[FormField]) -> dict[str, str]:
    """Return what was typed, by path; a field that the form did not send is none of it."""
    sent = form.texts()
    return {field.path: sent[field.path].replace("\r\n", "\n") for field in fields if field.path in sent}


def save(desk: Desk, view: CaseView, fields: Sequence[FormField], form: Form, uscc: str = "") -> Saved:
    """Keep what was changed and is right; what is wrong is told and nothing else is held up by it.

    No key is used: the same content saved again later means just that. Instead of the whole case's version
    the fields' own are checked: what others changed since the page was made is not overwritten but shown.
    """
    looked_at = form.number("version") or view.version
    member = view.application.member(uscc) if uscc else None
    values = view.application.form if member is None else member.form
    fresh = {
        path: text
        for path, text in typed_in(form, fields).items()
        if text.strip() != text_of(_by_path(fields, path), values.get(path)).strip()
    }
    good, wrong = _judged(fields, fresh)
    with reading(desk.page.portal.engine) as connection:
        others = case_view.changed_fields(connection, view.id, looked_at, desk.claim.person)
    conflicts = tuple(path for path in good if (uscc, path) in others)
    good = {path: text for path, text in good.items() if path not in conflicts}
    errors = _errors(desk, view, wrong)
    if not good:
        return Saved(errors, None, conflicts)
    payload: dict[str, Any] = {"members": {uscc: good}} if uscc else {"fields": good}
    answer = _kept(desk, view, payload)
    if isinstance(answer, Receipt):
        return Saved(errors, None, conflicts)
    told = acting.problem(desk, view, answer, identity)
    return Saved(errors, told, conflicts)


def _kept(desk: Desk, view: CaseView, payload: Mapping[str, Any]) -> Receipt | Refusal:
    return acting.request(desk, view.id, "save_draft", payload, None, None)


def _by_path(fields: Sequence[FormField], path: str) -> FormField:
    return next(field for field in fields if field.path == path)


def _judged(
    fields: Sequence[FormField], typed: Mapping[str, str]
) -> tuple[dict[str, str], list[FormProblem]]:
    good: dict[str, str] = {}
    wrong: list[FormProblem] = []
    for path, text in typed.items():
        value = parse(_by_path(fields, path), text)
        if isinstance(value, FormProblem):
            wrong.append(value)
        else:
            good[path] = text
    return good, wrong


def _errors(desk: Desk, view: CaseView, wrong: Collection[FormProblem]) -> dict[str, str]:
    if not wrong:
        return {}
    refusal = Refusal("bad_fields", {"problems": [facts_of(each) for each in wrong]})
    told = acting.problem(desk, view, refusal)
    return {each.path: detail for each, (_, detail) in zip(wrong, told.links, strict=True)}
