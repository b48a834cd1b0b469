"""From an open call to the receipt, and what follows: over HTTP, as people do it."""

import io
import zipfile

import pytest

from tests.casework.city import FORM, MEMBER_FORM, UNIVERSITY, City, lead_uscc
from tests.web.desk import PDF, Person, words

CASE = "/applicant/yueyang/YY2024-0001"


def typed(values: dict[str, object]) -> dict[str, str]:
    """Return values the way a form sends them."""
    return {path: {True: "true", False: "false"}.get(value, str(value)) for path, value in values.items()}  # type: ignore[call-overload]


def drafted(city: City) -> Person:
    """Return the applicant with a draft just begun."""
    city.lead(0)
    person = Person(city, "zhang0")
    person.opens("/calls/yueyang/2024")
    person.opens("/applicant/start/yueyang/2024")
    person.sends("/start/yueyang/2024", lead=lead_uscc(0), district="pingjiang")
    assert person.at == CASE
    return person


def test_a_consortium_is_filled_in_joined_submitted_and_receipted(city: City) -> None:
    zhang = drafted(city)
    assert "还缺 2 项" in words(zhang.page)
    zhang.opens(f"{CASE}/form/consortium")
    own = {path: value for path, value in FORM.items() if path.startswith("consortium.")}
    zhang.sends("/form/consortium", **typed({**own, "consortium.direction": "高端阀门"}))
    assert zhang.at == f"{CASE}?done=save_draft"
    zhang.opens(f"{CASE}/form/lead")
    zhang.sends(
        "/form/lead", **typed({path: value for path, value in FORM.items() if path.startswith("lead.")})
    )
    zhang.opens(f"{CASE}/members?uscc={UNIVERSITY}")
    assert "某大学" in zhang.page
    zhang.sends("/members", uscc=UNIVERSITY)
    assert "已邀请，待答复" in words(zhang.page)

    li = Person(city, "li")
    li.opens("/member")
    li.opens("/member/yueyang/YY2024-0001")
    li.sends("/confirm")
    assert "已确认" in words(li.page)
    li.sends("/documents", file=("协议.pdf", PDF), material="cooperation_agreement")
    assert "协议.pdf" in li.page

    zhang.opens(f"{CASE}/form/member?unit={UNIVERSITY}")
    zhang.sends("/form/member", **typed(MEMBER_FORM))
    for material in ("application_form", "implementation_plan"):
        zhang.opens(f"{CASE}/documents")
        attached = (f"{material}.pdf", PDF + material.encode())
        zhang.sends("/documents", file=attached, material=material, owner=lead_uscc(0))
    review = zhang.opens(f"{CASE}/review")
    assert "提交前还缺" not in review
    assert "请先勾选真实性确认" in zhang.sends("/submit", status=422)
    receipt = zhang.sends("/submit", truthful="true")
    (event,) = (row for row in city.rows("events", 2) if row["kind"] == "submitted")
    for told in ("YY2024-0001", "2024年7月10日 09:00", event["hash"], "高端阀门"):
        assert told in receipt
    after = words(zhang.opens(CASE))
    assert "现处于“推荐单位初审”，由推荐单位办理" in after
    assert "2024年8月9日 18:00 截止" in after
    assert "YY2024-0001：申报已提交" in after
    file = zhang.client.get(f"{CASE}/documents/application_form/{lead_uscc(0)}")
    assert file.content == PDF + b"application_form"
    assert file.headers["Content-Disposition"].startswith("attachment")
    foreign = f"/member/yueyang/YY2024-0001/documents/application_form/{lead_uscc(0)}"
    assert li.client.get(foreign).status_code == 404


def test_what_is_typed_is_saved_and_what_is_wrong_is_told_where_it_stands(city: City) -> None:
    zhang = drafted(city)
    path = f"{CASE}/form/lead"
    zhang.opens(path)
    part = zhang.types(path, **{"lead.rd_spending": "9,999,999.99", "lead.platform_name": "阀门研究院"})
    assert "已保存" in part
    assert "近三年研发经费投入合计（元）为¥9,999,999.99" in part
    events = len(city.rows("events", 2))
    assert "已保存" in zhang.types(
        path, **{"lead.rd_spending": "9,999,999.99", "lead.platform_name": "阀门研究院"}
    )
    assert len(city.rows("events", 2)) == events + 1  # the comma is another way to type the same amount
    part = zhang.types(path, **{"lead.rd_spending": "很多", "lead.platform_name": "新的名称"})
    assert "有的内容没有保存" in part
    assert (
        'id="lead-rd_spending-error" hx-swap-oob="true"><span class="govuk-visually-hidden">错误：</span>'
        in part
    )
    assert city.subject(2).application.form["lead.platform_name"] == "新的名称"
    page = zhang.sends(
        "/form/lead", status=422, **{"lead.rd_spending": "-1", "lead.platform_name": "新的名称"}
    )
    assert 'href="#lead-rd_spending"' in page
    assert 'value="-1"' in page


def test_what_another_has_changed_is_shown_and_not_overwritten(city: City) -> None:
    zhang = drafted(city)
    unit = city.rows("cases")[0]["lead_id"]
    city.person("zhou", "applicant", organisation_id=unit)
    path = f"{CASE}/form/consortium"
    zhang.opens(path)
    city.do(2, "zhou", "save_draft", fields={"consortium.summary": "周的文字"})
    page = zhang.sends(
        "/form/consortium", status=422, **{"consortium.summary": "张的文字", "consortium.direction": "阀门"}
    )
    assert "有的内容刚被他人改动" in page
    assert "周的文字" in page
    assert "张的文字</textarea>" in page
    form = city.subject(2).application.form
    assert (form["consortium.summary"], form["consortium.direction"]) == ("周的文字", "阀门")
    zhang.sends("/form/consortium", **{"consortium.summary": "张的文字"})
    assert city.subject(2).application.form["consortium.summary"] == "张的文字"


def test_a_unit_that_is_not_known_is_asked_for_and_a_bad_code_named(city: City) -> None:
    zhang = drafted(city)
    zhang.opens(f"{CASE}/members")
    part = zhang.client.get(
        f"{CASE}/members/unit", params={"uscc": lead_uscc(7)}, headers={"HX-Request": "true"}
    )
    assert "请填写名称和类型" in part.text
    page = zhang.sends("/members", status=422, uscc=lead_uscc(7))
    assert 'id="name"' in page
    page = zhang.sends("/members", uscc=lead_uscc(7), name="新配件厂", kind="enterprise")
    assert "新配件厂" in page
    zhang.opens(f"{CASE}/members")
    assert "校验码" in zhang.sends("/members", status=422, uscc=f"{lead_uscc(7)[:-1]}0")
    zhang.opens(f"{CASE}/members")
    assert "还没有成员单位" in zhang.sends("/members/remove")


def _package(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            # Packed now or then, the same bytes: both workers must collect the same tests.
            member = zipfile.ZipInfo(name.replace("__", "/"))
            package.writestr(member, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


DOCX = {"word__document.xml": b"<w/>"}
XLSX = {"xl__workbook.xml": b"<x/>"}
MACROS = _package(**DOCX, **{"word__vbaProject.bin": b""})


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.exe", b"MZ", "文件格式不符"),
        ("a.pdf", b"MZ no pdf", "文件内容与扩展名不符"),
        ("a.pdf", b"", "文件是空的"),
        ("a.pdf", b"%PDF-1.7 /OpenAction<</S/JavaScript/JS(x)>>", "PDF 中含有脚本"),
        ("a.pdf", b"%PDF-1.7 /S/#4AavaScript", "PDF 中含有脚本"),
        ("a.docx", _package(**XLSX), "文件内容与扩展名不符"),
        ("a.docx", b"PK\x03\x04 broken", "文件内容与扩展名不符"),
        ("a.docx", MACROS, "文件中含有宏"),
        ("a.docx", _package(**DOCX, big=b"0" * 20_000_000), "文件解压后过大"),
        ("///", PDF, "文件没有可用的名称"),
    ],
)
def test_files_that_are_not_what_they_should_be_are_refused_by_name(
    city: City, name: str, content: bytes, told: str
) -> None:
    zhang = drafted(city)
    zhang.opens(f"{CASE}/documents")
    page = zhang.sends(
        "/documents", status=422, file=(name, content), material="application_form", owner=lead_uscc(0)
    )
    assert told in page
    assert city.count("documents") == 0
    assert city.count("files") == 0


def test_a_path_in_a_name_leads_nowhere(city: City) -> None:
    zhang = drafted(city)
    zhang.opens(f"{CASE}/documents")
    zhang.sends(
        "/documents", file=("../../etc/申报书.pdf", PDF), material="application_form", owner=lead_uscc(0)
    )
    (document,) = city.rows("documents")
    assert document["name"] == "申报书.pdf"
    zhang.sends("/documents/remove")
    assert city.rows("documents")[0]["removed_at"] is not None


def test_a_correction_opens_exactly_what_was_listed(city: City) -> None:
    case = city.case_at("recommendation")
    items = [
        {"item": "consortium.summary", "remark": "请写明分工"},
        {"item": "document:implementation_plan", "remark": "请盖章"},
    ]
    city.do(case, "wang", "return_for_correction", items=items)
    zhang = Person(city, "zhang0")
    page = zhang.opens(CASE)
    assert "请写明分工" in page
    assert "请盖章" in page
    form = zhang.opens(f"{CASE}/form/consortium")
    assert 'name="consortium.summary"' in form
    assert 'name="consortium.direction"' not in form
    zhang.sends(
        "/form/consortium", **{"consortium.summary": "牵头单位负责集成", "consortium.direction": "别的"}
    )
    assert city.subject(case).application.form["consortium.direction"] == "方向0"
    documents = zhang.opens(f"{CASE}/documents")
    assert 'value="implementation_plan"' in documents
    assert 'value="application_form"' not in documents
    zhang.sends("/documents", file=("方案.pdf", PDF), material="implementation_plan", owner=lead_uscc(0))
    zhang.opens(f"{CASE}/review")
    page = zhang.sends("/submit", truthful="true")
    assert "现处于“推荐单位初审”" in words(page)


def test_the_same_form_sent_twice_is_done_once_and_a_stale_one_says_what_changed(city: City) -> None:
    case = city.filled()
    zhang = Person(city, "zhang0")
    zhang.opens(f"{CASE}/review")
    stale = zhang.page
    city.do(case, "zhang0", "invite_member", uscc=lead_uscc(8), name="另一家", kind="enterprise")
    city.do(case, "zhang0", "remove_member", uscc=lead_uscc(8))
    page = zhang.sends("/submit", status=422, truthful="true")
    assert "这个办件刚有变化" in page
    assert "移除成员单位" in page
    fresh = zhang.page
    zhang.sends("/submit", truthful="true")
    zhang.page, zhang.at = fresh, f"{CASE}/review"
    zhang.sends("/submit", truthful="true")
    assert city.kinds(case).count("submitted") == 1
    assert stale != fresh


def test_an_applicant_hears_nothing_of_experts_and_officers_names(city: City) -> None:
    city.case_at("selection")
    page = words(Person(city, "zhang0").opens(CASE))
    assert "评分" not in page
    assert "E0" not in page
    assert "Chen" not in page
    assert "形式审查通过" in page


def test_a_draft_is_withdrawn_with_a_reason(city: City) -> None:
    zhang = drafted(city)
    zhang.opens(f"{CASE}/withdraw")
    zhang.sends("/withdraw", status=422, reason=" ")
    page = zhang.sends("/withdraw", reason="另行申报")
    assert "办理结束：已撤回" in words(page)
    assert zhang.client.get(f"{CASE}/withdraw").status_code == 404
