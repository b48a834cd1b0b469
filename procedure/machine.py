"""The one door through which a subject changes its stage.

``decide`` answers an act with a decision or a refusal; ``settle`` applies what happens by itself; ``evolve``
folds an event into its subject. All are pure: time, calendar and facts are arguments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import pendulum

from procedure import branching, deadlines
from procedure import subject as subjects
from procedure.act import Act, Actor, Decision, Facts, Guard, Refusal
from procedure.acts import ACTS, ActType, Context, Happening, parsed, take
from procedure.barred import barred
from procedure.change import Change
from procedure.definition import ActRule, Holder, Life, Notify, Procedure, Stage
from procedure.entry import OfEntry
from procedure.evaluation import Evaluation
from procedure.event import DATES, ClockEntry, Event, Told, moved_dates
from procedure.instant import day_of, iso
from procedure.publicity import recounted
from procedure.subject import Application, Call, Subject
from procedure.working_days import WorkingCalendar

HOLDER_ROLES: dict[Holder, frozenset[str]] = {
    "applicant": frozenset({"applicant", "member"}),
    "district": frozenset({"district_officer"}),
    "bureau": frozenset({"city_officer", "city_leader", "administrator", "system"}),
    "panel": frozenset({"expert", "city_officer"}),
    "public": frozenset(),
}
"""Who may act for each holder of a deadline."""

MOST_AT_ONCE: Final = 1_000
"""The most events that one settling may bring forth."""


def decide(
    procedure: Procedure, subject: Subject, facts: Facts, act: Act, now: pendulum.DateTime
) -> Decision | Refusal:
    """Return what ``act`` does to ``subject`` at ``now``, or why not.

    Everything that happens by itself up to ``now`` is applied first, so that the answer does not depend on
    when a sweep last ran. Defined for every act, stage and role; never raises for what people ask.
    """
    settled, events = settle(procedure, subject, facts, now)
    answer = _answer(procedure, settled, facts, act, now)
    if isinstance(answer, Refusal):
        return answer
    event, happening = answer
    return Decision(
        before=subject,
        subject=evolve(settled, event),
        events=(*events, event),
        guard=Guard(subject.ref, subject.version),
        consequences=happening.consequences,
    )


def settle(
    procedure: Procedure,
    subject: Subject,
    facts: Facts,
    until: pendulum.DateTime,
    stages: frozenset[str] | None = None,
) -> tuple[Subject, tuple[Event, ...]]:
    """Return the subject after all that happens by itself up to and including ``until``, in order.

    With ``stages`` given it stops where the subject leaves them. Raises RuntimeError after MOST_AT_ONCE
    events, which only a pack whose lapses lead in a circle can reach.
    """
    events: list[Event] = []
    while subject.outcome is None and (stages is None or subject.stage in stages):
        passing = deadlines.next_passing(procedure, subject)
        if passing is None or passing[0] > until:
            break
        event = _pass_by(procedure, subject, facts, passing[1])
        subject = evolve(subject, event)
        events.append(event)
        if len(events) > MOST_AT_ONCE:
            raise RuntimeError(f"{subject.ref}: the lapses of {procedure.code} lead in a circle")
    return subject, tuple(events)


def recalculated(
    procedure: Procedure, subject: Subject, calendar: WorkingCalendar, now: pendulum.DateTime
) -> tuple[Subject, Event] | None:
    """Return the subject with its deadlines, and a call's lists, counted by another calendar.

    None where nothing changes.
    """
    entries = [deadlines.recalculate(deadline, now, calendar) for deadline in subject.deadlines]
    clock = tuple(entry for entry in entries if entry is not None)
    lists = recounted(procedure, subject.record, calendar, now) if isinstance(subject.record, Call) else []
    if not (clock or lists) or subject.outcome is not None:
        return None
    names = {entry.deadline for entry in clock}
    told = [
        Notify(text="deadline_changed", to=("holder", "applicant"))
        for rule in procedure.life(subject.kind).deadlines
        if rule.id in names and "deadline_changed" in procedure.notices
    ]
    event = Event(
        subject.version + 1,
        "calendar_changed",
        now,
        {
            "calendar": calendar.version,
            **({"deadline": clock[0].deadline} if clock else {}),
            **({"lists": lists} if lists else {}),
        },
        clock=clock,
        told=_told(tuple(told)),
    )
    return evolve(subject, event), event


def evolve(subject: Subject, event: Event) -> Subject:
    """Return the subject after ``event``; needs no rule, no calendar and no facts."""
    data = {**event.data, "personal": event.personal} if event.personal else event.data
    occurrences = subject.occurrences
    started = {entry.deadline: entry.occurrence for entry in event.clock if entry.kind == "started"}
    if started:
        occurrences = occurrences | started
    moved = event.stage is not None or event.outcome is not None
    record = subject.record
    if moved and isinstance(record, Application) and record.desk is not None:
        record = replace(record, desk=None)
    record = take(record, event.kind, data, event.effective_at)
    if "seed" in event.data and isinstance(record, Application) and record.seed is None:
        record = replace(record, seed=event.data["seed"])
    return replace(
        subject,
        version=event.seq,
        stage=event.stage or subject.stage,
        outcome=event.outcome if moved else subject.outcome,
        entered_at=event.effective_at if moved else subject.entered_at,
        last_at=event.effective_at,
        record=record,
        dates=subject.dates | moved_dates(data) if DATES in data else subject.dates,
        deadlines=deadlines.after(subject.deadlines, event.clock) if event.clock else subject.deadlines,
        occurrences=occurrences,
    )


def replay(events: Iterable[Event]) -> Subject:
    """Return the subject that its events make, from the first on; ValueError for a broken sequence."""
    subject: Subject | None = None
    for event in events:
        if subject is None:
            if event.kind != "started":
                raise ValueError(f"the first event is {event.kind}, not started")
            subject = subjects.of_plain(event.data["subject"])
        if event.seq != subject.version + 1:
            raise ValueError(f"{subject.ref}: event {event.seq} follows {subject.version}")
        subject = evolve(subject, event)
    if subject is None:
        raise ValueError("no events")
    return subject


def begin(
    procedure: Procedure,
    blank: Subject,
    facts: Facts,
    actor: Actor,
    data: Mapping[str, Any],
    now: pendulum.DateTime,
) -> Decision | Refusal:
    """Return the decision that starts ``blank`` (version 0) at its first stage, or why it may not start."""
    life = procedure.life(blank.kind)
    if actor.role not in life.start_roles:
        return Refusal("role_may_not", {"act": "start", "role": actor.role, "roles": list(life.start_roles)})
    if life.start_while is not None:
        call = facts.call
        if call is None or call.stage != life.start_while or call.outcome is not None:
            return _call_is_not_open(procedure, call)
    kept_away = barred(procedure, facts, blank.lead, day_of(now)) if blank.kind == "application" else None
    if kept_away is not None:
        return kept_away
    if facts.other_open_case is not None:
        return Refusal("one_open_case", {"case": facts.other_open_case})
    clock, notify = _enter(procedure, life, blank, life.start, facts, now)
    data = {**data, **_seed(life, blank, life.start, facts), "subject": subjects.plain(blank)}
    event = Event(1, "started", now, data, stage=life.start, clock=clock, told=_told(notify))
    return Decision(blank, evolve(blank, event), (event,), Guard(blank.ref, 0))


def _answer(
    procedure: Procedure, subject: Subject, facts: Facts, act: Act, now: pendulum.DateTime
) -> tuple[Event, Happening] | Refusal:
    life = procedure.life(subject.kind)
    spec = ACTS.get(act.name)
    if spec is None:
        return Refusal("unknown_act", {"act": act.name})
    stage = life.stage[subject.stage]
    if subject.outcome is None:
        rule = stage.acts.get(act.name) or life.everywhere.get(act.name)
    else:
        rule = life.afterwards.get(act.name)
        if rule is None:
            return _closed(life, subject, act)
    if rule is None:
        return Refusal(
            "act_not_at_this_stage",
            {"act": act.name, "stage": stage.id, "acts": sorted(life.acts(stage.id)), "holder": stage.holder},
        )
    if act.actor.role not in rule.roles:
        return Refusal(
            "role_may_not",
            {"act": act.name, "stage": stage.id, "role": act.actor.role, "roles": list(rule.roles)},
        )
    if subject.last_at is not None and now < subject.last_at:
        return Refusal("clock_behind", {"now": iso(now), "last": iso(subject.last_at)})
    refused = standing(procedure, subject, act.actor)
    if refused is not None:
        return refused
    payload = parsed(spec.name, spec.payload, act.payload)
    if isinstance(payload, Refusal):
        return payload
    happening = spec.decide(Context(procedure, subject, stage, rule, facts, act.actor, now), payload)
    if isinstance(happening, Refusal):
        return happening
    return _record(procedure, life, subject, facts, spec, rule, happening, now)


def _record(
    procedure: Procedure,
    life: Life,
    subject: Subject,
    facts: Facts,
    spec: ActType,
    rule: ActRule,
    happening: Happening,
    now: pendulum.DateTime,
) -> tuple[Event, Happening] | Refusal:
    target, notify = rule.to, rule.notify
    if rule.branches:
        branch = branching.branch(procedure, subject, rule, happening.seen)
        if branch.refuse is not None:
            return Refusal(branch.refuse, dict(happening.data), branch.clause or rule.clause)
        target, notify = branch.to, notify + branch.notify
    clock: tuple[ClockEntry, ...] = happening.clock
    data = dict(happening.data)
    stage = outcome = None
    target = happening.goes_to or target
    if happening.back_to is not None:
        stage = happening.back_to
    elif target is not None:
        stage, outcome = (target, None) if target in life.stage else (None, target)
        met = _met_by(life.stage[subject.stage], spec.name, rule)
        entered, entry_notify = _enter(procedure, life, subject, target, facts, now, met)
        clock, notify = clock + entered, notify + entry_notify
        data |= _seed(life, subject, target, facts)
    event = Event(
        seq=subject.version + 1,
        kind=spec.event,
        effective_at=now,
        data=data,
        personal=dict(happening.personal),
        stage=stage,
        outcome=outcome,
        clock=clock,
        told=_told(notify),
    )
    return event, happening


def _pass_by(procedure: Procedure, subject: Subject, facts: Facts, deadline: deadlines.Deadline) -> Event:
    life = procedure.life(subject.kind)
    rule = life.deadline[deadline.name]
    # A deadline may start after its instant: a call announced late, the deadline before it extended.
    at = max(deadline.due_at, subject.last_at or deadline.due_at)
    entry = deadlines.pass_by(rule, deadline, at)
    data: dict[str, Any] = {"deadline": rule.id, "due": iso(deadline.due_at)}
    public = subject.record.publicity if isinstance(subject.record, Application) else None
    if public is not None and public.deadline == rule.id:
        data["publicity_over"] = True
    if rule.lapse is None:
        return Event(
            subject.version + 1,
            "deadline_passed",
            at,
            data,
            clock=(entry,),
            told=_told(rule.overdue),
        )
    target = rule.lapse.to
    remaining = replace(subject, deadlines=deadlines.after(subject.deadlines, (entry,)))
    clock, notify = _enter(procedure, life, remaining, target, facts, at)
    moves_on = target in life.stage
    return Event(
        subject.version + 1,
        "deadline_lapsed",
        at,
        data | _seed(life, subject, target, facts),
        stage=target if moves_on else None,
        outcome=None if moves_on else target,
        clock=(entry, *clock),
        told=_told(rule.lapse.notify + notify),
    )


def _enter(
    procedure: Procedure,
    life: Life,
    subject: Subject,
    target: str,
    facts: Facts,
    at: pendulum.DateTime,
    met: frozenset[Holder] = frozenset(),
) -> tuple[tuple[ClockEntry, ...], tuple[Notify, ...]]:
    """Return what entering ``target`` does to the clocks, and whom it is told to.

    A deadline that ends with it is met when its holder is one of ``met``, else cancelled.
    """
    stage: Stage | None = life.stage.get(target)
    runs: tuple[str, ...] = stage.deadlines if stage is not None else ()
    suspends: tuple[str, ...] = stage.suspends if stage is not None else ()
    lines: list[ClockEntry] = []
    for deadline in subject.deadlines:
        rule = life.deadline[deadline.name]
        if deadline.name in runs:
            if deadline.state == "suspended":
                lines.append(deadlines.resume(rule, deadline, at, facts.calendar))
        elif deadline.name in suspends:
            if deadline.state == "running":
                lines.append(deadlines.suspend(rule, deadline, at, facts.calendar))
        else:
            kept = deadline.state != "suspended" and rule.holder in met
            lines.append(deadlines.end(deadline, at, met=kept))
    for name in runs:
        if subject.deadline(name) is None:
            started = deadlines.begin(procedure, life.deadline[name], subject, at, facts.calendar)
            if started is not None:
                lines.append(started)
    notify = stage.notify if stage is not None else life.outcome[target].notify
    return tuple(lines), notify


def _seed(life: Life, subject: Subject, target: str, facts: Facts) -> dict[str, str]:
    """Return the seed that entering ``target`` fixes: once in a case, before anybody sees the pool."""
    stage = life.stage.get(target)
    record = subject.record
    if stage is None or not stage.seeds or not isinstance(record, Application) or record.seed is not None:
        return {}
    if facts.entropy is None:
        raise ValueError(f"{subject.ref} enters {target}, which fixes a seed, but the facts bring no entropy")
    return {"seed": facts.entropy}


def _met_by(stage: Stage, act: str, rule: ActRule) -> frozenset[Holder]:
    """Return the holders whose deadlines ``act`` meets: those of whom the stage asks it, whoever does it.

    An act possible everywhere, such as a withdrawal, leaves the stage without doing what it asks.
    """
    if act not in stage.acts:
        return frozenset()
    return frozenset(holder for holder, roles in HOLDER_ROLES.items() if not roles.isdisjoint(rule.roles))


def _told(notify: tuple[Notify, ...]) -> tuple[Told, ...]:
    told: dict[str, tuple[str, ...]] = {}
    for notice in notify:
        told[notice.text] = tuple(dict.fromkeys((*told.get(notice.text, ()), *notice.to)))
    return tuple(Told(text, to) for text, to in told.items())


def standing(procedure: Procedure, subject: Subject, actor: Actor) -> Refusal | None:
    """Return None when the subject is the actor's to act on, else the refusal that says it is not."""
    if actor.role == "system":
        return None
    record = subject.record
    if isinstance(record, Application):
        stands = {
            "applicant": actor.organisation == record.lead,
            "member": record.member(actor.organisation) is not None,
            "district_officer": actor.bureau == record.district,
            "expert": actor.person in record.panel,
            "public": True,
        }.get(actor.role, actor.bureau == procedure.bureau.code)
    elif isinstance(record, OfEntry):
        stands = {
            "applicant": actor.organisation == record.lead,
            "district_officer": actor.bureau == record.district,
            "expert": isinstance(record, Evaluation) and actor.person in record.experts,
            # Whose consent a change needs, the act tells by name.
            "member": isinstance(record, Change),
        }.get(actor.role, actor.bureau == procedure.bureau.code)
    else:
        stands = actor.bureau == procedure.bureau.code
    if stands:
        return None
    if isinstance(record, Application) and actor.role == "expert" and actor.person in record.barred:
        return Refusal("excluded_from_case", {"ref": subject.ref})
    if actor.role == "expert" and not isinstance(record, Call) and actor.bureau == procedure.bureau.code:
        return Refusal("no_seat", {"ref": subject.ref})
    return Refusal(
        "not_yours",
        {"ref": subject.ref, "role": actor.role, "acting_for": actor.organisation or actor.bureau or ""},
    )


def _closed(life: Life, subject: Subject, act: Act) -> Refusal:
    outcome = life.outcome[subject.outcome or ""]
    since = iso(subject.entered_at) if subject.entered_at else ""
    return Refusal("closed", {"act": act.name, "outcome": outcome.id, "since": since}, outcome.clause)


def _call_is_not_open(procedure: Procedure, call: Subject | None) -> Refusal:
    dates = {name: iso(at) for name, at in call.dates.items()} if call is not None else dict[str, str]()
    stage = None if call is None else call.stage
    clause = next(
        (stage.clause for stage in procedure.call.stages if stage.id == procedure.application.start_while),
        None,
    )
    return Refusal("call_not_open", {"stage": stage, "dates": dates}, clause)
