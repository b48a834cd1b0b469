"""The measures of a diagram in pixels: bounds of nodes, lanes, pools and words, and the bends of flows."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from procedure.bpmn.layout import SLOT, Cell, Grid, grid, size
from procedure.bpmn.net import CHOICE, POOLS, Net, Node
from procedure.bpmn.routes import Channels, Route, routes
from procedure.definition import Holder

Point = tuple[int, int]

_TRACK: Final = 18
_BEND: Final = 10
_LINE: Final = 14
_WORDS: Final = 120
_HEAD: Final = 30


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        """The point in its middle."""
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def right(self) -> int:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Its bottom edge."""
        return self.y + self.height


@dataclass(slots=True)
class Shapes:
    """Where everything of a diagram is, by id: nodes, their words, flows and their words, lanes and pools."""

    boxes: dict[str, Box] = field(default_factory=dict)
    words: dict[str, Box] = field(default_factory=dict)
    bends: dict[str, list[Point]] = field(default_factory=dict)
    pools: dict[str, Box] = field(default_factory=dict)
    lanes: dict[tuple[str, Holder], Box] = field(default_factory=dict)


def shapes(net: Net) -> Shapes:
    """Return where everything of ``net`` is; no two nodes overlap and no flow crosses a node."""
    return _Drawing(net).shapes


class _Drawing:
    def __init__(self, net: Net) -> None:
        self.net = net
        self.shapes = Shapes()
        self.grid: Grid = grid(net)
        found: tuple[dict[str, Route], Channels] = routes(net, self.grid)
        self.routes, self.channels = found
        self.cells: dict[Cell, Node] = {cell: net.nodes[name] for name, cell in self.grid.cells.items()}
        self.columns = list(self._lefts())
        self.rows = list(self._tops())
        for node in net.nodes.values():
            self._node(node)
        for node in net.nodes.values():
            self._label(node)
        for flow in net.flows:
            self._flow(flow.id)
        self._frames()

    def _lefts(self) -> Iterator[tuple[int, int]]:
        """Yield of every column where the channel before it begins, and where it begins itself."""
        x = 2 * _HEAD
        for column in range(self.grid.columns + 1):
            left = x + 36 + _BEND * self.channels.count(False, column)
            yield x, left
            widths = [size(self.net, node)[0] for cell, node in self.cells.items() if cell.column == column]
            x = left + max([_WORDS, *widths])

    def _tops(self) -> Iterator[tuple[int, int, int]]:
        """Yield of every row where the channel above it begins, the middle of its nodes, and its end."""
        y = 0
        for row in range(self.grid.rows + 1):
            top = y + 12 + _TRACK * self.channels.count(True, row)
            nodes = [node for cell, node in self.cells.items() if cell.row == row]
            tells = any(cell.row == row for cell in self.grid.delays)
            height = max([size(self.net, node)[1] for node in nodes], default=36 if tells else 0)
            above = 34 if any(node.step >= CHOICE for node in nodes) else 8
            under = 64 if nodes or tells else 8
            yield y, top + above + height // 2, top + above + height + under
            y = top + above + height + under

    def _node(self, node: Node) -> None:
        width, height = size(self.net, node)
        if node.kind == "boundaryEvent":
            host = self.shapes.boxes[node.host or ""]
            nth = [each.id for each in self.net.nodes.values() if each.host == node.host].index(node.id)
            x, y = host.x + 30 + SLOT * nth, host.bottom
        elif node.host is not None:
            x = self.shapes.boxes[node.host].middle[0]
            y = self.rows[self.grid.cells[self.net.nodes[node.host].host or ""].row + 1][1]
        else:
            cell = self.grid.cells[node.id]
            left = self.columns[cell.column][1]
            end = self.columns[cell.column + 1][0]
            x, y = (left + end) // 2, self.rows[cell.row][1]
        box = self.shapes.boxes[node.id] = Box(x - width // 2, y - height // 2, width, height)
        for i, inner in enumerate(node.inner):
            across = box.x + 30 + i * (box.width - 96)
            self.shapes.boxes[inner.id] = Box(across, box.y + 24, 36, 36)

    def _label(self, node: Node) -> None:
        for inner in node.inner:
            box = self.shapes.boxes[inner.id]
            self.shapes.words[inner.id] = _under(box, inner.name)
        if not node.name or node.kind == "userTask":
            return
        box = self.shapes.boxes[node.id]
        if node.kind == "boundaryEvent":
            room = SLOT - 48
            self.shapes.words[node.id] = Box(box.right + 2, box.bottom - 14, room, _height(node.name, room))
        elif node.kind.endswith("Gateway"):
            height = _height(node.name, _WORDS - 24)
            x = box.middle[0] - _WORDS + 12
            # The words of a flow that leads in stand above it.
            entered = any(flow.name for flow in self.net.into(node.id))
            y = box.bottom - 12 if entered else box.y - height + 14
            self.shapes.words[node.id] = Box(x, y, _WORDS - 24, height)
        else:
            self.shapes.words[node.id] = _under(box, node.name)

    def _flow(self, name: str) -> None:
        flow = next(each for each in self.net.flows if each.id == name)
        source, target = self.shapes.boxes[flow.source], self.shapes.boxes[flow.target]
        route = self.routes[name]
        start = {
            "right": (source.right, source.middle[1]),
            "top": (source.middle[0], source.y),
            "bottom": (source.right - 20 if flow.message else source.middle[0], source.bottom),
        }[route.leaves]
        end = {"left": (target.x, target.middle[1]), "top": (target.middle[0], target.y)}[route.arrives]
        bends = [start]
        for leg in route.legs:
            x, y = bends[-1]
            at = self._track(leg.across, leg.channel, leg.track)
            bends.append((x, at) if leg.across else (at, y))
        x, y = bends[-1]
        bends.append((x, end[1]) if route.arrives == "left" else (end[0], y))
        bends.append(end)
        self.shapes.bends[name] = points = _straight(bends)
        if flow.name:
            self.shapes.words[name] = _along(points, flow.name)

    def _track(self, across: bool, channel: int, track: int) -> int:
        if across:
            return self.rows[channel][0] + 20 + _TRACK * track
        return self.columns[channel][0] + 18 + _BEND * track

    def _frames(self) -> None:
        right = self.columns[self.grid.columns][1]
        for (pool, holder), rows in self.grid.lanes.items():
            first = rows.start == self.grid.pool(pool).start
            last = rows.stop == self.grid.pool(pool).stop
            # The channel below a lane's last row is the lane's; so is the one above a pool's first row.
            top = self.rows[rows.start][0] if first else self._below(rows.start)
            end = self._below(rows.stop)
            self.shapes.lanes[pool, holder] = Box(_HEAD, top, right - _HEAD, end - top)
            if last:
                head = self.rows[self.grid.pool(pool).start][0]
                self.shapes.pools[pool] = Box(0, head, right, end - head)
        assert list(self.shapes.pools) == list(POOLS)  # noqa: S101 - both lives have stages

    def _below(self, row: int) -> int:
        """Return where the channel above ``row`` ends."""
        return self.rows[row][0] + 12 + _TRACK * self.channels.count(True, row)


def _under(box: Box, name: str) -> Box:
    return Box(box.middle[0] - _WORDS // 2, box.bottom + 4, _WORDS, _height(name, _WORDS))


def _along(points: list[Point], name: str) -> Box:
    """Return where the words of a flow stand: above its first level stretch, beside that if it is short."""
    level = next(((a, b) for a, b in pairwise(points) if a[1] == b[1]), None)
    if level is None:
        # Straight down or up to what stands below or above.
        (x, y), (_, to) = points[0], points[-1]
        return Box(x + 4, (y + to - _LINE) // 2, _width(name), _LINE)
    (x, y), (to, _) = level
    if len(points) == 2:
        room = abs(to - x) - 8
        height = _height(name, room)
        return Box(min(x, to) + 4, y - height - 2, room, height)
    width = _width(name)
    to_the_right = (to > x) == (width + 6 <= abs(to - x))
    return Box(x + 4 if to_the_right else x - 4 - width, y - _LINE - 2, width, _LINE)


def _straight(points: list[Point]) -> list[Point]:
    """Return the points without repetitions and without those on the line between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept[-1] = point
        else:
            kept.append(point)
    return kept


def _width(text: str) -> int:
    """Return about how wide a line of text is at 11 pixels."""
    return sum(12 if unicodedata.east_asian_width(char) in "WF" else 6 for char in text) + 6


def _height(text: str, room: int) -> int:
    lines = sum(-(-_width(line) // max(room, 24)) for line in text.splitlines())
    return _LINE * lines
