"""The example that ships: Qingdao's rolling intake across National Day 2025, seventeen made-up consortia."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine
from typer.main import get_command

from casework import audit, loading, panels, publicity
from cli.main import app
from models.database import connect, default_url, reading
from procedure.instant import iso
from procedure.uscc import valid
from story.carriers import Direct
from story.play import play
from story.reading import Story, load
from tests.scenarios.telling import as_read, read

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "qingdao-2025" / "story.yaml"

OUTCOMES = {
    "haizhuang": "filed",
    "tianheng": "objection_upheld",
    "huiquan": "filed",
    "xiaomai": "filed",
    "zhanqiao": "filed",
    "fushan": "struck_from_list",
    "jiaodong": "filed",
    "gucheng": "rejected",
    "yunhai": "filed",
    "langya": "filed",
    "dazhu": "defence_missed",
    "taiping": "below_pass_mark",
    "laoling": "visit_failed",
    "lingshan": "correction_expired",
    "wawei": "declined",
    "daguan": "not_selected",
    "yinhai": None,
}


@pytest.fixture(scope="module")
def story() -> Story:
    return load(EXAMPLE)


@pytest.fixture(scope="module")
def sqlite(
    played: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[dict[str, Any], Engine]]:
    """The story told on SQLite, for every test that only looks."""
    folder = tmp_path_factory.mktemp("qingdao")
    shutil.copyfile(played(EXAMPLE), folder / "beian.db")
    engine = connect(default_url(folder))
    yield read(played(EXAMPLE).with_name("result.json")), engine
    engine.dispose()


def of(sqlite: tuple[dict[str, Any], Engine], name: str) -> dict[str, Any]:
    account: dict[str, Any] = sqlite[0]["cases"][name]
    return account


@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "forwarding")
@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "review")
@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "list")
@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "objections")
@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "validity")
def test_every_consortium_comes_out_as_told(sqlite: tuple[dict[str, Any], Engine]) -> None:
    found, engine = sqlite
    assert {name: account["outcome"] for name, account in found["cases"].items()} == OUTCOMES
    assert [(entry["number"], entry["name"], entry["valid_to"]) for entry in found["register"]] == [
        ("QDLHT-2025-001", "青岛市深海装备创新联合体", "2028-10-13"),
        ("QDLHT-2025-002", "青岛市海洋监测仪器创新联合体", "2028-10-13"),
        ("QDLHT-2025-003", "青岛市海洋传感器创新联合体", "2028-10-13"),
        ("QDLHT-2025-004", "青岛市工业软件创新联合体", "2028-10-13"),
        ("QDLHT-2025-005", "青岛市高分子材料创新联合体", "2028-11-09"),
        ("QDLHT-2025-006", "青岛市车规芯片创新联合体", "2028-11-09"),
        ("QDLHT-2025-007", "青岛市海洋药物创新联合体", "2030-12-31"),
    ]
    with reading(engine) as connection:
        assert list(audit.verify(connection)) == []


@pytest.mark.parametrize("story_engine", ["postgres"], indirect=True)
def test_it_comes_out_the_same_on_postgresql(
    story: Story, sqlite: tuple[dict[str, Any], Engine], story_engine: Engine, tmp_path: Path
) -> None:
    again = play(story, story_engine, tmp_path / "files", Direct(story_engine))
    assert as_read(again, story_engine) == sqlite[0]


@pytest.mark.clause("qingdao-guideline-2025", "3(2)")
def test_a_waiver_is_shown_as_waived_with_its_reason_and_never_as_met(
    sqlite: tuple[dict[str, Any], Engine],
) -> None:
    account = of(sqlite, "jiaodong")
    assert account["eligibility"]["enough_universities"] == "waived"
    assert [answer for rule, answer in account["eligibility"].items() if rule != "enough_universities"] == (
        ["met"] * (len(account["eligibility"]) - 1)
    )
    assert account["waivers"] == [
        {
            "rule": "enough_universities",
            "reason": "国内从事该方向的高校院所仅此一家",
            "at": "2025-09-16T10:00:00+08:00",
            "used_at": "2025-09-17T10:00:00+08:00",
        }
    ]
    given = [(each["act"], each["by"], each["role"]) for each in account["events"] if "waive" in each["kind"]]
    assert given == [
        ("waive_rule", "qu", "city_officer"),
        ("revoke_waiver", "qu", "city_officer"),
        ("waive_rule", "qu", "city_officer"),
    ]


def test_a_case_is_shown_with_what_is_waived_and_why(
    sqlite: tuple[dict[str, Any], Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    url = sqlite[1].url.render_as_string(hide_password=False)

    def shown(case: str, *options: str) -> str:
        get_command(app).main(["case", "show", case, "--database", url, *options], standalone_mode=False)
        return capsys.readouterr().out

    waived, short = of(sqlite, "jiaodong")["ref"], of(sqlite, "gucheng")["ref"]
    assert "已豁免：联合高校院所不少于2家" in (zh := shown(waived))
    assert "国内从事该方向的高校院所仅此一家" in zh.replace("\n", "")
    assert "not met: At least 2 universities or institutes" in shown(short, "--language", "en")
    rules = {each["rule"]: each for each in orjson.loads(shown(waived, "--json"))["eligibility"]}
    assert rules["enough_universities"]["answer"] == "waived"
    assert rules["enough_universities"]["waiver"]["reason"] == "国内从事该方向的高校院所仅此一家"
    assert (rules["enough_enterprises"]["answer"], rules["enough_enterprises"]["waiver"]) == ("met", None)


def test_why_names_the_waiver_that_let_the_review_pass(
    sqlite: tuple[dict[str, Any], Engine], capsys: pytest.CaptureFixture[str]
) -> None:
    url = sqlite[1].url.render_as_string(hide_password=False)

    def why(deadline: str, *options: str) -> str:
        case = of(sqlite, "jiaodong")["ref"]
        arguments = ["case", "why", case, deadline, "--database", url, "--json", *options]
        get_command(app).main(arguments, standalone_mode=False)
        (told,) = orjson.loads(capsys.readouterr().out)["accounts"]
        return str(told["steps"][-1]["text"])

    assert why("formal_review") == (
        "2025年9月17日 10:00办结。“联合高校院所不少于2家”并未符合，2025年9月16日 10:00已豁免，因而未受阻。"
        "依据：《青岛市创新联合体组建工作指引（青科字〔2025〕5号）》3(2)（原则上）。"
        "理由：国内从事该方向的高校院所仅此一家。"
    )
    assert "was not met; it was waived on" in why("formal_review", "--language", "en")
    assert "豁免" not in why("selection")


def test_whoever_is_tied_to_the_case_is_left_out_of_the_draw(sqlite: tuple[dict[str, Any], Engine]) -> None:
    _, engine = sqlite
    drawn = next(each for each in of(sqlite, "haizhuang")["events"] if each["kind"] == "panel_drawn")
    out = {each["person"]: each["excluded"] for each in drawn["data"]["pool"] if "excluded" in each}
    assert sorted(out.values()) == ["employer", "field", "same_name", "same_person", "tie"]
    assert set(out).isdisjoint(drawn["data"]["order"])
    with reading(engine) as connection:
        for name in ("haizhuang", "yunhai"):
            assert (
                panels.proof(connection, loading.id_of(connection, of(sqlite, name)["ref"])).differences == ()
            )


@pytest.mark.clause("qingdao-guideline-2025", "5(6)", "list")
def test_the_lists_are_kept_whole_and_their_clocks_span_national_day(
    sqlite: tuple[dict[str, Any], Engine],
) -> None:
    _, engine = sqlite
    with reading(engine) as connection:
        lists = publicity.lists(connection, loading.id_of(connection, "qingdao-2025"))
    assert [(each.number, each.version, len(each.lines), each.intact) for each in lists] == [
        (1, 1, 6, True),
        (1, 2, 5, True),
        (2, 1, 3, True),
    ]
    assert [iso(each.until)[:10] for each in lists] == ["2025-10-10", "2025-10-13", "2025-10-30"]


def test_every_consortium_has_expectations_of_its_own(story: Story) -> None:
    assert set(story.scenario.applications) == set(OUTCOMES)
    for name, application in story.scenario.applications.items():
        assert application.expect is not None
        assert application.expect.outcome == OUTCOMES[name]


def test_the_units_are_made_up_and_their_codes_are_valid(story: Story) -> None:
    units = story.scenario.organisations.values()
    assert [valid(unit.uscc) for unit in units] == [unit.uscc for unit in units]
    assert {unit.uscc[8:12] for unit in units} == {"DEM0"}
    assert all("（示例）" in unit.name for unit in units)


def test_the_readme_tells_of_every_consortium(story: Story) -> None:
    readme = EXAMPLE.with_name("README.md").read_text(encoding="utf-8")
    assert all(f" {name} |" in readme for name in story.scenario.applications)
    assert "虚构" in readme
