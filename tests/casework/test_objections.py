"""Objections hold their entry only, and each is answered: upheld, dismissed, late, anonymous, two at once."""

import io
from pathlib import Path

from sqlalchemy import Engine, select, text

from casework import audit, clock, documents
from models import Event
from models.database import reading, writing
from procedure.instant import iso, local_instant
from tests.casework.published_call import City, city

FRIDAY = "2025-09-26T10:00"
UNTIL = "2025-10-10T23:59:59.999999+08:00"
A, B = "YY2025-0001", "YY2025-0002"
NAMED = {"text": "成果系他人所有。\n见附件。", "objector": "李某", "contact": "13800000000"}


def lodged(engine: Engine, at: str = "2025-09-29T10:00", **settings: bool) -> City:
    """A city in which a named objection to the first of two entries was lodged on the second working day."""
    found = city(engine, points=("95", "85"), **settings).publish(FRIDAY).at(at)
    found.do(A, "officer", "lodge_objection", **NAMED)
    return found


def held(found: City) -> list[tuple[str, bool, str | None]]:
    """What the list says of its entries: whether an objection holds them, and until when they are open."""
    return [
        (line.case, line.held, None if line.until is None else iso(line.until))
        for line in found.lists()[-1].lines
    ]


def test_an_objection_holds_its_entry_only(story_engine: Engine) -> None:
    found = lodged(story_engine)
    assert found.places() == ["objection", "publicity"]
    assert held(found) == [(A, True, None), (B, False, UNTIL)]
    assert found.until(A, "objection") == local_instant("2025-10-27T23:59:59.999999")
    assert found.at("2025-10-12T09:00").places() == ["objection", "filing"]


def test_an_objection_dismissed_lets_the_rest_of_the_time_run(story_engine: Engine) -> None:
    found = lodged(story_engine).at("2025-10-09T09:00")
    found.do(A, "leader", "decide_objection", objection=1, result="dismissed", reason="查无实据")
    # Friday's publicity had three working days left after Monday 29 September.
    until = "2025-10-13T23:59:59.999999+08:00"
    assert found.places() == ["publicity", "publicity"]
    assert held(found) == [(A, False, until), (B, False, UNTIL)]
    [line] = found.objections(A)
    assert (line.result, line.decision, line.decided_at) == (
        "dismissed",
        "查无实据",
        local_instant("2025-10-09T09:00"),
    )
    assert found.case(A).reason is None
    assert found.at("2025-10-14T00:01").places() == ["filing", "filing"]
    assert found.refused(A, "officer", "lodge_objection", **NAMED) == (
        "objection_late",
        {"until": until, "stage": "filing"},
    )


def test_an_objection_of_the_last_day_leaves_the_day_of_its_dismissal(story_engine: Engine) -> None:
    found = lodged(story_engine, at="2025-10-10T23:59:59.999999")
    found.at("2025-10-18T09:00")  # a Saturday
    found.do(A, "leader", "decide_objection", objection=1, result="dismissed", reason="查无实据")
    assert found.until(A) == local_instant("2025-10-20T23:59:59.999999")
    assert found.at("2025-10-21T00:01").place(A) == "filing"


def test_an_objection_upheld_ends_the_case(story_engine: Engine) -> None:
    found = lodged(story_engine)
    found.do(A, "leader", "decide_objection", objection=1, result="upheld", reason="成果确系他人所有")
    assert found.places() == ["objection_upheld", "publicity"]
    assert found.case(A).reason == "成果确系他人所有"
    assert found.objections(A)[0].result == "upheld"
    assert [line[:2] for line in held(found)] == [(A, False), (B, False)]
    assert found.refused(A, "officer", "lodge_objection", **NAMED)[0] == "closed"


def test_a_pack_may_end_the_case_after_a_dismissed_objection_too(story_engine: Engine) -> None:
    found = lodged(story_engine, filing_after_dismissed=False)
    found.do(A, "leader", "decide_objection", objection=1, result="dismissed", reason="查无实据")
    assert found.places() == ["not_filed", "publicity"]


def test_every_one_of_two_objections_is_decided(story_engine: Engine) -> None:
    found = lodged(story_engine).at("2025-09-30T10:00")
    found.do(A, "officer", "lodge_objection", text="牵头单位不在本市")
    assert [(line.number, line.anonymous, line.objector) for line in found.objections(A)] == [
        (1, False, "李某"),
        (2, True, None),
    ]
    found.do(A, "leader", "decide_objection", objection=2, result="dismissed", reason="已核实在本市")
    assert (found.place(A), held(found)[0][1]) == ("objection", True)
    again = {"objection": 2, "result": "upheld", "reason": "再议"}
    assert found.refused(A, "leader", "decide_objection", **again) == (
        "objection_decided",
        {"objection": 2, "result": "dismissed"},
    )
    assert found.refused(A, "leader", "decide_objection", **{**again, "objection": 3}) == (
        "no_such_objection",
        {"objection": 3, "objections": [1, 2]},
    )
    found.do(A, "leader", "decide_objection", objection=1, result="dismissed", reason="查无实据")
    # The first objection stopped the clock with three working days left.
    assert (found.place(A), found.until(A)) == ("publicity", local_instant("2025-10-11T23:59:59.999999"))
    assert [line.result for line in found.objections(A)] == ["dismissed", "dismissed"]


def test_one_upheld_of_two_ends_the_case_with_the_other_unanswered(story_engine: Engine) -> None:
    found = lodged(story_engine)
    found.do(A, "officer", "lodge_objection", text="牵头单位不在本市")
    found.do(A, "leader", "decide_objection", objection=2, result="upheld", reason="确不在本市")
    assert found.place(A) == "objection_upheld"
    assert [line.result for line in found.objections(A)] == [None, "upheld"]
    assert held(found)[0][1] is False


def test_a_late_objection_is_refused_with_the_instant(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85"))
    assert found.refused(A, "officer", "lodge_objection", **NAMED) == (
        "not_published",
        {"stage": "selection"},
    )
    found.publish(FRIDAY).now("2025-10-10T23:59:59.999999")
    found.do(A, "officer", "lodge_objection", **NAMED)
    # A microsecond later, whether or not a sweep has been by.
    found.now("2025-10-11T00:00:00")
    assert found.refused(B, "officer", "lodge_objection", **NAMED) == (
        "objection_late",
        {"until": UNTIL, "stage": "filing"},
    )
    assert found.objections(B) == []


def test_an_anonymous_objection_is_for_the_pack_to_allow(story_engine: Engine) -> None:
    found = city(story_engine, points=("95",), anonymous_objections=False).publish(FRIDAY)
    assert found.refused(A, "officer", "lodge_objection", text="举报", contact="13800000000") == (
        "anonymous_not_accepted",
        {"field": "objector"},
    )
    found.do(A, "officer", "lodge_objection", **NAMED)
    assert [line.anonymous for line in found.objections(A)] == [False]


def test_who_objected_stands_apart_and_can_be_erased(story_engine: Engine) -> None:
    found = lodged(story_engine)
    with reading(story_engine) as connection:
        rows = connection.execute(
            select(Event.__table__).where(Event.__table__.c.subject_id == found.id_of(A))
        )
        told = [row for row in rows if row.kind == "objection_lodged"]
        state = connection.execute(text("SELECT state FROM subjects WHERE id = :id"), {"id": found.id_of(A)})
        kept = str(state.scalar_one())
    assert len(told) == 1
    for secret in ("李某", "13800000000"):
        assert secret in str(told[0].personal)
        assert secret not in str(told[0].data)
        assert secret not in kept
    with writing(story_engine) as connection:
        connection.execute(text("UPDATE events SET personal = NULL WHERE kind = 'objection_lodged'"))
    [line] = found.objections(A)
    assert (line.anonymous, line.objector, line.contact, line.text) == (False, None, None, NAMED["text"])
    with reading(story_engine) as connection:
        assert list(audit.verify(connection)) == []


def test_an_objection_once_recorded_cannot_be_taken_back(story_engine: Engine) -> None:
    found = lodged(story_engine)
    assert found.refused(A, "officer", "take_back", reason="误录") == (
        "act_stands",
        {"act": "lodge_objection", "stage": "publicity"},
    )
    assert (found.place(A), len(found.objections(A))) == ("objection", 1)


def test_evidence_is_stored_before_and_kept(story_engine: Engine, tmp_path: Path) -> None:
    found = city(story_engine, points=("95",)).publish(FRIDAY)
    proof = documents.store(story_engine, tmp_path, io.BytesIO(b"proof"))
    loose = documents.store(story_engine, tmp_path, io.BytesIO(b"loose"))
    unknown = {"digest": "0" * 64, "name": "证据.pdf"}
    known = {"digest": proof.digest, "name": "证据.pdf"}
    assert found.refused(A, "officer", "lodge_objection", **NAMED, evidence=[known, unknown]) == (
        "file_not_stored",
        unknown,
    )
    assert found.refused(A, "officer", "lodge_objection", **NAMED, evidence=[known, known]) == (
        "file_twice",
        {"digests": [proof.digest]},
    )
    found.do(A, "officer", "lodge_objection", **NAMED, evidence=[known])
    assert found.objections(A)[0].evidence == (("证据.pdf", proof.digest),)
    with writing(story_engine) as connection:
        clock.move(connection, local_instant("2025-10-30T09:00"))
    assert documents.sweep_orphans(story_engine, tmp_path) == [loose.digest]


def test_a_list_that_changes_while_an_objection_holds_an_entry(story_engine: Engine) -> None:
    found = lodged(story_engine, publicity_restart="all").at("2025-09-30T09:00")
    change = {"list": 1, "document_number": "公示〔2025〕2号", "reason": "信息有误"}
    found.do("2025", "leader", "change_list", **change, correct={B: {"direction": "先进材料"}})
    assert found.places() == ["objection", "publicity"]
    assert held(found) == [(A, True, None), (B, False, "2025-10-14T23:59:59.999999+08:00")]
    assert [line.list for line in found.objections(A)] == [1]
    found.at("2025-10-20T09:00")
    found.do(A, "leader", "decide_objection", objection=1, result="dismissed", reason="查无实据")
    # Its time begins anew with the decision: five working days, not what was left of the first.
    assert found.until(A) == local_instant("2025-10-27T23:59:59.999999")
    assert held(found)[0] == (A, False, "2025-10-27T23:59:59.999999+08:00")
    assert found.subject(A).occurrences["publicity"] == 2


def test_an_entry_struck_while_an_objection_is_open_ends(story_engine: Engine) -> None:
    found = lodged(story_engine).at("2025-10-20T09:00")
    found.do(
        "2025",
        "leader",
        "change_list",
        list=1,
        document_number="公示〔2025〕2号",
        reason="核实后移出",
        remove=[{"case": A, "reason": "成果权属不清"}],
    )
    assert found.places() == ["struck_from_list", "filing"]
    first, second = found.lists()
    assert ([line.case for line in second.lines], iso(second.until)) == ([B], UNTIL)
    assert second.published_at > second.until
    assert (first.intact, second.intact) == (True, True)


RECEIVED = {"text": "合作协议系补签", "received_at": "2025-10-10T23:59:59"}


def over(engine: Engine, at: str = "2025-10-13T09:00") -> City:
    """A city whose two entries' publicity ended without objection on 10 October."""
    found = city(engine, points=("95", "85")).publish(FRIDAY).at(at)
    assert found.places() == ["filing", "filing"]
    return found


def test_an_objection_received_in_time_and_entered_late_holds_the_filing(story_engine: Engine) -> None:
    found = over(story_engine)
    document = found.until(A, "document")
    found.do(A, "officer", "lodge_objection", **RECEIVED)
    assert found.places() == ["objection", "filing"]
    [line] = found.objections(A)
    assert iso(line.lodged_at) == "2025-10-10T23:59:59+08:00"
    assert iso(found.case(A).objections[0].lodged_at) == "2025-10-10T23:59:59+08:00"
    assert found.refused(A, "officer", "file", document_number="1", document_date="2025-10-13")[0] == (
        "act_not_at_this_stage"
    )
    # The filing's clock stands still meanwhile: Saturday the 11th is worked, and of ten days eight are left.
    found.at("2025-10-20T09:00")
    assert document == local_instant("2025-10-23T23:59:59.999999")
    found.do(A, "leader", "decide_objection", objection=1, result="dismissed", reason="协议签于申报之前")
    assert found.places() == ["filing", "filing"]
    assert found.until(A, "document") == local_instant("2025-10-30T23:59:59.999999")
    assert (found.until(A), found.subject(A).occurrences["publicity"]) == (None, 1)
    with reading(story_engine) as connection:
        assert list(audit.verify(connection)) == []


def test_one_received_in_time_and_upheld_ends_the_case(story_engine: Engine) -> None:
    found = over(story_engine)
    found.do(A, "officer", "lodge_objection", **RECEIVED)
    assert found.refused(A, "officer", "lodge_objection", **NAMED)[0] == "objection_late"
    found.do(A, "officer", "lodge_objection", **{**RECEIVED, "received_at": "2025-09-26T10:00:00"})
    found.do(A, "leader", "decide_objection", objection=2, result="upheld", reason="确系补签")
    assert found.place(A) == "objection_upheld"


def test_the_stated_receipt_must_lie_within_the_publicity_and_not_ahead(story_engine: Engine) -> None:
    found = over(story_engine)
    until = {"until": UNTIL, "stage": "filing"}
    for received, code, facts in (
        ("2025-10-11T00:00:00", "objection_late", until),
        ("2025-10-13T09:00:01", "time_ahead", None),
        ("2025-09-26T09:59:59", "before_publication", None),
        ("十月十日", "bad_time", {"field": "received_at", "value": "十月十日"}),
    ):
        refused = found.refused(A, "officer", "lodge_objection", **{**RECEIVED, "received_at": received})
        assert refused[0] == code
        assert facts in (None, refused[1])
    assert found.objections(A) == []


def test_while_the_publicity_lasts_the_receipt_may_be_stated_too(story_engine: Engine) -> None:
    found = city(story_engine, points=("95",)).publish(FRIDAY).at("2025-09-30T09:00")
    given = {**NAMED, "received_at": "2025-09-29T16:00"}
    assert found.refused(A, "officer", "lodge_objection", **{**given, "received_at": "2025-09-30T09:01"})[
        0
    ] == ("time_ahead")
    found.do(A, "officer", "lodge_objection", **given)
    assert iso(found.objections(A)[0].lodged_at) == "2025-09-29T16:00:00+08:00"
    assert found.place(A) == "objection"
