"""What holds in principle is waived by a program: with a reason, where the pack says so, until it is used."""

import shutil
from collections.abc import Callable
from pathlib import Path

from models.database import connect, default_url
from procedure.pack import load_texts, shipped
from tests.casework.city import build
from tests.web.test_api import program

RULE = """rules:
  - id: enough_partners
    title: {zh: 成员不少于九家, en: At least nine members}
    met: members.size() >= 9
    stops: [pass_review]
    waivable: true
    basis: setting
"""
ACTS = """      deadlines: [formal_review]
      acts:
        waive_rule: {roles: [city_officer]}
        revoke_waiver: {roles: [city_officer]}
"""


def test_a_rule_is_waived_by_the_officer_alone_and_the_review_then_passes(
    sqlite_template: Callable[[bool], Path], tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template(True), tmp_path / "beian.db")
    files = dict(shipped("yueyang-2024").files)
    text = files["procedure.yaml"].replace("rules:\n", RULE, 1)
    files["procedure.yaml"] = text.replace("      deadlines: [formal_review]\n      acts:\n", ACTS, 1)
    city = build(connect(default_url(tmp_path)), pack=load_texts(files))
    path = f"/cases/yueyang/{city.subject(city.case_at('formal_review')).ref}"
    wang, chen = program(city, "wang", "district_officer"), program(city, "chen", "city_officer")

    def answer() -> str:
        conditions = chen.ask("GET", path).json()["conditions"]
        return next(str(each["answer"]) for each in conditions if each["rule"] == "enough_partners")

    stopped = chen.ask("POST", f"{path}/acts/pass_review", json={})
    assert (stopped.status_code, answer()) == (409, "not_met"), stopped.text
    asked = {"rule": "enough_partners", "reason": "国内从事该方向的仅此数家"}
    for asks, body, status, code in (
        (wang, asked, 403, "role_may_not"),
        (chen, {"rule": "enough_partners", "reason": " "}, 422, "bad_particulars"),
        (chen, {**asked, "rule": "lead_enterprise"}, 409, "rule_not_waivable"),
        (chen, {**asked, "rule": "no_rule"}, 409, "unknown_rule"),
    ):
        refused = asks.ask("POST", f"{path}/acts/waive_rule", json=body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert "waive_rule" in chen.ask("GET", path).json()["may"]
    assert chen.ask("POST", f"{path}/acts/waive_rule", json=asked).status_code == 200
    assert answer() == "waived"
    assert chen.ask("POST", f"{path}/acts/waive_rule", json=asked).json()["code"] == "already_waived"
    assert chen.ask("POST", f"{path}/acts/revoke_waiver", json=asked).status_code == 200
    assert answer() == "not_met"
    assert chen.ask("POST", f"{path}/acts/waive_rule", json=asked).status_code == 200
    passed = chen.ask("POST", f"{path}/acts/pass_review", json={})
    assert (passed.status_code, passed.json()["stage"]) == (200, "site_visit"), passed.text
