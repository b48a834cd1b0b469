"""The ways of the flows through a grid: in channels between the nodes, so that none is crossed."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, Literal

from procedure.bpmn.layout import Cell, Grid
from procedure.bpmn.net import CHOICE, END, Flow, Net, Node

Side = Literal["left", "right", "top", "bottom"]

_FORKS: Final = ("exclusiveGateway", "eventBasedGateway")


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of a route in one track: of the channel above row ``channel``, or left of that column."""

    across: bool
    channel: int
    track: int


@dataclass(frozen=True, slots=True)
class Route:
    """The side on which a flow leaves its source, the legs it takes, and the side on which it arrives."""

    leaves: Side
    legs: tuple[Leg, ...]
    arrives: Side


@dataclass(slots=True)
class Channels:
    """The tracks taken in every channel; two stretches share a track only where they do not meet."""

    tracks: dict[tuple[bool, int], list[list[tuple[int, int]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def take(self, across: bool, channel: int, one: int, other: int) -> Leg:
        """Take the first track of a channel that is free from ``one`` to ``other``."""
        low, high = min(one, other), max(one, other)
        tracks = self.tracks[across, channel]
        for number, taken in enumerate(tracks):
            if all(high < start or end < low for start, end in taken):
                taken.append((low, high))
                return Leg(across, channel, number)
        tracks.append([(low, high)])
        return Leg(across, channel, len(tracks) - 1)

    def count(self, across: bool, channel: int) -> int:
        """Return how many tracks a channel has."""
        return len(self.tracks.get((across, channel), ()))


def routes(net: Net, grid: Grid) -> tuple[dict[str, Route], Channels]:
    """Return the route of every flow by its id, and the tracks that they take."""
    channels = Channels()
    found: dict[str, Route] = {}
    for flow in net.flows:
        source, target = net.nodes[flow.source], net.nodes[flow.target]
        if target.host is not None:
            found[flow.id] = Route("bottom", (), "top")
        else:
            here = grid.cells[source.host or source.id]
            found[flow.id] = _route(grid, channels, flow, source, here, target)
    return found, channels


def _route(grid: Grid, channels: Channels, flow: Flow, source: Node, here: Cell, target: Node) -> Route:
    there = grid.cells[target.id]
    if flow.message:
        return _message(channels, here, there)
    if source.kind != "boundaryEvent" and here.row == there.row and _is_free(grid, here, there):
        return Route("right", (), "left")
    if source.kind in _FORKS and source.step in (CHOICE, END):
        return _out_of_fork(channels, here, there, down=here.row < there.row)
    if source.kind == "boundaryEvent":
        return _out_of_fork(channels, here, there, down=True)
    if there.column == here.column + 1:
        leg = channels.take(False, there.column, _row(here), _row(there))
        return Route("right", (leg,), "left")
    between = here.row + 1 if here.row < there.row else here.row
    legs = (
        channels.take(False, here.column + 1, _row(here), 2 * between),
        channels.take(True, between, 2 * (here.column + 1), 2 * there.column),
        channels.take(False, there.column, 2 * between, _row(there)),
    )
    return Route("right", legs, "left")


def _out_of_fork(channels: Channels, here: Cell, there: Cell, *, down: bool) -> Route:
    channel = here.row + 1 if down else here.row
    leaves: Side = "bottom" if down else "top"
    enters_above = channel == there.row
    ends = _column(there) if enters_above else 2 * there.column
    # The words of a flow stand on either side of where its track begins.
    begins = _column(here)
    across = channels.take(True, channel, min(begins - 2, ends), max(begins + 2, ends))
    if enters_above:
        return Route(leaves, (across,), "top")
    legs = (across, channels.take(False, there.column, 2 * channel, _row(there)))
    return Route(leaves, legs, "left")


def _message(channels: Channels, here: Cell, there: Cell) -> Route:
    first = channels.take(True, here.row + 1, _column(here), 2 * there.column)
    down = channels.take(False, there.column, 2 * (here.row + 1), 2 * there.row)
    last = channels.take(True, there.row, 2 * there.column, _column(there))
    return Route("bottom", (first, down, last), "top")


def _is_free(grid: Grid, here: Cell, there: Cell) -> bool:
    if there.column <= here.column:
        return False
    between = range(here.column + 1, there.column)
    standing = (*grid.cells.values(), *grid.delays)
    return not any(cell.row == here.row and cell.column in between for cell in standing)


def _row(cell: Cell) -> int:
    return 2 * cell.row + 1


def _column(cell: Cell) -> int:
    return 2 * cell.column + 1
