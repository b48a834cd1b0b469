"""Published packs: each revision is kept whole, under the hash of its content."""

from functools import lru_cache

import pendulum
from sqlalchemy import Connection, exists, insert, select

from models import Revision, Subject
from procedure.definition import Procedure
from procedure.pack import Pack, load_texts

_revisions = Revision.__table__
_subjects = Subject.__table__


def publish(connection: Connection, pack: Pack, now: pendulum.DateTime, person: int | None = None) -> int:
    """Store ``pack`` as a revision and return its id; the same content is stored once."""
    known = connection.execute(
        select(_revisions.c.id).where(_revisions.c.content_hash == pack.content_hash)
    ).scalar()
    if known is not None:
        return int(known)
    return int(
        connection.execute(
            insert(_revisions)
            .values(
                code=pack.procedure.code,
                content_hash=pack.content_hash,
                content=dict(pack.files),
                published_at=now,
                published_by=person,
            )
            .returning(_revisions.c.id)
        ).scalar_one()
    )


def of_revision(connection: Connection, revision_id: int) -> Procedure:
    """Return the procedure of a published revision; raises KeyError for an unknown one."""
    row = connection.execute(select(_revisions.c.content_hash).where(_revisions.c.id == revision_id)).scalar()
    if row is None:
        raise KeyError(revision_id)
    if row not in _BY_HASH:
        content = connection.execute(
            select(_revisions.c.content).where(_revisions.c.id == revision_id)
        ).scalar_one()
        _BY_HASH[row] = _load(tuple(sorted(content.items())))
    return _BY_HASH[row]


def by_hash(connection: Connection, content_hash: str) -> Procedure:
    """Return the procedure of the revision with this hash, read once per process."""
    if content_hash not in _BY_HASH:
        content = connection.execute(
            select(_revisions.c.content).where(_revisions.c.content_hash == content_hash)
        ).scalar_one()
        _BY_HASH[content_hash] = _load(tuple(sorted(content.items())))
    return _BY_HASH[content_hash]


def read_in_use(connection: Connection) -> None:
    """Read the procedures that anything open follows, before they are asked for."""
    followed = exists().where(_subjects.c.revision_id == _revisions.c.id, _subjects.c.outcome.is_(None))
    for revision in connection.execute(select(_revisions.c.id).where(followed)).scalars().all():
        of_revision(connection, revision)


def latest(connection: Connection, code: str) -> int | None:
    """Return the id of the pack's newest revision."""
    return connection.execute(
        select(_revisions.c.id)
        .where(_revisions.c.code == code)
        .order_by(_revisions.c.published_at.desc(), _revisions.c.id.desc())
        .limit(1)
    ).scalar()


_BY_HASH: dict[str, Procedure] = {}


@lru_cache(maxsize=64)
def _load(files: tuple[tuple[str, str], ...]) -> Procedure:
    return load_texts(dict(files)).procedure
