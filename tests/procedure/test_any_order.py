"""Random acts at random times: closed stays closed, replay gives the same case, sweeps change no outcome."""

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from yueyang_walk import (
    BY_ROLE,
    EXPERTS,
    FORM,
    MEMBER_FORM,
    PACK,
    STAGES,
    STRANGER,
    UNIVERSITY,
    Walk,
    at_stage,
    document,
    new_case,
    replayed,
)

from procedure import event, subject
from procedure.act import Act, Actor, Decision, Refusal
from procedure.acts import ACTS
from procedure.deadlines import first_late, next_passing
from procedure.definition import ActRule
from procedure.machine import decide, settle
from procedure.subject import Subject

LAG = datetime.timedelta(seconds=30)
LIFE = PACK.application

ITEMS = ("document:implementation_plan", "lead.rd_spending", "consortium.direction", "lead.nothing")
DAYS = ("2024-08-30", "2024-10-31", "2025-02-03", "2026-12-31", "2027-03-01", "2024-07-01")
REASON = st.sampled_from(["理由", "理由", "理由", ""])

PAYLOADS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "save_draft": st.sampled_from(
        [
            {"fields": FORM},
            {"fields": {"lead.rd_spending": "12000000"}},
            {"fields": {"lead.rd_spending": "9999999.99"}},
            {"fields": {"consortium.contact_name": "李四"}},
            {"members": {UNIVERSITY: MEMBER_FORM}},
            {"fields": {"lead.rd_spending": "-1"}},
        ]
    ),
    "invite_member": st.sampled_from(
        [{"uscc": UNIVERSITY}, {"uscc": STRANGER, "name": "乙公司", "kind": "enterprise"}, {"uscc": "x"}]
    ),
    "remove_member": st.sampled_from([{"uscc": UNIVERSITY}, {"uscc": STRANGER}]),
    "decline_membership": st.fixed_dictionaries({"reason": REASON}),
    "attach_document": st.sampled_from(
        [
            document("application_form"),
            document("implementation_plan"),
            document("implementation_plan", digest="f" * 64),
            document("cooperation_agreement"),
            document("cooperation_agreement", member=UNIVERSITY),
            document("recommendation_letter"),
        ]
    ),
    "remove_document": st.sampled_from([{"material": "implementation_plan"}, {"material": "attachment"}]),
    "withdraw": st.fixed_dictionaries({"reason": REASON}),
    "endorse": st.fixed_dictionaries({"opinion": REASON}, optional={"position": st.integers(1, 3)}),
    "decline": st.fixed_dictionaries({"reason": REASON}),
    "return_for_correction": st.lists(
        st.fixed_dictionaries({"item": st.sampled_from(ITEMS), "remark": REASON}), min_size=1, max_size=3
    ).map(lambda items: {"items": items}),
    "deliver_papers": st.fixed_dictionaries(
        {
            "letter": st.sampled_from([True, True, True, False]),
            "finance_signed": st.booleans(),
            "application_copies": st.sampled_from([0, 1]),
            "summary_copies": st.sampled_from([2, 2, 1]),
        }
    ),
    "accept_late_papers": st.fixed_dictionaries({"reason": REASON}),
    "refuse_papers": st.fixed_dictionaries({"reason": REASON}),
    "reject": st.fixed_dictionaries({"reason": REASON}),
    "record_visit": st.fixed_dictionaries(
        {"on": st.sampled_from(DAYS), "result": st.sampled_from(["passed", "failed"]), "findings": REASON}
    ),
    "name_panel": st.sampled_from(
        [{"experts": ["e0", "e1", "e2", "e3", "e4"]}, {"experts": ["e0", "e1", "e2", "e3", "tied"]}]
    ),
    "score": st.sampled_from([{"points": "69.99"}, {"points": "85"}, {"points": "101"}]),
    "be_selected": st.just({"rank": 1}),
    "file": st.fixed_dictionaries(
        {"document_number": st.just("1号"), "document_date": st.sampled_from(DAYS)}
    ),
}
NOTHING: st.SearchStrategy[dict[str, Any]] = st.just({})
STRANGERS = (
    Actor("applicant", 101, STRANGER),
    Actor("district_officer", 103, bureau="xiangyin"),
    Actor("city_officer", 104, bureau="changsha"),
)
ACTORS = (*BY_ROLE.values(), *EXPERTS[1:], *STRANGERS)


class AnyOrder(RuleBasedStateMachine):
    """One case lived twice: ``lazy`` is never swept, ``swept`` is swept whenever the machine likes."""

    @initialize(stage=st.sampled_from(["", *STAGES]))
    def begin(self, stage: str) -> None:
        self.lazy: Walk = at_stage(stage) if stage else new_case()
        self.swept = self.lazy
        self.seen: list[Subject] = [self.lazy.subject]

    @rule(
        step=st.sampled_from(
            [
                datetime.timedelta(microseconds=1),
                datetime.timedelta(seconds=29),
                datetime.timedelta(hours=7),
                datetime.timedelta(days=1),
                datetime.timedelta(days=3),
            ]
        )
    )
    def time_passes(self, step: datetime.timedelta) -> None:
        self._at(self.lazy.now + step)

    @precondition(lambda self: next_passing(PACK, self.settled) is not None)
    @rule(by=st.sampled_from([-86_400_000_000, -1, 0, 1, 30_000_000]))
    def until_the_next_deadline(self, by: int) -> None:
        passing = next_passing(PACK, self.settled)
        assert passing is not None
        self._at(max(self.lazy.now, passing[0] + datetime.timedelta(microseconds=by)))

    @rule(exact=st.booleans())
    def sweep(self, exact: bool) -> None:
        until = self.swept.now if exact else self.swept.now - LAG
        after, events = settle(PACK, self.swept.subject, self.swept.facts, until)
        self.swept = replace(self.swept, subject=after, events=(*self.swept.events, *events))
        self.seen.append(after)

    def _particulars(self, data: st.DataObject, name: str) -> dict[str, Any]:
        later = self.lazy.now + datetime.timedelta(days=data.draw(st.integers(-1, 60)))
        if name == "schedule_visit":
            return {"at": later.isoformat(), "team": ["甲", "乙"]}
        if name.endswith("_deadline"):
            names = [each.name for each in self.settled.deadlines]
            chosen = data.draw(st.sampled_from([*names, "no_such_deadline"]))
            until = {"until": str(later)[:10]} if name == "extend_deadline" else {}
            return {"deadline": chosen, "reason": data.draw(REASON), **until}
        return data.draw(PAYLOADS.get(name, NOTHING))

    @rule(data=st.data())
    def the_case_goes_on(self, data: st.DataObject) -> None:
        acts = LIFE.stage[self.settled.stage].acts
        self._act(data, data.draw(st.sampled_from(sorted(acts))), acts)

    @rule(data=st.data())
    def somebody_acts_on_a_deadline(self, data: st.DataObject) -> None:
        acts = LIFE.acts(self.settled.stage)
        self._act(data, data.draw(st.sampled_from([name for name in acts if "deadline" in name])), acts)

    @rule(data=st.data())
    def anybody_tries_anything(self, data: st.DataObject) -> None:
        self._act(data, data.draw(st.sampled_from([*sorted(ACTS), "no_such_act"])), {})

    def _act(self, data: st.DataObject, name: str, acts: Mapping[str, ActRule]) -> None:
        fitting = [each for each in ACTORS if name in acts and each.role in acts[name].roles]
        actor = data.draw(st.sampled_from(fitting or ACTORS))
        act = Act(name, actor, self._particulars(data, name))
        answers = [decide(PACK, walk.subject, walk.facts, act, walk.now) for walk in (self.lazy, self.swept)]
        match answers:
            case Refusal(), Refusal():
                assert answers[0] == answers[1]
            case Decision() as lazily, Decision() as eagerly:
                assert lazily.subject == eagerly.subject
                self.lazy = self._after(self.lazy, lazily)
                self.swept = self._after(self.swept, eagerly)
                assert self.lazy.events == self.swept.events
            case _:
                raise AssertionError(f"sweeps changed the answer: {answers}")

    def _after(self, walk: Walk, decision: Decision) -> Walk:
        assert (decision.before, decision.guard.version) == (walk.subject, walk.subject.version)
        self.seen.append(decision.subject)
        return replace(walk, subject=decision.subject, events=(*walk.events, *decision.events))

    def _at(self, now: datetime.datetime) -> None:
        text = now.isoformat()
        self.lazy, self.swept = self.lazy.on(text), self.swept.on(text)

    @property
    def settled(self) -> Subject:
        """The case with everything applied that is due by now."""
        return settle(PACK, self.lazy.subject, self.lazy.facts, self.lazy.now)[0]

    @invariant()
    def sweeps_change_no_outcome(self) -> None:
        eagerly = settle(PACK, self.swept.subject, self.swept.facts, self.swept.now)[0]
        assert eagerly == self.settled

    @invariant()
    def replay_gives_the_same_case(self) -> None:
        written = tuple(event.load(event.dump(each), dict(each.personal)) for each in self.swept.events)
        assert replayed(self.swept.blank, written) == self.swept.subject
        assert subject.load(subject.dump(self.swept.subject)) == self.swept.subject

    @invariant()
    def events_are_numbered_and_in_the_order_of_time(self) -> None:
        assert [each.seq for each in self.swept.events] == list(range(1, self.swept.subject.version + 1))
        times = [each.effective_at for each in self.swept.events]
        assert times == sorted(times)
        assert all(entry.at == each.effective_at for each in self.swept.events for entry in each.clock)

    @invariant()
    def closed_stays_closed(self) -> None:
        outcomes = [each.outcome for each in self.seen]
        closed = next((at for at, outcome in enumerate(outcomes) if outcome is not None), len(outcomes))
        assert len(set(outcomes[closed:])) <= 1
        if closed < len(outcomes):
            # Lazily and eagerly the case may close at different moments of the test, but only once each.
            assert {each.version for each in self.seen if each.outcome is not None} == {
                self.seen[closed].version
            }
            assert self.seen[closed].deadlines == ()

    @invariant()
    def an_open_case_has_a_holder_and_its_stage_s_deadlines(self) -> None:
        case = self.swept.subject
        if case.outcome is not None:
            assert case.outcome in LIFE.outcome
            return
        stage = LIFE.stage[case.stage]
        assert stage.holder in ("applicant", "district", "bureau", "panel")
        clocks = {deadline.name: deadline.state for deadline in case.deadlines}
        assert set(clocks) >= set(stage.deadlines)
        assert set(clocks) <= {*stage.deadlines, *stage.suspends}
        assert all(clocks[name] in ("suspended", "overdue") for name in stage.suspends if name in clocks)

    @invariant()
    def what_passes_next_is_the_first_of_what_is_running(self) -> None:
        case = self.swept.subject
        pending = [
            first_late(LIFE.deadline[each.name], each.due_at)
            for each in case.deadlines
            if each.state == "running"
        ]
        passing = next_passing(PACK, case)
        assert (None if passing is None else passing[0]) == min(pending, default=None)

    @invariant()
    def occurrences_only_grow_and_every_ledger_tells_a_whole_story(self) -> None:
        after = {
            "": {"started"},
            "started": {"suspended", "extended", "met", "lapsed", "overdue", "cancelled"},
            "resumed": {"suspended", "extended", "met", "lapsed", "overdue", "cancelled"},
            "extended": {"suspended", "extended", "met", "lapsed", "overdue", "cancelled"},
            "suspended": {"resumed", "cancelled"},
            "overdue": {"extended", "met", "cancelled"},
        }
        last: dict[tuple[str, int], str] = {}
        begun: dict[str, int] = {}
        for entry in (entry for each in self.swept.events for entry in each.clock):
            if entry.kind == "started":
                assert entry.occurrence == begun.get(entry.deadline, 0) + 1
                begun[entry.deadline] = entry.occurrence
            key = (entry.deadline, entry.occurrence)
            assert entry.kind in after.get(last.get(key, ""), set()), (key, last.get(key), entry.kind)
            last[key] = entry.kind
        assert begun == self.swept.subject.occurrences


def test_any_order_of_acts_times_and_sweeps() -> None:
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=100,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
