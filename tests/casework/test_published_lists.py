"""One list, one snapshot, one clock: publication, its end, and a change while it runs, in the database."""

import datetime

import pytest
from sqlalchemy import Engine, text

from casework import audit, queries
from casework.calendar_import import import_arrangements
from models.database import reading
from procedure.instant import iso, local_instant
from procedure.publicity import snapshot
from procedure.subject import ListEntry
from procedure.working_days import Arrangement
from tests.casework.published_call import City, city

FRIDAY = "2025-09-26T10:00"
UNTIL = "2025-10-10T23:59:59.999999+08:00"
"""Five working days after that Friday: Sunday the 28th, the 29th, the 30th, then 9 and 10 October."""

A, B, C = "YY2025-0001", "YY2025-0002", "YY2025-0003"
CHANGE = {"list": 1, "document_number": "公示〔2025〕2号", "reason": "信息有误"}


def ends(found: City) -> list[str | None]:
    """Until when each case is open to objections, by its own clock."""
    return [None if (until := found.until(number)) is None else iso(until) for number in found.numbers]


def ledger(found: City, number: str) -> list[tuple[str, int, str | None]]:
    """The lines of the publicity's ledger: what, of which occurrence, due when after it."""
    with reading(found.engine) as connection:
        return [
            (
                line.entry.kind,
                line.occurrence,
                None if line.entry.due_after is None else iso(line.entry.due_after),
            )
            for line in queries.ledger(connection, found.id_of(number))
            if line.deadline == "publicity"
        ]


def sound(found: City) -> bool:
    with reading(found.engine) as connection:
        return list(audit.verify(connection)) == []


def test_one_list_has_one_snapshot_and_one_clock_across_national_day(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85", "75")).publish(FRIDAY)
    assert found.places() == ["publicity"] * 3
    assert ends(found) == [UNTIL] * 3
    [version] = found.lists()
    assert [(line.position, line.case, line.lead_name, line.direction) for line in version.lines] == [
        (1, A, "甲公司", "生物医药"),
        (2, B, "乙公司", "新材料"),
        (3, C, "丙公司", "海洋装备"),
    ]
    assert [(iso(line.until), line.held) for line in version.lines if line.until] == [(UNTIL, False)] * 3
    assert (version.number, version.version, version.document) == (1, 1, "公示〔2025〕1号")
    assert (iso(version.published_at), iso(version.until)) == ("2025-09-26T10:00:00+08:00", UNTIL)
    entries = [ListEntry(line.position, line.case, line.lead_name, line.direction) for line in version.lines]
    assert version.snapshot == snapshot("公示〔2025〕1号", local_instant(FRIDAY), entries)
    assert version.intact
    assert sound(found)


def test_a_publicity_without_objection_ends_by_itself_and_not_a_moment_early(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85")).publish(FRIDAY)
    assert found.at("2025-10-10T23:59:59.999999").places() == ["publicity"] * 2
    assert found.at("2025-10-11T00:01:00").places() == ["filing"] * 2
    assert {found.subject(number).entered_at for number in found.numbers} == {local_instant(UNTIL)}
    assert ledger(found, A) == [("started", 1, UNTIL), ("lapsed", 1, None)]


def test_a_make_up_saturday_counts(story_engine: Engine) -> None:
    found = city(story_engine, points=("95",)).publish("2025-09-28T10:00")
    assert ends(found) == ["2025-10-11T23:59:59.999999+08:00"]


def test_the_ranked_list_follows_the_scores_in_the_database(story_engine: Engine) -> None:
    found = city(story_engine, points=("75", "95.25", "85"), selection="ranked").at("2025-09-20T09:00")
    code, facts = found.refused("2025", "leader", "select", cases=[A, B])
    assert (code, facts["expected"], facts["means"]) == ("not_by_rank", [B, C], {B: 9525, C: 8500, A: 7500})
    found.publish(FRIDAY, B, C)
    assert found.places() == ["not_selected", "publicity", "publicity"]
    assert [line.case for line in found.lists()[0].lines] == [B, C]


def test_a_list_that_cannot_be_published_whole_is_not_published(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85")).select(FRIDAY)
    found.do(B, "applicant", "withdraw", reason="资金不足")
    document = {"document_number": "公示〔2025〕1号"}
    assert found.refused("2025", "officer", "publish_list", **document, cases=[A, B]) == (
        "not_ready_for_publicity",
        {"cases": [B], "waiting": [A]},
    )
    assert (found.lists(), found.places()) == ([], ["proposed", "withdrawn"])
    found.do("2025", "officer", "publish_list", **document)
    assert [line.case for line in found.lists()[0].lines] == [A]


@pytest.mark.parametrize(
    ("restart", "ends_at"),
    [
        ("changed", [None, "2025-10-14T23:59:59.999999+08:00", UNTIL]),
        ("all", [None, "2025-10-14T23:59:59.999999+08:00", "2025-10-14T23:59:59.999999+08:00"]),
    ],
)
def test_a_list_changed_during_publicity_restarts_by_the_pack(
    story_engine: Engine, restart: str, ends_at: list[str | None]
) -> None:
    found = city(story_engine, points=("95", "85", "75"), publicity_restart=restart).publish(FRIDAY)
    found.at("2025-09-30T09:00").do(
        "2025",
        "leader",
        "change_list",
        **CHANGE,
        remove=[{"case": A, "reason": "弄虚作假"}],
        correct={B: {"direction": "先进材料"}},
    )
    assert found.places() == ["struck_from_list", "publicity", "publicity"]
    assert ends(found) == ends_at
    first, second = found.lists()
    assert [(each.number, each.version, each.reason) for each in (first, second)] == [
        (1, 1, None),
        (1, 2, "信息有误"),
    ]
    assert [(line.case, line.direction) for line in first.lines] == [
        (A, "生物医药"),
        (B, "新材料"),
        (C, "海洋装备"),
    ]
    assert [(line.position, line.case, line.direction) for line in second.lines] == [
        (2, B, "先进材料"),
        (3, C, "海洋装备"),
    ]
    assert (first.intact, second.intact) == (True, True)
    assert (iso(first.until), iso(second.until)) == (UNTIL, "2025-10-14T23:59:59.999999+08:00")
    assert found.case(A).reason == "弄虚作假"
    restarted = [
        ("started", 1, UNTIL),
        ("cancelled", 1, None),
        ("started", 2, "2025-10-14T23:59:59.999999+08:00"),
    ]
    assert ledger(found, B) == restarted
    assert ledger(found, C) == (restarted if restart == "all" else [("started", 1, UNTIL)])
    assert found.at("2025-10-11T00:01").places()[1:] == [
        "publicity",
        "publicity" if restart == "all" else "filing",
    ]
    assert found.at("2025-10-15T00:01").places()[1:] == ["filing", "filing"]
    assert sound(found)


def test_a_corrected_direction_is_the_one_that_is_filed(story_engine: Engine) -> None:
    found = city(story_engine, points=("95",)).publish(FRIDAY)
    found.do("2025", "leader", "change_list", **CHANGE, correct={A: {"direction": "先进材料"}})
    found.at("2025-10-12T09:00").do(
        A, "officer", "file", document_number="岳科发〔2025〕1号", document_date="2025-10-12"
    )
    filing = found.case(A).filing
    assert filing is not None
    assert filing.name == "岳阳市先进材料创新联合体"


def test_whoever_alters_a_published_list_is_found_out(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85")).publish(FRIDAY)
    with story_engine.begin() as connection:
        connection.execute(text("UPDATE publicity_entries SET lead_name = '戊公司' WHERE position = 2"))
    [version] = found.lists()
    assert not version.intact


def test_a_call_without_lists_has_none(story_engine: Engine) -> None:
    assert city(story_engine, points=()).lists() == []


def test_an_imported_calendar_moves_the_list_with_its_entries(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85")).publish("2025-12-29T10:00")
    # Nobody knows yet what is off in January.
    [before] = found.lists()
    assert [iso(before.until), before.provisional] == [iso(found.until(A)), False]
    amended = Arrangement.model_validate(
        {
            "year": 2026,
            "version": 2,
            "document": "国办发明电〔2026〕1号",
            "issued": datetime.date(2025, 12, 30),
            "holidays": [
                {
                    "name_zh": "临时放假",
                    "name_en": "Extra day",
                    "first_day": datetime.date(2026, 1, 5),
                    "last_day": datetime.date(2026, 1, 6),
                }
            ],
        }
    )
    found.now("2025-12-31T09:00")
    moved = import_arrangements(story_engine, [amended]).moved
    [after] = found.lists()
    assert after.until == found.until(A) == found.until(B)
    assert after.until > before.until
    assert {(each.ref, each.deadline) for each in moved} >= {(A, "publicity"), (B, "publicity")}
    assert [line.until for line in after.lines] == [after.until, after.until]
    assert (after.snapshot, after.intact) == (before.snapshot, True)
    call = found.subject("2025")
    assert (call.call.lists[0].until, call.call.lists[0].provisional) == (after.until, False)
    assert sound(found)
    assert import_arrangements(story_engine, []).moved == ()
    # What has ended stays as it was.
    found.at("2026-02-02T09:00")
    later = amended.model_copy(update={"version": 3, "issued": datetime.date(2026, 2, 1)})
    import_arrangements(story_engine, [later])
    assert [line.until for line in found.lists()] == [after.until]


def test_a_change_that_starts_no_clock_still_counts_from_the_first_publication(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85")).publish("2025-12-29T10:00").at("2025-12-30T10:00")
    change = {"list": 1, "document_number": "公示〔2025〕2号", "reason": "重复申报"}
    found.do("2025", "leader", "change_list", **change, remove=[{"case": B, "reason": "重复申报"}])
    first, second = found.lists()
    assert second.until == first.until == found.until(A)
    assert found.subject("2025").call.lists[0].counted_from == local_instant("2025-12-29T10:00")
