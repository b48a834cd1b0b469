"""Proof that a pack names only what it contains."""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from procedure.definition.act_rule import RETURN, SETTING_OF_ACT, ActRule
from procedure.definition.deadline import MOST_DAYS
from procedure.definition.filing import STATUS
from procedure.definition.grounds import grounds
from procedure.definition.ladder import Ladder
from procedure.definition.life import Life, act_rules
from procedure.definition.notice import Notify
from procedure.fault import Fault, either, unknown

if TYPE_CHECKING:
    from procedure.definition.procedure import Procedure


class DanglingReferences(ValueError):
    """A pack names things it does not contain; ``problems`` pairs each place with what is wrong there."""

    def __init__(self, problems: tuple[tuple[str, Fault], ...]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in problems))
        self.problems = problems


Problems = Iterator[tuple[str, Fault]]


def references(procedure: "Procedure") -> Problems:
    """Yield what the pack names and does not contain: the place, and what is wrong there."""
    for path, thing in grounds(procedure):
        if thing.clause is not None:
            yield from _known(
                thing.clause.document, procedure.documents, f"{path}.clause.document", "document"
            )
    for name, text in procedure.notices.items():
        for language, parts in (("zh", text.zh), ("en", text.en)):
            for part in ("subject", "body"):
                if not parts.get(part):
                    yield f"notices.{name}.{language}.{part}", Fault("missing_or_empty")
    yield from _unique((f"form.{i}.path", field.path) for i, field in enumerate(procedure.form))
    yield from _unique((f"materials.{i}.id", material.id) for i, material in enumerate(procedure.materials))
    yield from _unique((f"rules.{i}.id", rule.id) for i, rule in enumerate(procedure.rules))
    status = procedure.field.get(STATUS)
    if "{status}" in procedure.naming.pattern and (status is None or not status.choices):
        yield "naming.pattern", Fault("status_without_field", field=STATUS)
    acts = {
        *procedure.application.everywhere,
        *(act for stage in procedure.application.stages for act in stage.acts),
    }
    for i, material in enumerate(procedure.materials):
        if material.needed_for is not None:
            yield from _known(
                material.needed_for, acts, f"materials.{i}.needed_for", "act_of_the_application"
            )
    for i, rule in enumerate(procedure.rules):
        for j, act in enumerate(rule.stops):
            yield from _known(act, acts, f"rules.{i}.stops.{j}", "act_of_the_application")
    for kind in procedure.kinds:
        yield from _references_of_life(procedure, procedure.life(kind), procedure.place(kind))
    yield from _panel(procedure, acts)
    yield from _targets(procedure)
    if procedure.ladder is not None:
        yield from _rungs(procedure, procedure.ladder, "ladder")


def _rungs(procedure: "Procedure", ladder: Ladder, where: str) -> Problems:
    yield from _unique((f"{where}.rungs.{i}.id", rung.id) for i, rung in enumerate(ladder.rungs))
    for i, rung in enumerate(ladder.rungs):
        yield from _known(rung.text, procedure.notices, f"{where}.rungs.{i}.text", "notice_text")


def _panel(procedure: "Procedure", acts: set[str]) -> Problems:
    life, settings = procedure.application, procedure.values
    for i, stage in enumerate(life.stages):
        if "draw_panel" in life.acts(stage.id) and not stage.seeds:
            yield f"application.stages.{i}", Fault("draws_without_seed")
    for i, stage in enumerate(procedure.call.stages):
        if stage.seeds:
            yield f"call.stages.{i}.seeds", Fault("seed_of_a_call")
    if (field := settings.get("panel_field")) is not None:
        yield from _known(str(field), procedure.field, "settings.panel_field.value", "form_field")
    if type(settings.get("anonymous_review", False)) is not bool:
        given = settings["anonymous_review"]
        fault = Fault("expected", expected=Fault("true_or_false"), given=repr(given))
        yield "settings.anonymous_review.value", fault
    trim = settings.get("trim", 0)
    if type(trim) is not int or trim < 0:
        yield "settings.trim.value", Fault("setting_at_least", setting="trim", least=0, given=trim)
        return
    size, needed = settings.get("panel_size"), settings.get("scores_needed")
    if type(size) is int and size % 2 == 0 and {"name_panel", "draw_panel"} & acts:
        yield "settings.panel_size.value", Fault("even_panel", size=size)
    for name in ("panel_size", "defence_quorum"):
        most = settings.get(name)
        if type(most) is int and type(needed) is int and most - 2 * trim < needed:
            yield (
                f"settings.{name}.value",
                Fault("too_few_scores", size=most, left=most - 2 * trim, needed=needed),
            )


def _targets(procedure: "Procedure") -> Problems:
    if procedure.evaluation is None:
        return
    named = [(f"indicators.{i}", path) for i, path in enumerate(procedure.evaluation.indicators)]
    yield from _unique((f"evaluation.{where}", path) for where, path in named)
    for where, path in named:
        yield from _field_of_plan(procedure, path, f"evaluation.{where}", ("integer", "money"))
    if procedure.evaluation.targets_by is not None:
        yield from _field_of_plan(
            procedure, procedure.evaluation.targets_by, "evaluation.targets_by", ("date",)
        )


def _field_of_plan(procedure: "Procedure", path: str, where: str, types: tuple[str, ...]) -> Problems:
    yield from _known(path, procedure.field, where, "form_field")
    if path in procedure.field:
        if not path.startswith("consortium."):
            yield where, Fault("target_of_one", field=path)
        if (given := procedure.field[path].type) not in types:
            yield where, Fault("field_of_type", types=either(types), field=path, given=given)


def _references_of_life(procedure: "Procedure", life: Life, kind: str) -> Problems:
    places = [*life.stage, *life.outcome]
    yield from _unique((f"{kind}.deadlines.{i}.id", rule.id) for i, rule in enumerate(life.deadlines))
    stages = [(f"{kind}.stages.{i}.id", stage.id) for i, stage in enumerate(life.stages)]
    outcomes = [(f"{kind}.outcomes.{i}.id", outcome.id) for i, outcome in enumerate(life.outcomes)]
    yield from _unique([*stages, *outcomes])
    yield from _known(life.start, life.stage, f"{kind}.start", "stage")
    if life.start_while is not None:
        yield from _known(life.start_while, procedure.call.stage, f"{kind}.start_while", "stage_of_the_call")
    for i, rule in enumerate(life.deadlines):
        where = f"{kind}.deadlines.{i}"
        if rule.due.date is not None:
            dates = life.dates or procedure.dates
            yield from _known(rule.due.date, dates, f"{where}.due.date", "date")
        if rule.due.working_days is not None:
            yield from _number(procedure, rule.due.working_days, f"{where}.due.working_days")
        if rule.lapse is not None:
            yield from _known(rule.lapse.to, places, f"{where}.lapse.to", "stage_or_outcome")
            yield from _told(procedure, rule.lapse.notify, f"{where}.lapse.notify")
        yield from _told(procedure, rule.overdue, f"{where}.overdue")
        if rule.ladder is not None:
            yield from _rungs(procedure, rule.ladder, f"{where}.ladder")
    for i, outcome in enumerate(life.outcomes):
        yield from _told(procedure, outcome.notify, f"{kind}.outcomes.{i}.notify")
    yield from _references_of_stages(procedure, life, kind)
    for where, act_rule in act_rules(life, kind):
        yield from _references_of_act(procedure, act_rule, places, where)
        if (setting := SETTING_OF_ACT.get(where.rpartition(".")[2])) is not None:
            yield from _number(procedure, setting, where)


def _references_of_stages(procedure: "Procedure", life: Life, kind: str) -> Problems:
    for i, stage in enumerate(life.stages):
        where = f"{kind}.stages.{i}"
        yield from _told(procedure, stage.notify, f"{where}.notify")
        for j, name in enumerate(stage.deadlines):
            yield from _known(name, life.deadline, f"{where}.deadlines.{j}", "deadline")
        for j, name in enumerate(stage.suspends):
            yield from _known(name, life.deadline, f"{where}.suspends.{j}", "deadline")
        if stage.correction is not None:
            yield from _known(stage.correction.of, life.stage, f"{where}.correction.of", "stage")
            yield from _number(procedure, stage.correction.rounds, f"{where}.correction.rounds")
        back = stage.acts.get(RETURN)
        corrections = [each.id for each in life.stages if each.correction and each.correction.of == stage.id]
        if back is not None and (back.to is None or corrections != [back.to]):
            yield f"{where}.acts.{RETURN}", Fault("return_leads_elsewhere", stage=stage.id)


def _references_of_act(procedure: "Procedure", act_rule: ActRule, places: list[str], where: str) -> Problems:
    if act_rule.to is not None:
        yield from _known(act_rule.to, places, f"{where}.to", "stage_or_outcome")
    yield from _told(procedure, act_rule.notify, f"{where}.notify")
    for j, branch in enumerate(act_rule.branches):
        if branch.to is not None:
            yield from _known(branch.to, places, f"{where}.branches.{j}.to", "stage_or_outcome")
        yield from _told(procedure, branch.notify, f"{where}.branches.{j}.notify")


def _known(name: str, names: Collection[str], path: str, what: str) -> Problems:
    if name not in names:
        yield path, unknown(what, name, names)


def _number(procedure: "Procedure", named: str | int, path: str) -> Problems:
    if isinstance(named, str):
        yield from _known(named, procedure.settings, path, "setting")
        if named in procedure.settings:
            value = procedure.settings[named].value
            if type(value) is not int or value < 1:
                yield path, Fault("setting_at_least", setting=named, least=1, given=value)
            elif value > MOST_DAYS:
                yield path, Fault("setting_at_most", setting=named, most=MOST_DAYS, given=value)


def _told(procedure: "Procedure", notify: tuple[Notify, ...], path: str) -> Problems:
    for i, notice in enumerate(notify):
        yield from _known(notice.text, procedure.notices, f"{path}.{i}.text", "notice_text")


def _unique(named: Iterable[tuple[str, str]]) -> Problems:
    taken: set[str] = set()
    for path, name in named:
        if name in taken:
            yield path, Fault("stands_twice", name=name)
        taken.add(name)
