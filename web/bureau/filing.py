"""Filing in batch: one document for many cases."""

from functools import partial

from fastapi import APIRouter, Response

from web import joint
from web.act_inputs import ActForm, Input
from web.bureau.calls import Shown, call_of, files
from web.cases import BureauDesk
from web.joint import Many
from web.visitor import Desk, Posted

router = APIRouter(prefix="/bureau/calls")


@router.get("/{bureau}/{code}/filing")
def filing(desk: BureauDesk, bureau: str, code: str) -> Response:
    """Show the cases that can be filed, all of them chosen."""
    return joint.page(desk, _many(desk, call_of(desk, bureau, code)))


@router.post("/{bureau}/{code}/filing")
def file(desk: BureauDesk, form: Posted, bureau: str, code: str) -> Response:
    """Show what filing the chosen cases would do; once confirmed, file them one by one and tell of each."""
    return joint.sent_in(desk, _many(desk, call_of(desk, bureau, code)), form)


def _many(desk: Desk, shown: Shown) -> Many:
    label = partial(desk.page.terms().term, "fields")
    inputs = (
        Input("document_number", "line", label("document_number")),
        Input("document_date", "day", label("document_date")),
    )
    home = shown.matter.home
    return Many(
        shown.card.id,
        shown.card.bureau,
        shown.card.title_en if desk.page.language == "en" else shown.card.title_zh,
        shown.stands.procedure,
        home,
        f"/bureau/{shown.card.bureau}",
        f"{home}/filing",
        files(shown),
        ActForm("file", desk.claim.role, inputs, final=True),
    )
