"""Packs are checked, compared and drawn from a terminal."""
# ruff: noqa: E501 - an answer is easier to compare on one line

import json
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from cli.main import app
from procedure.diagram import diagram
from procedure.pack import shipped
from tests.procedure.edited_pack import CODE, edited_files

DEAD_END = {"application.stages.site_visit.acts.record_visit.branches": None}


def run(*args: str) -> int:
    return get_command(app).main([*args], standalone_mode=False)


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, Any]:
    code = run(*args, "--json")
    return code, json.loads(capsys.readouterr().out)


def written(folder: Path, edits: dict[str, Any]) -> str:
    """A pack's folder, with its YAML on as many lines as the shipped one where nothing is edited."""
    files = edited_files(edits) if edits else shipped(CODE).files
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder)


def test_a_sound_pack_is_told_so(capsys: pytest.CaptureFixture[str]):
    assert run("procedure", "check", CODE) == 0
    assert capsys.readouterr().out == "yueyang-2024：未发现缺陷。\n"
    assert run("procedure", "check", CODE, "--language", "en") == 0
    assert capsys.readouterr().out == "yueyang-2024: no flaw.\n"


def test_a_flaw_is_listed_with_its_line_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = shipped(CODE).files["procedure.yaml"]
    folder = tmp_path / "pack"
    written(folder, {})
    broken = text.replace("      deadlines: [papers]\n", "      no_deadline: {zh: 无, en: None}\n", 1)
    (folder / "procedure.yaml").write_text(broken, encoding="utf-8")
    line = 1 + broken[: broken.index("    - id: papers\n")].count("\n")
    assert run("procedure", "check", str(folder), "--language", "en") == 1
    assert capsys.readouterr().out == (
        f"flaw procedure.yaml:{line}: application.deadlines.3: the deadline "
        '"Delivery of the stamped papers" (papers) runs at no stage. '
        "List it in a stage's `deadlines`, or remove it.\n"
        "yueyang-2024: 1 flaw.\n"
    )


def test_the_file_itself_may_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = written(tmp_path / "pack", DEAD_END)
    code, told = answer(capsys, "procedure", "check", f"{folder}/procedure.yaml")
    assert code == 1
    assert told["sound"] is False
    assert "dead_end" in [each["code"] for each in told["found"]]


def test_flaws_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = written(tmp_path / "pack", {"settings.pass_mark.value": 101})
    code, told = answer(capsys, "procedure", "check", folder)
    assert code == 1
    assert told["code"] == CODE
    assert told["found"] == [
        {
            "code": "pass_mark_out_of_range",
            "severity": "flaw",
            "where": "settings.pass_mark.value",
            "way": [],
            "file": "procedure.yaml",
            "line": 1,
            "found": {"zh": "合格线101不在0至100之间", "en": "the pass mark 101 is not between 0 and 100"},
            "remedy": {"zh": "以百分制写合格线", "en": "Give the pass mark in points of 100"},
            "text": "settings.pass_mark.value：合格线101不在0至100之间。以百分制写合格线。",
        }
    ]


def test_a_flaw_of_the_common_procedure_is_placed_in_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    files = dict(shipped("kunshan-2024").files)
    files["common.yaml"] = files["common.yaml"].replace("    value: 70\n", "    value: 7000\n")
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    line = files["common.yaml"][: files["common.yaml"].index("value: 7000")].count("\n") + 1
    code, told = answer(capsys, "procedure", "check", str(tmp_path))
    assert code == 1
    assert [(each["code"], each["file"], each["line"]) for each in told["found"]] == [
        ("pass_mark_out_of_range", "common.yaml", line)
    ]


def test_a_pack_is_shown_whole_whichever_file_says_it(capsys: pytest.CaptureFixture[str]):
    assert run("procedure", "show", "xiamen-2025", "--language", "en") == 0
    shown = capsys.readouterr().out
    for said in ("Xiamen Daily, 2025\n", "[publicity], held by the public · a setting", "[lead_kind]"):
        assert said in shown


def test_a_remark_does_not_fail_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    spare = {"title": {"zh": "备用", "en": "Spare"}, "value": 1, "basis": "setting"}
    folder = written(tmp_path / "pack", {"settings.spare": spare})
    assert run("procedure", "check", folder, "--language", "en") == 0
    assert capsys.readouterr().out == (
        'remark procedure.yaml:1: settings.spare: the setting "Spare" (spare) has no effect. '
        "Use it, or remove it.\n"
        "yueyang-2024: no flaw, 1 remark.\n"
    )


@pytest.mark.parametrize(
    ("language", "body", "zh", "en"),
    [
        (
            "zh",
            "{{ case_numbr }}",
            "第1行第4字：没有变量case_numbr",
            "line 1, column 4: unknown variable 'case_numbr'",
        ),
        ("en", "x\n{{ due | wen }}", "第2行第10字：没有过滤器wen", "line 2, column 10: unknown filter 'wen'"),
        (
            "en",
            "{% if due is soon %}{% endif %}",
            "第1行第14字：没有判断soon",
            "line 1, column 14: unknown test 'soon'",
        ),
        (
            "zh",
            "{{ stage.title }}",
            "第1行第10字：变量没有下级title",
            "line 1, column 10: the context is flat: nothing has a part 'title'",
        ),
    ],
)
def test_a_text_that_cannot_be_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, body: str, zh: str, en: str
):
    folder = written(tmp_path / "pack", {f"notices.submitted.{language}.body": body})
    code, told = answer(capsys, "procedure", "check", folder)
    assert code == 1
    assert [(each["code"], each["where"], each["file"], each["found"]) for each in told["found"]] == [
        (
            "text_cannot_be_filled_in",
            f"notices.submitted.{language}.body",
            "notices.yaml",
            {"zh": zh, "en": en},
        )
    ]


def test_a_malformed_pack_is_told_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = written(tmp_path / "pack", {})
    path = Path(folder) / "procedure.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("intake: batch", "intake: bath"), encoding="utf-8"
    )
    line = 1 + path.read_text(encoding="utf-8").split("intake: bath")[0].count("\n")
    code, told = answer(capsys, "procedure", "check", folder)
    assert code == 2
    assert told["error"]["details"] == [
        f"procedure.yaml:{line}: intake：应为batch、rolling之一，而不是`bath`"
    ]


def test_an_unknown_pack_is_not_found(capsys: pytest.CaptureFixture[str]):
    for words in (("check", "nowhere"), ("draw", "nowhere"), ("diff", CODE, "nowhere")):
        code, told = answer(capsys, "procedure", *words)
        assert (code, told["error"]["code"]) == (3, "unknown_pack")


def test_revisions_are_told_apart_by_section(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = written(tmp_path / "pack", {"settings.filing_days.value": 15})
    assert run("procedure", "diff", CODE, folder, "--language", "en") == 0
    assert capsys.readouterr().out == (
        "Settings\n"
        '  · the setting "Time for the filing document (working days)" (filing_days): value: 15 instead of 10\n'
        "Application\n"
        '  · the deadline "Filing document" (document) is longer: 15 working days instead of 10\n'
    )
    code, told = answer(capsys, "procedure", "diff", CODE, folder)
    assert code == 0
    assert told["old"] == {"code": CODE, "hash": shipped(CODE).content_hash}
    assert [
        (each["section"], each["kind"], each["where"], each["before"], each["after"])
        for each in told["differences"]
    ] == [
        ("settings", "changed", "settings.filing_days.value", 10, 15),
        ("application", "changed", "application.deadlines.document.due", 10, 15),
    ]


def test_a_revision_and_itself(capsys: pytest.CaptureFixture[str]):
    assert run("procedure", "diff", CODE, CODE) == 0
    assert capsys.readouterr().out == "两个版本没有不同。\n"


def test_a_pack_is_drawn_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "yueyang.bpmn"
    assert run("procedure", "draw", CODE, "--out", str(file)) == 0
    assert capsys.readouterr().out == f"已将yueyang-2024的流程图写入 {file}。\n"
    text = file.read_text(encoding="utf-8")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions ')
    assert 'name="推荐 recommend"' in text
    assert [path.name for path in tmp_path.iterdir()] == ["yueyang.bpmn"]


def test_a_pack_is_drawn_to_standard_output(capsys: pytest.CaptureFixture[str]):
    assert run("procedure", "draw", CODE) == 0
    drawn = capsys.readouterr().out
    assert drawn.count("<bpmn:userTask ") == diagram(shipped(CODE).procedure).count("<bpmn:userTask ")
    code, told = answer(capsys, "procedure", "draw", CODE)
    assert (code, told) == (0, {"code": CODE, "bpmn": drawn})


def test_a_drawing_that_cannot_be_written_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, told = answer(capsys, "procedure", "draw", CODE, "--out", str(tmp_path / "none" / "x.bpmn"))
    assert (code, told["error"]["code"]) == (6, "file_unusable")
    assert list(tmp_path.iterdir()) == []


def test_a_pack_with_flaws_is_not_published_and_the_flaws_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    database = f"sqlite:///{tmp_path / 'beian.db'}"
    folder = written(tmp_path / "pack", DEAD_END)
    code, told = answer(capsys, "procedure", "publish", folder, "--database", database, "--language", "en")
    assert (code, told["error"]["code"]) == (1, "pack_has_flaws")
    assert {each["code"] for each in told["error"]["facts"]["flaws"]} >= {"dead_end"}
    assert any(
        'nothing leads on from the stage "Site visit"' in line and line.startswith("procedure.yaml:")
        for line in told["error"]["details"]
    )
    assert not (tmp_path / "beian.db").exists()
    sound = written(tmp_path / "sound", {})
    assert answer(capsys, "procedure", "publish", sound, "--database", database)[1]["new"] is True
