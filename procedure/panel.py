"""The expert panel: who may not sit on it, and who of it is to score."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from procedure.act import Expert, PartyPerson
from procedure.definition import Procedure, Stage, StageKind
from procedure.subject import Application

Ground = Literal["employer", "tie", "same_person", "same_name", "field", "barred", "seated"]
"""Why an expert is left out; ``same_name`` alone is for an officer to clear."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why an expert may not sit, and whose doing it is: a unit's USCC or the place in the form."""

    ground: Ground
    party: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of the case; ``where`` is the unit they act for, or the place in the form that names them."""

    where: str
    name: str
    id_digest: str | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Parties:
    """Everybody whose tie to an expert keeps that expert off the panel: units by USCC, and people.

    ``names`` are the people once more, by their name as it is compared.
    """

    units: frozenset[str]
    people: tuple[Named, ...]
    names: tuple[tuple[str, Named], ...]

    @classmethod
    def of(cls, procedure: Procedure, application: Application, acting: Iterable[PartyPerson]) -> "Parties":
        """Return the lead, the members that have not declined, who acts for them and whom the form names."""
        members = [member for member in application.members if member.status != "declined"]
        units = frozenset((application.lead, *(member.uscc for member in members)))
        people = [Named(each.unit, each.name, each.id_digest, each.person) for each in acting]
        people += _named(procedure, "", application.form)
        for member in members:
            people += _named(procedure, member.uscc, member.form)
        return cls(units, tuple(people), tuple((_plain(named.name), named) for named in people if named.name))

    def exclusion(self, expert: Expert) -> Exclusion | None:
        """Return why ``expert`` may not sit, what is certain first; None for one without any tie.

        People of the same name are two only where the digests of both ID numbers are known and differ.
        """
        if expert.employer in self.units:
            return Exclusion("employer", expert.employer or "")
        for tie in expert.ties:
            if tie in self.units:
                return Exclusion("tie", tie)
        for named in self.people:
            if named.id_digest is not None and named.id_digest in expert.ties:
                return Exclusion("tie", named.where)
            same_digest = named.id_digest is not None and named.id_digest == expert.id_digest
            if same_digest or named.person == expert.person:
                return Exclusion("same_person", named.where)
        name = _plain(expert.name)
        for other, named in self.names:
            if name and other == name and None in (named.id_digest, expert.id_digest):
                return Exclusion("same_name", named.where)
        return None

    def tied(self, experts: Iterable[Expert]) -> list[dict[str, str]]:
        """Return those of ``experts`` who are tied to a party for certain, as a refusal tells them."""
        found = ((expert, self.exclusion(expert)) for expert in experts)
        return [told(expert, why) for expert, why in found if why is not None and why.ground != "same_name"]


def told(expert: Expert, why: Exclusion) -> dict[str, str]:
    """Return an expert and why they may not sit, as a refusal tells it."""
    return {"expert": expert.handle, "name": expert.name, "because": why.ground, "party": why.party}


def _named(procedure: Procedure, unit: str, form: Mapping[str, Any]) -> Iterator[Named]:
    fields: dict[str, dict[str, str]] = {}
    for field in procedure.form:
        if field.person is not None and field.path in form:
            fields.setdefault(field.person, {})[field.type] = str(form[field.path])
            fields[field.person].setdefault("path", field.path)
    for about in fields.values():
        where = f"{unit}:{about['path']}" if unit else about["path"]
        yield Named(where, about.get("text", ""), about.get("id_digest"))


def _plain(name: str) -> str:
    """Return a name without what people write differently: width, case, spaces, middle dots."""
    return "".join(each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalnum())


def anonymous(procedure: Procedure) -> bool:
    """Return whether experts are not told whose application they score: the setting ``anonymous_review``."""
    return procedure.values.get("anonymous_review") is True


def told_of(procedure: Procedure, path: str) -> bool:
    """Return whether an expert is told what the form says in the field ``path``: no personal data.

    In an anonymous review neither who is named, nor what was typed freely about the lead or a member unit.
    """
    field = procedure.field[path]
    about_a_unit = not path.startswith("consortium.") and field.type == "text"
    betrays = field.person is not None or about_a_unit
    return not field.personal and not (anonymous(procedure) and betrays)


def scorers(stage: Stage, application: Application) -> tuple[int, ...]:
    """Return who is to score at ``stage``: the panel, and of a defence those of it who heard it."""
    if stage.kind is not StageKind.DEFENCE:
        return application.panel
    defence = application.defence
    heard = defence.present if defence is not None and defence.attended else ()
    return tuple(person for person in application.panel if person in heard)


def late(stage: Stage, application: Application) -> tuple[int, ...]:
    """Return who is to score at ``stage`` and has not."""
    given = {score.expert for score in application.scores_at(stage.id)}
    return tuple(person for person in scorers(stage, application) if person not in given)
