"""A correction is entered by a return, gives the applicant time, leads back, and ends when time is up."""

from procedure.definition import RETURN, Stage
from procedure.proofs.flaw import Flaw, Flaws
from procedure.proofs.vocabulary import OF_A_RETURN
from procedure.proofs.ways import Ways
from procedure.sentence import Sentence, called


def flaws(ways: Ways) -> Flaws:
    """Yield the flaws of the corrections of one life; that each return has one is checked on loading."""
    for i, stage in enumerate(ways.life.stages):
        if stage.correction is not None:
            yield from _of_correction(ways, i, stage, stage.correction.of)
        else:
            yield from _of_others(ways, i, stage)


def _of_correction(ways: Ways, i: int, stage: Stage, corrected: str) -> Flaws:
    life, where, name = ways.life, f"{ways.kind}.stages.{i}", called(stage.title, stage.id)
    route = ways.routes.get(stage.id, ())
    for way in (*ways.ways, *ways.everywhere):
        if way.target == stage.id and (way.lapses or way.by != RETURN):
            yield Flaw(
                "correction_without_return",
                way.where,
                Sentence(
                    f"未经退回补正（{RETURN}）就进入补正环节{name.zh}，申报单位无从补正",
                    f"the correction {name.en} is entered without a return ({RETURN}), so there is nothing "
                    "to correct",
                ),
                Sentence(
                    f"只让{RETURN}通向补正环节", f"Let nothing but {RETURN} lead to a stage of correction"
                ),
                (*ways.routes.get(way.source, ()), way.step, stage.id),
            )
    if not any(way.target == corrected and not way.lapses for way in ways.out_of(stage.id)):
        yield Flaw(
            "no_way_back",
            where,
            Sentence(
                f"补正后回不到被补正的环节{corrected}",
                f"no act leads from the correction back to {corrected}, the stage it corrects",
            ),
            Sentence(
                f"让`resubmit`通向{corrected}，或改写`correction.of`",
                f"Let `resubmit` lead to {corrected}, or name another stage in `correction.of`",
            ),
            route,
        )
    clocks = [life.deadline[name] for name in stage.deadlines]
    if not any(clock.lapse is not None and clock.holder == "applicant" for clock in clocks):
        yield Flaw(
            "correction_never_expires",
            where,
            Sentence(
                f"补正环节{name.zh}的时限届满后没有结果",
                f"nothing follows when the time of the correction {name.en} is up",
            ),
            Sentence(
                "给申报单位一个写明`lapse`去向的期限",
                "Give the applicant a deadline there whose `lapse` leads to an outcome",
            ),
            route,
        )
    corrected_clocks = life.stage[corrected].deadlines
    for j, deadline in enumerate(stage.suspends):
        if deadline not in corrected_clocks:
            yield _suspends_nothing(ways, f"{where}.suspends.{j}", stage, deadline, corrected)
    for deadline in corrected_clocks:
        if (
            deadline not in (*stage.suspends, *stage.deadlines)
            and life.deadline[deadline].due.working_days is not None
        ):
            clock = called(life.deadline[deadline].title, deadline)
            yield Flaw(
                "clock_starts_anew",
                where,
                Sentence(
                    f"每次补正后，期限{clock.zh}都从头计算",
                    f"after every correction the deadline {clock.en} starts again from its first day",
                ),
                Sentence(
                    "若应暂停计算，写入`suspends`", "Name it in `suspends` if it should only stop meanwhile"
                ),
                route,
                "remark",
            )


def _of_others(ways: Ways, i: int, stage: Stage) -> Flaws:
    where = f"{ways.kind}.stages.{i}"
    for act in stage.acts:
        if act in OF_A_RETURN:
            yield Flaw(
                "nothing_was_returned",
                f"{where}.acts.{act}",
                Sentence(
                    f"{act}只在补正环节有意义，而此处没有`correction`",
                    f"{act} answers a return, and this stage has no `correction`",
                ),
                Sentence(
                    "为环节写明`correction`，或删去该事项",
                    "Say in `correction` which stage it corrects, or remove the act",
                ),
                ways.routes.get(stage.id, ()),
            )
    before = {
        name
        for way in (*ways.ways, *ways.everywhere)
        if way.target == stage.id
        for name in (*ways.life.stage[way.source].deadlines, *ways.life.stage[way.source].suspends)
    }
    for j, deadline in enumerate(stage.suspends):
        if deadline not in before and stage.id in ways.routes:
            yield _suspends_nothing(ways, f"{where}.suspends.{j}", stage, deadline, None)


def _suspends_nothing(ways: Ways, where: str, stage: Stage, deadline: str, corrected: str | None) -> Flaw:
    clock = called(ways.life.deadline[deadline].title, deadline)
    there = Sentence(
        f"被补正的环节{corrected}没有这个期限" if corrected else "进入这里之前的环节都没有这个期限",
        f"the stage {corrected} that it corrects has no such deadline"
        if corrected
        else "no stage that leads here has such a deadline",
    )
    return Flaw(
        "suspends_nothing",
        where,
        Sentence(
            f"期限{clock.zh}在此暂停，但{there.zh}",
            f"the deadline {clock.en} is suspended here, but {there.en}",
        ),
        Sentence("写被暂停环节的期限", "Name a deadline that runs when the stage is entered"),
        ways.routes.get(stage.id, ()),
    )
