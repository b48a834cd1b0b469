"""Acts from a page: asked for once a form, on the version that was looked at, and refused in words."""

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import orjson
import pendulum

from casework import acts, case_view, clock, wording
from casework.access import Claim
from casework.acts import Receipt, Request
from casework.happened import Told
from casework.standing import Standing
from deployments.poke import poke
from models.database import reading
from procedure.act import Refusal
from web.page import Page
from web.visitor import Desk, Form

Target = Callable[[str], str | None]
"""Where on the page something is that a refusal names: the id of an element, or None."""


class AtHand(Protocol):
    """A case or a call that a page is about, as it stands."""

    @property
    def id(self) -> int:
        """The subject's id."""
        ...

    @property
    def stands(self) -> Standing:
        """Where it stands."""
        ...


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


def in_role(desk: Desk, role: str) -> Desk:
    """Return the desk of the same person in another role that they hold."""
    return replace(desk, claim=Claim(desk.viewer.person, role))


def perform(desk: Desk, case_id: int, act: str, payload: Mapping[str, Any], form: Form) -> Receipt | Refusal:
    """Do an act as the form asks for it; another content of the same form is another act."""
    return request(desk, case_id, act, payload, key_of(form, payload), form.number("version"))


def key_of(form: Form, payload: Mapping[str, Any]) -> str | None:
    """Return the key of what a form asks for: the same for the same content sent from it again."""
    given = form.given("key")
    content = hashlib.sha256(orjson.dumps(dict(payload), option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"{given[:100]}:{content[:16]}" if given is not None and given.isprintable() else None


def wake(lane: str = "recommendation") -> None:
    """Wake the lanes that have to follow an act, where there are any; the schedule does without."""
    if os.environ.get("PREFECT_API_URL"):
        poke(lane)
        poke("notices")


def received_at(desk: Desk) -> pendulum.DateTime | None:
    """Return when the request came in, which is when its act counts; None in a story, whose clock counts."""
    with reading(desk.page.portal.engine) as connection:
        story = clock.is_story(connection)
    return None if story else desk.page.request.state.received_at


def request(
    desk: Desk, case_id: int, act: str, payload: Mapping[str, Any], key: str | None, version: int | None
) -> Receipt | Refusal:
    """Do an act, received when its request came in, and wake what follows from it."""
    wanted = Request(case_id, act, desk.claim, payload, key, version, received_at(desk))
    answer = acts.perform(desk.page.portal.engine, wanted)
    if isinstance(answer, Receipt):
        wake()
    return answer


def problem(
    desk: Desk,
    view: AtHand | None,
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
    named_field = None if links else _field(refusal)
    if named_field is not None:
        links = ((target(named_field), page.terms().particular(named_field.partition("-")[0])),)
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
        case "not_claimable":
            return [ABOUT.get(facts["reason"], "measure")]
        case "targets_unanswered":
            return [str(each) for each in facts["targets"]]
        case "copies_missing":
            return [str(each) for each in facts["copies"]]
        case _:
            return []


FIELDS: Final = {
    "document_number_missing": "document_number",
    "experts_or_third_party": "third_party",
    "grade_does_not_fit": "grade",
    "new_lead_is_no_member": "lead",
    "no_amount": "amount",
    "no_ground_to_recover": "cause",
    "no_such_member": "leaves",
    "nobody_known": "uscc",
    "nobody_moves": "joins",
    "over_what_is_left": "amount",
    "unit_or_person": "uscc",
    "unknown_experts": "experts",
    "invalid_uscc": "joins",
    "unknown_unit": "joins",
    "already_a_member": "joins",
}
"""What a refusal is about that names no field among its facts."""


ABOUT: Final = {
    "not_nominated": "object",
    "not_the_stated_amount": "amount",
    "object_missing": "object",
    "over_the_limit": "amount",
    "under_the_least": "amount",
    "wrong_beneficiary": "beneficiary",
    "wrong_year": "year",
}
"""Which particular of a claim a reason against it is about."""


def _field(refusal: Refusal) -> str | None:
    if refusal.code == "contents_missing":
        return f"contents-{refusal.facts['contents'][0]}"
    field = refusal.facts.get("field")
    return field if isinstance(field, str) else FIELDS.get(refusal.code)


def done(page: Page) -> str | None:
    """Return what was just done, as the address says, in words; None for anything else in its place."""
    act = page.request.query_params.get("done", "")
    known = page.terms().table["acts"]
    return page.say("case.done", act=known[act]) if act in known else None
