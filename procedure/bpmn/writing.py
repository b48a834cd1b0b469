"""A net and its shapes as BPMN 2.0 XML with diagram interchange."""

from typing import Final
from xml.etree import ElementTree as ET

from procedure.bpmn.net import POOLS, Flow, Net, Node, both_of, holders
from procedure.bpmn.shapes import Box, Point, Shapes
from procedure.written import HOLDERS

_BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_BPMNDI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
_DC: Final = "http://www.omg.org/spec/DD/20100524/DC"
_DI: Final = "http://www.omg.org/spec/DD/20100524/DI"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_CEL: Final = "https://cel.dev"

for _prefix, _name in (("bpmn", _BPMN), ("bpmndi", _BPMNDI), ("dc", _DC), ("di", _DI), ("xsi", _XSI)):
    ET.register_namespace(_prefix, _name)


def written(code: str, title: str, net: Net, shapes: Shapes) -> str:
    """Return the XML of a diagram; the same net gives the same text."""
    root = ET.Element(
        f"{{{_BPMN}}}definitions",
        {"id": "definitions", "name": title, "targetNamespace": f"urn:beian:{code}", "exporter": "beian"},
    )
    collaboration = _element(root, "collaboration", id="collaboration")
    for pool, words in POOLS.items():
        name = both_of(words)
        _element(collaboration, "participant", id=f"pool-{pool}", name=name, processRef=f"process-{pool}")
    for flow in net.flows:
        if flow.message:
            ends = {"sourceRef": flow.source, "targetRef": flow.target}
            _element(collaboration, "messageFlow", id=flow.id, name=flow.name, **ends)
    for pool in POOLS:
        _process(root, pool, net)
    _diagram(root, net, shapes)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _process(root: ET.Element, pool: str, net: Net) -> None:
    process = _element(root, "process", id=f"process-{pool}", isExecutable="false")
    lanes = _element(process, "laneSet", id=f"lanes-{pool}")
    nodes = [node for node in net.nodes.values() if node.pool == pool]
    for holder in holders(net, pool):
        lane = _element(lanes, "lane", id=_lane(pool, holder), name=both_of(HOLDERS[holder]))
        for node in nodes:
            if node.holder == holder:
                _element(lane, "flowNodeRef").text = node.id
    for node in nodes:
        _node(process, node, net)
    for flow in net.flows:
        if not flow.message and net.nodes[flow.source].pool == pool:
            _flow(process, flow)


def _node(parent: ET.Element, node: Node, net: Net) -> None:
    more: dict[str, str] = {"name": node.name} if node.name else {}
    if node.kind == "boundaryEvent" and node.host is not None:
        more |= {"attachedToRef": node.host, "cancelActivity": "true" if node.interrupts else "false"}
    if node.kind == "subProcess":
        more["triggeredByEvent"] = "true"
    default = [flow.id for flow in net.out_of(node.id) if flow.default]
    if default:
        more["default"] = default[0]
    element = _element(parent, node.kind, id=node.id, **more)
    if node.notes:
        _element(element, "documentation").text = "\n".join(node.notes)
    for flow in net.into(node.id):
        _element(element, "incoming").text = flow.id
    for flow in net.out_of(node.id):
        _element(element, "outgoing").text = flow.id
    if node.timer is not None:
        timer = _element(element, "timerEventDefinition", id=f"{node.id}-timer")
        is_date = node.timer[:4].isdecimal() and "T" in node.timer
        told = _element(timer, "timeDate" if is_date else "timeDuration")
        if is_date:
            told.set(f"{{{_XSI}}}type", "bpmn:tFormalExpression")
        told.text = node.timer
    if node.inner:
        _inside(element, node)


def _inside(element: ET.Element, node: Node) -> None:
    begin, end = node.inner
    flow = Flow(f"{begin.id}--end", begin.id, end.id)
    start = _element(element, begin.kind, id=begin.id, name=begin.name, isInterrupting="true")
    _element(start, "outgoing").text = flow.id
    _element(start, "messageEventDefinition", id=f"{begin.id}-message")
    last = _element(element, end.kind, id=end.id, name=end.name)
    _element(last, "incoming").text = flow.id
    _flow(element, flow)


def _flow(parent: ET.Element, flow: Flow) -> None:
    name = {"name": flow.name} if flow.name else {}
    ends = {"sourceRef": flow.source, "targetRef": flow.target}
    element = _element(parent, "sequenceFlow", id=flow.id, **name, **ends)
    if flow.when is not None:
        condition = _element(element, "conditionExpression", language=_CEL)
        condition.set(f"{{{_XSI}}}type", "bpmn:tFormalExpression")
        condition.text = flow.when


def _diagram(root: ET.Element, net: Net, shapes: Shapes) -> None:
    diagram = _element(root, "BPMNDiagram", _BPMNDI, id="diagram")
    plane = _element(diagram, "BPMNPlane", _BPMNDI, id="plane", bpmnElement="collaboration")
    for pool in POOLS:
        _shape(plane, f"pool-{pool}", shapes.pools[pool], isHorizontal="true")
        for holder in holders(net, pool):
            _shape(plane, _lane(pool, holder), shapes.lanes[pool, holder], isHorizontal="true")
    for node in net.nodes.values():
        more = {"isExpanded": "true"} if node.kind == "subProcess" else {}
        if node.kind == "exclusiveGateway":
            more["isMarkerVisible"] = "true"
        _shape(plane, node.id, shapes.boxes[node.id], shapes.words.get(node.id), **more)
        for inner in node.inner:
            _shape(plane, inner.id, shapes.boxes[inner.id], shapes.words.get(inner.id))
        if node.inner:
            begin, end = (shapes.boxes[inner.id] for inner in node.inner)
            bends = [(begin.right, begin.middle[1]), (end.x, end.middle[1])]
            _edge(plane, f"{node.inner[0].id}--end", bends, None)
    for flow in net.flows:
        _edge(plane, flow.id, shapes.bends[flow.id], shapes.words.get(flow.id))


def _shape(plane: ET.Element, name: str, box: Box, words: Box | None = None, **more: str) -> None:
    shape = _element(plane, "BPMNShape", _BPMNDI, id=f"{name}-shape", bpmnElement=name, **more)
    _bounds(shape, box)
    if words is not None:
        _bounds(_element(shape, "BPMNLabel", _BPMNDI), words)


def _edge(plane: ET.Element, name: str, bends: list[Point], words: Box | None) -> None:
    edge = _element(plane, "BPMNEdge", _BPMNDI, id=f"{name}-edge", bpmnElement=name)
    for x, y in bends:
        _element(edge, "waypoint", _DI, x=str(x), y=str(y))
    if words is not None:
        _bounds(_element(edge, "BPMNLabel", _BPMNDI), words)


def _bounds(parent: ET.Element, box: Box) -> None:
    measures = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    _element(parent, "Bounds", _DC, **{name: str(value) for name, value in measures.items()})


def _lane(pool: str, holder: str) -> str:
    return f"lane-{pool}-{holder}"


def _element(parent: ET.Element, name: str, namespace: str = _BPMN, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{namespace}}}{name}", attributes)
