"""The register of filed consortia (备案名册) and the call's summary table (信息汇总表)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from casework.terms import Terms
from models import Bureau, Call, Case, Event, Member, Organisation, RegisterEntry, Subject
from procedure import subject as subjects
from procedure import written
from procedure.instant import instant

_register = RegisterEntry.__table__
_cases = Case.__table__
_calls = Call.__table__
_subjects = Subject.__table__
_events = Event.__table__
_bureaus = Bureau.__table__
_members = Member.__table__
_leads = Organisation.__table__.alias("leads")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register."""

    number: str
    name: str
    lead: str
    uscc: str
    direction: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    document_number: str
    state: str
    case: str
    bureau: str


@dataclass(frozen=True, slots=True)
class RectifiedEntry:
    """A rectification of an entry of the register: when, why, and what it said before and says since."""

    bureau: str
    number: str
    at: datetime.datetime
    reason: str
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One line of the summary table."""

    case: str
    direction: str
    lead: str
    uscc: str
    district: str
    members: int
    submitted_at: datetime.datetime | None
    stage: str
    outcome: str | None


def entries(
    connection: Connection,
    bureau: str | None = None,
    query: str = "",
    *,
    number: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Entry]:
    """Return the register by number, of one bureau or all; ``query`` narrows it to what contains it in
    the name, the number, the direction or the lead unit.

    ``number`` asks for one entry by its whole number.
    """
    statement: Select[Any] = (
        select(
            _register,
            _leads.c.name.label("lead"),
            _leads.c.uscc,
            _cases.c.number.label("case_number"),
            _bureaus.c.code.label("bureau"),
        )
        .join(_leads, _leads.c.id == _register.c.lead_id)
        .join(_cases, _cases.c.subject_id == _register.c.subject_id)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .where(*_narrowed(bureau, query))
        .order_by(_register.c.bureau_id, _register.c.number)
        .limit(limit)
        .offset(offset)
    )
    if number is not None:
        statement = statement.where(_register.c.number == number)
    return [
        Entry(
            row.number,
            row.name,
            row.lead,
            row.uscc,
            row.direction or "",
            row.valid_from,
            row.valid_to,
            row.document_number or "",
            row.state,
            row.case_number,
            row.bureau,
        )
        for row in connection.execute(statement)
    ]


def rectifications(
    connection: Connection, bureau: str | None = None, number: str | None = None
) -> list[RectifiedEntry]:
    """Return every rectification of entries of the register in order: their history, from the record."""
    statement = (
        select(_register.c.number, _register.c.subject_id, _bureaus.c.code)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .join(_events, _events.c.subject_id == _register.c.subject_id)
        .where(_events.c.kind == "rectified")
        .distinct()
        .order_by(_register.c.number)
    )
    if bureau is not None:
        statement = statement.where(_bureaus.c.code == bureau)
    if number is not None:
        statement = statement.where(_register.c.number == number)
    told: list[RectifiedEntry] = []
    for row in connection.execute(statement).all():
        state = connection.execute(
            select(_subjects.c.state).where(_subjects.c.id == row.subject_id)
        ).scalar_one()
        for each in subjects.load(state).application.rectifications:
            of_filing = [item for item in each.items if item.item.startswith("filing.")]
            if each.decided_at is not None and each.state == "confirmed" and of_filing:
                told.append(
                    RectifiedEntry(
                        row.code,
                        row.number,
                        each.decided_at,
                        each.reason,
                        {item.item: str(item.before) for item in of_filing},
                        {item.item: str(item.after) for item in of_filing},
                    )
                )
    return told


def size(connection: Connection, bureau: str | None = None, query: str = "") -> int:
    """Return how many entries ``entries`` finds."""
    statement = (
        select(func.count())
        .select_from(_register)
        .join(_leads, _leads.c.id == _register.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _register.c.bureau_id)
        .where(*_narrowed(bureau, query))
    )
    return int(connection.execute(statement).scalar_one())


def _narrowed(bureau: str | None, query: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if bureau is not None:
        conditions.append(_bureaus.c.code == bureau)
    if query:
        names = (_register.c.name, _register.c.number, _register.c.direction, _leads.c.name)
        conditions.append(or_(*(name.contains(query, autoescape=True) for name in names)))
    return conditions


def summary(connection: Connection, call: str) -> list[SummaryLine]:
    """Return the summary table of a call: every case that was submitted, in order of numbers."""
    joined = (
        select(func.count())
        .where(_members.c.subject_id == _cases.c.subject_id, _members.c.status == "confirmed")
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            _cases.c.number,
            _cases.c.direction,
            _cases.c.submitted_at,
            _leads.c.name.label("lead"),
            _leads.c.uscc,
            _bureaus.c.name_zh.label("district"),
            joined.label("members"),
            _subjects.c.stage,
            _subjects.c.outcome,
        )
        .join(_calls, _calls.c.subject_id == _cases.c.call_id)
        .join(_subjects, _subjects.c.id == _cases.c.subject_id)
        .join(_leads, _leads.c.id == _cases.c.lead_id)
        .join(_bureaus, _bureaus.c.id == _cases.c.district_id)
        .where(_calls.c.code == call, _cases.c.submitted_at.is_not(None))
        .order_by(_cases.c.number)
    )
    return [
        SummaryLine(
            row.number,
            row.direction or "",
            row.lead,
            row.uscc,
            row.district,
            row.members,
            row.submitted_at,
            row.stage,
            row.outcome,
        )
        for row in rows
    ]


def write_register(path: Path, lines: Iterable[Entry], history: Iterable[RectifiedEntry]) -> None:
    """Write the register as XLSX; texts stay texts, whatever they begin with.

    ``history`` is what of the lines was rectified; the last column tells it line by line.
    """
    corrected: dict[tuple[str, str], list[str]] = {}
    for each in history:
        corrected.setdefault((each.bureau, each.number), []).append(_in_words(each))
    _write(
        path,
        "备案名册",
        (
            "备案编号",
            "名称",
            "牵头单位",
            "统一社会信用代码",
            "方向/领域",
            "有效期起",
            "有效期止",
            "备案文号",
            "状态",
            "更正",
        ),
        (
            (
                line.number,
                line.name,
                line.lead,
                line.uscc,
                line.direction,
                line.valid_from.isoformat(),
                line.valid_to.isoformat() if line.valid_to else "",
                line.document_number,
                line.state,
                "\n".join(corrected.get((line.bureau, line.number), ())),
            )
            for line in lines
        ),
    )


def _in_words(rectified: RectifiedEntry) -> str:
    terms = Terms("zh")
    changes = "；".join(
        f"{terms.item(item)}：{was} → {rectified.after[item]}" for item, was in rectified.before.items()
    )
    return f"{written.when(instant(rectified.at), 'zh')}更正：{changes}。理由：{rectified.reason}"


def write_summary(path: Path, lines: Iterable[SummaryLine]) -> None:
    """Write the summary table as XLSX; texts stay texts, whatever they begin with."""
    _write(
        path,
        "信息汇总表",
        (
            "办件编号",
            "方向/领域",
            "牵头单位",
            "统一社会信用代码",
            "推荐单位",
            "成员单位数",
            "提交时间",
            "环节",
            "结果",
        ),
        (
            (
                line.case,
                line.direction,
                line.lead,
                line.uscc,
                line.district,
                line.members,
                instant(line.submitted_at).format("YYYY-MM-DD HH:mm:ss") if line.submitted_at else "",
                line.stage,
                line.outcome or "",
            )
            for line in lines
        ),
    )


def _write(path: Path, title: str, heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A cell that begins with = or looks like a link must never become a formula or a link.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(title)
        bold = book.add_format({"bold": True, "bottom": 1})
        widths = [len(head) * 2 + 2 for head in heads]
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, bold)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(at, column, value)
                else:
                    sheet.write_string(at, column, str(value))
                widths[column] = max(widths[column], min(48, 2 + 2 * len(str(value))))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, sheet.dim_rowmax or 0), len(heads) - 1)
