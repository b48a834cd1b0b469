"""A city with two hundred entries in its register, and how its rounds of evaluation are told."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from casework import clock, consortium, loading, register, wake
from casework.access import Claim
from models import Bureau, Case, Notice, Person, Record, RegisterEntry, Role
from models.database import connect, default_url, reading, writing
from procedure import indicator
from procedure.evaluation import Evaluation, Reached
from procedure.instant import local_instant
from story.carriers import AFTER_FILING
from tests.casework.after_filing import Years
from tests.scenarios.filed import filled_up

ROOT = Path(__file__).parents[2]
STORIES = {
    "kunshan": ROOT / "tests/scenarios/cities/kunshan-2024.yaml",
    "xiamen": ROOT / "tests/scenarios/cities/xiamen-2025.yaml",
    "qingdao": ROOT / "examples/qingdao-2025/story.yaml",
    "yueyang": ROOT / "examples/yueyang-2024/story.yaml",
}
ENTRIES = 200
PEOPLE = {
    "kunshan": ("gu", "head"),
    "xiamen": ("lin", "head"),
    "qingdao": ("qu", "zhang"),
    "yueyang": ("shen", "gao"),
}
CONTENTS = {
    "qingdao": {"management": "理事会每季一次", "research": "按计划推进", "output": "样机两台"},
}
Who = Sequence[int]


class City(Years):
    """A city's two hundred entries, told by their place in the register: the n-th is called ``n``."""

    def __init__(self, engine: Any, bureau: str) -> None:
        super().__init__(engine, bureau)
        self.officer, self.leader = PEOPLE[bureau]
        self._claims: dict[tuple[str, str | None], Claim] = {}
        entries, cases, people = RegisterEntry.__table__, Case.__table__, Person.__table__
        applicants, districts = Role.__table__.alias("a"), Role.__table__.alias("d")
        bureaus = Bureau.__table__
        speaker, officer = people.alias("s"), people.alias("o")
        with reading(engine) as connection:
            rows = connection.execute(
                select(
                    entries.c.number,
                    speaker.c.handle,
                    officer.c.handle.label("officer"),
                    bureaus.c.code.label("district"),
                )
                .join(cases, cases.c.subject_id == entries.c.subject_id)
                .join(applicants, applicants.c.organisation_id == entries.c.lead_id)
                .join(speaker, speaker.c.id == applicants.c.person_id)
                .join(bureaus, bureaus.c.id == cases.c.district_id)
                .join(districts, districts.c.bureau_id == bureaus.c.id)
                .join(officer, officer.c.id == districts.c.person_id)
                .where(applicants.c.role == "applicant", districts.c.role == "district_officer")
                .order_by(entries.c.id)
            ).all()
        self.numbers = [row.number for row in rows]
        self.units = [row.handle for row in rows]
        self.districts = [row.officer for row in rows]
        self.recommended_by = [row.district for row in rows]
        assert len(self.numbers) == ENTRIES

    def claim(self, handle: str, role: str | None = None) -> Claim:
        """Return who acts; ``duan as member`` is said of someone who might act in another role, too."""
        if (handle, role) not in self._claims:
            who, _, named = handle.partition(" as ")
            self._claims[handle, role] = super().claim(who, role or named or None)
        return self._claims[handle, role]

    def at(self, text: str) -> None:
        with writing(self.engine) as connection:
            clock.move(connection, local_instant(text))
        for kind in AFTER_FILING:
            assert wake.sweep(self.engine, kind).failed == 0

    def of(self, code: str, n: int) -> str:
        """Return the number of the n-th entry's evaluation in a round."""
        return f"{code}/{self.numbers[n - 1]}"

    # --- a round ---

    def graded(self, code: str, score: str, who: Iterable[int]) -> None:
        """Carry evaluations from the self-report to the grade, by a third party."""
        for n in who:
            ref = self.of(code, n)
            contents = CONTENTS.get(self.bureau, {"results": "按计划完成"})
            self.do(ref, self.units[n - 1], "submit_report", contents=contents, reached=self.reached(ref))
            self.do(ref, self.districts[n - 1], "comment_report", comment="情况属实")
            self.do(ref, self.officer, "appoint_reviewers", third_party="某评估院")
            self.do(ref, self.officer, "review_report", score=score, opinion="见评估报告")
            self.do(ref, self.officer, "grade")

    def reached(self, ref: str) -> dict[str, str]:
        """Return an answer to every target that the plan of an evaluation's consortium sets."""
        with reading(self.engine) as connection:
            loaded = loading.one(connection, loading.id_of(connection, ref, self.bureau))
            targets = indicator.targets(loaded.procedure, consortium.plan(connection, loaded))
        return dict.fromkeys(targets, "8")

    def answered(self, ref: str) -> tuple[Reached, ...]:
        """Return the targets that an evaluation's self-report answered, as they were then."""
        with reading(self.engine) as connection:
            record = loading.one(connection, loading.id_of(connection, ref, self.bureau)).subject.record
        assert isinstance(record, Evaluation)
        assert record.report is not None
        return record.report.reached

    def let_off(self, code: str, act: str, reason: str, who: Iterable[int]) -> None:
        """Postpone or waive evaluations."""
        for n in who:
            self.do(self.of(code, n), self.leader, act, reason=reason)

    def came_to(self, code: str) -> dict[str, int]:
        """Return what became of the evaluations of a round: the grade of those concluded, else the place."""
        told: Counter[str] = Counter()
        matters, subjects = Record.metadata.tables["matters"], Record.metadata.tables["subjects"]
        with reading(self.engine) as connection:
            found = connection.execute(
                select(matters.c.subject_id, subjects.c.outcome, subjects.c.stage)
                .join(subjects, subjects.c.id == matters.c.subject_id)
                .where(matters.c.kind == "evaluation", matters.c.round_id == loading.id_of(connection, code))
            ).all()
            for row in found:
                record = loading.one(connection, row.subject_id).subject.record
                assert isinstance(record, Evaluation)
                told[(row.outcome == "concluded" and record.grade) or row.outcome or row.stage] += 1
        return dict(told)

    # --- the register ---

    def said(self, on: str) -> dict[str, int]:
        """Return what the register said of how many entries at a local time: exactly one thing of each."""
        at = local_instant(on)
        with reading(self.engine) as connection:
            states = [register.history(connection, number, self.bureau) for number in self.numbers]
        said = [register.said_at(each, at) for each in states]
        return dict(Counter("nothing" if each is None else each.state for each in said))

    def told(self, text: str) -> int:
        """Return how many notices of a text were written."""
        with reading(self.engine) as connection:
            return len(connection.execute(select(Notice.id).where(Notice.__table__.c.text == text)).all())

    def revocations(self, code: str) -> list[int]:
        """Return of which entries a revocation followed from a round."""
        matters = Record.metadata.tables["matters"]
        with reading(self.engine) as connection:
            found = set(
                connection.execute(select(matters.c.number).where(matters.c.kind == "revocation")).scalars()
            )
        return [n for n in range(1, ENTRIES + 1) if f"{self.of(code, n)}/R" in found]

    def heard(self, code: str, result: str, document: str, who: Iterable[int]) -> None:
        """Decide revocations for which notice was given and the term for a statement is over."""
        for n in who:
            answer = {"result": result, "answer": "见决定书", "document_number": document}
            self.do(f"{self.of(code, n)}/R", self.leader, "decide_revocation", **answer)

    def served(self, code: str, who: Iterable[int]) -> None:
        """Give notice of the revocations that followed from a round."""
        for n in who:
            self.do(f"{self.of(code, n)}/R", self.officer, "give_notice")


@contextmanager
def two_hundred(bureau: str, played: Callable[[Path], Path], folder: Path) -> Iterator[City]:
    """Give the city as its story leaves it, in ``folder``, with as many more filed as are missing."""
    shutil.copyfile(played(STORIES[bureau]), folder / "beian.db")
    engine = connect(default_url(folder))
    filled_up(engine, bureau, ENTRIES)
    yield City(engine, bureau)
    engine.dispose()


def all_but(*groups: Who) -> list[int]:
    """Return who is in none of the groups."""
    taken = {n for group in groups for n in group}
    return [n for n in range(1, ENTRIES + 1) if n not in taken]
