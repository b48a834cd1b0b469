"""What a rectification can correct: a closed list of items, how each is read, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from procedure import register
from procedure.act import Refusal
from procedure.acts.act_type import Context
from procedure.acts.draft import facts_of
from procedure.acts.eligible import asked, assess
from procedure.acts.review import before_submission
from procedure.acts.scoring import trim_of
from procedure.branching import branch
from procedure.definition import ActRule
from procedure.form import FormProblem, parse
from procedure.instant import calendar_day, day_of, iso
from procedure.scoring import hundredths, mean, trimmed
from procedure.subject import Application
from procedure.text import InvisibleCharacter, cleaned, shown

VISIT: Final = ("visit.on", "visit.result", "visit.findings")
PAPERS: Final = (
    "papers.letter",
    "papers.finance_signed",
    "papers.application_copies",
    "papers.summary_copies",
)
FILING: Final = ("filing.document_number", "filing.document_date", "filing.direction")
COPIES: Final = {"papers.application_copies": "application_form", "papers.summary_copies": "summary_table"}


@dataclass(frozen=True, slots=True)
class Effect:
    """What corrected values do: ``data`` is what the record takes, ``to`` where else the case goes."""

    data: Mapping[str, Any]
    personal: Mapping[str, str]
    to: str | None = None


class _Unfit(Exception):
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def present(c: Context, item: str) -> Any:
    """Return what the record says of an item now; None where it says nothing. KeyError for no such item."""
    a = c.application
    head, _, rest = item.partition(".")
    if item in VISIT:
        visit = a.visit
        if visit is None or visit.result is None or visit.visited_on is None:
            return None
        return {"on": visit.visited_on.isoformat(), "result": visit.result, "findings": visit.findings}[rest]
    if item in PAPERS:
        return None if a.papers is None else getattr(a.papers, rest)
    if item in FILING:
        if a.filing is None:
            return None
        return a.filing.valid_from.isoformat() if rest == "document_date" else getattr(a.filing, rest)
    if item.startswith("score:"):
        stage, person = _of_score(c, item)
        found = (each.score for each in a.scores_at(stage) if each.expert == person)
        return next(found, None) if stage in a.means else None
    if item.startswith("member:"):
        _, uscc, path = item.split(":", 2)
        member = a.member(uscc)
        if member is None or not path.startswith("member.") or path not in c.procedure.field:
            raise KeyError(item)
        return member.form.get(path)
    if head not in ("consortium", "lead") or item not in c.procedure.field:
        raise KeyError(item)
    return a.form.get(item)


def known(c: Context, item: str) -> bool:
    """Return whether there is such an item."""
    try:
        present(c, item)
    except (KeyError, ValueError):
        return False
    return True


def is_personal(c: Context, item: str) -> bool:
    """Return whether an item is a personal field, whose values stand apart from the chain."""
    field = c.procedure.field.get(_path(item))
    return field is not None and field.personal


def read(c: Context, item: str, raw: Any) -> Any | FormProblem:
    """Return the value that ``raw`` gives an item, as plain data, or what is wrong with it."""
    field = c.procedure.field.get(_path(item))
    if field is not None:
        value = parse(field, raw)
        return FormProblem(item, shown(raw), "empty", "a value is needed") if value is None else value
    text = str(raw).strip()
    if item in ("papers.letter", "papers.finance_signed"):
        said = raw if isinstance(raw, bool) else {"true": True, "false": False}.get(text.lower())
        return _problem(item, raw, "not_a_boolean", "expected true or false") if said is None else said
    if item in COPIES:
        if isinstance(raw, bool) or not (text.isascii() and text.isdecimal() and int(text[:9]) <= 100):
            return _problem(item, raw, "not_a_whole_number", "expected a whole number such as 12")
        return int(text)
    if item.startswith("score:"):
        try:
            return hundredths(text)
        except ValueError:
            return _problem(item, raw, "not_points", "expected points from 0 to 100 with two decimals")
    if item in ("visit.on", "filing.document_date"):
        try:
            return calendar_day(text).isoformat()
        except ValueError:
            return _problem(item, raw, "not_a_date", "expected a date such as 2024-08-04")
    if item == "visit.result":
        if text not in ("passed", "failed"):
            choices = ["passed", "failed"]
            return FormProblem(item, shown(raw), "not_a_choice", "passed or failed", {"choices": choices})
        return text
    return _text(item, raw, {"visit.findings": 2000, "filing.direction": 60}.get(item, 100))


def effect(c: Context, values: Mapping[str, Any]) -> Effect | Refusal:
    """Return what corrected values (as ``read`` gives them) do, or why they cannot stand."""
    try:
        form = _form(c, values)
        visit, way = _visit(c, values)
        papers, other = _papers(c, values)
        scores, third = _scores(c, values)
        filing = _filing(c, values)
    except _Unfit as unfit:
        return unfit.refusal
    ways = {each for each in (way, other, third) if each is not None}
    if len(ways) > 1:
        return Refusal("consequences_stand", {"items": sorted(values), "stage": c.subject.stage})
    personal = {item: str(value) for item, value in values.items() if is_personal(c, item)}
    data = {**form, **visit, **papers, **scores, **filing}
    return Effect(data, personal, next(iter(ways), None))


def _form(c: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    typed = {item: value for item, value in values.items() if _path(item) in c.procedure.field}
    if not typed:
        return {}
    after = with_fields(c.application, typed)
    before_answers = {each.rule: each.answer for each in assess(c)}
    changed = replace(c, subject=replace(c.subject, record=after))
    stops = {rule.id for rule in c.procedure.rules if rule.stops}
    broken = [
        each
        for each in assess(changed)
        if each.answer == "not_met" and each.rule in stops and before_answers[each.rule] != "not_met"
    ]
    if broken:
        raise _Unfit(Refusal("not_eligible", {"rules": [asked(each) for each in broken]}, broken[0].clause))
    open_fields = {item: value for item, value in typed.items() if not is_personal(c, item)}
    return {"fields": open_fields} if open_fields else {}


def with_fields(a: Application, typed: Mapping[str, Any]) -> Application:
    """Return the particulars with form fields corrected: ``PATH`` or ``member:USCC:PATH``."""
    own = {item: value for item, value in typed.items() if not item.startswith("member:")}
    a = replace(a, form={**a.form, **own}) if own else a
    for item, value in typed.items():
        if item.startswith("member:"):
            _, uscc, path = item.split(":", 2)
            members = (
                replace(each, form={**each.form, path: value}) if each.uscc == uscc else each
                for each in a.members
            )
            a = replace(a, members=tuple(members))
    return a


def _visit(c: Context, values: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    touched = {item: value for item, value in values.items() if item in VISIT}
    if not touched:
        return {}, None
    now = {item.partition(".")[2]: present(c, item) for item in VISIT}
    after = {**now, **{item.partition(".")[2]: value for item, value in touched.items()}}
    _not_ahead(c, "on", after["on"])
    return {"visit": after}, _rerouted(c, "record_visit", {"visit": now}, {"visit": after})


def _papers(c: Context, values: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    touched = {item: value for item, value in values.items() if item in PAPERS}
    if not touched:
        return {}, None
    papers = c.application.papers
    assert papers is not None  # noqa: S101 - an item without a value is refused before
    now = {item.partition(".")[2]: present(c, item) for item in PAPERS} | {"late": papers.late}
    after = {**now, **{item.partition(".")[2]: value for item, value in touched.items()}}
    materials = c.procedure.material
    short = {
        name: {"needed": materials[name].copies, "delivered": after[item.partition(".")[2]]}
        for item, name in COPIES.items()
        if name in materials and after[item.partition(".")[2]] < materials[name].copies
    }
    if short and after["letter"]:
        raise _Unfit(Refusal("copies_missing", {"copies": short}, materials[next(iter(short))].clause))
    corrected = {item.partition(".")[2]: value for item, value in touched.items()}
    return {"papers": corrected}, _rerouted(c, "deliver_papers", {"papers": now}, {"papers": after})


def _scores(c: Context, values: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    touched = {_of_score(c, item): value for item, value in values.items() if item.startswith("score:")}
    if not touched:
        return {}, None
    a, means, ways = c.application, dict[str, int](), set[str]()
    for stage in sorted({stage for stage, _ in touched}):
        given = [touched.get((stage, each.expert), each.score) for each in a.scores_at(stage)]
        counted = trimmed(given, trim_of(c))
        means[stage] = mean(counted)
        way = _rerouted(
            c,
            "close_scoring",
            {"scores": {"mean": a.means[stage], "count": len(counted)}},
            {"scores": {"mean": means[stage], "count": len(counted)}},
            stage,
        )
        ways |= {way} - {None} if way is not None else set()
    if len(ways) > 1:
        raise _Unfit(Refusal("consequences_stand", {"items": sorted(values), "stage": c.subject.stage}))
    scores = [
        {"stage": stage, "expert": person, "score": value} for (stage, person), value in touched.items()
    ]
    return {"scores": scores, "means": means}, next(iter(ways), None)


def _filing(c: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    touched = {item.partition(".")[2]: value for item, value in values.items() if item in FILING}
    if not touched:
        return {}
    filing = c.application.filing
    assert filing is not None  # noqa: S101 - an item without a value is refused before
    after: dict[str, Any] = {}
    if "document_number" in touched:
        after["document_number"] = touched["document_number"]
    if "document_date" in touched:
        _not_ahead(c, "document_date", touched["document_date"])
        first = calendar_day(touched["document_date"])
        usual = register.validity(c.procedure, filing.valid_from)[1]
        last = register.validity(c.procedure, first)[1] if filing.valid_to == usual else filing.valid_to
        if last < first:
            raise _Unfit(
                Refusal(
                    "validity_ends_before_it_begins",
                    {"field": "document_date", "value": last.isoformat(), "since": first.isoformat()},
                )
            )
        after |= {"valid_from": first.isoformat(), "valid_to": last.isoformat()}
    if "direction" in touched:
        name = register.official_name(c.procedure, touched["direction"], c.application.form)
        if name in c.facts.names_taken:
            raise _Unfit(Refusal("name_taken", {"name": name}, c.procedure.naming.clause))
        after |= {"direction": touched["direction"], "name": name}
    return {"filing": after}


def _rerouted(
    c: Context, act: str, then: Mapping[str, Any], now: Mapping[str, Any], stage: str | None = None
) -> str | None:
    """Return where the case goes because the act would have led elsewhere; None where it would not.

    It can only go there from the place to which the act led, and from an end only while its call could
    still select it; otherwise what followed stands.
    """
    rule = _rule(c, act, stage)
    if rule is None:
        return None
    before, after = (branch(c.procedure, c.subject, rule, seen) for seen in (then, now))
    if after.refuse is not None:
        raise _Unfit(Refusal(after.refuse, {}, after.clause or rule.clause))
    if after.to == before.to or after.to is None:
        return None
    place = c.subject.outcome or c.subject.stage
    if place != before.to:
        raise _Unfit(Refusal("consequences_stand", {"items": sorted(then), "stage": place}))
    if c.subject.outcome is not None:
        _can_go_on(c, place)
    return after.to


def _can_go_on(c: Context, place: str) -> None:
    call = c.facts.call
    decided = call is None or call.outcome is not None
    if call is not None and c.procedure.intake == "batch":
        decided = decided or bool(call.call.selected or call.call.passed_over)
    if decided:
        raise _Unfit(Refusal("consequences_stand", {"items": [], "stage": place}))
    if c.facts.other_open_case is not None:
        raise _Unfit(Refusal("one_open_case", {"case": c.facts.other_open_case}))


def _rule(c: Context, act: str, stage: str | None) -> ActRule | None:
    stages = [c.procedure.application.stage[stage]] if stage else c.procedure.application.stages
    rules = (each.acts.get(act) for each in stages)
    return next((rule for rule in rules if rule is not None and rule.branches), None)


def _not_ahead(c: Context, field: str, day: str) -> None:
    if calendar_day(day) > day_of(c.now):
        raise _Unfit(Refusal("time_ahead", {"field": field, "value": day, "now": iso(c.now)}))
    refused = before_submission(c, field, calendar_day(day))
    if refused is not None:
        raise _Unfit(refused)


def _of_score(c: Context, item: str) -> tuple[str, int]:
    _, stage, handle = item.split(":", 2)
    if stage not in c.procedure.application.stage or handle not in c.facts.experts:
        raise KeyError(item)
    return stage, c.facts.experts[handle].person


def _path(item: str) -> str:
    return item.split(":", 2)[2] if item.startswith("member:") and item.count(":") >= 2 else item


def _text(item: str, raw: Any, longest: int) -> str | FormProblem:
    if not isinstance(raw, str):
        return _problem(item, raw, "not_text", "expected text")
    try:
        text = cleaned(raw, multiline=item == "visit.findings")
    except InvisibleCharacter as error:
        facts = {"character": error.character, "position": error.position}
        return FormProblem(item, shown(raw), "invisible_character", str(error), facts)
    if not text:
        return _problem(item, raw, "empty", "a value is needed")
    if len(text) > longest:
        facts = {"limit": longest, "length": len(text)}
        return FormProblem(item, shown(raw), "too_long", f"at most {longest} characters", facts)
    return text


def _problem(item: str, raw: Any, code: str, rule: str) -> FormProblem:
    return FormProblem(item, shown(raw), code, rule)


__all__ = ["Effect", "effect", "facts_of", "is_personal", "known", "present", "read", "with_fields"]
