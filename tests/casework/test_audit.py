"""The audit names exactly what was altered: by somebody who drops the triggers and knows the format."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from city import TABLES, City, build
from sqlalchemy import Connection, Engine, create_engine, select, text

from casework import audit, chain, erasure
from casework.audit import Anchor, BadAnchor, read_anchor
from casework.queries import history
from models.database import reading
from procedure import subject as subjects
from procedure.machine import replay

Found = list[tuple[int, str]]

CLOCKS = ("events", "ledger", "timers", "deadlines", "work_items", "notices", "register_entries")
PARTICULARS = ("documents", "members", "panel_members", "panels", "scores", "visits", "cases")


@pytest.fixture(scope="session")
def filed(shared_story_engine: Engine) -> tuple[City, int]:
    """A filed case of some thirty events; nobody writes there for good."""
    city = build(shared_story_engine)
    return city, file_case(city)


def file_case(city: City) -> int:
    case = city.case_at("selection")
    city.at("2024-08-06T09:00")
    city.do(city.call, "boss", "select", cases=["YY2024-0001"])
    city.do(case, "chen", "file", document_number="岳科发〔2024〕1号", document_date="2024-08-06")
    return case


@contextmanager
def attacking(city: City) -> Iterator[Connection]:
    """A transaction of somebody who owns the database: no trigger, no constraint; rolled back at the end."""
    if city.engine.dialect.name == "postgresql":
        with city.engine.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
        return
    engine = create_engine(city.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for trigger in triggers.scalars().all():
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        yield connection
        connection.execute(text("ROLLBACK"))
    engine.dispose()


def execute(connection: Connection, statement: str, **values: Any) -> None:
    assert connection.execute(text(statement), values).rowcount > 0, statement


def found(connection: Connection, case: int, anchored: Anchor | None = None) -> Found:
    findings = list(audit.verify(connection, anchored))
    assert all(each.subject == case for each in findings)
    return [(each.seq, each.kind) for each in findings]


def look(city: City, case: int, anchored: Anchor | None = None) -> Found:
    with reading(city.engine) as connection:
        return found(connection, case, anchored)


def anchor_of(city: City) -> Anchor:
    with reading(city.engine) as connection:
        return audit.anchor(connection)


def reseal(connection: Connection, case: int, first: int) -> None:
    """Compute the hashes from event ``first`` on anew, as somebody would who knows the format."""
    rows = _rows(connection, case)
    before = next((row["hash"] for row in rows if row["seq"] == first - 1), chain.ORIGIN)
    for row in rows:
        if row["seq"] < first:
            continue
        sealed = chain.seal(row, before)
        execute(
            connection,
            "UPDATE events SET prev_hash = :prev, hash = :hash WHERE subject_id = :case AND seq = :seq",
            prev=before,
            hash=sealed,
            case=case,
            seq=row["seq"],
        )
        before = sealed
    execute(connection, "UPDATE subjects SET head = :head WHERE id = :case", head=before, case=case)


def _rows(connection: Connection, case: int) -> list[dict[str, Any]]:
    events = TABLES["events"]
    statement = select(events).where(events.c.subject_id == case).order_by(events.c.seq)
    return [dict(row) for row in connection.execute(statement).mappings()]


def test_an_unaltered_record_is_sound(filed: tuple[City, int]) -> None:
    city, case = filed
    assert look(city, case, anchor_of(city)) == []


COLUMNS = [
    ("kind", "'rejected'"),
    ("schema_version", "2"),
    ("effective_at", None),
    ("recorded_at", None),
    ("person_id", "2"),
    ("role", "'city_leader'"),
    ("on_behalf_of", "2"),
    ("act", "'reject'"),
    ("act_key", "'another'"),
    ("data", "data || ' '"),
]


def test_every_column_of_an_event_is_sealed(filed: tuple[City, int]) -> None:
    city, case = filed
    sqlite = city.engine.dialect.name == "sqlite"
    with attacking(city) as connection:
        for seq, (column, value) in enumerate(COLUMNS, 4):
            later = "'2024-07-10T01:00:00.000001Z'" if sqlite else f"{column} + interval '1 microsecond'"
            execute(
                connection,
                f"UPDATE events SET {column} = {value or later} WHERE subject_id = :case AND seq = :seq",  # noqa: S608
                case=case,
                seq=seq,
            )
        assert found(connection, case) == [(seq, "changed") for seq in range(4, 4 + len(COLUMNS))]


def test_a_row_that_is_no_event_any_more_is_named_and_breaks_nothing(filed: tuple[City, int]) -> None:
    city, case = filed
    also: Found = []
    with attacking(city) as connection:
        execute(
            connection, "UPDATE events SET data = 'no json' WHERE subject_id = :case AND seq = 5", case=case
        )
        if city.engine.dialect.name == "sqlite":
            execute(
                connection,
                "UPDATE events SET effective_at = 'yesterday' WHERE subject_id = :case AND seq = 7",
                case=case,
            )
            also = [(7, "changed")]
        assert found(connection, case) == [(5, "changed"), *also]


def test_a_changed_event_with_a_hash_of_its_own_is_named_by_the_one_after_it(filed: tuple[City, int]) -> None:
    city, case = filed
    with attacking(city) as connection:
        execute(
            connection,
            "UPDATE events SET role = 'city_leader' WHERE subject_id = :case AND seq = 12",
            case=case,
        )
        (row,) = [each for each in _rows(connection, case) if each["seq"] == 12]
        execute(
            connection,
            "UPDATE events SET hash = :hash WHERE subject_id = :case AND seq = 12",
            hash=chain.seal(row, row["prev_hash"]),
            case=case,
        )
        assert found(connection, case) == [(12, "changed")]


@pytest.mark.parametrize("gone", [(2,), (5, 6), (1,), (3, 9)])
def test_removed_events_are_named_each(filed: tuple[City, int], gone: tuple[int, ...]) -> None:
    city, case = filed
    with attacking(city) as connection:
        for seq in gone:
            execute(
                connection, "DELETE FROM events WHERE subject_id = :case AND seq = :seq", case=case, seq=seq
            )
        assert found(connection, case) == [(seq, "removed") for seq in gone]


def test_two_events_that_changed_places_are_named_both(filed: tuple[City, int]) -> None:
    city, case = filed
    with attacking(city) as connection:
        for old, new in ((8, 900), (11, 8), (900, 11)):
            execute(
                connection,
                "UPDATE events SET seq = :new WHERE subject_id = :case AND seq = :old",
                case=case,
                old=old,
                new=new,
            )
        assert found(connection, case) == [(8, "reordered"), (11, "reordered")]


def test_a_removed_event_whose_place_was_closed(filed: tuple[City, int]) -> None:
    city, case = filed
    last = city.subject(case).version
    with attacking(city) as connection:
        execute(
            connection,
            "DELETE FROM events WHERE subject_id = :case AND seq = :last - 2",
            case=case,
            last=last,
        )
        for seq in (last - 1, last):
            execute(
                connection,
                "UPDATE events SET seq = :seq - 1 WHERE subject_id = :case AND seq = :seq",
                case=case,
                seq=seq,
            )
        assert found(connection, case) == [(last - 2, "reordered"), (last - 1, "reordered"), (last, "cut")]


def test_a_tail_cut_off_is_named(filed: tuple[City, int]) -> None:
    city, case = filed
    last = city.subject(case).version
    with attacking(city) as connection:
        execute(
            connection, "DELETE FROM events WHERE subject_id = :case AND seq > :to", case=case, to=last - 3
        )
        assert found(connection, case) == [(last - 2, "cut")]


def test_a_tail_cut_off_with_a_wound_back_subject_is_named_by_the_anchor(filed: tuple[City, int]) -> None:
    city, case = filed
    anchored = anchor_of(city)
    last = city.subject(case).version
    state = _state_at(city, case, last - 2)
    with attacking(city) as connection:
        execute(connection, "DELETE FROM register_entries WHERE subject_id = :case", case=case)
        execute(
            connection, "DELETE FROM events WHERE subject_id = :case AND seq > :to", case=case, to=last - 2
        )
        (head,) = [row["hash"] for row in _rows(connection, case) if row["seq"] == last - 2]
        execute(
            connection,
            "UPDATE subjects SET version = :to, head = :head, state = :state, stage = 'selection',"
            " outcome = NULL WHERE id = :case",
            to=last - 2,
            head=head,
            state=state,
            case=case,
        )
        assert found(connection, case) == []
        assert found(connection, case, anchored) == [(last - 1, "cut")]


def _state_at(city: City, case: int, seq: int) -> str:
    with reading(city.engine) as connection:
        return subjects.dump(replay(line.event for line in history(connection, case)[:seq]))


def test_a_whole_chain_computed_anew_is_named_by_the_anchor(filed: tuple[City, int]) -> None:
    city, case = filed
    anchored = anchor_of(city)
    with attacking(city) as connection:
        execute(
            connection,
            "UPDATE events SET role = 'city_leader' WHERE subject_id = :case AND seq = 12",
            case=case,
        )
        reseal(connection, case, 12)
        assert found(connection, case) == []
        assert found(connection, case, anchored) == [(city.subject(case).version, "changed")]


def test_a_whole_subject_that_is_gone_is_named_by_the_anchor(filed: tuple[City, int]) -> None:
    city, case = filed
    anchored = anchor_of(city)
    last = city.subject(case).version
    with attacking(city) as connection:
        for table in (*CLOCKS, *PARTICULARS):
            execute(connection, f"DELETE FROM {table} WHERE subject_id = :case", case=case)  # noqa: S608
        execute(connection, "DELETE FROM subjects WHERE id = :case", case=case)
        assert found(connection, case) == []
        assert found(connection, case, anchored) == [(last, "cut")]


def test_events_after_the_anchor_are_no_finding(yueyang: City) -> None:
    city, case = yueyang, file_case(yueyang)
    anchored = anchor_of(city)
    city.do(city.call, "admin", "complete")
    city.at("2024-08-07T09:00")
    assert look(city, case, anchored) == []


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE subjects SET head = repeat_a WHERE id = :case", "head_changed"),
        ("UPDATE subjects SET version = version - 1 WHERE id = :case", "head_changed"),
        ("UPDATE subjects SET state = replace(state, '方向0', '方向9') WHERE id = :case", "state_changed"),
        ("UPDATE subjects SET state = '{}' WHERE id = :case", "state_changed"),
        ("UPDATE subjects SET outcome = 'withdrawn' WHERE id = :case", "state_changed"),
        ("UPDATE subjects SET stage = 'draft' WHERE id = :case", "state_changed"),
        ("UPDATE register_entries SET name = '岳阳市假创新联合体' WHERE subject_id = :case", "state_changed"),
        ("UPDATE register_entries SET valid_to = '2099-01-01' WHERE subject_id = :case", "state_changed"),
        ("DELETE FROM register_entries WHERE subject_id = :case", "state_changed"),
    ],
)
def test_a_subject_that_is_not_what_its_events_make_is_named(
    filed: tuple[City, int], statement: str, finding: str
) -> None:
    city, case = filed
    with attacking(city) as connection:
        execute(connection, statement.replace("repeat_a", f"'{'a' * 64}'"), case=case)
        assert found(connection, case) == [(city.subject_version(case), finding)]


# --- personal data ----------------------------------------------------------------------------------


def test_a_personal_value_that_was_altered_is_named(filed: tuple[City, int]) -> None:
    city, case = filed
    (row,) = [each for each in city.rows("events", case) if each["personal"] is not None]
    stored = json.loads(row["personal"])
    assert stored["/consortium.contact_name"][1] == "张三"
    stored["/consortium.contact_name"][1] = "李四"
    with attacking(city) as connection:
        execute(
            connection,
            "UPDATE events SET personal = :personal WHERE subject_id = :case AND seq = :seq",
            personal=json.dumps(stored),
            case=case,
            seq=row["seq"],
        )
        assert found(connection, case) == [(row["seq"], "personal_changed")]


@pytest.mark.parametrize("personal", ["no json", "[]", "{}", '{"/consortium.contact_name": "张三"}'])
def test_personal_data_that_is_none_any_more_is_named(filed: tuple[City, int], personal: str) -> None:
    city, case = filed
    with attacking(city) as connection:
        execute(
            connection,
            "UPDATE events SET personal = :personal WHERE subject_id = :case AND personal IS NOT NULL",
            personal=personal,
            case=case,
        )
        assert set(found(connection, case)) == {(2, "personal_changed")}


def test_erased_personal_data_leaves_the_chain_whole(yueyang: City) -> None:
    city, case = yueyang, file_case(yueyang)
    assert city.subject(case).application.form["consortium.contact_name"] == "张三"
    before = [(row["seq"], row["hash"]) for row in city.rows("events", case)]
    assert erasure.erase(city.engine, case) == 1
    assert [(row["seq"], row["hash"]) for row in city.rows("events", case)] == before
    assert "consortium.contact_name" not in city.subject(case).application.form
    assert "张三" not in str(city.rows("events", case))
    assert look(city, case) == []


# --- anchors ----------------------------------------------------------------------------------------


def test_an_anchor_is_read_as_it_was_written(filed: tuple[City, int], tmp_path: Path) -> None:
    city, _ = filed
    anchored = anchor_of(city)
    anchored.write(tmp_path / "anchor.json")
    assert read_anchor(tmp_path / "anchor.json") == anchored
    assert len(anchored.root()) == 64
    assert anchored.at == "2024-08-06T09:00:00+08:00"
    assert {version for version, _ in anchored.heads.values()} == {
        row["version"] for row in city.rows("subjects")
    }


@pytest.mark.parametrize("part", ["at", "root", "heads", "version"])
def test_an_altered_anchor_is_refused(filed: tuple[City, int], tmp_path: Path, part: str) -> None:
    city, case = filed
    path = tmp_path / "anchor.json"
    anchor_of(city).write(path)
    content = json.loads(path.read_text())
    match part:
        case "at":
            content["at"] = "2024-08-07T09:00:00+08:00"
        case "root":
            content["root"] = "0" * 64
        case "heads":
            del content["heads"][str(case)]
        case _:
            content["heads"][str(case)][0] -= 1
    path.write_text(json.dumps(content))
    with pytest.raises(BadAnchor, match="was altered"):
        read_anchor(path)


@pytest.mark.parametrize(
    "content", ["", "no json", "[]", "{}", '{"at": "x", "heads": [1]}', '{"heads": {"a": 1}}']
)
def test_what_is_no_anchor_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "anchor.json"
    path.write_text(content)
    with pytest.raises(BadAnchor, match=r"anchor\.json is no anchor"):
        read_anchor(path)


def test_a_missing_anchor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAnchor, match=r"nowhere\.json cannot be read: No such file or directory$"):
        read_anchor(tmp_path / "nowhere.json")
