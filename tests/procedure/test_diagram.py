"""The BPMN of a pack is whole, lints clean, and is laid out so that a person can read it."""

import random
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from bpmn_io import BpmnModdle
from bpmn_io import check as well_formed
from bpmn_io.lint import Linter
from bpmn_io.lint.resolver import NodeResolver

from procedure import located
from procedure.definition import Procedure, Words
from procedure.diagram import diagram
from procedure.pack import shipped, shipped_codes
from procedure.proofs.ways import both
from tests.procedure.edited_pack import CODE, edited, rewired

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
NODES = ("startEvent", "userTask", "intermediateCatchEvent", "boundaryEvent", "endEvent", "subProcess")
GATEWAYS = ("exclusiveGateway", "eventBasedGateway")
BROKEN = sorted((Path(__file__).parent / "broken_packs").glob("*.yaml"))

YUEYANG = shipped(CODE).procedure


class Drawn:
    """A diagram read back."""

    def __init__(self, procedure: Procedure, acts: dict[str, Words] | None = None) -> None:
        self.text = diagram(procedure, acts)
        self.root = ET.fromstring(self.text)  # noqa: S314 - the program wrote it
        self.elements = {each.get("id", ""): each for each in self.root.iter() if each.get("id")}
        self.boxes = {
            shape.get("bpmnElement", ""): tuple(
                int(shape[0].get(name, "")) for name in ("x", "y", "width", "height")
            )
            for shape in self.root.iter(f"{DI}BPMNShape")
        }
        self.bends = {
            edge.get("bpmnElement", ""): [
                (int(p.get("x", "")), int(p.get("y", ""))) for p in edge.iter(WAYPOINT)
            ]
            for edge in self.root.iter(f"{DI}BPMNEdge")
        }
        self.flows = [*self.root.iter(f"{BPMN}sequenceFlow"), *self.root.iter(f"{BPMN}messageFlow")]
        self.lane = {
            ref.text: lane.get("id")
            for lane in self.root.iter(f"{BPMN}lane")
            for ref in lane.iter(f"{BPMN}flowNodeRef")
        }

    def all(self, *kinds: str) -> list[ET.Element]:
        return [each for kind in kinds for each in self.root.iter(f"{BPMN}{kind}")]

    def leads(self, node: str) -> set[str]:
        """The stages, outcomes and ends that a node leads to, through gateways."""
        found: set[str] = set()
        for flow in self.root.iter(f"{BPMN}sequenceFlow"):
            if flow.get("sourceRef") == node:
                target = flow.get("targetRef", "")
                is_gateway = self.elements[target].tag.removeprefix(BPMN) in GATEWAYS
                found |= self.leads(target) if is_gateway else {target}
        return found


DRAWN = Drawn(YUEYANG)


def assert_whole(drawn: Drawn) -> None:
    ids = Counter(each.get("id") for each in drawn.root.iter() if each.get("id"))
    assert [name for name, times in ids.items() if times > 1] == []
    drawn_nodes = {each.get("id") for each in drawn.all(*NODES, *GATEWAYS, "participant", "lane")}
    assert set(drawn.boxes) == drawn_nodes
    assert set(drawn.bends) == {flow.get("id") for flow in drawn.flows}
    for flow in drawn.flows:
        assert {flow.get("sourceRef"), flow.get("targetRef")} <= drawn_nodes
    report = well_formed(drawn.text)
    assert (report.ok, report.errors, report.warnings) == (True, [], [])


def assert_readable(drawn: Drawn) -> None:
    """No node stands on another or outside its lane; every flow runs between its nodes and crosses none."""
    nodes = {each.get("id", ""): drawn.boxes[each.get("id", "")] for each in drawn.all(*NODES, *GATEWAYS)}
    hosts = {each.get("id"): each.get("attachedToRef") for each in drawn.all("boundaryEvent")}
    inside = {part.get("id"): each.get("id") for each in drawn.all("subProcess") for part in each}
    for (one, a), (other, b) in combinations(nodes.items(), 2):
        if (
            hosts.get(one) != other
            and hosts.get(other) != one
            and other != inside.get(one)
            and one != inside.get(other)
        ):
            assert apart(a, b), f"{one} and {other}"
    for name, box in nodes.items():
        assert within(box, drawn.boxes[inside.get(name) or drawn.lane[name]]), name
    for lane in drawn.all("lane"):
        pool = lane.get("id", "").split("-")[1]
        assert within(drawn.boxes[lane.get("id", "")], drawn.boxes[f"pool-{pool}"])
    for flow in drawn.flows:
        source, target, bends = (
            flow.get("sourceRef", ""),
            flow.get("targetRef", ""),
            drawn.bends[flow.get("id", "")],
        )
        assert on_edge(bends[0], nodes[source]), flow.get("id")
        assert on_edge(bends[-1], nodes[target]), flow.get("id")
        for a, b in pairwise(bends):
            assert a[0] == b[0] or a[1] == b[1]
            for name, box in nodes.items():
                known = {source, target, hosts.get(source), inside.get(source)}
                assert name in known or misses(a, b, box), f"{flow.get('id')} crosses {name}"


def apart(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return a[0] + a[2] < b[0] or b[0] + b[2] < a[0] or a[1] + a[3] < b[1] or b[1] + b[3] < a[1]


def within(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return b[0] <= a[0] and b[1] <= a[1] and a[0] + a[2] <= b[0] + b[2] and a[1] + a[3] <= b[1] + b[3]


def on_edge(point: tuple[int, int], box: tuple[int, ...]) -> bool:
    x, y, width, height = box
    return (point[0] in (x, x + width) and y <= point[1] <= y + height) or (
        point[1] in (y, y + height) and x <= point[0] <= x + width
    )


def misses(a: tuple[int, int], b: tuple[int, int], box: tuple[int, ...]) -> bool:
    left, right = sorted((a[0], b[0]))
    top, bottom = sorted((a[1], b[1]))
    return apart((left, top, right - left, bottom - top), box)


def lint(text: str) -> dict[str, Any]:
    root = BpmnModdle().from_xml(text).root_element
    return Linter(resolver=NodeResolver()).lint(root, {"extends": "bpmnlint:recommended"})


@pytest.mark.parametrize("code", shipped_codes())
def test_a_shipped_pack_is_drawn_whole_readable_and_lints_clean(code: str):
    drawn = Drawn(shipped(code).procedure)
    assert_whole(drawn)
    assert_readable(drawn)
    assert lint(drawn.text) == {}


@pytest.mark.parametrize("path", BROKEN[::4], ids=lambda path: path.stem)
def test_a_broken_pack_is_drawn_all_the_same(path: Path):
    drawn = Drawn(edited(located.read(path.read_text(encoding="utf-8")).data["edits"]))
    assert_whole(drawn)
    assert_readable(drawn)


@pytest.mark.parametrize("seed", [*range(0, 100, 4), 123])
def test_wherever_the_ways_of_a_pack_lead_its_diagram_is_readable(seed: int):
    chance = random.Random(seed)  # noqa: S311 - nothing is kept secret
    targets = [chance.randrange(1000) if chance.random() < 0.8 else chance.randrange(4) for _ in range(60)]
    drawn = Drawn(rewired(targets)[0])
    assert_whole(drawn)
    assert_readable(drawn)


def test_the_same_pack_is_always_drawn_the_same():
    assert diagram(YUEYANG) == DRAWN.text


def test_every_stage_stands_in_its_holders_lane():
    for kind in ("call", "application"):
        for stage in YUEYANG.life(kind).stages:
            assert DRAWN.lane[f"{kind}.{stage.id}"] == f"lane-{kind}-{stage.holder}"
            assert DRAWN.elements[f"{kind}.{stage.id}"].get("name") == f"{stage.title.zh}\n{stage.title.en}"


def test_a_stage_is_a_task_or_a_wait_for_its_deadline():
    tasks = {each.get("id") for each in DRAWN.all("userTask")}
    waits = {each.get("id") for each in DRAWN.all("intermediateCatchEvent")}
    assert waits == {"call.announced", "call.open"}
    assert tasks == {"call.recommending", "call.under_review", "call.listed"} | {
        f"application.{id_}" for id_ in YUEYANG.application.stage
    }


def test_the_drawing_leads_where_the_pack_leads():
    for ways in both(YUEYANG):
        for stage in ways.life.stages:
            here = f"{ways.kind}.{stage.id}"
            expected = {f"{ways.kind}.{way.target}" for way in ways.out_of(stage.id) if not way.lapses}
            if here in ("call.announced", "call.open"):
                expected = {f"call.{way.target}" for way in ways.out_of(stage.id)}
            assert DRAWN.leads(here) == expected


def test_deadlines_are_timers_that_interrupt_where_they_lapse():
    timers = {each.get("id"): each for each in DRAWN.all("boundaryEvent")}
    cases = sum(len(stage.deadlines) for stage in YUEYANG.application.stages)
    assert len(timers) == cases + len(YUEYANG.call.stage["recommending"].deadlines)
    lapsing = timers["application.recommendation-recommendation"]
    assert lapsing.get("attachedToRef") == "application.recommendation"
    assert lapsing.get("cancelActivity") == "true"
    assert DRAWN.leads(lapsing.get("id", "")) == {"application.not_accepted"}
    assert [each.text for each in lapsing.iter(f"{BPMN}timeDate")] == ["2024-08-09T18:00:00+08:00"]
    passing = timers["application.formal_review-formal_review"]
    assert passing.get("cancelActivity") == "false"
    assert DRAWN.leads(passing.get("id", "")) == {"application.formal_review-formal_review-overdue"}
    assert [each.text for each in passing.iter(f"{BPMN}timeDuration")] == ["5个工作日\n5 working days"]


def test_branches_are_a_gateway_with_the_packs_guards():
    fork = "application.papers-by-deliver_papers"
    flows = [each for each in DRAWN.flows if each.get("sourceRef") == fork]
    guards = [[condition.text for condition in each] for each in flows]
    assert guards == [["!papers.letter"], ["papers.late"], []]
    assert DRAWN.elements[fork].get("default") == flows[2].get("id")
    [note] = [each.text for each in DRAWN.elements[fork].iter(f"{BPMN}documentation")]
    assert note == "district.joint_letter && !papers.finance_signed → 拒绝 refused: joint_letter_required"


def test_outcomes_are_ends_and_withdrawing_is_possible_everywhere():
    ends = {each.get("id") for each in DRAWN.all("endEvent")}
    named = {f"application.{outcome}" for outcome in YUEYANG.application.outcome if outcome != "withdrawn"}
    assert named | {"call.completed"} <= ends
    [anywhere] = DRAWN.all("subProcess")
    assert anywhere.get("triggeredByEvent") == "true"
    assert [each.get("name") for each in anywhere.iter(f"{BPMN}endEvent")] == ["已撤回\nWithdrawn"]


def test_the_calls_selection_reaches_the_cases_that_wait_for_it():
    messages = [(each.get("sourceRef"), each.get("targetRef")) for each in DRAWN.all("messageFlow")]
    assert messages == [
        ("call.recommending", "application.selection"),
        ("call.under_review", "application.selection"),
    ]


def test_clauses_stand_in_the_documentation():
    [note] = [each.text for each in DRAWN.elements["application.filing"].findall(f"{BPMN}documentation")]
    assert note == (
        "《关于试行开展2024年度岳阳市创新联合体申报工作的通知》4.3（应当）\n"
        "Notice on the 2024 trial call for Yueyang innovation consortia, clause 4.3 (must)\n"
        "withdraw: applicant\nreassign: district_officer, city_officer, city_leader\n"
        "propose_rectification: city_officer\nconfirm_rectification: city_officer, city_leader\n"
        "decline_rectification: city_officer, city_leader\n"
        "extend_deadline: city_leader\nsuspend_deadline: city_leader\n"
        "resume_deadline: city_leader\nfile: city_officer"
    )


def test_acts_are_named_in_words_where_words_are_given():
    drawn = Drawn(YUEYANG, {"endorse": Words(zh="推荐", en="Recommend")})
    names = {each.get("name") for each in drawn.flows}
    assert "推荐 Recommend" in names
    assert "endorse" not in names
