"""Every stage has a holder who can act, and every deadline runs, belongs to someone and is noticed."""

from itertools import pairwise

from procedure.definition import DeadlineRule, Holder, Procedure, Role, Stage
from procedure.machine import HOLDER_ROLES
from procedure.named_date import moment, of_deadline
from procedure.proofs.flaw import Flaw, Flaws
from procedure.proofs.ways import Ways, place_of
from procedure.sentence import Sentence, called
from procedure.written import HOLDERS


def flaws(ways: Ways) -> Flaws:
    """Yield the flaws of holders and deadlines of one life."""
    for i, _ in ways.reached():
        yield from _of_stage(ways, i, ways.life.stages[i])
    for rule in ways.life.deadlines:
        yield from _of_deadline(ways, rule)
    yield from _acts_on_deadlines(ways)
    yield from _backward(ways)


def dates(procedure: Procedure) -> Flaws:
    """Yield the dates that lie before the one that stands before them.

    A call is refused with such dates. When a document was issued is no date of the call, so a window that
    opened before its notice was posted is no flaw.
    """
    given = [(name, date) for name, date in procedure.dates.items() if date.value is not None]
    for (earlier, before), (later, after) in pairwise(given):
        if moment(after) < moment(before):
            yield Flaw(
                "dates_out_of_order",
                f"dates.{later}.value",
                Sentence(
                    f"“{after.title.zh}”（{after.value}）早于排在它前面的“{before.title.zh}”（{before.value}）",
                    f'"{after.title.en}" ({after.value}) lies before "{before.title.en}" ({before.value}), '
                    "which stands before it",
                ),
                Sentence("改正日期，或按先后排列", "Put the dates right, or list them in their order"),
                (earlier, later),
            )


def _of_stage(ways: Ways, i: int, stage: Stage) -> Flaws:
    where, name = f"{ways.kind}.stages.{i}", called(stage.title, stage.id)
    holder = HOLDERS[stage.holder]
    if not _holder_acts(ways, stage):
        yield Flaw(
            "holder_cannot_act",
            f"{where}.holder",
            Sentence(
                f"环节{name.zh}由{holder.zh}办理，而{holder.zh}在此没有可办的事项",
                f"the stage {name.en} is held by {holder.en}, who can do nothing there",
            ),
            Sentence(
                "给承办方一个办理事项，或改写`holder`",
                "Give the holder an act there, or name another `holder`",
            ),
            ways.routes[stage.id],
        )
    for j, deadline in enumerate(stage.deadlines):
        rule = ways.life.deadline[deadline]
        if rule.holder != stage.holder and stage.note is None and rule.note is None:
            theirs = HOLDERS[rule.holder]
            clock = called(rule.title, rule.id)
            yield Flaw(
                "foreign_deadline",
                f"{where}.deadlines.{j}",
                Sentence(
                    f"环节{name.zh}由{holder.zh}办理，期限{clock.zh}却算在{theirs.zh}名下，且未说明理由",
                    f"the stage {name.en} is held by {holder.en}, but its deadline {clock.en} counts against "
                    f"{theirs.en}, and no reason is given",
                ),
                Sentence(
                    "统一承办方，或在环节的`note`中说明理由",
                    "Give both the same holder, or say why in the stage's `note`",
                ),
                ways.routes[stage.id],
            )
    for j, deadline in enumerate(stage.suspends):
        if deadline in stage.deadlines:
            clock = called(ways.life.deadline[deadline].title, deadline)
            yield Flaw(
                "runs_and_suspended",
                f"{where}.suspends.{j}",
                Sentence(
                    f"期限{clock.zh}在同一环节既计算又暂停",
                    f"the deadline {clock.en} both runs and is suspended at this stage",
                ),
                Sentence("从`deadlines`或`suspends`中删去它", "Take it out of `deadlines` or of `suspends`"),
                ways.routes[stage.id],
            )


def _holder_acts(ways: Ways, stage: Stage) -> bool:
    able: set[Role] = {role for rule in stage.acts.values() for role in rule.roles}
    if any(ways.life.deadline[name].lapse is not None for name in stage.deadlines):
        able.add("system")
    if ways.kind == "call" and stage.id == ways.procedure.application.start_while:
        able |= set(ways.procedure.application.start_roles)
    # The public lodges objections and decides nothing; the bureau, or time, closes what it holds.
    holder: Holder = "bureau" if stage.holder == "public" else stage.holder
    return not HOLDER_ROLES[holder].isdisjoint(able)


def _of_deadline(ways: Ways, rule: DeadlineRule) -> Flaws:
    life, where, clock = ways.life, place_of(ways.life, rule, ways.kind), called(rule.title, rule.id)
    runs_at = [stage.id for stage in life.stages if rule.id in stage.deadlines]
    if not runs_at:
        yield Flaw(
            "idle_deadline",
            where,
            Sentence(f"期限{clock.zh}在任何环节都不计算", f"the deadline {clock.en} runs at no stage"),
            Sentence("列入某个环节的`deadlines`，或删去它", "List it in a stage's `deadlines`, or remove it"),
        )
        return
    way = next((ways.routes[stage] for stage in runs_at if stage in ways.routes), ())
    if rule.lapse is None:
        if not rule.overdue:
            yield Flaw(
                "unnoticed_deadline",
                where,
                Sentence(
                    f"期限{clock.zh}届满后无人得知：既无`lapse`，也无`overdue`通知",
                    f"nobody notices when the deadline {clock.en} passes: it has neither a `lapse` nor "
                    "`overdue` notices",
                ),
                Sentence("写明届满后果或逾期通知谁", "Say what follows, or whom `overdue` tells"),
                way,
            )
        return
    if rule.overdue:
        yield Flaw(
            "overdue_never_told",
            f"{where}.overdue",
            Sentence(
                f"期限{clock.zh}届满即有后果，`overdue`通知永远不会发出",
                f"the deadline {clock.en} lapses, so its `overdue` notices are never sent",
            ),
            Sentence("改写到`lapse.notify`", "Put them into `lapse.notify`"),
            way,
        )
    target = life.outcome.get(rule.lapse.to) or life.stage[rule.lapse.to]
    if ways.kind == "application" and not (rule.lapse.notify or target.notify):
        yield Flaw(
            "silent_lapse",
            f"{where}.lapse",
            Sentence(
                f"期限{clock.zh}届满使办件转到{rule.lapse.to}，却不通知任何人",
                f"the lapse of {clock.en} moves the case to {rule.lapse.to} and tells nobody",
            ),
            Sentence("在此处或去向处写明`notify`", "Give it, or where it leads, a `notify`"),
            (*way, f"lapse:{rule.id}", rule.lapse.to) if way else (),
        )


def _acts_on_deadlines(ways: Ways) -> Flaws:
    for what, acts in (
        ("extend", ("extend_deadline",)),
        ("suspend", ("suspend_deadline", "resume_deadline")),
    ):
        may = [rule for rule in ways.life.deadlines if what in rule.may]
        for act in acts:
            places = [f"{ways.kind}.everywhere.{act}" for _ in range(act in ways.life.everywhere)] + [
                f"{ways.kind}.stages.{i}.acts.{act}"
                for i, stage in enumerate(ways.life.stages)
                if act in stage.acts
            ]
            if not may:
                for place in places:
                    yield Flaw(
                        "no_deadline_may",
                        place,
                        Sentence(
                            f"{act}永远办不成：没有任何期限写有`may: [{what}]`",
                            f"{act} never succeeds: no deadline says `may: [{what}]`",
                        ),
                        Sentence(
                            "写明哪些期限可以，或删去该事项", "Say which deadlines may, or remove the act"
                        ),
                    )
            elif not places:
                where = place_of(ways.life, may[0], ways.kind)
                yield Flaw(
                    "nobody_may",
                    f"{where}.may",
                    Sentence(
                        f"期限{may[0].id}写有`may: [{what}]`，但没有人可以办理{act}",
                        f"the deadline {may[0].id} says `may: [{what}]`, but nobody may do {act}",
                    ),
                    Sentence(
                        f"在`everywhere`中写明谁可以办理{act}", f"Say under `everywhere` who may do {act}"
                    ),
                )


def _backward(ways: Ways) -> Flaws:
    """Yield fixed instants that have passed before their stage can be entered by a lapse of time."""
    life, procedure = ways.life, ways.procedure
    for i, stage in enumerate(life.stages):
        for way in ways.out_of(stage.id):
            if way.target not in life.stage or stage.id not in ways.routes:
                continue
            left = [life.deadline[name] for name in stage.deadlines]
            for rule in (life.deadline[name] for name in life.stage[way.target].deadlines):
                for before in left:
                    pair = of_deadline(procedure, before), of_deadline(procedure, rule)
                    if before.id != rule.id and pair[0] and pair[1] and moment(pair[1]) < moment(pair[0]):
                        yield Flaw(
                            "deadline_before_its_stage",
                            f"{ways.kind}.stages.{i}",
                            Sentence(
                                f"期限“{rule.title.zh}”（{pair[1].value}）早于前一环节的"
                                f"“{before.title.zh}”（{pair[0].value}）",
                                f'the deadline "{rule.title.en}" ({pair[1].value}) falls before '
                                f'"{before.title.en}" ({pair[0].value}) of the stage before it',
                            ),
                            Sentence("改用较晚的日期", "Let it fall on a later date"),
                            (*ways.routes[stage.id], way.step, way.target),
                        )
