"""What people see: packs as text, lists that line up, people and their roles."""

import zipfile
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlalchemy import Engine

from casework.file_kind import kind_of
from procedure.pack import CATALOG, shipped
from tests.cli.terminal import UNIVERSITY, Terminal
from tests.cli.test_bad_input import refused


def test_a_pack_reads_stage_by_stage_with_clause_or_setting(terminal: Terminal) -> None:
    lines = terminal.ok("procedure", "show", "yueyang-2024").splitlines()
    lapse = "期满转为“逾期未推荐，不予受理”（6.2 应当）"
    spending = "牵头单位近三年研发经费投入不少于1000万元 [lead_rd_spending]"
    for line in (
        "岳阳市2024年度创新联合体申报（试行）",
        "  纸质材料递交截止 [papers_due]：2024年8月13日 24:00 · 6.2 应当",
        "  2. 推荐单位初审 [recommendation]，由推荐单位办理 · 5.2 应当",
        f"    时限 系统推荐 [recommendation]：系统推荐截止，推荐单位；{lapse} · 6.2 应当",
        "    ▸ 推荐 [endorse]：推荐单位经办人 → 递交纸质材料 · 5.2 应当",
        "    时限 形式审查 [formal_review]：5个工作日，市科技局；逾期只提醒 · 设定",
        "    “形式审查”停止计时",
        "    ■ 未提交推荐函，不予受理 [not_accepted_no_letter] · 5.2 应当",
        f"  {spending} · 2.1(3) 应当，不符合时不能形式审查通过",
        "  评审合格线（百分制） [pass_mark]：70 · 设定",
        f"内容哈希 {shipped('yueyang-2024').content_hash}",
    ):
        assert line in lines
    english = terminal.ok("procedure", "show", "yueyang-2024", "--language", "en").splitlines()
    first = "First review by the recommending unit"
    assert f"  2. {first} [recommendation], held by the recommending unit · 5.2 must" in english
    assert f"    ▸ submit the application [submit]: applicant → {first} · 5.1 must" in english


def test_the_stages_stand_in_the_packs_order(terminal: Terminal) -> None:
    text = terminal.ok("procedure", "show", "yueyang-2024").partition("【办件】")[2]
    at = [text.index(f"[{stage.id}]，由") for stage in shipped("yueyang-2024").procedure.application.stages]
    assert at == sorted(at)


def test_a_pack_is_found_by_code_by_hash_and_by_folder(terminal: Terminal) -> None:
    whole = shipped("yueyang-2024").content_hash
    for name in ("yueyang-2024", whole, whole[:6], str(CATALOG / "yueyang-2024")):
        assert terminal.data("procedure", "show", name)["hash"] == whole
    refused(terminal.run("procedure", "show", whole[:5], "--json"), 3, "unknown_pack", whole[:5])
    listed = terminal.data("procedure", "show")
    assert {"code": "yueyang-2024", "hash": whole, "published": True}.items() <= next(
        each for each in listed["shipped"] if each["code"] == "yueyang-2024"
    ).items()
    assert [each["content_hash"] for each in listed["published"]] == [whole]


def test_a_pack_of_ones_own_is_published_once(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for file in (CATALOG / "yueyang-2024").iterdir():
        (folder / file.name).write_bytes(file.read_bytes() + b"# mine\n")
    first = terminal.data("procedure", "publish", f"{folder}", "--as", "jiang")
    again = terminal.data("procedure", "publish", f"{folder}")
    assert (first["new"], again["new"]) == (True, False)
    assert first["hash"] != shipped("yueyang-2024").content_hash
    newest = terminal.data("procedure", "show")["published"]
    assert {each["published_by"] for each in newest} == {None, "姜珊"}
    assert terminal.ok("procedure", "publish", f"{folder}") == (
        f"yueyang-2024 的这一内容已发布过，版本 {first['hash'][:12]}。\n"
    )


@pytest.mark.parametrize(
    "arguments", [("party", "list"), ("case", "list"), ("call", "show"), ("case", "history", "YY2024-0001")]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_columns_line_up_whatever_the_width_of_their_letters(
    terminal: Terminal, case: str, arguments: tuple[str, ...], language: str
) -> None:
    assert case == "YY2024-0001"
    blocks: list[list[str]] = [[]]
    for line in terminal.ok(*arguments, "--language", language).splitlines():
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    for block in filter(None, blocks):
        assert len({cell_len(line) for line in block}) == 1, "\n".join(block)


def test_roles_are_given_ended_and_listed(terminal: Terminal) -> None:
    terminal.ok("party", "role", "chen", "city_officer", "--of", "yueyang", "--until", "2024-12-31")
    given = terminal.data(
        *("party", "role", "li", "expert", "--of", "yueyang", "--employer", UNIVERSITY),
        *("--field", "生物医药", "--field", "光电", "--from", "2024-08-01"),
    )
    assert [(each["role"], each["of"], each["valid_from"]) for each in given["roles"]] == [
        ("member", UNIVERSITY, "2024-07-01"),
        ("expert", "yueyang", "2024-08-01"),
    ]
    shown = terminal.ok("party", "list")
    assert "city_officer@yueyang，至2024-12-31" in shown
    assert "pingjiang  平江县科技局      县      yueyang" in shown
    people = {each["handle"]: each for each in terminal.data("party", "list")["people"]}
    assert people["chen"]["roles"][0]["valid_to"] == "2024-12-31"


def test_an_experts_ties_are_put_down_and_stand_in_the_record_of_the_pool(terminal: Terminal) -> None:
    expert = ("party", "role", "li", "expert", "--of", "yueyang")
    terminal.ok(*expert, "--field", "光电")
    terminal.ok(*expert, "--tie", UNIVERSITY, "--tie", "d" * 64, "--as", "chen")
    refused(terminal.run(*expert, "--tie", "某大学", "--json"), 2, "invalid_uscc")
    *_, admitted, changed = terminal.data("party", "pool", "yueyang")
    assert (admitted["change"], admitted["ties"]) == ("admitted", [])
    assert (changed["change"], changed["fields"], changed["ties"]) == (
        "changed",
        ["光电"],
        [UNIVERSITY, "d" * 64],
    )
    assert changed["by"].endswith("(chen)")


def test_a_role_that_has_ended_acts_no_more(terminal: Terminal, case: str, story: Engine) -> None:
    terminal.ok("party", "role", "zhang", "applicant", "--of", "91350100M000100Y43", "--until", "2024-07-09")
    answer = terminal.run(
        "case",
        "act",
        case,
        "withdraw",
        "--data",
        "reason=x",
        "--as",
        "zhang",
        "--role",
        "applicant",
        "--json",
    )
    error = refused(answer, 1, "no_such_role")
    assert error["message"] == "此人目前不具有“申报单位”角色。"
    refused(terminal.run("case", "act", case, "submit", "--as", "zhang", "--json"), 2, "which_role", "无")


def test_importing_the_same_file_again_enters_nothing(terminal: Terminal) -> None:
    assert terminal.data("party", "import", terminal.folder / "parties.yaml") == {
        "bureaus": 0,
        "organisations": 0,
        "people": 0,
        "roles": 0,
        "known": 28,
    }


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc"),
        (b"PK\x03\x04 broken", None),
        (b"", None),
        (b"<html>", None),
    ],
)
def test_a_file_is_known_by_its_content(tmp_path: Path, content: bytes, kind: str | None) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("member", "kind"), [("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("x", None)]
)
def test_an_office_file_is_known_by_its_members(tmp_path: Path, member: str, kind: str | None) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(member, "x")
    assert kind_of(path) == kind
