"""Evaluating: the district comments, reviewers score, a grade is given and appealed."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import pendulum
from pydantic import Field, StringConstraints

from procedure.act import Refusal
from procedure.acts.act_type import Context, Happening, Nothing, Payload, act, evolves
from procedure.acts.draft import Reason
from procedure.evaluation import Evaluation, Review, Round, grade_of
from procedure.scoring import hundredths, mean

Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Opened(Payload):
    """For how many entries the round was opened."""

    opened: Annotated[int, Field(ge=0)]


class Comment(Payload):
    """The recommending unit's comment."""

    comment: Reason


class Reviewers(Payload):
    """Experts of the pool by their handles, or a third party by its name; never both."""

    experts: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    third_party: Line | None = None


class Reviewed(Payload):
    """Points from 0 to 100 with at most two decimals, and why. An officer names whose review it is."""

    score: str | int
    opinion: Reason
    expert: Line | None = None


class Why(Payload):
    """A written reason."""

    reason: Reason


class Answered(Payload):
    """What an appeal comes to: the grade stands or another takes its place, with the answer to the unit."""

    result: Literal["upheld", "reversed"]
    answer: Reason
    grade: Literal["excellent", "qualified", "failed"] | None = None


def evaluation_of(c: Context) -> Evaluation:
    """Return the particulars of the evaluation that an act is on."""
    record = c.subject.record
    if not isinstance(record, Evaluation):
        raise TypeError(f"{c.subject.ref} is a {c.subject.kind}")
    return record


@act("be_opened", "round_opened", Opened)
def be_opened(c: Context, p: Opened) -> Happening:
    """Note that every entry that is due has its task."""
    return Happening({"opened": p.opened})


@act("complete_round", "round_completed", Nothing, "open_evaluations")
def complete_round(c: Context, p: Nothing) -> Happening | Refusal:
    """End a round in which no evaluation is open any more."""
    left = c.facts.open_evaluations
    return Refusal("evaluations_open", {"open": left}) if left else Happening()


@act("comment_report", "report_commented", Comment)
def comment_report(c: Context, p: Comment) -> Happening:
    """Give the recommending unit's comment on the self-report."""
    return Happening({"comment": p.comment})


@act("appoint_reviewers", "reviewers_appointed", Reviewers, "experts", "units")
def appoint_reviewers(c: Context, p: Reviewers) -> Happening | Refusal:
    """Name who reviews, before the first review: one third party, or active experts of the pool.

    Of these none is employed by, or tied to, a unit of the consortium.
    """
    if evaluation_of(c).reviews:
        return Refusal("reviews_given", {"ref": c.subject.ref})
    if bool(p.experts) == (p.third_party is not None):
        return Refusal("experts_or_third_party", {})
    if len(set(p.experts)) != len(p.experts):
        return Refusal("named_twice", {"experts": list(p.experts)})
    unknown = [name for name in p.experts if name not in c.facts.experts or not c.facts.experts[name].active]
    if unknown:
        return Refusal("unknown_experts", {"experts": unknown})
    units = c.facts.units | {evaluation_of(c).lead}
    named = [c.facts.experts[name] for name in p.experts]
    tied = [each.handle for each in named if not units.isdisjoint({each.employer, *each.ties})]
    if tied:
        return Refusal("expert_of_the_unit", {"experts": tied})
    return Happening({"seated": [each.person for each in named], "third_party": p.third_party})


@act("review_report", "report_reviewed", Reviewed, "experts")
def review_report(c: Context, p: Reviewed) -> Happening | Refusal:
    """Give one review: an expert their own, an officer that of a named expert or of the third party."""
    evaluation = evaluation_of(c)
    try:
        score = hundredths(p.score)
    except ValueError:
        return Refusal("score_out_of_range", {"field": "score", "value": str(p.score)[:40]})
    if c.actor.role == "expert":
        expert = c.actor.person
    elif p.expert is not None:
        named = c.facts.experts.get(p.expert)
        expert = None if named is None else named.person
        if expert is None or expert not in evaluation.experts:
            return Refusal("not_a_reviewer", {"expert": p.expert})
    elif evaluation.third_party is None:
        return Refusal("no_reviewer", {"ref": c.subject.ref})
    else:
        expert = None
    return Happening({"expert": expert, "score": score, "opinion": p.opinion})


@act("grade", "graded", Nothing)
def grade(c: Context, p: Nothing) -> Happening | Refusal:
    """Grade by the mean of all reviews, once every reviewer has given theirs."""
    evaluation = evaluation_of(c)
    given = {each.expert for each in evaluation.reviews}
    wanted = len(evaluation.experts) if evaluation.experts else 1
    if len(given) < wanted:
        return Refusal("reviews_missing", {"given": len(given), "needed": wanted})
    points = mean([each.score for each in evaluation.reviews])
    found = grade_of(points, c.procedure.values)
    return Happening(
        {"mean": points, "grade": found},
        seen={"evaluation": {"purpose": evaluation.purpose, "grade": found}},
    )


@act("postpone_evaluation", "evaluation_postponed", Why)
def postpone_evaluation(c: Context, p: Why) -> Happening:
    """Put the entry's evaluation off to a later round; it neither counts nor breaks a run of failures."""
    return Happening({"reason": p.reason})


@act("waive_evaluation", "evaluation_waived", Why)
def waive_evaluation(c: Context, p: Why) -> Happening:
    """Let the entry off this round; it neither counts nor breaks a run of failures."""
    return Happening({"reason": p.reason})


@act("appeal_grade", "grade_appealed", Why)
def appeal_grade(c: Context, p: Why) -> Happening:
    """Appeal against the grade that was announced; until it is decided the grade does not count."""
    return Happening({"reason": p.reason})


@act("decide_grade_appeal", "grade_appeal_decided", Answered)
def decide_grade_appeal(c: Context, p: Answered) -> Happening | Refusal:
    """Answer an appeal: the grade stands, or another takes its place."""
    now = evaluation_of(c).grade
    if (p.result == "reversed") != (p.grade is not None and p.grade != now):
        return Refusal("grade_does_not_fit", {"result": p.result, "grade": p.grade, "now": now})
    return Happening({"result": p.result, "answer": p.answer, "grade": p.grade or now})


@act("accept_rectification", "rectification_accepted", Why)
def accept_rectification(c: Context, p: Why) -> Happening:
    """Find that what failed at acceptance was put right."""
    return Happening({"reason": p.reason, "grade": "qualified"})


@act("recover_funds", "recovery_ordered", Why)
def recover_funds(c: Context, p: Why) -> Happening:
    """Have the funds paid back, because acceptance failed and was not put right."""
    return Happening({"reason": p.reason})


@evolves("round_opened")
def _opened(r: Round, data: dict[str, Any], at: pendulum.DateTime) -> Round:
    return replace(r, opened=data["opened"])


@evolves("report_commented")
def _commented(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    return replace(e, district_comment=data["comment"])


@evolves("reviewers_appointed")
def _appointed(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    return replace(e, experts=tuple(data["seated"]), third_party=data["third_party"])


@evolves("report_reviewed")
def _reviewed(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    others = tuple(each for each in e.reviews if each.expert != data["expert"])
    return replace(e, reviews=(*others, Review(data["expert"], data["score"], data["opinion"])))


@evolves("graded")
def _graded(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    return replace(e, mean=data["mean"], grade=data["grade"])


@evolves("grade_appealed")
def _appealed(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    return replace(e, appeal=data["reason"])


@evolves("grade_appeal_decided")
def _appeal_decided(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    return replace(e, grade=data["grade"], answer=data["answer"])


@evolves("rectification_accepted")
def _accepted(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    return replace(e, grade=data["grade"], reason=data["reason"])


@evolves("evaluation_postponed")
@evolves("evaluation_waived")
@evolves("recovery_ordered")
def _for_a_reason(e: Evaluation, data: dict[str, Any], at: pendulum.DateTime) -> Evaluation:
    return replace(e, reason=data["reason"])
