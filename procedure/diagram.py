"""A pack drawn as a BPMN 2.0 diagram that modelling tools open."""

from collections.abc import Mapping

from procedure.bpmn.net import both_of, net
from procedure.bpmn.shapes import shapes
from procedure.bpmn.writing import written
from procedure.definition import Procedure, Words


def diagram(procedure: Procedure, acts: Mapping[str, Words] | None = None) -> str:
    """Return the call and its applications as BPMN 2.0 XML with layout.

    Every stage is a user task (or, where nobody's act leads on, a timer) in its holder's lane; deadlines are
    timers on it, branches exclusive gateways, outcomes end events, acts possible everywhere event
    sub-processes; clauses stand in the documentation. What can never be taken is left out. ``acts`` names
    acts in words; those it lacks show their ids. The same pack always gives the same text.
    """
    drawing = net(procedure, acts or {})
    return written(procedure.code, both_of(procedure.title, " "), drawing, shapes(drawing))
