"""A pack as a BPMN 2.0 diagram: the net of its stages, its layout, and the XML; see ``procedure.diagram``."""
