"""What the documents state and what bureaus set, told apart: an aim is no quota, an office no stage."""

from dataclasses import replace

import pytest

from procedure.act import Actor, Child, Decision, Refusal
from procedure.definition import Life, Procedure, grounds
from procedure.instant import local_instant
from procedure.pack import shipped
from tests.procedure import qingdao_walk
from tests.procedure.yueyang_walk import APPLICANT, DISTRICT, LEADER, Walk, at_stage, new_call

WINDOW = {
    "filing_opens": local_instant("2025-03-03T09:00"),
    "filing_closes": local_instant("2025-03-14T17:00"),
}


def pack(code: str) -> Procedure:
    return shipped(code).procedure


def call_with(code: str, cases: int) -> Walk:
    """A call of this pack in which so many cases wait for the list."""
    procedure = pack(code)
    walk = new_call("2025-03-01T09:00", WINDOW if procedure.dates else {}, procedure).swept(
        "2025-04-01T09:00"
    )
    return walk.knowing(children={f"c{n:03d}": Child("selection", None) for n in range(cases)})


def leader(walk: Walk) -> Actor:
    return replace(LEADER, bureau=walk.procedure.bureau.code)


def selects(walk: Walk, cases: int) -> int:
    answer = walk.ask("select", leader(walk), cases=[f"c{n:03d}" for n in range(cases)])
    assert isinstance(answer, Decision), answer
    return sum(each.act == "be_selected" for each in answer.consequences)


@pytest.mark.clause("qingdao-guideline-2025", "2")
def test_about_twenty_in_qingdao_is_an_aim_and_the_twenty_first_is_selected() -> None:
    walk = call_with("qingdao-2025", 45)
    assert selects(walk, 21) == 21
    after = walk.do("select", leader(walk), cases=[f"c{n:03d}" for n in range(21)])
    rest = [f"c{n:03d}" for n in range(21, 45)]
    answer = after.knowing(children={ref: Child("selection", None) for ref in rest}).ask(
        "select", leader(walk), cases=rest
    )
    assert isinstance(answer, Decision)
    assert len(answer.consequences) == 24


@pytest.mark.clause("kunshan-opinions-2024", "2")
def test_fifty_in_kunshan_is_an_aim_and_the_fifty_first_is_selected() -> None:
    assert selects(call_with("kunshan-2024", 51), 51) == 51


@pytest.mark.clause("kunshan-opinions-2024", "5(1)")
def test_kunshans_leading_group_decides_no_case_and_its_office_is_the_bureau() -> None:
    kunshan = pack("kunshan-2024")
    assert kunshan.bureau.name.zh == "昆山市科学技术局"
    holders = {stage.holder for stage in (*kunshan.call.stages, *kunshan.application.stages)}
    assert holders == {"applicant", "district", "bureau", "panel", "public"}


@pytest.mark.clause("qingdao-guideline-2025", "silent")
def test_qingdao_states_no_term_in_days() -> None:
    qingdao = pack("qingdao-2025")
    days = {name: value for name, value in qingdao.settings.items() if name.endswith("_days")}
    assert len(days) == 29
    assert {value.basis for value in days.values()} == {"setting"}
    stage = qingdao.application.stage
    assert (stage["formal_review"].basis, stage["objection"].basis) == ("setting", "setting")
    assert qingdao.settings["filing_after_dismissed"].basis == "setting"


@pytest.mark.clause("kunshan-opinions-2024", "silent")
@pytest.mark.clause("xiamen-measures-2025", "silent")
@pytest.mark.parametrize("code", ["kunshan-2024", "xiamen-2025"])
def test_where_the_documents_are_silent_everything_is_a_setting(code: str) -> None:
    procedure = pack(code)
    of_lives = [thing for path, thing in grounds(procedure) if path.startswith(("call.", "application."))]
    assert {thing.clause for thing in of_lives} == {None}
    stages = [*procedure.call.stages, *procedure.application.stages]
    assert {stage.basis for stage in stages} == {"setting"}
    assert {
        thing.basis for thing in (procedure.validity, procedure.naming, *procedure.settings.values())
    } == {"setting"}


TASKS = ("chain", "research", "platform", "conversion", "region", "provincial")


@pytest.mark.clause("yueyang-call-2024", "3.1")
@pytest.mark.clause("yueyang-call-2024", "3.2")
@pytest.mark.clause("yueyang-call-2024", "3.3")
@pytest.mark.clause("yueyang-call-2024", "3.4")
@pytest.mark.clause("yueyang-call-2024", "3.5")
@pytest.mark.clause("yueyang-call-2024", "3.6")
def test_each_of_yueyangs_six_tasks_is_told_in_the_application_and_stops_nobody() -> None:
    yueyang = pack("yueyang-2024")
    fields = [yueyang.field[f"consortium.task_{task}"] for task in TASKS]
    assert [each.clause.clause for each in fields if each.clause is not None] == [
        *("3.1", "3.2", "3.3", "3.4", "3.5", "3.6")
    ]
    draft = at_stage("draft")
    told = draft.do("save_draft", APPLICANT, fields={each.path: f"{each.title.zh}。" for each in fields})
    assert {each.path: told.subject.application.form[each.path] for each in fields} == {
        each.path: f"{each.title.zh}。" for each in fields
    }
    assert not any(each.required for each in fields)
    assert draft.on("2024-08-01T10:00").do("submit", APPLICANT).subject.stage == "recommendation"


@pytest.mark.clause("yueyang-call-2024", "attachments")
def test_yueyangs_three_attached_forms_are_materials() -> None:
    material = pack("yueyang-2024").material
    assert [
        (material[name].title.zh, material[name].by)
        for name in (
            "application_form",
            "summary_table",
            "implementation_plan",
        )
    ] == [
        ("创新联合体申报书", "applicant"),
        ("创新联合体信息汇总表", "district"),
        ("创新联合体实施方案", "applicant"),
    ]


@pytest.mark.clause("yueyang-call-2024", "5.2", "opinion")
def test_the_recommending_unit_gives_its_opinion_or_does_not_recommend() -> None:
    accepted = at_stage("recommendation").on("2024-08-06T09:00").do("accept_online", DISTRICT)
    answer = accepted.ask("endorse", DISTRICT)
    assert isinstance(answer, Refusal)
    assert answer.code == "bad_particulars"
    assert [each["field"] for each in answer.facts["problems"]] == ["opinion"]
    assert accepted.do("endorse", DISTRICT, opinion="同意推荐").subject.stage == "papers"


@pytest.mark.clause("yueyang-call-2024", "5.2", "package")
@pytest.mark.parametrize(
    ("application", "summary", "refused"),
    [
        (0, 2, {"application_form": {"needed": 1, "delivered": 0}}),
        (1, 1, {"summary_table": {"needed": 2, "delivered": 1}}),
        (1, 2, None),
        (3, 5, None),
    ],
)
def test_the_package_holds_one_application_and_two_summary_tables(
    application: int, summary: int, refused: object
) -> None:
    papers = at_stage("papers").on("2024-08-12T09:00")
    given = {"application_copies": application, "summary_copies": summary}
    answer = papers.ask("deliver_papers", DISTRICT, letter=True, finance_signed=True, **given)
    if refused is None:
        assert isinstance(answer, Decision)
        assert answer.subject.stage == "formal_review"
    else:
        assert isinstance(answer, Refusal)
        assert (answer.code, answer.facts["copies"]) == ("copies_missing", refused)
        assert answer.clause is not None
        assert answer.clause.clause == "5.2"


def refusal(walk: Walk, act: str, actor: Actor, **particulars: object) -> str:
    return walk.refused(act, actor, **particulars).code


@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "forwarding")
def test_qingdaos_first_authority_reviews_and_forwards_before_the_city_decides() -> None:
    submitted = qingdao_walk.at_stage("first_review")
    assert refusal(submitted, "pass_review", qingdao_walk.OFFICER) == "act_not_at_this_stage"
    assert refusal(submitted, "endorse", qingdao_walk.OFFICER, opinion="同意") == "role_may_not"
    elsewhere = replace(qingdao_walk.DISTRICT, bureau="pingdu")
    assert refusal(submitted, "accept_online", elsewhere) == "not_yours"
    accepted = submitted.do("accept_online", qingdao_walk.DISTRICT)
    forwarded = accepted.do("endorse", qingdao_walk.DISTRICT, opinion="同意上报")
    assert forwarded.subject.stage == "formal_review"
    assert qingdao_walk.ended("declined").subject.outcome == "declined"


@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "review")
def test_qingdaos_experts_review_then_the_visit_then_the_defence() -> None:
    reviewing = qingdao_walk.at_stage("expert_review")
    visit = {"at": "2025-12-01T09:00", "team": ["甲", "乙"]}
    defence = {"at": "2025-12-02T09:00", "place": "一楼", "position": 1}
    for act, particulars in (("schedule_visit", visit), ("schedule_defence", defence)):
        assert refusal(reviewing, act, qingdao_walk.OFFICER, **particulars) == "act_not_at_this_stage"
    visiting = qingdao_walk.at_stage("site_visit")
    assert refusal(visiting, "schedule_defence", qingdao_walk.OFFICER, **defence) == "act_not_at_this_stage"
    kinds = [event.kind for event in qingdao_walk.at_stage("selection").events]
    passed = ("scoring_closed", "visit_recorded", "defence_recorded")
    assert [kind for kind in kinds if kind in passed] == [*passed, "scoring_closed"]
    for end in ("below_pass_mark", "visit_failed", "defence_missed"):
        assert qingdao_walk.ended(end).subject.outcome == end


@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "objections")
def test_in_qingdao_whoever_nobody_objects_to_is_filed_and_an_upheld_objection_ends_the_case() -> None:
    public = qingdao_walk.at_stage("publicity")
    assert refusal(public, "file", qingdao_walk.OFFICER, **FILED) == "act_not_at_this_stage"
    quiet = qingdao_walk.ended("filed")
    assert [event.kind for event in quiet.events][-2:] == ["deadline_lapsed", "filed"]
    assert quiet.subject.application.objections == ()
    upheld = qingdao_walk.ended("objection_upheld").subject
    assert (upheld.outcome, upheld.application.filing) == ("objection_upheld", None)


FILED = {"document_number": "青科备〔2025〕9号", "document_date": "2025-10-31"}


@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "list")
@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "objections")
def test_qingdaos_list_is_public_before_anybody_is_filed() -> None:
    life = pack("qingdao-2025").application
    filing_from = {
        stage.id for stage in life.stages for act in stage.acts.values() if "filing" in act.targets
    } | {stage.id for stage in life.stages for name in stage.deadlines if _lapses_to(life, name) == "filing"}
    assert filing_from == {"publicity", "objection"}
    decided = life.stage["objection"].acts["decide_objection"].branches
    assert [(branch.when, branch.to) for branch in decided] == [
        ("objection.result == 'upheld'", "objection_upheld"),
        ("objection.open > 0", None),
        ("objection.result == 'dismissed' && !settings.filing_after_dismissed", "not_filed"),
        ("objection.over", "filing"),
        (None, "publicity"),
    ]
    assert life.outcome["objection_upheld"].clause is not None


def _lapses_to(life: Life, name: str) -> str | None:
    lapse = life.deadline[name].lapse
    return None if lapse is None else lapse.to
