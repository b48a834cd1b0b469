"""Who holds which post, as far as somebody may hand it over, and who could stand in for them."""

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from casework.access import in_force
from casework.delegation import FOR_OTHERS
from models import Bureau, Organisation, Person, Role

_roles = Role.__table__
_people = Person.__table__
_bureaus = Bureau.__table__
_organisations = Organisation.__table__
_own = Role.__table__.alias("own_roles")


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A person in a role of a unit (USCC or bureau code)."""

    handle: str
    name: str
    role: str
    unit: str
    unit_zh: str
    unit_en: str

    @property
    def key(self) -> str:
        """Name the post in a form."""
        return f"{self.handle}/{self.role}/{self.unit}"


def to_hand_over(connection: Connection, person_id: int, day: datetime.date) -> list[HeldPost]:
    """Return the posts that somebody may hand over: their own, and those of the bureaus they lead.

    A seat on a panel is nobody's to hand over.
    """
    led = select(_own.c.bureau_id).where(
        _own.c.person_id == person_id,
        _own.c.role.in_(FOR_OTHERS),
        _own.c.valid_from <= day,
        or_(_own.c.valid_to.is_(None), _own.c.valid_to >= day),
    )
    theirs = or_(_roles.c.bureau_id.in_(led), _bureaus.c.parent_id.in_(led))
    rows = connection.execute(
        _POSTS.where(
            or_(_roles.c.person_id == person_id, theirs),
            _roles.c.role != "expert",
            in_force(day),
            _people.c.active,
        ).order_by(_roles.c.person_id != person_id, _people.c.name, _roles.c.id)
    )
    return [HeldPost(*row) for row in rows]


def substitutes(connection: Connection, posts: list[HeldPost], day: datetime.date) -> list[HeldPost]:
    """Return who holds a post in the units of these posts: whoever may stand in is among them."""
    units = {post.unit for post in posts}
    rows = connection.execute(
        _POSTS.where(
            or_(_organisations.c.uscc.in_(units), _bureaus.c.code.in_(units)),
            _roles.c.role != "expert",
            in_force(day),
            _people.c.active,
        ).order_by(_people.c.name, _roles.c.id)
    )
    return [HeldPost(*row) for row in rows]


_POSTS = (
    select(
        _people.c.handle,
        _people.c.name,
        _roles.c.role,
        func.coalesce(_organisations.c.uscc, _bureaus.c.code),
        func.coalesce(_organisations.c.name, _bureaus.c.name_zh),
        func.coalesce(_organisations.c.name, _bureaus.c.name_en),
    )
    .join(_people, _people.c.id == _roles.c.person_id)
    .outerjoin(_organisations, _organisations.c.id == _roles.c.organisation_id)
    .outerjoin(_bureaus, _bureaus.c.id == _roles.c.bureau_id)
)
