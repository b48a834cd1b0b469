"""Yueyang under a pack that draws its panels, with seven experts in the pool."""

from collections.abc import Iterable

from sqlalchemy import Engine

from casework import queries
from models.database import reading
from procedure.event import Event
from procedure.instant import calendar_day
from procedure.pack import Pack
from tests.casework.city import City, build
from tests.procedure import panel_pack

MORE = [f"e{n}" for n in range(5, 7)]


def city_of(engine: Engine, pack: Pack | None = None) -> City:
    """Yueyang under the pack with panels of three, seven experts in its pool."""
    made = build(engine, pack=pack or panel_pack.pack())
    for handle in MORE:
        made.person(handle, "expert", bureau_id=made.city)
    return made


def handles(city: City, people: Iterable[int]) -> list[str]:
    """The handles of people."""
    names = {claim.person: handle for handle, claim in city.people.items()}
    return [names[person] for person in people]


def panel(city: City, case: int) -> list[str]:
    """The handles of those who have a seat, in the order in which they took it."""
    return handles(city, city.subject(case).application.panel)


def drawn(city: City, n: int = 0) -> int:
    """The n-th case, its panel drawn."""
    case = city.case_at("panel_naming", n)
    city.do(case, "chen", "draw_panel")
    return case


def at_the_defence(city: City, n: int = 0) -> int:
    """The n-th case, its expert review closed."""
    case = drawn(city, n)
    for expert in panel(city, case):
        city.do(case, expert, "score", points="80")
    city.do(case, "chen", "close_scoring")
    return case


def seats(city: City, case: int) -> dict[str, str]:
    """The state of everybody who has or had a seat."""
    experts = {row["id"]: row["person_id"] for row in city.rows("experts")}
    rows = city.rows("panel_members", case)
    return {handles(city, [experts[row["expert_id"]]])[0]: row["state"] for row in rows}


def told(city: City, case: int, text: str) -> list[str]:
    """Who has been sent a text about a case, sorted."""
    rows = city.rows("notices", case)
    return sorted(handles(city, [row["recipient_id"] for row in rows if row["text"] == text]))


def seen(city: City, handle: str) -> list[str]:
    """The numbers of the cases that a person may see."""
    with reading(city.engine) as connection:
        day = calendar_day("2024-07-10")
        return [line.number for line in queries.cases(connection, seen_by=city.people[handle], day=day)]


def desk(city: City, handle: str) -> list[str]:
    """The numbers of the cases that lie on a person's desk."""
    with reading(city.engine) as connection:
        return [number for number, _, _ in queries.desk(connection, city.people[handle].person)]


def last(city: City, case: int) -> Event:
    """The last event of a case."""
    with reading(city.engine) as connection:
        return queries.history(connection, case)[-1].event


def claim(city: City, handle: str) -> int:
    """The person of a handle."""
    return city.people[handle].person


def loads_in(city: City, case: int) -> dict[str, int]:
    """The load of everybody in the pool, as the case's last event has it."""
    entries = last(city, case).data["pool"]
    return {handles(city, [entry["person"]])[0]: entry["load"] for entry in entries}
