"""Who calls: the token a program bears, what it may do, and how often."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Connection

from casework import api_tokens, clock, matter_list, work_list
from casework.access import CITY_ROLES, WATCHING_ROLES, Claim
from casework.loading import NoSuchSubject
from casework.matter_list import MatterView
from models.database import reading
from procedure.instant import day_of
from web.api.problem import plain
from web.cases import BUREAU_ROLES
from web.page import Portal

_bearer = HTTPBearer(auto_error=False, description="A token made at /account or by `beian party token`.")


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that does as a person in one role."""

    request: Request
    portal: Portal
    claim: Claim
    may_act: bool

    def case(self, connection: Connection, bureau: str, number: str) -> int:
        """Return the id of a case that the caller sees; what it does not see is not there."""
        try:
            return work_list.find(connection, self.claim, bureau, number)
        except NoSuchSubject:
            raise plain(404, "not_found") from None

    def matter(self, connection: Connection, bureau: str, number: str) -> MatterView:
        """Return a matter after filing, or an entry, that the caller sees; any other is not there."""
        try:
            return matter_list.view(connection, [self.claim], bureau, number)
        except NoSuchSubject:
            raise plain(404, "not_found") from None


def portal_of(request: Request) -> Portal:
    """Return what the portal works with, for those who need no token; how often they ask is counted."""
    host = "" if request.client is None else request.client.host
    if not request.app.state.public_pace.allows(host):
        raise plain(429, "too_many")
    portal: Portal = request.app.state.portal
    return portal


def caller(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Caller:
    """Return who calls; raises a problem where the token is none that works."""
    portal: Portal = request.app.state.portal
    found = None
    if given is not None:
        with reading(portal.engine) as connection:
            day = day_of(clock.now(connection))
            found = api_tokens.bearer(portal.engine, connection, given.credentials, clock.present(None), day)
    if found is None:
        portal_of(request)
        raise plain(401, "no_token")
    if not request.app.state.pace.allows(str(found.token)):
        raise plain(429, "too_many")
    return Caller(request, portal, found.claim, found.may_act)


def acting_caller(caller: Annotated[Caller, Depends(caller)]) -> Caller:
    """Return who calls, if their token may act."""
    if not caller.may_act:
        raise plain(403, "scope", needs="act")
    return caller


def city_caller(caller: Annotated[Caller, Depends(caller)]) -> Caller:
    """Return who calls, if they are of the city bureau."""
    if caller.claim.role not in CITY_ROLES:
        raise plain(403, "role", needs=list(CITY_ROLES))
    return caller


def watching_caller(caller: Annotated[Caller, Depends(caller)]) -> Caller:
    """Return who calls, if they watch over what is stuck."""
    if caller.claim.role not in WATCHING_ROLES:
        raise plain(403, "role", needs=list(WATCHING_ROLES))
    return caller


def bureau_caller(caller: Annotated[Caller, Depends(caller)]) -> Caller:
    """Return who calls, if they have the bureau's desk: of the city bureau all but operations."""
    if caller.claim.role not in BUREAU_ROLES:
        raise plain(403, "role", needs=list(BUREAU_ROLES))
    return caller


def district_caller(caller: Annotated[Caller, Depends(caller)]) -> Caller:
    """Return who calls, if they are of a recommending unit."""
    if caller.claim.role != "district_officer":
        raise plain(403, "role", needs=["district_officer"])
    return caller


Public = Annotated[Portal, Depends(portal_of)]
"""Anybody."""

Reader = Annotated[Caller, Depends(caller)]
"""Whoever bears a token."""

Actor = Annotated[Caller, Depends(acting_caller)]
"""Whoever bears a token that may act."""

City = Annotated[Caller, Depends(city_caller)]
"""The city bureau."""

Watcher = Annotated[Caller, Depends(watching_caller)]
"""The city bureau, or a recommending unit."""

District = Annotated[Caller, Depends(district_caller)]
"""A recommending unit."""

Bureau = Annotated[Caller, Depends(bureau_caller)]
"""Whoever has the bureau's desk."""
