"""What does not fit after filing is refused by name with nothing written: on the command line, over HTTP."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from casework import api_tokens, clock, parties
from models.database import connect, default_url, writing
from procedure.instant import local_instant
from tests.casework.after_filing import Years
from tests.casework.city import lead_uscc
from tests.casework.kunshan import NUMBER, STORY, UNIVERSITY
from tests.cli.terminal import Terminal
from tests.web.conftest import SEAL
from tests.web.desk import PDF
from tests.web.straight import Browser
from web.app import create_app
from web.settings import PortalSettings

ROUND, CHANGE = f"PG2026/{NUMBER}", f"{NUMBER}/C1"
Door = Callable[..., tuple[bool, str]]
"""Asks as a person, by a command and by a request that say the same; says whether it was done, or why not."""


@dataclass
class Prepared:
    """Kunshan with its entry, an evaluation that is to be reviewed, and a change by which a member leaves."""

    years: Years
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def command(self, who: str, command: list[str], *_: Any) -> tuple[bool, str]:
        url = self.years.engine.url.render_as_string(hide_password=False)
        terminal = Terminal(url, self.folder, {"BEIAN_FOLDER": str(self.folder / "data")})
        role = self.years.claim(who).role
        answer = terminal.run(*command, "--as", who, "--role", role, "--json")
        return answer.code == 0, "" if answer.code == 0 else str(answer.json["error"]["code"])

    def request(self, who: str, _: list[str], path: str, body: dict[str, Any]) -> tuple[bool, str]:
        client = Browser(create_app(self.years.engine, self.folder / "files", PortalSettings(), SEAL))
        headers = {"Authorization": f"Bearer {self.token(who)}"}
        answer = client.request("POST", f"/api/v1{path}", headers=headers, json=body)
        return answer.status_code < 300, answer.json().get("code", "")

    def attach(self, ref: str, material: str) -> None:
        told = ["consortium", "attach", ref, f"{material}={self.folder / '协议.pdf'}"]
        assert self.command("jing", told) == (True, "")

    def refused(self, ask: Door, who: str, asked: tuple[Any, ...], code: str) -> None:
        before = self.written()
        assert ask(who, *asked) == (False, code), asked
        assert self.written() == before, asked

    def written(self) -> dict[str, list[Any]]:
        """Everything but when a token was last used."""
        return {name: rows for name, rows in self.years.everything().items() if name != "api_tokens"}

    def token(self, who: str) -> str:
        if who not in self.tokens:
            day = datetime.date(2026, 10, 27)
            with writing(self.years.engine) as connection:
                claim = self.years.claim(who)
                self.tokens[who] = api_tokens.make(
                    connection, claim, "test", "act", clock.present(None), 1, day
                )
        return self.tokens[who]


@pytest.fixture
def prepared(played: Callable[[Path], Path], tmp_path: Path) -> Iterator[Prepared]:
    (tmp_path / "beian.db").write_bytes(played(STORY).read_bytes())
    engine = connect(default_url(tmp_path))
    years = Years(engine, "kunshan")
    years.at("2026-10-27T09:00")
    years.round("PG2026", "gu")
    years.do(ROUND, "jing", "submit_report", contents={"results": "完成"})
    years.do(ROUND, "zone", "comment_report", comment="属实")
    years.do(ROUND, "gu", "appoint_reviewers", third_party="某评估院")
    with writing(engine) as connection:
        unit = parties.organisation(connection, lead_uscc(9), "他人公司", "enterprise")
        stranger = parties.person(connection, "mao", "毛某", "mao@example.org")
        parties.grant(
            connection, stranger, "member", valid_from=datetime.date(2024, 1, 1), organisation_id=unit
        )
    (tmp_path / "协议.pdf").write_bytes(PDF)
    yield Prepared(years, tmp_path)
    engine.dispose()


def act(on: str, name: str, **body: Any) -> tuple[list[str], str, dict[str, Any]]:
    told = [part for key, value in body.items() for part in ("--data", f"{key}={value}")]
    return ["evaluation", "act", on, name, *told], f"/matters/kunshan/{on}/acts/{name}", body


def change(on: str, command: str, name: str) -> tuple[list[str], str, dict[str, Any]]:
    return ["consortium", command, on], f"/matters/kunshan/{on}/acts/{name}", {}


def claim(measure: str, **body: Any) -> tuple[list[str], str, dict[str, Any]]:
    told = [f"--{key}={value}" for key, value in body.items()]
    return (
        ["support", "claim", NUMBER, measure, *told],
        f"/matters/kunshan/{NUMBER}/begin/claim",
        {"measure": measure, **body},
    )


def opening(until: str) -> tuple[list[str], str, dict[str, Any]]:
    told = ["--period", "2030", "--filed-until", until]
    body = {"code": "PG2030", "period": "2030", "filed_until": until}
    return ["evaluation", "open", "kunshan", "PG2030", *told], "/rounds/kunshan", body


@pytest.mark.parametrize("door", ["command", "request"])
def test_what_does_not_fit_is_refused_by_name_with_nothing_written(prepared: Prepared, door: str) -> None:
    years, ask = prepared.years, getattr(prepared, door)
    # Who leaves is the only university: minimum numbers would not hold.
    leaving = {"aspect": "members", "leaves": [UNIVERSITY], "reason": "退出"}
    begun = ["consortium", "change", NUMBER, "members", "--leave", UNIVERSITY, "--reason", "退出"]
    assert ask("jing", begun, f"/matters/kunshan/{NUMBER}/begin/change", leaving) == (True, "")
    prepared.attach(CHANGE, "supplementary_agreement")
    for who in ("jing", "mao", "gu"):
        prepared.token(who)

    for who, asked, code in (
        ("jing", change(CHANGE, "hand-in", "hand_in_change"), "would_break_rules"),
        ("gu", act(ROUND, "review_report", score="100.01", opinion="见报告"), "score_out_of_range"),
        ("gu", act(ROUND, "review_report", score="-1", opinion="见报告"), "score_out_of_range"),
        ("jing", claim("suzhou_cultivation", amount="-1"), "no_amount"),
        ("jing", claim("suzhou_cultivation", amount="1000000.01"), "not_claimable"),
        ("jing", claim("breakthrough_result", object="成果甲", year=2031), "not_claimable"),
        ("jing", claim("gift"), "unknown_measure"),
        ("gu", opening("2025-01-01"), "no_entry_is_due"),
    ):
        prepared.refused(ask, who, asked, code)

    # Of a change that every unit is asked about, a unit that is none has nothing to say.
    years.do(CHANGE, "jing", "withdraw_change", reason="另行商议")
    again = f"{NUMBER}/C2"
    direction = {"aspect": "direction", "value": "智能传感", "reason": "调整"}
    begun = ["consortium", "change", NUMBER, "direction", "--value", "智能传感", "--reason", "调整"]
    assert ask("jing", begun, f"/matters/kunshan/{NUMBER}/begin/change", direction) == (True, "")
    prepared.attach(again, "construction_plan")
    assert ask("jing", *change(again, "hand-in", "hand_in_change")) == (True, "")
    # Over HTTP what one does not see is not there.
    code = {"command": "consent_of_a_stranger", "request": "not_found"}[door]
    prepared.refused(ask, "mao", change(again, "consent", "consent_to_change"), code)

    # The day after the last one nothing is evaluated or changed any more, swept or not.
    with writing(years.engine) as connection:
        clock.move(connection, local_instant("2028-10-27T00:00:10"))
    prepared.refused(
        ask, "gu", act(ROUND, "review_report", score="80", opinion="见报告"), "entry_is_not_valid"
    )
    prepared.refused(ask, "jing", claim("suzhou_cultivation"), "not_claimable")
