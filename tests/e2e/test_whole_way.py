"""A consortium from the invitation to the register, in a browser, with JavaScript and without.

Applicant, member unit, recommending unit, city bureau, experts and the public, with a round of correction.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.casework.city import EXPERTS, FORM, MEMBER_FORM, UNIVERSITY, City, lead_uscc
from tests.e2e.conftest import WHOSE
from tests.web.desk import PDF

# One worker starts one portal and one browser.
pytestmark = pytest.mark.xdist_group("browser")

Visit = Callable[..., Page]
CALL = "/bureau/calls/yueyang/2024"


def fill(within: Page | Locator, **fields: object) -> None:
    """Give the inputs of these names their values, as a person does."""
    for name, value in fields.items():
        told = str(value).lower() if isinstance(value, bool) else str(value)
        inputs = within.locator(f'[name="{name}"]')
        match inputs.first.evaluate("each => each.type"):
            case "radio" | "checkbox":
                within.locator(f'[name="{name}"][value="{told}"]').check()
            case "select-one":
                inputs.select_option(told)
            case _:
                inputs.fill(told)


def act(page: Page, name: str, *, final: bool = False, **fields: object) -> None:
    """Unfold and fill in the form of an act and send it; what is final is confirmed."""
    form = page.locator(f'form[action$="/{name}"]').first
    for folded in (page.locator("details", has=form), form.locator("details")):
        for each in folded.all():
            if each.get_attribute("open") is None:
                each.locator("summary").first.click()
    fill(form, **fields)
    form.get_by_role("button").first.click()
    if final:
        page.locator(f'main form[action$="/{name}"]').get_by_role("button").first.click()
    expect(page.get_by_role("status").first).to_contain_text("已办理")


def attach(page: Page, material: str) -> None:
    """Upload a document as this material and wait until it has arrived."""
    form = page.locator("form").filter(has=page.locator(f"input[name=material][value={material}]")).first
    form.locator("input[type=file]").set_input_files(
        {"name": f"{material}.pdf", "mimeType": "application/pdf", "buffer": PDF + material.encode()}
    )
    form.get_by_role("button", name="上传").click()
    expect(page.get_by_role("link", name=f"{material}.pdf")).to_be_visible()


@WHOSE
def test_from_the_invitation_to_the_register(own_town: tuple[City, Visit], scripts: bool) -> None:
    city, visit = own_town
    city.lead(6)

    def at(handle: str | None, path: str) -> Page:
        page = visit(handle, java_script_enabled=scripts)
        page.goto(path)
        return page

    number = _submitted(at, scripts)
    case = next(row["subject_id"] for row in city.rows("cases") if row["number"] == number)
    assert city.subject(case).application.lead == lead_uscc(6)

    wang = at("wang", f"/district/yueyang/{number}")
    act(
        wang,
        "return_for_correction",
        **{"item": "consortium.summary", "remark:consortium.summary": "请写明分工"},
    )
    zhang = at("zhang6", f"/applicant/yueyang/{number}/form/consortium")
    expect(zhang.locator("main")).to_contain_text("请写明分工")
    expect(zhang.get_by_label("方向/领域")).to_have_count(0)
    zhang.get_by_label("联合体简介").fill("牵头单位负责集成")
    zhang.get_by_role("button", name="保存并返回").click()
    expect(zhang.get_by_role("status").first).to_contain_text("已办理")
    zhang.goto(f"/applicant/yueyang/{number}/review")
    zhang.get_by_label("真实、合法、完整").check()
    zhang.locator('form[action$="/submit"]').get_by_role("button").click()
    expect(zhang.locator("main")).to_contain_text("现处于“推荐单位初审”，由推荐单位办理")

    wang.goto(f"/district/yueyang/{number}")
    act(wang, "accept_online")
    act(wang, "endorse", opinion="材料真实完整，同意推荐")
    papers = {"letter": "true", "finance_signed": "true", "application_copies": 1, "summary_copies": 2}
    act(wang, "deliver_papers", **papers)

    chen = at("chen", f"/bureau/yueyang/{number}")
    act(chen, "pass_review", final=True)
    act(chen, "schedule_visit", at="2024-07-12T09:00", team="甲\n乙")
    act(chen, "record_visit", final=True, on="2024-07-10", result="passed", findings="符合条件")
    panel = chen.locator('form[action$="/name_panel"]').first
    for expert in EXPERTS:
        panel.locator(f'[name="experts"][value="{expert}"]').check()
    act(chen, "name_panel", final=True)
    expert = at(EXPERTS[0], f"/expert/yueyang/{number}")
    expert.get_by_label("没有需要回避的情形").check()
    expert.get_by_role("button", name="提交申明").click()
    act(expert, "score", points="86.5", comment="基础扎实")
    for colleague in EXPERTS[1:]:
        city.do(case, colleague, "score", points="80")
    chen.goto(f"/bureau/yueyang/{number}")
    act(chen, "close_scoring", final=True)

    city.at("2024-08-14T09:00")
    act(at("boss", CALL), "select", final=True)
    chen.goto(f"{CALL}/filing")
    filing = chen.locator('main form[action$="/filing"]').first
    fill(filing, document_number="岳科发〔2024〕8号", document_date="2024-08-14")
    filing.get_by_role("button").first.click()
    chen.get_by_role("button", name="确认备案 1 件").click()
    expect(chen.locator("main")).to_contain_text("办成 1 件，未办成 0 件")

    anybody = at(None, "/register")
    anybody.get_by_role("link", name="岳阳市低空装备6创新联合体").click()
    expect(anybody.locator("main")).to_contain_text("岳科发〔2024〕8号")
    zhang.goto(f"/applicant/yueyang/{number}")
    expect(zhang.locator("main")).to_contain_text("备案")
    assert city.subject(case).outcome == "filed"


def _submitted(at: Callable[[str | None, str], Page], scripts: bool) -> str:
    """Begin an application, fill it in, have it joined and submit it; return its number."""
    zhang = at("zhang6", "/")
    zhang.get_by_role("link", name="岳阳市2024年度创新联合体申报").click()
    zhang.get_by_role("button", name="我要申报").click()
    zhang.get_by_role("button", name="开始填报").click()
    case = zhang.url
    number = case.rsplit("/", 1)[1]

    zhang.get_by_role("link", name="联合体", exact=True).click()
    zhang.get_by_label("方向/领域").fill("低空装备6")
    fill(zhang, **{name: value for name, value in FORM.items() if name.startswith("consortium.")})
    if scripts:
        expect(zhang.locator("#saved")).to_contain_text("已保存")
        zhang.goto(case)  # nothing was sent by a button
        expect(zhang.get_by_role("heading", level=1)).to_have_text("低空装备6")
    else:
        zhang.get_by_role("button", name="保存并返回").click()
        expect(zhang.get_by_role("status").first).to_contain_text("已办理")
    zhang.goto(f"{case}/form/lead")
    fill(zhang, **{name: value for name, value in FORM.items() if name.startswith("lead.")})
    zhang.get_by_role("button", name="保存并返回").click()
    expect(zhang.get_by_role("status").first).to_contain_text("已办理")
    zhang.get_by_role("link", name="成员单位", exact=True).click()
    zhang.get_by_label("统一社会信用代码").fill(UNIVERSITY)
    if scripts:
        expect(zhang.locator("#unit")).to_contain_text("某大学")
    zhang.get_by_role("button", name="发出邀请").click()
    expect(zhang.get_by_role("status").first).to_contain_text("已办理")

    li = at("li", f"/member/yueyang/{number}")
    li.get_by_role("button", name="确认参加").first.click()
    attach(li, "cooperation_agreement")

    zhang.goto(f"{case}/form/member?unit={UNIVERSITY}")
    fill(zhang, **MEMBER_FORM)
    zhang.get_by_role("button", name="保存并返回").click()
    expect(zhang.get_by_role("status").first).to_contain_text("已办理")
    for material in ("application_form", "implementation_plan"):
        zhang.goto(f"{case}/documents")
        attach(zhang, material)
    zhang.goto(f"{case}/review")
    zhang.get_by_role("button", name="提交申报").click()
    expect(zhang.get_by_role("alert")).to_contain_text("请先勾选真实性确认")
    zhang.get_by_label("真实、合法、完整").check()
    zhang.get_by_role("button", name="提交申报").click()
    expect(zhang.get_by_role("heading", level=1)).to_have_text("提交回执")
    expect(zhang.locator("code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    return number
