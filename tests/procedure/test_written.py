"""How people write instants, amounts and grounds."""

import datetime

import pytest

from procedure import written
from procedure.definition import Words
from procedure.instant import local_instant
from procedure.pack import shipped

PROCEDURE = shipped("yueyang-2024").procedure


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        ("2024-08-04T18:00", "2024年8月4日 18:00", "4 August 2024, 18:00"),
        ("2024-08-04T18:00:00.001", "2024年8月4日 18:00:00.001", "4 August 2024, 18:00:00.001"),
        ("2024-08-04T18:00:00.000001", "2024年8月4日 18:00:00.000001", "4 August 2024, 18:00:00.000001"),
        ("2024-08-04T17:59:59.999", "2024年8月4日 17:59:59", "4 August 2024, 17:59:59"),
        ("2024-08-04T10:00:00+00:00", "2024年8月4日 18:00", "4 August 2024, 18:00"),
        ("2024-12-31T23:59:59.999999", "2024年12月31日 24:00", "31 December 2024, end of day"),
        ("2025-01-01T00:00", "2025年1月1日 00:00", "1 January 2025, 00:00"),
    ],
)
def test_an_instant(at: str, zh: str, en: str) -> None:
    assert written.when(local_instant(at), "zh") == zh
    assert written.when(local_instant(at), "en") == en


def test_a_day_is_that_of_shanghai() -> None:
    late = datetime.datetime(2024, 8, 4, 17, 0, tzinfo=datetime.UTC)
    assert written.day(late, "zh") == "2024年8月5日"
    assert written.day(datetime.date(2024, 8, 4), "en") == "4 August 2024"
    assert (
        written.weekday(datetime.date(2024, 8, 4), "zh"),
        written.weekday(datetime.date(2024, 8, 4), "en"),
    ) == (
        "星期日",
        "Sunday",
    )


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (1_000_000_000, "¥10,000,000.00"),
        (999_999_999, "¥9,999,999.99"),
        (5, "¥0.05"),
        (0, "¥0.00"),
        (-150, "-¥1.50"),
    ],
)
def test_an_amount(fen: int, text: str) -> None:
    assert written.money(fen) == text


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [(0, "不足1分钟", "less than a minute"), (1, "1分钟", "1 minute"), (1500, "1天 1小时", "1 day 1 hour")],
)
def test_a_length_of_time(minutes: int, zh: str, en: str) -> None:
    assert written.length(minutes * 60_000_000, "zh") == zh
    assert written.length(minutes * 60_000_000 + 59_000_000, "en") == en


def test_counts_and_points() -> None:
    day = Words(zh="工作日", en="working day")
    assert [written.count(n, day, "en") for n in (0, 1, 5)] == [
        "0 working days",
        "1 working day",
        "5 working days",
    ]
    assert written.count(1, day, "zh") == "1个工作日"
    assert [written.points(n) for n in (0, 7005, 10_000)] == ["0.00", "70.05", "100.00"]


def test_where_a_rule_comes_from() -> None:
    date, setting = PROCEDURE.dates["papers_due"], PROCEDURE.settings["pass_mark"]
    assert written.ground(PROCEDURE, date, "zh") == (
        "《关于试行开展2024年度岳阳市创新联合体申报工作的通知》6.2（应当）"
    )
    assert written.ground(PROCEDURE, date, "en") == (
        "Notice on the 2024 trial call for Yueyang innovation consortia, clause 6.2 (must)"
    )
    assert written.ground(PROCEDURE, setting, "zh") == "设定，原文件未规定"
    assert written.ground(PROCEDURE, setting, "en") == "a setting, the sources are silent"
