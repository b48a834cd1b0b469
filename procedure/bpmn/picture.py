"""A net and its shapes as a picture that a page shows: SVG, without scripts, styled by its page's sheet."""

from itertools import pairwise
from typing import Final
from xml.etree import ElementTree as ET

from procedure.bpmn.net import POOLS, Net, Node, holders
from procedure.bpmn.shapes import Box, Point, Shapes
from procedure.written import HOLDERS

_LINE: Final = 14
_NAMESPACE: Final = "http://www.w3.org/2000/svg"


def picture(title: str, net: Net, shapes: Shapes, language: str, here: str | None = None) -> str:
    """Return the diagram as one ``svg`` element in one language; ``here`` is the id of the node to mark."""
    width = max(box.right for box in shapes.pools.values()) + 2
    height = max(box.bottom for box in shapes.pools.values()) + 2
    root = ET.Element(
        "svg",
        {
            "xmlns": _NAMESPACE,
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
            "aria-label": title,
            "class": "bpmn",
        },
    )
    _frames(root, net, shapes, language)
    for flow in net.flows:
        kind = "bpmn__message" if flow.message else "bpmn__flow"
        _way(root, shapes.bends[flow.id], kind)
        if flow.name and flow.id in shapes.words:
            _words(root, _in(flow.name, language), shapes.words[flow.id], "bpmn__said")
    for node in net.nodes.values():
        _node(root, node, shapes, language, here=node.id == here)
        for inner in node.inner:
            _node(root, inner, shapes, language, here=False)
    return ET.tostring(root, encoding="unicode")


def _frames(root: ET.Element, net: Net, shapes: Shapes, language: str) -> None:
    for pool, words in POOLS.items():
        box = shapes.pools[pool]
        _box(root, box, "bpmn__pool")
        _upright(root, words.of(language), box)
        for holder in holders(net, pool):
            lane = shapes.lanes[pool, holder]
            _box(root, lane, "bpmn__lane")
            _upright(root, HOLDERS[holder].of(language), lane)


def _node(root: ET.Element, node: Node, shapes: Shapes, language: str, *, here: bool) -> None:
    box = shapes.boxes[node.id]
    mark = " bpmn__here" if here else ""
    place = {"id": "here"} if here else {}
    x, y = box.middle
    if node.kind in ("userTask", "subProcess"):
        _box(root, box, f"bpmn__task{mark}", rx="8", **place)
    elif node.kind.endswith("Gateway"):
        corners = f"{x},{box.y} {box.right},{y} {x},{box.bottom} {box.x},{y}"
        _add(root, "polygon", points=corners, **{"class": f"bpmn__choice{mark}"}, **place)
    else:
        kind = "bpmn__end" if node.kind == "endEvent" else "bpmn__event"
        _add(
            root, "circle", cx=str(x), cy=str(y), r=str(box.width // 2), **{"class": f"{kind}{mark}"}, **place
        )
        if node.kind in ("boundaryEvent", "intermediateCatchEvent"):
            hand = f"M{x},{y - box.width // 4} L{x},{y} L{x + box.width // 5},{y}"
            _add(root, "path", d=hand, **{"class": "bpmn__hand"})
    if node.name:
        inside = node.kind == "userTask"
        _words(
            root, _in(node.name, language), box if inside else shapes.words.get(node.id, box), "bpmn__name"
        )


def _in(text: str, language: str) -> str:
    """Return the line of a name that is in the language: names stand in both, one a line, Chinese first."""
    return "\n".join(
        (lines[-1] if language == "en" else lines[0]).strip()
        for part in text.split(" / ")
        if (lines := part.splitlines())
    )


def _words(root: ET.Element, text: str, box: Box, kind: str) -> None:
    lines = [line for part in text.splitlines() for line in _folded(part, box.width)]
    top = box.y + (box.height - _LINE * len(lines)) // 2 + _LINE - 3
    for at, line in enumerate(lines):
        said = _add(root, "text", x=str(box.middle[0]), y=str(top + at * _LINE), **{"class": kind})
        said.text = line


def _folded(text: str, room: int) -> list[str]:
    """Return a text in lines of about ``room`` pixels: English between words, Chinese anywhere."""
    lines: list[str] = []
    line, used = "", 0
    for part in text.split(" ") if text.isascii() else text:
        wide = sum(12 if ord(char) > 0x2E80 else 6 for char in part) + (6 if text.isascii() else 0)
        if line and used + wide > max(room, 48):
            lines.append(line.rstrip())
            line, used = "", 0
        line += f"{part} " if text.isascii() else part
        used += wide
    return [*lines, line.rstrip()] if line.strip() else lines


def _way(root: ET.Element, points: list[Point], kind: str) -> None:
    _add(root, "polyline", points=" ".join(f"{x},{y}" for x, y in points), **{"class": kind})
    (x0, y0), (x, y) = list(pairwise(points))[-1]
    along, across = (x > x0) - (x < x0), (y > y0) - (y < y0)
    base_x, base_y = x - 8 * along, y - 8 * across
    tip = f"{x},{y} {base_x + 4 * across},{base_y + 4 * along} {base_x - 4 * across},{base_y - 4 * along}"
    _add(root, "polygon", points=tip, **{"class": "bpmn__tip"})


def _upright(root: ET.Element, text: str, box: Box) -> None:
    x, y = box.x + 18, box.middle[1]
    said = _add(
        root, "text", x=str(x), y=str(y), transform=f"rotate(-90 {x} {y})", **{"class": "bpmn__frame"}
    )
    said.text = text


def _box(root: ET.Element, box: Box, kind: str, **more: str) -> None:
    measures = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    _add(root, "rect", **{name: str(value) for name, value in measures.items()}, **{"class": kind}, **more)


def _add(parent: ET.Element, name: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, name, attributes)
