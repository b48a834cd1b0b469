"""What everybody has who is signed in: a search over all they see, their acts, notices, and absences."""

from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Query, Response

from casework import own_acts, preferences, review, work_list
from casework.access import Claim
from casework.choices import EVERYTHING, ChannelName, Choice
from casework.preferences import ServedInPerson, UnknownKind
from models.database import reading, writing
from notifications.secret import NoKey
from notifications.settings import BadAddress, ChannelSettings
from procedure.fault import fault_of
from web.errors import no_such_page
from web.paging import Paging
from web.visitor import DESKS, Desk, Posted, SignedInDesk, claims

router = APIRouter()

FOUND: Final = 20
"""How many cases a search shows of each role."""

LINES: Final = 50
"""How many of one's acts a page shows."""

CASES_AT: Final = {**DESKS, "operations": "operations/cases"}
"""Where each role opens the cases that it finds."""

CHANNELS: Final = get_args(ChannelName)
"""The channels that can be chosen."""

WITH_ADDRESS: Final = tuple(name for name in CHANNELS if name not in ("email", "sms"))
"""The channels whose addresses people enter themselves; the others stand with the person."""


@router.get("/search")
def search(desk: SignedInDesk, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Find cases by number, unit or direction, in every role that one holds: only what the role sees."""
    asked = q.strip()
    groups: list[dict[str, Any]] = []
    if asked:
        with reading(desk.page.portal.engine) as connection:
            for claim in claims(desk, CASES_AT):
                found = _found(connection, claim, asked)
                if found:
                    groups.append({"role": claim.role, "desk": CASES_AT[claim.role], "lines": found})
    return desk.page.answer("own/search.html", q=asked, groups=groups)


def _found(connection: Any, claim: Claim, asked: str) -> list[Any]:
    if claim.role != "expert":
        return work_list.lines(connection, claim, search=asked, limit=FOUND)
    # Whose a case is must not be found out by searching for it either.
    text = asked.casefold()
    return [
        each.line
        for each in review.lines(connection, claim)
        if any(text in part.casefold() for part in (each.line.number, each.line.direction, each.lead or ""))
    ]


@router.get("/account/acts")
def acts(desk: SignedInDesk, number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1) -> Response:
    """Show what one did oneself, and for whom."""
    with reading(desk.page.portal.engine) as connection:
        paging = Paging(number, LINES, own_acts.size(connection, desk.viewer.person))
        lines = own_acts.lines(connection, desk.viewer.person, LINES, paging.offset)
    return desk.page.answer("own/acts.html", lines=lines, paging=paging)


@router.get("/account/notices")
def notices(desk: SignedInDesk, kind: Annotated[str, Query(max_length=100)] = EVERYTHING) -> Response:
    """Show how one is told of what, with the form for one kind."""
    return _notices(desk, kind)


@router.post("/account/notices/choice")
def choose(desk: SignedInDesk, form: Posted) -> Response:
    """Note how one wishes to be told of one kind of notice, or of all others."""
    kind, channel = form.text("kind"), form.text("channel")
    wanted: dict[str, Any] = {}
    if channel in CHANNELS or channel == "none":
        wanted["channels"] = list[str]() if channel == "none" else [channel]
    if form.text("language") in ("zh", "en"):
        wanted["language"] = form.text("language")
    if form.text("manner") in ("digest", "at_once"):
        wanted["digest"] = form.text("manner") == "digest"
    choice = Choice.model_validate(wanted)
    chosen = None if choice == Choice() else choice
    try:
        with writing(desk.page.portal.engine) as connection:
            preferences.choose(connection, desk.viewer.person, kind, chosen, desk.claim)
    except UnknownKind:
        raise no_such_page() from None
    except ServedInPerson:
        return _notices(desk, kind, {"channel": desk.page.say("told.is_served")})
    return desk.page.go("/account/notices", done="told")


@router.post("/account/addresses")
def reach(desk: SignedInDesk, form: Posted) -> Response:
    """Enter or drop where one is reached by a channel."""
    channel = form.text("channel")
    if channel not in WITH_ADDRESS:
        raise no_such_page()
    try:
        with writing(desk.page.portal.engine) as connection:
            address = form.given("address")
            preferences.reach(connection, desk.viewer.person, channel, address, ChannelSettings(), desk.claim)
    except BadAddress as error:
        says = desk.page.say("told.bad_address", why=fault_of(error).of(desk.page.language))
        return _notices(desk, EVERYTHING, {f"address-{channel}": says})
    except NoKey:
        return _notices(desk, EVERYTHING, {f"address-{channel}": desk.page.say("told.no_key")})
    return desk.page.go("/account/notices", done="address")


def _notices(desk: Desk, kind: str, problems: dict[str, str] | None = None) -> Response:
    page = desk.page
    with reading(page.portal.engine) as connection:
        known = preferences.kinds(connection)
        titles = preferences.titles(connection, page.language)
        chosen = preferences.chosen(connection, desk.viewer.person)
        reached = preferences.reached(connection, desk.viewer.person)
    if kind != EVERYTHING and kind not in known:
        raise no_such_page()
    done = page.request.query_params.get("done")
    return page.answer(
        "own/notices.html",
        status=422 if problems else 200,
        kind=kind,
        everything=EVERYTHING,
        kinds=sorted(((name, titles.get(name, name)) for name in known), key=lambda each: each[1]),
        titles=titles,
        served=known,
        chosen=chosen,
        now=chosen.get(kind, Choice()),
        channels=CHANNELS,
        with_address=WITH_ADDRESS,
        reached=reached,
        problems=problems or {},
        done=page.say(f"told.done_{done}") if done in ("told", "address") else None,
    )
