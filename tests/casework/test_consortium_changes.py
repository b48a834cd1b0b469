"""A filed consortium changes: every unit consents, and the register says it with its history."""

from typing import Any

import pytest
from city import MEMBER_FORM, UNIVERSITY, City, lead_uscc
from sqlalchemy import select, update
from test_register_life import filed

from casework import (
    beginning,
    changes,
    clock,
    consortium,
    loading,
    matter_list,
    parties,
    procedures,
    wake,
    work_list,
)
from casework.acts import Receipt
from models import Subject
from models.database import reading, writing
from procedure.act import SYSTEM, Refusal
from procedure.change import Change
from procedure.evaluation import Evaluation
from procedure.instant import iso
from procedure.pack import load_texts, shipped

JOINER = lead_uscc(7)
CHAIN = {
    "member.in_chain": True,
    "member.has_supporting_capability": True,
    "member.complements_others": True,
}
MATERIALS = {
    "members": ["supplementary_agreement"],
    "lead": ["supplementary_agreement", "commitment_letter"],
    "direction": ["construction_plan"],
    "dissolution": ["dissolution_agreement"],
    "chief_expert": ["appointment_letter"],
}


@pytest.fixture
def entry(yueyang: City) -> str:
    """The number of the one entry, filed on 5 August 2024; ``sun`` acts for a firm that is no member yet."""
    _, number = filed(yueyang)
    with writing(yueyang.engine) as connection:
        firm = parties.organisation(connection, JOINER, "新成员公司", "enterprise")
        yueyang.enter(connection, "sun", "member", organisation_id=firm)
    return number


def ask(yueyang: City, number: str, aspect: str, who: str = "zhang0", **more: Any) -> Receipt | Refusal:
    wanted = {"aspect": aspect, "reason": "项目需要", **more}
    return changes.propose(yueyang.engine, yueyang.people[who], number, wanted)


def proposed(yueyang: City, number: str, aspect: str, **more: Any) -> int:
    """Return a change that is drawn up with its materials."""
    receipt = ask(yueyang, number, aspect, **more)
    assert isinstance(receipt, Receipt), receipt
    with reading(yueyang.engine) as connection:
        change = loading.id_of(connection, receipt.ref)
    for material in MATERIALS[aspect]:
        stored = yueyang.store(material)
        yueyang.do(
            change,
            "zhang0",
            "attach_material",
            material=material,
            digest=stored["digest"],
            name=stored["name"],
        )
    return change


def joining(yueyang: City, number: str) -> int:
    return proposed(
        yueyang,
        number,
        "members",
        joins=[{"uscc": JOINER, "core_layer": True, "fields": {**MEMBER_FORM, **CHAIN}}],
    )


def members(yueyang: City, number: str) -> list[str]:
    with reading(yueyang.engine) as connection:
        return [each.uscc for each in consortium.filed(connection, number).composition.members]


def sees(yueyang: City, who: str) -> bool:
    """Return whether somebody sees what becomes of the filed consortium itself."""
    [own] = [row["subject_id"] for row in yueyang.rows("matters") if row["kind"] == "entry"]
    with reading(yueyang.engine) as connection:
        return matter_list.may_see(connection, yueyang.people[who], own)


def seen(yueyang: City, who: str) -> list[str]:
    """Return what somebody sees of everything after filing, by number."""
    with reading(yueyang.engine) as connection:
        found = matter_list.lines(connection, [yueyang.people[who]], kinds=("entry", *matter_list.OF_ENTRY))
    return sorted(each.number for each in found)


def carried(yueyang: City, change: int, *consenting: str) -> None:
    """Hand a change in, let everybody consent and have it approved."""
    yueyang.do(change, "zhang0", "hand_in_change")
    for who in consenting:
        yueyang.do(change, who, "consent_to_change")
    yueyang.do(change, "chen", "decide_change", result="approved", answer="符合规定")


def record(yueyang: City, change: int) -> Change:
    found = yueyang.subject(change).record
    assert isinstance(found, Change)
    return found


def refusal(answer: Receipt | Refusal) -> Refusal:
    assert isinstance(answer, Refusal), answer
    return answer


@pytest.mark.clause("qingdao-guideline-2025", "7(3)", "members")
def test_a_member_joins_once_every_unit_has_consented_and_the_register_says_since_when(
    yueyang: City, entry: str
) -> None:
    change = joining(yueyang, entry)
    yueyang.do(change, "zhang0", "hand_in_change")
    assert [(each.uscc, each.answer) for each in record(yueyang, change).parties] == [
        (lead_uscc(0), "consented"),
        (UNIVERSITY, None),
        (JOINER, None),
    ]
    yueyang.at("2024-08-06T10:00")
    yueyang.do(change, "sun", "consent_to_change")
    assert yueyang.subject(change).stage == "consent"
    yueyang.do(change, "li", "consent_to_change")
    assert yueyang.subject(change).stage == "review"
    assert members(yueyang, entry) == [UNIVERSITY]
    assert (sees(yueyang, "li"), sees(yueyang, "sun")) == (True, False)
    yueyang.at("2024-08-07T10:00")
    yueyang.do(change, "chen", "decide_change", result="approved", answer="符合规定", document_number="3号")
    assert (sees(yueyang, "li"), sees(yueyang, "sun")) == (True, True)
    assert yueyang.subject(change).outcome == "approved"
    assert members(yueyang, entry) == [UNIVERSITY, JOINER]
    with reading(yueyang.engine) as connection:
        [changed] = consortium.history(connection, consortium.filed(connection, entry))
    assert (iso(changed.at), changed.cause, changed.aspect) == (
        "2024-08-07T10:00:00+08:00",
        f"{entry}/C1",
        "members",
    )
    # What it said before: the members as they were filed.
    assert changed.before == {"members": None}
    assert sorted(row["answer"] for row in yueyang.rows("consents")) == ["consented"] * 3


def test_one_refusal_ends_the_change_and_nothing_of_it_is_done(yueyang: City, entry: str) -> None:
    change = joining(yueyang, entry)
    yueyang.do(change, "zhang0", "hand_in_change")
    yueyang.do(change, "sun", "consent_to_change")
    yueyang.do(change, "li", "refuse_change", reason="职责重复")
    assert yueyang.subject(change).outcome == "refused"
    assert (sees(yueyang, "li"), sees(yueyang, "sun")) == (True, False)
    assert record(yueyang, change).refused_by == UNIVERSITY
    late = yueyang.ask(change, "chen", "decide_change", {"result": "approved", "answer": "x"})
    assert refusal(late).code == "closed"
    assert members(yueyang, entry) == [UNIVERSITY]
    told = {row["text"] for row in yueyang.rows("notices", change)}
    assert told == {"consent_asked", "change_ended"}


def test_a_unit_that_left_sees_what_had_ended_by_then_and_nothing_that_comes_later(
    yueyang: City, entry: str
) -> None:
    carried(yueyang, joining(yueyang, entry), "li", "sun")
    _evaluation_by(yueyang, entry, "e0", "R1")
    yueyang.at("2024-08-20T10:00")
    with reading(yueyang.engine) as connection:
        evaluation = loading.id_of(connection, f"R1/{entry}")
    yueyang.do(evaluation, "boss", "waive_evaluation", reason="本年不评")
    _evaluation_by(yueyang, entry, "e0", "R2")
    before = [f"R1/{entry}", f"R2/{entry}", entry, f"{entry}/C1"]
    assert seen(yueyang, "sun") == before
    yueyang.at("2024-09-02T10:00")
    leaving = proposed(yueyang, entry, "members", leaves=[JOINER])
    yueyang.do(leaving, "zhang0", "hand_in_change")
    # Until its leaving is approved it is a unit like the others.
    assert seen(yueyang, "sun") == [*before, f"{entry}/C2"]
    yueyang.do(leaving, "sun", "consent_to_change")
    yueyang.do(leaving, "li", "consent_to_change")
    yueyang.do(leaving, "chen", "decide_change", result="approved", answer="符合规定")
    assert seen(yueyang, "sun") == [f"R1/{entry}", f"{entry}/C1", f"{entry}/C2"]
    assert seen(yueyang, "li") == [*before, f"{entry}/C2"]
    _evaluation_by(yueyang, entry, "e0", "R3")
    assert f"R3/{entry}" not in seen(yueyang, "sun")
    # It may come back, and sees everything again.
    carried(yueyang, joining(yueyang, entry), "li", "sun")
    assert seen(yueyang, "sun") == seen(yueyang, "li")


def test_a_member_of_the_application_that_left_sees_its_application_and_no_longer_the_entry(
    yueyang: City, entry: str
) -> None:
    carried(yueyang, joining(yueyang, entry), "li", "sun")
    leaving = proposed(yueyang, entry, "members", leaves=[UNIVERSITY])
    carried(yueyang, leaving, "sun", "li")
    assert (sees(yueyang, "li"), sees(yueyang, "sun")) == (False, True)
    with reading(yueyang.engine) as connection:
        assert len(work_list.lines(connection, yueyang.people["li"])) == 1


def test_where_nobody_is_asked_who_left_sees_the_entry_no_more_and_who_joined_does(
    yueyang: City, entry: str
) -> None:
    files = dict(shipped("yueyang-2024").files)
    name = next(each for each, text in files.items() if "\nchanges:\n" in text)
    files[name] = files[name].replace("    consent: all\n", "    consent: none\n", 1)
    with writing(yueyang.engine) as connection:
        revision = procedures.publish(connection, load_texts(files), clock.now(connection))
        own = loading.id_of(connection, entry)
        connection.execute(
            update(Subject.__table__).where(Subject.__table__.c.id == own).values(revision_id=revision)
        )
    joiner = {"uscc": JOINER, "core_layer": True, "fields": {**MEMBER_FORM, **CHAIN}}
    change = proposed(yueyang, entry, "members", joins=[joiner], leaves=[UNIVERSITY])
    yueyang.do(change, "zhang0", "hand_in_change")
    assert (record(yueyang, change).parties, yueyang.subject(change).stage) == ((), "review")
    assert (sees(yueyang, "li"), sees(yueyang, "sun")) == (True, False)
    yueyang.do(change, "chen", "decide_change", result="approved", answer="同意")
    assert members(yueyang, entry) == [JOINER]
    assert (sees(yueyang, "li"), sees(yueyang, "sun")) == (False, True)


def test_silence_is_no_consent_when_ten_working_days_are_over(yueyang: City, entry: str) -> None:
    change = joining(yueyang, entry)
    yueyang.do(change, "zhang0", "hand_in_change")
    yueyang.do(change, "sun", "consent_to_change")
    yueyang.at("2024-08-19T23:59:59")
    assert wake.sweep(yueyang.engine, "change").moved == ()
    yueyang.at("2024-08-20T00:00:30")
    [moved] = wake.sweep(yueyang.engine, "change").moved
    assert (moved.before, moved.after) == ("consent", "not_agreed")


def test_who_is_no_unit_of_it_has_no_consent_to_give_and_nobody_answers_twice(
    yueyang: City, entry: str
) -> None:
    with writing(yueyang.engine) as connection:
        stranger = parties.organisation(connection, lead_uscc(8), "路人公司", "enterprise")
        yueyang.enter(connection, "lu", "member", organisation_id=stranger)
    change = joining(yueyang, entry)
    yueyang.do(change, "zhang0", "hand_in_change")
    before = yueyang.everything()
    assert refusal(yueyang.ask(change, "lu", "consent_to_change")).code == "consent_of_a_stranger"
    assert yueyang.everything() == before
    yueyang.do(change, "li", "consent_to_change")
    assert refusal(yueyang.ask(change, "li", "refuse_change", {"reason": "x"})).code == "already_answered"


def test_the_last_member_may_not_leave_unless_an_officer_says_why(yueyang: City, entry: str) -> None:
    change = proposed(yueyang, entry, "members", leaves=[UNIVERSITY])
    refused = refusal(yueyang.ask(change, "zhang0", "hand_in_change"))
    assert refused.code == "would_break_rules"
    broken = [each["rule"] for each in refused.facts["rules"]]
    for rule in broken:
        yueyang.do(change, "chen", "exempt_change", rule=rule, reason="接替单位已落实")
    yueyang.do(change, "zhang0", "hand_in_change")


def test_a_joiner_of_whom_a_rule_knows_nothing_is_named_with_what_is_missing(
    yueyang: City, entry: str
) -> None:
    change = proposed(yueyang, entry, "members", joins=[{"uscc": JOINER}])
    refused = refusal(yueyang.ask(change, "zhang0", "hand_in_change"))
    assert refused.code == "would_break_rules"
    assert f"{JOINER}:member.agreement_from" in refused.facts["rules"][0]["missing"]


def test_a_reviewer_tied_to_the_joiner_stands_against_the_approval(yueyang: City, entry: str) -> None:
    change = joining(yueyang, entry)
    yueyang.do(change, "zhang0", "hand_in_change")
    yueyang.do(change, "li", "consent_to_change")
    yueyang.do(change, "sun", "consent_to_change")
    _evaluation_by(yueyang, entry, "e0")
    with writing(yueyang.engine) as connection:
        parties.expert(connection, yueyang.people["e0"].person, yueyang.city, None, [], [JOINER])
    refused = refusal(yueyang.ask(change, "chen", "decide_change", {"result": "approved", "answer": "同意"}))
    assert (refused.code, members(yueyang, entry)) == ("reviewers_tied", [UNIVERSITY])


def _evaluation_by(yueyang: City, number: str, handle: str, code: str = "R") -> None:
    with writing(yueyang.engine) as connection:
        entry = consortium.filed(connection, number)
        loaded, held = entry.loaded, entry.record
        subjects = Subject.__table__
        revision = connection.execute(
            select(subjects.c.revision_id).where(subjects.c.id == loaded.id)
        ).scalar_one()
        where = beginning.Where(loaded.bureau_id, revision, loaded.procedure, loaded.calendar, loaded.now)
        evaluation = Evaluation(
            number,
            held.name,
            held.lead,
            held.lead_name,
            held.district,
            code,
            "evaluation",
            experts=(yueyang.people[handle].person,),
        )
        begun = beginning.begin_all(
            connection,
            where,
            [beginning.Beginning("evaluation", f"{code}/{number}", evaluation, entry.entry_id)],
            beginning.Hand(SYSTEM),
        )
        assert not isinstance(begun, Refusal)


@pytest.mark.parametrize(
    ("aspect", "more", "code"),
    [
        ("members", {"who": "li"}, "not_yours"),
        ("members", {}, "nobody_moves"),
        ("members", {"leaves": [JOINER]}, "no_such_member"),
        ("members", {"joins": [{"uscc": UNIVERSITY}]}, "already_a_member"),
        ("members", {"joins": [{"uscc": lead_uscc(0)}]}, "lead_is_no_member"),
        ("members", {"joins": [{"uscc": "1"}]}, "invalid_uscc"),
        ("members", {"joins": [{"uscc": lead_uscc(6)}]}, "unknown_unit"),
        ("members", {"joins": [{"uscc": JOINER, "fields": {"member.colour": "红"}}]}, "bad_fields"),
        ("name", {"value": "另一名称"}, "name_is_stated"),
        ("direction", {}, "value_missing"),
        ("direction", {"value": "氢能", "leaves": [UNIVERSITY]}, "not_of_this_change"),
        ("lead", {"lead": JOINER}, "new_lead_is_no_member"),
        ("colour", {}, "bad_particulars"),
    ],
)
def test_what_is_no_change_is_refused_by_name_with_nothing_written(
    yueyang: City, entry: str, aspect: str, more: dict[str, Any], code: str
) -> None:
    before = yueyang.everything()
    assert refusal(ask(yueyang, entry, aspect, **more)).code == code
    assert yueyang.everything() == before


def test_one_change_at_a_time_of_a_valid_entry(yueyang: City, entry: str) -> None:
    assert refusal(ask(yueyang, "没有", "members")).code == "no_such_entry"
    change = joining(yueyang, entry)
    before = yueyang.everything()
    open_already = refusal(ask(yueyang, entry, "direction", value="新方向"))
    assert (open_already.code, open_already.facts["change"]) == ("change_open", f"{entry}/C1")
    told = {"material": "colour", "digest": "0" * 64, "name": "红.pdf"}
    assert (
        refusal(yueyang.ask(change, "zhang0", "attach_material", told)).code == "unknown_material_of_change"
    )
    told |= {"material": "supplementary_agreement"}
    assert refusal(yueyang.ask(change, "zhang0", "attach_material", told)).code == "file_not_stored"
    told = {"rule": "colour", "reason": "x"}
    assert refusal(yueyang.ask(change, "chen", "exempt_change", told)).code == "unknown_exemption"
    assert yueyang.everything() == before
    yueyang.do(change, "zhang0", "withdraw_change", reason="暂缓")
    yueyang.at("2027-08-05T00:00")
    wake.sweep(yueyang.engine, "entry")
    before = yueyang.everything()
    assert refusal(ask(yueyang, entry, "direction", value="新方向")).code == "entry_is_not_valid"
    assert yueyang.everything() == before


def test_the_lead_does_not_change_while_an_evaluation_is_open(yueyang: City, entry: str) -> None:
    change = proposed(yueyang, entry, "lead", lead=UNIVERSITY)
    _evaluation_by(yueyang, entry, "e0")
    before = yueyang.everything()
    refused = refusal(yueyang.ask(change, "zhang0", "hand_in_change"))
    assert (refused.code, refused.facts["matters"]) == ("matters_open", [f"R/{entry}"])
    assert yueyang.everything() == before


def test_materials_are_asked_for_before_anybody_is(yueyang: City, entry: str) -> None:
    receipt = ask(yueyang, entry, "direction", value="新方向")
    assert isinstance(receipt, Receipt)
    with reading(yueyang.engine) as connection:
        change = loading.id_of(connection, receipt.ref)
    refused = refusal(yueyang.ask(change, "zhang0", "hand_in_change"))
    assert (refused.code, refused.facts["wanting"]) == ("materials_missing", ["construction_plan"])


def test_a_change_of_direction_changes_the_official_name_by_its_pattern(yueyang: City, entry: str) -> None:
    change = proposed(yueyang, entry, "direction", value="氢能")
    yueyang.do(change, "zhang0", "hand_in_change")
    yueyang.do(change, "li", "consent_to_change")
    yueyang.do(change, "chen", "decide_change", result="approved", answer="同意")
    [row] = yueyang.rows("register_entries")
    assert (row["direction"], row["name"]) == ("氢能", "岳阳市氢能创新联合体")
    with reading(yueyang.engine) as connection:
        [changed] = consortium.history(connection, consortium.filed(connection, entry))
    assert changed.before["name"] == "岳阳市方向0创新联合体"


def test_a_chief_expert_changes_without_asking_the_members(yueyang: City, entry: str) -> None:
    change = proposed(yueyang, entry, "chief_expert", value="王院士")
    yueyang.do(change, "zhang0", "hand_in_change")
    assert yueyang.subject(change).stage == "review"


@pytest.mark.clause("qingdao-guideline-2025", "7(3)", "dissolution")
def test_a_consortium_that_carries_a_project_does_not_dissolve_itself(yueyang: City, entry: str) -> None:
    with reading(yueyang.engine) as connection:
        subject = loading.id_of(connection, entry)
    yueyang.do(subject, "chen", "begin_project", title="重大专项", document="5号", on="2024-08-01")
    change = proposed(yueyang, entry, "dissolution")
    refused = refusal(yueyang.ask(change, "zhang0", "hand_in_change"))
    assert (refused.code, refused.facts["projects"]) == ("project_running", ["重大专项"])
    assert refusal(
        yueyang.ask(change, "zhang0", "exempt_change", {"rule": "running_project", "reason": "x"})
    ).code == ("role_may_not")
    yueyang.do(change, "chen", "exempt_change", rule="running_project", reason="项目已整体转出")
    yueyang.do(change, "zhang0", "hand_in_change")
    yueyang.do(change, "li", "consent_to_change")
    yueyang.at("2024-08-09T10:00")
    yueyang.do(change, "chen", "decide_change", result="approved", answer="同意解散")
    assert [row["state"] for row in yueyang.rows("register_entries")] == ["dissolved"]
    assert [(row["state"], iso(row["since"])) for row in yueyang.rows("register_states")] == [
        ("valid", "2024-08-05T09:00:00+08:00"),
        ("dissolved", "2024-08-09T10:00:00+08:00"),
    ]


def test_a_project_that_has_ended_stands_in_nobodys_way(yueyang: City, entry: str) -> None:
    with reading(yueyang.engine) as connection:
        subject = loading.id_of(connection, entry)
    yueyang.do(subject, "chen", "begin_project", title="重大专项", document="5号", on="2024-08-01")
    change = proposed(yueyang, entry, "dissolution")
    refused = refusal(yueyang.ask(subject, "chen", "end_project", {"number": 1, "on": "2024-07-31"}))
    assert refused.code == "time_behind"
    yueyang.do(subject, "chen", "end_project", number=1, on="2024-08-05")
    assert refusal(yueyang.ask(subject, "chen", "end_project", {"number": 1, "on": "2024-08-05"})).code == (
        "no_such_project"
    )
    yueyang.do(change, "zhang0", "hand_in_change")
