"""Everything wrong that a terminal can give: named, with what to do, a code for scripts, nothing written."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from models import Event, Organisation, Person
from models.database import reading
from tests.cli.terminal import FORM, UNIVERSITY, Answer, Terminal, move


def refused(answer: Answer, code: int, name: str, *words: str) -> dict[str, Any]:
    """Return the error of a command that must end with ``code``, with JSON alone on standard output."""
    assert answer.code == code, answer.err + answer.out
    assert answer.err == ""
    found = answer.json
    assert found["exit_code"] == code
    error: dict[str, Any] = found["error"]
    assert error["code"] == name
    text = json.dumps(error, ensure_ascii=False)
    for word in words:
        assert word in text
    assert error["message"]
    return error


def told(answer: Answer, code: int, *words: str) -> None:
    """Check what people read of a command that must end with ``code``; nothing is on standard output."""
    assert answer.code == code, answer.err + answer.out
    assert answer.out == ""
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


def hand_in(terminal: Terminal, engine: Engine, case: str) -> None:
    """Submit a case with everything it needs, on its last instant."""
    terminal.act(case, "save_draft", "zhang", fields=FORM)
    terminal.act(case, "invite_member", "zhang", f"uscc={UNIVERSITY}")
    terminal.act(case, "confirm_membership", "li")
    for material, who in (
        ("application_form", "zhang"),
        ("implementation_plan", "zhang"),
        ("cooperation_agreement", "li"),
    ):
        path = terminal.folder / f"{material}.pdf"
        path.write_bytes(b"%PDF-1.7 " + material.encode())
        attach = ("case", "act", case, "attach_document", "--as", who, "--file", f"{material}={path}")
        terminal.ok(*attach)
    move(engine, "2024-08-04T18:00")
    terminal.act(case, "submit", "zhang")


def events(engine: Engine) -> int:
    """Return how many events the record holds."""
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(Event.__table__)).scalar_one()


def test_an_unknown_case_is_not_found(terminal: Terminal, case: str) -> None:
    for command in (("show",), ("why",), ("history",), ("act",)):
        rest = ("submit", "--as", "zhang") if command == ("act",) else ()
        answer = terminal.run("case", *command, "YY2024-9999", *rest, "--json")
        refused(answer, 3, "not_found", "YY2024-9999", "case list")
    told(terminal.run("case", "show", "x/y/z"), 3, "没有编号为“x/y/z”的办件或批次。", "beian case list")
    told(
        terminal.run("call", "close", "1999", "--as", "jiang", "--language", "en"),
        3,
        "no case or call '1999'",
    )


def test_an_unknown_act_is_answered_with_those_possible_and_by_whom(terminal: Terminal, case: str) -> None:
    error = refused(
        terminal.run("case", "act", case, "approve", "--as", "chen", "--json"), 1, "unknown_act", "approve"
    )
    assert {"act": "submit", "title": "提交申报", "roles": "申报单位"} in error["possible"]
    answer = terminal.run("case", "act", case, "endorse", "--as", "wang", "--data", "opinion=同意")
    told(answer, 1, "办件现处于“填报”环节（由申报单位办理），不能办理“推荐”。", "当前可以办理：")
    assert ["submit", "提交申报", "申报单位"] in [line.split() for line in answer.err.splitlines()]


def test_the_wrong_role_and_the_wrong_district_are_refused(
    terminal: Terminal, case: str, story: Engine
) -> None:
    before = events(story)
    error = refused(terminal.run("case", "act", case, "submit", "--as", "chen", "--json"), 1, "role_may_not")
    assert error["message"] == "“提交申报”在“填报”环节不能由市科技局经办人办理。"
    assert error["facts"]["roles"] == ["applicant"]
    refused(
        terminal.run(
            "case",
            "act",
            case,
            "withdraw",
            "--data",
            "reason=x",
            "--as",
            "zhang",
            "--role",
            "expert",
            "--json",
        ),
        1,
        "no_such_role",
        "评审专家",
    )
    terminal.ok("party", "organisation", "91430600DEM000001F", "乙公司", "--kind", "enterprise")
    terminal.ok("party", "person", "zhao", "赵六", "--role", "applicant", "--of", "91430600DEM000001F")
    refused(terminal.run("case", "act", case, "submit", "--as", "zhao", "--json"), 1, "not_yours", case)
    assert events(story) == before


def test_nobody_and_unknown_people_do_not_act(terminal: Terminal, case: str) -> None:
    refused(terminal.run("case", "act", case, "submit", "--json"), 2, "nobody_acts", "--as", "BEIAN_AS")
    refused(terminal.run("case", "act", case, "submit", "--as", "nobody", "--json"), 3, "unknown_person")


def test_an_officer_of_another_district_does_not_act(either: Terminal, story_engine: Engine) -> None:
    case = either.start()
    hand_in(either, story_engine, case)
    before = events(story_engine)
    answer = either.run("case", "act", case, "accept_online", "--as", "gang", "--json")
    assert refused(answer, 1, "not_yours")["message"] == "YY2024-0001不属于xingang，推荐单位经办人不能办理。"
    assert events(story_engine) == before


def test_strange_letters_are_kept_or_refused_by_name_on_either_engine(
    either: Terminal, story_engine: Engine
) -> None:
    for text in ("\x00", "a\x00b", "\ud800", "\u202e", "\ufffe", "😀" * 500):
        case = either.start()
        for act, given in (
            ("save_draft", {"fields": {"consortium.direction": text, "consortium.contact_name": text}}),
            ("invite_member", {"uscc": "91430600DEM000001F", "name": text, "kind": "enterprise"}),
            ("withdraw", {"reason": text}),
        ):
            arguments = ("case", "act", case, act, "--data", "@-", "--as", "zhang", "--json")
            answer = either.run(*arguments, stdin=json.dumps(given))
            assert answer.code in (0, 1), f"{act} {text!r}: {answer.out}{answer.err}"
            if answer.code:
                assert answer.json["error"]["details"], f"{act} {text!r}"
        if either.data("case", "show", case)["outcome"] is None:
            either.act(case, "withdraw", "zhang", "reason=下一个")
    assert either.data("audit", "verify")["sound"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ("case", "show", "\udcff"),
        ("case", "list", "--search", "\udcff"),
        ("case", "act", "x", "submit", "--as", "\udcff"),
        ("party", "person", "p", "\udcff"),
    ],
)
def test_arguments_that_are_no_text_are_refused(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    refused(terminal.run(*arguments, "--json"), 2, "not_utf8", "udcff")


@pytest.mark.parametrize(
    ("data", "code", "name", "word"),
    [
        ("reason", 2, "bad_data", "reason"),
        ("=x", 2, "bad_data", "=x"),
        ('reason={"a": ', 2, "bad_json", "1:7"),
        ("reason=[1,]", 2, "bad_json", "reason"),
        ("@missing.json", 6, "file_unusable", "missing.json"),
        ("@list.json", 2, "bad_data", "list.json"),
        ("@nan.json", 2, "bad_json", "NaN"),
        ("@latin.json", 2, "bad_data", "UTF-8"),
        ("@deep.json", 2, "bad_json", "deep.json"),
        (".", 2, "bad_data", "."),
    ],
)
def test_malformed_particulars_are_named(
    terminal: Terminal, case: str, tmp_path: Path, data: str, code: int, name: str, word: str
) -> None:
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "nan.json").write_text('{"reason": NaN}')
    (tmp_path / "latin.json").write_bytes('{"reason": "é"}'.encode("latin-1"))
    (tmp_path / "deep.json").write_text("[" * 100_000)
    answer = terminal.run("case", "act", case, "withdraw", "--data", data, "--as", "zhang", "--json")
    refused(answer, code, name, word)
    assert terminal.data("case", "show", case)["version"] == 1


def test_a_particular_is_given_once(terminal: Terminal, case: str) -> None:
    twice = ("--data", "reason=a", "--data", "reason=b")
    refused(
        terminal.run("case", "act", case, "withdraw", *twice, "--as", "zhang", "--json"),
        2,
        "given_twice",
        "reason",
    )


def test_an_amount_in_json_is_never_rounded(terminal: Terminal, case: str) -> None:
    # As a double this is 10000000.0, which would meet the rule.
    text = '{"fields": {"lead.rd_spending": 9999999.9999999999}}'
    answer = terminal.run(
        "case", "act", case, "save_draft", "--data", "@-", "--as", "zhang", "--json", stdin=text
    )
    error = refused(answer, 1, "bad_fields")
    assert error["details"] == [
        "近三年研发经费投入合计（元）：最多两位小数（分）（填写的是“9999999.9999999999”）"
    ]


def test_oversized_text_and_files_are_refused(terminal: Terminal, case: str, tmp_path: Path) -> None:
    long = json.dumps({"reason": "长" * 3000})
    answer = terminal.run(
        "case", "act", case, "withdraw", "--data", "@-", "--as", "zhang", "--json", stdin=long
    )
    error = refused(answer, 1, "bad_particulars")
    assert error["details"][0].startswith("理由：最多2000个字（填写的是“长长")
    (tmp_path / "huge.json").write_text('{"reason": "' + "x" * 5_000_001)
    huge = ("case", "act", case, "withdraw", "--data", "@huge.json", "--as", "zhang", "--json")
    refused(terminal.run(*huge), 2, "too_long", "5000000")
    big = tmp_path / "big.pdf"
    with big.open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(20_000_001)
    attach = ("case", "act", case, "attach_document", "--as", "zhang", "--json", "--file")
    refused(terminal.run(*attach, f"application_form={big}"), 1, "file_too_large", "20.0MB")
    # It was refused before it was stored.
    assert not list(tmp_path.rglob("files/*/*"))


@pytest.mark.parametrize(
    ("given", "code", "name", "word"),
    [
        ("application_form", 2, "bad_file", "application_form"),
        ("=x.pdf", 2, "bad_file", "implementation_plan"),
        ("application_form=missing.pdf", 6, "file_unusable", "missing.pdf"),
        ("application_form=.", 6, "file_unusable", "."),
        ("application_form=text.pdf", 2, "content_is_otherwise", "PDF"),
        ("application_form=really.png", 2, "content_is_otherwise", "PNG"),
        ("application_form=empty.pdf", 2, "content_is_otherwise", "是空文件"),
        ("application_form=noname", 2, "content_is_otherwise", "可以是：pdf、docx"),
        ("photo=good.pdf", 1, "unknown_material", "photo"),
        ("cooperation_agreement=good.docx", 2, "content_is_otherwise", "DOCX"),
    ],
)
def test_a_file_is_what_it_says_or_refused(
    terminal: Terminal, case: str, tmp_path: Path, given: str, code: int, name: str, word: str
) -> None:
    (tmp_path / "text.pdf").write_text("not a PDF")
    (tmp_path / "really.png").write_bytes(b"%PDF-1.7")
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "noname").write_bytes(b"%PDF-1.7")
    (tmp_path / "good.pdf").write_bytes(b"%PDF-1.7 good")
    (tmp_path / "good.docx").write_bytes(b"PK\x03\x04 not really")
    arguments = ("case", "act", case, "attach_document", "--file", given, "--as", "zhang", "--json")
    refused(terminal.run(*arguments), code, name, word)


def test_one_bad_file_among_several_keeps_all_from_being_attached(
    terminal: Terminal, case: str, tmp_path: Path
) -> None:
    (tmp_path / "good.pdf").write_bytes(b"%PDF-1.7 good")
    (tmp_path / "bad.pdf").write_bytes(b"bad")
    files = ("--file", "application_form=good.pdf", "--file", "implementation_plan=bad.pdf")
    answer = terminal.run("case", "act", case, "attach_document", *files, "--as", "zhang", "--json")
    refused(answer, 2, "content_is_otherwise", "bad.pdf")
    assert terminal.data("case", "show", case)["documents"] == []
    assert not list(tmp_path.rglob("files/*/*"))


@pytest.mark.parametrize(
    ("given", "code", "name", "word"),
    [
        ("photo=good.pdf", 2, "bad_file", "evidence"),
        ("evidence=text.pdf", 2, "content_is_otherwise", "PDF"),
        ("evidence=sheet.doc", 1, "wrong_format", "DOCX"),
        ("evidence=missing.pdf", 6, "file_unusable", "missing.pdf"),
        ("evidence=good.pdf", 1, "act_not_at_this_stage", "填报"),
    ],
)
def test_evidence_of_an_objection_is_looked_into(
    terminal: Terminal, case: str, tmp_path: Path, given: str, code: int, name: str, word: str
) -> None:
    (tmp_path / "good.pdf").write_bytes(b"%PDF-1.7 good")
    (tmp_path / "text.pdf").write_text("not a PDF")
    (tmp_path / "sheet.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old")
    lodge = ("case", "act", case, "lodge_objection", "--data", "text=不实", "--data", "objector=某人")
    refused(terminal.run(*lodge, "--file", given, "--as", "chen", "--json"), code, name, word)


def test_files_belong_to_attachments_alone(terminal: Terminal, case: str, tmp_path: Path) -> None:
    (tmp_path / "good.pdf").write_bytes(b"%PDF-1.7 good")
    arguments = (
        "case",
        "act",
        case,
        "submit",
        "--file",
        "application_form=good.pdf",
        "--as",
        "zhang",
        "--json",
    )
    refused(terminal.run(*arguments), 2, "no_file_here")


def test_files_go_nowhere_when_their_folder_cannot_be_written(
    terminal: Terminal, case: str, tmp_path: Path, story: Engine
) -> None:
    (tmp_path / "good.pdf").write_bytes(b"%PDF-1.7 good")
    (Path(str(story.url.database)).parent / "files").write_text("in the way")
    arguments = (
        "case",
        "act",
        case,
        "attach_document",
        "--file",
        "application_form=good.pdf",
        "--as",
        "zhang",
    )
    error = refused(terminal.run(*arguments, "--json"), 6, "folder_unusable")
    assert "files" in error["details"][0]
    assert terminal.data("case", "show", case)["version"] == 1


def test_a_stale_version_and_a_used_key_are_refused(terminal: Terminal, case: str) -> None:
    save = ("case", "act", case, "save_draft", "--data", "fields.consortium.direction=光电", "--as", "zhang")
    terminal.ok(*save, "--version", "1", "--key", "once")
    error = refused(terminal.run(*save, "--version", "1", "--json"), 1, "stale_version")
    assert error["message"] == "所依据的是第1版，办件现为第2版，其间已有变动。"
    withdraw = (
        "case",
        "act",
        case,
        "withdraw",
        "--data",
        "reason=x",
        "--as",
        "zhang",
        "--key",
        "once",
        "--json",
    )
    refused(terminal.run(*withdraw), 1, "key_used", "once")
    told(terminal.run(*save, "--version", "-1"), 2, "--version", "--help")


def test_a_second_application_and_an_unknown_district_are_refused(terminal: Terminal, case: str) -> None:
    start = ("case", "start", "2024", "--as", "zhang", "--json", "--district")
    refused(terminal.run(*start, "pingjiang"), 1, "one_open_case", case)
    terminal.act(case, "withdraw", "zhang", "reason=重来")
    refused(terminal.run(*start, "nowhere"), 3, "unknown_district", "nowhere")
    refused(
        terminal.run("case", "start", case, "--district", "pingjiang", "--as", "zhang", "--json"),
        2,
        "no_call",
    )


def test_an_application_outside_the_window_is_told_the_dates(terminal: Terminal, story: Engine) -> None:
    move(story, "2024-08-04T18:00:00.001")
    answer = terminal.run("case", "start", "2024", "--district", "pingjiang", "--as", "zhang", "--json")
    error = refused(answer, 1, "call_not_open")
    assert "网上申报截止：2024年8月4日 18:00" in error["details"]
    assert error["clause"] == "《关于试行开展2024年度岳阳市创新联合体申报工作的通知》6.1（应当）"


@pytest.mark.parametrize(
    ("dates", "details"),
    [
        (["papers_due=2024-08-01"], ["papers_due (纸质材料递交截止)：2024年8月1日 24:00早于"]),
        (
            ["filing_closes=2024-13-01T00:00"],
            ["filing_closes (网上申报截止)：“2024-13-01T00:00”不是有效的时间"],
        ),
        (["papers_due=9999-12-31"], ["papers_due (纸质材料递交截止)：“9999年12月31日”不是有效的日期"]),
        (
            ["closing=x", "filing_opens="],
            ["closing：没有这个日期", "filing_opens (网上申报开始)：“”不是有效的时间"],
        ),
    ],
)
def test_bad_dates_of_a_call_are_told_one_by_one(
    terminal: Terminal, dates: list[str], details: list[str]
) -> None:
    given = [part for date in dates for part in ("--date", date)]
    opening = ("call", "open", "2025", "--procedure", "yueyang-2024", "--as", "jiang", "--json")
    error = refused(terminal.run(*opening, *given), 2, "bad_dates")
    for start, line in zip(details, error["details"], strict=True):
        assert line.startswith(start)
    refused(terminal.run("call", "show", "2025", "--json"), 3, "not_found")


def test_a_call_is_opened_once_from_a_published_pack_by_an_administrator(terminal: Terminal) -> None:
    opening = ("call", "open", "2024", "--procedure")
    refused(terminal.run(*opening, "yueyang-2024", "--as", "jiang", "--json"), 1, "call_exists", "2024")
    refused(terminal.run(*opening, "nowhere-2024", "--as", "jiang", "--json"), 3, "not_published", "publish")
    refused(
        terminal.run("call", "open", "2025", *opening[3:], "yueyang-2024", "--as", "chen", "--json"),
        1,
        "role_may_not",
    )
    titled = ("call", "open", "2025", "--procedure", "yueyang-2024", "--as", "jiang", "--title")
    refused(terminal.run(*titled, "x", "--json"), 2, "bad_title", "--title-en")
    refused(terminal.run(*titled, "长" * 301, "--title-en", "x", "--json"), 2, "bad_title", "300")
    for code in ("", "x" * 101, "a b", "a/b"):
        unfit = ("call", "open", code, "--procedure", "yueyang-2024", "--as", "jiang", "--json")
        refused(terminal.run(*unfit), 2, "bad_code", "100")
    refused(terminal.run(*opening, "yueyang-2024", "--as", "jiang", "--date", "x", "--json"), 2, "bad_dates")


def test_a_deadline_that_never_was_is_not_found(terminal: Terminal, case: str) -> None:
    error = refused(terminal.run("case", "why", case, "lunch", "--json"), 3, "no_such_deadline", "lunch")
    assert error["next"] == "有过的时限：filing (网上申报)"


@pytest.mark.parametrize("name", ["nowhere-2024", "./nowhere", "b"])
def test_an_unknown_pack_is_named(terminal: Terminal, name: str) -> None:
    code = 2 if "/" in name else 3
    answer = terminal.run("procedure", "show", name, "--json")
    refused(answer, code, "bad_pack" if "/" in name else "unknown_pack", name.strip("./"))


def test_a_malformed_pack_is_told_by_file_line_and_path(terminal: Terminal, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "procedure.yaml").write_text("format: 1\ncode: x\nsurplus: 1\n")
    (pack / "notices.yaml").write_text("{}\n")
    for command in ("show", "publish"):
        asked = ("procedure", command, f"{pack}/")
        error = refused(terminal.run(*asked, "--json"), 2, "bad_pack")
        assert any(line.startswith("procedure.yaml:3: surplus：没有键`surplus`") for line in error["details"])
        error = refused(terminal.run(*asked, "--json", "--language", "en"), 2, "bad_pack")
        assert any(line.startswith("procedure.yaml:3: surplus: unknown key") for line in error["details"])


@pytest.mark.parametrize(
    ("arguments", "code", "name", "word"),
    [
        (("bureau", "x", "某局", "X", "--kind", "village"), 2, "bad_parties", "village"),
        (("bureau", "Big Name", "某局", "X", "--kind", "county"), 2, "bad_parties", "bureaus"),
        (("bureau", "xx", "某局", "X", "--kind", "county", "--of", "nowhere"), 3, "unknown_party", "nowhere"),
        (("bureau", "pingjiang", "别名", "X", "--kind", "county"), 1, "entered_otherwise", "平江县科技局"),
        (
            ("organisation", "91350100M000100Y44", "甲", "--kind", "enterprise"),
            2,
            "bad_parties",
            "校验码",
        ),
        (("organisation", UNIVERSITY, "别名", "--kind", "university"), 1, "entered_otherwise", "某大学"),
        (("organisation", "91430600DEM000001F", "乙", "--kind", "shop"), 2, "bad_parties", "shop"),
        (("person", "a/b", "某人"), 2, "bad_parties", "a/b"),
        (("person", "p", ""), 2, "bad_parties", "people.p.name"),
        (("person", "p", "某人", "--email", "nonsense"), 2, "bad_parties", "email"),
        (("person", "p", "某人", "--role", "king", "--of", "yueyang"), 2, "bad_parties", "king"),
        (("person", "p", "某人", "--role", "city_officer"), 2, "bad_parties", "of"),
        (("person", "p", "某人", "--role", "city_officer", "--of", "nowhere"), 3, "unknown_party", "nowhere"),
        (("person", "p", "某人", "--role", "applicant", "--of", "yueyang"), 2, "invalid_uscc", "yueyang"),
        (("role", "nobody", "city_officer", "--of", "yueyang"), 3, "unknown_person", "nobody"),
        (
            ("role", "chen", "city_officer", "--of", "yueyang", "--until", "1999-01-01"),
            1,
            "contradiction",
            "",
        ),
        (("role", "chen", "city_officer", "--of", "yueyang", "--until", "soon"), 2, "bad_parties", "soon"),
        (("import", "missing.yaml"), 6, "file_unusable", "missing.yaml"),
    ],
)
def test_what_cannot_be_entered_is_named_and_nothing_is(
    terminal: Terminal, story: Engine, arguments: tuple[str, ...], code: int, name: str, word: str
) -> None:
    before = _entered(story)
    refused(terminal.run("party", *arguments, "--json"), code, name, word)
    assert _entered(story) == before


def _entered(engine: Engine) -> tuple[int, int]:
    with reading(engine) as connection:
        people = connection.execute(select(func.count()).select_from(Person.__table__)).scalar_one()
        units = connection.execute(select(func.count()).select_from(Organisation.__table__)).scalar_one()
    return people, units


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("people: [1]\n", "bad.yaml:1: people：应为映射，而不是列表"),
        ("people:\n  p: {name: 某人, age: 3}\n", "bad.yaml:2: people.p.age：没有键`age`"),
        ("- 1\n", "bad.yaml:1：应为含有bureaus、organisations或people的映射"),
        ("people: {\n", "bad.yaml:2：不是 YAML："),
        ("people:\n  p: {name: 甲}\n  p: {name: 乙}\n", "bad.yaml:3: people.p：键`p`出现两次"),
    ],
)
def test_a_malformed_file_of_parties_is_told_by_line(
    terminal: Terminal, tmp_path: Path, text: str, detail: str
) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    error = refused(terminal.run("party", "import", "bad.yaml", "--json"), 2, "bad_parties")
    assert error["details"][0].startswith(detail)


def test_a_file_is_entered_as_a_whole_or_not_at_all(
    terminal: Terminal, story: Engine, tmp_path: Path
) -> None:
    (tmp_path / "half.yaml").write_text(
        "people:\n"
        "  good: {name: 好人, roles: [{role: city_officer, of: yueyang}]}\n"
        "  bad: {name: 坏人, roles: [{role: city_officer, of: nowhere}]}\n",
        encoding="utf-8",
    )
    before = _entered(story)
    refused(
        terminal.run("party", "import", "half.yaml", "--json"), 3, "unknown_party", "没有代码为“nowhere”的局"
    )
    assert _entered(story) == before


@pytest.mark.parametrize("command", [("audit", "anchor", "{}"), ("register", "export", "{}")])
def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(
    terminal: Terminal, tmp_path: Path, command: tuple[str, ...]
) -> None:
    inside = tmp_path / "file.txt"
    inside.write_text("in the way")
    for place in ("nowhere/x.xlsx", "file.txt/x.xlsx", "/proc/x.xlsx"):
        arguments = [part.format(place) for part in command]
        refused(terminal.run(*arguments, "--json"), 6, "file_unusable", place)
    assert not list(tmp_path.glob(".beian-*"))


def test_an_export_has_the_ending_of_its_kind(terminal: Terminal) -> None:
    refused(
        terminal.run("register", "export", "register.ods", "--json"),
        2,
        "wrong_format",
        ".xlsx、.csv、.json、.pdf",
    )


def test_an_anchor_that_is_none_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    refused(
        terminal.run("audit", "verify", "--anchor", "missing.json", "--json"), 2, "bad_anchor", "missing.json"
    )
    anchor = tmp_path / "anchor.json"
    terminal.ok("audit", "anchor", anchor)
    anchor.write_text(anchor.read_text().replace('"root": "', '"root": "0'))
    refused(terminal.run("audit", "verify", "--anchor", anchor, "--json"), 2, "bad_anchor", "被改动过")


def test_an_altered_record_is_found(terminal: Terminal, case: str, story: Engine, tmp_path: Path) -> None:
    terminal.act(case, "save_draft", "zhang", "fields.consortium.direction=光电")
    anchor = tmp_path / "anchor.json"
    anchored = terminal.data("audit", "anchor", anchor)
    assert anchored["subjects"] == 2
    assert terminal.data("audit", "verify", "--anchor", anchor)["sound"]
    with story.begin() as connection:
        names = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        )
        for (name,) in names.fetchall():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(
            "UPDATE events SET role = 'administrator' WHERE seq = 2 AND act = 'save_draft'"
        )
    answer = terminal.run("audit", "verify", "--anchor", anchor, "--json")
    assert answer.code == 5
    assert answer.json["sound"] is False
    assert {"subject": case, "event": 2, "kind": "changed"}.items() <= answer.json["findings"][0].items()
    people = terminal.run("audit", "verify")
    assert people.code == 5
    assert "事件被改动" in people.out


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (("nonsense",), "没有“nonsense”这一命令。", "No such command 'nonsense'."),
        (("case", "lst"), "没有“lst”这一命令。是否指：'list'", "No such command 'lst'"),
        (("case", "list", "--nonsense"), "没有 --nonsense 这一选项。", "No such option"),
        (("case", "show"), "缺少 NUMBER。", "Missing argument"),
        (("case", "show", "a", "b"), "多出了参数：b。", "Got unexpected extra argument"),
        (("case", "start", "2024"), "缺少 --district。", "Missing option '--district'"),
        (("case", "list", "--limit", "0"), "--limit 的值无效：", "Invalid value for '--limit'"),
        (("case", "list", "--call"), "选项 --call 需要一个值。", "Option '--call' requires an argument"),
    ],
)
def test_wrong_usage_is_told_in_both_languages(
    fresh: Terminal, arguments: tuple[str, ...], zh: str, en: str
) -> None:
    told(fresh.run(*arguments), 2, zh, "--help")
    fresh.environment["BEIAN_LANGUAGE"] = "en"
    told(fresh.run(*arguments), 2, en, "--help")


def test_wrong_usage_is_json_for_programs(fresh: Terminal) -> None:
    refused(fresh.run("case", "show", "--json"), 2, "usage", "beian case show --help")


def test_a_group_alone_shows_its_commands(fresh: Terminal) -> None:
    answer = fresh.run("case")
    assert answer.code == 2
    assert "history" in answer.out
    assert "缺少命令。" in answer.err
