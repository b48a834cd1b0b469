"""A call as a recommending unit sees it: its cases there, how many it may recommend, and its letter."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from casework import clock, endorsements, loading, public
from casework.access import Claim, sees
from casework.loading import Loaded
from casework.public import CallCard
from models import Bureau, Call, Case, Subject
from procedure import subject as subjects
from procedure.definition import Material
from procedure.instant import day_of
from procedure.subject import Subject as At

_bureaus = Bureau.__table__
_calls = Call.__table__
_cases = Case.__table__
_subjects = Subject.__table__

LETTER = "recommendation_letter"
"""The material that is the unit's letter."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A recommending unit; ``joint`` says that its letter is one with the finance bureau of the place."""

    id: int
    name_zh: str
    name_en: str
    joint: bool


@dataclass(frozen=True, slots=True)
class Recommending:
    """A call at a recommending unit, with the unit's submitted cases by number, as they are recorded.

    ``quota`` is how many it may recommend, 0 for any number, and ``made`` how many it has.
    """

    card: CallCard
    call: Loaded
    unit: Unit
    cases: Mapping[str, At]
    quota: int
    made: int

    def at(self, act: str) -> dict[str, At]:
        """Return the open cases that stand where ``act`` may be done."""
        life = self.call.procedure.application
        stages = {stage.id for stage in life.stages if act in stage.acts and stage.holder == "district"}
        return {
            number: each for number, each in self.cases.items() if not each.outcome and each.stage in stages
        }

    def ready(self, act: str) -> dict[str, At]:
        """Return the cases that can be accepted online, or recommended: where there is both, one by one."""
        first = "accept_online" in {
            each for stage in self.call.procedure.application.stages for each in stage.acts
        }
        return {
            number: each
            for number, each in self.at(act).items()
            if not first or (each.application.accepted_at is not None) == (act == "endorse")
        }

    @property
    def recommended(self) -> dict[str, At]:
        """The cases whose papers are to be handed in or were: by position, then by number."""
        papers = {
            stage.id for stage in self.call.procedure.application.stages if "deliver_papers" in stage.acts
        }
        found = {
            number: each
            for number, each in self.cases.items()
            if (each.stage in papers and not each.outcome) or each.application.papers is not None
        }
        return dict(
            sorted(found.items(), key=lambda each: (each[1].application.recommended_as or 1000, each[0]))
        )

    @property
    def letter(self) -> Material | None:
        """The letter that goes with them; None where the procedure asks for none."""
        return self.call.procedure.material.get(LETTER)


def calls(connection: Connection, claim: Claim) -> list[CallCard]:
    """Return the calls in which the claim's units have cases, ended ones too."""
    now = clock.now(connection)
    # Calls are few: each asks for one case of the unit, instead of all of its cases being read.
    has_case = exists().where(_cases.c.call_id == _calls.c.subject_id, sees(claim, day_of(now)))
    known = set(connection.execute(select(_calls.c.subject_id).where(has_case)).scalars())
    return [each for each in public.call_cards(connection, now) if each.id in known]


def of(connection: Connection, claim: Claim, bureau: str, code: str) -> Recommending | None:
    """Return a call at the claim's unit; None where it has no case there."""
    now = clock.now(connection)
    card = next(iter(public.call_cards(connection, now, bureau, code)), None)
    if card is None:
        return None
    rows = connection.execute(
        select(_cases.c.number, _cases.c.district_id, _subjects.c.state)
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .where(_cases.c.call_id == card.id, sees(claim, day_of(now)))
        .order_by(_cases.c.district_id, _cases.c.number)
    ).all()
    if not rows:
        return None
    district = rows[0].district_id
    call = loading.one(connection, card.id)
    unit = connection.execute(
        select(_bureaus.c.id, _bureaus.c.name_zh, _bureaus.c.name_en, _bureaus.c.kind).where(
            _bureaus.c.id == district
        )
    ).one()
    return Recommending(
        card,
        call,
        Unit(unit.id, unit.name_zh, unit.name_en, unit.kind in call.procedure.joint_letter_kinds),
        {row.number: subjects.load(row.state) for row in rows if row.district_id == district},
        endorsements.quota(call.procedure),
        endorsements.made(connection, card.id, district),
    )
