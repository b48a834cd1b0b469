"""Proofs about a loaded pack: that its cases can be carried to an end, and nobody is left without an answer.

What the form of a pack already shows (unknown names, guards that do not end in ``else``, expressions outside
the dialect, a return without its correction) is refused on loading and not looked at here; the variables of
the texts are checked where texts are filled in (``notifications.rendering``).
"""

from procedure.definition import Procedure
from procedure.proofs import acts, clocks, corrections, ladders, stages, values
from procedure.proofs.flaw import Flaw, Flaws
from procedure.proofs.vocabulary import CAUSES
from procedure.proofs.ways import Ways, both
from procedure.sentence import Sentence, called

__all__ = ["Flaw", "Sentence", "check"]


def check(procedure: Procedure) -> tuple[Flaw, ...]:
    """Return every flaw of a loaded pack and what else is worth a remark; a sound pack has no flaw.

    The order is fixed: the call, the application, then what concerns the whole pack.
    """
    return tuple(_flaws(procedure))


def _flaws(procedure: Procedure) -> Flaws:
    call, application = both(procedure)
    for ways in (call, application):
        yield from acts.flaws(ways)
        yield from stages.flaws(ways)
        yield from corrections.flaws(ways)
        yield from clocks.flaws(ways)
        yield from ladders.flaws(ways)
    for kind in procedure.lives:
        yield from stages.flaws(Ways(procedure, kind, frozenset(CAUSES)))
    yield from _start(procedure, call)
    yield from clocks.dates(procedure)
    yield from ladders.of_the_pack(procedure)
    yield from values.flaws(procedure)


def _start(procedure: Procedure, call: Ways) -> Flaws:
    needed = procedure.application.start_while
    if needed is not None and needed not in call.routes:
        name = called(procedure.call.stage[needed].title, needed)
        yield Flaw(
            "nothing_can_start",
            "application.start_while",
            Sentence(
                f"办件只能在批次处于{name.zh}时开始，而批次到不了该环节",
                f"an application can start only while the call is at {name.en}, which the call never reaches",
            ),
            Sentence("让批次到达该环节，或改写`start_while`", "Let the call reach it, or name another stage"),
        )
