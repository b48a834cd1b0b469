"""Which rows a person may act on, decided here and enforced in the query."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, or_, select

from models import Bureau, Case, Member, Organisation, PanelMember, Person, Role, Subject
from models import Expert as ExpertRow
from procedure.act import Actor

_people = Person.__table__
_roles = Role.__table__
_bureaus = Bureau.__table__
_organisations = Organisation.__table__
_cases = Case.__table__
_subjects = Subject.__table__
_members = Member.__table__
_panel_members = PanelMember.__table__
_experts = ExpertRow.__table__

CITY_ROLES = ("city_officer", "city_leader", "administrator", "operations")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says they act: a person, in which role, and for whom another acts on their behalf."""

    person: int
    role: str
    on_behalf_of: int | None = None


class NoSuchRole(PermissionError):
    """The person does not hold the role they act in, today."""

    def __init__(self, claim: Claim, day: datetime.date) -> None:
        super().__init__(f"person {claim.person} does not hold the role {claim.role} on {day}")
        self.role = claim.role


class NotTheirRole(PermissionError):
    """The person holds the role they act in, but it is not one that may do this."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"the role {claim.role} may not do this, only {', '.join(CITY_ROLES)}")
        self.role = claim.role


_units = _organisations.alias("acting_units")
_authorities = _bureaus.alias("acting_authorities")
_held = (
    select(
        _roles.c.id.label("role_id"),
        _roles.c.valid_from,
        _roles.c.valid_to,
        _units.c.uscc.label("acting_unit"),
        _authorities.c.code.label("acting_authority"),
    )
    .select_from(_roles)
    .join(_people, _people.c.id == _roles.c.person_id)
    .outerjoin(_units, _units.c.id == _roles.c.organisation_id)
    .outerjoin(_authorities, _authorities.c.id == _roles.c.bureau_id)
    .where(_people.c.active, _roles.c.person_id == bindparam("person"), _roles.c.role == bindparam("role"))
    .order_by(_roles.c.id)
)
HELD = _held.subquery("held")
"""What a person (``person``) holds as a role (``role``), a row for each unit or bureau."""


def actors(rows: Iterable[Any], claim: Claim, day: datetime.date) -> list[Actor]:
    """Return the claim as the actors it may stand for on ``day``, from rows of HELD.

    Raises NoSuchRole when the person is unknown, inactive, or does not hold the role.
    """
    found = [
        Actor(claim.role, claim.person, row.acting_unit, row.acting_authority, claim.on_behalf_of)
        for row in rows
        if row.role_id is not None and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
    ]
    if not found:
        raise NoSuchRole(claim, day)
    return found


def in_force(day: datetime.date) -> ColumnElement[bool]:
    """Return the condition that a role is in force on ``day``."""
    return and_(_roles.c.valid_from <= day, or_(_roles.c.valid_to.is_(None), _roles.c.valid_to >= day))


def roles_of(connection: Connection, claim: Claim, day: datetime.date) -> list[Actor]:
    """Return the claim as the actors it may stand for on ``day``: one for each unit or bureau of the role.

    Raises NoSuchRole when the person is unknown, inactive, or does not hold the role.
    """
    rows = connection.execute(_held, {"person": claim.person, "role": claim.role}).all()
    return actors(rows, claim, day)


def require_operator(connection: Connection, claim: Claim, day: datetime.date) -> None:
    """Raise NoSuchRole or NotTheirRole unless the claim is one of a city bureau or its operations."""
    roles_of(connection, claim, day)
    if claim.role not in CITY_ROLES:
        raise NotTheirRole(claim)


def holds(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition that the person holds the role they look in on ``day``."""
    return exists(_held_by(claim, day))


def governs(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``cases`` that what goes wrong with a case concerns the claim.

    That is every case of a city bureau, drafts too, and for everyone else what they see.
    """
    if claim.role in CITY_ROLES:
        return _cases.c.bureau_id.in_(select(_held_by(claim, day).subquery("held_by_governor").c.bureau_id))
    return sees(claim, day)


def _held_by(claim: Claim, day: datetime.date) -> Select[Any]:
    return (
        select(_roles.c.bureau_id, _roles.c.organisation_id)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(
            _people.c.active,
            _roles.c.person_id == claim.person,
            _roles.c.role == claim.role,
            in_force(day),
        )
    )


def sees(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``cases`` that the claim may see a case.

    A city bureau sees its own from submission on, a district its own district's from submission on, an
    expert those of the panels they sit on, an applicant and a member unit their own; a unit that declined or
    was removed sees nothing any more, nor does anybody whose role has ended.
    """
    held = _held_by(claim, day).subquery("held_by_viewer")
    units, bureaus = select(held.c.organisation_id), select(held.c.bureau_id)
    if claim.role == "applicant":
        return _cases.c.lead_id.in_(units)
    if claim.role == "member":
        joined = select(_members.c.subject_id).where(
            _members.c.organisation_id.in_(units), _members.c.status.in_(("invited", "confirmed"))
        )
        return _cases.c.subject_id.in_(joined)
    if claim.role == "district_officer":
        return and_(_cases.c.submitted_at.is_not(None), _cases.c.district_id.in_(bureaus))
    if claim.role == "expert":
        assigned = (
            select(_panel_members.c.subject_id)
            .join(_experts, _experts.c.id == _panel_members.c.expert_id)
            .where(_experts.c.person_id == claim.person, _panel_members.c.state == "assigned")
        )
        return and_(_cases.c.subject_id.in_(assigned), _cases.c.bureau_id.in_(bureaus))
    return and_(_cases.c.submitted_at.is_not(None), _cases.c.bureau_id.in_(bureaus))
