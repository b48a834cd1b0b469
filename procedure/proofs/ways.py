"""The ways through a life: by acts, branches and lapses, from the first stage to the outcomes."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from procedure import dialect
from procedure.definition import ActRule, DeadlineRule, Life, Procedure
from procedure.expression import holds
from procedure.proofs.vocabulary import CAUSED, CAUSES


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a stage to a stage or outcome, by an act or, with ``lapses``, by a deadline's lapse.

    ``where`` is the place in the pack that says so, ``branch`` the number of the act's branch.
    """

    source: str
    by: str
    target: str
    where: str
    lapses: bool = False
    branch: int | None = None

    @property
    def step(self) -> str:
        """How paths name what is done on this way."""
        return f"lapse:{self.by}" if self.lapses else self.by


class Ways:
    """All ways of one life that a case can really take, and where they lead.

    Left out are branches that are never taken and acts that nobody causes. ``everywhere`` acts count where
    a place is reached, never as the way on from a stage.
    """

    def __init__(self, procedure: Procedure, kind: str, causes: frozenset[str] = frozenset()) -> None:
        """Take the life of ``kind``; ``causes`` are the acts of the call that can cause acts of its cases."""
        self.procedure = procedure
        self.kind = kind
        self.place = procedure.place(kind)
        self.life: Life = procedure.life(kind)
        self.causes = causes
        self.ways: tuple[Way, ...] = tuple(self._own())
        self.everywhere: tuple[Way, ...] = tuple(self._everywhere())
        self._from: dict[str, dict[str, tuple[str, ...]]] = {}

    @property
    def routes(self) -> dict[str, tuple[str, ...]]:
        """The shortest path from the first stage to every place that can be reached, both ends included."""
        return self.routes_from(self.life.start)

    def routes_from(self, start: str) -> dict[str, tuple[str, ...]]:
        """Return the shortest path from ``start`` to itself and every place it leads to."""
        if start not in self._from:
            self._from[start] = shortest(start, (*self.ways, *self.everywhere))
        return self._from[start]

    def out_of(self, stage: str) -> tuple[Way, ...]:
        """Return the ways on from ``stage``, without the acts possible everywhere."""
        return tuple(way for way in self.ways if way.source == stage)

    def reached(self) -> Iterator[tuple[int, str]]:
        """Yield the number and id of every stage that can be reached, in the pack's order."""
        for i, stage in enumerate(self.life.stages):
            if stage.id in self.routes:
                yield i, stage.id

    def offered(self) -> frozenset[str]:
        """Return the acts offered at some stage that can be reached."""
        return frozenset(act for _, stage in self.reached() for act in self.life.acts(stage))

    def possible_by(self, act: str, stage: str) -> bool:
        """Return whether ``act`` is offered at ``stage`` or at some stage on a way to it."""
        return any(
            act in self.life.acts(before) and stage in self.routes_from(before)
            for _, before in self.reached()
        )

    def is_caused(self, act: str, rule: ActRule) -> bool:
        """Return whether someone does the act: a person, or for an act of the system what causes it."""
        return set(rule.roles) != {"system"} or act not in CAUSED or CAUSED[act] in self.causes

    def _own(self) -> Iterator[Way]:
        for i, stage in enumerate(self.life.stages):
            for act, rule in stage.acts.items():
                where = f"{self.place}.stages.{i}.acts.{act}"
                yield from self._of_act(stage.id, act, rule, where)
            for name in stage.deadlines:
                rule = self.life.deadline[name]
                if rule.lapse is not None:
                    where = f"{place_of(self.life, rule, self.place)}.lapse"
                    yield Way(stage.id, name, rule.lapse.to, where, lapses=True)

    def _everywhere(self) -> Iterator[Way]:
        for act, rule in self.life.everywhere.items():
            for stage in self.life.stages:
                if act not in stage.acts:
                    yield from self._of_act(stage.id, act, rule, f"{self.place}.everywhere.{act}")

    def _of_act(self, stage: str, act: str, rule: ActRule, where: str) -> Iterator[Way]:
        if not self.is_caused(act, rule):
            return
        if rule.to is not None:
            yield Way(stage, act, rule.to, where)
        dead = dead_branches(self.procedure, rule)
        for j, branch in enumerate(rule.branches):
            if branch.to is not None and j not in dead:
                yield Way(stage, act, branch.to, f"{where}.branches.{j}", branch=j)


def both(procedure: Procedure) -> tuple[Ways, Ways]:
    """Return the ways of the call, and those of its applications with what the call causes."""
    call = Ways(procedure, "call")
    return call, Ways(procedure, "application", call.offered() & set(CAUSES))


def shortest(start: str, ways: Iterable[Way]) -> dict[str, tuple[str, ...]]:
    """Return the shortest path along ``ways`` from ``start`` to itself and every place it leads to."""
    onward: dict[str, list[Way]] = {}
    for way in ways:
        onward.setdefault(way.source, []).append(way)
    routes: dict[str, tuple[str, ...]] = {start: (start,)}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for way in onward.get(here, ()):
            if way.target not in routes:
                routes[way.target] = (*routes[here], way.step, way.target)
                waiting.append(way.target)
    return routes


def place_of(life: Life, rule: DeadlineRule, kind: str) -> str:
    """Return the place of a deadline's rule in the pack."""
    return f"{kind}.deadlines.{life.deadlines.index(rule)}"


def dead_branches(procedure: Procedure, rule: ActRule) -> dict[int, tuple[str, int]]:
    """Return the branches that are never taken, each with the reason and the branch that takes its place.

    Reasons: ``same`` (an earlier guard is literally this one), ``never`` (false whatever the case),
    ``after`` (an earlier guard is true whatever the case).
    """
    dead: dict[int, tuple[str, int]] = {}
    seen: dict[str, int] = {}
    always: int | None = None
    for j, branch in enumerate(rule.branches):
        if always is not None:
            dead[j] = ("after", always)
            continue
        if branch.when is None:
            continue
        guard = " ".join(branch.when.split())
        answer = _constant(procedure, guard)
        if guard in seen:
            dead[j] = ("same", seen[guard])
        elif answer is False:
            dead[j] = ("never", j)
        elif answer is True:
            always = j
        seen.setdefault(guard, j)
    return dead


def _constant(procedure: Procedure, guard: str) -> bool | None:
    """Return the guard's answer where it reads nothing but settings, else None."""
    if dialect.references(guard).names - {"settings"}:
        return None
    return holds(guard, {"settings": procedure.values})
