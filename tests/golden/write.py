"""Write the events of whole cases of every shipped pack, once and for good.

Run from the root of the repository as ``.venv/bin/python -m tests.golden.write``. A file that is there is
left as it is: what was recorded in the past must stay readable as it was, so a change of the format gets
new files beside the old ones, never in their place. Yueyang's and Qingdao's cases are walked by the machine
alone, those of other cities recorded by their stories in a database, and so is a call that was moved.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "procedure"))

from sqlalchemy import Engine, select
from yueyang_walk import (
    APPLICANT,
    DISTRICT,
    EXPERTS,
    LEADER,
    OFFICER,
    OUTCOMES,
    PACK,
    PAPERS,
    RETURN,
    SYSTEM,
    UNIVERSITY,
    Walk,
    at_stage,
    call_at,
    document,
    ended,
)

from casework import clock, migration, procedures
from casework.loading import personal
from casework.migration import Plan, Wanted
from models import Event, Subject
from models.database import connect, default_url, reading, writing
from models.migrate import upgrade
from procedure import event, subject
from procedure.act import Actor, Officer
from procedure.instant import local_instant
from procedure.pack import load_texts, shipped
from story.carriers import Direct
from story.play import play
from story.reading import load
from tests.casework import city
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


def with_every_change() -> Walk:
    """Return a case filed after it was laid on another desk and its record rectified at four stages."""
    second = Actor("city_officer", 8, bureau=PACK.bureau.code)
    lin = Officer(8, "lin", "林", "city_officer", PACK.bureau.code)
    reason = {"reason": "录入有误"}

    def rectified(walk: Walk, by: Actor, items: dict[str, Any]) -> Walk:
        walk = walk.do("propose_rectification", OFFICER, items=items, **reason)
        number = walk.subject.application.rectifications[-1].number
        return walk.do("confirm_rectification", by, rectification=number)

    walk = at_stage("formal_review").knowing(officers=(lin,), call=call_at("under_review").subject)
    walk = walk.do("reassign", LEADER, officer="lin", reason="出差")
    walk = walk.do("propose_rectification", OFFICER, items={"papers.summary_copies": 7}, **reason)
    walk = walk.do("decline_rectification", second, rectification=1, reason="原记录无误")
    items = {
        "consortium.contact_name": "李四",
        f"member:{UNIVERSITY}:member.agreement_to": "2028-05-31",
        "papers.summary_copies": 3,
    }
    walk = rectified(walk, second, items).do("pass_review", second)
    walk = walk.do("schedule_visit", OFFICER, at="2024-10-31T09:00", team=["考察员甲", "考察员乙"])
    walk = walk.on("2024-11-01T10:00").do(
        "record_visit", OFFICER, on="2024-10-31", result="failed", findings="未见设备"
    )
    walk = rectified(walk, LEADER, {"visit.result": "passed", "visit.findings": "核对后符合"})
    walk = walk.do("name_panel", OFFICER, experts=[f"e{n}" for n in range(5)])
    for expert in EXPERTS:
        walk = walk.do("score", expert, points="80")
    walk = walk.do("close_scoring", OFFICER)
    experts = {f"e{n}": each for n, each in enumerate(EXPERTS)}
    assert all(each.person in walk.subject.application.panel for each in experts.values())
    walk = rectified(walk, second, {"score:expert_review:e1": "90.5"})
    walk = walk.on("2025-01-26T10:00").do("be_selected", SYSTEM, rank=3).on("2025-02-05T10:00")
    walk = walk.do(
        "file", OFFICER, document_number="岳科发〔2025〕2号", document_date="2025-02-05", direction="新能源"
    )
    return rectified(walk, second, {"filing.document_number": "岳科发〔2025〕3号"})


def moved(engine: Engine) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a call and its case, moved half scored to a revision that names two stages otherwise."""
    upgrade(engine, local_instant("2024-07-01T09:00"))
    here = city.build(engine)
    case = here.case_at("formal_review")
    here.do(case, "chen", "return_for_correction", **city.PLAN)
    here.do(case, "zhang0", "resubmit")
    here.carry(case, "expert_review")
    for expert in city.EXPERTS[:2]:
        here.do(case, expert, "score", points="80")
    files = dict(shipped("yueyang-2024").files)
    renamed = {"expert_review": "assessment", "formal_review": "examination"}
    for old, new in renamed.items():
        for line in (f"- id: {old}\n      kind: {old}", f"to: {old}", f"of: {old}, rounds"):
            files["procedure.yaml"] = files["procedure.yaml"].replace(line, line.replace(old, new, 1))
    with writing(engine) as connection:
        revision = procedures.publish(connection, load_texts(files), clock.now(connection))
    wanted = Wanted(here.call, revision, renamed)
    with reading(engine) as connection:
        plan = migration.plan(connection, wanted)
    assert isinstance(plan, Plan), plan
    migration.migrate(engine, here.people["admin"], wanted, plan.token)
    for expert in city.EXPERTS[2:]:
        here.do(case, expert, "score", points="82")
    here.do(case, "chen", "close_scoring")
    here.at("2024-08-20T09:00")
    here.do(here.call, "boss", "select", cases=[here.subject(case).ref])
    here.do(case, "chen", "file", document_number="岳科发〔2024〕1号", document_date="2024-08-20")
    here.do(here.call, "admin", "complete")
    yield from (
        (f"{made.kind if made.kind == 'call' else 'case'}-{made.outcome}-after-a-move", content)
        for made, content in kept(engine)
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
        for made, content in kept(engine):
            what = made.kind if made.kind == "call" else f"case-{names[made.ref]}"
            yield f"{what}-{made.outcome or 'open'}".replace("_", "-"), content
        engine.dispose()


def kept(engine: Engine) -> Iterator[tuple[subject.Subject, dict[str, Any]]]:
    """Yield every subject of a database with what a file holds of it."""
    with reading(engine) as connection:
        for row in connection.execute(select(Subject.__table__)).all():
            rows = connection.execute(
                select(Event.__table__).where(Event.subject_id == row.id).order_by(Event.seq)
            ).all()
            events = [{"event": json.loads(each.data), "personal": personal(each.personal)} for each in rows]
            yield subject.load(row.state), {"events": events, "subject": json.loads(row.state)}


def main() -> None:
    """Write the files that are not there yet."""
    walks = {
        "call-completed": call_at("completed"),
        "case-filed-with-every-detour": with_every_detour(),
        "case-filed-with-every-change": with_every_change(),
        **{f"case-{outcome.replace('_', '-')}": ended(outcome) for outcome in OUTCOMES},
    }
    for name, walk in walks.items():
        _keep(HERE / "yueyang-2024" / f"{name}.json", written(walk))
    if not (HERE / "yueyang-2024" / "case-filed-after-a-move.json").exists():
        with tempfile.TemporaryDirectory() as folder:
            engine = connect(default_url(Path(folder)))
            for name, content in moved(engine):
                _keep(HERE / "yueyang-2024" / f"{name}.json", content)
            engine.dispose()
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
