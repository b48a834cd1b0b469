"""Claims as records: caps and exclusions hold whatever the order, and nothing half written stays."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from after_filing import Years
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kunshan import MEMBER, NUMBER, Kunshan, kunshan
from pendulum import Date
from sqlalchemy import func, insert, select, update
from test_three_years import grade

from casework import acts, claimable, claims, consortium, loading, matter_list
from casework.acts import Receipt, Request
from models import Grant, RegisterEntry, Subject
from models.database import reading, writing
from procedure.act import Refusal

_grants = Grant.__table__
_register = RegisterEntry.__table__
_subjects = Subject.__table__


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Kunshan]:
    """Kunshan on 28 October 2025; its one entry holds Suzhou cultivation."""
    with kunshan(played, tmp_path) as found:
        yield found


def filed(city: Kunshan, measure: str = "suzhou_cultivation", **more: Any) -> Receipt | Refusal:
    return claims.file(city.engine, city.applicant, NUMBER, {"measure": measure, **more})


def claim(city: Kunshan, measure: str = "suzhou_cultivation", **more: Any) -> str:
    answer = filed(city, measure, **more)
    assert isinstance(answer, Receipt), answer
    return answer.ref


def do(city: Kunshan, ref: str, act: str, who: str = "officer", **payload: Any) -> Receipt | Refusal:
    people = {
        "officer": city.officer,
        "applicant": city.applicant,
        "leader": city.claim(LEADER, "city_leader"),
    }
    with reading(city.engine) as connection:
        subject = loading.id_of(connection, ref)
    return acts.perform(city.engine, Request(subject, act, people[who], payload))


LEADER = "head"


def approve(city: Kunshan, ref: str, amount: str) -> Receipt | Refusal:
    return do(city, ref, "approve_claim", "leader", amount=amount, document="昆科〔2025〕9号")


def reason(answer: Receipt | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return str(answer.facts.get("reason", answer.code))


def granted(city: Kunshan) -> int:
    with reading(city.engine) as connection:
        return int(connection.execute(select(func.coalesce(func.sum(_grants.c.amount), 0))).scalar_one())


@pytest.mark.clause("kunshan-opinions-2024", "4(1)", "statuses")
def test_a_claim_hits_its_cap_exactly_and_one_fen_over_is_refused(city: Kunshan) -> None:
    ref = claim(city)
    over = approve(city, ref, "1000000.01")
    assert reason(over) == "over_the_limit"
    assert isinstance(over, Refusal)
    assert (over.facts["facts"], over.clause.clause if over.clause else None) == (
        {"amount": 100_000_001, "at_most": 100_000_000},
        "4(1)",
    )
    assert granted(city) == 0
    assert isinstance(approve(city, ref, "1000000.00"), Receipt)
    assert granted(city) == 100_000_000
    assert reason(filed(city)) == "higher_only" or reason(filed(city)) == "limit"


def test_what_was_granted_counts_for_the_next_claim(city: Kunshan) -> None:
    first, second = claim(city), claim(city)
    assert isinstance(approve(city, first, "600000"), Receipt)
    assert reason(approve(city, second, "400000.01")) == "over_the_limit"
    assert isinstance(approve(city, second, "400000"), Receipt)
    with reading(city.engine) as connection:
        known = claimable.known(connection, NUMBER, Date(2025, 10, 28))
    [answer] = claimable.answers(known, Date(2025, 10, 28), measure="suzhou_cultivation")
    assert (answer.verdict, answer.at_most) == ("not_payable", 0)


@pytest.mark.clause("kunshan-opinions-2024", "4(1)", "amounts")
@pytest.mark.parametrize(
    "steps",
    [
        # First the lower, then the difference to the higher; and the higher leaves nothing for the lower.
        [
            ("kunshan_cultivation", "500000.01", "over_the_limit"),
            ("kunshan_cultivation", "500000", None),
            ("suzhou_cultivation", "500000.01", "over_the_limit"),
            ("suzhou_cultivation", "500000", None),
            ("suzhou_cultivation", "0.01", "higher_only"),
        ],
        [
            ("suzhou_cultivation", "1000000.01", "over_the_limit"),
            ("suzhou_cultivation", "1000000", None),
            ("kunshan_cultivation", "0.01", "higher_only"),
        ],
        [
            ("suzhou_cultivation", "499999.99", None),
            ("kunshan_cultivation", "0.02", "over_the_limit"),
            ("kunshan_cultivation", "0.01", None),
            ("kunshan_cultivation", "0.01", "higher_only"),
            ("suzhou_cultivation", "500000", None),
        ],
    ],
)
def test_two_exclusive_measures_in_either_order_come_to_the_higher(
    city: Kunshan, steps: list[tuple[str, str, str | None]]
) -> None:
    _hold_both_statuses(city)
    for measure, amount, code in steps:
        answer = filed(city, measure, amount=amount)
        if code is None:
            assert isinstance(answer, Receipt), answer
            assert isinstance(approve(city, answer.ref, amount), Receipt)
        else:
            assert reason(answer) == code
    assert granted(city) == 100_000_000


def _hold_both_statuses(city: Kunshan) -> None:
    """File the consortium once more, in the same direction, as of Kunshan's own cultivation."""
    with writing(city.engine) as connection:
        first = connection.execute(select(_register).where(_register.c.number == NUMBER)).mappings().one()
        own = select(_subjects.c.state).where(_subjects.c.id == first["subject_id"])
        state = connection.execute(own).scalar_one()
        # The call lends its row: of the application everything is as in the first one but the status.
        lent = connection.execute(select(func.min(_subjects.c.id)).where(_subjects.c.kind == "call")).scalar()
        other = state.replace("suzhou_cultivation", "kunshan_cultivation")
        connection.execute(update(_subjects).where(_subjects.c.id == lent).values(state=other))
        kept = {name: value for name, value in first.items() if name != "id"}
        second = {**kept, "number": "KSLHT-2025-002", "name": "x", "subject_id": lent}
        connection.execute(insert(_register).values(second))


@pytest.mark.parametrize(
    ("measure", "more", "code"),
    [
        ("suzhou_cultivation", {"amount": "-1"}, "no_amount"),
        ("suzhou_cultivation", {"amount": "0"}, "no_amount"),
        ("suzhou_cultivation", {"amount": "1.234"}, "no_amount"),
        ("suzhou_cultivation", {"amount": "1000000.01"}, "over_the_limit"),
        ("suzhou_cultivation", {"beneficiary": MEMBER}, "wrong_beneficiary"),
        ("kunshan_cultivation", {}, "status_missing"),
        ("no_such_thing", {}, "unknown_measure"),
        ("special_project", {}, "object_missing"),
        ("special_project", {"object": "甲"}, "fact_missing"),
        ("special_project", {"object": "甲", "facts": {"in_special_programme": False}}, "condition_not_met"),
        ("talent_project", {"object": "乙", "facts": {"meets_talent_conditions": True}}, "not_nominated"),
        (
            "breakthrough_result",
            {"object": "丙", "facts": {"selected_breakthrough": True}, "year": 2026},
            "wrong_year",
        ),
        (
            "suzhou_key_laboratory",
            {"object": "丁", "facts": {"suzhou_key_laboratory": 7}},
            "condition_not_met",
        ),
    ],
)
def test_what_may_not_be_claimed_is_refused_by_name_with_nothing_written(
    city: Kunshan, measure: str, more: dict[str, Any], code: str
) -> None:
    before = count(city)
    assert reason(filed(city, measure, **more)) == code
    assert count(city) == before


def count(city: Kunshan) -> int:
    with reading(city.engine) as connection:
        return len(matter_list.lines(connection, kinds=("claim",)))


def test_a_nominated_project_may_be_claimed_for_from_that_day_on(city: Kunshan) -> None:
    with reading(city.engine) as connection:
        entry = consortium.filed(connection, NUMBER).loaded.id
    nominated = Request(entry, "nominate", city.applicant, {"object": "乙"})
    assert isinstance(acts.perform(city.engine, nominated), Receipt)
    again = acts.perform(city.engine, nominated)
    assert isinstance(again, Refusal)
    assert again.code == "already_nominated"
    ref = claim(city, "talent_project", object="乙", facts={"meets_talent_conditions": True})
    assert isinstance(approve(city, ref, "3000000"), Receipt)


def test_payments_come_to_the_grant_and_never_to_more(city: Kunshan) -> None:
    ref = claim(city, amount="500000")
    assert isinstance(approve(city, ref, "500000"), Receipt)
    paying = {"on": "2025-10-28", "document": "凭证1"}
    assert isinstance(do(city, ref, "pay_claim", amount="499999.99", **paying), Receipt)
    over = do(city, ref, "pay_claim", amount="0.02", **paying)
    assert isinstance(over, Refusal)
    assert (over.code, over.facts) == ("over_what_is_left", {"amount": 2, "left": 1})
    last = do(city, ref, "pay_claim", amount="0.01", **paying)
    assert isinstance(last, Receipt)
    assert last.outcome == "paid"
    with reading(city.engine) as connection:
        [row] = connection.execute(select(_grants)).all()
    assert (row.amount, row.paid, row.recovered) == (50_000_000, 50_000_000, 0)


def test_nothing_is_recovered_without_a_failed_acceptance_or_a_revocation(city: Kunshan) -> None:
    ref = claim(city, amount="500000")
    approve(city, ref, "500000")
    do(city, ref, "pay_claim", amount="500000", on="2025-10-28", document="凭证1")
    told = {"amount": "1", "on": "2025-10-28", "document": "7号", "cause": "没有"}
    answer = do(city, ref, "recover_claim", "leader", **told)
    assert isinstance(answer, Refusal)
    assert answer.code == "no_ground_to_recover"


def test_what_was_paid_is_recovered_after_a_failed_acceptance_and_counts_still(city: Kunshan) -> None:
    ref = claim(city, amount="500000")
    approve(city, ref, "500000")
    do(city, ref, "pay_claim", amount="500000", on="2025-10-28", document="凭证1")
    years = Years(city.engine, "kunshan")
    years.at("2027-10-27T09:00")
    years.round("YS2027", "gu", purpose="acceptance")
    acceptance = f"YS2027/{NUMBER}"
    grade(years, acceptance, "jing", "zone", "gu", 59, contents={"results": "未完成"})
    told = {"on": "2027-10-27", "document": "7号", "cause": acceptance}

    over = do(city, ref, "recover_claim", "leader", amount="500000.01", **told)
    assert isinstance(over, Refusal)
    assert (over.code, over.facts) == ("over_what_is_left", {"amount": 50_000_001, "left": 50_000_000})
    assert isinstance(do(city, ref, "recover_claim", "leader", amount="500000", **told), Receipt)
    more = do(city, ref, "recover_claim", "leader", amount="0.01", **told)
    assert isinstance(more, Refusal)
    assert (more.code, more.facts["left"]) == ("over_what_is_left", 0)
    with reading(city.engine) as connection:
        [row] = connection.execute(select(_grants)).all()
    assert (row.amount, row.paid, row.recovered) == (50_000_000, 50_000_000, 50_000_000)
    assert reason(filed(city, amount="500000.01")) == "over_the_limit"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"amount": "-500000"}, "no_amount"),
        ({"amount": "0"}, "no_amount"),
        ({"amount": "1000000.01"}, "over_the_limit"),
    ],
)
def test_no_grant_is_negative_or_beyond_its_limit(city: Kunshan, more: dict[str, str], code: str) -> None:
    ref = claim(city)
    assert reason(approve(city, ref, **more)) == code
    assert granted(city) == 0


AMOUNTS = st.lists(st.integers(1, 70_000_000), min_size=1, max_size=5)


@given(AMOUNTS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sum_granted_never_exceeds_the_cap_whatever_comes_in_which_order(
    city: Kunshan, amounts: list[int]
) -> None:
    for amount in amounts:
        ref = filed(city)
        if isinstance(ref, Receipt):
            before = granted(city)
            answer = approve(city, ref.ref, f"{amount // 100}.{amount % 100:02d}")
            fits = before + amount <= 100_000_000
            assert isinstance(answer, Receipt) is fits
        assert granted(city) <= 100_000_000
