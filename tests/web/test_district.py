"""The recommending unit's desk: the list by urgency, the case, and what is done to it."""

from sqlalchemy import text

from casework import calls, loading
from casework.acts import Receipt
from models.database import reading
from tests.casework.city import PLAN, City
from tests.web.desk import Person, words

CASE = "/district/yueyang/YY2024-0001"
COPIES = {"letter": "true", "application_copies": "1", "summary_copies": "2"}


def test_cases_stand_by_urgency_narrowed_searched_and_paged(city: City) -> None:
    for n in range(27):
        city.case_at("recommendation", n, "阀门" if n == 3 else None)
    city.case_at("formal_review", 27)
    returned = city.case_at("recommendation", 28)
    city.do(returned, "wang", "return_for_correction", **PLAN)  # it waits for the applicant
    wang = Person(city, "wang")
    page = wang.opens("/district")
    assert "共 27 件" in page
    assert page.count('class="govuk-table__row') == 26  # 25 and the head
    assert "YY2024-0028" not in page
    assert "第 1 页，共 2 页" in page
    assert wang.opens("/district?page=2").count('class="govuk-table__row') == 3
    assert "共 29 件" in wang.opens("/district?show=all")
    assert "共 1 件" in wang.opens("/district?q=阀门")
    assert "没有符合条件的办件" in wang.opens("/district?show=ended")


def test_the_list_is_narrowed_to_one_call(city: City) -> None:
    city.case_at("recommendation", 0)
    city.case_at("recommendation", 1)
    first = city.call
    with reading(city.engine) as connection:
        (revision,) = connection.execute(text("SELECT DISTINCT revision_id FROM subjects")).scalars()
    receipt = calls.announce(city.engine, revision, "2024-2", city.people["admin"], {})
    assert isinstance(receipt, Receipt), receipt
    with reading(city.engine) as connection:
        city.call = loading.id_of(connection, "2024-2", "yueyang")
    assert city.call != first
    city.case_at("recommendation", 2)
    wang = Person(city, "wang")
    wang.opens("/district")
    assert "共 3 件" in wang.page
    assert wang.page.count('<option value="yueyang/') == 2
    page = wang.opens("/district?call=yueyang/2024-2")
    assert "共 1 件" in page
    assert 'value="yueyang/2024-2" selected' in page
    assert "第2公司" in page
    assert "共 2 件" in wang.opens("/district?call=yueyang/2024&show=open")
    assert "没有符合条件的办件" in wang.opens("/district?call=qingdao/2025")


def test_a_case_is_accepted_recommended_and_its_papers_delivered(city: City) -> None:
    case = city.case_at("recommendation")
    wang = Person(city, "wang")
    page = wang.opens(CASE)
    assert "act-accept_online" in page
    assert "act-endorse" not in page
    wang.sends("/accept_online")
    assert "已办理：网上受理" in wang.page
    assert 'href="#endorse-opinion"' in wang.sends("/endorse", status=422, opinion=" ")
    wang.sends("/endorse", opinion="材料真实完整，同意推荐")
    page = wang.sends("/deliver_papers", status=422, **{**COPIES, "summary_copies": "1"})
    assert 'href="#deliver_papers-summary_copies"' in page
    page = wang.sends("/deliver_papers", status=422, **COPIES)
    assert "联合" in words(page)
    wang.sends("/deliver_papers", finance_signed="true", **COPIES)
    assert city.subject(case).stage == "formal_review"
    assert "没有需要您办理的事项" in words(wang.page)


def test_a_return_lists_everything_and_keeps_what_was_typed(city: City) -> None:
    case = city.case_at("recommendation")
    wang = Person(city, "wang")
    wang.opens(CASE)
    wang.sends("/return_for_correction", status=422, item="consortium.summary")
    page = wang.sends(
        "/return_for_correction", item="consortium.summary", **{"remark:consortium.summary": "请写明分工"}
    )
    assert city.subject(case).stage == "recommendation_correction"
    assert "consortium.summary" in {each.item for each in city.subject(case).application.returns[0].items}
    assert "请写明分工" in page


def test_two_officers_on_one_case_the_second_is_told(city: City) -> None:
    case = city.case_at("recommendation")
    city.do(case, "wang", "accept_online")
    one, other = Person(city, "wang"), Person(city, "wang")
    one.opens(CASE)
    other.opens(CASE)
    asked = one.sends("/decline", reason="不符合")
    assert "办理终止，理由告知申报单位" in asked
    assert "Zhang0" in asked  # who will be told
    assert city.subject(case).outcome is None
    one.sends("/decline")
    page = other.sends("/endorse", status=422, opinion="同意推荐")
    assert "这个办件刚有变化" in page
    assert "不予推荐" in words(page)
    assert city.subject(case).outcome == "declined"
