"""What is applied with: the fields of the form and the materials that go with it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from procedure.definition.ground import Grounded
from procedure.definition.model import Words
from procedure.definition.vocabulary import FieldPath, Identifier
from procedure.fault import Fault


class FormField(Grounded):
    """One field of the application form; ``path`` is ``consortium.x``, ``lead.x`` or ``member.x``.

    Money is typed in yuan and kept in integer fen; its ``minimum`` and ``maximum`` are fen too. Only text
    with ``multiline`` may have more than one line. ``person`` says whom of the case the field names, by name
    (text) or by the keyed digest of their ID number (``id_digest``): nobody who may be one of them sits on
    the panel. Fields with the same ``person`` are about the same one.
    """

    path: FieldPath
    title: Words
    type: Literal["text", "integer", "money", "date", "boolean", "choice", "id_digest"]
    required: bool = False
    personal: bool = False
    person: Identifier | None = None
    max_length: Annotated[int, Field(ge=1, le=20000)] = 500
    multiline: bool = False
    choices: dict[Identifier, Words] = {}
    minimum: int | None = None
    maximum: int | None = None

    @model_validator(mode="after")
    def _is_no_known_fact(self) -> Self:
        if self.path in ("lead.kind", "member.kind", "member.core_layer"):
            raise ValueError(Fault("known_of_every_unit", field=self.path))
        return self

    @model_validator(mode="after")
    def _choices_fit(self) -> Self:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError(Fault("choices"))
        return self

    @model_validator(mode="after")
    def _person_fits(self) -> Self:
        if self.person is not None and self.type not in ("text", "id_digest"):
            raise ValueError(Fault("person"))
        if self.type == "id_digest" and not (self.person and self.personal):
            raise ValueError(Fault("id_digest"))
        return self

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if self.type not in ("integer", "money") and (self.minimum, self.maximum) != (None, None):
            raise ValueError(Fault("bounds"))
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(Fault("minimum_above_maximum"))
        return self


class Material(Grounded):
    """A document that someone hands in: by whom, for which act, and of what form.

    ``anonymous`` says that it names no unit and nobody: in an anonymous review experts read these alone.
    """

    id: Identifier
    title: Words
    by: Literal["applicant", "member", "district"]
    needed_for: Identifier | None = None
    formats: tuple[Literal["pdf", "docx", "doc", "xlsx", "jpg", "png"], ...] = ("pdf",)
    max_megabytes: Annotated[int, Field(ge=1, le=200)] = 20
    copies: Annotated[int, Field(ge=0, le=20)] = 0
    anonymous: bool = False
