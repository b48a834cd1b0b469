"""`beian scenario run`: exit codes, files, and whose database may be used."""

from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from cli.main import app
from models.database import connect, default_url, reading
from models.migrate import upgrade
from tests.scenarios.telling import CALL, PARTIES

APPLICATIONS = """\
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
      - {at: 2024-07-11T10:00, by: jia, act: withdraw, with: {reason: 另有安排}}
    expect: {outcome: withdrawn, reason: 另有安排}
"""
STORY = PARTIES + CALL + APPLICATIONS


def run(*arguments: str | Path) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, ["scenario", "run", "--direct", *map(str, arguments)])
    return answer.exit_code, answer.stdout, answer.stderr


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    return path


def test_a_story_that_comes_out_as_expected_ends_with_0_and_can_be_told_again(
    story: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, stdout, stderr = run(story, "--out", out)
    assert code == 0, stderr
    assert "已撤回" in stdout
    assert "另有安排" in stdout
    first = (out / "result.json").read_bytes()
    result = orjson.loads(first)
    assert result["as_expected"] is True
    assert result["cases"]["one"]["outcome"] == "withdrawn"

    code, stdout, _ = run(story, "--out", out, "--json")
    assert code == 0
    assert orjson.loads(stdout) == result
    assert (out / "result.json").read_bytes() == first


def test_a_story_that_comes_out_otherwise_ends_with_1_and_says_where(story: Path, tmp_path: Path) -> None:
    story.write_text(STORY.replace("outcome: withdrawn", "outcome: filed"), encoding="utf-8")
    code, _, stderr = run(story, "--out", tmp_path / "out")
    assert code == 1
    line = next(line for line in stderr.splitlines() if "applications.one.expect.outcome" in line)
    number = STORY.splitlines().index("    expect: {outcome: withdrawn, reason: 另有安排}") + 1
    assert line.split() == [
        str(number),
        "applications.one.expect.outcome",
        "2024-07-11T10:00:30+08:00",
        "filed",
        "withdrawn",
    ]
    result = orjson.loads((tmp_path / "out" / "result.json").read_bytes())
    assert [(each["expected"], each["actual"]) for each in result["differences"]] == [("filed", "withdrawn")]


@pytest.mark.parametrize(
    ("old", "new", "expected", "actual"),
    [
        ("act: submit}", "act: submit, expect: incomplete}", "refused: incomplete", "done"),
        (
            "at: 2024-07-11T10:00, by: jia",
            "at: 2024-07-11T10:00, by: jia, expect: closed",
            "refused: closed",
            "done",
        ),
        ("by: jia, act: submit}", "by: chen, act: submit}", "done", "refused: role_may_not"),
    ],
)
def test_an_act_that_is_answered_otherwise_is_a_difference(
    story: Path, tmp_path: Path, old: str, new: str, expected: str, actual: str
) -> None:
    story.write_text(STORY.replace(old, new), encoding="utf-8")
    assert run(story, "--out", tmp_path / "out")[0] == 1
    differences = orjson.loads((tmp_path / "out" / "result.json").read_bytes())["differences"]
    assert [
        each for each in differences if each["expected"] == expected and each["actual"].startswith(actual)
    ]


def test_a_file_that_is_not_there_ends_with_6(tmp_path: Path) -> None:
    code, _, stderr = run(tmp_path / "nowhere.yaml", "--out", tmp_path / "out")
    assert code == 6
    assert "nowhere.yaml: No such file or directory" in stderr.replace("\n", "")
    assert not (tmp_path / "out").exists()


def test_a_malformed_file_ends_with_2_and_nothing_is_touched(story: Path, tmp_path: Path) -> None:
    story.write_text(STORY.replace("act: withdraw", "act: withdrawl"), encoding="utf-8")
    code, _, stderr = run(story, "--out", tmp_path / "out")
    assert code == 2
    assert (
        "applications.one.acts.2.act：没有办理事项`withdrawl`，应为以下之一：accept_late_papers、" in stderr
    )
    assert not (tmp_path / "out").exists()


def test_a_call_that_closes_before_it_opens_is_the_files_fault(story: Path, tmp_path: Path) -> None:
    dates = "dates: {filing_opens: 2024-08-04T18:00, filing_closes: 2024-08-04T18:00}"
    story.write_text(STORY.replace("by: admin}\n", f"by: admin, {dates}}}\n"), encoding="utf-8")
    code, _, stderr = run(story, "--out", tmp_path / "out")
    assert code == 2
    line = STORY.splitlines().index('call: {code: "2024", by: admin}') + 1
    assert f"story.yaml:{line}: call.dates：批次应先开放后截止\n" in stderr


def test_a_database_that_lives_in_real_time_is_refused(engine: Engine, story: Path, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    code, _, stderr = run(story, "--out", tmp_path / "out", "--database", url)
    assert code == 4
    assert "it was created to live in real time, and that is for good" in stderr
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM subjects")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM people")).scalar() == 0
    assert not (tmp_path / "out" / "result.json").exists()


def test_a_story_told_to_the_end_is_not_told_again(story_engine: Engine, story: Path, tmp_path: Path) -> None:
    url = story_engine.url.render_as_string(hide_password=False)
    assert run(story, "--out", tmp_path / "out", "--database", url)[0] == 0
    code, _, stderr = run(story, "--out", tmp_path / "out", "--database", url)
    assert code == 4
    assert "其时钟已到 2024-07-11T10:00:30+08:00，而故事从 2024-07-01T09:00:00+08:00 开始" in stderr


def test_an_empty_database_becomes_a_story(empty_url: str, story: Path, tmp_path: Path) -> None:
    assert run(story, "--out", tmp_path / "out", "--database", empty_url)[0] == 0


def test_somebodys_record_is_never_begun_anew(story: Path, tmp_path: Path) -> None:
    home = tmp_path / "out" / "story"
    real = connect(default_url(home))
    upgrade(real)
    real.dispose()
    code, _, stderr = run(story, "--out", tmp_path / "out")
    assert code == 4
    assert f"{home / 'beian.db'} 按真实时间运行，不予删除" in stderr
    assert (home / "beian.db").exists()


def test_a_database_that_does_not_answer_ends_with_4(story: Path, tmp_path: Path) -> None:
    code, _, stderr = run(story, "--out", tmp_path / "out", "--database", "sqlite:////proc/nowhere/beian.db")
    assert code == 4
    assert "/proc/nowhere" in stderr


def test_files_beside_the_story_are_attached(story: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.docx").write_bytes(b"PK plan")
    own = (
        "    fields: {consortium.direction: 阀门}\n    documents: {implementation_plan: {file: plan.docx}}\n"
    )
    story.write_text(STORY.replace("    fields: {consortium.direction: 阀门}\n", own), encoding="utf-8")
    assert run(story, "--out", tmp_path / "out")[0] == 0
    events = orjson.loads((tmp_path / "out" / "result.json").read_bytes())["cases"]["one"]["events"]
    attached = {
        event["data"]["material"]: (event["data"]["name"], event["data"]["size"], event["data"]["media_type"])
        for event in events
        if event["kind"] == "document_attached"
    }
    assert attached["implementation_plan"] == (
        "plan.docx",
        7,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )
    assert attached["application_form"] == ("application_form.pdf", 9, "application/pdf")
