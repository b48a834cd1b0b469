"""The year of a city's programme as a workbook: a paper of a Chinese office, and in Chinese."""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from casework import spreadsheet
from casework.programme import OPEN, Programme
from casework.spreadsheet import Sheet
from casework.terms import term
from casework.time_account import PARTIES
from procedure.form import yuan
from procedure.instant import instant

DERIVED: Final = "推算，非原文所载"
"""Where the source of a figure stands, for one that no document states."""


def sheets(told: Programme) -> Iterator[Sheet]:
    """Yield the year as sheets of a workbook, in Chinese, days being working days."""
    outcomes = list(dict.fromkeys(name for call in told.calls for name in call.outcomes))
    yield Sheet(
        "批次",
        (
            "批次",
            "名称",
            "受理开始",
            "受理截止",
            "提交",
            *("在办" if each == OPEN else each for each in outcomes),
        ),
        [
            (
                call.code,
                call.title,
                _day(call.opens_at),
                _day(call.closes_at),
                call.submitted,
                *(call.outcomes.get(each, 0) for each in outcomes),
            )
            for call in told.calls
        ],
    )
    parties = tuple(dict.fromkeys(PARTIES.values()))
    heads = (
        "件数",
        "合计（工作日）",
        *(f"{term('parties', each, 'zh')}（工作日）" for each in parties),
        "其中停止计时（工作日）",
    )
    for title, head, accounts in (
        ("用时·环节", "环节", told.by_stage),
        ("用时·经手方", "单位", told.by_holder),
    ):
        rows = [
            (
                each.key,
                each.cases,
                sum(each.parties[party].days for party in parties),
                *(each.parties[party].days for party in parties),
                each.suspended.days,
            )
            for each in accounts
        ]
        yield Sheet(title, (head, *heads), rows)
    yield Sheet("当年备案", ("方向/领域", "条数"), list(told.filed.items()))
    yield Sheet(
        "当年备案的状态",
        ("状态", "条数"),
        [(term("states", name, "zh"), n) for name, n in told.states.items()],
    )
    yield Sheet(
        "目标",
        ("目标", "到年底", "目标数", "到期前", "现有", "分年", "分领域", "出处"),
        [
            (
                each.target.title.zh,
                each.target.by,
                each.target.number,
                each.in_time,
                each.total,
                _split(each.by_year),
                _split(each.by_field),
                told.sources[each.target.id],
            )
            for each in told.targets
        ],
    )
    if told.reported:
        yield Sheet(
            "文件所载数字",
            ("数字", "年份", "数", "占比（%）", "出处"),
            [
                (
                    each.figure.title.zh,
                    each.figure.year,
                    each.number,
                    each.figure.percent or "",
                    DERIVED if each.derived else told.sources[each.figure.id],
                )
                for each in told.reported
            ],
        )
    for title, counted in (("当年评价", told.evaluations), ("当年验收", told.acceptances)):
        if counted:
            yield Sheet(
                title, ("等次", "家数"), [(term("grades", name, "zh"), n) for name, n in counted.items()]
            )
    if told.granted:
        yield Sheet(
            "当年支持", ("措施", "批准金额（元）"), [(name, yuan(fen)) for name, fen in told.granted.items()]
        )


def _split(counted: Mapping[Any, int]) -> str:
    return " ".join(f"{name or '—'}:{n}" for name, n in counted.items())


def _day(at: datetime.datetime | None) -> str:
    return "" if at is None else instant(at).format("YYYY-MM-DD HH:mm")


def write(path: Path, told: Programme) -> None:
    """Write the year as XLSX."""
    spreadsheet.write(path, *sheets(told))
