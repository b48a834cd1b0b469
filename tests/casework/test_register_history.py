"""The register's history: never rewritten, exactly one state at any date, and proved by the audit."""

import contextlib
import datetime

import pytest
from city import City
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from test_register_life import filed, revocation

from casework import audit, clock, loading, matters, register
from casework.register import State
from models.database import reading, writing
from procedure.instant import end_of, local_instant

BEGIN = local_instant("2024-08-05T09:00")


def history(yueyang: City, number: str) -> list[State]:
    with reading(yueyang.engine) as connection:
        return register.history(connection, number, "yueyang")


def revoked_and_restored(yueyang: City, number: str) -> None:
    """Revoke an entry in September 2025, and restore it on appeal in October."""
    yueyang.at("2025-09-01T09:00")
    case = revocation(yueyang, number)
    yueyang.do(case, "chen", "give_notice")
    yueyang.do(case, "zhang0", "make_statement", text="已按计划完成")
    yueyang.at("2025-09-10T09:00")
    yueyang.do(case, "boss", "decide_revocation", result="revoked", answer="不成立", document_number="2号")
    yueyang.do(case, "zhang0", "appeal_revocation", reason="事实有误")
    yueyang.at("2025-10-20T09:00")
    yueyang.do(case, "boss", "decide_revocation_appeal", result="reversed", answer="事实有误")


def test_the_register_tells_what_it_said_on_a_day(yueyang: City) -> None:
    _, number = filed(yueyang)
    revoked_and_restored(yueyang, number)
    states = history(yueyang, number)
    said = {
        day: found.state
        if (found := register.said_at(states, end_of(datetime.date.fromisoformat(day))))
        else None
        for day in ("2024-08-04", "2024-08-05", "2025-09-09", "2025-09-10", "2025-10-19", "2025-10-20")
    }
    assert said == {
        "2024-08-04": None,
        "2024-08-05": "valid",
        "2025-09-09": "valid",
        "2025-09-10": "revoked",
        "2025-10-19": "revoked",
        "2025-10-20": "valid",
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 900), st.sampled_from(["valid", "revoked", "expired"])), max_size=8
    ),
    asked=st.integers(-100, 1000),
)
def test_at_any_instant_an_entry_has_exactly_one_state(moves: list[tuple[int, str]], asked: int) -> None:
    by_day = dict(moves)
    states = [State("yueyang", "1", by_day[day], BEGIN.add(days=day)) for day in sorted(by_day)]
    at = BEGIN.add(days=asked)
    holding = [
        each
        for each, following in zip(states, [*states[1:], None], strict=False)
        if each.since <= at and (following is None or at < following.since)
    ]
    assert [register.said_at(states, at)] == (holding or [None])


MOVES = st.lists(
    st.tuples(st.integers(1, 6 * 24 * 60), st.sampled_from(["be_revoked", "be_restored", "be_marked"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_happens_the_register_says_of_the_past_what_it_said(
    yueyang: City, moves: list[tuple[int, str]]
) -> None:
    if not yueyang.rows("register_entries"):
        filed(yueyang)
    [entry] = yueyang.rows("register_entries")
    with reading(yueyang.engine) as connection:
        subject = loading.id_of(connection, entry["number"])
    cause = {"cause": "某事项", "reason": "某理由"}
    for minutes, act in moves:
        before = history(yueyang, entry["number"])
        with reading(yueyang.engine) as connection:
            now = clock.now(connection)
        then = now.add(minutes=minutes)
        yueyang.at(then.format("YYYY-MM-DDTHH:mm:ss"))
        # What does not fit the entry as it is is refused, with nothing written.
        with contextlib.suppress(RuntimeError), writing(yueyang.engine) as connection:
            matters.act(connection, subject, act, cause, then)
        after = history(yueyang, entry["number"])
        assert after[: len(before)] == before
        assert [register.said_at(after, each.since) for each in before] == before
        assert after[-1].state == yueyang.subject(subject).stage
        assert register.said_at(after, then) == after[-1]
        sinces = [each.since for each in after]
        assert sinces == sorted(set(sinces))
    with reading(yueyang.engine) as connection:
        assert [*audit.verify(connection)] == []


def test_a_state_that_was_recorded_can_neither_be_changed_nor_removed(yueyang: City) -> None:
    filed(yueyang)
    for statement in ("UPDATE register_states SET state = 'revoked'", "DELETE FROM register_states"):
        with pytest.raises(DBAPIError), writing(yueyang.engine) as connection:
            connection.execute(text(statement))


def test_the_audit_names_a_state_that_no_event_made(yueyang: City) -> None:
    _, number = filed(yueyang)
    revoked_and_restored(yueyang, number)
    with reading(yueyang.engine) as connection:
        assert [*audit.verify(connection)] == []
    with writing(yueyang.engine) as connection:
        connection.execute(
            text(
                "INSERT INTO register_states (entry_id, number, state, since)"
                " SELECT id, 99, 'dissolved', filed_at FROM register_entries"
            )
        )
    with reading(yueyang.engine) as connection:
        [finding] = audit.verify(connection)
    assert (finding.seq, finding.kind) == (99, "register_changed")
