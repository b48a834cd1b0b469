"""Which rows a person may act on, decided here and enforced in the query."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
)

from casework import belonging
from models import (
    Bureau,
    Call,
    Case,
    Consent,
    Delegation,
    Matter,
    Member,
    Notice,
    Organisation,
    PanelMember,
    Person,
    RegisterEntry,
    Role,
    Subject,
    WorkItem,
)
from models import Expert as ExpertRow
from procedure.act import Actor

_people = Person.__table__
_roles = Role.__table__
_bureaus = Bureau.__table__
_organisations = Organisation.__table__
_calls = Call.__table__
_cases = Case.__table__
_subjects = Subject.__table__
_members = Member.__table__
_panel_members = PanelMember.__table__
_experts = ExpertRow.__table__
_delegations = Delegation.__table__
_notices = Notice.__table__
_work = WorkItem.__table__
_consents = Consent.__table__
_matters = Matter.__table__
_entries = RegisterEntry.__table__
_substitutes = Person.__table__.alias("substitutes")

_kept = lru_cache(maxsize=512)
"""Keeps the latest conditions: the same claim asks the same of every page of its day."""

CITY_ROLES = ("city_officer", "city_leader", "administrator", "operations")

WATCHING_ROLES: Final = (*CITY_ROLES, "district_officer")
"""Who watches over what is stuck: a city bureau over its cases, a district over its own."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says they act: a person, in which role, and on whose behalf where the role is another's."""

    person: int
    role: str
    on_behalf_of: int | None = None

    @property
    def holder(self) -> int:
        """Whose role it is."""
        return self.person if self.on_behalf_of is None else self.on_behalf_of


PUBLIC: Final = Claim(0, "public")
"""Whoever acts without an account: nobody by name. A procedure says what the public may do."""


class NoSuchRole(PermissionError):
    """The person does not hold the role they act in, today."""

    def __init__(self, claim: Claim, day: datetime.date) -> None:
        super().__init__(f"person {claim.holder} does not hold the role {claim.role} on {day}")
        self.role = claim.role


class NotTheirRole(PermissionError):
    """The person holds the role they act in, but it is not one that may do this."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"the role {claim.role} may not do this, only {', '.join(CITY_ROLES)}")
        self.role = claim.role


class NotTheSubstitute(NoSuchRole):
    """The person does not stand in today for whom they say they act for."""


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


def actors(connection: Connection, rows: Iterable[Any], claim: Claim, day: datetime.date) -> list[Actor]:
    """Return the claim as the actors it may stand for on ``day``, from rows of HELD of its holder.

    Raises NoSuchRole when the holder is unknown, inactive, or does not hold the role, and NotTheSubstitute
    when the person acts for another who has not handed the role over to them on that day.
    """
    if claim == PUBLIC:
        return [Actor(claim.role)]
    found = [
        (
            row.role_id,
            Actor(claim.role, claim.person, row.acting_unit, row.acting_authority, claim.on_behalf_of),
        )
        for row in rows
        if row.role_id is not None and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
    ]
    if not found:
        raise NoSuchRole(claim, day)
    if claim.on_behalf_of is None:
        return [actor for _, actor in found]
    handed_over = set(connection.execute(_handed_over(claim, day)).scalars())
    standing_in = [actor for role_id, actor in found if role_id in handed_over]
    if not standing_in:
        raise NotTheSubstitute(claim, day)
    return standing_in


def in_force(day: datetime.date | BindParameter[Any]) -> ColumnElement[bool]:
    """Return the condition that a role is in force on ``day``, which may be a parameter of the statement."""
    return and_(_roles.c.valid_from <= day, or_(_roles.c.valid_to.is_(None), _roles.c.valid_to >= day))


def delegated(day: datetime.date) -> ColumnElement[bool]:
    """Return the condition that a delegation is in force on ``day``."""
    return and_(
        _delegations.c.ended_at.is_(None), _delegations.c.first_day <= day, _delegations.c.last_day >= day
    )


def in_same_unit(person: ColumnElement[Any], day: datetime.date) -> ColumnElement[bool]:
    """Return the condition that ``person`` speaks on ``day`` for the unit of the row of ``roles``.

    A seat in the expert pool makes nobody one of the bureau.
    """
    own = _roles.alias("own_roles")
    return (
        select(own.c.id)
        .where(
            own.c.person_id == person,
            own.c.bureau_id.is_not_distinct_from(_roles.c.bureau_id),
            own.c.organisation_id.is_not_distinct_from(_roles.c.organisation_id),
            own.c.role != "expert",
            own.c.valid_from <= day,
            or_(own.c.valid_to.is_(None), own.c.valid_to >= day),
        )
        .correlate_except(own)
        .exists()
    )


def _handed_over(claim: Claim, day: datetime.date) -> Select[Any]:
    """Return the query for the roles that the claim's person stands in for on ``day``."""
    return (
        select(_roles.c.id)
        .join(_delegations, _delegations.c.role_id == _roles.c.id)
        .join(_substitutes, _substitutes.c.id == _delegations.c.substitute_id)
        .where(
            _roles.c.person_id == claim.holder,
            _roles.c.role == claim.role,
            _delegations.c.substitute_id == claim.person,
            _substitutes.c.active,
            delegated(day),
            in_same_unit(_delegations.c.substitute_id, day),
        )
    )


def roles_of(connection: Connection, claim: Claim, day: datetime.date) -> list[Actor]:
    """Return the claim as the actors it may stand for on ``day``: one for each unit or bureau of the role.

    Raises NoSuchRole and NotTheSubstitute as ``actors`` does.
    """
    rows = connection.execute(_held, {"person": claim.holder, "role": claim.role}).all()
    return actors(connection, rows, claim, day)


def require_operator(connection: Connection, claim: Claim, day: datetime.date) -> None:
    """Raise NoSuchRole or NotTheirRole unless the claim is one of a city bureau or its operations."""
    roles_of(connection, claim, day)
    if claim.role not in CITY_ROLES:
        raise NotTheirRole(claim)


def holds(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition that the person holds the role they look in on ``day``."""
    return exists(_held_by(claim, day))


@_kept
def governs(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``cases`` that what goes wrong with a case concerns the claim.

    That is every case of a city bureau, drafts too, and for everyone else what they see.
    """
    if claim.role in CITY_ROLES:
        return _cases.c.bureau_id.in_(select(_held_by(claim, day).subquery("held_by_governor").c.bureau_id))
    return sees(claim, day)


@dataclass(frozen=True, slots=True)
class Watched:
    """Cases that somebody watches over: those of a city bureau, or of one of its districts only.

    With ``as_district`` it is the district itself that watches: what is between units and bureau is not its.
    """

    bureau: int
    district: int | None = None
    as_district: bool = False


def watched(connection: Connection, claim: Claim | None, day: datetime.date) -> list[Watched]:
    """Return whose cases the claim watches over on ``day``; every city bureau's where there is no claim.

    City roles watch over their bureau's submitted cases, districts over their own, nobody else over any.
    """
    if claim is None:
        cities = select(_bureaus.c.id).where(_bureaus.c.level == "city").order_by(_bureaus.c.id)
        return [Watched(bureau) for bureau in connection.execute(cities).scalars()]
    if claim.role not in WATCHING_ROLES:
        return []
    rows = connection.execute(_offices_of(claim, day))
    return [
        Watched(row.id) if row.parent_id is None else Watched(row.parent_id, row.id, as_district=True)
        for row in rows
    ]


@_kept
def _offices_of(claim: Claim, day: datetime.date) -> Select[Any]:
    """Return the query for the bureaus and districts of the claim's role."""
    held = _held_by(claim, day).subquery("held_by_watcher")
    return (
        select(_bureaus.c.id, _bureaus.c.parent_id)
        .where(_bureaus.c.id.in_(select(held.c.bureau_id)))
        .order_by(_bureaus.c.id)
    )


@_kept
def _held_by(claim: Claim, day: datetime.date) -> Select[Any]:
    """Return the query for the units of the claim's role: those handed over to who acts for another."""
    held = (
        select(_roles.c.bureau_id, _roles.c.organisation_id)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(
            _people.c.active,
            _roles.c.person_id == claim.holder,
            _roles.c.role == claim.role,
            in_force(day),
        )
    )
    if claim.on_behalf_of is None:
        return held
    return held.where(_roles.c.id.in_(_handed_over(claim, day)))


def managed(person_id: int, day: datetime.date) -> Select[Any]:
    """Return the query for the organisations whose people this person sees to."""
    return (
        select(_roles.c.organisation_id)
        .join(_people, _people.c.id == _roles.c.person_id)
        .where(
            _people.c.active,
            _roles.c.person_id == person_id,
            _roles.c.manages,
            _roles.c.organisation_id.is_not(None),
            in_force(day),
        )
    )


@_kept
def sees(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``cases`` that the claim may see a case.

    A city bureau sees its own from submission on, a district its own district's from submission on, an
    expert those that wait for the panel they sit on (nothing once the scores are closed), an applicant and a
    member unit their own; a unit that declined or was removed sees nothing any more, nor does anybody whose
    role has ended. A substitute sees what the absent one sees, in the role handed over.
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
        waiting = select(_work.c.subject_id).where(
            _work.c.person_id == claim.person, _work.c.role == "expert", _work.c.done_at.is_(None)
        )
        return and_(
            _cases.c.subject_id.in_(assigned),
            _cases.c.subject_id.in_(waiting),
            _cases.c.bureau_id.in_(bureaus),
        )
    return and_(_cases.c.submitted_at.is_not(None), _cases.c.bureau_id.in_(bureaus))


@_kept
def sees_entry(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``register_entries`` that the claim has to do with a filed consortium.

    A city bureau has with those it filed, a district with what it recommended, the lead unit and the
    members with their own: those that confirmed or joined by an approved change and have not left by one.
    The public register is everybody's.
    """
    held = _held_by(claim, day).subquery(f"held_by_{claim.role}_of_entries")
    units, bureaus = select(held.c.organisation_id), select(held.c.bureau_id)
    if claim.role == "applicant":
        return _entries.c.lead_id.in_(units)
    if claim.role == "member":
        return _entries.c.id.in_(belonging.entries_of(units))
    if claim.role == "district_officer":
        recommended = select(_cases.c.subject_id).where(_cases.c.district_id.in_(bureaus))
        return _entries.c.subject_id.in_(recommended)
    return _entries.c.bureau_id.in_(bureaus) if claim.role in CITY_ROLES else false()


SEEN_WITH_ENTRY: Final = ("entry", "evaluation", "revocation")
"""The kinds of matters that concern everybody who has to do with the entry."""


@_kept
def sees_matter(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``matters``, ``subjects`` and ``register_entries`` that one sees a matter.

    The entry itself, evaluations and revocations are seen by whoever sees the entry, an evaluation also by
    an expert while a review of theirs waits. A change is the lead unit's alone until it is handed in, then
    also the bureau's and that of every unit whose consent is needed. Claims and disqualifications are the
    lead unit's and the bureau's. A member that left sees what had ended by then, and what it was asked.
    """
    own = sees_entry(claim, day)
    of_entry = _matters.c.kind.in_(SEEN_WITH_ENTRY)
    if claim.role == "expert":
        held = _held_by(claim, day).subquery("held_by_expert_of_matters")
        waiting = select(_work.c.subject_id).where(
            _work.c.person_id == claim.person, _work.c.role == "expert", _work.c.done_at.is_(None)
        )
        return and_(
            of_entry,
            _matters.c.subject_id.in_(waiting),
            _matters.c.bureau_id.in_(select(held.c.bureau_id)),
        )
    if claim.role == "member":
        held = _held_by(claim, day).subquery("held_by_member_of_changes")
        units = select(held.c.organisation_id)
        asked = select(_consents.c.subject_id).where(_consents.c.organisation_id.in_(units))
        handed_in = and_(_matters.c.subject_id.in_(asked), _subjects.c.stage != "draft")
        return or_(and_(of_entry, or_(own, belonging.ended_before_leaving(units))), handed_in)
    if claim.role == "applicant":
        return own
    if claim.role == "district_officer":
        return and_(of_entry, own)
    return and_(own, or_(_matters.c.kind != "change", _subjects.c.stage != "draft"))


def runs_rounds(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``matters`` that the claim is of the city bureau that they belong to."""
    if claim.role not in CITY_ROLES:
        return false()
    held = _held_by(claim, day).subquery(f"held_by_{claim.role}_of_rounds")
    return _matters.c.bureau_id.in_(select(held.c.bureau_id))


@_kept
def reads(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``notices`` that the claim may read whom a notice told of what.

    A city bureau reads those of its cases and calls, everyone else only what is addressed to the holder of
    the role: who else was told is the bureau's to know.
    """
    own = and_(_notices.c.recipient_id == claim.holder, holds(claim, day))
    if claim.role not in CITY_ROLES:
        return own
    bureaus = select(_held_by(claim, day).subquery("held_by_reader").c.bureau_id)
    cases = select(_cases.c.subject_id).where(_cases.c.bureau_id.in_(bureaus))
    calls = select(_calls.c.subject_id).where(_calls.c.bureau_id.in_(bureaus))
    return or_(own, _notices.c.subject_id.in_(cases), _notices.c.subject_id.in_(calls))


TENDING: Final = ("administrator", "operations")
"""The roles that see to how the people of their city are told."""


def tends(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``people`` that the claim may set how somebody is told, and where.

    That is oneself, and for a city bureau's ``TENDING`` whoever holds no role of another city's authorities.
    Nobody sets it for the one they stand in for.
    """
    itself = and_(_people.c.id == (claim.person if claim.on_behalf_of is None else None), holds(claim, day))
    if claim.role not in TENDING:
        return itself
    ours = select(_held_by(claim, day).subquery("held_by_tender").c.bureau_id)
    theirs = _roles.alias("roles_of_the_told")
    authorities = _bureaus.alias("authorities_of_the_told")
    elsewhere = exists().where(
        theirs.c.person_id == _people.c.id,
        authorities.c.id == theirs.c.bureau_id,
        authorities.c.id.not_in(ours),
        or_(authorities.c.parent_id.is_(None), authorities.c.parent_id.not_in(ours)),
    )
    return or_(itself, and_(holds(claim, day), ~elsewhere))


def resends(claim: Claim, day: datetime.date) -> ColumnElement[bool]:
    """Return the condition on ``notices`` that the claim may have one sent again: of its own city's cases.

    What operations owe their own people, ``TENDING`` may have sent again.
    """
    bureaus = select(_held_by(claim, day).subquery("held_by_resender").c.bureau_id)
    cases = select(_cases.c.subject_id).where(_cases.c.bureau_id.in_(bureaus))
    calls = select(_calls.c.subject_id).where(_calls.c.bureau_id.in_(bureaus))
    of_ours = or_(_notices.c.subject_id.in_(cases), _notices.c.subject_id.in_(calls))
    if claim.role in TENDING:
        return or_(of_ours, _notices.c.subject_id.is_(None))
    return of_ours if claim.role in CITY_ROLES else false()


APPLYING: Final = ("applicant", "member")
"""The roles of those who apply."""

OF_THE_PANEL: Final = frozenset(
    {
        "panel_named",
        "panel_drawn",
        "conflict_declared",
        "expert_replaced",
        "scored",
        "scoring_closed",
        "objection_lodged",
    }
)
"""The kinds of events that name experts, scores or objectors: for the city bureau alone."""

SERVED: Final = frozenset(
    {
        "returned_for_correction",
        "declined",
        "rejected",
        "papers_refused",
        "late_papers_accepted",
        "deadline_extended",
        "deadline_suspended",
        "deadline_resumed",
        "deadline_passed",
        "deadline_lapsed",
        "calendar_changed",
        "filed",
    }
)
"""The kinds of events whose reasons are served on those who apply."""


OFFICIAL: Final = SERVED | {
    "papers_delivered",
    "review_passed",
    "visit_scheduled",
    "visit_recorded",
    "case_selected",
    "case_passed_over",
    "case_published",
    "case_republished",
    "case_struck",
    "objection_decided",
}
"""The kinds of the city bureau's events that everybody of the case is told of."""


def hears(claim: Claim, kind: str, by: str) -> bool:
    """Return whether somebody who sees a case is told of an event of this kind, done in the role ``by``.

    Outside the city bureau that is what the applying side, the district and the program did, and of the
    bureau's own acts the official ones: what is not named here stays inside.
    """
    if claim.role in CITY_ROLES:
        return True
    outside = by in (*APPLYING, "district_officer", "system")
    return kind in OFFICIAL or (outside and kind not in OF_THE_PANEL)


def is_told_why(claim: Claim, kind: str, by: str) -> bool:
    """Return whether they are told the particulars of an event done in the role ``by``, and who did it.

    Those who apply are told what their own side did, and of the authorities' acts what is served on them.
    """
    return claim.role not in APPLYING or by in (*APPLYING, "system") or kind in SERVED
