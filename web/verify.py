"""Whether a certificate is genuine, and what the register says of it today: for whoever was shown one."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from casework import certificate
from models.database import reading
from web.page import AnyPage

router = APIRouter()

Typed = Annotated[str, Query(max_length=100)]


@router.get("/verify")
def verify(page: AnyPage, number: Typed = "", code: Typed = "") -> Response:
    """Ask for number and check code, or answer for those given; the QR code of a certificate brings both."""
    asked = bool(number.strip() and code.strip())
    found = None
    if asked:
        with reading(page.portal.engine) as connection:
            found = certificate.verified(connection, number, code)
    return page.answer(
        "public/verify.html",
        asked=asked,
        found=found,
        number=number,
        code=code,
        uscc=None if found is None else certificate.masked(found.entry.uscc),
    )
