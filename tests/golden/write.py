"""Write the events of whole cases of every shipped pack, once and for good.

Run from the root of the repository as ``.venv/bin/python -m tests.golden.write``. A file that is there is
left as it is: what was recorded in the past must stay readable as it was, so a change of the format gets
new files beside the old ones, never in their place. Yueyang's and Qingdao's cases are walked by the machine
alone, those of other cities recorded by their stories in a database.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "procedure"))

from sqlalchemy import select
from yueyang_walk import (
    APPLICANT,
    DISTRICT,
    EXPERTS,
    LEADER,
    OFFICER,
    OUTCOMES,
    PAPERS,
    RETURN,
    SYSTEM,
    Walk,
    at_stage,
    call_at,
    document,
    ended,
)

from casework.loading import personal
from models import Event, Subject
from models.database import connect, default_url, reading
from models.migrate import upgrade
from procedure import event, subject
from story.carriers import Direct
from story.play import play
from story.reading import load
from tests.procedure import qingdao_walk

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "qingdao-2025" / "story.yaml"
DETOURS = (
    "call-open",
    "case-jiaodong-filed",
    "case-yunhai-filed",
    "case-langya-filed",
    "case-xiaomai-filed",
    "case-zhanqiao-filed",
    "case-daguan-not-selected",
)
"""What of Qingdao's story is kept: lists and a changed one, a waiver, a conflict, acts taken back,
an objection entered late, an entry public anew, a deadline that another calendar moved."""
STORIES = sorted((HERE.parent / "scenarios" / "cities").glob("*.yaml"))


def with_every_detour() -> Walk:
    """Return a case filed after returns, extensions, a suspension, late papers and an overdue visit."""
    walk = at_stage("recommendation").on("2024-08-05T09:00").do("return_for_correction", DISTRICT, **RETURN)
    walk = walk.do("revoke_return", DISTRICT).do("return_for_correction", DISTRICT, **RETURN)
    walk = walk.do("attach_document", APPLICANT, **document("implementation_plan", digest="a" * 64))
    walk = walk.do("resubmit", APPLICANT).do("accept_online", DISTRICT)
    walk = walk.do("extend_deadline", LEADER, deadline="recommendation", until="2024-08-20", reason="暴雨")
    walk = walk.on("2024-08-15T10:00").do("endorse", DISTRICT, opinion="同意\n推荐")
    walk = walk.on("2024-08-15T11:00").do("deliver_papers", OFFICER, **PAPERS)
    walk = walk.do("accept_late_papers", OFFICER, reason="因暴雨延误")
    walk = walk.on("2024-08-16T09:00").do("return_for_correction", OFFICER, **RETURN)
    walk = walk.on("2024-08-19T09:00").do("resubmit", APPLICANT)
    walk = walk.do("suspend_deadline", LEADER, deadline="formal_review", reason="等待核查")
    walk = walk.on("2024-09-27T16:00").do(
        "resume_deadline", LEADER, deadline="formal_review", reason="已核查"
    )
    walk = walk.on("2024-09-30T09:00").do("pass_review", OFFICER, note="符合")
    team = {"team": ["考察员甲", "考察员乙"]}
    walk = walk.do("schedule_visit", OFFICER, at="2024-10-08T09:00", **team)
    walk = walk.do("schedule_visit", OFFICER, at="2024-10-31T09:00", **team)
    walk = walk.on("2024-11-01T10:00").do(
        "record_visit", OFFICER, on="2024-10-31", result="passed", findings="符合条件"
    )
    walk = walk.do("name_panel", OFFICER, experts=[f"e{n}" for n in range(5)])
    for expert, points in zip(EXPERTS, ("70", "88.25", "90", "65.5"), strict=False):
        walk = walk.do("score", expert, points=points, comment="评语")
    walk = walk.do("score", EXPERTS[0], points="71")
    walk = walk.on("2025-01-26T10:00").do("close_scoring", OFFICER).do("be_selected", SYSTEM, rank=3)
    return walk.on("2025-02-05T10:00").do(
        "file", OFFICER, document_number="岳科发〔2025〕2号", document_date="2025-02-05", direction="新能源"
    )


def written(walk: Walk) -> dict[str, Any]:
    """Return a case as a file holds it: its events as they are recorded, and what they made of it."""
    return {
        "events": [
            {"event": json.loads(event.dump(each)), "personal": dict(each.personal)} for each in walk.events
        ],
        "subject": json.loads(subject.dump(walk.subject)),
    }


def recorded(story: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the call and every case of a story as files hold them, by the name of the file."""
    told = load(story)
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(default_url(Path(folder)))
        upgrade(engine, told.scenario.begins)
        played = play(told, engine, Path(folder) / "files", Direct(engine))
        assert played.as_expected, played.differences
        names = {account["ref"]: name for name, account in played.cases.items() if account is not None}
        with reading(engine) as connection:
            for row in connection.execute(select(Subject.__table__)).all():
                rows = connection.execute(
                    select(Event.__table__).where(Event.subject_id == row.id).order_by(Event.seq)
                ).all()
                made = subject.load(row.state)
                what = made.kind if made.kind == "call" else f"case-{names[made.ref]}"
                name = f"{what}-{made.outcome or 'open'}"
                yield (
                    name.replace("_", "-"),
                    {
                        "events": [
                            {"event": json.loads(each.data), "personal": personal(each.personal)}
                            for each in rows
                        ],
                        "subject": json.loads(row.state),
                    },
                )
        engine.dispose()


def main() -> None:
    """Write the files that are not there yet."""
    walks = {
        "call-completed": call_at("completed"),
        "case-filed-with-every-detour": with_every_detour(),
        **{f"case-{outcome.replace('_', '-')}": ended(outcome) for outcome in OUTCOMES},
    }
    for name, walk in walks.items():
        _keep(HERE / "yueyang-2024" / f"{name}.json", written(walk))
    walks = {
        "call-completed": qingdao_walk.call_at("completed"),
        **{f"case-{end.replace('_', '-')}": qingdao_walk.ended(end) for end in qingdao_walk.OUTCOMES},
    }
    for name, walk in walks.items():
        _keep(HERE / "qingdao-2025" / f"{name}.json", written(walk))
    if not all((HERE / "qingdao-2025" / f"{name}.json").exists() for name in DETOURS):
        for name, content in recorded(EXAMPLE):
            if name in DETOURS:
                _keep(HERE / "qingdao-2025" / f"{name}.json", content)
    for story in STORIES:
        if not (HERE / story.stem).exists():
            for name, content in recorded(story):
                _keep(HERE / story.stem / f"{name}.json", content)


def _keep(path: Path, content: dict[str, Any]) -> None:
    if path.exists():
        return
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path.parent.name}/{path.name}: {len(content['events'])} events\n")


if __name__ == "__main__":
    main()
