"""Every stage is reached, is left, and comes to an outcome; nothing goes round by itself."""

from collections.abc import Iterable

from procedure.proofs.flaw import Flaw, Flaws
from procedure.proofs.ways import Way, Ways, shortest
from procedure.sentence import Sentence, called


def flaws(ways: Ways) -> Flaws:
    """Yield the flaws of the net of stages of one life."""
    yield from _unreached(ways)
    yield from _dead_ends(ways)
    yield from _without_outcome(ways)
    yield from _automatic_loops(ways)


def _unreached(ways: Ways) -> Flaws:
    life, kind = ways.life, ways.place
    lost = [stage.id for stage in life.stages if stage.id not in ways.routes]
    told: set[str] = set()
    for stage in lost:
        onward = ways.routes_from(stage)
        before = [other for other in lost if stage in ways.routes_from(other)]
        if stage in told or not all(other in onward for other in before):
            continue
        told |= set(onward)
        with_it = [place for place in onward if place != stage and place not in ways.routes]
        also = Sentence(f"，因而也到不了{'、'.join(with_it)}", f", nor therefore {', '.join(with_it)}")
        name = called(life.stage[stage].title, stage)
        yield Flaw(
            "unreachable_stage",
            f"{kind}.stages.{list(life.stage).index(stage)}",
            Sentence(
                f"从起始环节{life.start}到不了环节{name.zh}{also.zh if with_it else ''}",
                f"the stage {name.en} cannot be reached from the start {life.start}"
                f"{also.en if with_it else ''}",
            ),
            Sentence(
                "让某个到得了的环节的办理事项、分支或届满通向它，或删去它",
                "Let an act, a branch or a lapse of a stage that is reached lead to it, or remove it",
            ),
            _broken_way(ways, stage),
        )
    for i, outcome in enumerate(life.outcomes):
        if outcome.id not in ways.routes and outcome.id not in told:
            name = called(outcome.title, outcome.id)
            yield Flaw(
                "unreachable_outcome",
                f"{kind}.outcomes.{i}",
                Sentence(f"没有任何路径通向结果{name.zh}", f"nothing leads to the outcome {name.en}"),
                Sentence(
                    "让某个办理事项、分支或届满通向它，或删去它", "Let something lead to it, or remove it"
                ),
            )


def _broken_way(ways: Ways, stage: str) -> tuple[str, ...]:
    """Return the path that would lead to ``stage`` if nothing on it were missing; empty if nothing would."""
    for source in ways.life.stages:
        for act, rule in source.acts.items():
            if stage in rule.targets and source.id in ways.routes:
                return (*ways.routes[source.id], act, stage)
    return ()


def _dead_ends(ways: Ways) -> Flaws:
    for i, stage in ways.reached():
        if not ways.out_of(stage):
            name = called(ways.life.stage[stage].title, stage)
            yield Flaw(
                "dead_end",
                f"{ways.place}.stages.{i}",
                Sentence(f"环节{name.zh}没有出路", f"nothing leads on from the stage {name.en}"),
                Sentence(
                    "为它的办理事项写明去向，或为它的期限写明届满后果",
                    "Give one of its acts a `to`, or one of its deadlines a `lapse`",
                ),
                ways.routes[stage],
            )


def _without_outcome(ways: Ways) -> Flaws:
    told: set[str] = set()
    for _, stage in ways.reached():
        onward = shortest(stage, ways.ways)
        # Of stages on the way to a dead end the dead end is told, and of a round only where it begins.
        if (
            not told.isdisjoint(onward)
            or any(place in ways.life.outcome for place in onward)
            or not all(ways.out_of(place) for place in onward)
        ):
            continue
        told |= set(onward)
        first, circle = next((place, circle) for place in onward if (circle := _round(place, ways.ways)))
        yield Flaw(
            "no_outcome",
            f"{ways.place}.stages.{list(ways.life.stage).index(first)}",
            Sentence(
                "由此往复，到不了任何结果", "from here it goes round in a circle and comes to no outcome"
            ),
            Sentence(
                "让其中一个环节另有去向，最终通向结果",
                "Let one of these stages also lead elsewhere, to an outcome in the end",
            ),
            ways.routes[first][:-1] + circle,
        )


def _automatic_loops(ways: Ways) -> Flaws:
    lapses = [way for way in ways.ways if way.lapses]
    told: set[str] = set()
    for _, stage in ways.reached():
        loop = _round(stage, lapses)
        if loop and stage not in told:
            told |= set(loop)
            first = next(way for way in lapses if way.source == stage and way.step == loop[1])
            yield Flaw(
                "automatic_loop",
                first.where,
                Sentence(
                    "期限届满自动在环节之间无尽往复，没有人的办理",
                    "lapses lead round in a circle without end and without anybody's act",
                ),
                Sentence(
                    "让其中一个届满通向结果，或去掉它的`lapse`",
                    "Let one of these lapses lead to an outcome, or take its `lapse` away",
                ),
                ways.routes[stage][:-1] + loop,
            )


def _round(stage: str, among: Iterable[Way]) -> tuple[str, ...]:
    """Return the shortest path along these ways from ``stage`` back to itself; empty if there is none."""
    among = tuple(among)
    circles = (
        (stage, way.step, *back)
        for way in among
        if way.source == stage and (back := shortest(way.target, among).get(stage)) is not None
    )
    return min(circles, key=len, default=())
