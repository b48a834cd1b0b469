"""The legal clock, exact to the microsecond: start, suspend, resume, extend, overdue, lapse, re-arm."""

from dataclasses import replace

import pytest
from yueyang_walk import (
    APPLICANT,
    DATES,
    DISTRICT,
    EXPERTS,
    LEADER,
    OFFICER,
    PACK,
    PAPERS,
    RETURN,
    SYSTEM,
    UNIVERSITY,
    Walk,
    at,
    at_stage,
    document,
    filled_in,
    new_call,
    new_case,
)

from procedure.definition import Procedure
from procedure.event import ClockEntry
from procedure.machine import recalculated
from procedure.subject import Deadline
from procedure.working_days import calendar_from, state_council

CALENDAR = state_council().version


def clock(walk: Walk, name: str) -> Deadline:
    found = walk.subject.deadline(name)
    assert found is not None
    return found


def lines(walk: Walk, name: str) -> list[tuple[str, int, str, str | None]]:
    """Kind, occurrence, instant and due instant after of each line of a deadline's ledger."""
    return [
        (entry.kind, entry.occurrence, short(entry.at), entry.due_after and short(entry.due_after))
        for event in walk.events
        for entry in event.clock
        if entry.deadline == name
    ]


def short(moment: object) -> str:
    return str(moment).removesuffix("+08:00").replace(" ", "T")


def last_line(walk: Walk, name: str) -> ClockEntry:
    return [entry for event in walk.events for entry in event.clock if entry.deadline == name][-1]


def in_formal_review(day: str) -> Walk:
    """Return a case whose formal review began on ``day``, in a call whose dates lie just before it."""
    began = at(f"{day}T10:00")
    dates = {
        "filing_opens": began.subtract(days=20),
        "filing_closes": began.subtract(days=2),
        "recommendation_due": began.subtract(days=1),
        "papers_due": began.add(hours=1),
    }
    walk = filled_in(new_case(began.subtract(days=3).isoformat(), dates)).do("submit", APPLICANT)
    walk = walk.do("accept_online", DISTRICT).do("endorse", DISTRICT, opinion="同意")
    return walk.on(began.isoformat()).do("deliver_papers", DISTRICT, **PAPERS)


# --- fixed instants ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "place"),
    [
        ("2024-08-04T17:59:59.999999", "recommendation"),
        ("2024-08-04T18:00:00.000000", "recommendation"),
        ("2024-08-04T18:00:00.000001", "draft_not_accepted"),
        ("2024-08-04T18:00:00.001", "draft_not_accepted"),
    ],
)
def test_eighteen_hundred_sharp_is_in_time_and_a_microsecond_later_is_not(moment: str, place: str) -> None:
    walk = at_stage("draft").on(moment)
    if place == "recommendation":
        assert walk.do("submit", APPLICANT).place == place
    else:
        assert walk.refused("submit", APPLICANT).facts["outcome"] == place
        assert walk.swept().place == place


def test_a_lapse_takes_effect_at_the_deadline_however_late_it_is_noticed() -> None:
    walk = at_stage("recommendation").swept("2025-03-01T00:00")
    assert walk.place == "not_accepted"
    assert walk.subject.last_at == walk.subject.entered_at == at("2024-08-09T18:00")
    assert lines(walk, "recommendation") == [
        ("started", 1, "2024-08-04T18:00:00", "2024-08-09T18:00:00"),
        ("lapsed", 1, "2024-08-09T18:00:00", None),
    ]
    assert walk.events[-1].data == {"deadline": "recommendation", "due": "2024-08-09T18:00:00+08:00"}


def test_the_stamped_papers_count_through_the_end_of_the_day_and_lateness_decides_nothing() -> None:
    in_time = at_stage("papers").on("2024-08-13T23:59:59.999999").do("deliver_papers", DISTRICT, **PAPERS)
    assert in_time.place == "formal_review"
    walk = at_stage("papers").swept("2024-08-14T00:00")
    assert walk.place == "papers"
    assert clock(walk, "papers").state == "overdue"
    assert walk.events[-1].kind == "deadline_passed"
    assert walk.events[-1].effective_at == at("2024-08-13T23:59:59.999999")
    assert walk.swept("2026-01-01T00:00").events == walk.events
    late = walk.do("deliver_papers", DISTRICT, **PAPERS)
    assert late.place == "late_papers"
    assert late.subject.application.papers is not None
    assert late.subject.application.papers.late


def test_an_exclusive_deadline_passes_at_its_instant() -> None:
    call = new_call()
    assert call.swept("2024-07-03T23:59:59.999999").place == "announced"
    assert call.swept("2024-07-04T00:00").place == "open"


def test_a_call_announced_after_its_opening_opens_at_once_and_never_in_the_past() -> None:
    # The notice was posted on 5 July; its window opened on the 4th.
    call = new_call("2024-07-05T09:00").swept()
    assert call.place == "open"
    assert [event.effective_at for event in call.events] == [at("2024-07-05T09:00")] * 2
    assert lines(call, "window_opening") == [
        ("started", 1, "2024-07-05T09:00:00", "2024-07-04T00:00:00"),
        ("lapsed", 1, "2024-07-05T09:00:00", None),
    ]


def test_a_recommendation_extended_past_the_papers_makes_them_overdue_at_once_and_never_in_the_past() -> None:
    walk = at_stage("recommendation").on("2024-08-08T09:00").do("accept_online", DISTRICT)
    walk = walk.do(
        "extend_deadline", LEADER, deadline="recommendation", until="2024-08-20T18:00", reason="暴雨"
    )
    walk = walk.on("2024-08-15T10:00").do("endorse", DISTRICT, opinion="同意")
    swept = walk.swept("2024-08-15T10:01")
    assert swept.events[-1].kind == "deadline_passed"
    assert swept.subject.last_at == at("2024-08-15T10:00")
    assert lines(swept, "papers") == [
        ("started", 1, "2024-08-15T10:00:00", "2024-08-13T23:59:59.999999"),
        ("overdue", 1, "2024-08-15T10:00:00", None),
    ]
    late = swept.on("2024-08-15T10:02").do("deliver_papers", DISTRICT, **PAPERS)
    assert late.place == "late_papers"


# --- working days -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "due"),
    [
        ("2024-08-14", "2024-08-21"),  # a plain week
        ("2024-09-12", "2024-09-20"),  # Mid-Autumn 15 to 17 September, Saturday the 14th worked
        ("2024-09-27", "2024-10-10"),  # Sunday 29 September worked, 1 to 7 October off
        ("2024-09-30", "2024-10-12"),  # Saturday 12 October worked
        ("2025-01-24", "2025-02-07"),  # Spring Festival 28 Jan to 4 Feb, 26 Jan and 8 Feb worked
        ("2025-09-26", "2025-10-10"),  # 1 to 8 October off, Sunday 28 September worked
        ("2025-09-30", "2025-10-14"),  # Saturday 11 October worked
        ("2026-12-24", "2026-12-31"),  # the last days of a published year
    ],
)
def test_five_working_days_end_with_the_fifth(entered: str, due: str) -> None:
    walk = in_formal_review(entered)
    running = clock(walk, "formal_review")
    assert running == Deadline(
        "formal_review",
        1,
        "bureau",
        "running",
        at(f"{entered}T10:00"),
        at(f"{due}T23:59:59.999999"),
        counted_from=at(f"{entered}T10:00"),
        days=5,
    )
    assert clock(walk.swept(f"{due}T23:59:59.999999"), "formal_review").state == "running"
    overdue = walk.swept(at(f"{due}T23:59:59.999999").add(microseconds=1).isoformat())
    assert clock(overdue, "formal_review").state == "overdue"
    assert last_line(overdue, "formal_review").due_before == at(f"{due}T23:59:59.999999")


def test_a_date_in_an_unpublished_year_is_provisional_and_says_so() -> None:
    walk = in_formal_review("2026-12-28")
    running = clock(walk, "formal_review")
    assert (running.due_at, running.provisional) == (at("2027-01-04T23:59:59.999999"), True)
    assert last_line(walk, "formal_review").provisional
    assert last_line(walk, "formal_review").calendar == CALENDAR
    returned = walk.on("2026-12-29T09:00").do("return_for_correction", OFFICER, **RETURN)
    assert clock(returned, "formal_correction").provisional
    resumed = returned.on("2026-12-29T17:00").do("resubmit", APPLICANT)
    assert clock(resumed, "formal_review").due_at == at("2027-01-04T23:59:59.999999")
    assert clock(resumed, "formal_review").provisional


def test_the_day_of_the_event_is_not_counted_whatever_the_hour() -> None:
    for hour in ("00:00", "23:59:59.999999"):
        walk = at_stage("formal_review").on(f"2024-08-14T{hour}").do("pass_review", OFFICER)
        assert clock(walk, "visit").due_at == at("2024-08-28T23:59:59.999999")


# --- suspension and resumption ----------------------------------------------------------------------


def test_a_return_stops_the_authoritys_clock_and_keeps_the_days_that_were_left() -> None:
    walk = at_stage("formal_correction")  # returned on 14 August, due on the 20th
    stopped = clock(walk, "formal_review")
    assert (stopped.state, stopped.remaining) == ("suspended", 4)
    back = walk.on("2024-08-20T16:00").do("resubmit", APPLICANT)
    running = clock(back, "formal_review")
    assert (running.state, running.remaining) == ("running", None)
    assert running.due_at == at("2024-08-26T23:59:59.999999")
    assert (running.occurrence, running.base_at) == (1, at("2024-08-13T10:00"))
    assert lines(back, "formal_review") == [
        ("started", 1, "2024-08-13T10:00:00", "2024-08-20T23:59:59.999999"),
        ("suspended", 1, "2024-08-14T09:00:00", None),
        ("resumed", 1, "2024-08-20T16:00:00", "2024-08-26T23:59:59.999999"),
    ]


def test_suspended_and_resumed_on_the_same_day_changes_no_date() -> None:
    walk = at_stage("formal_correction").on("2024-08-14T17:00").do("resubmit", APPLICANT)
    assert clock(walk, "formal_review").due_at == at("2024-08-20T23:59:59.999999")


def test_suspended_on_the_last_day_it_ends_with_the_day_of_the_resumption() -> None:
    walk = at_stage("formal_review").on("2024-08-20T23:59").do("return_for_correction", OFFICER, **RETURN)
    assert clock(walk, "formal_review").remaining == 0
    working = walk.on("2024-08-22T09:00").do("resubmit", APPLICANT)
    assert clock(working, "formal_review").due_at == at("2024-08-22T23:59:59.999999")
    saturday = walk.on("2024-08-24T09:00").do("resubmit", APPLICANT)
    assert clock(saturday, "formal_review").due_at == at("2024-08-26T23:59:59.999999")


def test_a_suspended_clock_never_passes() -> None:
    walk = at_stage("formal_review").on("2024-08-14T09:00")
    walk = walk.do("suspend_deadline", LEADER, deadline="formal_review", reason="等待司法结论")
    assert walk.swept("2029-01-01T00:00").events == walk.events
    back = walk.on("2025-09-30T09:00").do("resume_deadline", LEADER, deadline="formal_review", reason="恢复")
    assert clock(back, "formal_review").due_at == at("2025-10-13T23:59:59.999999")
    assert [event.clock[0].reason for event in back.events[-2:]] == ["等待司法结论", "恢复"]


def test_an_overdue_clock_stays_overdue_through_a_return() -> None:
    walk = at_stage("formal_review").on("2024-08-21T09:00").do("return_for_correction", OFFICER, **RETURN)
    assert walk.kinds[-2:] == ["deadline_passed", "returned_for_correction"]
    assert clock(walk, "formal_review").state == "overdue"
    assert clock(walk.do("resubmit", APPLICANT), "formal_review").state == "overdue"


def test_an_overdue_clock_that_a_return_stops_is_not_extended_meanwhile() -> None:
    walk = at_stage("formal_review").on("2024-08-21T09:00").do("return_for_correction", OFFICER, **RETURN)
    asked = {"deadline": "formal_review", "until": "2024-09-30", "reason": "材料多"}
    refusal = walk.refused("extend_deadline", LEADER, **asked)
    assert refusal.code == "suspended_by_the_stage"
    assert refusal.facts == {"deadline": "formal_review", "stage": "formal_correction"}
    back = walk.do("resubmit", APPLICANT).do("extend_deadline", LEADER, **asked)
    assert clock(back, "formal_review").state == "running"


def extended(until: str) -> Walk:
    return at_stage("formal_review").do(
        "extend_deadline", LEADER, deadline="formal_review", until=until, reason="材料多"
    )


def test_a_pause_never_shortens_a_deadline_extended_to_a_day_off() -> None:
    sunday = extended("2024-08-25")
    paused = sunday.on("2024-08-15T09:00").do("return_for_correction", OFFICER, **RETURN)
    assert clock(paused.do("revoke_return", OFFICER), "formal_review").due_at == at(
        "2024-08-25T23:59:59.999999"
    )


def test_a_clock_resumed_on_its_last_day_does_not_end_before_the_resumption() -> None:
    noon = extended("2024-08-21T12:00")
    paused = noon.on("2024-08-21T10:00").do("return_for_correction", OFFICER, **RETURN)
    back = paused.on("2024-08-22T15:00").do("resubmit", APPLICANT)
    assert clock(back, "formal_review").due_at == at("2024-08-22T23:59:59.999999")


def test_an_extended_hour_of_the_day_survives_a_pause() -> None:
    noon = extended("2024-08-22T12:00")
    paused = noon.on("2024-08-20T10:00").do("return_for_correction", OFFICER, **RETURN)
    back = paused.on("2024-08-26T15:00").do("resubmit", APPLICANT)
    assert clock(back, "formal_review").due_at == at("2024-08-28T12:00")


def pausing_recommendation() -> Procedure:
    """Yueyang's pack with the setting other cities chose: the recommendation's instant stops meanwhile."""
    stages = tuple(
        stage.model_copy(
            update={"deadlines": ("recommendation_correction",), "suspends": ("recommendation",)}
        )
        if stage.id == "recommendation_correction"
        else stage
        for stage in PACK.application.stages
    )
    life = PACK.application.model_copy(update={"stages": stages})
    life.__dict__.pop("stage", None)
    return PACK.model_copy(update={"application": life})


def test_a_fixed_instant_that_is_suspended_keeps_what_was_left_to_the_microsecond() -> None:
    walk = replace(at_stage("recommendation"), procedure=pausing_recommendation())
    walk = walk.on("2024-08-09T17:59:59.5").do("return_for_correction", DISTRICT, **RETURN)
    assert clock(walk, "recommendation").remaining == 500_000
    back = walk.on("2024-08-12T09:00").do("resubmit", APPLICANT)
    assert clock(back, "recommendation").due_at == at("2024-08-12T09:00:00.5")
    assert back.swept("2024-08-12T09:00:00.5").place == "recommendation"
    assert back.swept("2024-08-12T09:00:00.500001").place == "not_accepted"


def test_an_extended_clock_that_ran_on_into_an_unpublished_year_is_counted_anew_once_it_is_known() -> None:
    calendar = state_council()
    until_then = calendar_from(each for each in calendar.arrangements if each.year <= 2024)
    walk = extended("2024-12-25").knowing(calendar=until_then).on("2024-12-20T09:00")
    walk = walk.do("suspend_deadline", LEADER, deadline="formal_review", reason="等待鉴定")
    walk = walk.on("2024-12-30T09:00").do("resume_deadline", LEADER, deadline="formal_review", reason="恢复")
    running = clock(walk, "formal_review")
    assert (running.due_at, running.provisional) == (at("2025-01-02T23:59:59.999999"), True)
    found = recalculated(PACK, walk.subject, calendar, at("2024-12-31T09:00"))
    assert found is not None
    (known,) = found[0].deadlines
    assert (known.due_at, known.provisional) == (at("2025-01-03T23:59:59.999999"), False)


def test_an_extension_to_a_day_off_outlasts_a_pause_and_another_calendar() -> None:
    sunday = extended("2024-08-25").on("2024-08-23T09:00")
    sunday = sunday.do("suspend_deadline", LEADER, deadline="formal_review", reason="等待鉴定")
    back = sunday.do("resume_deadline", LEADER, deadline="formal_review", reason="恢复")
    assert recalculated(PACK, back.subject, state_council(), at("2024-08-23T09:00")) is None
    assert clock(back, "formal_review").due_at == at("2024-08-25T23:59:59.999999")


# --- extension --------------------------------------------------------------------------------------


def test_an_extension_to_a_day_runs_through_its_end_and_keeps_its_reason() -> None:
    walk = extended("2024-09-30")
    assert clock(walk, "formal_review") == Deadline(
        "formal_review",
        1,
        "bureau",
        "running",
        at("2024-08-13T10:00"),
        at("2024-09-30T23:59:59.999999"),
    )
    assert last_line(walk, "formal_review") == ClockEntry(
        "formal_review",
        1,
        "extended",
        at("2024-08-13T10:00"),
        due_before=at("2024-08-20T23:59:59.999999"),
        due_after=at("2024-09-30T23:59:59.999999"),
        reason="材料多",
    )


def test_an_extension_without_hyphens_is_a_day_too() -> None:
    assert clock(extended("20240930"), "formal_review").due_at == at("2024-09-30T23:59:59.999999")


def test_an_overdue_deadline_can_be_extended_and_passes_again() -> None:
    walk = at_stage("formal_review").on("2024-08-26T09:00")
    walk = walk.do("extend_deadline", LEADER, deadline="formal_review", until="2024-08-26", reason="补时")
    assert lines(walk.swept("2024-08-27T00:00"), "formal_review") == [
        ("started", 1, "2024-08-13T10:00:00", "2024-08-20T23:59:59.999999"),
        ("overdue", 1, "2024-08-20T23:59:59.999999", None),
        ("extended", 1, "2024-08-26T09:00:00", "2024-08-26T23:59:59.999999"),
        ("overdue", 1, "2024-08-26T23:59:59.999999", None),
    ]


@pytest.mark.parametrize(
    ("until", "code"),
    [
        ("2024-08-20", "not_later"),  # what it is already
        ("2024-08-20T23:59:59.999999", "not_later"),
        ("2024-08-01", "not_later"),
        ("2024-02-30", "bad_time"),
        ("tomorrow", "bad_time"),
        ("", "bad_time"),
        ("2061-01-01", "bad_time"),  # after the last day that the calendar can count
        ("9999-12-31", "bad_time"),
        ("0001-01-01T00:00+14:00", "bad_time"),
        ("9999-12-31T23:59-14:00", "bad_time"),
    ],
)
def test_an_extension_goes_to_a_later_instant_that_can_be_reached(until: str, code: str) -> None:
    refusal = at_stage("formal_review").refused(
        "extend_deadline", LEADER, deadline="formal_review", until=until, reason="x"
    )
    assert (refusal.code, refusal.facts["field"]) == (code, "until")


def test_an_extension_may_be_given_with_another_offset() -> None:
    assert clock(extended("2024-08-31T16:00+00:00"), "formal_review").due_at == at("2024-09-01T00:00")


@pytest.mark.parametrize(
    ("stage", "act", "deadline"),
    [
        ("draft", "extend_deadline", "filing"),
        ("recommendation", "suspend_deadline", "recommendation"),
        ("papers", "suspend_deadline", "papers"),
        ("formal_correction", "suspend_deadline", "formal_correction"),
    ],
)
def test_a_deadline_allows_only_what_the_pack_says(stage: str, act: str, deadline: str) -> None:
    more = {"until": "2024-12-31"} if act == "extend_deadline" else {}
    refusal = at_stage(stage).refused(act, LEADER, deadline=deadline, reason="x", **more)
    assert refusal.code == "deadline_may_not"
    assert refusal.facts == {"deadline": deadline, "what": act.removesuffix("_deadline")}
    assert refusal.clause == PACK.application.deadline[deadline].clause


# --- how deadlines end ------------------------------------------------------------------------------


def end_of_ledger(walk: Walk) -> dict[str, str]:
    """The last line's kind of every deadline that ended with the last event."""
    return {
        entry.deadline: entry.kind
        for entry in walk.events[-1].clock
        if entry.kind in ("met", "cancelled", "lapsed")
    }


def test_a_deadline_is_met_by_the_act_that_its_stage_asks_for() -> None:
    assert end_of_ledger(at_stage("recommendation")) == {"filing": "met"}
    assert end_of_ledger(at_stage("papers")) == {"recommendation": "met"}
    assert end_of_ledger(at_stage("formal_review")) == {"papers": "met"}
    assert end_of_ledger(at_stage("site_visit")) == {"formal_review": "met"}
    assert end_of_ledger(at_stage("selection")) == {"expert_review": "met"}
    assert end_of_ledger(at_stage("filing")) == {"selection": "met"}


def test_papers_are_delivered_in_time_though_the_city_officer_records_it() -> None:
    walk = at_stage("papers").on("2024-08-13T10:00").do("deliver_papers", OFFICER, **PAPERS)
    assert end_of_ledger(walk) == {"papers": "met"}


def test_a_withdrawal_meets_no_deadline() -> None:
    assert end_of_ledger(at_stage("draft").do("withdraw", APPLICANT, reason="不报了")) == {
        "filing": "cancelled"
    }
    assert end_of_ledger(at_stage("formal_correction").do("withdraw", APPLICANT, reason="不报了")) == {
        "formal_review": "cancelled",
        "formal_correction": "cancelled",
    }


def test_a_lapse_meets_no_other_deadline() -> None:
    expired = at_stage("formal_correction").swept("2024-08-22T00:00")
    assert end_of_ledger(expired) == {"formal_review": "cancelled", "formal_correction": "lapsed"}


def test_refused_papers_were_not_delivered_in_time() -> None:
    walk = at_stage("papers").on("2024-08-15T09:00").do("refuse_papers", OFFICER, reason="未送达")
    assert end_of_ledger(walk) == {"papers": "cancelled"}


# --- re-arming --------------------------------------------------------------------------------------


def test_every_deadline_rearms_on_reentry_as_a_new_occurrence() -> None:
    walk = at_stage("formal_correction").on("2024-08-15T09:00")
    walk = walk.do("attach_document", APPLICANT, **document("implementation_plan", digest="b" * 64))
    walk = walk.do("resubmit", APPLICANT).on("2024-08-19T09:00")
    walk = walk.do("return_for_correction", OFFICER, **RETURN)
    assert lines(walk, "formal_correction") == [
        ("started", 1, "2024-08-14T09:00:00", "2024-08-21T23:59:59.999999"),
        ("met", 1, "2024-08-15T09:00:00", None),
        ("started", 2, "2024-08-19T09:00:00", "2024-08-26T23:59:59.999999"),
    ]
    assert clock(walk, "formal_correction").occurrence == 2
    assert walk.swept("2024-08-26T23:59:59.999999").place == "formal_correction"
    assert walk.swept("2024-08-27T00:00").place == "correction_expired"


def test_the_fixed_recommendation_instant_keeps_running_during_a_correction_for_the_district() -> None:
    walk = at_stage("recommendation").on("2024-08-08T09:00").do("return_for_correction", DISTRICT, **RETURN)
    assert clock(walk, "recommendation").state == "running"
    assert clock(walk, "recommendation_correction").due_at == at("2024-08-15T23:59:59.999999")
    lapsed = walk.swept("2024-08-09T18:00:00.000001")
    assert lapsed.place == "not_accepted"
    assert end_of_ledger(lapsed) == {"recommendation": "lapsed", "recommendation_correction": "cancelled"}
    back = walk.on("2024-08-09T18:00").do("resubmit", APPLICANT)
    assert clock(back, "recommendation") == clock(walk, "recommendation")
    assert back.swept("2024-08-09T18:00:00.000001").place == "not_accepted"


def test_a_correction_for_the_district_that_expires_first_ends_the_case() -> None:
    walk = at_stage("recommendation").on("2024-08-05T09:00")
    walk = walk.do(
        "extend_deadline", LEADER, deadline="recommendation", until="2024-08-30T18:00", reason="洪水"
    ).do("return_for_correction", DISTRICT, **RETURN)
    assert walk.swept("2024-08-12T23:59:59.999999").place == "recommendation_correction"
    assert walk.swept("2024-08-13T00:00").place == "correction_expired"


def test_lapses_that_lead_in_a_circle_end_with_an_error_instead_of_never() -> None:
    deadlines = tuple(
        rule.model_copy(update={"lapse": rule.lapse.model_copy(update={"to": "draft"})})
        if rule.id == "filing" and rule.lapse is not None
        else rule
        for rule in PACK.application.deadlines
    )
    life = PACK.application.model_copy(update={"deadlines": deadlines})
    life.__dict__.pop("deadline", None)
    walk = replace(at_stage("draft"), procedure=PACK.model_copy(update={"application": life}))
    with pytest.raises(RuntimeError, match="YY2024-0001: the lapses of yueyang-2024 lead in a circle"):
        walk.swept("2024-08-05T00:00")


def test_a_rolling_call_without_the_date_starts_no_such_clock() -> None:
    dates = {name: moment for name, moment in DATES.items() if name != "filing_closes"}
    walk = new_case(dates=dates)
    assert walk.subject.deadlines == ()
    assert walk.subject.deadline("filing") is None
    assert walk.swept("2030-01-01T00:00").place == "draft"


def test_the_panels_clock_and_the_list_s_clock_only_remind() -> None:
    for stage, name in (
        ("expert_review", "expert_review"),
        ("selection", "selection"),
        ("filing", "document"),
    ):
        walk = at_stage(stage).swept("2026-01-01T00:00")
        assert walk.place == stage
        assert clock(walk, name).state == "overdue"
        assert walk.events[-1].told
    overdue = at_stage("selection").swept("2024-10-01T00:00").do("be_selected", SYSTEM, rank=1)
    assert end_of_ledger(overdue) == {"selection": "met"}
    assert EXPERTS[0].role == "expert"
    assert UNIVERSITY
