"""How a file becomes single acts: short forms, roles, order, names."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.scenarios.telling import agrees, outcome, tale, told


def written_out(folder: Path, body: str) -> list[tuple[str, str, object, object]]:
    return [(step.act, step.by, step.role, dict(step.particulars)) for step in tale(folder, body).steps[1:]]


def test_prepare_is_written_out_as_documented(tmp_path: Path) -> None:
    body = """\
    applications:
      one:
        lead: jia
        district: county
        template: complete
        members: [college]
        fields: {consortium.direction: 阀门, lead.rd_spending: "1.00"}
        member_fields: {college: {member.agreement_to: 2025-12-31}}
        documents: {implementation_plan: {text: 自己的方案, name: plan.docx}}
        acts:
          - {at: 2024-07-10T09:00, act: prepare}
    """
    steps = written_out(tmp_path, body)
    assert [step[:3] for step in steps] == [
        ("start", "jia", "applicant"),
        ("save_draft", "jia", "applicant"),
        ("invite_member", "jia", "applicant"),
        ("confirm_membership", "college", "member"),
        ("save_draft", "jia", "applicant"),
        ("attach_document", "jia", "applicant"),
        ("attach_document", "jia", "applicant"),
        ("attach_document", "college", "member"),
    ]
    particulars = [step[3] for step in steps]
    assert particulars[0] == {}
    assert particulars[1]["fields"]["lead.rd_spending"] == "1.00"
    assert particulars[1]["fields"]["lead.standing"] == "city"
    assert particulars[2] == {"uscc": "college"}
    assert particulars[4]["members"]["college"]["member.agreement_to"] == "2025-12-31"
    assert particulars[4]["members"]["college"]["member.agreement_from"] == "2023-01-01"
    assert particulars[5:] == [
        {"material": "application_form", "text": "申报书"},
        {"material": "implementation_plan", "text": "自己的方案", "name": "plan.docx"},
        {"material": "cooperation_agreement", "text": "合作协议"},
    ]


def test_prepare_does_not_start_what_was_started(tmp_path: Path) -> None:
    body = """\
    applications:
      one:
        lead: jia
        district: county
        fields: {consortium.direction: 阀门}
        acts:
          - {at: 2024-07-03T09:00, by: jia, act: start, expect: call_not_open}
          - {at: 2024-07-10T09:00, act: prepare}
      two:
        lead: yi
        district: county
        fields: {consortium.direction: 电磁}
        acts:
          - {at: 2024-07-10T09:00, by: yi, act: start}
          - {at: 2024-07-10T10:00, act: prepare}
    """
    assert [step[:2] for step in written_out(tmp_path, body)] == [
        ("start", "jia"),
        ("start", "jia"),
        ("save_draft", "jia"),
        ("start", "yi"),
        ("save_draft", "yi"),
    ]


def test_acts_of_one_moment_keep_the_order_of_the_file(tmp_path: Path) -> None:
    body = """\
    applications:
      one:
        lead: jia
        district: county
        acts: [{at: 2024-07-11T09:00, by: jia, act: start}, {at: 2024-07-12T09:00, by: jia, act: submit}]
      two:
        lead: yi
        district: county
        acts: [{at: 2024-07-10T09:00, by: yi, act: start}, {at: 2024-07-12T09:00, by: yi, act: submit}]
    acts:
      - {at: 2024-07-12T09:00, by: jia, case: one, act: withdraw, with: {reason: 改期}}
    """
    assert [step[:2] for step in written_out(tmp_path, body)] == [
        ("start", "yi"),
        ("start", "jia"),
        ("submit", "jia"),
        ("submit", "yi"),
        ("withdraw", "jia"),
    ]


@pytest.mark.parametrize(
    ("by", "case", "act", "role"),
    [
        ("jia", "one", "submit", "applicant"),
        # 乙是牵头单位，也是另一家的成员单位。 yi leads one consortium and is a member of another.
        ("yi", "one", "confirm_membership", "member"),
        ("yi", "two", "submit", "applicant"),
        ("chen", "one", "pass_review", "city_officer"),
        ("boss", None, "select", "city_leader"),
    ],
)
def test_the_role_follows_from_the_case_and_the_act(
    tmp_path: Path, by: str, case: str | None, act: str, role: str
) -> None:
    body = f"""\
    applications:
      one: {{lead: jia, district: county, members: [yi]}}
      two: {{lead: yi, district: county}}
    acts:
      - {{at: 2024-07-12T09:00, by: {by}, act: {act}, expect: incomplete{f", case: {case}" if case else ""}}}
    """
    assert written_out(tmp_path, body) == [(act, by, role, {})]


def test_a_story_may_be_told_in_one_line_of_time(story_engine: Engine, tmp_path: Path) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          one: {lead: jia, district: high_tech_zone, template: complete, members: [college],
                fields: {consortium.direction: 阀门}, expect: {stage: expert_review, mean: null}}
        acts:
          - {at: 2024-07-10T09:00, case: one, act: prepare}
          - {at: 2024-07-10T10:00, case: one, by: jia, act: submit}
          - {at: 2024-08-05T09:00, case: one, by: of_high_tech_zone, act: accept_online}
          - {at: 2024-08-05T09:00, case: one, by: of_county, act: accept_online, expect: not_yours}
          - {at: 2024-08-05T10:00, case: one, by: of_high_tech_zone, act: endorse, with: {opinion: 同意}}
          - {at: 2024-08-06T09:00, case: one, by: boss, role: city_officer, act: deliver_papers,
             with: {letter: true}, expect: no_such_role}
          - {at: 2024-08-06T09:00, case: one, by: chen, act: deliver_papers,
             with: {letter: true, application_copies: 1, summary_copies: 2}}
          - {at: 2024-08-07T09:00, case: one, by: chen, act: fly, expect: unknown_act}
          - {at: 2024-08-07T09:00, case: one, by: chen, act: pass_review, with: {findings: nonsense},
             expect: {refusal: bad_particulars, facts: {act: pass_review}}}
          - {at: 2024-08-07T09:00, case: one, by: chen, act: pass_review}
          - {at: 2024-08-07T10:00, case: one, by: chen, act: schedule_visit,
             with: {at: 2024-08-08T09:00, team: [陈, 王]}}
          - {at: 2024-08-08T17:00, case: one, by: chen, act: record_visit,
             with: {on: 2024-08-08, result: passed, findings: 符合}}
          - {at: 2024-08-09T09:00, case: one, by: chen, act: name_panel,
             with: {experts: [e1, e2, e3, e4, e5]}}
          - {at: 2024-08-12T09:00, case: one, act: scores, with: {e1: 80, e3: "79.5"}}
        """,
    )
    played = told(story, story_engine)
    assert agrees(played)
    scored = [
        (event["by"], event["data"]["expert"], event["data"]["score"])
        for event in outcome(played, story_engine)["cases"]["one"]["events"]
        if event["kind"] == "scored"
    ]
    assert scored == [
        ("e1", "e1", 8000),
        ("e3", "e3", 7950),
    ]


def test_a_role_that_has_ended_no_longer_acts(story_engine: Engine, tmp_path: Path) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          one:
            lead: jia
            district: county
            acts:
              - {at: 2024-07-10T09:00, by: jia, act: start}
              - {at: 2024-07-10T23:59, by: former, act: extend_deadline,
                 with: {deadline: filing, until: 2024-09-01, reason: x}, expect: deadline_may_not}
              - {at: 2024-07-11T00:00, by: former, act: extend_deadline,
                 with: {deadline: filing, until: 2024-09-01, reason: x}, expect: no_such_role}
        """,
    )
    assert agrees(told(story, story_engine))
