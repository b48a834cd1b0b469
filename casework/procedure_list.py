"""A bureau's procedures, revision by revision: the published ones, and those that ship but are not yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from casework import access, clock, loading, migration, procedures, revisions
from casework.access import Claim
from casework.migration import Plan, Wanted
from casework.public import CallCard
from casework.revisions import Published
from procedure.act import Refusal
from procedure.check import check
from procedure.definition import Procedure
from procedure.instant import day_of
from procedure.pack import shipped, shipped_codes
from procedure.proofs.flaw import Flaw

HASH: Final = 12
"""So many characters of a revision's hash name it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision that a bureau may read: published, or shipped and not published yet (``id`` is None)."""

    id: int | None
    hash: str
    procedure: Procedure
    published: Published | None

    @property
    def name(self) -> str:
        """What it goes by in an address."""
        return self.hash[:HASH]

    @property
    def findings(self) -> Sequence[Flaw]:
        """What its check finds: flaws, with which it cannot be published, and remarks."""
        return check(self.procedure)

    @property
    def flawed(self) -> bool:
        """Whether it cannot be published."""
        return any(each.severity == "flaw" for each in self.findings)


def readable(connection: Connection, claim: Claim) -> list[Revision]:
    """Return the revisions of the procedures of the claim's bureaus, newest first, unpublished ones before.

    Raises NoSuchRole as ``access.roles_of`` does.
    """
    day = day_of(clock.now(connection))
    bureaus = {actor.bureau for actor in access.roles_of(connection, claim, day)}
    known = [
        Revision(each.id, each.content_hash, procedures.of_revision(connection, each.id), each)
        for each in revisions.published(connection)
    ]
    hashes = {each.hash for each in known}
    packs = [shipped(code) for code in shipped_codes()]
    fresh = [
        Revision(None, pack.content_hash, pack.procedure, None)
        for pack in packs
        if pack.content_hash not in hashes
    ]
    return [each for each in (*fresh, *known) if each.procedure.bureau.code in bureaus]


def named(known: Iterable[Revision], name: str) -> Revision | None:
    """Return the revision whose hash begins with ``name``, of at least ``HASH`` characters; None for none."""
    found = [each for each in known if each.hash.startswith(name)] if len(name) >= HASH else []
    return found[0] if len(found) == 1 else None


def before(known: Sequence[Revision], revision: Revision) -> Revision | None:
    """Return the revision of the same procedure that was the newest before this one."""
    same = [each for each in known if each.procedure.code == revision.procedure.code]
    return next(iter(same[same.index(revision) + 1 :]), None)


def publish(connection: Connection, revision: Revision, person: int) -> None:
    """Publish a revision that ships: calls can then be announced under it."""
    procedures.publish(connection, shipped(revision.procedure.code), clock.now(connection), person)


def tried(
    connection: Connection, calls: Iterable[CallCard], revision: Revision
) -> list[tuple[str, Plan | Refusal]]:
    """Return by code what moving each open call of the procedure to a published revision would do.

    Nothing is moved, and to what is not published nothing can be.
    """
    if revision.id is None:
        return []
    found: list[tuple[str, Plan | Refusal]] = []
    for card in calls:
        call = loading.one(connection, card.id)
        if call.subject.outcome is None and call.procedure.code == revision.procedure.code:
            found.append((card.code, migration.plan(connection, Wanted(card.id, revision.id, {}))))
    return found
