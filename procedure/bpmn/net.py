"""What a BPMN diagram of a pack contains: nodes and flows, made from the ways through its two lives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from procedure.definition import ActRule, DeadlineRule, Grounded, Holder, Life, Procedure, Stage, Words
from procedure.named_date import moment, of_deadline
from procedure.proofs.vocabulary import CAUSES
from procedure.proofs.ways import Way, Ways, both
from procedure.sentence import Sentence
from procedure.written import HOLDERS, ground

POOLS: Final[Mapping[str, Words]] = {
    "call": Words(zh="批次", en="Call"),
    "application": Words(zh="办件", en="Application"),
}
"""What the two pools of a diagram are called."""

_WHICH: Final = Words(zh="如何办理？", en="Which act?")
_OTHERWISE: Final = Words(zh="其他情形", en="otherwise")
_OVERDUE: Final = Words(zh="通知逾期", en="Notice of delay")
_START: Final = Words(zh="开始", en="Start")
_RESULT: Final = Words(zh="结果？", en="With what result?")
_WHICH_FIRST: Final = Words(zh="何者先到？", en="Which comes first?")


START, JOIN, THING, CHOICE, END = range(5)
"""The steps of what is drawn for a stage, from left to right."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the diagram; ``kind`` is its BPMN element.

    ``block`` names the stage or outcome that it is drawn with, ``step`` its place there. A boundary event
    stands on its ``host``, and what tells of a delay below its own; ``timer`` is the date (ISO 8601) or the
    length it waits for. ``inner`` are the nodes inside a sub-process.
    """

    id: str
    kind: str
    pool: str
    holder: Holder
    name: str = ""
    notes: tuple[str, ...] = ()
    block: str = ""
    step: int = THING
    host: str | None = None
    interrupts: bool = True
    timer: str | None = None
    inner: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow, or a message flow from one pool to the other; ``when`` is its condition in CEL."""

    id: str
    source: str
    target: str
    name: str = ""
    when: str | None = None
    default: bool = False
    message: bool = False


@dataclass(slots=True)
class Net:
    """The nodes of a diagram by id, in the pack's order, and its flows."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def add(self, node: Node) -> Node:
        """Add a node and return it."""
        self.nodes[node.id] = node
        return node

    def join(
        self, source: str, target: str, name: str = "", when: str | None = None, *, default: bool = False
    ) -> None:
        """Add a sequence flow; a second one between the same nodes only adds its name to the first."""
        between = [flow for flow in self.flows if (flow.source, flow.target) == (source, target)]
        for flow in between:
            if flow.when == when:
                self.flows[self.flows.index(flow)] = replace(
                    flow, name=" / ".join(filter(None, (flow.name, name)))
                )
                return
        number = f"-{len(between) + 1}" if between else ""
        self.flows.append(Flow(f"{source}--{target}{number}", source, target, name, when, default))

    def into(self, node: str) -> list[Flow]:
        """Return the sequence flows that end at ``node``."""
        return [flow for flow in self.flows if flow.target == node and not flow.message]

    def out_of(self, node: str) -> list[Flow]:
        """Return the sequence flows that begin at ``node``."""
        return [flow for flow in self.flows if flow.source == node and not flow.message]


def net(procedure: Procedure, acts: Mapping[str, Words | Sentence]) -> Net:
    """Return the net of both lives of a procedure; ``acts`` names acts in words, others show their id."""
    drawing = Net()
    for ways in both(procedure):
        _Drawing(ways, acts, drawing).draw()
    _messages(procedure, acts, drawing)
    return drawing


class _Drawing:
    """One life as it is drawn."""

    def __init__(self, ways: Ways, acts: Mapping[str, Words | Sentence], drawing: Net) -> None:
        self.ways, self.acts, self.net = ways, acts, drawing
        self.procedure: Procedure = ways.procedure
        self.life: Life = ways.life
        self.kind = ways.kind

    def draw(self) -> None:
        first = self.life.stage[self.life.start]
        start = self.net.add(
            Node(
                f"{self.kind}-start",
                "startEvent",
                self.kind,
                first.holder,
                both_of(_START),
                block=first.id,
                step=START,
            )
        )
        for stage in self.life.stages:
            self._stage(stage)
        for outcome in self.life.outcomes:
            sources = [way.source for way in self.ways.ways if way.target == outcome.id]
            if sources:
                holder = self.life.stage[sources[-1]].holder
                notes = self._grounds(outcome)
                self.net.add(
                    Node(
                        self._id(outcome.id),
                        "endEvent",
                        self.kind,
                        holder,
                        both_of(outcome.title),
                        notes,
                        outcome.id,
                    )
                )
        self._everywhere()
        self.net.join(start.id, self._id(first.id))
        self._bring_together()

    def _id(self, place: str) -> str:
        return f"{self.kind}.{place}"

    def _stage(self, stage: Stage) -> None:
        here, ways = self._id(stage.id), self.ways.out_of(stage.id)
        lapses = [way for way in ways if way.lapses]
        by_act: dict[str, list[Way]] = {}
        for way in ways:
            if not way.lapses:
                by_act.setdefault(way.by, []).append(way)
        if not by_act and len(lapses) == 1:
            # Nobody's act leads on: the stage is a wait for its deadline.
            rule = self.life.deadline[lapses[0].by]
            self.net.add(self._node(stage, "intermediateCatchEvent", timer=self._timer(rule)))
            self.net.join(here, self._id(lapses[0].target))
            return
        self.net.add(self._node(stage, "userTask"))
        if by_act:
            self._timers(stage)
            self._exits(stage, by_act)
        elif lapses:
            first = self._gateway(stage, "first", _WHICH_FIRST, CHOICE, "eventBasedGateway")
            self.net.join(here, first)
            for way in lapses:
                rule = self.life.deadline[way.by]
                wait = self._timer_node(stage, rule, "intermediateCatchEvent", host=None)
                self.net.join(first, wait.id)
                self.net.join(wait.id, self._id(way.target))

    def _node(self, stage: Stage, kind: str, timer: str | None = None) -> Node:
        notes = [*self._grounds(stage)]
        if stage.no_deadline is not None:
            notes += [f"无期限：{stage.no_deadline.zh}", f"No deadline: {stage.no_deadline.en}"]
        for act, rule in self.life.acts(stage.id).items():
            notes.append(f"{self._act(act)}: {', '.join(rule.roles)}")
        for deadline in stage.suspends:
            title = self.life.deadline[deadline].title
            notes += [f"暂停：{title.zh}", f"Suspended: {title.en}"]
        name = both_of(stage.title)
        return Node(
            self._id(stage.id), kind, self.kind, stage.holder, name, tuple(notes), stage.id, timer=timer
        )

    def _timers(self, stage: Stage) -> None:
        for deadline in stage.deadlines:
            rule = self.life.deadline[deadline]
            timer = self._timer_node(stage, rule, "boundaryEvent", host=self._id(stage.id))
            if rule.lapse is not None:
                self.net.join(timer.id, self._id(rule.lapse.to))
                continue
            told = ", ".join(f"{notice.text} → {', '.join(notice.to)}" for notice in rule.overdue)
            end = Node(
                f"{timer.id}-overdue",
                "endEvent",
                self.kind,
                stage.holder,
                both_of(_OVERDUE),
                (told,) if told else (),
                stage.id,
                END,
                timer.id,
            )
            self.net.add(end)
            self.net.join(timer.id, end.id)

    def _timer_node(self, stage: Stage, rule: DeadlineRule, kind: str, host: str | None) -> Node:
        return self.net.add(
            Node(
                f"{self._id(stage.id)}-{rule.id}",
                kind,
                self.kind,
                stage.holder,
                both_of(rule.title),
                self._grounds(rule),
                stage.id,
                THING if host is not None else END,
                host,
                rule.lapse is not None,
                self._timer(rule),
            )
        )

    def _timer(self, rule: DeadlineRule) -> str:
        date = of_deadline(self.procedure, rule)
        if date is not None:
            return moment(date).isoformat()
        if rule.due.working_days is None:
            return both_of(self.procedure.dates[rule.due.date or ""].title)
        days = self.procedure.number(rule.due.working_days)
        return f"{days}个工作日\n{days} working days"

    def _exits(self, stage: Stage, by_act: Mapping[str, list[Way]]) -> None:
        here = self._id(stage.id)
        source = here
        if len({way.target for ways in by_act.values() for way in ways}) > 1 < len(by_act):
            source = self._gateway(stage, "act", _WHICH, CHOICE)
            self.net.join(here, source)
        for act, ways in by_act.items():
            rule = self.life.acts(stage.id)[act]
            chosen = self._act(act) if source != here else ""
            if len(ways) == 1:
                self.net.join(source, self._id(ways[0].target), chosen)
                continue
            named = self.acts.get(act, Words(zh=act, en=act))
            question = _RESULT if source != here else Sentence(f"{named.zh}？", f"{named.en}?")
            fork = self._gateway(stage, act, question, END, notes=tuple(_without_a_flow(rule)))
            self.net.join(source, fork, chosen)
            self._branches(rule, ways, fork)

    def _branches(self, rule: ActRule, ways: list[Way], fork: str) -> None:
        for way in ways:
            guard = rule.branches[way.branch or 0].when
            if guard is None:
                self.net.join(fork, self._id(way.target), both_of(_OTHERWISE, " "), default=True)
            else:
                self.net.join(fork, self._id(way.target), guard, when=guard)

    def _gateway(
        self,
        stage: Stage,
        what: str,
        name: Words | Sentence,
        step: int,
        kind: str = "exclusiveGateway",
        notes: tuple[str, ...] = (),
    ) -> str:
        here = f"{self._id(stage.id)}-by-{what}"
        node = Node(here, kind, self.kind, stage.holder, both_of(name), notes, stage.id, step)
        return self.net.add(node).id

    def _everywhere(self) -> None:
        """Add an event sub-process for every act that ends a case wherever it stands."""
        for act, rule in self.life.everywhere.items():
            for target in dict.fromkeys(rule.targets):
                holder: Holder = "applicant" if "applicant" in rule.roles else "bureau"
                here = f"{self.kind}-everywhere-{act}-{target}"
                place = self.life.outcome.get(target) or self.life.stage[target]
                begin = Node(f"{here}-start", "startEvent", self.kind, holder, self._act(act, "\n"))
                end = Node(f"{here}-end", "endEvent", self.kind, holder, both_of(place.title))
                notes = (f"{self._act(act)}: {', '.join(rule.roles)}", "任何环节 / at every stage")
                self.net.add(
                    Node(here, "subProcess", self.kind, holder, notes=notes, block=here, inner=(begin, end))
                )

    def _bring_together(self) -> None:
        """Put a joining gateway before every node of this pool that several flows enter."""
        for node in [node for node in self.net.nodes.values() if node.pool == self.kind]:
            entering = self.net.into(node.id)
            if len(entering) < 2:
                continue
            joint = self.net.add(
                Node(
                    f"{node.id}-join",
                    "exclusiveGateway",
                    self.kind,
                    node.holder,
                    block=node.block,
                    step=JOIN,
                )
            )
            for i, flow in enumerate(self.net.flows):
                if flow in entering:
                    self.net.flows[i] = replace(flow, target=joint.id)
            self.net.join(joint.id, node.id)

    def _act(self, act: str, between: str = " ") -> str:
        return both_of(self.acts[act], between) if act in self.acts else act

    def _grounds(self, thing: Grounded) -> tuple[str, ...]:
        said = [ground(self.procedure, thing, language) for language in ("zh", "en")]
        noted = [] if thing.note is None else [thing.note.zh, thing.note.en]
        return (*said, *noted)


def _without_a_flow(rule: ActRule) -> Iterator[str]:
    """Yield the branches that lead nowhere else: refusals, and those after which the case stays."""
    for branch in rule.branches:
        if branch.to is None:
            ends = f"拒绝 refused: {branch.refuse}" if branch.refuse else "停留在本环节 the case stays"
            yield f"{branch.when or both_of(_OTHERWISE, ' ')} → {ends}"


def _messages(procedure: Procedure, acts: Mapping[str, Words | Sentence], drawing: Net) -> None:
    """Add message flows from the call's stages to the stages of its cases that their acts move."""
    for source in procedure.call.stages:
        for act in procedure.call.acts(source.id):
            caused = CAUSES.get(act, ())
            for target in procedure.application.stages:
                if any(name in target.acts for name in caused):
                    drawing.flows.append(
                        Flow(
                            f"call.{source.id}-{act}--application.{target.id}",
                            f"call.{source.id}",
                            f"application.{target.id}",
                            both_of(acts[act], " ") if act in acts else act,
                            message=True,
                        )
                    )


def both_of(words: Words | Sentence, between: str = "\n") -> str:
    """Return both wordings, Chinese first."""
    return f"{words.zh}{between}{words.en}"


def holders(drawing: Net, pool: str) -> Iterator[Holder]:
    """Yield the holders that have a lane in ``pool``, in the order in which cases go down."""
    present = {node.holder for node in drawing.nodes.values() if node.pool == pool}
    return (holder for holder in HOLDERS if holder in present)
