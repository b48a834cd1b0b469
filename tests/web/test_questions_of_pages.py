"""No list asks the database more often for more rows."""

from collections.abc import Iterable

from sqlalchemy import event

from casework import rounds
from casework.acts import Receipt
from tests.casework.city import City
from tests.web.desk import Person
from tests.web.test_evaluations import filed

__all__ = ["filed"]

LISTS = (
    ("li", "/member"),
    ("wang", "/district?show=all"),
    ("wang", "/district/calls/yueyang/2024"),
    ("chen", "/bureau?show=all"),
    ("chen", "/bureau/calls/yueyang/2024"),
    ("chen", "/bureau/calendar"),
    ("chen", "/search?q=公司"),
    ("wang", "/account/acts"),
    ("e0", "/expert"),
    ("ops", "/operations"),
    ("ops", "/operations/deliveries"),
    ("ops", "/operations/incidents"),
    ("chen", "/lists"),
    ("chen", "/register"),
)


def asked(city: City, lists: Iterable[tuple[str, str]] = LISTS) -> dict[str, int]:
    """Return how many statements each list takes, once everything that is kept is there."""
    found: dict[str, int] = {}
    for handle, path in lists:
        person = Person(city, handle)
        person.opens(path)
        statements: list[str] = []

        def note(*given: object, statements: list[str] = statements) -> None:
            statements.append(str(given[2]))

        event.listen(city.engine, "before_cursor_execute", note)
        person.opens(path)
        event.remove(city.engine, "before_cursor_execute", note)
        found[path] = len(statements)
    return found


def test_lists_ask_as_often_for_many_as_for_few(city: City) -> None:
    city.person("ops", "operations", bureau_id=city.city)
    for n in (0, 1):
        city.case_at("expert_review", n)
        city.case_at("recommendation", 2 + n)
    few = asked(city)
    for n in range(4, 8):
        city.case_at("expert_review", n)
        city.case_at("recommendation", 4 + n)
    assert asked(city) == few
    assert max(few.values()) < 32


def test_rounds_are_counted_at_once(filed: City) -> None:
    def announced(year: int) -> None:
        told = {"code": f"PJ{year}", "period": str(year)}
        assert isinstance(rounds.announce(filed.engine, "yueyang", filed.people["chen"], told), Receipt)

    announced(2025)
    one = asked(filed, [("chen", "/evaluations")])
    for year in (2026, 2027, 2028):
        announced(year)
    assert asked(filed, [("chen", "/evaluations")]) == one
