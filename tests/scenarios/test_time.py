"""Time in a story: what is due by itself is settled first, and days are counted by the calendar."""

import copy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from models.database import connect, default_url
from story.carriers import Direct
from story.reading import ScenarioError
from tests.scenarios.telling import agrees, outcome, tale, told


class Nobody:
    """Does nothing of what is due: acts must settle it themselves."""

    def carry(self, kinds: frozenset[str]) -> list[str]:
        return []

    def recount(self) -> list[str]:
        return []


def as_it_took_effect(account: dict[str, Any]) -> dict[str, Any]:
    """An account without the moments at which things were written down."""
    seen = copy.deepcopy(account)
    for event in seen["events"]:
        del event["recorded_at"]
    # Reminders are sent by sweeps alone; what an act settles on its way needs none.
    seen["notices"] = [notice for notice in seen["notices"] if notice["seq"] is not None]
    for notice in seen["notices"]:
        del notice["at"]
    for deadline in seen["deadlines"]:
        del deadline["ladder"]
    return seen


LATE_PAPERS = """\
applications:
  one:
    lead: jia
    district: high_tech_zone
    template: complete
    members: [college]
    fields: {consortium.direction: 阀门}
    acts:
      - {at: 2024-07-10T09:00, act: prepare}
      - {at: 2024-08-04T18:00, by: jia, act: submit}
      - {at: 2024-08-09T17:59:59.999, by: of_high_tech_zone, act: accept_online}
      - {at: 2024-08-09T18:00, by: of_high_tech_zone, act: endorse, with: {opinion: 同意}}
      # 逾期十秒，比扫描早二十秒。 Ten seconds late, twenty before any sweep.
      - {at: 2024-08-14T00:00:10, by: chen, act: deliver_papers,
         with: {letter: true, application_copies: 1, summary_copies: 2}}
      - {at: 2024-08-14T09:00, by: chen, act: accept_late_papers, with: {reason: 路断}}
      # 审查时限（五个工作日，至8月21日）已过。 Overdue, and still the officer's.
      - {at: 2024-08-22T09:00, by: chen, act: return_for_correction,
         with: {items: [{item: lead.industry, remark: 补填}]}}
      - {at: 2024-08-23T09:00, by: jia, act: save_draft, with: {fields: {lead.industry: 装备}}}
      - {at: 2024-08-26T09:00, by: jia, act: resubmit}
      - {at: 2024-08-26T10:00, by: chen, act: pass_review}
    expect:
      stage: site_visit
      events: [started, draft_saved, member_invited, membership_confirmed, draft_saved, document_attached,
        document_attached, document_attached, submitted, accepted_online, endorsed, deadline_passed,
        papers_delivered, late_papers_accepted, deadline_passed, returned_for_correction, draft_saved,
        resubmitted, review_passed]
      deadlines: {papers: {ledger: [started, overdue, met]}}
"""


def test_what_was_due_comes_first_whether_or_not_anything_was_swept(
    story_engine: Engine, tmp_path: Path
) -> None:
    swept_folder, bare_folder = tmp_path / "swept", tmp_path / "bare"
    swept_folder.mkdir()
    bare_folder.mkdir()
    played = told(tale(bare_folder, LATE_PAPERS), story_engine, Nobody())
    bare = outcome(played, story_engine)

    other = connect(default_url(swept_folder))
    swept = told(tale(swept_folder, LATE_PAPERS), other, Direct(other))
    assert agrees(swept)
    with_sweeps = outcome(swept, other)
    other.dispose()

    assert played.differences == []
    # 批次没有人办理，所以到期未动。 Nobody acted on the call, so it stands where it was.
    assert [left["case"] for left in bare["left_due"]] == [None]
    assert as_it_took_effect(bare["cases"]["one"]) == as_it_took_effect(with_sweeps["cases"]["one"])


@pytest.mark.parametrize(
    ("at", "expected", "ended"),
    [
        ("2024-08-09T18:00:00", "null", "null"),
        ("2024-08-09T18:00:00.000001", "closed", "not_accepted"),
        ("2024-08-09T18:00:29.999999", "closed", "not_accepted"),
        ("2024-08-09T18:00:30.000001", "closed", "not_accepted"),
        ("2024-08-10T09:00:00", "closed", "not_accepted"),
    ],
)
def test_a_sweep_takes_nothing_from_an_act_in_time_and_gives_nothing_to_a_late_one(
    story_engine: Engine, tmp_path: Path, at: str, expected: str, ended: str
) -> None:
    story = tale(
        tmp_path,
        f"""\
        applications:
          one:
            lead: jia
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {{consortium.direction: 阀门}}
            acts:
              - {{at: 2024-07-10T09:00, act: prepare}}
              - {{at: 2024-07-10T10:00, by: jia, act: submit}}
              - {{at: 2024-08-09T17:00, by: of_high_tech_zone, act: accept_online}}
              - {{at: {at}, by: of_high_tech_zone, act: endorse, with: {{opinion: 同意}}, expect: {expected}}}
            expect: {{outcome: {ended}}}
        ends: 2024-08-11T00:00
        """,
    )
    assert agrees(told(story, story_engine))


def test_a_deadline_is_armed_anew_in_every_round_of_correction(story_engine: Engine, tmp_path: Path) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          one:
            lead: jia
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {consortium.direction: 阀门}
            acts:
              - {at: 2024-07-10T09:00, act: prepare}
              - {at: 2024-07-10T10:00, by: jia, act: submit}
              - {at: 2024-08-01T09:00, by: of_high_tech_zone, act: return_for_correction,
                 with: {items: [{item: lead.industry, remark: 补填}, {item: lead.standing, remark: 核实}]}}
              - {at: 2024-08-05T09:00, by: jia, act: resubmit}
              - {at: 2024-08-05T10:00, by: of_high_tech_zone, act: return_for_correction,
                 with: {items: [{item: lead.industry, remark: 仍未填}]}}
              - {at: 2024-08-06T09:00, by: jia, act: resubmit}
              - {at: 2024-08-06T10:00, by: of_high_tech_zone, act: return_for_correction,
                 with: {items: [{item: lead.industry, remark: 仍未填}]}, expect: no_more_rounds}
            checks:
              - {at: 2024-08-01T10:00, stage: recommendation_correction,
                 deadlines: {recommendation_correction: {state: running, due: 2024-08-08, holder: applicant},
                             recommendation: {state: running, due: 2024-08-09T18:00}}}
              - {at: 2024-08-05T11:00, stage: recommendation_correction,
                 deadlines: {recommendation_correction/1: {state: met, due: 2024-08-08},
                             recommendation_correction/2: {state: running, due: 2024-08-12},
                             recommendation: {state: running, due: 2024-08-09T18:00}}}
            # 推荐截止只有一个，从未重新起算。 There is one recommendation, never begun anew.
            expect:
              stage: recommendation
              deadlines: {recommendation/1: {state: running, due: 2024-08-09T18:00, ledger: [started]},
                          recommendation_correction/2: {state: met, ledger: [started, met]}}
        """,
    )
    assert agrees(told(story, story_engine))


def test_the_districts_own_instant_runs_out_during_the_correction(
    story_engine: Engine, tmp_path: Path
) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          one:
            lead: jia
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {consortium.direction: 阀门}
            acts:
              - {at: 2024-07-10T09:00, act: prepare}
              - {at: 2024-07-10T10:00, by: jia, act: submit}
              - {at: 2024-08-07T09:00, by: of_high_tech_zone, act: return_for_correction,
                 with: {items: [{item: lead.industry, remark: 补填}]}}
              - {at: 2024-08-09T18:00:01, by: jia, act: resubmit, expect: closed}
            expect:
              stage: recommendation_correction
              outcome: not_accepted
              clause: "6.2"
              because: {deadline: recommendation}
              deadlines: {recommendation_correction: {state: cancelled, due: 2024-08-14}}
        """,
    )
    assert agrees(told(story, story_engine))


AUTUMN = """\
begins: {year}-07-01T09:00
call:
  code: autumn
  by: admin
  dates: {{filing_opens: {year}-07-02T00:00, filing_closes: {year}-08-29T18:00,
           recommendation_due: {year}-09-05T18:00, papers_due: {papers}}}
"""


@pytest.mark.parametrize(
    ("year", "delivered", "due", "provisional"),
    [
        # 2024：国庆10月1日至7日，9月29日（日）、10月12日（六）上班。
        ("2024", "2024-09-26", "2024-10-09", "false"),
        ("2024", "2024-10-08", "2024-10-14", "false"),
        # 2025：国庆、中秋10月1日至8日，9月28日（日）、10月11日（六）上班。
        ("2025", "2025-09-26", "2025-10-10", "false"),
        ("2025", "2025-09-28", "2025-10-11", "false"),
        ("2025", "2025-10-01", "2025-10-14", "false"),
        # 2027年的安排尚未公布：暂定。 The arrangement of 2027 is not published: provisional.
        ("2026", "2026-12-30", "2027-01-06", "true"),
    ],
)
def test_five_working_days_cross_national_day_by_the_arrangement_of_the_year(
    story_engine: Engine, tmp_path: Path, year: str, delivered: str, due: str, provisional: str
) -> None:
    story = tale(
        tmp_path,
        f"""\
        applications:
          one:
            lead: jia
            district: high_tech_zone
            template: complete
            members: [college]
            fields: {{consortium.direction: 阀门}}
            acts:
              - {{at: {year}-07-10T09:00, act: prepare}}
              - {{at: {year}-07-10T10:00, by: jia, act: submit}}
              - {{at: {year}-08-05T09:00, by: of_high_tech_zone, act: accept_online}}
              - {{at: {year}-08-05T10:00, by: of_high_tech_zone, act: endorse, with: {{opinion: 同意}}}}
              - {{at: {delivered}T09:00, by: chen, act: deliver_papers,
                 with: {{letter: true, application_copies: 1, summary_copies: 2}}}}
            expect:
              stage: formal_review
              deadlines: {{formal_review: {{state: running, due: {due}, provisional: {provisional}}}}}
        """,
        call=AUTUMN.format(year=year, papers=f"{year}-12-31"),
    )
    assert agrees(told(story, story_engine))


def test_an_extension_and_a_pause_leave_their_lines_in_the_ledger(
    story_engine: Engine, tmp_path: Path
) -> None:
    story = tale(
        tmp_path,
        """\
        applications:
          one:
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
              - {at: 2024-08-05T11:00, by: chen, act: deliver_papers,
                 with: {letter: true, application_copies: 1, summary_copies: 2}}
              - {at: 2024-08-06T09:00, by: boss, act: suspend_deadline,
                 with: {deadline: formal_review, reason: 核实中}}
              # 中止时还剩四个工作日。 Four working days were left.
              - {at: 2024-08-20T09:00, by: boss, act: resume_deadline,
                 with: {deadline: formal_review, reason: 已核实}}
              - {at: 2024-08-26T09:00, by: boss, act: extend_deadline,
                 with: {deadline: formal_review, until: 2024-08-30, reason: 案情复杂}}
            checks:
              - {at: 2024-08-15T09:00, deadlines: {formal_review: {state: suspended, due: null}}}
              - {at: 2024-08-20T10:00, deadlines: {formal_review: {state: running, due: 2024-08-26}}}
            expect:
              deadlines:
                formal_review: {state: overdue, due: 2024-08-30,
                  ledger: [started, suspended, resumed, extended, overdue]}
        ends: 2024-09-02T09:00
        """,
    )
    assert agrees(told(story, story_engine))


TYPHOON = """\
applications:
  one:
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
      - {at: 2024-08-12T09:00, by: chen, act: deliver_papers,
         with: {letter: true, application_copies: 1, summary_copies: 2}}
    checks:
      - {at: 2024-08-14T09:59, deadlines: {formal_review: {due: 2024-08-19, ledger: [started]}}}
    expect:
      stage: formal_review
      events: [started, draft_saved, member_invited, membership_confirmed, draft_saved, document_attached,
        document_attached, document_attached, submitted, accepted_online, endorsed, papers_delivered,
        calendar_changed]
      deadlines: {formal_review: {due: 2024-08-20, ledger: [started, recalculated]}}
      notices: {deadline_changed: [jia, chen]}
calendars:
  - at: 2024-08-14T10:00
    arrangement:
      year: 2024
      version: 2
      document: 国办发明电〔2024〕99号
      issued: 2024-08-14
      holidays: [{name_zh: 台风假, name_en: Typhoon, first_day: 2024-08-15, last_day: 2024-08-15}]
ends: 2024-08-15T09:00
"""


def test_a_storys_own_arrangement_is_imported_and_moves_what_is_open(
    story_engine: Engine, tmp_path: Path
) -> None:
    assert agrees(told(tale(tmp_path, TYPHOON), story_engine))


def test_an_arrangement_in_force_already_is_refused_with_its_line(
    story_engine: Engine, tmp_path: Path
) -> None:
    change = TYPHOON.partition("calendars:\n")[2].partition("ends:")[0]
    otherwise = change.replace("T10:00", "T11:00").replace("99号", "98号")
    story = tale(tmp_path, TYPHOON.replace("ends:", otherwise + "ends:"))
    with pytest.raises(ScenarioError, match=r"calendars\.1\.arrangement: 2024 version 2 is already in force"):
        told(story, story_engine)
