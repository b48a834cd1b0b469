"""What befalls each case of the storm: one of four fates, by its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pendulum
from sqlalchemy import Engine

from procedure.instant import local_instant
from tests.casework.city import PAPERS, City, build
from tests.storm.crowd import crowd

SUBMITTED: Final = "2024-07-10T09:00"
ENDS: Final = local_instant("2024-09-30T00:00")

FATES: Final[tuple[tuple[tuple[str, str, str, dict[str, Any]], ...], ...]] = (
    # Forgotten by the district.
    (),
    # Endorsed; the papers never come.
    (
        ("2024-07-22T10:00", "wang", "accept_online", {}),
        ("2024-07-29T10:00", "wang", "endorse", {"opinion": "同意推荐"}),
    ),
    # Delivered in time; the city bureau forgets the formal review.
    (
        ("2024-07-22T10:00", "wang", "accept_online", {}),
        ("2024-07-29T10:00", "wang", "endorse", {"opinion": "同意推荐"}),
        ("2024-08-06T15:00", "wang", "deliver_papers", PAPERS),
    ),
    # Returned, never corrected, withdrawn at last.
    (
        (
            "2024-07-24T10:00",
            "wang",
            "return_for_correction",
            {"items": [{"item": "document:implementation_plan", "remark": "请盖章"}]},
        ),
        ("2024-07-30T10:00", "zhang{n}", "withdraw", {"reason": "另行申报"}),
    ),
)
"""The acts of a fate: when, by whom, which, with what."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the storm, with the key that makes its repetition harmless."""

    at: pendulum.DateTime
    subject: int
    person: int
    role: str
    act: str
    payload: dict[str, Any]
    key: str


@dataclass(frozen=True, slots=True)
class Town:
    """A city with its submitted cases, in order of their place."""

    city: City
    cases: tuple[int, ...]

    def fate(self, place: int) -> int:
        """Return which fate the case at a place has."""
        return place % len(FATES)

    def steps(self) -> list[Step]:
        """Return every act of every case, in order of time."""
        return sorted(self._steps(), key=lambda step: (step.at, step.subject))

    def _steps(self) -> Iterator[Step]:
        for place, subject in enumerate(self.cases):
            for at, who, act, payload in FATES[self.fate(place)]:
                claim = self.city.people[who.format(n=place)]
                key = f"{subject}-{act}"
                yield Step(local_instant(at), subject, claim.person, claim.role, act, payload, key)


def settle(engine: Engine, cases: int) -> Town:
    """Found the city and submit its cases: the first of each fate by the use cases, the rest are copies."""
    city = build(engine, SUBMITTED)
    first = [city.case_at("recommendation", n) for n in range(min(cases, len(FATES)))]
    return Town(city, (*first, *crowd(city, first[0], len(first), cases)))
