"""A story on the terminal: what happens as it happens, and how everything came out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table

from casework.acts import Receipt
from procedure.act import Refusal
from story.play import Beat, Watch
from story.reading import Story

ACTS: Final = {
    "announce": "发布通知",
    "start": "开始填报",
    "save_draft": "填写",
    "invite_member": "邀请成员单位",
    "remove_member": "移除成员单位",
    "confirm_membership": "确认参加",
    "decline_membership": "谢绝参加",
    "attach_document": "上传材料",
    "remove_document": "移除材料",
    "submit": "提交",
    "withdraw": "撤回",
    "accept_online": "线上受理",
    "endorse": "推荐",
    "decline": "不予推荐",
    "deliver_papers": "递交纸质材料",
    "accept_late_papers": "受理逾期材料",
    "refuse_papers": "不受理纸质材料",
    "return_for_correction": "退回补正",
    "resubmit": "补正后重新提交",
    "revoke_return": "撤销退回",
    "pass_review": "形式审查通过",
    "reject": "形式审查不通过",
    "schedule_visit": "安排现场考察",
    "record_visit": "记录现场考察",
    "name_panel": "组成专家组",
    "score": "专家打分",
    "close_scoring": "评审结束",
    "select": "择优",
    "file": "备案",
    "complete": "批次办结",
    "extend_deadline": "延长期限",
    "suspend_deadline": "中止期限",
    "resume_deadline": "恢复期限",
}
"""Acts in Chinese; one that is not here is shown by its name alone."""


@contextmanager
def watching(story: Story, console: Console) -> Iterator[Watch]:
    """Show what day it is in the story and what just happened, as long as the block runs."""
    progress = Progress(
        TextColumn("[bold]{task.fields[day]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        console=console,
    )
    with progress:
        bar = progress.add_task("", total=len(story.steps), day="")

        def watch(beat: Beat) -> None:
            day = beat.at.format("YYYY-MM-DD HH:mm")
            progress.update(bar, completed=beat.done, day=day, description=escape(_brief(story, beat)))
            line = _line(story, beat)
            if line:
                progress.console.print(f"[dim]{beat.at.format('YYYY-MM-DD HH:mm:ss')}[/] {line}")

        yield watch


def outcomes(result: dict[str, Any]) -> Table:
    """Return the table of how each application came out."""
    table = Table(title="办理结果 Outcomes", title_justify="left")
    table.add_column("办件 Case", no_wrap=True)
    for head in ("牵头单位 Lead", "结果 Outcome", "原因 Reason", "依据 Clause"):
        table.add_column(head, overflow="fold")
    for short, account in result["cases"].items():
        if account is None:
            table.add_row(short, "", "[dim]未开始 never started[/]", "", "")
            continue
        title = account["title"]
        colour = "green" if account["register"] else "yellow" if account["outcome"] is None else "red"
        table.add_row(
            f"{account['ref']}\n[dim]{escape(short)}[/]",
            escape(account["lead"]["name"]),
            f"[{colour}]{escape(title['zh'])}[/]\n[dim]{escape(title['en'])}[/]",
            escape(_reason(account)),
            escape(_clause(account)),
        )
    return table


def register(result: dict[str, Any]) -> Table:
    """Return the register as a table."""
    table = Table(title="备案名册 Register", title_justify="left")
    table.add_column("备案编号 Number", no_wrap=True)
    for head in ("名称 Name", "牵头单位 Lead", "有效期 Valid", "文号 Document"):
        table.add_column(head, overflow="fold")
    for entry in result["register"]:
        table.add_row(
            entry["number"],
            escape(entry["name"]),
            escape(entry["lead"]),
            f"{entry['valid_from']} – {entry['valid_to'] or ''}",
            escape(entry["document_number"]),
        )
    return table


def differences(result: dict[str, Any]) -> Table:
    """Return what did not come true, with the line of the file that expected it."""
    table = Table(title="与预期不符 Not as expected", title_justify="left", title_style="bold red")
    for head in ("行 Line", "位置 Path", "时刻 At", "预期 Expected", "实际 Actual"):
        table.add_column(head, overflow="fold")
    for each in result["differences"]:
        table.add_row(
            str(each["line"]),
            escape(each["path"]),
            each["at"],
            _shown(each["expected"]),
            _shown(each["actual"]),
        )
    for left in result["left_due"]:
        case = left["case"] or result["scenario"]
        table.add_row("", escape(str(case)), left["due"], "到期事项已办 done when due", "未办 left undone")
    return table


def _brief(story: Story, beat: Beat) -> str:
    if beat.kind == "due":
        return f"到期事项 what is due: {beat.what}"
    if beat.kind != "act":
        return ""
    return f"{_who(story, beat.case)} {_act(beat.what)}"


def _line(story: Story, beat: Beat) -> str | None:
    """Return the line that stays on the screen; everyday acts leave none."""
    if beat.kind == "due":
        return f"[cyan]▸ 到期事项 what is due[/] → {escape(beat.what)}"
    who, act = escape(_who(story, beat.case)), escape(_act(beat.what))
    if isinstance(beat.answer, Refusal):
        clause = "" if beat.answer.clause is None else f"，依据 clause {beat.answer.clause.clause}"
        return f"[yellow]✗[/] {who} {act}：[yellow]{escape(beat.answer.code)}[/]{escape(clause)}"
    if isinstance(beat.answer, Receipt) and beat.answer.outcome is not None:
        life = story.pack.procedure.life("call" if beat.case is None else "application")
        title = life.outcome[beat.answer.outcome].title
        return f"[green]✓[/] {who} {act} → {escape(title.zh)} {escape(title.en)}"
    return None


def _who(story: Story, case: str | None) -> str:
    if case is None:
        return story.scenario.call.code
    application = story.scenario.applications[case]
    return f"{case} {story.scenario.organisations[application.lead].name}"


def _act(name: str) -> str:
    return f"{ACTS[name]} {name}" if name in ACTS else name


def _reason(account: dict[str, Any]) -> str:
    if account["reason"]:
        return str(account["reason"])
    because = account["because"] or {}
    lapsed = next((ground for ground in account["grounds"] if ground["of"] == "deadline"), None)
    if lapsed is not None:
        return f"{lapsed['title']['zh']} {lapsed['title']['en']} {because['due'][:16].replace('T', ' ')}"
    if account["register"]:
        return str(account["register"]["name"])
    if account["mean"] is not None:
        return f"平均分 mean {account['mean']}"
    return _act(because["act"]) if because.get("act") else ""


def _clause(account: dict[str, Any]) -> str:
    clauses = (ground["clause"] for ground in account["grounds"])
    return ", ".join(dict.fromkeys(filter(None, clauses))) or "设定 setting"


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    return escape(", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value))
