"""A request to read asks on one connection, and more visitors than connections all come through."""

import asyncio
import datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, event

from casework import accounts, clock
from casework.accounts import Place
from tests.casework.city import City, build
from tests.web.desk import Person
from web.app import create_app
from web.settings import PortalSettings

CROWD = 60


def signed_in(city: City, handle: str) -> dict[str, str]:
    """Return the cookies of somebody's browser."""
    now, hour = clock.present(None), datetime.timedelta(hours=1)
    done = accounts.sign_in_without(city.engine, handle, Place("10.0.0.9"), now, hour)
    assert done is not None
    return {"beian_session": done.token}


def begun(city: City, person: Person, path: str) -> int:
    """How many transactions opening the page begins."""
    found: list[object] = []

    def note(connection: object) -> None:
        found.append(connection)

    event.listen(city.engine, "begin", note)
    person.opens(path)
    event.remove(city.engine, "begin", note)
    return len(found)


@pytest.mark.parametrize("path", ["/district", "/district/yueyang/YY2024-0001", "/search?q=公司"])
def test_a_page_looks_at_one_moment(city: City, path: str) -> None:
    city.case_at("recommendation", 0)
    person = Person(city, "wang")
    person.opens(path)
    assert begun(city, person, path) == 1
    assert city.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_more_visitors_than_connections_come_through(story_engine: Engine, tmp_path: Path) -> None:
    city = build(story_engine)
    cookies = signed_in(city, "chen")
    app = create_app(story_engine, tmp_path, PortalSettings())

    async def everybody() -> list[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://portal", cookies=cookies
        ) as browser:
            answers = await asyncio.gather(*(browser.get("/search?q=公司") for _ in range(CROWD)))
        return [each.status_code for each in answers]

    assert asyncio.run(asyncio.wait_for(everybody(), 60)) == [200] * CROWD
    assert story_engine.pool.checkedout() == 0  # type: ignore[attr-defined]
