"""A story on the terminal: what happens as it happens, and how everything came out."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from casework import wording
from casework.acts import Receipt
from casework.terms import term
from cli.reply import Reply
from procedure.act import Refusal
from procedure.instant import instant
from procedure.written import day, listed, when
from story.after_filing import EXCELLENT, FAILED, ROUND, Round
from story.carriers import Ran
from story.cast import START
from story.play import Beat, Watch
from story.reading import Story

DETAILS: Final = 2
"""How many details of a refusal a line shows."""


@contextmanager
def watching(story: Story, reply: Reply) -> Generator[Watch, None, None]:
    """Show what day it is in the story and what just happened, as long as the block runs."""
    progress = Progress(
        TextColumn("[bold]{task.fields[day]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        console=reply.err,
    )
    with progress:
        bar = progress.add_task("", total=len(story.steps), day="")

        def watch(beat: Beat) -> None:
            progress.update(
                bar,
                completed=beat.done,
                day=day(beat.at, reply.language),
                description=escape(_brief(story, beat, reply.language)),
            )
            line = _line(story, beat, reply)
            if line:
                progress.console.print(f"[dim]{when(beat.at, reply.language)}[/] {line}", soft_wrap=True)

        yield watch


def outcomes(result: dict[str, Any], reply: Reply) -> RenderableType:
    """Return the table of how each application came out."""
    rows: list[tuple[str, str, str, str, str]] = []
    for short, account in result["cases"].items():
        if account is None:
            rows.append((short, "", reply.say("未开始", "never started"), "", ""))
            continue
        rows.append(
            (
                account["ref"],
                f"{account['lead']['name']} ({short})",
                account["title"][reply.language],
                _reason(account, reply),
                _clauses(account, reply),
            )
        )
    heads = (
        reply.say("办件", "Case"),
        reply.say("牵头单位", "Lead unit"),
        reply.say("结果", "Outcome"),
        reply.say("原因", "Reason"),
        reply.say("依据", "Clause"),
    )
    return _titled(reply.table(heads, rows), reply.say("办理结果", "Outcomes"))


def register(result: dict[str, Any], reply: Reply) -> RenderableType:
    """Return the register as a table."""
    heads = (
        reply.say("备案编号", "Number"),
        reply.say("名称", "Name"),
        reply.say("牵头单位", "Lead unit"),
        reply.say("有效期", "Valid"),
        reply.say("备案文号", "Document"),
    )
    rows = [
        (
            entry["number"],
            entry["name"],
            entry["lead"],
            f"{entry['valid_from']} – {entry['valid_to'] or ''}",
            entry["document_number"],
        )
        for entry in result["register"]
    ]
    return _titled(reply.table(heads, rows), reply.say("备案名册", "Register"))


def evaluation(told: Round, reply: Reply) -> RenderableType:
    """Return what a round of evaluation came to, and what the register said of whom it had consequences."""
    rows = [
        (number, when(instant(each.since), reply.language), term("states", each.state, reply.language))
        for number, states in told.history.items()
        for each in states
    ]
    heads = (reply.say("备案编号", "Number"), reply.say("自", "Since"), reply.say("状态", "State"))
    title = reply.say(
        f"备案之后：{ROUND} 评价 {told.opened} 家，{FAILED} 不合格，听取陈述后取消，申诉后恢复；"
        f"{EXCELLENT} 优秀",
        f"After filing: {ROUND} evaluates {told.opened}; {FAILED} failed, was heard, revoked, and restored on"
        f" appeal; {EXCELLENT} is excellent",
    )
    return _titled(reply.table(heads, rows), title)


def differences(result: dict[str, Any], reply: Reply) -> RenderableType:
    """Return what did not come true, with the line of the file that expected it."""
    heads = (
        reply.say("行", "Line"),
        reply.say("位置", "Path"),
        reply.say("时刻", "At"),
        reply.say("预期", "Expected"),
        reply.say("实际", "Actual"),
    )
    rows = [
        (each["line"], each["path"], each["at"], _shown(each["expected"]), _shown(each["actual"]))
        for each in result["differences"]
    ]
    rows += [
        (
            "",
            left["case"] or result["call"]["ref"],
            left["due"],
            reply.say("到期即办", "done when due"),
            reply.say("未办", "left undone"),
        )
        for left in result["left_due"]
    ]
    return _titled(reply.table(heads, rows), reply.say("与预期不符", "Not as expected"))


def _titled(table: RenderableType, title: str) -> RenderableType:
    return Group(Text(title, style="bold"), table)


def what_ran(runs: Iterable[Ran], language: str) -> str:
    """Return which lanes or sweeps did what was due, and how each ended, as a list in words."""
    told: list[str] = []
    for ran in runs:
        name, _, count = ran.ended.rpartition(" ") if ran.ended[-1:].isdigit() else (ran.ended, "", "")
        ended = term("run_states", name, language).format(count=count)
        told.append(f"{term('runs', ran.of, language)} {ended}".rstrip())
    return listed(told, language)


def _brief(story: Story, beat: Beat, language: str) -> str:
    if beat.kind == "due":
        return what_ran(beat.runs, language)
    return f"{_who(story, beat.case)} {term('acts', beat.what, language)}" if beat.kind == "act" else ""


def _line(story: Story, beat: Beat, reply: Reply) -> str | None:
    """Return the line that stays on the screen; everyday acts leave none."""
    if beat.kind == "due":
        ran = escape(what_ran(beat.runs, reply.language))
        return f"[cyan]▸ {reply.say('到期事项', 'due by itself')}[/] {ran}"
    did = escape(f"{_who(story, beat.case)} {term('acts', beat.what, reply.language)}")
    procedure = story.pack.procedure
    if isinstance(beat.answer, Refusal):
        said = wording.word(beat.answer, reply.language, procedure)
        why = reply.say("：", ": ") + " ".join((said.says, *said.details[:DETAILS]))
        return f"[yellow]✗[/] {did}[dim]{escape(why)}[/]"
    if beat.what == START and beat.case is not None:
        note = story.scenario.applications[beat.case].note
        return None if note is None else f"◆ {did} [dim]{escape(note.of(reply.language))}[/]"
    if isinstance(beat.answer, Receipt) and beat.answer.outcome is not None:
        life = procedure.life("call" if beat.case is None else "application")
        return f"[green]✓[/] {did} → {escape(life.outcome[beat.answer.outcome].title.of(reply.language))}"
    return None


def _who(story: Story, case: str | None) -> str:
    if case is None:
        return story.scenario.call.code
    return story.scenario.organisations[story.scenario.applications[case].lead].name


def _reason(account: dict[str, Any], reply: Reply) -> str:
    """Return the words a person gave, or else what led there."""
    if account["reason"]:
        return str(account["reason"])
    lapsed = next((ground for ground in account["grounds"] if ground["of"] == "deadline"), None)
    if lapsed is not None and "due" in (account["because"] or {}):
        due = when(instant(account["because"]["due"]), reply.language)
        return reply.say(f"{lapsed['title']['zh']}：{due}止", f"{lapsed['title']['en']}: until {due}")
    if account["register"]:
        return str(account["register"]["name"])
    if account["mean"] is not None:
        return reply.say(f"平均分 {account['mean']}", f"mean {account['mean']}")
    act = (account["because"] or {}).get("act")
    return term("acts", act, reply.language) if act else ""


def _clauses(account: dict[str, Any], reply: Reply) -> str:
    clauses = (ground["clause"] for ground in account["grounds"])
    return ", ".join(dict.fromkeys(filter(None, clauses))) or reply.say("设定", "setting")


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
