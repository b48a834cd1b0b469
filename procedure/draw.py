"""The draw of a panel: its order, who takes an empty seat, and the proof from the record alone."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from procedure.event import Event
from procedure.panel import Exclusion


def replay(seed: str, ref: str, pool: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the order in which a recorded pool is drawn for the case ``ref``: by load, then by lot.

    Each entry gives ``person`` and ``load``; one with ``excluded`` counts only when it was ``cleared``. The
    lot is the SHA-256 of seed, case and person: whoever has the record finds the same order.
    """
    eligible = [entry for entry in pool if "excluded" not in entry or "cleared" in entry]

    def place(entry: Mapping[str, Any]) -> tuple[int, str]:
        lot = hashlib.sha256(f"{seed}|{ref}|{entry['person']}".encode()).hexdigest()
        return entry["load"], lot

    return tuple(entry["person"] for entry in sorted(eligible, key=place))


def left_standing(
    order: Iterable[int], gone: Collection[int], pool: Mapping[int, tuple[int, Exclusion | None]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return who of the drawn ``order`` may take an empty seat, with their load, and who may not and why.

    ``gone`` are those who have or had a seat; ``pool`` gives the load of everybody who is still in it, and
    why they may not sit now. Who takes the seat is the first that ``replay`` makes of those with a load.
    """
    standing: list[dict[str, Any]] = []
    passed: list[dict[str, Any]] = []
    for person in order:
        if person in gone:
            continue
        if person not in pool:
            passed.append({"person": person, "excluded": "not_in_pool"})
            continue
        load, found = pool[person]
        if found is None:
            standing.append({"person": person, "load": load})
        else:
            passed.append({"person": person, "excluded": found.ground, "party": found.party})
    return standing, passed


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the record is not what the rules give: in which event, what it says, and what replaying gives."""

    seq: int
    code: Literal[
        "seed_not_fixed_before",
        "other_seed",
        "other_order",
        "other_seats",
        "other_successor",
        "named_by_hand",
    ]
    recorded: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Proof:
    """A recorded draw replayed: the seed, the event that fixed it, order and panel as they must be."""

    seed: str
    fixed_by: int
    order: tuple[int, ...]
    panel: tuple[int, ...]
    differences: tuple[Difference, ...]


class NotDrawn(LookupError):
    """The case has no drawn panel."""


def _next(seed: str, ref: str, left: list[int], standing: list[dict[str, Any]] | None) -> list[int]:
    if standing is None:  # Recorded when a seat still went to the next of the order, whatever their load.
        return left[:1]
    load = {entry["person"]: entry["load"] for entry in standing}
    # Whoever is missing from the record comes first, so that leaving somebody out shows.
    return list(replay(seed, ref, ({"person": each, "load": load.get(each, -1)} for each in left)))[:1]


def prove(ref: str, events: Iterable[Event]) -> Proof:
    """Replay every draw and every change of seats in the events of the case ``ref``; raises NotDrawn."""
    seed, fixed_by = "", 0
    order: list[int] = []
    panel: list[int] = []
    gone: set[int] = set()
    differences: list[Difference] = []
    for event in events:
        data, seq = event.data, event.seq
        if "seed" in data:
            if not fixed_by:
                seed, fixed_by = data["seed"], seq
                if event.kind == "panel_drawn":
                    differences.append(Difference(seq, "seed_not_fixed_before", seq, None))
            elif data["seed"] != seed:
                differences.append(Difference(seq, "other_seed", data["seed"], seed))
        if event.kind == "panel_drawn":
            drawn = list(replay(seed, ref, data["pool"]))
            if data["order"] != drawn:
                differences.append(Difference(seq, "other_order", data["order"], drawn))
            seated = drawn[: len(data["seated"])]
            if data["seated"] != seated:
                differences.append(Difference(seq, "other_seats", data["seated"], seated))
            order += [person for person in drawn if person not in order]
            panel += seated
            gone.update(seated)
        elif event.kind in ("conflict_declared", "expert_replaced") and order:
            out = {entry["person"] for entry in data["passed_over"]}
            left = [person for person in order if person not in gone and person not in out]
            next_one = _next(seed, ref, left, data.get("standing"))
            if data["seated"] != next_one:
                differences.append(Difference(seq, "other_successor", data["seated"], next_one))
            panel = [*(person for person in panel if person != data["expert"]), *next_one]
            gone.update(next_one)
        elif event.kind == "panel_named" and order:
            differences.append(Difference(seq, "named_by_hand", data["experts"], panel))
    if not order:
        raise NotDrawn(ref)
    return Proof(seed, fixed_by, tuple(order), tuple(panel), tuple(differences))
