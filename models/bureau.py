"""Authorities: city bureaus and the districts' recommending units under them."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import Record
from models.constraint import one_of, written


class Bureau(Record, table=True):
    """A science bureau: a city's, or a district's (then it recommends to its city bureau)."""

    __tablename__ = "bureaus"
    __table_args__ = (
        UniqueConstraint("parent_id", "code"),
        one_of("level", "city", "district"),
        one_of("kind", "county", "county_level_city", "district", "functional_zone", "high_tech_zone"),
        CheckConstraint("(level = 'district') = (kind IS NOT NULL)", name="kind_of_district"),
        CheckConstraint("(level = 'district') = (parent_id IS NOT NULL)", name="parent_of_district"),
        written("code", 64),
        written("name_zh", 200),
        written("name_en", 200),
        written("city_zh", 100),
        written("city_en", 100),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_zh: str
    name_en: str
    city_zh: str
    city_en: str
    level: str
    kind: str | None = None
    parent_id: int | None = Field(default=None, foreign_key="bureaus.id")
