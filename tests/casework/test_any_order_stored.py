"""Random acts and sweeps on a real database: after each, every table says what the state says."""

import datetime
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from city import EXPERTS, FORM, MEMBER_FORM, PAPERS, PLAN, UNIVERSITY, City, build, database_file
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from projected import agrees

from casework import clock, wake
from casework.acts import Receipt
from models.database import connect, default_url, reading
from models.migrate import upgrade
from procedure.instant import iso, local_instant
from procedure.pack import shipped

LIFE = shipped("yueyang-2024").procedure.application
PEOPLE = {
    "applicant": ("zhang0",),
    "member": ("li",),
    "district_officer": ("wang",),
    "city_officer": ("chen",),
    "city_leader": ("boss",),
    "expert": tuple(EXPERTS),
}
STAGES = ("draft", "recommendation", "papers", "formal_review", "site_visit", "panel_naming", "expert_review")
REASON = {"reason": "理由"}
PARTICULARS: dict[str, list[dict[str, Any]]] = {
    "save_draft": [{"fields": FORM}, {"members": {UNIVERSITY: MEMBER_FORM}}, {"fields": {"x": 1}}],
    "invite_member": [{"uscc": UNIVERSITY}],
    "remove_member": [{"uscc": UNIVERSITY}],
    "remove_document": [{"material": "implementation_plan"}],
    "return_for_correction": [PLAN],
    "deliver_papers": [PAPERS, {**PAPERS, "letter": False}],
    "name_panel": [{"experts": EXPERTS}],
    "score": [{"points": "60"}, {"points": "75.5"}, {"points": "101"}],
    "endorse": [{"opinion": "同意"}],
    "reassign": [{"officer": "chen", **REASON}, {"officer": "wang", **REASON}],
    **{
        name: [REASON]
        for name in (
            "withdraw",
            "decline",
            "reject",
            "decline_membership",
            "refuse_papers",
            "accept_late_papers",
        )
    },
}


class Stored(RuleBasedStateMachine):
    """One case in a SQLite story of its own, copied from one that was carried to a stage beforehand."""

    made: dict[str, tuple[Path, City, int]]

    @initialize(stage=st.sampled_from(STAGES))
    def begin(self, stage: str) -> None:
        path, city, self.case = self.made[stage]
        self.folder = Path(tempfile.mkdtemp())
        shutil.copyfile(path, self.folder / "beian.db")
        engine = connect(default_url(self.folder))
        self.city = City(engine, city.city, city.district, city.call, city.people)

    def teardown(self) -> None:
        if hasattr(self, "city"):
            self.city.engine.dispose()
            shutil.rmtree(self.folder)

    @property
    def now(self) -> datetime.datetime:
        with reading(self.city.engine) as connection:
            return clock.now(connection)

    @rule(hours=st.sampled_from([1, 9, 24, 90, 400]))
    def time_passes(self, hours: int) -> None:
        self.city.at(iso(self.now + datetime.timedelta(hours=hours)))

    @rule()
    def sweep(self) -> None:
        assert wake.sweep(self.city.engine, "application").failed == 0
        agrees(self.city, self.case)
        assert wake.sweep(self.city.engine, "application").moved == ()

    @rule(data=st.data(), everywhere=st.sampled_from([False, False, True]))
    def somebody_acts(self, data: st.DataObject, everywhere: bool) -> None:
        state = self.city.subject(self.case)
        acts = LIFE.acts(state.stage) if everywhere else LIFE.stage[state.stage].acts
        name = data.draw(st.sampled_from(sorted(acts)))
        roles = [role for role in acts[name].roles if role in PEOPLE]
        if not roles:
            return
        who = data.draw(st.sampled_from(PEOPLE[data.draw(st.sampled_from(roles))]))
        before = len(self.city.rows("events", self.case))
        answer = self.city.ask(self.case, who, name, data.draw(self._particulars(name)))
        agrees(self.city, self.case)
        if not isinstance(answer, Receipt):
            assert len(self.city.rows("events", self.case)) == before

    def _particulars(self, name: str) -> st.SearchStrategy[dict[str, Any]]:
        later, today = iso(self.now + datetime.timedelta(days=3)), iso(self.now)[:10]
        if name in ("extend_deadline", "suspend_deadline", "resume_deadline"):
            until = {"until": later[:10]} if name == "extend_deadline" else {}
            names = [each.name for each in self.city.subject(self.case).deadlines] or ["none"]
            return st.sampled_from(names).map(lambda each: {"deadline": each, "reason": "理由", **until})
        if name == "attach_document":
            return st.sampled_from(["implementation_plan", "cooperation_agreement"]).map(self.city.store)
        if name == "schedule_visit":
            return st.just({"at": later, "team": ["甲", "乙"]})
        if name == "record_visit":
            results = st.sampled_from(["passed", "failed"])
            return results.map(lambda result: {"on": today, "result": result, "findings": "所见"})
        return st.sampled_from(PARTICULARS.get(name, [{}]))


def test_any_order_of_acts_and_sweeps_leaves_every_table_right(tmp_path: Path) -> None:
    engine = connect(default_url(tmp_path))
    upgrade(engine, local_instant("2024-07-01T00:00"))
    city = build(engine)
    made: dict[str, tuple[Path, City, int]] = {}
    case = city.filled()
    for stage in STAGES:
        city.carry(case, stage)
        copy = tmp_path / f"{stage}.db"
        with (
            closing(sqlite3.connect(database_file(engine))) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        made[stage] = (copy, city, case)
    engine.dispose()
    Stored.made = made
    run_state_machine_as_test(
        Stored,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
