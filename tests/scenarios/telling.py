"""Small stories: the parties are the same in all of them, each test tells what happens."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import orjson
from sqlalchemy import Engine

from models.database import reading
from story.carriers import Carrier, Direct
from story.play import Played, play
from story.reading import Story, load
from story.result import result

PARTIES = """\
format: 1
title: {zh: 小故事, en: A small story}
pack: yueyang-2024
districts:
  county: {name: {zh: 县科技局, en: County}, kind: county}
  county_level_city: {name: {zh: 县级市科技局, en: County-level city}, kind: county_level_city}
  district: {name: {zh: 区科技局, en: District}, kind: district}
  functional_zone: {name: {zh: 功能区, en: Functional zone}, kind: functional_zone}
  high_tech_zone: {name: {zh: 高新园区, en: High-tech zone}, kind: high_tech_zone}
organisations:
  jia: {uscc: 91430600DEM000001F, name: 甲公司, kind: enterprise, person: 甲}
  yi: {uscc: 91430600DEM000002J, name: 乙公司, kind: enterprise, person: 乙}
  bing: {uscc: 91430600DEM000003M, name: 丙公司, kind: enterprise, person: 丙}
  college: {uscc: 12430000DEM000091Y, name: 某学院, kind: university, person: 师}
people:
  admin: {name: 管理员, role: administrator}
  chen: {name: 陈, role: city_officer}
  boss: {name: 领导, role: city_leader}
  former: {name: 前领导, roles: [{role: city_leader, valid_from: 2020-01-01, valid_to: 2024-07-10}]}
  of_county: {name: 县, role: district_officer, district: county}
  of_county_level_city: {name: 市, role: district_officer, district: county_level_city}
  of_district: {name: 区, role: district_officer, district: district}
  of_functional_zone: {name: 功, role: district_officer, district: functional_zone}
  of_high_tech_zone: {name: 高, role: district_officer, district: high_tech_zone}
  e1: {name: 专一, role: expert}
  e2: {name: 专二, role: expert}
  e3: {name: 专三, role: expert}
  e4: {name: 专四, role: expert}
  e5: {name: 专五, role: expert}
templates:
  complete:
    fields:
      consortium.contact_name: 联络员
      consortium.has_decision_mechanism: true
      consortium.consults_regularly: true
      lead.in_industrial_system: true
      lead.enterprise_class: leading
      lead.standing: city
      lead.has_strategic_goals: true
      lead.identifies_frontier_technology: true
      lead.platform_level: city
      lead.has_core_technology: true
      lead.convenes_partners: true
      lead.rd_spending: "20000000.00"
    member_fields:
      university:
        member.agreement_from: 2023-01-01
        member.agreement_to: 2027-12-31
        member.cooperation_since: 2022-01-01
        member.cooperation_has_result: true
        member.has_research_team: true
        member.has_research_conditions: true
    documents:
      application_form: 申报书
      implementation_plan: 实施方案
      cooperation_agreement: 合作协议
"""

CALL = """\
begins: 2024-07-01T09:00
call: {code: "2024", by: admin}
"""


def tale(folder: Path, body: str, call: str = CALL) -> Story:
    """The story of ``body`` among the usual parties."""
    path = folder / "story.yaml"
    path.write_text(PARTIES + dedent(call) + dedent(body), encoding="utf-8")
    return load(path)


def told(story: Story, engine: Engine, carrier: Carrier | None = None) -> Played:
    """The story as it came out."""
    files = story.path.parent / "files"
    return play(story, engine, files, carrier or Direct(engine))


def outcome(played: Played, engine: Engine) -> dict[str, Any]:
    """What result.json would say."""
    with reading(engine) as connection:
        return result(connection, played)


def read(result: Path) -> dict[str, Any]:
    """What a result.json says; nothing in it is other than its story expects."""
    found: dict[str, Any] = orjson.loads(result.read_bytes())
    assert (found["differences"], found["left_due"], found["as_expected"]) == ([], [], True)
    return found


def as_read(played: Played, engine: Engine) -> dict[str, Any]:
    """What a result.json would say to its reader."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(outcome(played, engine)))
    return found


def agrees(played: Played) -> bool:
    """Whether all came out as expected; what did not is named in the failure."""
    assert [(each.line, each.path, each.expected, each.actual) for each in played.differences] == []
    assert played.left_due == []
    return played.as_expected
