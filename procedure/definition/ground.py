"""Where what a pack says comes from: a clause of a source document, or a setting."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from procedure.definition.model import Model, Words
from procedure.definition.vocabulary import Code
from procedure.fault import Fault


class Clause(Model):
    """A place in a source document and the force its words have there."""

    document: Code
    clause: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    modality: Literal["must", "in_principle", "may", "at_most", "states"]


class Grounded(Model):
    """Something that says where it comes from: a clause, or that it is a setting."""

    clause: Clause | None = None
    basis: Literal["setting"] | None = None
    note: Words | None = None

    @model_validator(mode="after")
    def _one_ground(self) -> Self:
        if (self.clause is None) == (self.basis is None):
            raise ValueError(Fault("one_ground"))
        return self


class SourceDocument(Model):
    """A document of the sources that clauses refer to; ``issued`` is a year where the day is not known."""

    title: Words
    issued_by: Words
    issued: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}-\d{2})?$")]
    source: str
