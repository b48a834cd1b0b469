"""A lead that organised poorly and did not perform is barred for three years from the service, to the day."""

from typing import Any

import pytest
from city import FORM, MEMBER_FORM, City, build, lead_uscc
from sqlalchemy import Engine
from test_consortium_changes import CHAIN, MATERIALS
from test_register_life import filed
from test_rounds import filed as filed_many

from casework import bars, calls, changes, consortium, disqualifying, loading, parties
from casework.acts import Receipt
from models.database import reading, writing
from procedure.act import Refusal
from procedure.pack import load_texts, shipped

BARRING = ("value: 0\n    basis: setting\n  serve_days:", "value: 3\n    basis: setting\n  serve_days:")
LEAD = {path: value for path, value in FORM.items() if path.startswith("lead.")}
FINDINGS = {
    "organised_poorly": "长期未召开会议",
    "not_performed": "未投入约定经费",
    "breached_on": "2024-08-01",
}
LONG = {
    "filing_opens": "2024-08-05T00:00",
    "filing_closes": "2028-12-01T18:00",
    "recommendation_due": "2028-12-09T18:00",
    "papers_due": "2028-12-13",
}


@pytest.fixture
def barring(story_engine: Engine) -> City:
    """Yueyang under a pack that knows a bar of three years, as Qingdao's guideline does."""
    files = dict(shipped("yueyang-2024").files)
    assert BARRING[0] in files["after-filing.yaml"]
    files["after-filing.yaml"] = files["after-filing.yaml"].replace(*BARRING)
    return build(story_engine, pack=load_texts(files))


@pytest.fixture
def entry(barring: City) -> str:
    """An entry led by the first unit, and a call that takes applications for years."""
    _, number = filed(barring)
    revision = barring.rows("revisions")[0]["id"]
    announced = calls.announce(barring.engine, revision, "long", barring.people["admin"], LONG)
    assert isinstance(announced, Receipt), announced
    return number


def ask(city: City, number: str, who: str = "chen", **more: Any) -> Receipt | Refusal:
    return disqualifying.propose(city.engine, city.people[who], number, {**FINDINGS, **more})


def decided(city: City, number: str) -> int:
    """Return a disqualification that was decided and not served yet."""
    receipt = ask(city, number)
    assert isinstance(receipt, Receipt), receipt
    with reading(city.engine) as connection:
        case = loading.id_of(connection, receipt.ref)
    city.do(case, "chen", "notify_findings")
    city.do(case, "zhang0", "answer_findings", text="情况有出入")
    city.do(
        case, "boss", "decide_disqualification", result="disqualified", answer="不成立", document_number="4号"
    )
    return case


def start(city: City, n: int = 0) -> Receipt | Refusal:
    with reading(city.engine) as connection:
        call = loading.id_of(connection, "long")
    return calls.start(city.engine, call, city.lead(n), "pingjiang")


def barred(answer: Receipt | Refusal) -> dict[str, Any]:
    assert isinstance(answer, Refusal), answer
    assert answer.code == "barred"
    return dict(answer.facts)


def test_both_findings_are_needed_and_no_breach_lies_ahead(barring: City, entry: str) -> None:
    one = ask(barring, entry, not_performed=None)
    assert isinstance(one, Refusal)
    assert (one.code, one.facts["absent"]) == ("both_findings_needed", ["not_performed"])
    stranger = ask(barring, entry, who="wang")
    assert isinstance(stranger, Refusal)
    assert stranger.code == "not_yours"
    later = ask(barring, entry, breached_on="2024-08-06")
    assert isinstance(later, Refusal)
    assert later.code == "time_ahead"
    assert shipped("yueyang-2024").procedure.values["bar_years"] == 0


@pytest.mark.clause("qingdao-guideline-2025", "7(3)", "bar")
def test_the_bar_holds_from_the_service_to_its_third_anniversary_and_is_lifted_by_itself(
    barring: City, entry: str
) -> None:
    assert shipped("qingdao-2025").procedure.values["bar_years"] == 3
    case = decided(barring, entry)
    barring.at("2024-08-09T23:00")
    draft = start(barring)
    assert isinstance(draft, Receipt)  # decided, not served: no bar yet
    with reading(barring.engine) as connection:
        draft_id = loading.id_of(connection, draft.ref)
    barring.at("2024-08-10T09:00")
    barring.do(case, "chen", "serve_disqualification", on="2024-08-10")
    # The first day: what was begun before cannot be submitted, and nothing new begins.
    told = barred(barring.ask(draft_id, "zhang0", "submit"))
    assert told == {"uscc": lead_uscc(0), "until": "2027-08-10", "document": "4号"}
    barring.do(draft_id, "zhang0", "withdraw", reason="限制期内")
    assert barred(start(barring))["until"] == "2027-08-10"
    barring.at("2027-08-10T23:59:59")
    assert barred(start(barring))["until"] == "2027-08-10"
    barring.at("2027-08-11T00:00")
    assert isinstance(start(barring), Receipt)
    with reading(barring.engine) as connection:
        [line] = list(bars.listed(connection))
    assert (str(line.breached_on), str(line.first_day), str(line.last_day), line.void) == (
        "2024-08-01",
        "2024-08-10",
        "2027-08-10",
        False,
    )


def test_a_barred_unit_joins_no_core_layer_and_may_be_a_plain_member(barring: City, entry: str) -> None:
    case = decided(barring, entry)
    barring.do(case, "chen", "serve_disqualification", on="2024-08-05")
    with writing(barring.engine) as connection:
        unit = parties.organisation(connection, lead_uscc(0), "第0公司", "enterprise")
        barring.enter(connection, "mem0", "member", organisation_id=unit)
    started = start(barring, 1)
    assert isinstance(started, Receipt)
    with reading(barring.engine) as connection:
        other = loading.id_of(connection, started.ref)
    refused = barring.ask(other, "zhang1", "invite_member", {"uscc": lead_uscc(0), "core_layer": True})
    assert barred(refused)["document"] == "4号"
    barring.do(other, "zhang1", "invite_member", uscc=lead_uscc(0))
    barring.do(other, "mem0", "confirm_membership")


def test_a_decision_that_is_overturned_leaves_no_bar(barring: City, entry: str) -> None:
    case = decided(barring, entry)
    barring.do(case, "chen", "serve_disqualification", on="2024-08-05")
    barred(start(barring))
    barring.do(case, "zhang0", "appeal_disqualification", reason="事实有误")
    barred(start(barring))  # an appeal alone lifts nothing
    barring.do(case, "boss", "decide_disqualification_appeal", result="reversed", answer="事实有误")
    assert barring.subject(case).outcome == "reversed"
    assert isinstance(start(barring), Receipt)
    with reading(barring.engine) as connection:
        assert [each.void for each in bars.listed(connection)] == [True]


def test_a_service_before_the_breach_or_ahead_of_now_is_refused(barring: City, entry: str) -> None:
    case = decided(barring, entry)
    for on, code in (("2024-07-31", "time_behind"), ("2024-08-06", "time_ahead")):
        refused = barring.ask(case, "chen", "serve_disqualification", {"on": on})
        assert isinstance(refused, Refusal)
        assert refused.code == code


def test_who_was_invited_before_the_bar_cannot_confirm_into_the_core_layer(barring: City, entry: str) -> None:
    with writing(barring.engine) as connection:
        unit = parties.organisation(connection, lead_uscc(0), "第0公司", "enterprise")
        barring.enter(connection, "mem0", "member", organisation_id=unit)
    case = decided(barring, entry)
    started = start(barring, 1)
    assert isinstance(started, Receipt)
    with reading(barring.engine) as connection:
        other = loading.id_of(connection, started.ref)
    barring.do(other, "zhang1", "invite_member", uscc=lead_uscc(0), core_layer=True)
    barring.do(case, "chen", "serve_disqualification", on="2024-08-05")
    assert barred(barring.ask(other, "mem0", "confirm_membership"))["document"] == "4号"
    assert barring.subject(other).application.members[0].status == "invited"


def test_a_barred_member_cannot_be_made_lead_nor_join_another_core_layer(barring: City) -> None:
    first, second = filed_many(barring, 2)
    with writing(barring.engine) as connection:
        unit = parties.organisation(connection, lead_uscc(0), "第0公司", "enterprise")
        barring.enter(connection, "mem0", "member", organisation_id=unit)
    joins = {"uscc": lead_uscc(0), "fields": {**MEMBER_FORM, **CHAIN}}
    joining = change(barring, second, "members", joins=[joins])
    for who in ("li", "mem0"):
        barring.do(joining, who, "consent_to_change")
    barring.do(joining, "chen", "decide_change", result="approved", answer="符合规定")

    case = decided(barring, first)
    barring.do(case, "chen", "serve_disqualification", on="2024-08-05")
    told = {"lead": lead_uscc(0), "fields": LEAD}
    assert barred(handed_in(barring, second, "lead", **told))["document"] == "4号"
    with reading(barring.engine) as connection:
        assert consortium.filed(connection, second).record.lead == lead_uscc(1)


def handed_in(city: City, number: str, aspect: str, **more: Any) -> Receipt | Refusal:
    """Draw a change up with its materials, and hand it in."""
    receipt = changes.propose(
        city.engine, city.people["zhang1"], number, {"aspect": aspect, "reason": "项目需要", **more}
    )
    assert isinstance(receipt, Receipt), receipt
    with reading(city.engine) as connection:
        drawn_up = loading.id_of(connection, receipt.ref)
    for material in MATERIALS[aspect]:
        stored = city.store(material)
        attached = {"material": material, "digest": stored["digest"], "name": stored["name"]}
        city.do(drawn_up, "zhang1", "attach_material", **attached)
    return city.ask(drawn_up, "zhang1", "hand_in_change")


def change(city: City, number: str, aspect: str, **more: Any) -> int:
    answer = handed_in(city, number, aspect, **more)
    assert isinstance(answer, Receipt), answer
    with reading(city.engine) as connection:
        return loading.id_of(connection, answer.ref)
