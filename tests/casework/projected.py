"""What every table must say of a subject, derived from its state and its events alone."""

import datetime
from typing import Any

from city import City
from sqlalchemy import select

from casework import audit, loading
from casework.queries import history
from models import Record
from models.database import reading
from procedure import ladder
from procedure.deadlines import due_at, first_late, next_passing
from procedure.definition import Procedure
from procedure.instant import local_instant
from procedure.machine import evolve
from procedure.subject import Application, Subject
from procedure.working_days import WorkingCalendar

TABLES = Record.metadata.tables
NOW = local_instant("2024-08-01T12:00")


def agrees(city: City, subject_id: int) -> None:
    """Assert that all rows of a subject say what its state says, and that the audit finds nothing."""
    with reading(city.engine) as connection:
        loaded = loading.one(connection, subject_id)
        happened = [line.event for line in history(connection, subject_id)]
        assert list(audit.verify(connection)) == []
    life = loaded.procedure.life(loaded.subject.kind)
    state = loaded.subject
    (row,) = [each for each in city.rows("subjects") if each["id"] == subject_id]
    assert (row["version"], row["stage"], row["outcome"]) == (state.version, state.stage, state.outcome)
    assert row["entered_at"] == state.entered_at
    assert row["closed_at"] == (state.entered_at if state.outcome else None)
    assert row["due_at"] == due_at(state)
    passing = next_passing(loaded.procedure, state)
    assert row["passes_at"] == (None if passing is None else passing[0])
    assert [event.seq for event in happened] == list(range(1, state.version + 1))

    rules = {rule.id: rule for rule in life.deadlines}
    _clocks(city, subject_id, state, rules, loaded.procedure, loaded.calendar)
    lines = [
        (event.seq, entry.deadline, entry.occurrence, entry.kind, entry.at, entry.due_before, entry.due_after)
        for event in happened
        for entry in event.clock
    ]
    written = [
        tuple(line[name] for name in ("seq", "name", "occurrence", "kind", "at", "due_before", "due_after"))
        for line in city.rows("ledger", subject_id)
    ]
    assert sorted(written, key=str) == sorted(map(_utc, lines), key=str)
    if isinstance(state.record, Application):
        seated = {
            person: event.effective_at
            for event in happened
            for person in event.data.get("seated", [])
            if event.effective_at >= state.entered_at
        }
        _application(city, subject_id, state, state.record, seated)


def _utc(line: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        each.astimezone(datetime.UTC) if isinstance(each, datetime.datetime) else each for each in line
    )


def _clocks(
    city: City,
    subject_id: int,
    state: Subject,
    rules: dict[str, Any],
    procedure: Procedure,
    calendar: WorkingCalendar,
) -> None:
    now = {(each.name, each.occurrence): each for each in state.deadlines}
    pending: list[datetime.datetime] = []
    passes: list[datetime.datetime] = []
    for row in city.rows("deadlines", subject_id):
        clock = now.pop((row["name"], row["occurrence"]), None)
        timers = {
            each["rung"]: each
            for each in city.rows("timers", subject_id)
            if (each["deadline"], each["occurrence"]) == (row["name"], row["occurrence"])
        }
        timer = timers.pop("due")
        climbs = ladder.of(procedure, state.kind, row["name"]).plan(None, row["due_at"] or NOW, calendar)
        assert set(timers) == {each.rung.id for each in climbs}
        if clock is None:
            assert row["state"] in ("met", "lapsed", "cancelled")
            assert row["ended_at"] is not None
            assert timer["state"] in ("fired", "cancelled")
            assert {each["state"] for each in timers.values()} <= {"fired", "skipped", "cancelled"}
            continue
        places = {each.rung.id: each.at for each in climbs}
        for rung, each in timers.items():
            if clock.state == "suspended":
                assert each["state"] != "pending"
            elif each["state"] == "pending":
                assert each["at"] == places[rung]
                pending.append(each["at"])
        assert (row["state"], row["holder"], row["base_at"]) == (clock.state, clock.holder, clock.base_at)
        assert row["due_at"] == (None if clock.state == "suspended" else clock.due_at)
        assert (row["provisional"], row["ended_at"]) == (clock.provisional, None)
        if clock.state == "running":
            assert (timer["state"], timer["at"]) == ("pending", first_late(rules[clock.name], clock.due_at))
            pending.append(timer["at"])
            passes.append(timer["at"])
        else:
            assert timer["state"] == {"suspended": "cancelled", "overdue": "fired"}[clock.state]
    assert now == {}
    (row,) = [each for each in city.rows("subjects") if each["id"] == subject_id]
    assert row["wake_at"] == min(pending, default=None)
    assert row["passes_at"] == min(passes, default=None)
    begun: dict[str, int] = {}
    for row in city.rows("deadlines", subject_id):
        begun[row["name"]] = max(row["occurrence"], begun.get(row["name"], 0))
    assert begun == state.occurrences


def _application(
    city: City,
    subject_id: int,
    state: Subject,
    record: Application,
    seated_at: dict[int, datetime.datetime],
) -> None:
    units = {row["id"]: row["uscc"] for row in city.rows("organisations")}
    bureaus = {row["id"]: row["code"] for row in city.rows("bureaus")}
    experts = {row["id"]: row["person_id"] for row in city.rows("experts")}

    (case,) = city.rows("cases", subject_id)
    assert (case["number"], units[case["lead_id"]]) == (state.ref, record.lead)
    assert bureaus[case["district_id"]] == record.district
    (row,) = [each for each in city.rows("subjects") if each["id"] == subject_id]
    assert row["district_id"] == case["district_id"]
    assert case["direction"] == record.form.get("consortium.direction")
    assert (case["submitted_at"], case["closed"]) == (record.submitted_at, state.outcome is not None)

    members = {
        units[row["organisation_id"]]: (row["kind"], row["core_layer"], row["status"])
        for row in city.rows("members", subject_id)
        if row["status"] != "removed"
    }
    assert members == {each.uscc: (each.kind, each.core_layer, each.status) for each in record.members}

    documents = sorted(
        (row["material"], units[row["organisation_id"]], row["digest"], row["name"], row["size"])
        for row in city.rows("documents", subject_id)
        if row["removed_at"] is None
    )
    assert documents == sorted(
        (each.material, each.owner, each.digest, each.name, each.size) for each in record.documents
    )

    seated = {
        experts[row["expert_id"]]
        for row in city.rows("panel_members", subject_id)
        if row["state"] == "assigned"
    }
    assert seated == set(record.panel)
    scores = {
        (row["stage"], experts[row["expert_id"]]): (row["score"], row["comment"], row["frozen"])
        for row in city.rows("scores", subject_id)
    }
    assert scores == {
        (each.stage, each.expert): (each.score, each.comment, each.stage in record.means)
        for each in record.scores
    }
    defences = [
        (row["scheduled_for"], row["place"], row["position"], row["attended"])
        for row in city.rows("defences", subject_id)
    ]
    defence = record.defence
    assert defences[-1:] == (
        []
        if defence is None
        else [(defence.scheduled_for, defence.place, defence.position, defence.attended)]
    )

    visits = [
        (row["scheduled_for"], tuple(row["team"]), row["visited_on"], row["result"], row["findings"])
        for row in city.rows("visits", subject_id)
    ]
    visit = record.visit
    assert visits == (
        []
        if visit is None
        else [(visit.scheduled_for, visit.team, visit.visited_on, visit.result, visit.findings)]
    )

    entries = [
        (
            row["number"],
            row["name"],
            row["direction"],
            row["valid_from"],
            row["valid_to"],
            units[row["lead_id"]],
        )
        for row in city.rows("register_entries", subject_id)
    ]
    filing = record.filing
    assert entries == (
        []
        if filing is None
        else [(filing.number, filing.name, filing.direction, filing.valid_from, filing.valid_to, record.lead)]
    )
    _desks(city, subject_id, state, record, units, bureaus, seated_at)


def _desks(
    city: City,
    subject_id: int,
    state: Subject,
    record: Application,
    units: dict[int, str],
    bureaus: dict[int, str],
    seated_at: dict[int, datetime.datetime],
) -> None:
    items = city.rows("work_items", subject_id)
    lying = [
        (row["role"], units.get(row["organisation_id"]), bureaus.get(row["bureau_id"]), row["person_id"])
        for row in items
        if row["done_at"] is None
    ]
    if state.outcome is not None:
        assert lying == []
        return
    with reading(city.engine) as connection:
        stage = loading.one(connection, subject_id).procedure.application.stage[state.stage]
    expected = {
        "applicant": [("applicant", record.lead, None, None)],
        "district": [("district_officer", None, record.district, record.desk)],
        "bureau": [("city_officer", None, "yueyang", record.desk)],
        "panel": [("expert", None, None, person) for person in record.panel],
    }[stage.holder]
    assert sorted(lying, key=str) == sorted(expected, key=str)
    main = next((each for name in stage.deadlines if (each := state.deadline(name))), None)
    due = None if main is None or main.state == "suspended" else main.due_at
    for row in items:
        if row["done_at"] is None:
            opened_at = seated_at.get(row["person_id"], state.entered_at)
            assert (row["stage"], row["due_at"], row["opened_at"]) == (state.stage, due, opened_at)


def everywhere(city: City) -> None:
    """Assert it of every subject there is."""
    with reading(city.engine) as connection:
        ids = connection.execute(select(TABLES["subjects"].c.id)).scalars().all()
    for subject_id in ids:
        agrees(city, subject_id)


def blank_of(city: City, subject_id: int) -> Subject:
    """Return what a subject was before its first event, from that event alone."""
    with reading(city.engine) as connection:
        first = history(connection, subject_id)[0].event
    return evolve(Subject("call", "", None, "", 0, Application("", "", "", "", None)), first)
