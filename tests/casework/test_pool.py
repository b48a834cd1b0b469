"""Changes of the expert pool: chained, accounted for, and visible in the proof of a draw."""

import pytest
from city import UNIVERSITY, City
from panel_city import city_of, claim
from sqlalchemy import Engine, text

from casework import panels, parties, pool
from models.database import reading, writing
from procedure.uscc import InvalidUscc


@pytest.fixture
def yueyang(story_engine: Engine) -> City:
    return city_of(story_engine)


def found(city: City) -> list[str]:
    with reading(city.engine) as connection:
        return [each.detail for each in pool.verify(connection)]


def test_who_retires_an_expert_between_seed_and_draw_stands_in_the_proof(yueyang: City) -> None:
    case = yueyang.case_at("site_visit")
    admin = claim(yueyang, "admin")
    with writing(yueyang.engine) as connection:
        pool.set_active(connection, claim(yueyang, "e6"), active=False, by=admin, reason="早")
    yueyang.at("2024-07-11T09:00")
    visit = {"at": "2024-12-30T09:00", "team": ["甲", "乙"]}
    yueyang.do(case, "chen", "schedule_visit", **visit)
    yueyang.do(case, "chen", "record_visit", on="2024-07-10", result="passed", findings="符合")
    yueyang.at("2024-07-11T10:00")
    with writing(yueyang.engine) as connection:
        pool.set_active(connection, claim(yueyang, "e0"), active=False, by=admin, reason="调离")
        parties.declare_ties(connection, claim(yueyang, "e1"), [UNIVERSITY], by=admin)
        pool.set_active(connection, claim(yueyang, "e6"), active=True, by=admin, reason="调回")
    yueyang.at("2024-07-11T11:00")
    yueyang.do(case, "chen", "draw_panel")
    yueyang.at("2024-07-11T12:00")
    with writing(yueyang.engine) as connection:
        pool.set_active(connection, claim(yueyang, "e0"), active=True, by=None, reason="调回")
    with reading(yueyang.engine) as connection:
        account = panels.account(connection, case)
    people = {yueyang.people[handle].person: handle for handle in ("e0", "e1", "e6")}
    assert [(people[each.expert], each.kind, each.by, each.reason) for each in account.pool_changes] == [
        ("e0", "retired", admin, "调离"),
        ("e1", "changed", admin, None),
        ("e6", "readmitted", admin, "调回"),
    ]
    assert account.draw.differences == ()
    assert claim(yueyang, "e0") not in account.draw.order
    assert found(yueyang) == []


def test_who_is_entered_again_is_changed_in_what_is_given_alone(yueyang: City) -> None:
    admin, expert = claim(yueyang, "admin"), claim(yueyang, "e0")

    def enter(fields: list[str], ties: list[str] | None = None) -> None:
        with writing(yueyang.engine) as connection:
            parties.expert(connection, expert, yueyang.city, None, fields, ties, by=admin)

    for fields, ties in (
        ([], [UNIVERSITY]),
        ([], [UNIVERSITY]),
        (["光电"], None),
        ([], None),
        ([], []),
        ([], []),
    ):
        enter(fields, ties)
    with reading(yueyang.engine) as connection:
        told = pool.changes(connection, yueyang.city)[7:]
    assert [(each.kind, each.by, each.state["fields"], each.state["ties"]) for each in told] == [
        ("changed", admin, [], [UNIVERSITY]),
        ("changed", admin, ["光电"], [UNIVERSITY]),
        ("changed", admin, ["光电"], []),
    ]
    with pytest.raises(InvalidUscc):
        enter([], ["某大学"])
    assert found(yueyang) == []


def test_what_is_done_twice_is_refused(yueyang: City) -> None:
    expert = claim(yueyang, "e0")
    with pytest.raises(pool.NoExpert), writing(yueyang.engine) as connection:
        pool.set_active(connection, expert, active=True, by=None, reason="x")
    with pytest.raises(pool.NoExpert), writing(yueyang.engine) as connection:
        pool.set_active(connection, claim(yueyang, "chen"), active=False, by=None, reason="x")
    assert yueyang.count("pool_changes") == 7


def test_a_change_past_the_record_is_found(yueyang: City) -> None:
    experts = {row["person_id"]: row["id"] for row in yueyang.rows("experts")}
    expert = experts[claim(yueyang, "e0")]
    with writing(yueyang.engine) as connection:
        connection.execute(text(f"UPDATE experts SET active = false WHERE id = {expert}"))  # noqa: S608
    assert found(yueyang) == [f"expert {expert} is not what the changes make"]


def test_an_altered_or_missing_change_is_found(yueyang: City) -> None:
    if yueyang.engine.dialect.name == "postgresql":
        pytest.skip("the guard is lifted on SQLite")
    with writing(yueyang.engine) as connection:
        for guard in ("pool_changes_keep", "pool_changes_stay"):
            connection.execute(text(f"DROP TRIGGER {guard}"))
        connection.execute(text("UPDATE pool_changes SET reason = 'x' WHERE seq = 2"))
    assert found(yueyang) == ["change 2 of the pool was altered"]
    with writing(yueyang.engine) as connection:
        connection.execute(text("DELETE FROM pool_changes WHERE seq = 2"))
    assert found(yueyang)[:2] == ["change 2 of the pool is missing", "change 3 of the pool was altered"]
