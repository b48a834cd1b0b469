"""Evaluation: a round of a bureau, the evaluation of one entry in it, grades, and runs of failures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from procedure.entry import OfEntry
from procedure.instant import Day, Instant

Purpose = Literal["evaluation", "acceptance"]
Grade = Literal["excellent", "qualified", "failed"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator that the unit names itself: the target, and what was reached."""

    title: str
    target: str
    reached: str


@dataclass(frozen=True, slots=True)
class Reached:
    """What was reached of a target of the construction plan, and by when it was to be.

    ``field`` is the field of the application form in which the target stands; amounts of money are in fen.
    """

    field: str
    target: int
    reached: int
    by: Day | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stored file that proves what a self-report says, and what it proves."""

    title: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class SelfReport:
    """The lead unit's own account, by content of the pack, with its indicators; ``late`` after the date.

    ``reached`` answers the targets that the application set, ``indicators`` are what the unit adds.
    """

    contents: dict[str, str]
    indicators: tuple[Indicator, ...]
    evidence: tuple[Evidence, ...]
    reported_at: Instant
    late: bool = False
    reached: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """One review in hundredths of a point: by an expert of the pool, or by the third party that was named."""

    expert: int | None
    score: int
    opinion: str


@dataclass(frozen=True, slots=True)
class Round:
    """A round of evaluation: its code, what it is for, and how many entries it was opened for.

    ``period`` is what it looks at, such as a year. It takes in the entries filed up to ``filed_until``.
    """

    code: str
    purpose: Purpose
    period: str
    filed_until: Instant
    opened: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation(OfEntry):
    """The evaluation of one entry in a round.

    Reviewed by ``experts`` of the pool or by a ``third_party``; ``grade`` is final once it has ended or no
    appeal is open. ``mean`` is in hundredths of a point.
    """

    round: str
    purpose: Purpose
    report: SelfReport | None = None
    district_comment: str | None = None
    experts: tuple[int, ...] = ()
    third_party: str | None = None
    reviews: tuple[Review, ...] = ()
    mean: int | None = None
    grade: Grade | None = None
    appeal: str | None = None
    answer: str | None = None
    reason: str | None = None

    @property
    def awaited(self) -> tuple[int, ...]:
        """The experts who are to review and have not."""
        given = {each.expert for each in self.reviews}
        return tuple(person for person in self.experts if person not in given)


Result = Literal["excellent", "qualified", "failed", "skipped", "open"]
"""What one evaluation of an entry counts as: its final grade, nothing at all, or not known yet."""

SKIPPED: Final = frozenset({"postponed", "waived"})
"""Outcomes that neither count as failed nor break a run of failures."""


def result(outcome: str | None, grade: str | None, settings: Mapping[str, Any]) -> Result:
    """Return what an evaluation with this outcome and grade counts as.

    A report that never came counts as the setting ``missing_report_counts_as`` says.
    """
    if outcome is None:
        return "open"
    if outcome in SKIPPED:
        return "skipped"
    if outcome == "not_reported":
        grade = str(settings.get("missing_report_counts_as", "failed"))
    return grade if grade in ("excellent", "qualified", "failed") else "skipped"  # type: ignore[return-value]


def run_of_failures(results: Iterable[Result]) -> int:
    """Return how many final failures an entry has in a row, the last result being the last of ``results``.

    What was postponed or waived is passed over. While one of the run is open or under appeal, what lies
    before it does not count on: the run is as long as what follows it.
    """
    run = 0
    for each in results:
        if each == "failed":
            run += 1
        elif each != "skipped":
            run = 0
    return run


def grade_of(mean: int, settings: Mapping[str, Any]) -> Grade:
    """Return the grade of a mean in hundredths by the settings ``excellent_from`` and ``qualified_from``."""
    if mean >= int(settings["excellent_from"]) * 100:
        return "excellent"
    return "qualified" if mean >= int(settings["qualified_from"]) * 100 else "failed"
