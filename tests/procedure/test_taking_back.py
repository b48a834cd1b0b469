"""Taking back one's last act: in time, too late, by another; the case and its clocks stand as before."""

from dataclasses import replace

from procedure import event as events
from procedure.act import Actor, LastAct
from procedure.working_days import calendar_from, state_council
from tests.procedure.edited_pack import edited
from tests.procedure.yueyang_walk import (
    APPLICANT,
    DISTRICT,
    LEADER,
    OFFICER,
    PAPERS,
    RETURN,
    Walk,
    at,
    at_stage,
)

BOTH = ["applicant", "district_officer", "city_officer"]
CALENDAR = state_council()
STAGES = "application.stages"
PACK = edited(
    {
        "application.everywhere.take_back": {"roles": BOTH},
        f"{STAGES}.recommendation.acts.endorse.may_be_taken_back": True,
        f"{STAGES}.formal_review.acts.pass_review.may_be_taken_back": True,
        f"{STAGES}.formal_review.acts.return_for_correction.may_be_taken_back": True,
        f"{STAGES}.formal_correction.acts.resubmit.may_be_taken_back": True,
    }
)


def standing_at(stage: str) -> Walk:
    return replace(at_stage(stage), procedure=PACK)


def done(walk: Walk, act: str, actor: Actor, **payload: object) -> Walk:
    """Return the walk after an act, with the fact that it was the last."""
    assert actor.person is not None
    return walk.do(act, actor, **payload).knowing(last=LastAct(act, actor.person, walk.subject))


def test_an_endorsement_taken_back_leaves_the_case_as_it_was() -> None:
    before = standing_at("recommendation").do("accept_online", DISTRICT)
    endorsed = done(before, "endorse", DISTRICT, opinion="同意推荐")
    back = endorsed.do("take_back", DISTRICT, reason="意见写错了")
    assert back.subject == replace(
        before.subject,
        version=before.subject.version + 2,
        entered_at=back.now,
        last_at=back.now,
        occurrences={**before.subject.occurrences, "papers": 1},
    )
    assert [(entry.deadline, entry.kind) for entry in back.events[-1].clock] == [
        ("recommendation", "restored"),
        ("papers", "cancelled"),
    ]
    assert back.events[-1].clock[0].due_after == at("2024-08-09T18:00")


def test_the_clock_runs_on_towards_the_same_instant_and_still_lapses() -> None:
    walk = done(
        standing_at("recommendation").do("accept_online", DISTRICT), "endorse", DISTRICT, opinion="同意"
    ).do("take_back", DISTRICT, reason="再核")
    assert walk.swept("2024-08-09T18:00:00.000001").place == "not_accepted"


def test_a_papers_deadline_begins_anew_after_the_second_endorsement() -> None:
    walk = done(
        standing_at("recommendation").do("accept_online", DISTRICT), "endorse", DISTRICT, opinion="同意"
    ).do("take_back", DISTRICT, reason="再核")
    again = walk.do("endorse", DISTRICT, opinion="同意推荐")
    papers = again.subject.deadline("papers")
    assert papers is not None
    assert (papers.occurrence, papers.due_at) == (2, at("2024-08-13T23:59:59.999999"))


def test_a_suspended_clock_is_suspended_again() -> None:
    returned = standing_at("formal_review").do("return_for_correction", OFFICER, **RETURN)
    back = done(returned, "resubmit", APPLICANT).do("take_back", APPLICANT, reason="还要改")
    assert back.place == "formal_correction"
    assert back.subject.deadlines == returned.subject.deadlines
    assert back.subject.application.correction == returned.subject.application.correction


def test_what_the_act_wrote_is_gone() -> None:
    review = standing_at("formal_review")
    back = done(review, "pass_review", OFFICER, note="齐全").do("take_back", OFFICER, reason="漏看一项")
    assert back.subject.application == review.subject.application
    assert events.load(events.dump(back.events[-1])) == back.events[-1]


def test_another_person_cannot_take_it_back() -> None:
    other = Actor("district_officer", 99, None, DISTRICT.bureau)
    walk = done(
        standing_at("recommendation").do("accept_online", DISTRICT), "endorse", DISTRICT, opinion="同意"
    )
    assert walk.refused("take_back", other, reason="我来改").code == "not_your_act"


def test_too_late_once_the_next_has_acted() -> None:
    endorsed = done(
        standing_at("recommendation").do("accept_online", DISTRICT), "endorse", DISTRICT, opinion="同意"
    )
    delivered = endorsed.do("deliver_papers", OFFICER, **PAPERS)
    assert delivered.refused("take_back", DISTRICT, reason="晚了").code == "nothing_to_take_back"


def test_what_happened_by_itself_since_stands() -> None:
    endorsed = done(
        standing_at("recommendation").do("accept_online", DISTRICT), "endorse", DISTRICT, opinion="同意"
    )
    later = endorsed.on("2024-08-14T09:00")
    assert later.refused("take_back", DISTRICT, reason="晚了").code == "nothing_to_take_back"


def test_an_act_that_the_pack_does_not_let_be_taken_back_stands() -> None:
    accepted = done(standing_at("recommendation"), "accept_online", DISTRICT)
    refusal = accepted.refused("take_back", DISTRICT, reason="误点")
    assert (refusal.code, refusal.facts) == (
        "act_stands",
        {"act": "accept_online", "stage": "recommendation"},
    )


def test_nothing_to_take_back() -> None:
    assert standing_at("papers").refused("take_back", DISTRICT, reason="x").code == "nothing_to_take_back"


def test_a_clock_that_a_leader_had_suspended_is_suspended_again() -> None:
    paused = standing_at("formal_review").on("2024-08-14T09:00")
    paused = paused.do("suspend_deadline", LEADER, deadline="formal_review", reason="等待鉴定")
    back = done(paused.on("2024-08-30T09:00"), "pass_review", OFFICER).do(
        "take_back", OFFICER, reason="漏看一项"
    )
    stopped = back.subject.deadline("formal_review")
    assert stopped is not None
    assert (back.place, stopped.state, stopped.remaining) == ("formal_review", "suspended", 4)
    on = back.do("resume_deadline", LEADER, deadline="formal_review", reason="鉴定已出")
    running = on.subject.deadline("formal_review")
    assert running is not None
    assert running.due_at == at("2024-09-05T23:59:59.999999")


def test_a_clock_that_was_late_is_late_again_and_nobody_is_told_twice() -> None:
    late = standing_at("formal_review").on("2024-08-22T09:00").swept()
    back = done(late, "pass_review", OFFICER).do("take_back", OFFICER, reason="漏看一项")
    assert [(entry.deadline, entry.kind) for entry in back.events[-1].clock] == [
        ("formal_review", "overdue"),
        ("visit", "cancelled"),
    ]
    assert back.subject.deadlines == late.subject.deadlines
    assert back.swept("2024-09-22T09:00").kinds.count("deadline_passed") == 1


def test_a_calendar_that_came_meanwhile_counts_for_the_restored_clock() -> None:
    first = CALENDAR.arrangements[0]
    blank = calendar_from(each for each in CALENDAR.arrangements if each.year == first.year)
    review = standing_at("papers").knowing(calendar=blank).on("2024-08-13T10:00")
    review = review.do("deliver_papers", DISTRICT, **PAPERS)
    provisional = review.subject.deadline("formal_review")
    assert provisional is not None
    assert provisional.provisional
    passed = done(review, "pass_review", OFFICER)
    known = passed.knowing(calendar=CALENDAR).do("take_back", OFFICER, reason="漏看一项")
    settled = known.subject.deadline("formal_review")
    assert settled is not None
    assert (settled.due_at, settled.provisional) == (at("2024-08-20T23:59:59.999999"), False)
