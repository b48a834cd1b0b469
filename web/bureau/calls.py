"""The bureau's calls: where their cases stand, the ranked selection, the published lists and objections."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Response

from casework import case_view, facts, publicity
from casework.public import CallCard
from casework.publicity import PublishedVersion
from casework.standing import Standing, standing
from models.database import reading
from procedure import written
from procedure.act import Child
from procedure.acts.selection import places
from procedure.definition import StageKind
from web import acting
from web.act_inputs import ActForm, Input, Option, sent
from web.acting import Problem
from web.bureau.work import calls_of
from web.cases import BUREAU_ROLES, BureauDesk
from web.doing import Matter, do
from web.errors import no_such_page
from web.visitor import Desk, Form, Posted

router = APIRouter(prefix="/bureau/calls")

ACTS: Final = ("select", "publish_list", "change_list", "complete")
"""What the bureau does to a call, in the order in which its page offers it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A call as its page shows it: where it stands, its cases by number, and its lists."""

    card: CallCard
    stands: Standing
    children: Mapping[str, Child]
    lists: tuple[PublishedVersion, ...]

    @property
    def matter(self) -> Matter:
        """The call as what an act is done to."""
        home = f"/bureau/calls/{self.card.bureau}/{quote(self.card.code)}"
        return Matter(self.card.id, self.stands, home, self.card.code)

    def waiting(self, kind: StageKind) -> dict[str, Child]:
        """Return the open cases that stand at a stage of this kind."""
        at = {stage.id for stage in self.stands.procedure.application.stages if stage.kind is kind}
        return {
            ref: child for ref, child in self.children.items() if child.outcome is None and child.stage in at
        }


def call_of(desk: Desk, bureau: str, code: str) -> Shown:
    """Return a call of the visitor's bureau; any other is not there."""
    with reading(desk.page.portal.engine) as connection:
        mine = calls_of(connection, desk.claim)
        card = next((each for each in mine if (each.bureau, each.code) == (bureau, code)), None)
        if card is None:
            raise no_such_page()
        stands = standing(connection, card.id)
        children = facts.children(connection, stands.loaded, kept=False)
        return Shown(card, stands, children, tuple(publicity.lists(connection, card.id)))


@router.get("")
def calls(desk: BureauDesk) -> Response:
    """Show the bureau's calls and how far they are."""
    with reading(desk.page.portal.engine) as connection:
        cards = calls_of(connection, desk.claim)
        places = {card.id: standing(connection, card.id).place(desk.page.language) for card in cards}
    return desk.page.answer("bureau/calls.html", cards=cards, places=places, may_open=_may_open(desk))


def _may_open(desk: Desk) -> bool:
    return "administrator" in desk.viewer.roles


@router.get("/{bureau}/{code}")
def call(desk: BureauDesk, bureau: str, code: str) -> Response:
    """Show one call with what can be done to it."""
    return _page(desk, call_of(desk, bureau, code))


@router.post("/{bureau}/{code}/{act}")
def act(desk: BureauDesk, form: Posted, bureau: str, code: str, act: str) -> Response:
    """Do one of the acts on a call, or show beforehand what it would do."""
    if act not in ACTS:
        raise no_such_page()
    shown = call_of(desk, bureau, code)
    offer = _form(desk, shown, act, _may(desk, shown))
    return do(
        desk,
        shown.matter,
        offer,
        form,
        lambda problem: _page(desk, call_of(desk, bureau, code), problem, act, form),
    )


def _may(desk: Desk, shown: Shown) -> dict[str, str]:
    found: dict[str, str] = {}
    for role in (role for role in BUREAU_ROLES if role in desk.viewer.roles):
        for name in case_view.allowed(shown.stands, role):
            found.setdefault(name, role)
    return found


def _page(
    desk: Desk, shown: Shown, problem: Problem | None = None, failed: str = "", form: Form | None = None
) -> Response:
    page, stands = desk.page, shown.stands
    may = _may(desk, shown)
    offered = [_form(desk, shown, act, may) for act in ACTS if act in may and _makes_sense(shown, act)]
    life, language = stands.procedure.application, page.language
    counts = Counter(child.outcome or child.stage for child in shown.children.values())
    titles = {each.id: each.title.of(language) for each in (*life.stages, *life.outcomes)}
    chosen = {} if form is None else dict(sent(form))
    return page.answer(
        "bureau/call.html",
        status=422 if problem else 200,
        card=shown.card,
        stands=stands,
        subject=stands.subject,
        place=stands.place(language),
        terms=page.terms(stands.procedure),
        now=stands.loaded.now,
        home=shown.matter.home,
        key=acting.fresh_key(),
        version=stands.subject.version - len(stands.pending),
        problem=problem,
        done=acting.done(page),
        offered=[each for each in offered if each.can_be_given],
        means={each: page.has(f"means.{each}") for each in ACTS},
        failed=failed,
        chosen=chosen,
        typed={name: values[-1] for name, values in chosen.items() if values},
        dates=[
            (stands.procedure.dates[name].title.of(language), written.when(at, language))
            for name, at in stands.subject.dates.items()
        ],
        counts=[(name, title, counts[name]) for name, title in titles.items() if counts[name]],
        stages={stage.id for stage in life.stages},
        filing=len(files(shown)),
        to_hear=len(shown.waiting(StageKind.DEFENCE)),
        lists=shown.lists,
        may_open=_may_open(desk),
        objected=[line for each in shown.lists for line in each.lines if line.held],
    )


def files(shown: Shown) -> dict[str, Child]:
    """Return the cases that can be filed now, in the order of the list: so their numbers will follow it."""
    life = shown.stands.procedure.application
    at = {stage.id for stage in life.stages if "file" in stage.acts}
    order = dict.fromkeys((*shown.stands.subject.call.selected, *shown.children))
    return {
        ref: child
        for ref in order
        if (child := shown.children.get(ref)) is not None and not child.outcome and child.stage in at
    }


def _makes_sense(shown: Shown, act: str) -> bool:
    match act:
        case "select":
            return bool(shown.waiting(StageKind.SELECTION))
        case "publish_list":
            return bool(_ready(shown))
        case "change_list":
            return bool(shown.lists)
        case _:
            return all(child.outcome for child in shown.children.values())


def _form(desk: Desk, shown: Shown, act: str, may: Mapping[str, str]) -> ActForm:
    inputs = _INPUTS[act](desk, shown)
    return ActForm(act, may.get(act, desk.claim.role), tuple(inputs), final=True)


def _case(desk: Desk, ref: str, child: Child) -> Option:
    note = "" if child.mean is None else desk.page.say("bureau.mean", mean=written.points(child.mean))
    return Option(ref, f"{ref} · {child.lead_name}", f"{child.direction} {note}".strip())


def _selection(desk: Desk, shown: Shown) -> list[Input]:
    page, procedure = desk.page, shown.stands.procedure
    waiting = shown.waiting(StageKind.SELECTION)
    ranked = sorted(waiting, key=lambda ref: (-1 if (mean := waiting[ref].mean) is None else -mean, ref))
    left = places(procedure, shown.stands.subject.call, shown.children)
    cases = Input(
        "cases",
        "places",
        page.say("bureau.ranking"),
        tuple(_case(desk, ref, waiting[ref]) for ref in ranked),
        page.say("bureau.ranking_hint"),
        line=None if left is None else left[0],
    )
    reason = Input("reason", "text", page.say("bureau.selection_reason"), optional=True)
    if procedure.intake == "batch":
        return [cases, reason]
    out = Input("pass_over", "many", page.say("bureau.pass_over"), cases.options)
    return [cases, out, reason]


def _ready(shown: Shown) -> dict[str, Child]:
    life = shown.stands.procedure.application
    at = {stage.id for stage in life.stages if "be_published" in stage.acts}
    return {
        ref: shown.children[ref]
        for ref in dict.fromkeys(shown.stands.subject.call.selected)
        if ref in shown.children and not shown.children[ref].outcome and shown.children[ref].stage in at
    }


def _publication(desk: Desk, shown: Shown) -> list[Input]:
    page, terms = desk.page, desk.page.terms()
    options = tuple(_case(desk, ref, child) for ref, child in _ready(shown).items())
    return [
        Input("document_number", "line", page.say("bureau.publicity_document")),
        Input("title", "line", terms.term("fields", "title"), optional=True),
        Input(
            "cases",
            "many",
            page.say("bureau.published"),
            options,
            page.say("bureau.published_hint"),
            given=" ".join(each.value for each in options),
            optional=True,
        ),
    ]


def _change(desk: Desk, shown: Shown) -> list[Input]:
    page, terms = desk.page, desk.page.terms()
    newest = {each.number: each for each in shown.lists}
    lists = tuple(
        Option(str(number), each.title or page.say("bureau.list_number", n=number), each.document)
        for number, each in newest.items()
    )
    entries = tuple(
        Option(line.case, f"{line.case} · {line.lead_name}", line.direction)
        for each in newest.values()
        for line in each.lines
        if line.outcome is None
    )
    return [
        Input("list", "radio", page.say("bureau.which_list"), lists, given=lists[0].value if lists else ""),
        Input("document_number", "line", page.say("bureau.publicity_document")),
        Input("reason", "text", terms.term("fields", "reason")),
        Input("remove", "struck", terms.term("fields", "remove"), entries, page.say("bureau.remove_hint")),
        Input(
            "correct", "corrected", terms.term("fields", "correct"), entries, page.say("bureau.correct_hint")
        ),
    ]


_INPUTS: Final[dict[str, Any]] = {
    "select": _selection,
    "publish_list": _publication,
    "change_list": _change,
    "complete": lambda _desk, _shown: [],
}
