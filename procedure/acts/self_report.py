"""The self-report of an evaluation: contents, targets answered, indicators of the unit's own, evidence."""

from dataclasses import replace
from typing import Annotated, Any

import pendulum
from pydantic import Field, StringConstraints

from procedure import indicator
from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Payload, act, evolves
from procedure.acts.draft import Digest
from procedure.evaluation import Evaluation, Evidence, Indicator, Reached, SelfReport
from procedure.instant import calendar_day, instant, iso

Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=10000)]


class IndicatorGiven(Payload):
    """An indicator that the unit names itself: the target, and what was reached."""

    title: Line
    target: Line
    reached: Line


class EvidenceGiven(Payload):
    """A stored file, and what it proves."""

    title: Line
    digest: Digest


class Report(Payload):
    """The self-report: a text for each content that the pack asks for, indicators and evidence.

    ``reached`` answers each target of the application by its field: a number, or an amount in yuan.
    """

    contents: Annotated[dict[str, Prose], Field(max_length=20)]
    reached: Annotated[dict[str, str | int], Field(default_factory=dict, max_length=100)]
    indicators: Annotated[tuple[IndicatorGiven, ...], Field(max_length=100)] = ()
    evidence: Annotated[tuple[EvidenceGiven, ...], Field(max_length=50)] = ()


@act("submit_report", "report_submitted", Report, "files", "plan")
def submit_report(c: Context, p: Report) -> Happening | Refusal:
    """Hand in the unit's own account: of every content that the pack asks for, and of every target set."""
    asks = () if c.procedure.evaluation is None else c.procedure.evaluation.contents
    asked = {content.id: content for content in asks}
    unknown = [name for name in p.contents if name not in asked]
    if unknown:
        return Refusal("unknown_content", {"contents": unknown, "expected": list(asked)})
    missing = [name for name in asked if name not in p.contents]
    if missing:
        return Refusal("contents_missing", {"contents": missing}, asked[missing[0]].clause)
    reached = indicator.answered(c.procedure, c.facts.plan, p.reached)
    if isinstance(reached, Refusal):
        return reached
    stored = c.facts.stored_files or {}
    gone = [each.title for each in p.evidence if each.digest not in stored]
    if gone:
        return Refusal("evidence_not_stored", {"evidence": gone})
    due = c.subject.dates.get("self_report")
    return Happening(
        {
            "contents": dict(p.contents),
            "reached": reached,
            "indicators": [each.model_dump() for each in p.indicators],
            "evidence": [{**each.model_dump(), "size": stored[each.digest]} for each in p.evidence],
            "late": due is not None and c.now > due,
        }
    )


@evolves("report_submitted")
def _reported(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    report = SelfReport(
        data["contents"],
        tuple(Indicator(**each) for each in data["indicators"]),
        tuple(Evidence(**each) for each in data["evidence"]),
        instant(iso(at)),
        data["late"],
        tuple(_reached(each) for each in data.get("reached", ())),
    )
    return replace(e, report=report)


def _reached(told: dict[str, Any]) -> Reached:
    by = told["by"]
    return Reached(told["field"], told["target"], told["reached"], None if by is None else calendar_day(by))
