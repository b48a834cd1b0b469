"""Saved views: kept by name, one link away, each person's own."""

from casework.saved_views import MOST
from tests.casework.city import City
from tests.web.desk import Person, words


def test_a_narrowed_list_is_kept_and_one_link_away(city: City) -> None:
    wang = Person(city, "wang")
    wang.opens("/district?show=ended&q=第1公司")
    page = wang.sends("/views/district", called=" 已办结的第一公司 ")
    assert "已保存为常用视图" in page
    assert 'href="/district?show=ended&amp;q=%E7%AC%AC1%E5%85%AC%E5%8F%B8" aria-current="page"' in page
    assert [(row["desk"], row["name"], row["query"]) for row in city.rows("saved_views")] == [
        ("district", "已办结的第一公司", "show=ended&q=%E7%AC%AC1%E5%85%AC%E5%8F%B8")
    ]
    assert "已办结的第一公司" in wang.opens("/district")
    assert "已办结的第一公司" not in Person(city, "chen").opens("/bureau")


def test_a_view_of_the_same_name_is_replaced(city: City) -> None:
    chen = Person(city, "chen")
    for show in ("late", "soon"):
        chen.opens(f"/bureau?show={show}")
        chen.sends("/views/bureau", called="急")
    assert [row["query"] for row in city.rows("saved_views")] == ["show=soon"]


def test_a_view_is_forgotten_by_its_owner_only(city: City) -> None:
    wang, xu = Person(city, "wang"), Person(city, "chen")
    wang.opens("/district?show=all")
    wang.sends("/views/district", called="全部")
    (view,) = city.rows("saved_views")
    xu.opens("/bureau?show=all")
    xu.sends("/views/bureau", called="全部")
    xu.sends("/views/bureau/drop", status=404, view=str(view["id"]))
    assert city.count("saved_views") == 2
    wang.opens("/district")
    assert "已删除这个常用视图" in wang.sends("/views/district/drop", view=str(view["id"]))
    assert [row["desk"] for row in city.rows("saved_views")] == ["bureau"]


def test_what_is_wrong_with_a_view_is_said_and_nothing_kept(city: City) -> None:
    chen = Person(city, "chen")
    for name in ("", " ", "长" * 41):
        chen.opens("/bureau")
        assert "名称须为 1 至 40 个字符" in words(chen.sends("/views/bureau", called=name))
    assert city.count("saved_views") == 0
    for n in range(MOST):
        chen.opens("/bureau")
        chen.sends("/views/bureau", called=f"视图{n}")
    assert "最多保存 20 个" in words(chen.sends("/views/bureau", called="再一个"))
    assert city.count("saved_views") == MOST


def test_nobody_keeps_views_of_a_desk_that_is_not_theirs(city: City) -> None:
    chen = Person(city, "chen")
    chen.opens("/bureau")
    page = chen.page
    chen.page = page.replace("/views/bureau", "/views/district")
    chen.sends("/views/district", status=403, called="别处")
    chen.page = page.replace("/views/bureau", "/views/expert")
    chen.sends("/views/expert", status=404, called="别处")
    assert city.count("saved_views") == 0
