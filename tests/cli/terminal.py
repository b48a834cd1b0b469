"""`beian` as a script sees it: arguments in, exit code, standard output and standard error out."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from typer.testing import CliRunner

from casework import clock
from cli.main import app
from models.database import writing
from procedure.instant import local_instant

PARTIES = """\
bureaus:
  pingjiang: {name: {zh: 平江县科技局, en: Pingjiang}, kind: county}
  xingang: {name: {zh: 新港高新园区, en: Xingang}, kind: high_tech_zone}
organisations:
  91350100M000100Y43: {name: 甲公司, kind: enterprise, district: pingjiang}
  12100000400000624D: {name: 某大学, kind: university}
people:
  jiang: {name: 姜珊, roles: [{role: administrator, of: yueyang}]}
  zhang: {name: 张三, email: zhang@example.org, roles: [{role: applicant, of: 91350100M000100Y43}]}
  li: {name: 李四, roles: [{role: member, of: 12100000400000624D}]}
  wang: {name: 王五, roles: [{role: district_officer, of: pingjiang}]}
  gang: {name: 新港经办人, roles: [{role: district_officer, of: xingang}]}
  chen: {name: 陈立, roles: [{role: city_officer, of: yueyang}]}
  gao: {name: 高屹, roles: [{role: city_leader, of: yueyang}]}
  e0: {name: 杜专家, roles: [{role: expert, of: yueyang}]}
  e1: {name: 方专家, roles: [{role: expert, of: yueyang}]}
  e2: {name: 古专家, roles: [{role: expert, of: yueyang}]}
  e3: {name: 韩专家, roles: [{role: expert, of: yueyang}]}
  e4: {name: 金专家, roles: [{role: expert, of: yueyang}]}
"""
UNIVERSITY = "12100000400000624D"

FORM = {
    "consortium.direction": "生物医药",
    "consortium.contact_name": "张三",
    "lead.rd_spending": "10000000.00",
    "lead.in_industrial_system": True,
    "lead.enterprise_class": "leading",
    "lead.standing": "city",
    "lead.has_strategic_goals": True,
    "lead.identifies_frontier_technology": True,
    "lead.platform_level": "city",
    "lead.has_core_technology": True,
    "lead.convenes_partners": True,
    "consortium.has_decision_mechanism": True,
    "consortium.consults_regularly": True,
}
MEMBER_FORM = {
    "member.agreement_from": "2024-06-01",
    "member.agreement_to": "2027-05-31",
    "member.cooperation_since": "2022-01-01",
    "member.cooperation_has_result": True,
    "member.has_research_team": True,
    "member.has_research_conditions": True,
}


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it answered to programs."""
        return json.loads(self.out)


@dataclass
class Terminal:
    """A terminal in ``folder`` whose environment names the database at ``url``."""

    url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path, stdin: str | None = None) -> Answer:
        """Run `beian` with these arguments."""
        environment: dict[str, str | None] = {
            **dict.fromkeys(("BEIAN_AS", "BEIAN_ROLE", "BEIAN_LANGUAGE", "PREFECT_API_URL")),
            "BEIAN_DATABASE_URL": self.url,
            **self.environment,
        }
        found = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin, env=environment)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return Answer(found.exit_code, found.stdout, found.stderr)

    def ok(self, *arguments: str | Path, stdin: str | None = None) -> str:
        """Return what people read of a command that must be carried out."""
        answer = self.run(*arguments, stdin=stdin)
        assert answer.code == 0, answer.err + answer.out
        return answer.out

    def data(self, *arguments: str | Path, stdin: str | None = None) -> Any:
        """Return what programs read of a command that must be carried out."""
        answer = self.run(*arguments, "--json", stdin=stdin)
        assert answer.code == 0, answer.err + answer.out
        return answer.json

    def start(self) -> str:
        """Start a case of the call "2024" and return its number."""
        started = self.data("case", "start", "2024", "--district", "pingjiang", "--as", "zhang")
        number: str = started["ref"]
        return number

    def act(self, ref: str, act: str, who: str, *data: str, **particulars: Any) -> Any:
        """Do an act that must be allowed, with its particulars through standard input."""
        return self.data(
            *("case", "act", ref, act, "--as", who, "--data", "@-"),
            *(part for each in data for part in ("--data", each)),
            stdin=json.dumps(particulars),
        )


def move(engine: Engine, to: str) -> None:
    """Move a story's time."""
    with writing(engine) as connection:
        clock.move(connection, local_instant(to))
