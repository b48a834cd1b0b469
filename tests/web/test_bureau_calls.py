"""The bureau's calls: the ranked selection, filing in batch, and setting up the next call."""

from tests.casework.city import EXPERTS, City
from tests.web.desk import Person, words

CALL = "/bureau/calls/yueyang/2024"


def _selectable(city: City, n: int, points: str) -> int:
    case = city.case_at("expert_review", n)
    for expert in EXPERTS:
        city.do(case, expert, "score", points=points)
    city.do(case, "chen", "close_scoring")
    return case


def test_a_call_is_selected_filed_and_concluded(city: City) -> None:
    lower, upper, out = (_selectable(city, n, points) for n, points in ((0, "75"), (1, "90"), (2, "72")))
    city.at("2024-08-14T09:00")
    boss = Person(city, "boss")
    page = boss.opens(CALL)
    assert page.index("YY2024-0002") < page.index("YY2024-0001") < page.index("YY2024-0003")
    assert "平均分 90.00" in words(page)
    asked = boss.sends("/select", **{"cases:YY2024-0003": ""})
    assert "1. YY2024-0002" in asked
    assert "2. YY2024-0001" in asked
    assert city.subject(upper).stage == "selection"
    boss.sends("/select")
    assert [city.subject(each).application.rank for each in (upper, lower)] == [1, 2]
    assert city.subject(out).outcome == "not_selected"

    chen = Person(city, "chen")
    assert "有 2 件可以备案" in words(chen.opens(CALL))
    chen.opens(f"{CALL}/filing")
    seen = chen.sends("/filing", document_number="岳科发〔2024〕8号", document_date="2024-08-14")
    assert "岳阳市方向1创新联合体" in seen  # the notices name it
    assert city.count("register_entries") == 0
    chen.sends("/filing", confirmed="true")
    assert "办成 2 件，未办成 0 件" in words(chen.page)
    names = {row["name"]: row["subject_id"] for row in city.rows("register_entries")}
    assert names == {"岳阳市方向0创新联合体": lower, "岳阳市方向1创新联合体": upper}
    # Numbers follow the list.
    assert [row["subject_id"] for row in city.rows("register_entries", order="number")] == [upper, lower]

    admin = Person(city, "admin")
    admin.opens(CALL)
    admin.sends("/complete")
    admin.sends("/complete")
    assert city.subject(city.call).outcome == "completed"


def test_each_case_of_a_batch_has_its_own_answer(city: City) -> None:
    one, two = (_selectable(city, n, "80") for n in (0, 1))
    city.at("2024-08-14T09:00")
    city.do(city.call, "boss", "select", cases=["YY2024-0001", "YY2024-0002"])
    chen = Person(city, "chen")
    chen.opens(f"{CALL}/filing")
    city.do(two, "chen", "file", document_number="岳科发〔2024〕7号", document_date="2024-08-14")
    more = {"document_number": "岳科发〔2024〕8号", "document_date": "2024-08-14"}
    chen.sends("/filing", confirmed="true", case=["YY2024-0001", "YY2024-0002"], **more)
    assert "办成 1 件，未办成 1 件" in words(chen.page)
    assert city.subject(one).outcome == "filed"


def test_a_list_that_leaves_the_order_needs_a_reason_and_keeps_what_was_typed(city: City) -> None:
    for n, points in ((0, "75"), (1, "90")):
        _selectable(city, n, points)
    city.at("2024-08-14T09:00")
    boss = Person(city, "boss")
    boss.opens(CALL)
    boss.sends("/select", **{"cases:YY2024-0001": "1", "cases:YY2024-0002": "2"}, reason="产业布局")
    assert "产业布局" in boss.page
    boss.sends("/select")
    rows = {each["number"]: each["subject_id"] for each in city.rows("cases")}
    assert city.subject(rows["YY2024-0001"]).application.rank == 1


def test_the_next_call_is_set_up_from_the_last(city: City) -> None:
    assert "照此设立新批次" not in Person(city, "chen").opens(CALL)
    admin = Person(city, "admin")
    page = admin.opens("/bureau/calls/new?like=yueyang/2024")
    assert 'value="2025"' in page
    assert 'value="2025-08-04T18:00"' in page
    assert "date:papers_due" in page
    refused = admin.sends("/calls/new", status=422, **{"date:papers_due": "2025-01-01"})
    assert "日期有误" in words(refused)
    admin.sends("/calls/new", **{"date:papers_due": "2025-08-13"})
    assert len(city.rows("calls")) == 1
    assert "不能撤回" in admin.page
    admin.sends("/calls/new", confirmed="true")
    assert "岳阳市2025年度" in admin.page
    assert [row["code"] for row in city.rows("calls")] == ["2024", "2025"]
    again = admin.opens("/bureau/calls/new?like=yueyang/2024")
    assert again
    refused = admin.sends("/calls/new", status=422, confirmed="true")
    assert "已有编号为“2025”的批次" in words(refused)


def test_officers_do_not_announce_calls(city: City) -> None:
    chen = Person(city, "chen")
    chen.opens("/bureau/calls/new?like=yueyang/2024")
    chen.sends("/calls/new")
    chen.sends("/calls/new", status=422, confirmed="true")
    assert len(city.rows("calls")) == 1


def test_a_call_of_another_bureau_is_not_there(city: City) -> None:
    chen = Person(city, "chen")
    chen.opens("/bureau/calls/qingdao/2024", status=404)
    chen.opens("/bureau/calls/yueyang/2023", status=404)
