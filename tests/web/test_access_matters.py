"""Who may open what comes after filing: everybody at every page and form of entries, evaluations, changes."""

import re

import pytest
from fastapi.routing import APIRoute

from procedure.acts import ACTS
from tests.casework.city import City
from tests.web.conftest import browser
from tests.web.desk import Person
from tests.web.test_access import PEOPLE
from tests.web.test_api_matters import SEES, asked, entry_of, filed, town
from web.app import ROUTERS

__all__ = ["filed", "town"]

OF = {"/filed/{bureau}/{number}": ("entry",), "/matters/{bureau}/{number:path}": ("evaluation", "draft")}
"""Which of them each place has pages of."""

FORMS = ["/change", "/renewal", "/bar", "/support/none"] * 4
"""What is begun from an entry, by enough of those whom it does not concern."""


@pytest.fixture
def numbers(town: City) -> dict[str, str]:
    """An entry, its evaluation and the draft of a change of it, by name."""
    entry = entry_of(town)
    return {"entry": entry, "evaluation": f"PJ2025/{entry}", "draft": asked(town)["number"]}


def routes() -> list[tuple[str, str, str]]:
    """Return every route about one of them: the place, the method, and what follows the number."""
    return [
        (place, method, route.path.removeprefix(place))
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for place in OF
        if route.path.startswith(place)
        for method in sorted(route.methods)
    ]


def address(place: str, number: str, rest: str, act: str = "grade") -> str:
    filled = {"act": act, "measure": "none", "digest": "0" * 64}
    return place.replace("{bureau}", "yueyang").replace("{number:path}", number).replace(
        "{number}", number
    ) + re.sub(r"\{(\w+)\}", lambda found: filled[found[1]], rest)


def test_everybody_opens_exactly_what_concerns_them(town: City, numbers: dict[str, str]) -> None:
    found = routes()
    assert len(found) == 16
    events, wrong = town.count("events"), []
    for handle in PEOPLE:
        client = browser(town) if handle is None else Person(town, handle).client
        for place, method, rest in found:
            for name in OF[place]:
                path = address(place, numbers[name], rest)
                answer = client.request(method, path, follow_redirects=False).status_code
                if answer not in _expected(handle, method, rest, name):
                    wrong.append(f"{handle} {method} {path}: {answer}")
    assert wrong == []
    assert town.count("events") == events


def _expected(handle: str | None, method: str, rest: str, name: str) -> set[int]:
    """Return the statuses that are right: a form without a token of ours is as good as not signed in."""
    if handle is None or method == "POST":
        return {303}
    if handle not in SEES[name]:
        return {404}
    # Its own page is there for all who see it, a form for whoever may begin what it is for.
    return {200, 404} if rest else {200}


def test_forms_with_a_token_do_nothing_to_what_is_anothers(town: City, numbers: dict[str, str]) -> None:
    events, wrong = town.count("events"), []
    people = {handle: Person(town, handle) for handle in PEOPLE if handle is not None}
    tokens = {}
    for handle, person in people.items():
        csrf = re.search(r'name="csrf" value="([^"]+)"', person.opens("/account"))
        assert csrf
        tokens[handle] = csrf[1]
    for place, names in OF.items():
        for name in names:
            strangers = sorted(set(people) - SEES[name])
            ways = FORMS if place.startswith("/filed") else [f"/{act}" for act in sorted(ACTS)]
            # Every form is tried, each by another of those whom it does not concern.
            for n, way in enumerate([*ways, "/attach_material", "/urge"]):
                handle = strangers[n % len(strangers)]
                data = {"csrf": tokens[handle], "key": f"{name}{way}", "reason": "x", "sure": "true"}
                path = address(place, numbers[name], way)
                answer = people[handle].client.post(path, data=data, follow_redirects=False).status_code
                if answer != 404:
                    wrong.append(f"{handle} {path}: {answer}")
    assert wrong == []
    assert town.count("events") == events


@pytest.mark.parametrize("page", ["/filed", "/changes", "/evaluations"])
def test_lists_show_exactly_the_same(town: City, numbers: dict[str, str], page: str) -> None:
    name = {"/filed": "entry", "/changes": "draft", "/evaluations": "evaluation"}[page]
    seen = set()
    for handle in PEOPLE:
        if handle is not None:
            answer = Person(town, handle).client.get(page)
            if answer.status_code == 200 and f"/{numbers[name]}" in answer.text:
                seen.add(handle)
    assert seen == SEES[name]
