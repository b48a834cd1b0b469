"""A whole call carried by hand from a terminal, from the published pack to the register."""

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine

from tests.cli.terminal import FORM, MEMBER_FORM, UNIVERSITY, Terminal, move


def _pdf(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(b"%PDF-1.7 " + name.encode())
    return path


def test_a_call_is_carried_by_hand_from_the_pack_to_the_register(
    either: Terminal, story_engine: Engine, tmp_path: Path
) -> None:
    terminal, case = either, either.start()
    assert case == "YY2024-0001"
    terminal.act(case, "save_draft", "zhang", fields=FORM)
    terminal.act(case, "invite_member", "zhang", f"uscc={UNIVERSITY}")
    terminal.act(case, "confirm_membership", "li")
    terminal.act(case, "save_draft", "zhang", members={UNIVERSITY: MEMBER_FORM})
    attached = terminal.data(
        *("case", "act", case, "attach_document", "--as", "zhang"),
        *("--file", f"application_form={_pdf(tmp_path, '申报书.pdf')}"),
        *("--file", f"implementation_plan={_pdf(tmp_path, '方案.pdf')}"),
    )
    assert [each["event"] for each in attached] == [6, 7]
    agreement = _pdf(tmp_path, "协议.pdf")
    terminal.data(
        *("case", "act", case, "attach_document", "--as", "li", "--file"),
        f"cooperation_agreement={agreement}",
    )
    move(story_engine, "2024-08-04T18:00")
    submitted = terminal.ok("case", "act", case, "submit", "--as", "zhang")
    assert submitted.splitlines() == [
        "YY2024-0001：已办理“提交申报”（2024年8月4日 18:00，第9号记录）。",
        "现处环节：推荐单位初审，由推荐单位办理。",
        "  系统推荐：2024年8月9日 18:00截止",
    ]
    move(story_engine, "2024-08-06T09:00")
    terminal.act(case, "accept_online", "wang")
    terminal.act(case, "endorse", "wang", "opinion=同意推荐")
    move(story_engine, "2024-08-13T10:00")
    terminal.act(
        case,
        "deliver_papers",
        "wang",
        *("letter=true", "finance_signed=true", "application_copies=1", "summary_copies=2"),
    )
    terminal.act(
        case, "extend_deadline", "gao", "deadline=formal_review", "until=2024-08-30", "reason=专家出差"
    )
    assert terminal.ok("case", "why", case, "formal_review").splitlines()[3] == (
        "  2024年8月13日 10:00由高屹延长：由2024年8月20日 24:00改为2024年8月30日 24:00，理由：专家出差。"
    )
    terminal.act(case, "pass_review", "chen")
    terminal.act(case, "schedule_visit", "chen", "at=2024-08-20T09:00", "team=考察员甲", "team=考察员乙")
    move(story_engine, "2024-08-20T15:00")
    terminal.act(case, "record_visit", "chen", "on=2024-08-20", "result=passed", "findings=符合条件")
    terminal.act(case, "name_panel", "chen", *(f"experts=e{n}" for n in range(5)))
    for n in range(3):
        terminal.act(case, "score", f"e{n}", f"points={70 + n}.5")
    terminal.act(case, "close_scoring", "chen")
    selected = terminal.data("call", "act", "2024", "select", "--data", f"cases={case}", "--as", "gao")
    assert (selected["ref"], selected["stage"]) == ("2024", "listed")
    filed = terminal.act(
        case, "file", "chen", "document_number=岳科发〔2024〕1号", "document_date=2024-08-20"
    )
    assert (filed["outcome"], filed["deadlines"]) == ("filed", [])
    closed = terminal.data("call", "close", "2024", "--as", "jiang")
    assert closed["outcome"] == "completed"

    (entry,) = terminal.data("register", "list")
    assert entry == {
        "number": "YYLHT-2024-001",
        "name": "岳阳市生物医药创新联合体",
        "lead": "甲公司",
        "uscc": "91350100M000100Y43",
        "direction": "生物医药",
        "valid_from": "2024-08-20",
        "valid_to": "2027-08-19",
        "document_number": "岳科发〔2024〕1号",
        "state": "valid",
        "case": case,
        "bureau": "yueyang",
        "rectifications": [],
    }
    assert terminal.data("register", "list", "--search", "没有") == []
    listed = [terminal.data("register", "list", "--at", day) for day in ("2024-08-19", "2024-08-20")]
    assert [[each["state"] for each in found] for found in listed] == [[], ["valid"]]
    for wrong, why in (("2999-01-01", "day_to_come"), ("明天", "bad_date")):
        refused = terminal.run("register", "export", tmp_path / "wrong.csv", "--at", wrong, "--json")
        assert (refused.code, why in refused.out) == (2, True)
    assert not (tmp_path / "wrong.csv").exists()
    exported = terminal.data("register", "export", tmp_path / "名册.xlsx")
    assert exported["entries"] == 1
    rows = CalamineWorkbook.from_path(str(tmp_path / "名册.xlsx")).get_sheet_by_index(0).to_python()
    assert rows[1][:2] == ["YYLHT-2024-001", "岳阳市生物医药创新联合体"]
    assert terminal.data("audit", "verify") == {"sound": True, "subjects": 2, "findings": []}
    (line,) = terminal.data("case", "list", "--closed")
    assert (line["number"], line["outcome"]) == (case, "filed")
    history = terminal.data("case", "history", case)
    assert [each["seq"] for each in history] == list(range(1, len(history) + 1))
    assert history[-1]["kind"] == "filed"
    # Personal fields are named, never shown.
    assert history[1]["personal"] == ["/consortium.contact_name"]
    assert "张三" not in str(history[1]["data"])


def test_a_case_is_shown_with_its_form_members_and_documents(terminal: Terminal, case: str) -> None:
    terminal.act(case, "save_draft", "zhang", fields=FORM)
    terminal.act(case, "invite_member", "zhang", f"uscc={UNIVERSITY}")
    shown = terminal.ok("case", "show", case)
    for line in (
        "牵头单位  甲公司 91350100M000100Y43",
        "近三年研发经费投入合计（元）     ¥10,000,000.00",
        "企业类型                         领军企业",
        "某大学 12100000400000624D · 高等院校 · 已邀请，待答复",
        "网上申报：2024年8月4日 18:00截止",
    ):
        assert line in shown
    assert "submit 提交申报 申报单位" in " ".join(shown.split())
    data = terminal.data("case", "show", case, "--language", "en")
    assert data["form"]["lead.rd_spending"] == 1_000_000_000
    assert data["version"] == 3
    assert {"act": "submit", "title": "submit the application", "roles": "applicant"} in data["possible"]
    assert data["deadlines"][0]["due"] == "2024-08-04T18:00:00+08:00"


def test_what_fell_due_is_shown_before_a_sweep_has_recorded_it(
    terminal: Terminal, case: str, story: Engine
) -> None:
    move(story, "2024-08-04T18:00:00.000001")
    data = terminal.data("case", "show", case)
    assert (data["outcome"], data["pending"], data["version"]) == (
        "draft_not_accepted",
        ["deadline_lapsed"],
        1,
    )
    assert "已到期、待系统记录：期满自动处理" in terminal.ok("case", "show", case)


def test_a_call_shows_its_dates_and_where_its_cases_stand(terminal: Terminal, case: str) -> None:
    data = terminal.data("call", "show", "yueyang/2024")
    assert (data["stage"], data["cases"]) == ("open", {"draft": 1})
    assert data["dates"]["papers_due"] == "2024-08-13T23:59:59.999999+08:00"
    assert "办件 · 填报       1" in terminal.ok("call", "show", "2024")
    (line,) = terminal.data("call", "show")
    assert line["code"] == "2024"


def test_a_call_may_have_dates_and_titles_of_its_own(terminal: Terminal) -> None:
    dates = {
        "filing_opens": "2024-09-01T08:00",
        "filing_closes": "2024-10-08T12:00",
        "recommendation_due": "2024-10-20T18:00",
        "papers_due": "2024-10-25",
    }
    given = [part for name, day in dates.items() for part in ("--date", f"{name}={day}")]
    data = terminal.data(
        *("call", "open", "second", "--procedure", "yueyang-2024", "--as", "jiang", *given),
        *("--title", "第二批", "--title-en", "The second call"),
    )
    assert data["title"] == {"zh": "第二批", "en": "The second call"}
    assert data["dates"]["filing_closes"] == "2024-10-08T12:00:00+08:00"
    assert data["stage"] == "announced"


def test_only_what_a_person_sees_is_listed_for_them(terminal: Terminal, case: str) -> None:
    listed = ("case", "list", "--open")
    assert [line["number"] for line in terminal.data(*listed)] == [case]
    assert [line["number"] for line in terminal.data(*listed, "--as", "zhang")] == [case]
    # Before its submission a draft is the applicant's own.
    assert terminal.data(*listed, "--as", "wang") == []
    assert terminal.data("case", "list", "--stage", "papers") == []
    assert terminal.data("case", "list", "--search", "甲公司")[0]["lead"] == "甲公司"


def test_why_explains_in_the_language_asked_for(terminal: Terminal, case: str) -> None:
    assert terminal.ok("case", "why", case).splitlines() == [
        "网上申报：2024年8月4日 18:00截止，由申报单位办理，计时中。",
        "  该时限出自：《关于试行开展2024年度岳阳市创新联合体申报工作的通知》6.1（应当）。",
        (
            "  2024年7月10日 09:00进入“填报”；截止时间是固定时点“网上申报截止”：2024年8月4日 18:00，"
            "该时刻整仍为按时。该时点出自：同一文件6.1，应当。"
        ),
        "  逾期未办：自动转为“截止未提交，不予受理”（设定）。",
        "  提醒与上报：",
        "    到期前3个工作日（2024年7月30日 09:00）：下一步，将通知牵头单位。",
        "    到期前1个工作日（2024年8月1日 09:00）：将通知牵头单位。",
        "    到期前最后一个工作日（2024年8月2日 09:00）：将通知牵头单位。",
        "    到期前3个小时（2024年8月4日 15:00）：将通知牵头单位；不限时段。",
    ]
    english = terminal.ok("case", "why", case, "filing", "--language", "en")
    assert english.startswith("Online filing: due 4 August 2024, 18:00, held by the applicant, running.\n")
    (account,) = terminal.data("case", "why", case)["accounts"]
    assert (account["due_at"], account["ground"]["clause"]) == ("2024-08-04T18:00:00+08:00", "6.1")
    assert account["consequence"]["ground"]["basis"] == "setting"


def test_the_windows_of_a_call_are_explained_too(terminal: Terminal, story: Engine) -> None:
    assert terminal.data("case", "why", "2024")["accounts"][0]["deadline"] == "window_opening"
    move(story, "2024-08-04T18:00:00.000001")
    # No sweep ran: the ledger says what was recorded, and no more.
    (account,) = terminal.data("case", "why", "2024", "window_opening")["accounts"]
    assert account["state"] == "running"


def test_the_same_key_does_an_act_once(terminal: Terminal, case: str) -> None:
    arguments = (
        "case",
        "act",
        case,
        "save_draft",
        "--data",
        "fields.consortium.direction=光电",
        "--as",
        "zhang",
    )
    first = terminal.data(*arguments, "--key", "k1")
    again = terminal.data(*arguments, "--key", "k1")
    assert (first["event"], first["repeated"]) == (2, False)
    assert (again["event"], again["repeated"]) == (2, True)
    assert "未重复办理" in terminal.ok(*arguments, "--key", "k1")
    # Without a key every call is an act of its own.
    assert terminal.data(*arguments)["event"] == 3
    assert terminal.data(*arguments)["event"] == 4


def test_who_acts_may_stand_in_the_environment(terminal: Terminal, case: str) -> None:
    terminal.environment |= {"BEIAN_AS": "zhang", "BEIAN_ROLE": "applicant"}
    assert (
        terminal.data("case", "act", case, "withdraw", "--data", "reason=另有安排")["outcome"] == "withdrawn"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_who_has_several_roles_says_which(terminal: Terminal, case: str, language: str) -> None:
    terminal.ok("party", "role", "zhang", "member", "--of", UNIVERSITY)
    answer = terminal.run("case", "act", case, "submit", "--as", "zhang", "--language", language)
    assert answer.code == 2
    assert "applicant" in answer.err
    assert "member" in answer.err
    assert "--role" in answer.err
