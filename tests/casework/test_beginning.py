"""Many that begin at once are written row for row as if each had begun alone, and a round is opened once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from city import City, lead_uscc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update
from sqlalchemy import text as sql
from test_rounds import announce, filed

from casework import audit, beginning, loading, parties
from casework.beginning import Beginning, Where, begin_all
from casework.chain import ORIGIN
from casework.loading import Loaded
from casework.recording import Batch, Hand
from models import Matter, Person, Record
from models import Subject as SubjectRow
from models.database import reading, writing
from procedure.act import SYSTEM, Decision, Facts, Refusal
from procedure.evaluation import Evaluation
from procedure.instant import calendar_day, end_of, iso, local_instant
from procedure.machine import begin
from procedure.revocation import Revocation
from procedure.subject import Subject

TABLES = Record.metadata.tables
WRITTEN = ("subjects", "matters", "events", "deadlines", "ledger", "timers", "notices")
LEADS = 4
Written = dict[str, list[dict[str, Any]]]
HERE = Path(__file__).parent


def singly(connection: Connection, where: Where, each: Beginning, hand: Hand) -> int:
    """Begin one matter as any other subject begins: its row, then what its first event brings."""
    parent_id, parent = each.parent or (None, None)
    blank = Subject(each.kind, each.number, parent, "", 0, each.record, dates=each.dates)
    decision = begin(where.procedure, blank, Facts(where.calendar), hand.actor, {}, where.now)
    assert isinstance(decision, Decision), decision
    row = {
        "kind": each.kind,
        "bureau_id": where.bureau_id,
        "parent_id": parent_id,
        "revision_id": where.revision_id,
        "stage": decision.subject.stage,
        "version": 0,
        "state": "{}",
        "head": ORIGIN,
        "entered_at": where.now,
        "created_at": where.now,
        "entry_district_id": parties.bureau_id(connection, each.record.district),  # type: ignore[union-attr]
    }
    subjects = SubjectRow.__table__
    subject_id = int(connection.execute(insert(subjects).values(row).returning(subjects.c.id)).scalar_one())
    linked = {
        "subject_id": subject_id,
        "bureau_id": where.bureau_id,
        "kind": each.kind,
        "number": each.number,
        "entry_id": each.entry,
        "round_id": parent_id if each.kind == "evaluation" else None,
        "cause_id": each.cause,
    }
    connection.execute(insert(Matter.__table__).values(linked))
    nobody = ("", "")
    loaded = Loaded(
        subject_id,
        where.bureau_id,
        ORIGIN,
        where.procedure,
        blank,
        None,
        None,
        nobody,
        nobody,
        where.calendar,
        where.now,
    )
    batch = Batch(where.now)
    batch.add(loaded, decision.events, decision.subject, (hand,))
    batch.write(connection)
    return subject_id


def written(connection: Connection, ids: list[int]) -> Written:
    """Return every row of these subjects, without what is chance or a mere count."""
    found: Written = {}
    for name in WRITTEN:
        table = TABLES[name]
        of = (table.c.id if name == "subjects" else table.c.subject_id).in_(ids)
        # In which order notices were written says nothing: by what each is, once.
        key = ("subject_id", "cause", "recipient_id") if name == "notices" else table.primary_key.columns
        rows = connection.execute(select(table).where(of).order_by(*key)).mappings()
        left_out = ("id", "message_id") if name == "notices" else ()
        found[name] = [{key: row[key] for key in row if key not in left_out} for row in rows]
    return found


@pytest.fixture
def filed_city(yueyang: City) -> City:
    """A city with filed consortia, of whose units people wish to be told in different ways."""
    made = yueyang
    filed(made, LEADS)
    ways: list[tuple[int, str, dict[str, Any] | None]] = [
        (0, "zh", None),
        (1, "en", {"*": {"channels": ["wecom", "email"]}}),
        (2, "zh", {"*": {"digest": True}}),
        (3, "zh", {"*": {"channels": []}}),
    ]
    with writing(made.engine) as connection:
        unit = parties.organisation(connection, lead_uscc(0), "第0公司", "enterprise", made.district)
    made.person("second", "applicant", organisation_id=unit)
    people = Person.__table__
    with writing(made.engine) as connection:
        for n, language, choices in ways:
            connection.execute(
                update(people)
                .where(people.c.handle == f"zhang{n}")
                .values(language=language, choices=choices)
            )
    return made


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)),
    min_size=1,
    max_size=20,
) | st.sampled_from(['"', "\\", "%s", "%", "{0}", "\x1b\x7f", "\u2028", "😀"])
DAYS = st.integers(0, 80).map(lambda n: calendar_day("2025-07-20").add(days=n))


@st.composite
def several(draw: st.DrawFn) -> list[Beginning]:
    """Draw what begins at once: like and unlike, with dates ahead, near and behind."""
    some: list[Beginning] = []
    rounds_days = draw(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=2))
    for n in range(draw(st.integers(1, LEADS))):
        about = (f"E{n}", draw(TEXTS), lead_uscc(draw(st.integers(0, LEADS))), draw(TEXTS), "pingjiang")
        number = f"{n}/{draw(TEXTS)}"
        if draw(st.integers(0, 3)):
            first, last = sorted(draw(st.sampled_from(rounds_days)))
            dates = {"self_report": end_of(first), "last_report": end_of(last)}
            record = Evaluation(*about, "PJ", draw(st.sampled_from(["evaluation", "acceptance"])))
            some.append(Beginning("evaluation", number, record, n + 1, (1, "2024"), dates=dates))
        else:
            some.append(Beginning("revocation", number, Revocation(*about, draw(TEXTS), "依据"), n + 1))
    return some


class TakenBack(Exception):
    """What was written has been read, and is not to stay."""


def tried(city: City, some: list[Beginning], *, at_once: bool) -> Written:
    """Begin them all at once or one by one, return what was written, and leave nothing behind."""
    found: Written = {}
    try:
        with writing(city.engine) as connection:
            if connection.dialect.name == "postgresql":
                # Ids that were given out do not come back by themselves.
                of_subjects = "setval('subjects_id_seq', (SELECT max(id) FROM subjects))"
                connection.execute(sql(f"SELECT {of_subjects}"))
            loaded = loading.one(connection, city.call)
            revision = connection.execute(select(SubjectRow.revision_id)).scalars().first()
            assert revision is not None
            now = local_instant("2025-08-05T09:00")
            where = Where(loaded.bureau_id, revision, loaded.procedure, loaded.calendar, now)
            if at_once:
                ids = begin_all(connection, where, some, Hand(SYSTEM))
                assert not isinstance(ids, Refusal), ids
            else:
                ids = [singly(connection, where, one, Hand(SYSTEM)) for one in some]
            found = written(connection, ids)
            raise TakenBack
    except TakenBack:
        return found


# Each example leaves the city as it was.
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=several())
def test_what_begins_at_once_is_written_as_if_each_had_begun_alone(
    filed_city: City, some: list[Beginning]
) -> None:
    assert tried(filed_city, some, at_once=True) == tried(filed_city, some, at_once=False)


def test_the_comparison_sees_notices_reminders_and_what_was_skipped(filed_city: City) -> None:
    first, last = end_of(calendar_day("2025-08-05")), end_of(calendar_day("2025-09-16"))
    dates = {"self_report": first, "last_report": last}
    some = [
        Beginning(
            "evaluation",
            f"PJ/{n}",
            Evaluation(f"E{n}", "“联合体”", lead_uscc(n), "公司", "pingjiang", "PJ", "evaluation"),
            n + 1,
            (1, "2024"),
            dates=dates,
        )
        for n in range(LEADS)
    ]
    found = tried(filed_city, some, at_once=True)
    told = [(row["channel"], row["language"], row["bundle"]) for row in found["notices"]]
    # The first unit has two people. This is served: nobody can put it off or decline it.
    others = [("email", "zh", None)] * 2
    assert told == [*others, ("wecom", "en", None), *others]
    assert {row["state"] for row in found["timers"]} == {"pending", "skipped"}
    assert len({row["hash"] for row in found["events"]}) == LEADS
    assert {iso(row["wake_at"]) for row in found["subjects"]} == {"2025-08-06T00:00:00+08:00"}


@pytest.mark.parametrize("ids", [[1], [3, 4, 5], [1, 2, 4, 8, 9]])
def test_ids_that_others_came_between_are_written_in_runs(ids: list[int]) -> None:
    covered = [n for first, last in beginning._runs(ids) for n in range(first, last + 1)]
    assert covered == ids


def test_a_round_killed_at_every_statement_is_opened_once(yueyang: City) -> None:
    numbers = filed(yueyang, 3)
    yueyang.at("2025-08-05T09:00")
    announce(yueyang)
    url = yueyang.engine.url.render_as_string(hide_password=False)
    yueyang.engine.dispose()
    done = subprocess.run(
        [sys.executable, str(HERE / "killed.py"), url, json.dumps({"what": "round"})],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) >= 15
    tasks = [row for row in yueyang.rows("matters") if row["kind"] == "evaluation"]
    assert [row["number"] for row in tasks] == [f"PJ2025/{number}" for number in numbers]
    told = [row["subject_id"] for row in yueyang.rows("notices") if row["text"] == "evaluation_opened"]
    assert told == [row["subject_id"] for row in tasks]
    [of_round] = [row for row in yueyang.rows("matters") if row["kind"] == "round"]
    record = yueyang.subject(of_round["subject_id"]).record
    assert (record.opened, yueyang.kinds(of_round["subject_id"])) == (3, ["started", "round_opened"])  # type: ignore[union-attr]
    with reading(yueyang.engine) as connection:
        assert list(audit.verify(connection)) == []
