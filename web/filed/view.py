"""A filed consortium as its pages look at it, and how something about it begins."""

from collections.abc import Callable
from typing import Any

from fastapi import Response

from casework import consortium
from casework.acts import Receipt
from casework.consortium import Filed
from casework.matter_list import MatterView
from models.database import reading
from procedure.act import Refusal
from procedure.disqualification import SETTING
from procedure.entry import Entry
from web import acting
from web.cases import BUREAU_ROLES
from web.errors import no_such_page
from web.matter_acts import as_role, seen
from web.visitor import Desk, Form


def begin(
    desk: Desk,
    view: MatterView,
    role: str,
    begin: Callable[..., Receipt | Refusal],
    number: str,
    wanted: dict[str, Any],
    form: Form,
) -> Receipt | Refusal:
    """Begin a matter of the entry in ``role``; the same form sent twice begins it once."""
    claim = as_role(desk, view, role).claim
    return begin(desk.page.portal.engine, claim, number, wanted, view.bureau, acting.key_of(form, wanted))


def begun(desk: Desk, bureau: str, receipt: Receipt, act: str) -> Response:
    """Lead to the page of the matter that has begun."""
    acting.wake("evaluation")
    return desk.page.go(f"/matters/{bureau}/{receipt.ref}", done=act)


def entry_of(desk: Desk, bureau: str, number: str) -> MatterView:
    """Return an entry; what the visitor may not see, and what is no entry, is not there."""
    view = seen(desk, bureau, number)
    if not isinstance(view.stands.subject.record, Entry):
        raise no_such_page()
    return view


def led(desk: Desk, bureau: str, number: str) -> MatterView:
    """Return an entry that the visitor's unit leads."""
    view = entry_of(desk, bureau, number)
    if "applicant" not in view.roles:
        raise no_such_page()
    return view


def record_of(view: MatterView) -> Entry:
    """Return an entry's particulars."""
    record = view.stands.subject.record
    assert isinstance(record, Entry)  # noqa: S101 - `entry_of` lets nothing else pass
    return record


def filed_of(desk: Desk, view: MatterView) -> Filed:
    """Return the consortium of an entry as it is now."""
    with reading(desk.page.portal.engine) as connection:
        return consortium.filed(connection, record_of(view).entry, view.bureau)


def held(desk: Desk, bureau: str, number: str) -> MatterView:
    """Return an entry of the visitor's city bureau, where its document knows bars."""
    view = entry_of(desk, bureau, number)
    if not view.roles & set(BUREAU_ROLES) or not view.stands.procedure.values.get(SETTING):
        raise no_such_page()
    return view
