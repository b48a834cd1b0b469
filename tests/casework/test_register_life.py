"""An entry of the register lives on after filing: it expires on its day, and its history stays."""

from city import City

from casework import beginning, loading, wake
from models.database import reading, writing
from procedure.act import Actor, Refusal
from procedure.instant import iso
from procedure.revocation import Revocation


def filed(yueyang: City) -> tuple[int, str]:
    """Return the entry's subject and its register number, for a case filed on 10 July 2024."""
    case = yueyang.case_at("selection")
    number = yueyang.subject(case).ref
    yueyang.at("2024-08-05T09:00")
    wake.sweep(yueyang.engine, "call")
    yueyang.do(yueyang.call, "boss", "select", cases=[number])
    yueyang.do(case, "chen", "file", document_number="1号", document_date="2024-08-05")
    [entry] = yueyang.rows("register_entries")
    with reading(yueyang.engine) as connection:
        return loading.id_of(connection, entry["number"]), entry["number"]


def states(yueyang: City) -> list[tuple[str, str]]:
    return [(row["state"], iso(row["since"])) for row in yueyang.rows("register_states")]


def test_a_filed_entry_is_valid_and_expires_by_itself_when_its_last_day_is_over(yueyang: City) -> None:
    subject, _ = filed(yueyang)
    assert (yueyang.subject(subject).kind, yueyang.subject(subject).stage) == ("entry", "valid")
    assert states(yueyang) == [("valid", "2024-08-05T09:00:00+08:00")]
    yueyang.at("2027-08-04T23:59:59")
    assert wake.sweep(yueyang.engine, "entry").moved == ()
    yueyang.at("2027-08-05T00:00:30")
    [moved] = wake.sweep(yueyang.engine, "entry").moved
    assert (moved.before, moved.after) == ("valid", "expired")
    assert states(yueyang) == [
        ("valid", "2024-08-05T09:00:00+08:00"),
        ("expired", "2027-08-04T23:59:59.999999+08:00"),
    ]
    assert [row["state"] for row in yueyang.rows("register_entries")] == ["expired"]
    told = [row for row in yueyang.rows("notices") if row["text"] == "entry_expired"]
    assert len(told) == 3  # the lead unit, the recommending unit, the bureau


def revocation(yueyang: City, number: str) -> int:
    """Return a revocation of the entry that is proposed."""
    with writing(yueyang.engine) as connection:
        of_entry = loading.one(connection, loading.id_of(connection, number))
        record = of_entry.subject.record
        facts = Revocation(
            number, record.name, record.lead, record.lead_name, record.district, "事实", "依据"
        )  # type: ignore[union-attr]
        row = next(each for each in yueyang.rows("register_entries"))
        revision = next(each for each in yueyang.rows("subjects") if each["id"] == of_entry.id)["revision_id"]
        where = beginning.Where(
            of_entry.bureau_id, revision, of_entry.procedure, of_entry.calendar, of_entry.now
        )
        hand = beginning.Hand(Actor("system"))
        begun = beginning.begin_all(
            connection, where, [beginning.Beginning("revocation", f"R1/{number}", facts, row["id"])], hand
        )
        assert not isinstance(begun, Refusal)
        return begun[0]


def test_a_revocation_is_heard_decided_and_reversed_on_appeal_with_all_its_history(yueyang: City) -> None:
    _, number = filed(yueyang)
    yueyang.at("2025-09-01T09:00")
    case = revocation(yueyang, number)
    yueyang.do(case, "chen", "give_notice")
    yueyang.at("2025-09-02T09:00")
    yueyang.do(case, "zhang0", "make_statement", text="已按计划完成")
    refused = yueyang.ask(case, "boss", "decide_revocation", {"result": "revoked", "answer": "不成立"})
    assert isinstance(refused, Refusal)
    assert refused.code == "document_number_missing"
    yueyang.at("2025-09-10T09:00")
    yueyang.do(case, "boss", "decide_revocation", result="revoked", answer="不成立", document_number="2号")
    assert [row["state"] for row in yueyang.rows("register_entries")] == ["revoked"]
    yueyang.at("2025-09-20T09:00")
    yueyang.do(case, "zhang0", "appeal_revocation", reason="事实有误")
    yueyang.at("2025-10-20T09:00")
    yueyang.do(case, "boss", "decide_revocation_appeal", result="reversed", answer="事实有误")
    assert states(yueyang) == [
        ("valid", "2024-08-05T09:00:00+08:00"),
        ("revoked", "2025-09-10T09:00:00+08:00"),
        ("valid", "2025-10-20T09:00:00+08:00"),
    ]
    assert yueyang.subject(case).outcome == "reversed"


def test_a_unit_that_says_nothing_is_decided_upon_when_five_working_days_are_over(yueyang: City) -> None:
    _, number = filed(yueyang)
    yueyang.at("2025-09-24T09:00")
    case = revocation(yueyang, number)
    yueyang.do(case, "chen", "give_notice")
    # Sunday the 28th is worked; 1 to 8 October are off.
    deadline = yueyang.subject(case).deadline("statement")
    assert deadline is not None
    assert iso(deadline.due_at) == "2025-09-30T23:59:59.999999+08:00"
    yueyang.at("2025-10-01T00:00:30")
    [moved] = wake.sweep(yueyang.engine, "revocation").moved
    assert (moved.before, moved.after) == ("hearing", "deciding")
