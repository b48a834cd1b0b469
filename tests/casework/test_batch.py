"""One act on many cases: an answer for each, a refusal stops nobody, a repetition does nothing twice."""

from typing import Any

import pytest
from sqlalchemy import Engine

from casework import register
from casework.acts import Receipt
from casework.batch import LONGEST_KEY, Answered, Joint, file_batch, perform_batch
from models.database import reading
from procedure.act import Refusal
from tests.casework.published_call import City, city

A, B, C = "YY2025-0001", "YY2025-0002", "YY2025-0003"
DOCUMENT = {"document_number": "岳科发〔2025〕1号", "document_date": "2025-10-12"}


def ready(engine: Engine) -> City:
    """A city in which three cases wait for filing, listed C, A, B; A's and B's directions are the same."""
    found = city(engine, points=("95", "85", "75")).publish("2025-09-26T10:00", C, A, B)
    change = {"list": 1, "document_number": "公示〔2025〕2号", "reason": "信息有误"}
    found.do("2025", "leader", "change_list", **change, correct={B: {"direction": "生物医药"}})
    return found.at("2025-10-12T09:00")


def filed(found: City, **more: Any) -> list[Answered]:
    return file_batch(found.engine, found.call, found.people["officer"], **DOCUMENT, key="filing", **more)


def outcomes(answered: list[Answered]) -> list[tuple[str, str | None]]:
    """What became of each case: its outcome, or the code of the refusal."""
    return [
        (number, answer.code if isinstance(answer, Refusal) else answer.outcome)
        for number, answer in answered
    ]


def repeated(answered: list[Answered]) -> list[str]:
    return [number for number, answer in answered if isinstance(answer, Receipt) and answer.repeated]


def numbers(found: City) -> list[tuple[str, str, str]]:
    with reading(found.engine) as connection:
        return [(line.number, line.name, line.case) for line in register.entries(connection)]


def test_a_batch_files_in_the_order_of_the_list_and_one_refused_stops_nobody(story_engine: Engine) -> None:
    found, told = ready(story_engine), list[tuple[int, int]]()
    answered = filed(found, progress=lambda done, of: told.append((done, of)))
    assert outcomes(answered) == [(C, "filed"), (A, "filed"), (B, "name_taken")]
    refusal = answered[2][1]
    assert isinstance(refusal, Refusal)
    assert dict(refusal.facts) == {"name": "岳阳市生物医药创新联合体"}
    assert numbers(found) == [
        ("YYLHT-2025-001", "岳阳市海洋装备创新联合体", C),
        ("YYLHT-2025-002", "岳阳市生物医药创新联合体", A),
    ]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.place(B) == "filing"


def test_a_repeated_batch_files_nothing_twice_and_answers_as_before(story_engine: Engine) -> None:
    found = ready(story_engine)
    first = filed(found)
    again = filed(found)
    assert outcomes(again) == outcomes(first)
    assert (repeated(first), repeated(again)) == ([], [C, A])
    assert len(numbers(found)) == 2
    # What stood in the way is put right, and the same batch goes on with the rest.
    found.do(B, "officer", "file", **DOCUMENT, direction="新材料")
    assert outcomes(filed(found)) == [(C, "filed"), (A, "filed")]
    assert [entry[0] for entry in numbers(found)] == ["YYLHT-2025-001", "YYLHT-2025-002", "YYLHT-2025-003"]


def test_named_cases_are_done_in_their_order_and_unknown_ones_named(story_engine: Engine) -> None:
    found = ready(story_engine)
    answered = filed(found, cases=[A, "YY2025-0009", A, C])
    assert outcomes(answered) == [(A, "filed"), ("YY2025-0009", "not_found"), (C, "filed")]
    assert [entry[2] for entry in numbers(found)] == [A, C]


def test_a_batch_of_another_role_meets_the_same_refusals(story_engine: Engine) -> None:
    found = ready(story_engine)
    leader = found.people["leader"]
    assert file_batch(story_engine, found.call, leader, **DOCUMENT, key="filing") == []
    answered = file_batch(story_engine, found.call, leader, **DOCUMENT, key="filing", cases=[A, B])
    assert outcomes(answered) == [(A, "role_may_not"), (B, "role_may_not")]


def test_any_act_can_be_done_on_all_who_wait_for_it(story_engine: Engine) -> None:
    found = city(story_engine, points=("95", "85")).publish("2025-09-26T10:00")
    joint = Joint(
        found.call, "withdraw", found.people["applicant"], "all", {"reason": "资金不足"}, cases=None
    )
    assert outcomes(perform_batch(story_engine, joint)) == [(A, "withdrawn"), (B, "withdrawn")]
    assert outcomes(perform_batch(story_engine, joint)) == [(A, "withdrawn"), (B, "withdrawn")]


@pytest.mark.parametrize("key", ["", "k" * (LONGEST_KEY + 1)])
def test_a_key_that_cannot_be_kept_is_refused_before_anything_is_done(story_engine: Engine, key: str) -> None:
    found = ready(story_engine)
    with pytest.raises(ValueError, match="the key of a batch has 1 to 120 characters, not"):
        file_batch(story_engine, found.call, found.people["officer"], **DOCUMENT, key=key)
    assert numbers(found) == []


def test_a_batch_that_broke_off_is_carried_on(story_engine: Engine) -> None:
    found = ready(story_engine)

    def stop(done: int, of: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filed(found, progress=stop)
    assert [entry[2] for entry in numbers(found)] == [C]
    again = filed(found)
    assert (outcomes(again)[:2], repeated(again)) == ([(C, "filed"), (A, "filed")], [C])
