"""A certificate is verified by its number and check code, and by nothing that can be guessed or made up."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kunshan import LEAD, NUMBER, Kunshan, kunshan
from pypdf import PdfReader
from sqlalchemy import text

from casework import certificate, paper
from casework.certificate import Certificate
from models.database import reading, writing
from tests.web.straight import Browser
from web.app import create_app


@pytest.fixture
def city(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Kunshan]:
    with kunshan(played, tmp_path) as found:
        yield found


def issued(city: Kunshan) -> Certificate:
    with reading(city.engine) as connection:
        (found,) = certificate.certificates(connection, NUMBER)
    return found


def verified(city: Kunshan, number: str, code: str) -> Certificate | None:
    with reading(city.engine) as connection:
        return certificate.verified(connection, number, code)


def test_the_code_is_eighty_bits_and_stays_the_same(city: Kunshan) -> None:
    code = issued(city).code
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", code)
    assert issued(city).code == code
    assert issued(city).entry.number == NUMBER


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "bare", "zeros"])
def test_a_code_is_known_however_it_is_typed(city: Kunshan, typed: str) -> None:
    code = issued(city).code
    other = {
        "lower": code.lower(),
        "bare": code.replace("-", ""),
        "zeros": code.replace("O", "0").replace("L", "1"),
    }
    found = verified(city, f" {NUMBER} ", other.get(typed, typed.format(code)))
    assert found is not None
    assert found.entry.uscc == LEAD


def test_no_other_number_or_code_is_genuine(city: Kunshan) -> None:
    code = issued(city).code
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    for number, typed in (
        (NUMBER, wrong),
        (NUMBER, ""),
        (NUMBER, code[:-1]),
        ("KSLHT-2025-002", code),
        ("", ""),
    ):
        assert verified(city, number, typed) is None
    assert verified(city, NUMBER, "校验码" * 5) is None


def test_a_filing_that_was_altered_in_the_database_gives_another_code(city: Kunshan) -> None:
    code = issued(city).code
    with writing(city.engine) as connection:
        connection.execute(text("DROP TRIGGER events_keep"))
        connection.execute(text("UPDATE events SET hash = :hash WHERE kind = 'filed'"), {"hash": "0" * 64})
    assert verified(city, NUMBER, code) is None


def test_it_is_printed_with_its_particulars_and_a_qr_code(city: Kunshan, tmp_path: Path) -> None:
    file = tmp_path / "c.pdf"
    paper.write_certificate(
        file, "创新联合体备案证明", [("备案编号", NUMBER)], f"https://x/verify?number={NUMBER}"
    )
    (page,) = PdfReader(file).pages
    said = page.extract_text().replace("\x00", "")
    assert NUMBER in said
    assert "https://x/verify" in said
    assert len(page.images) == 1


def test_the_page_tells_genuine_from_not_and_masks_the_credit_code(city: Kunshan, tmp_path: Path) -> None:
    client = Browser(create_app(city.engine, tmp_path / "files"))
    code = issued(city).code
    for language, genuine, unknown in (
        ("", "证明属实", "没有与编号和校验码相符的证明"),
        ("/en", "The certificate is genuine", "There is no certificate with this number"),
    ):
        page = client.get(f"{language}/verify", params={"number": NUMBER, "code": code})
        assert page.status_code == 200
        assert genuine in page.text
        assert "91************001N" in page.text.replace("&#42;", "*")
        assert LEAD not in page.text
        # What was asked is nobody's to keep.
        assert page.headers["cache-control"] == "no-store"
        other = client.get(f"{language}/verify", params={"number": NUMBER, "code": "<b>A"})
        assert unknown in other.text
        assert "电子信息" not in other.text
        assert "<b>A" not in other.text
        blank = client.get(f"{language}/verify")
        assert genuine not in blank.text
        assert unknown not in blank.text


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json"])
def test_anybody_may_take_the_register_home(city: Kunshan, tmp_path: Path, ending: str) -> None:
    client = Browser(create_app(city.engine, tmp_path / "files"))
    assert f"/register.{ending}" in client.get("/register").text
    answer = client.get(f"/register.{ending}", params={"q": "电子信息"})
    assert answer.headers["content-disposition"] == f'attachment; filename="register.{ending}"'
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert ending == "xlsx" or NUMBER in answer.text
    assert answer.content[:2] == b"PK" or ending != "xlsx"
    assert NUMBER not in client.get("/register.csv", params={"q": "没有"}).text
    assert client.get("/register.pdf").status_code == 404
