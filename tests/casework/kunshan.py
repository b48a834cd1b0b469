"""Kunshan with one filed consortium, as its story leaves it: played once, copied for every test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from casework import clock
from casework.access import Claim
from models import Person
from models.database import connect, default_url, reading, writing
from procedure.instant import local_instant

STORY = Path(__file__).parents[1] / "scenarios" / "cities" / "kunshan-2024.yaml"
NUMBER = "KSLHT-2025-001"
PROJECT = {
    "entry": NUMBER,
    "target": "projects",
    "title": "重大项目甲",
    "achieved_on": "2025-06-30",
    "source": "苏科〔2025〕8号",
}
"""An achievement of the entry, as it is recorded."""
LEAD = "91320583DEM000001N"
MEMBER = "91320583DEM000002R"
UNIVERSITY = "12320500DEM000003T"


@dataclass(frozen=True)
class Kunshan:
    """The city on 28 October 2025: 电子信息, of Suzhou cultivation, is filed since the day before."""

    engine: Engine

    def claim(self, handle: str, role: str) -> Claim:
        """Return a person in a role."""
        people = Person.__table__
        with reading(self.engine) as connection:
            return Claim(
                connection.execute(select(people.c.id).where(people.c.handle == handle)).scalar_one(), role
            )

    @property
    def officer(self) -> Claim:
        """The city officer."""
        return self.claim("gu", "city_officer")

    @property
    def applicant(self) -> Claim:
        """Who applies for the lead unit."""
        return self.claim("jing", "applicant")

    def at(self, text: str) -> None:
        """Move the story's time forward."""
        with writing(self.engine) as connection:
            clock.move(connection, local_instant(text))


@contextmanager
def kunshan(played: Callable[[Path], Path], folder: Path) -> Iterator[Kunshan]:
    """Give a copy of the city in ``folder``; ``played`` is the fixture of this name."""
    shutil.copyfile(played(STORY), folder / "beian.db")
    engine = connect(default_url(folder))
    yield Kunshan(engine)
    engine.dispose()
