"""Doctor, backup, restore and reports from the terminal."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from casework import clock
from models import Record
from models.database import connect, default_url, writing
from models.migrate import upgrade
from tests.cli.terminal import Terminal, move
from tests.cli.test_radar_command import submitted

SWEEPS = Record.metadata.tables["sweeps"]


def bad(answer: list[dict[str, str]]) -> list[str]:
    return [each["check"] for each in answer if each["state"] == "bad"]


@pytest.mark.usefixtures("holidays_out")
def test_the_doctor_says_what_is_wrong_and_what_to_do(fresh: Terminal) -> None:
    none = fresh.run("doctor", "--json")
    assert (none.code, bad(none.json["checks"])) == (5, ["database"])
    fresh.ok("init")
    asleep = fresh.run("doctor", "--json")
    assert (asleep.code, bad(asleep.json["checks"])) == (5, ["worker"])
    assert asleep.json["checks"][2]["finding"] == "从未运行"
    assert asleep.json["checks"][2]["step"] == "请运行 beian up"
    engine = connect(fresh.url)
    try:
        with writing(engine) as connection:
            now = clock.now(connection)
            for lane, minutes in (("calls", 0), ("watch", 20)):
                at = now.subtract(minutes=minutes)
                connection.execute(insert(SWEEPS).values(lane=lane, started_at=at, finished_at=at))
        late = fresh.run("doctor", "--language", "en", "--json")
        assert (late.code, bad(late.json["checks"])) == (5, ["lane"])
        with writing(engine) as connection:
            connection.execute(SWEEPS.update().values(finished_at=now))
    finally:
        engine.dispose()
    assert "一切正常。" in fresh.ok("doctor")
    assert "All is well." in fresh.ok("doctor", "--language", "en")


def test_the_doctor_names_an_older_database_and_missing_files(terminal: Terminal, tmp_path: Path) -> None:
    submitted(terminal)
    assert bad(terminal.run("doctor", "--json").json["checks"]) == []
    shutil.rmtree(next(tmp_path.rglob("files")))
    gone = terminal.run("doctor", "--json")
    assert (gone.code, bad(gone.json["checks"])) == (5, ["files"])
    engine = connect(terminal.url)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()
    older = terminal.run("doctor", "--json")
    first = older.json["checks"][0]
    assert (first["check"], first["facts"]) == ("migrations", {"reason": "DatabaseNotMigrated"})


def test_a_backup_is_restored_elsewhere(story: Engine, terminal: Terminal, tmp_path: Path) -> None:
    number = submitted(terminal)
    made = terminal.data("backup", tmp_path)
    assert made["files"] == 3
    assert Path(made["archive"]).name.startswith("beian-")
    refused = terminal.run("restore", made["archive"], "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "target_not_empty")

    there = Terminal(default_url(tmp_path / "there"), tmp_path)
    assert there.data("restore", made["archive"])["files"] == 3
    assert [each["number"] for each in there.data("case", "list")] == [number]
    assert there.data("audit", "verify")["findings"] == []
    assert bad(there.run("doctor", "--json").json["checks"]) == []
    nothing = there.run("restore", tmp_path / "parties.yaml", "--database", default_url(tmp_path / "x"))
    assert nothing.code == 6
    assert "这不是备份文件" in nothing.err


def test_reports_of_time_and_metrics(story: Engine, terminal: Terminal) -> None:
    assert terminal.data("report", "time") == []
    number = submitted(terminal)
    move(story, "2024-07-12T09:00")
    (case,) = terminal.data("report", "time", "--by", "case", "--call", "2024")
    assert (case["key"], case["parties"]["authority"]) == (number, {"days": 2, "hours": 48.0})
    (district,) = terminal.data("report", "time", "--by", "district")
    assert (district["key"], district["name"]) == ("pingjiang", "平江县科技局")
    assert "平江县科技局" in terminal.ok("report", "time", "--by", "holder")
    told = terminal.ok("report", "time")
    assert "机关" in told
    assert "填报" in told
    assert "draft" not in told
    move(story, "2024-08-09T20:00")
    text = terminal.ok("report", "metrics")
    desk = 'bureau="yueyang",district="pingjiang",stage="recommendation"'
    assert f"beian_open_cases{{{desk}}} 1.0" in text
    assert f"beian_overdue_cases{{{desk}}} 1.0" in text
    assert 'beian_overdue_seconds_bucket{bureau="yueyang",le="3600.0"} 0.0' in text
    assert 'beian_overdue_seconds_bucket{bureau="yueyang",le="28800.0"} 1.0' in text
    assert "beian_delivery_lag_seconds" in text


def test_metrics_of_an_empty_database(fresh: Terminal) -> None:
    engine = connect(fresh.url)
    upgrade(engine)
    engine.dispose()
    assert "beian_delivery_lag_seconds 0.0" in fresh.ok("report", "metrics")
