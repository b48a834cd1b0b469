"""Yueyang's notice, clause by clause, each as a small story."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.scenarios.telling import agrees, tale, told

# What a clause says is decided alike whatever keeps the record; test_time and test_cities go through both.
pytestmark = pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)


@pytest.mark.clause("yueyang-call-2024", "6.1", "opening")
def test_clause_6_1_filing_opens_on_4_july_before_the_notice_was_posted(
    story_engine: Engine, tmp_path: Path
) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          one:
            lead: jia
            district: county
            acts:
              - {at: 2024-07-03T23:59:59.999999, by: jia, act: start,
                 expect: {refusal: call_not_open, clause: "6.1", facts: {stage: announced}}}
              - {at: 2024-07-04T00:00, by: jia, act: start}
            expect: {stage: draft, outcome: null, events: [started]}
        """,
    )
    assert agrees(told(story, story_engine))


@pytest.mark.clause("yueyang-call-2024", "6.1", "closing")
def test_clause_6_1_six_o_clock_sharp_is_in_time_and_a_millisecond_later_is_late(
    story_engine: Engine, tmp_path: Path
) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          sharp:
            lead: jia
            district: county
            template: complete
            members: [college]
            fields: {consortium.direction: 阀门}
            acts:
              - {at: 2024-08-04T12:00, act: prepare}
              - {at: 2024-08-04T18:00:00.000, by: jia, act: submit}
            expect:
              stage: recommendation
              outcome: null
              deadlines: {filing: {state: met, due: 2024-08-04T18:00, ledger: [started, met]}}
          late:
            lead: yi
            district: county
            template: complete
            members: [college]
            fields: {consortium.direction: 电磁}
            acts:
              - {at: 2024-08-04T12:00, act: prepare}
              - {at: 2024-08-04T18:00:00.001, by: yi, act: submit, expect: closed}
            expect:
              stage: draft
              outcome: draft_not_accepted
              clause: "6.1"
              because: {event: deadline_lapsed, deadline: filing, at: 2024-08-04T18:00}
              deadlines: {filing: {state: lapsed, due: 2024-08-04T18:00, ledger: [started, lapsed]}}
              notices: {draft_not_accepted: [yi]}
        """,
    )
    assert agrees(told(story, story_engine))


@pytest.mark.clause("yueyang-call-2024", "6.2", "recommendation")
def test_clause_6_2_the_recommendation_counts_until_six_and_not_after(
    story_engine: Engine, tmp_path: Path
) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          sharp:
            lead: jia
            district: county
            template: complete
            members: [college]
            fields: {consortium.direction: 阀门}
            acts:
              - {at: 2024-07-10T09:00, act: prepare}
              - {at: 2024-07-10T10:00, by: jia, act: submit}
              - {at: 2024-08-09T17:59, by: of_county, act: accept_online}
              - {at: 2024-08-09T18:00, by: of_county, act: endorse, with: {opinion: 同意}}
            expect:
              stage: papers
              deadlines:
                recommendation: {state: met, due: 2024-08-09T18:00}
                papers: {state: running, due: 2024-08-13}
          late:
            lead: yi
            district: county
            template: complete
            members: [college]
            fields: {consortium.direction: 电磁}
            acts:
              - {at: 2024-07-10T09:00, act: prepare}
              - {at: 2024-07-10T10:00, by: yi, act: submit}
              - {at: 2024-08-09T17:59, by: of_county, act: accept_online}
              - {at: 2024-08-09T18:00:00.001, by: of_county, act: endorse, with: {opinion: 同意},
                 expect: {refusal: closed, clause: "6.2", facts: {outcome: not_accepted}}}
            expect:
              outcome: not_accepted
              clause: "6.2"
              notices: {not_accepted: [yi, of_county]}
        """,
    )
    assert agrees(told(story, story_engine))


@pytest.mark.clause("yueyang-call-2024", "6.2", "papers")
def test_clause_6_2_papers_count_through_the_end_of_the_13th_and_later_ones_are_for_an_officer(
    story_engine: Engine, tmp_path: Path
) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          last:
            lead: jia
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {consortium.direction: 阀门}
            acts:
              - {at: 2024-07-10T09:00, act: prepare}
              - {at: 2024-07-10T10:00, by: jia, act: submit}
              - {at: 2024-08-05T09:00, by: of_high_tech_zone, act: accept_online}
              - {at: 2024-08-05T10:00, by: of_high_tech_zone, act: endorse, with: {opinion: 同意}}
              - {at: 2024-08-13T23:59:59.999999, by: chen, act: deliver_papers,
                 with: {letter: true, application_copies: 1, summary_copies: 2}}
            expect:
              stage: formal_review
              deadlines: {papers: {state: met, due: 2024-08-13, ledger: [started, met]}}
          late:
            lead: yi
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {consortium.direction: 电磁}
            acts:
              - {at: 2024-07-10T09:00, act: prepare}
              - {at: 2024-07-10T10:00, by: yi, act: submit}
              - {at: 2024-08-05T09:00, by: of_high_tech_zone, act: accept_online}
              - {at: 2024-08-05T10:00, by: of_high_tech_zone, act: endorse, with: {opinion: 同意}}
              - {at: 2024-08-14T00:00, by: chen, act: deliver_papers,
                 with: {letter: true, application_copies: 1, summary_copies: 2}}
            # 逾期由经办人决定，程序不自动否决。 The program never rejects them by itself.
            expect:
              stage: late_papers
              outcome: null
              deadlines:
                papers: {state: met, due: 2024-08-13, ledger: [started, overdue, met]}
                late_papers: {state: running, due: 2024-08-21}
              notices: {papers_overdue: [of_high_tech_zone, chen]}
        """,
    )
    assert agrees(told(story, story_engine))


@pytest.mark.clause("yueyang-call-2024", "5.2", "joint letter")
@pytest.mark.parametrize(
    ("kind", "joint"),
    [
        ("county", True),
        ("county_level_city", True),
        ("district", True),
        ("functional_zone", False),
        ("high_tech_zone", False),
    ],
)
def test_clause_5_2_counties_cities_and_districts_recommend_together_with_finance(
    story_engine: Engine, tmp_path: Path, kind: str, joint: bool
) -> None:
    expected = '{refusal: joint_letter_required, clause: "5.2"}' if joint else "null"
    story = tale(
        tmp_path,
        f"""\
        applications:
          one:
            lead: jia
            district: {kind}
            template: complete
            members: [college]
            fields: {{consortium.direction: 阀门}}
            acts:
              - {{at: 2024-07-10T09:00, act: prepare}}
              - {{at: 2024-07-10T10:00, by: jia, act: submit}}
              - {{at: 2024-08-05T09:00, by: of_{kind}, act: accept_online}}
              - {{at: 2024-08-05T10:00, by: of_{kind}, act: endorse, with: {{opinion: 同意}}}}
              - {{at: 2024-08-12T09:00, by: of_{kind}, act: deliver_papers,
                 with: {{letter: true, application_copies: 1, summary_copies: 2}}, expect: {expected}}}
            expect: {{stage: {"papers" if joint else "formal_review"}, outcome: null}}
        """,
    )
    assert agrees(told(story, story_engine))


@pytest.mark.clause("yueyang-call-2024", "5.1")
@pytest.mark.clause("yueyang-call-2024", "5.2", "no letter")
def test_clause_5_2_without_a_letter_the_application_is_not_accepted(
    story_engine: Engine, tmp_path: Path
) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          one:
            lead: jia
            district: county
            template: complete
            members: [college]
            fields: {consortium.direction: 阀门}
            acts:
              - {at: 2024-07-10T09:00, act: prepare}
              - {at: 2024-07-10T10:00, by: jia, act: submit}
              - {at: 2024-08-05T09:00, by: of_county, act: endorse, with: {opinion: 同意},
                 expect: not_accepted_online}
              - {at: 2024-08-05T09:10, by: of_county, act: accept_online}
              - {at: 2024-08-05T10:00, by: of_county, act: endorse, with: {opinion: 同意}}
              - {at: 2024-08-12T09:00, by: of_county, act: deliver_papers, with: {letter: false}}
            expect:
              outcome: not_accepted_no_letter
              clause: "5.2"
              deadlines: {papers: {ledger: [started, met]}}
        """,
    )
    assert agrees(told(story, story_engine))


REVIEW = """\
        applications:
          one:
            lead: jia
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {{consortium.direction: 阀门, {fields}}}
            member_fields: {{college: {{member.has_research_team: true, {about}}}}}
            acts:
              - {{at: 2024-07-10T09:00, act: prepare}}
              - {{at: 2024-07-20T10:00, by: jia, act: submit}}
              - {{at: 2024-08-05T09:00, by: of_high_tech_zone, act: accept_online}}
              - {{at: 2024-08-05T10:00, by: of_high_tech_zone, act: endorse, with: {{opinion: 同意}}}}
              - {{at: 2024-08-12T09:00, by: chen, act: deliver_papers,
                 with: {{letter: true, application_copies: 1, summary_copies: 2}}}}
              - {{at: 2024-08-13T09:00, by: chen, act: pass_review, expect: {expected}}}
        """
NOT_MET = '{{refusal: not_eligible, clause: "{}", facts: {{rules: [{{rule: {}, answer: not_met}}]}}}}'


@pytest.mark.clause("yueyang-call-2024", "2.1(1)")
@pytest.mark.clause("yueyang-call-2024", "2.1(2)")
@pytest.mark.clause("yueyang-call-2024", "2.1(3)", "platform")
@pytest.mark.clause("yueyang-call-2024", "2.1(3)", "spending")
@pytest.mark.clause("yueyang-call-2024", "2.1(4)")
@pytest.mark.clause("yueyang-call-2024", "2.2(1)", "agreement")
@pytest.mark.clause("yueyang-call-2024", "2.2(1)", "cooperation")
@pytest.mark.clause("yueyang-call-2024", "2.2(1)", "result")
@pytest.mark.clause("yueyang-call-2024", "2.2(2)")
@pytest.mark.clause("yueyang-call-2024", "2.3")
@pytest.mark.clause("yueyang-call-2024", "4.2")
@pytest.mark.parametrize(
    ("fields", "about", "clause", "rule"),
    [
        ('lead.rd_spending: "10000000.00"', "", None, None),
        ('lead.rd_spending: "9999999.99"', "", "2.1(3)", "lead_rd_spending"),
        ("lead.platform_level: below_city", "", "2.1(3)", "lead_platform"),
        ("lead.enterprise_class: other", "", "2.1(1)", "lead_industry"),
        ("lead.standing: none", "", "2.1(2)", "lead_standing"),
        ("lead.has_core_technology: false", "", "2.1(4)", "lead_core_technology"),
        # 恰好三年，起止两日均计入。 Exactly three years, both days included.
        ("", "member.agreement_from: 2024-06-01, member.agreement_to: 2027-05-31", None, None),
        (
            "",
            "member.agreement_from: 2024-06-01, member.agreement_to: 2027-05-30",
            "2.2(1)",
            "member_agreement",
        ),
        # 截至提交之日（7月20日）满一年。 A year as of the day of submission, 20 July.
        ("", "member.cooperation_since: 2023-07-21", None, None),
        ("", "member.cooperation_since: 2023-07-22", "2.2(1)", "member_cooperation"),
        ("", "member.cooperation_has_result: false", "2.2(1)", "member_result"),
        ("", "member.has_research_conditions: false", "2.2(2)", "member_research"),
        ("consortium.consults_regularly: false", "", "2.3", "regular_consultation"),
    ],
)
def test_clauses_2_1_to_2_3_are_what_the_formal_review_asks(
    story_engine: Engine, tmp_path: Path, fields: str, about: str, clause: str | None, rule: str | None
) -> None:
    expected = "null" if clause is None else NOT_MET.format(clause, rule)
    story = tale(tmp_path, REVIEW.format(fields=fields, about=about, expected=expected))
    assert agrees(told(story, story_engine))


PANEL = """\
        applications:
          one:
            lead: jia
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {{consortium.direction: 阀门}}
            acts:
              - {{at: 2024-07-10T09:00, act: prepare}}
              - {{at: 2024-07-20T10:00, by: jia, act: submit}}
              - {{at: 2024-08-05T09:00, by: of_high_tech_zone, act: accept_online}}
              - {{at: 2024-08-05T10:00, by: of_high_tech_zone, act: endorse, with: {{opinion: 同意}}}}
              - {{at: 2024-08-12T09:00, by: chen, act: deliver_papers,
                 with: {{letter: true, application_copies: 1, summary_copies: 2}}}}
              - {{at: 2024-08-13T09:00, by: chen, act: pass_review}}
              # 考察在评审之前。 The visit comes before the review.
              - {{at: 2024-08-13T09:30, by: chen, act: name_panel, with: {{experts: [e1, e2, e3, e4, e5]}},
                 expect: act_not_at_this_stage}}
              - {{at: 2024-08-13T10:00, by: chen, act: schedule_visit,
                 with: {{at: 2024-08-14T09:00, team: [陈, 王]}}}}
              - {{at: 2024-08-14T17:00, by: chen, act: record_visit,
                 with: {{on: 2024-08-14, result: passed, findings: 符合}}}}
              - {{at: 2024-08-15T09:00, by: chen, act: name_panel, with: {{experts: [e1, e2, e3, e4, e5]}}}}
              - {{at: 2024-08-20T09:00, act: scores, with: {{{scores}}}}}
              - {{at: 2024-08-21T09:00, by: chen, act: close_scoring}}
            expect: {{stage: {stage}, outcome: {outcome}, mean: "{mean}"}}
        """


@pytest.mark.clause("yueyang-call-2024", "4.2")
@pytest.mark.clause("yueyang-call-2024", "4.3")
@pytest.mark.parametrize(
    ("scores", "mean", "stage", "outcome"),
    [
        ("e1: 70, e2: 70, e3: 70", "70.00", "selection", "null"),
        ('e1: 70, e2: 70, e3: "69.97"', "69.99", "expert_review", "below_pass_mark"),
        ('e1: 100, e2: 100, e3: 100, e4: 100, e5: "0.01"', "80.00", "selection", "null"),
    ],
)
def test_clause_4_3_the_panel_scores_after_the_visit_and_seventy_passes(
    story_engine: Engine, tmp_path: Path, scores: str, mean: str, stage: str, outcome: str
) -> None:
    body = PANEL.format(scores=scores, mean=mean, stage=stage, outcome=outcome)
    assert agrees(told(tale(tmp_path, body), story_engine))
