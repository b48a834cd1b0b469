"""What a filed consortium may claim, by the statuses, units and validity that the register has."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kunshan import LEAD, MEMBER, NUMBER, UNIVERSITY, Kunshan, kunshan
from pendulum import Date
from sqlalchemy import text

from casework import claimable
from casework.claimable import Known, NoSuchEntry, Words
from casework.terms import LANGUAGES
from models.database import reading, writing
from procedure.entitlement import Entitlement, Granted

TODAY = Date(2025, 10, 28)


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Kunshan]:
    with kunshan(played, tmp_path) as found:
        yield found


def known(city: Kunshan, on: Date = TODAY, number: str = NUMBER) -> Known:
    with reading(city.engine) as connection:
        return claimable.known(connection, number, on)


def told(found: Known, on: Date = TODAY, **more: Any) -> dict[str, Entitlement]:
    return {each.measure: each for each in claimable.answers(found, on, **more)}


def codes(answer: Entitlement) -> list[str]:
    return [reason.code for reason in answer.reasons]


def test_an_entry_is_read_as_measures_ask_of_it(city: Kunshan) -> None:
    found = known(city)
    assert found.entry.number == NUMBER
    assert found.entry.lead == LEAD
    assert dict(found.entry.units) == {LEAD: "enterprise", MEMBER: "enterprise", UNIVERSITY: "university"}
    assert (found.entry.valid_from, found.entry.valid_to) == (Date(2025, 10, 27), Date(2028, 10, 26))
    assert found.entry.statuses == {"suzhou_cultivation": Date(2025, 10, 27)}
    assert found.support.code == "kunshan-2024"


@pytest.mark.clause("kunshan-opinions-2024", "4(1)", "statuses")
def test_the_status_decides_and_everything_else_asks_for_what_it_needs(city: Kunshan) -> None:
    answers = told(known(city))
    assert len(answers) == 13
    assert (answers["suzhou_cultivation"].verdict, answers["suzhou_cultivation"].at_most) == (
        "payable",
        100_000_000,
    )
    assert (answers["kunshan_cultivation"].verdict, codes(answers["kunshan_cultivation"])) == (
        "not_payable",
        ["status_missing"],
    )
    assert (answers["special_project"].verdict, codes(answers["special_project"])) == (
        "cannot_tell",
        ["object_missing", "fact_missing"],
    )


def test_a_fact_concerns_only_the_measures_that_ask_for_it(city: Kunshan) -> None:
    facts = {"in_special_programme": True}
    answers = told(known(city), of="项目甲", beneficiary=MEMBER, facts=facts)
    assert (answers["special_project"].verdict, answers["special_project"].at_most) == (
        "payable",
        300_000_000,
    )
    assert codes(answers["suzhou_cultivation"]) == ["wrong_beneficiary"]
    assert codes(answers["national_key_laboratory"]) == ["fact_missing"]
    assert [*told(known(city), measure="special_project")] == ["special_project"]


def test_what_was_granted_counts_under_the_first_entry_of_the_consortium(city: Kunshan) -> None:
    second = f"""
        INSERT INTO register_entries
            (bureau_id, subject_id, number, name, lead_id, direction, valid_from, valid_to, filed_at, state)
        SELECT bureau_id, (SELECT min(id) FROM subjects WHERE kind = 'call'), 'KSLHT-2025-002', 'x', lead_id,
            direction, '2025-10-28', '2028-10-27', filed_at, 'valid'
        FROM register_entries WHERE number = '{NUMBER}'
    """  # noqa: S608
    state = "UPDATE subjects SET state = (SELECT s.state FROM subjects s JOIN register_entries e"
    with writing(city.engine) as connection:
        connection.execute(text(second))
        connection.execute(
            text(
                f"{state} ON e.subject_id = s.id WHERE e.number = :number)"  # noqa: S608
                " WHERE id = (SELECT min(id) FROM subjects WHERE kind = 'call')"
            ),
            {"number": NUMBER},
        )
    found = known(city, number="KSLHT-2025-002")
    assert found.entry.number == NUMBER
    before = [Granted("suzhou_cultivation", NUMBER, LEAD, None, None, 99_999_999)]
    assert told(found, granted=before)["suzhou_cultivation"].at_most == 1


@pytest.mark.parametrize(
    ("on", "verdict", "code"),
    [
        (Date(2025, 10, 26), "not_payable", "entry_not_valid"),
        (Date(2025, 10, 27), "payable", "limit"),
        (Date(2028, 10, 26), "payable", "limit"),
        (Date(2028, 10, 27), "not_payable", "entry_not_valid"),
    ],
)
def test_the_first_and_the_last_day(city: Kunshan, on: Date, verdict: str, code: str) -> None:
    answer = told(known(city, on), on)["suzhou_cultivation"]
    assert (answer.verdict, answer.reasons[0].code) == (verdict, code)


@pytest.mark.parametrize("number", ["KSLHT-2025-009", ""])
def test_no_other_entry(city: Kunshan, number: str) -> None:
    with pytest.raises(NoSuchEntry):
        known(city, number=number)


def test_a_status_is_called_by_its_own_name(city: Kunshan) -> None:
    found = known(city)
    (reason,) = told(found)["kunshan_cultivation"].reasons
    assert Words(found.support, "zh").reason(reason) == "需要身份“昆山市培育”，现有：苏州市培育"
    assert Words(found.support, "en").reason(reason) == (
        "the status “Kunshan cultivation” is needed, held: Suzhou cultivation"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_reads_well(city: Kunshan, language: str) -> None:
    found = known(city)
    words = Words(found.support, language)
    known_facts = dict.fromkeys(found.support.facts, False)
    for facts in ({}, known_facts, dict.fromkeys(found.support.facts, True), {"nothing": True}):
        for of in (None, "项目甲"):
            for beneficiary in (LEAD, "91320583DEM000009X"):
                for year in (None, 1999):
                    asked = told(found, facts=facts, of=of, beneficiary=beneficiary, year=year)
                    for answer in asked.values():
                        for reason in answer.reasons:
                            says = words.reason(reason)
                            assert says
                            assert "{" not in says
                            assert "_" not in says.replace("KSLHT", "")
                            assert words.ground(reason.clause)
                        assert words.verdict(answer) != answer.verdict
