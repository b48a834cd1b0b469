"""Being told instead of asking: a program's webhook, what was sent to it, and hearing that again."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection, select

from casework import clock, preferences, resending
from casework.access import Claim
from casework.choices import Choice
from casework.preferences import ServedInPerson, UnknownKind
from models import Case, Notice
from models.database import reading, writing
from notifications.secret import NoKey
from notifications.settings import BadAddress, ChannelSettings
from procedure.fault import fault_of
from web.api import cursor, webhook_shapes
from web.api.caller import Actor, Caller, Reader
from web.api.problem import answered, plain

router = APIRouter(prefix="/webhook", tags=["webhook"])

_notices = Notice.__table__
_cases = Case.__table__

CHANNEL = "webhook"


def _self(caller: Caller) -> Claim:
    """Return the caller's person at no desk in particular: how one is told is one's own matter."""
    if caller.claim.on_behalf_of is not None:
        raise plain(403, "on_behalf")
    return Claim(caller.claim.person, "")


@router.get("", responses=answered())
def registered(caller: Reader) -> webhook_shapes.Registered:
    """Tell whether the token's person has a webhook."""
    with reading(caller.portal.engine) as connection:
        found = preferences.reached(connection, caller.claim.person)
    return webhook_shapes.Registered(registered=CHANNEL in found.channels)


@router.put("", responses=answered(409))
def register(caller: Actor, wanted: webhook_shapes.Webhook) -> webhook_shapes.SigningKey:
    """Register a webhook in the place of the one before, for the kinds of notice that are to go there."""
    person, claim, settings = caller.claim.person, _self(caller), ChannelSettings()
    if CHANNEL not in settings.channels:
        raise plain(409, "webhooks_not_set_up")
    try:
        with writing(caller.portal.engine) as connection:
            preferences.reach(connection, person, CHANNEL, wanted.url, settings, claim)
            for kind in wanted.kinds:
                preferences.choose(connection, person, kind, Choice(channels=(CHANNEL,)), claim)
    except BadAddress as error:
        raise plain(422, "bad_address", why=fault_of(error)) from None
    except (UnknownKind, ServedInPerson) as error:
        raise plain(422, "bad_kind", kind=error.kind) from None
    return webhook_shapes.SigningKey(key=settings.signing_key(wanted.url))


@router.delete("", status_code=204, responses=answered(409))
def forget(caller: Actor) -> None:
    """Forget the webhook; what goes there by choice goes by e-mail again."""
    settings = ChannelSettings()
    try:
        with writing(caller.portal.engine) as connection:
            preferences.reach(connection, caller.claim.person, CHANNEL, None, settings, _self(caller))
    except NoKey:
        raise plain(409, "webhooks_not_set_up") from None


@router.get("/deliveries", responses=answered())
def deliveries(
    caller: Reader, after: cursor.After = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> webhook_shapes.Deliveries:
    """List what was or is to be sent to the webhook, in the order in which it was owed."""
    at = cursor.read(after)
    with reading(caller.portal.engine) as connection:
        found = _told(connection, caller.claim.person, at, limit + 1)
    more = found[limit - 1].number if len(found) > limit else None
    return webhook_shapes.Deliveries(
        deliveries=found[:limit], next=None if more is None else cursor.write(more)
    )


@router.post("/deliveries/replay", responses=answered())
def replay(caller: Actor, wanted: webhook_shapes.Replay) -> webhook_shapes.Replayed:
    """Have messages come once more, with the ids that they had; those that have not left yet come anyway."""
    _self(caller)
    with writing(caller.portal.engine) as connection:
        numbers = resending.replay(connection, caller.claim.person, wanted.numbers, clock.now(connection))
    return webhook_shapes.Replayed(numbers=numbers)


def _told(connection: Connection, person: int, after: int, limit: int) -> list[webhook_shapes.Told]:
    rows = connection.execute(
        select(_notices, _cases.c.number)
        .outerjoin(_cases, _cases.c.subject_id == _notices.c.subject_id)
        .where(_notices.c.recipient_id == person, _notices.c.channel == CHANNEL, _notices.c.id > after)
        .order_by(_notices.c.id)
        .limit(limit)
    )
    return [
        webhook_shapes.Told(
            number=row.id,
            id=row.message_id.strip("<>"),
            case=row.number,
            text=row.text,
            state=row.state,
            owed_at=row.created_at,
            sent_at=row.sent_at,
            attempts=row.attempts,
        )
        for row in rows
    ]
