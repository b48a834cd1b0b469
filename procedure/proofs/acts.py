"""Every act that is offered can succeed, and every guard of its branches can decide."""

from procedure.definition import ActRule, Procedure, StageKind, act_rules
from procedure.proofs.flaw import Flaw, Flaws
from procedure.proofs.vocabulary import ASKS_FOR_MATERIALS, CAUSED, CAUSES, NEEDS, subject_of
from procedure.proofs.ways import Ways, dead_branches
from procedure.sentence import Sentence, called


def flaws(ways: Ways) -> Flaws:
    """Yield the flaws of the acts of one life."""
    for act, rule in ways.life.everywhere.items():
        yield from _of_act(ways, f"{ways.kind}.everywhere.{act}", (act,), rule)
    for act, rule in ways.life.afterwards.items():
        yield from _of_act(ways, f"{ways.kind}.afterwards.{act}", (act,), rule)
    for i, stage in enumerate(ways.life.stages):
        route = ways.routes.get(stage.id, (stage.id,))
        for act, rule in stage.acts.items():
            where = f"{ways.kind}.stages.{i}.acts.{act}"
            yield from _of_act(ways, where, (*route, act), rule)
            if stage.id in ways.routes and subject_of(act) in (None, ways.kind):
                yield from _too_early(ways, where, stage.id, act)
    yield from _taking_back(ways)
    if ways.kind == "application":
        yield from _selection(ways)
        yield from _waiving(ways)


def _of_act(ways: Ways, where: str, way: tuple[str, ...], rule: ActRule) -> Flaws:
    act = way[-1]
    yield from _of_the_other_life(ways, where, way)
    yield from _guards(ways.procedure, where, way, rule)
    if not ways.is_caused(act, rule):
        yield Flaw(
            "never_caused",
            where,
            Sentence(
                f"{act}由批次的{CAUSED[act]}引起，而批次中没有哪个到得了的环节可以办理它",
                f"{act} follows from the call's {CAUSED[act]}, which the call never comes to offer",
            ),
            Sentence(
                f"在批次的某个环节写明谁可以办理{CAUSED[act]}",
                f"Say at a stage of the call who may do {CAUSED[act]}",
            ),
            way,
        )


def _of_the_other_life(ways: Ways, where: str, way: tuple[str, ...]) -> Flaws:
    act = way[-1]
    belongs = subject_of(act)
    if belongs is not None and belongs != ways.kind:
        theirs = {"call": "批次", "application": "办件"}[belongs]
        yield Flaw(
            "act_of_the_other_life",
            where,
            Sentence(f"{act}是{theirs}的办理事项", f"{act} is an act of the {belongs}"),
            Sentence(f"移到`{belongs}`下", f"Move it to a stage of the `{belongs}`"),
            way,
        )


def _guards(procedure: Procedure, where: str, way: tuple[str, ...], rule: ActRule) -> Flaws:
    act = way[-1]
    dead = dead_branches(procedure, rule)
    for j, (reason, other) in dead.items():
        found = {
            "same": Sentence(
                f"条件与第{other + 1}个分支相同，永远轮不到它",
                f"its guard is the same as that of branch {other + 1}, so it is never reached",
            ),
            "never": Sentence("条件恒为假，永远不会走到", "its guard is false whatever the case"),
            "after": Sentence(
                f"第{other + 1}个分支的条件恒为真，永远轮不到它",
                f"the guard of branch {other + 1} is true whatever the case, so it is never reached",
            ),
        }[reason]
        yield Flaw(
            "dead_branch",
            f"{where}.branches.{j}",
            found,
            Sentence("改正条件，或删去该分支", "Put the guard right, or remove the branch"),
            (*way, rule.branches[j].to or f"refuse:{rule.branches[j].refuse}"),
        )
    left = [branch for j, branch in enumerate(rule.branches) if j not in dead]
    if left and all(branch.refuse is not None for branch in left):
        yield Flaw(
            "always_refused",
            f"{where}.branches",
            Sentence(
                f"{act}的每个分支都是拒绝，永远办不成", f"every branch of {act} refuses, so it never succeeds"
            ),
            Sentence("给它一个`to`", "Give one of its branches a `to`"),
            way,
        )


def _too_early(ways: Ways, where: str, stage: str, act: str) -> Flaws:
    procedure = ways.procedure
    earlier = [NEEDS[act]] if act in NEEDS else []
    if act in ASKS_FOR_MATERIALS and any(field.required for field in procedure.form):
        earlier.append(("save_draft",))
    if act in ASKS_FOR_MATERIALS and any(material.needed_for == act for material in procedure.materials):
        earlier.append(("attach_document",))
    for alternatives in earlier:
        if any(ways.possible_by(name, stage) for name in alternatives):
            continue
        zh, en = "或".join(alternatives), " or ".join(alternatives)
        yield Flaw(
            "act_never_succeeds",
            where,
            Sentence(
                f"{act}永远办不成：此前和此处都不能办理{zh}",
                f"{act} never succeeds: {en} is possible neither before nor here",
            ),
            Sentence(
                f"在此处或此前的环节写明谁可以办理{zh}", f"Say here or at an earlier stage who may do {en}"
            ),
            (*ways.routes[stage], act),
        )


def _taking_back(ways: Ways) -> Flaws:
    """Yield that acts may be taken back but by nobody, or that nothing may be where somebody could."""
    rules = list(act_rules(ways.life, ways.kind))
    could = [where for where, _ in rules if where.endswith(".take_back")]
    may = [where for where, rule in rules if rule.may_be_taken_back]
    if could and not may:
        yield Flaw(
            "nothing_to_take_back",
            could[0],
            Sentence(
                "take_back永远办不成：没有任何事项写有`may_be_taken_back`",
                "take_back never succeeds: no act says `may_be_taken_back`",
            ),
            Sentence("写明哪些事项可收回，或删去take_back", "Say which acts may be, or remove take_back"),
        )
    if may and not could:
        yield Flaw(
            "nobody_takes_back",
            f"{may[0]}.may_be_taken_back",
            Sentence("该事项可收回，但没有人可以办理take_back", "this act may be taken back, but by nobody"),
            Sentence(
                "在`everywhere`中写明谁可以办理take_back", "Say under `everywhere` who may do take_back"
            ),
        )


def _selection(ways: Ways) -> Flaws:
    """Yield the stages of selection whose cases the call's list could not move."""
    if "select" not in ways.causes:
        return
    for i, stage in ways.reached():
        if ways.life.stage[stage].kind is not StageKind.SELECTION:
            continue
        for act in CAUSES["select"]:
            if act not in ways.life.acts(stage):
                yield Flaw(
                    "selection_unanswered",
                    f"{ways.kind}.stages.{i}",
                    Sentence(
                        f"批次的select会对此处的办件办理{act}，而此处不能办理",
                        f"the call's select does {act} to cases waiting here, where it is not possible",
                    ),
                    Sentence(f"在此处写明{act}及其去向", f"Give the stage {act} and say where it leads"),
                    ways.routes[stage],
                )


def _waiving(ways: Ways) -> Flaws:
    """Yield waivers that nobody can give, that come too late, or of what the source says must be met."""
    rules = [(f"rules.{i}", rule) for i, rule in enumerate(ways.procedure.rules) if rule.waivable]
    could = [where for where, _ in act_rules(ways.life, ways.kind) if where.endswith(".waive_rule")]
    if could and not rules:
        yield Flaw(
            "nothing_to_waive",
            could[0],
            Sentence(
                "waive_rule永远办不成：没有任何条件写有`waivable`",
                "waive_rule never succeeds: no rule says `waivable`",
            ),
            Sentence("写明哪些条件可豁免，或删去waive_rule", "Say which rules may be, or remove waive_rule"),
        )
    for where, rule in rules:
        name = called(rule.title, rule.id)
        if rule.clause is not None and rule.clause.modality == "must":
            yield Flaw(
                "waives_what_must_be",
                f"{where}.waivable",
                Sentence(
                    f"依据第{rule.clause.clause}条必须符合的条件{name.zh}不能写成可豁免",
                    f"the rule {name.en} must be met by clause {rule.clause.clause} and cannot be waivable",
                ),
                Sentence(
                    "删去`waivable`，或改正依据的力度", "Take `waivable` away, or put the modality right"
                ),
            )
        late = [act for act in rule.stops if not _waived_in_time(ways, act)]
        if late:
            acts = Sentence("、".join(late), ", ".join(late))
            yield Flaw(
                "nobody_waives_in_time",
                f"{where}.waivable",
                Sentence(
                    f"条件{name.zh}可豁免，但在{acts.zh}之前或当时没有人可以办理waive_rule",
                    f"the rule {name.en} may be waived, but by nobody before or at {acts.en}",
                ),
                Sentence(
                    "在它拦住的环节写明谁可以办理waive_rule，或删去`waivable`",
                    "Say at the stage where it stops an act who may do waive_rule, or take `waivable` away",
                ),
            )


def _waived_in_time(ways: Ways, act: str) -> bool:
    return any(
        act in ways.life.acts(stage) and ways.possible_by("waive_rule", stage) for _, stage in ways.reached()
    )
