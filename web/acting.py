"""Acts from a page: asked for once a form, on the version that was looked at, and refused in words."""

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from casework import acts, case_view, clock, wording
from casework.acts import Receipt, Request
from casework.case_view import CaseView
from casework.happened import Told
from deployments.poke import poke
from models.database import reading
from procedure.act import Refusal
from web.page import Page
from web.visitor import Desk, Form

Target = Callable[[str], str | None]
"""Where on the page something is that a refusal names: the id of an element, or None."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was not done: the sentence, the details with where they are, and what to do next.

    ``changes`` is what happened meanwhile, where the page had gone stale.
    """

    says: str
    links: tuple[tuple[str | None, str], ...]
    next_step: str
    clause: str | None
    changes: tuple[Told, ...] = ()


def fresh_key() -> str:
    """Return a key for a form: what is sent from it twice is done once."""
    return secrets.token_urlsafe(12)


def perform(desk: Desk, case_id: int, act: str, payload: Mapping[str, Any], form: Form) -> Receipt | Refusal:
    """Do an act as the form asks for it; another content of the same form is another act."""
    given = form.given("key")
    content = hashlib.sha256(orjson.dumps(dict(payload), option=orjson.OPT_SORT_KEYS)).hexdigest()
    key = f"{given[:100]}:{content[:16]}" if given is not None and given.isprintable() else None
    return request(desk, case_id, act, payload, key, form.number("version"))


def request(
    desk: Desk, case_id: int, act: str, payload: Mapping[str, Any], key: str | None, version: int | None
) -> Receipt | Refusal:
    """Do an act, received when its request came in, and wake what follows from it."""
    engine = desk.page.portal.engine
    with reading(engine) as connection:
        story = clock.is_story(connection)
    received_at = None if story else desk.page.request.state.received_at
    answer = acts.perform(engine, Request(case_id, act, desk.claim, payload, key, version, received_at))
    if isinstance(answer, Receipt) and os.environ.get("PREFECT_API_URL"):
        poke("recommendation")
        poke("notices")
    return answer


def problem(
    desk: Desk,
    view: CaseView | None,
    refusal: Refusal,
    target: Target = lambda _: None,
) -> Problem:
    """Put a refusal into words for the page, with links to the fields it names."""
    page = desk.page
    stands = None if view is None else view.stands
    said = wording.word(
        refusal,
        page.language,
        None if stands is None else stands.procedure,
        None if stands is None else stands.subject,
    )
    named = _named(refusal)
    links = tuple(
        (target(named[at]) if at < len(named) else None, detail) for at, detail in enumerate(said.details)
    )
    changes: tuple[Told, ...] = ()
    if refusal.code == "stale_version" and view is not None:
        with reading(page.portal.engine) as connection:
            changes = case_view.changes(
                connection, view.id, refusal.facts["expected"], desk.claim, page.language
            )
    return Problem(said.says, links, said.next_step, said.clause, changes)


def _named(refusal: Refusal) -> list[str]:
    """Return what the details of a refusal are about, one each."""
    facts = refusal.facts
    match refusal.code:
        case "bad_fields" | "bad_particulars":
            return [str(each["field"]) for each in facts["problems"]]
        case "incomplete":
            return [str(each) for each in facts["missing"]]
        case "copies_missing":
            return [str(each) for each in facts["copies"]]
        case _:
            return []


def done(page: Page) -> str | None:
    """Return what was just done, as the address says, in words; None for anything else in its place."""
    act = page.request.query_params.get("done", "")
    known = page.terms().table["acts"]
    return page.say("case.done", act=known[act]) if act in known else None
