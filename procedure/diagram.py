"""A pack drawn as a BPMN 2.0 diagram that modelling tools open."""

from collections.abc import Mapping

from procedure.bpmn.net import both_of, net
from procedure.bpmn.picture import picture
from procedure.bpmn.shapes import shapes
from procedure.bpmn.writing import written
from procedure.definition import Procedure, Words
from procedure.sentence import Sentence


def diagram(procedure: Procedure, acts: Mapping[str, Words] | None = None) -> str:
    """Return the call and its applications as BPMN 2.0 XML with layout.

    Every stage is a user task (or, where nobody's act leads on, a timer) in its holder's lane; deadlines are
    timers on it, branches exclusive gateways, outcomes end events, acts possible everywhere event
    sub-processes; clauses stand in the documentation. What can never be taken is left out. ``acts`` names
    acts in words; those it lacks show their ids. The same pack always gives the same text.
    """
    drawing = net(procedure, acts or {})
    return written(procedure.code, both_of(procedure.title, " "), drawing, shapes(drawing))


def drawn(procedure: Procedure, language: str, acts: Mapping[str, Words], here: str | None = None) -> str:
    """Return the same diagram as an SVG element in one language; ``here`` is a stage of the application.

    That stage is marked. The same pack always gives the same picture.
    """
    only = {
        name: Sentence("", said.en) if language == "en" else Sentence(said.zh, "")
        for name, said in acts.items()
    }
    drawing = net(procedure, only)
    mark = None if here is None else f"application.{here}"
    return picture(procedure.title.of(language), drawing, shapes(drawing), language, mark)
