"""Where the nodes of a diagram stand: columns by how far a case has come, rows by who holds it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from procedure.bpmn.net import END, POOLS, Net, Node, holders
from procedure.definition import Holder

TASK: Final = (150, 80)
GATEWAY: Final = (50, 50)
EVENT: Final = (36, 36)
INSIDE: Final = (260, 130)
"""Sizes: a task (as wide again for every further timer on it), a gateway, an event, a sub-process."""

SLOT: Final = 150
"""The width of a task that each of its timers takes, with the words beside it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in the grid of a diagram, counted from 0."""

    row: int
    column: int


@dataclass(slots=True)
class Grid:
    """The cells of the nodes that have one of their own, and the rows of every lane.

    Timers stand on their hosts and what tells of a delay stands below its timer, in the cells of ``delays``;
    between the pools one row is left empty.
    """

    cells: dict[str, Cell] = field(default_factory=dict)
    delays: set[Cell] = field(default_factory=set)
    lanes: dict[tuple[str, Holder], range] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0

    def pool(self, name: str) -> range:
        """Return the rows of a pool."""
        rows = [row for (pool, _), lane in self.lanes.items() for row in lane if pool == name]
        return range(min(rows), max(rows) + 1)


def grid(net: Net) -> Grid:
    """Return the grid of a net; no two nodes stand in the same cell."""
    placed = Grid()
    for pool in POOLS:
        _place(net, pool, placed)
    placed.columns = 1 + max(cell.column for cell in placed.cells.values())
    return placed


def size(net: Net, node: Node) -> tuple[int, int]:
    """Return width and height of a node."""
    match node.kind:
        case "userTask":
            timers = sum(other.host == node.id for other in net.nodes.values())
            return max(TASK[0], SLOT * timers), TASK[1]
        case "subProcess":
            return INSIDE
        case "exclusiveGateway" | "eventBasedGateway":
            return GATEWAY
    return EVENT


def _place(net: Net, pool: str, placed: Grid) -> None:
    nodes = {node.id: node for node in net.nodes.values() if node.pool == pool}
    columns = _columns(net, nodes)
    taken: dict[Holder, set[tuple[int, int]]] = defaultdict(set)
    rows: dict[str, int] = {}
    for block in _blocks(nodes):
        cells = [(columns[node.id], 0) for node in block]
        # What tells of a delay stands in the row below its task.
        cells += [(columns[node.id], 1) for node in block if _tells_of_delay(node, nodes)]
        lane = taken[block[0].holder]
        row = 0
        while any((row + below, column) in lane for column, below in cells):
            row += 1
        lane |= {(row + below, column) for column, below in cells}
        rows |= {node.id: row for node in block}
    top = placed.rows
    for holder in holders(net, pool):
        height = 1 + max((row for row, _ in taken[holder]), default=0)
        placed.lanes[pool, holder] = range(top, top + height)
        for node in nodes.values():
            if node.holder == holder and node.id in rows:
                placed.cells[node.id] = Cell(top + rows[node.id], columns[node.id])
                if _tells_of_delay(node, nodes):
                    placed.delays.add(Cell(top + rows[node.id] + 1, columns[node.id]))
        top += height
    placed.rows = top + 1


def _tells_of_delay(node: Node, nodes: Mapping[str, Node]) -> bool:
    return any(other.host == node.id and not other.interrupts for other in nodes.values())


def _blocks(nodes: Mapping[str, Node]) -> Iterator[list[Node]]:
    """Yield the nodes that stand in one row: those of one stage or outcome, with the first of its ends."""
    blocks: dict[str, list[Node]] = {}
    for node in nodes.values():
        if node.host is None:
            blocks.setdefault(node.block, []).append(node)
    for block in blocks.values():
        further = [node for node in block if node.step == END][1:]
        yield [node for node in block if node not in further]
        yield from ([node] for node in further)


def _columns(net: Net, nodes: Mapping[str, Node]) -> dict[str, int]:
    """Return how many steps each node is from the start, along flows that do not lead back."""
    order = {block: i for i, block in enumerate(dict.fromkeys(node.block for node in nodes.values()))}
    standing = {node.id: (order[node.block], node.step) for node in nodes.values()}
    onward = [
        (nodes[flow.source].host or flow.source, flow.target)
        for flow in net.flows
        if not flow.message and flow.source in nodes and standing[flow.source] < standing[flow.target]
    ]
    columns = dict.fromkeys(nodes, 0)
    # In this order a flow is looked at when all that lead to its source have been.
    for source, target in sorted(onward, key=lambda flow: standing[flow[0]]):
        columns[target] = max(columns[target], columns[source] + 1)
    return columns
