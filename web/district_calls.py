"""A call at the recommending unit's desk: accepted and recommended together, ranked, and its letter."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from casework import batch, documents, file_kind, intake, recommending, wording
from casework.acts import Receipt
from casework.batch import Joint
from casework.recommending import LETTER, Recommending
from models.database import reading
from procedure.act import Child
from procedure.subject import Subject
from web import acting, joint, letters
from web.act_inputs import ActForm, Input
from web.acting import Problem
from web.cases import DistrictDesk
from web.errors import no_such_page
from web.joint import Many
from web.visitor import Desk, Posted

router = APIRouter(prefix="/district/calls")

ACTS: Final = ("accept_online", "endorse")
"""What is done to many cases of a call at once."""

Typed = Annotated[str, Query(max_length=100)]


def call_of(desk: Desk, bureau: str, code: str) -> Recommending:
    """Return a call in which the visitor's unit has cases; any other is not there."""
    with reading(desk.page.portal.engine) as connection:
        found = recommending.of(connection, desk.claim, bureau, code)
    if found is None:
        raise no_such_page()
    return found


@router.get("/{bureau}/{code}")
def call(desk: DistrictDesk, bureau: str, code: str) -> Response:
    """Show how far the unit is with a call: what waits, its quota, its ranking, its letter."""
    return _page(desk, call_of(desk, bureau, code))


@router.get("/{bureau}/{code}/letter.pdf")
def letter(desk: DistrictDesk, bureau: str, code: str, number: Typed = "", finance: Typed = "") -> Response:
    """Give the letter that recommends the unit's cases, to be printed and stamped."""
    found = call_of(desk, bureau, code)
    if found.letter is None or not found.recommended:
        raise no_such_page()
    page = desk.page
    content = letters.letter(page, found, number, finance)
    name = quote(f"{page.say('letter.name')} {code}.pdf")
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/{bureau}/{code}/letter")
def hand_in(desk: DistrictDesk, form: Posted, bureau: str, code: str) -> Response:
    """Attach the stamped letter to the chosen cases; each has its own answer."""
    found = call_of(desk, bureau, code)
    material, file, chosen = found.letter, form.file("file"), form.chosen("case")
    if material is None:
        raise no_such_page()
    page = desk.page
    if file is None or not chosen:
        return _page(
            desk, found, _problem(desk, "documents.no_file" if file is None else "joint.none_chosen")
        )
    name = intake.clean_name(file.filename or "")
    unfit = intake.unfit(file.file, name, material)
    if unfit is not None or name is None:
        formats = page.terms().listed(each.upper() for each in material.formats)
        told = _problem(desk, f"documents.{unfit}", formats=formats, most=material.max_megabytes)
        return _page(desk, found, told)
    stored = documents.store(page.portal.engine, page.portal.files, file.file)
    extension = name.rpartition(".")[2].lower().replace("jpeg", "jpg")
    payload = {
        "material": material.id,
        "digest": stored.digest,
        "name": name,
        "size": stored.size,
        "media_type": file_kind.MEDIA_TYPES[extension],
    }
    key = form.text("key")[: batch.LONGEST_KEY] or acting.fresh_key()
    asked = Joint(
        found.card.id, "attach_document", desk.claim, key, payload, chosen, acting.received_at(desk)
    )
    answered = batch.perform_batch(page.portal.engine, asked)
    refused = [(number, each) for number, each in answered if not isinstance(each, Receipt)]
    if refused:
        said = [(number, wording.word(each, page.language, found.call.procedure)) for number, each in refused]
        links = tuple((None, f"{number} {each.says}") for number, each in said)
        return _page(
            desk, call_of(desk, bureau, code), Problem(page.say("letter.not_for_all"), links, "", None)
        )
    return page.go(f"{_home(found)}", done="attach_document")


@router.get("/{bureau}/{code}/{act}")
def many(desk: DistrictDesk, bureau: str, code: str, act: str) -> Response:
    """Show the cases on which an act can be done together, all of them chosen."""
    return joint.page(desk, _many(desk, call_of(desk, bureau, code), act))


@router.post("/{bureau}/{code}/{act}")
def do_many(desk: DistrictDesk, form: Posted, bureau: str, code: str, act: str) -> Response:
    """Show what an act would do to the chosen cases; once confirmed, do it one by one and tell of each."""
    return joint.sent_in(desk, _many(desk, call_of(desk, bureau, code), act), form)


def _home(found: Recommending) -> str:
    return f"/district/calls/{found.card.bureau}/{quote(found.card.code)}"


def _ready(found: Recommending, act: str) -> dict[str, Child]:
    return {number: _child(each) for number, each in found.ready(act).items()}


def _child(each: Subject) -> Child:
    direction = str(each.application.form.get("consortium.direction", ""))
    return Child(each.stage, each.outcome, each.lead_name, direction)


def _many(desk: Desk, found: Recommending, act: str) -> Many:
    if act not in ACTS:
        raise no_such_page()
    opinion = Input("opinion", "text", desk.page.terms().term("fields", "opinion"))
    return Many(
        found.card.id,
        found.card.bureau,
        found.card.title_en if desk.page.language == "en" else found.card.title_zh,
        found.call.procedure,
        _home(found),
        f"/district/{found.card.bureau}",
        f"{_home(found)}/{act}",
        _ready(found, act),
        ActForm(act, desk.claim.role, (opinion,) if act == "endorse" else ()),
        ranked=act == "endorse",
        note=_quota(desk, found) if act == "endorse" else "",
    )


def _quota(desk: Desk, found: Recommending) -> str:
    """Return how much of the unit's quota is left, in words; where there is none, how many it recommended."""
    if not found.quota:
        return desk.page.say("district.no_quota", made=found.made)
    left = max(0, found.quota - found.made)
    return desk.page.say("district.quota", quota=found.quota, made=found.made, left=left)


def _problem(desk: Desk, key: str, **facts: object) -> Problem:
    return Problem(
        desk.page.say(key, **facts), (("file", desk.page.say("documents.choose_again")),), "", None
    )


def _page(desk: Desk, found: Recommending, problem: Problem | None = None) -> Response:
    page = desk.page
    listed = found.recommended
    life = found.call.procedure.application
    return page.answer(
        "district/call.html",
        status=422 if problem else 200,
        found=found,
        home=_home(found),
        title=found.card.title_en if page.language == "en" else found.card.title_zh,
        unit=found.unit.name_en if page.language == "en" else found.unit.name_zh,
        quota=_quota(desk, found),
        ready={act: len(_ready(found, act)) for act in ACTS},
        listed=[
            (
                number,
                each.lead_name,
                _child(each).direction,
                each.application.recommended_as,
                life.outcome[each.outcome].title if each.outcome else life.stage[each.stage].title,
                next(
                    (document for document in each.application.documents if document.material == LETTER), None
                ),
            )
            for number, each in listed.items()
        ],
        open_for_letter=list(found.at("attach_document")),
        key=acting.fresh_key(),
        problem=problem,
        done=acting.done(page),
    )
