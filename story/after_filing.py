"""A round of evaluation after Qingdao's example: two graded, with what follows; the others owe a report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from sqlalchemy import Engine

from casework import acts, loading, parties, register, round_list, rounds, story
from casework.access import Claim
from casework.acts import Receipt, Request
from casework.register import State
from models.database import reading
from procedure.act import Refusal
from procedure.instant import local_instant

BUREAU: Final = "qingdao"
CALL: Final = "qingdao-2025"
ROUND: Final = "PJ2026"
FAILED: Final = "QDLHT-2025-001"
EXCELLENT: Final = "QDLHT-2025-002"

_REPORT: Final = {
    "contents": {"management": "理事会每季一次", "research": "按计划推进", "output": "样机两台"},
    "indicators": [{"title": "海试", "target": "2次", "reached": "0次"}],
}
_OF_TARGETS: Final = {"consortium.target_patents": 3, "consortium.target_sales": "1250000.50"}
"""What was reached of the targets that the first consortium's application set; the second set none."""

_LATE: Final = f"{ROUND}/{FAILED}"
_GOOD: Final = f"{ROUND}/{EXCELLENT}"
_HEARD: Final = f"{_LATE}/R"

Step = tuple[str, str, str, str, dict[str, Any]]


def _graded(ref: str, score: str) -> tuple[Step, ...]:
    """Return how the bureau has an evaluation reviewed by a third party, and grades it."""
    return (
        ("qu", "city_officer", ref, "appoint_reviewers", {"third_party": "某评估院（示例）"}),
        ("qu", "city_officer", ref, "review_report", {"score": score, "opinion": "见评估报告"}),
        ("qu", "city_officer", ref, "grade", {}),
    )


STEPS: Final[tuple[tuple[str, tuple[Step, ...]], ...]] = (
    (
        "2026-10-12T09:05",
        (
            ("haizhuang", "applicant", _LATE, "submit_report", {**_REPORT, "reached": _OF_TARGETS}),
            ("huiquan", "applicant", _GOOD, "submit_report", _REPORT),
            ("xi", "district_officer", _LATE, "comment_report", {"comment": "海试未完成"}),
            ("lao", "district_officer", _GOOD, "comment_report", {"comment": "情况属实"}),
            *_graded(_LATE, "52.50"),
            *_graded(_GOOD, "93"),
        ),
    ),
    ("2026-10-21T09:00", (("qu", "city_officer", _HEARD, "give_notice", {}),)),
    (
        "2026-10-26T09:00",
        (("haizhuang", "applicant", _HEARD, "make_statement", {"text": "海试延期属不可抗力"}),),
    ),
    (
        "2026-11-02T09:00",
        (
            (
                "zhang",
                "city_leader",
                _HEARD,
                "decide_revocation",
                {"result": "revoked", "answer": "未提供证明", "document_number": "青科备撤〔2026〕1号"},
            ),
        ),
    ),
    (
        "2026-11-09T09:00",
        (("haizhuang", "applicant", _HEARD, "appeal_revocation", {"reason": "补交海试延期证明"}),),
    ),
    (
        "2026-11-12T09:00",
        (
            (
                "zhang",
                "city_leader",
                _HEARD,
                "decide_revocation_appeal",
                {"result": "reversed", "answer": "证明有效，恢复备案"},
            ),
        ),
    ),
)
"""What people do, at which moments: who, in which role, on what, which act, with which particulars."""


@dataclass(frozen=True, slots=True)
class Round:
    """What the round came to: where its evaluations stand, and what the register said of the two since."""

    opened: int
    places: dict[str, int]
    history: dict[str, list[State]]
    refused: list[str] = field(default_factory=list[str])


def evaluate(engine: Engine, run: Callable[[], object]) -> Round:
    """Open the round and carry it on, ``run`` doing by itself what is due at each moment."""
    story.move(engine, local_instant("2026-10-12T09:00"))
    run()
    dates = {"self_report": "2026-10-30", "last_report": "2026-12-11"}
    told = {"code": ROUND, "period": "2025-10—2026-10", **dates}
    answers: list[Receipt | Refusal] = [
        rounds.announce(engine, BUREAU, _claim(engine, "qu", "city_officer"), told)
    ]
    run()
    keys = count(1)
    for at, steps in STEPS:
        story.move(engine, local_instant(at))
        run()
        answers += _done(engine, steps, keys)
    with reading(engine) as connection:
        [line] = [each for each in round_list.lines(connection) if each.code == ROUND]
        history = {number: register.history(connection, number, BUREAU) for number in (FAILED, EXCELLENT)}
    refused = [each.code for each in answers if isinstance(each, Refusal)]
    return Round(sum(line.places.values()), line.places, history, refused)


def _done(engine: Engine, steps: tuple[Step, ...], keys: "count[int]") -> Iterator[Receipt | Refusal]:
    for who, role, ref, act, payload in steps:
        with reading(engine) as connection:
            subject = loading.id_of(connection, ref, BUREAU)
        request = Request(subject, act, _claim(engine, who, role), payload, f"after-filing:{next(keys)}")
        yield acts.perform(engine, request)


def _claim(engine: Engine, handle: str, role: str) -> Claim:
    with reading(engine) as connection:
        return Claim(parties.person_id(connection, handle), role)
