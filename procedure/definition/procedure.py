"""A whole pack: the rules of one city's call cycle."""

from functools import cached_property
from typing import Literal, Self

from pydantic import model_validator

from procedure.definition.application import FormField, Material
from procedure.definition.changing import Aspect, Changing
from procedure.definition.evaluating import Evaluating
from procedure.definition.filing import Naming, Numbering, Validity
from procedure.definition.ground import SourceDocument
from procedure.definition.ladder import Ladder
from procedure.definition.life import Life
from procedure.definition.model import Model, Words
from procedure.definition.named import NamedDate, NamedValue
from procedure.definition.notice import NoticeText, SendingHours
from procedure.definition.references import DanglingReferences, references
from procedure.definition.rule import Rule
from procedure.definition.vocabulary import AfterFiling, BureauKind, Code, Identifier


class BureauCard(Model):
    """The city bureau a pack belongs to."""

    code: Code
    name: Words
    city: Words


class Procedure(Model):
    """A whole pack: the rules of one city's call cycle.

    One that ``builds_on`` the common procedure takes from it what it does not say itself, and one with
    ``after_filing`` what comes after it. ``ladder`` is
    climbed towards every deadline of an application that somebody holds and that has no ladder of its own; of
    a deadline that lapses, as far as its lapse. ``lives`` are those of what comes after filing, by kind.
    """

    format: Literal[1]
    builds_on: Literal["common"] | None = None
    after_filing: Literal["common"] | None = None
    code: Code
    title: Words
    bureau: BureauCard
    documents: dict[Code, SourceDocument]
    intake: Literal["batch", "rolling"]
    dates: dict[Identifier, NamedDate]
    settings: dict[Identifier, NamedValue]
    sending_hours: SendingHours = SendingHours(basis="setting")
    ladder: Ladder | None = None
    joint_letter_kinds: tuple[BureauKind, ...] = ()
    form: tuple[FormField, ...]
    materials: tuple[Material, ...]
    rules: tuple[Rule, ...]
    naming: Naming
    case_number: Numbering
    register_number: Numbering
    validity: Validity
    call: Life
    application: Life
    lives: dict[AfterFiling, Life] = {}
    evaluation: Evaluating | None = None
    changes: dict[Aspect, Changing] = {}
    notices: dict[Identifier, NoticeText] = {}

    @cached_property
    def field(self) -> dict[str, FormField]:
        """Form fields by path."""
        return {field.path: field for field in self.form}

    @cached_property
    def rule(self) -> dict[str, Rule]:
        """Rules of eligibility by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def material(self) -> dict[str, Material]:
        """Materials by id."""
        return {material.id: material for material in self.materials}

    @cached_property
    def values(self) -> dict[str, int | bool | str]:
        """The settings' values by name, as CEL sees them under ``settings``."""
        return {name: setting.value for name, setting in self.settings.items()}

    @cached_property
    def texts(self) -> dict[str, dict[Literal["zh", "en"], dict[Literal["subject", "body"], str]]]:
        """What people are told, by text, language and part."""
        return {name: {"zh": text.zh, "en": text.en} for name, text in self.notices.items()}

    def life(self, kind: str) -> Life:
        """Return the life of ``kind``; KeyError for one that the pack does not tell of."""
        if kind == "application":
            return self.application
        return self.call if kind == "call" else self._lives[kind]

    @cached_property
    def _lives(self) -> dict[str, Life]:
        return {str(kind): life for kind, life in self.lives.items()}

    @staticmethod
    def place(kind: str) -> str:
        """Return where in a pack the life of ``kind`` stands."""
        return kind if kind in ("call", "application") else f"lives.{kind}"

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of subject that the pack tells the life of."""
        return ("call", "application", *self.lives)

    def number(self, named: str | int) -> int:
        """Return a number that a rule gives itself or through the name of a setting."""
        return named if isinstance(named, int) else int(self.settings[named].value)

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        problems = tuple(references(self))
        if problems:
            raise DanglingReferences(problems)
        return self
