"""Settings, rules, materials, names and numbers fit together and are used."""

from collections.abc import Iterable, Iterator

from procedure import dialect
from procedure.definition import (
    REASSIGNED,
    SETTING_OF_ACT,
    URGED,
    Model,
    Notify,
    Procedure,
    Rung,
    act_rules,
    grounds,
)
from procedure.proofs.flaw import Flaw, Flaws
from procedure.proofs.vocabulary import ASKS_FOR_MATERIALS, ASKS_FOR_RULES, READ_BY_NAME
from procedure.sentence import Sentence, called

_REQUIRED_BY_NAME = "consortium.direction"


def flaws(procedure: Procedure) -> Flaws:
    """Yield the flaws of settings, rules, materials, names and numbers."""
    yield from _pass_mark(procedure)
    yield from _names_and_numbers(procedure)
    yield from _not_enforced(procedure)
    yield from _unused(procedure)


def _pass_mark(procedure: Procedure) -> Flaws:
    mark = procedure.values.get("pass_mark")
    if mark is not None and (type(mark) is not int or not 0 <= mark <= 100):
        yield Flaw(
            "pass_mark_out_of_range",
            "settings.pass_mark.value",
            Sentence(f"合格线{mark}不在0至100之间", f"the pass mark {mark} is not between 0 and 100"),
            Sentence("以百分制写合格线", "Give the pass mark in points of 100"),
        )


def _names_and_numbers(procedure: Procedure) -> Flaws:
    if _REQUIRED_BY_NAME not in procedure.field:
        yield Flaw(
            "name_without_direction",
            "naming.pattern",
            Sentence(
                f"正式名称用到“方向”，而申报表没有{_REQUIRED_BY_NAME}",
                f"the official name needs a direction, and the form has no {_REQUIRED_BY_NAME}",
            ),
            Sentence(f"在`form`中加入{_REQUIRED_BY_NAME}", f"Add {_REQUIRED_BY_NAME} to `form`"),
        )
    case_number, register_number = procedure.case_number.pattern, procedure.register_number.pattern
    if case_number == register_number:
        yield Flaw(
            "numbers_alike",
            "register_number.pattern",
            Sentence(
                f"办件编号与备案号同为{case_number}，无法区分",
                f"case numbers and register numbers are both {case_number} and cannot be told apart",
            ),
            Sentence("使两者不同", "Make them differ"),
        )
    for where, pattern in (("case_number", case_number), ("register_number", register_number)):
        if "{year}" not in pattern:
            yield Flaw(
                "numbers_repeat",
                f"{where}.pattern",
                Sentence(
                    f"编号每年从1起，而{pattern}不含{{year}}，次年会重复",
                    f"numbers begin at 1 every year, and {pattern} has no {{year}}, so they repeat",
                ),
                Sentence("加入{year}", "Add {year}"),
            )


def _not_enforced(procedure: Procedure) -> Flaws:
    for i, rule in enumerate(procedure.rules):
        name = called(rule.title, rule.id)
        for j, act in enumerate(rule.stops):
            if act not in ASKS_FOR_RULES:
                yield Flaw(
                    "rule_stops_nothing",
                    f"rules.{i}.stops.{j}",
                    Sentence(
                        f"规则{name.zh}拦不住{act}：它不查看规则",
                        f"the rule {name.en} cannot stop {act}, which looks at no rules",
                    ),
                    Sentence(
                        f"只能拦{'、'.join(sorted(ASKS_FOR_RULES))}",
                        f"Name one of {', '.join(sorted(ASKS_FOR_RULES))}",
                    ),
                )
    for i, material in enumerate(procedure.materials):
        name = called(material.title, material.id)
        if material.needed_for is not None and material.needed_for not in ASKS_FOR_MATERIALS:
            yield Flaw(
                "material_never_asked_for",
                f"materials.{i}.needed_for",
                Sentence(
                    f"{material.needed_for}不查看材料，缺了{name.zh}也不会发现",
                    f"{material.needed_for} looks at no materials, so nobody would miss {name.en}",
                ),
                Sentence(
                    f"只能写{'、'.join(sorted(ASKS_FOR_MATERIALS))}",
                    f"Name {' or '.join(sorted(ASKS_FOR_MATERIALS))}",
                ),
            )


def _unused(procedure: Procedure) -> Flaws:
    told = set(_texts_told(procedure))
    for name in procedure.notices:
        if name not in told:
            yield Flaw(
                "text_never_sent",
                f"notices.{name}",
                Sentence(f"文本{name}从不发送", f"the text {name} is never sent"),
                Sentence("在某处的`notify`中使用它，或删去它", "Use it in a `notify`, or remove it"),
            )
    used = _settings_used(procedure)
    for name, setting in procedure.settings.items():
        if name not in used:
            yield Flaw(
                "setting_unused",
                f"settings.{name}",
                Sentence(
                    f"设定{called(setting.title, name).zh}不起作用",
                    f"the setting {called(setting.title, name).en} has no effect",
                ),
                Sentence("使用它，或删去它", "Use it, or remove it"),
                severity="remark",
            )
    cited = {thing.clause.document for _, thing in grounds(procedure) if thing.clause is not None}
    for code, document in procedure.documents.items():
        if code not in cited:
            yield Flaw(
                "document_never_cited",
                f"documents.{code}",
                Sentence(
                    f"文件{called(document.title, code).zh}从未被引用",
                    f"the document {called(document.title, code).en} is never cited",
                ),
                Sentence("引用它，或删去它", "Cite it, or remove it"),
                severity="remark",
            )


def _texts_told(procedure: Procedure) -> Iterator[str]:
    yield URGED
    if any(isinstance(thing, Rung) and thing.reassign_to is not None for thing in _within(procedure)):
        yield REASSIGNED
    yield from (thing.text for thing in _within(procedure) if isinstance(thing, (Notify, Rung)))


def _settings_used(procedure: Procedure) -> set[str]:
    used: set[str] = set(READ_BY_NAME)
    for thing in _within(procedure):
        for name in type(thing).model_fields:
            value = getattr(thing, name)
            if isinstance(value, str):
                used.add(value)
                if "settings." in value:
                    used |= {path.partition(".")[2] for path in dialect.references(value).paths}
    for kind in ("call", "application"):
        for where, _ in act_rules(procedure.life(kind), kind):
            used.add(SETTING_OF_ACT.get(where.rpartition(".")[2], ""))
    return used


def _within(value: object) -> Iterator[Model]:
    parts: Iterable[object] = ()
    if isinstance(value, Model):
        yield value
        parts = [getattr(value, name) for name in type(value).model_fields]
    elif isinstance(value, dict):
        parts = value.values()
    elif isinstance(value, tuple):
        parts = value
    for part in parts:
        yield from _within(part)
