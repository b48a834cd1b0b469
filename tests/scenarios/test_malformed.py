"""A malformed scenario file is refused as a whole, with line, path and what was expected."""

from pathlib import Path

import pytest

from story.reading import ScenarioError, load

STORY = """\
format: 1
title: {zh: 小, en: Small}
pack: yueyang-2024
begins: 2024-07-01T09:00
call: {code: "2024", by: admin}
districts:
  zone: {name: {zh: 园区, en: Zone}, kind: high_tech_zone}
organisations:
  jia: {uscc: 91430600DEM000001F, name: 甲公司, kind: enterprise, person: 甲}
  college: {uscc: 12430000DEM000091Y, name: 某学院, kind: university}
people:
  admin: {name: 管理员, role: administrator}
  wang: {name: 王, role: district_officer, district: zone}
  li: {name: 李, roles: [{role: member, of: college}, {role: applicant, of: jia}]}
applications:
  one:
    lead: jia
    district: zone
    members: [college]
    documents: {application_form: 申报书}
    acts:
      - {at: 2024-07-10T09:00, act: prepare}
      - {at: 2024-07-10T10:00, by: jia, act: submit}
      - {at: 2024-08-09T17:00, by: wang, act: endorse, with: {opinion: 同意}}
    checks:
      - {at: 2024-07-11T09:00, stage: recommendation}
    expect: {outcome: withdrawn}
acts:
  - {at: 2024-09-01T09:00, by: admin, act: complete}
"""


def refused(folder: Path, text: str | bytes) -> list[str]:
    path = folder / "story.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ScenarioError) as error:
        load(path)
    return [str(problem) for problem in error.value.problems]


def test_the_story_as_it_stands_is_well_formed(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    assert [step.act for step in load(path).steps] == [
        "announce",
        "start",
        "save_draft",
        "invite_member",
        "confirm_membership",
        "attach_document",
        "submit",
        "endorse",
        "complete",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("format: 1", "format: 2", "story.yaml:1: format: expected 1, not `2`"),
        ("begins: 2024-07-01T09:00\n", "", "story.yaml:1: begins: is missing"),
        (
            "begins: 2024-07-01T09:00",
            "begins: 2024-07-01",
            (
                "story.yaml:4: begins: expected a local date and time such as 2024-08-04T18:00:00.001, "
                "not `2024-07-01`"
            ),
        ),
        (
            "begins: 2024-07-01T09:00",
            "begins: 2024-06-31T09:00",
            (
                "story.yaml:4: begins: expected a local date and time such as 2024-08-04T18:00:00.001, "
                "not `2024-06-31T09:00`"
            ),
        ),
        (
            "pack: yueyang-2024",
            "pack: yueyang-2042",
            "story.yaml:3: pack: neither a pack that ships",
        ),
        (
            'call: {code: "2024", by: admin}',
            "call: {code: 2024, by: admin}",
            "story.yaml:5: call.code: expected text, not `2024`",
        ),
        (
            "by: admin}\ndistricts",
            "by: nobody}\ndistricts",
            "story.yaml:5: call.by: no person `nobody`, expected one of admin, jia, li, wang",
        ),
        (
            "by: admin}\ndistricts",
            "by: admin, dates: {closes: 2024-08-04T18:00}}\ndistricts",
            "story.yaml:5: call.dates.closes: ",
        ),
        (
            "by: admin}\ndistricts",
            "by: admin, dates: {filing_closes: 2024-07-03T18:00}}\ndistricts",
            "story.yaml:5: call.dates.filing_closes: ",
        ),
        (
            "kind: high_tech_zone",
            "kind: zone",
            (
                "story.yaml:7: districts.zone.kind: expected one of county, county_level_city, district, "
                "functional_zone, high_tech_zone, not `zone`"
            ),
        ),
        (
            "91430600DEM000001F",
            "91430600DEM000001G",
            (
                "story.yaml:9: organisations.jia.uscc: '91430600DEM000001G' is no unified social credit "
                "code: the check digit G does not belong to the other characters"
            ),
        ),
        (
            "12430000DEM000091Y",
            "91430600DEM000001F",
            "story.yaml:10: organisations.college.uscc: is the code of `jia` already",
        ),
        (
            "{name: 王, role: district_officer, district: zone}",
            "{name: 王, role: district_officer}",
            "story.yaml:13: people.wang: the role district_officer needs `district`",
        ),
        (
            "{name: 王, role: district_officer, district: zone}",
            "{name: 王, role: district_officer, district: moon}",
            "story.yaml:13: people.wang.district: no district `moon`, expected one of zone",
        ),
        (
            "{role: member, of: college}",
            "{role: member, of: college, valid_to: 2023-06-30}",
            "story.yaml:14: people.li.roles.0.valid_to: lies before the role begins, 2023-07-01",
        ),
        (
            "role: administrator",
            "role: emperor",
            (
                "story.yaml:12: people.admin.role: expected one of applicant, member, district_officer, "
                "city_officer, city_leader, administrator, expert, operations, duty_officer, not `emperor`"
            ),
        ),
        (
            "    lead: jia",
            "    lead: yi",
            "story.yaml:17: applications.one.lead: no organisation `yi`, expected one of college, jia",
        ),
        (
            "{application_form: 申报书}",
            "{recommendation_letter: 推荐函}",
            (
                "story.yaml:22: applications.one.acts.0: `recommendation_letter` is no material of the "
                "applicant or a member"
            ),
        ),
        (
            "{application_form: 申报书}",
            "{form: 申报书}",
            (
                "story.yaml:20: applications.one.documents.form: no material `form`, expected one of "
                "application_form"
            ),
        ),
        (
            "{application_form: 申报书}",
            "{application_form: {file: nowhere.pdf}}",
            "story.yaml:22: applications.one.acts.0.with.file: nowhere.pdf cannot be read: No such file",
        ),
        (
            "- {at: 2024-07-10T10:00, by: jia, act: submit}",
            "- {at: 2024-07-10T10:00, by: ja, act: submit}",
            "story.yaml:23: applications.one.acts.1.by: no person `ja`, expected one of admin, jia, li, wang",
        ),
        (
            "- {at: 2024-07-10T10:00, by: jia, act: submit}",
            "- {at: 2024-07-10T10:00, by: jia, act: submitt}",
            "story.yaml:23: applications.one.acts.1.act: unknown act `submitt`, expected one of accept_late",
        ),
        (
            "- {at: 2024-07-10T10:00, by: jia, act: submit}",
            "- {at: 2024-07-10T10:00, act: submit}",
            "story.yaml:23: applications.one.acts.1.by: is missing",
        ),
        (
            "- {at: 2024-07-10T10:00, by: jia, act: submit}",
            "- {at: 2024-07-10T10:00, by: jia, role: expert, act: submit}",
            "story.yaml:23: applications.one.acts.1.role: `jia` does not hold the role expert",
        ),
        (
            "- {at: 2024-07-10T10:00, by: jia, act: submit}",
            "- {at: 2024-07-09T10:00, by: jia, act: submit}",
            "story.yaml:23: applications.one.acts.1.at: lies before the act above it",
        ),
        (
            "- {at: 2024-07-10T09:00, act: prepare}",
            "- {at: 2024-06-10T09:00, act: prepare}",
            "story.yaml:22: applications.one.acts.0.at: lies before `begins`",
        ),
        (
            "- {at: 2024-07-10T09:00, act: prepare}",
            "- {at: 2024-07-10T09:00, act: prepare, with: {fields: {}}}",
            "story.yaml:22: applications.one.acts.0: `prepare` takes neither `with` nor `expect` nor `role`",
        ),
        (
            "with: {opinion: 同意}",
            "with: {opinon: 同意}",
            "story.yaml:24: applications.one.acts.2.with.opinion: is missing (act endorse)",
        ),
        (
            "with: {opinion: 同意}",
            "with: {opinion: 同意, letter: true}",
            "story.yaml:24: applications.one.acts.2.with.letter: unknown key `letter`, expected",
        ),
        (
            "with: {opinion: 同意}",
            "with: {opinion: 7.5}",
            "story.yaml:24: applications.one.acts.2.with.opinion: `7.5` is a decimal number",
        ),
        (
            "stage: recommendation}",
            "stage: recomendation}",
            "story.yaml:26: applications.one.checks.0.stage: no stage `recomendation`, expected one of draft",
        ),
        (
            "{outcome: withdrawn}",
            "{outcome: gone}",
            "story.yaml:27: applications.one.expect.outcome: no outcome `gone`, expected one of",
        ),
        (
            "{outcome: withdrawn}",
            "{result: withdrawn}",
            "story.yaml:27: applications.one.expect.result: unknown key `result`, expected one of stage,",
        ),
        (
            "{outcome: withdrawn}",
            "{deadlines: {fling: {state: met}}}",
            "story.yaml:27: applications.one.expect.deadlines.fling: no deadline `fling`",
        ),
        (
            "{outcome: withdrawn}",
            "{notices: {withdrawn: [nobody]}}",
            "story.yaml:27: applications.one.expect.notices.withdrawn.0: no person `nobody`",
        ),
        (
            "act: complete}",
            "act: complete, case: two}",
            "story.yaml:29: acts.0.case: no application `two`, expected one of one",
        ),
        (
            "by: admin, act: complete}",
            "by: li, act: complete}",
            "story.yaml:29: acts.0.by: `li` has several roles, name one: member, applicant",
        ),
        ("acts:\n  - {at", "acts: &more\n  - {at", "story.yaml:28: acts: anchors and aliases (`more`)"),
        ("format: 1\n", "format: 1\nformat: 1\n", "story.yaml:2: format: the key `format` stands twice"),
    ],
)
def test_a_problem_names_line_path_and_what_was_expected(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert STORY.count(old) == 1
    problems = refused(tmp_path, STORY.replace(old, new))
    assert [each for each in problems if each.startswith(problem)], problems


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = STORY.replace("by: jia", "by: ja").replace("lead: jia", "lead: yi").replace("withdrawn", "gone")
    lines = [problem.split(":")[1] for problem in refused(tmp_path, text)]
    assert lines == ["17", "27"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("begins: 2024-07-01T09:00\n", "", "story.yaml:1: begins：缺少"),
        (
            "by: admin}\ndistricts",
            "by: nobody}\ndistricts",
            "story.yaml:5: call.by：没有人员`nobody`，应为以下之一：admin、jia、li、wang",
        ),
        (
            "by: admin}\ndistricts",
            "by: admin, dates: {filing_opens: soon}}\ndistricts",
            "story.yaml:5: call.dates.filing_opens：应为时刻，如2024-08-04T18:00，而不是'soon'",
        ),
        (
            "91430600DEM000001F",
            "91430600DEM000001G",
            (
                "story.yaml:9: organisations.jia.uscc：'91430600DEM000001G'不是统一社会信用代码："
                "校验码G与其他字符不符"
            ),
        ),
        (
            "{name: 王, role: district_officer, district: zone}",
            "{name: 王, role: district_officer}",
            "story.yaml:13: people.wang：角色district_officer须有`district`",
        ),
        (
            "with: {opinion: 同意}",
            "with: {opinon: 同意, opinion: 同意}",
            (
                "story.yaml:24: applications.one.acts.2.with.opinon："
                "没有键`opinon`，应为以下之一：opinion、position（办理事项endorse）"
            ),
        ),
        (
            "by: admin, act: complete}",
            "by: li, act: complete}",
            "story.yaml:29: acts.0.by：`li`有多个角色，请写明其一：member、applicant",
        ),
        (
            "pack: yueyang-2024",
            "pack: .",
            (
                "story.yaml:3: pack：程序包有误：notices.yaml：缺少\nprocedure.yaml：缺少\n"
                "story.yaml：多余的文件，应为notices.yaml和procedure.yaml"
            ),
        ),
    ],
)
def test_what_is_wrong_is_told_in_chinese(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert STORY.count(old) == 1
    path = tmp_path / "story.yaml"
    path.write_text(STORY.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load(path)
    assert [problem.of("zh") for problem in error.value.problems] == [told]


def test_files_that_are_no_scenario(tmp_path: Path) -> None:
    assert refused(tmp_path, b"format: 1\n\xff") == ["story.yaml:2: is not UTF-8: byte 0xff"]
    assert refused(tmp_path, "") == ["story.yaml:1: expected a mapping"]
    assert refused(tmp_path, "- 1\n") == ["story.yaml:1: expected a mapping"]
    assert refused(tmp_path, "a: [1\n")[0].startswith("story.yaml:2: not YAML")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)


def test_wrong_particulars_can_be_told_where_they_must_be_refused(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    text = STORY.replace("with: {opinion: 同意}", "with: {opinon: 同意}, expect: bad_particulars")
    path.write_text(text, encoding="utf-8")
    assert load(path).steps[-2].particulars == {"opinon": "同意"}
