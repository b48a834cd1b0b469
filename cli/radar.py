"""`beian radar`: what is stuck and why, who holds the clock, what happens next, and what helps."""

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from casework import conditions
from casework import radar as radars
from casework.radar import Radar
from casework.radar_line import Line
from casework.terms import term
from casework.troubles import Trouble
from cli.command import both, command
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, RoleOption, claim_of, opened
from models.database import reading
from procedure import written
from procedure.instant import instant

app = typer.Typer(add_completion=False)


@command(
    app,
    "radar",
    "列出受阻的办件：原因、由谁办理、自何时起、接下来何时如何、可以怎么办；最急的在前。",
    "List the cases that are stuck: why, who holds them since when, what is next and when, what helps.",
    """
    beian radar
    beian radar --trouble overdue --trouble no_holder --district pingjiang
    beian radar --stage formal_review --as wang --role district_officer
    beian radar --json | jq '.counts'
    """,
)
def radar(
    reply: Reply,
    trouble: Annotated[
        list[Trouble] | None, typer.Option(help=both("问题，可重复。", "The trouble, may be repeated."))
    ] = None,
    stage: Annotated[
        list[str] | None, typer.Option(help=both("环节，可重复。", "The stage, may be repeated."))
    ] = None,
    district: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE", help=both("推荐单位，可重复。", "The recommending unit, may be repeated.")
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help=both("最多几条。", "At most so many."))] = 50,
    offset: Annotated[
        int, typer.Option(min=0, max=1_000_000, help=both("跳过前几条。", "Leave out the first so many."))
    ] = 0,
    as_handle: AsOption = None,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Look once."""
    with opened(reply, database) as engine, reading(engine) as connection:
        seen_by = None if as_handle is None else claim_of(reply, connection, as_handle, role)
        seen = radars.look(
            connection,
            seen_by=seen_by,
            stages=stage or (),
            districts=district or (),
            troubles=trouble or (),
            limit=limit,
            offset=offset,
        )
    reply.give(_data(seen), *_shown(reply, seen))
    if reply.as_json:
        return
    if not seen.lines:
        reply.note("没有受阻的办件。", "No case is stuck.")
    if seen.more:
        reply.note(f"后面还有（--offset {offset + limit}）。", f"There are more (--offset {offset + limit}).")


def _data(seen: Radar) -> dict[str, Any]:
    return {
        "at": seen.at,
        "counts": {str(each): count for each, count in seen.counts.items()},
        "late": [
            {"least_hours": each.least, "below_hours": each.below, "cases": each.cases} for each in seen.late
        ],
        "conditions": [
            {"kind": each.kind, "of": each.of, "since": _maybe(each.since), "what": each.what}
            for each in seen.conditions
        ],
        "more": seen.more,
        "lines": [
            {
                "number": line.number,
                "kind": line.kind,
                "entry": line.entry,
                "call": line.call,
                "lead": line.lead,
                "district": line.district_code,
                "stage": line.stage,
                "troubles": [str(each) for each in line.troubles],
                "holder": line.holder,
                "office": {"zh": line.office.zh, "en": line.office.en},
                "people": list(line.people),
                "since": instant(line.since),
                "due": _maybe(line.due_at),
                "provisional": line.provisional,
                "next": None
                if line.next is None
                else {
                    "rung": line.next.rung,
                    "deadline": line.next.deadline,
                    "lapses": line.next.lapses,
                    "at": instant(line.next.at),
                },
                "helps": list(line.helps),
                "commands": {each: command_of(line, each) for each in line.helps},
            }
            for line in seen.lines
        ],
    }


def _shown(reply: Reply, seen: Radar) -> list[RenderableType]:
    shown: list[RenderableType] = [
        Text(conditions.said(each, reply.language), style="red") for each in seen.conditions
    ]
    counts = [
        f"{term('troubles', each, reply.language)} {count}" for each, count in seen.counts.items() if count
    ]
    if counts:
        shown.append(Text(" · ".join(counts), style="bold"))
    late = [
        f"{each.least}–{each.below} h {each.cases}" if each.below else f"≥ {each.least} h {each.cases}"
        for each in seen.late
        if each.cases
    ]
    if late:
        shown.append(Text(f"{reply.say('已逾期', 'overdue for')}: {' · '.join(late)}"))
    heads = (
        reply.say("编号", "Number"),
        reply.say("问题", "Trouble"),
        reply.say("环节", "Stage"),
        reply.say("办理人", "Holder"),
        reply.say("自", "Since"),
        reply.say("到期", "Due"),
        reply.say("接下来", "Next"),
        reply.say("可以", "Helps"),
    )
    if seen.lines:
        shown.append(reply.table(heads, [_row(reply, line) for line in seen.lines]))
    return shown


def _row(reply: Reply, line: Line) -> tuple[str, ...]:
    language = reply.language
    due = "" if line.due_at is None else _minute(line.due_at)
    if line.provisional:
        due += reply.say("（暂定）", " (provisional)")
    return (
        line.number,
        _listed(reply, [term("troubles", each, language) for each in line.troubles]),
        line.stage_title.of(language),
        _holder(reply, line),
        _minute(line.since),
        due,
        _next(reply, line),
        _listed(reply, [_help(line, each, language) for each in line.helps]),
    )


def command_of(line: Line, help_: str) -> str:
    """Return the command that does what helps; whoever carries it out adds as whom, and an act's content."""
    match help_:
        case "urge":
            return f"beian {_family(line)} urge {line.number}"
        case "resend":
            return f"beian notice resend {_numbers(line.notices)}"
        case "retry":
            return f"beian incident retry {line.incidents[0]} --case {line.number}"
        case "look_into":
            return f"beian incident show {line.incidents[0]}"
        case "open":
            if line.kind == "entry":
                return f"beian consortium show {line.number}"
            return f"beian {_family(line)} show {line.number}"
        case act:
            return f"beian {_family(line)} act {line.number} {act}"


def _family(line: Line) -> str:
    """Return the commands that show what a line is about and act on it."""
    return "case" if line.kind == "application" else "evaluation"


def _help(line: Line, help_: str, language: str) -> str:
    of = {"resend": line.notices, "retry": line.incidents[:1], "look_into": line.incidents[:1]}
    return f"{term('helps', help_, language)} {_numbers(of.get(help_, ()))}".rstrip()


def _numbers(of: tuple[int, ...]) -> str:
    return " ".join(map(str, of))


def _holder(reply: Reply, line: Line) -> str:
    if line.holder in ("panel", "public"):
        name = written.HOLDERS[line.holder].of(reply.language)
    else:
        name = line.office.of(reply.language)
    return f"{name}{reply.say('：', ': ')}{_listed(reply, line.people)}" if line.people else name


def _next(reply: Reply, line: Line) -> str:
    if line.next is None:
        return ""
    if line.next.step is not None:
        what = line.next.step.of(reply.language)
    else:
        what = term("rungs", "lapse" if line.next.lapses else "due", reply.language)
    what = f"{line.next.title.of(reply.language)} {what}"
    return f"{_minute(line.next.at)} {what}"


def _listed(reply: Reply, words: Any) -> str:
    return reply.say("、", ", ").join(words)


def _minute(at: Any) -> str:
    return f"{instant(at):YYYY-MM-DD HH:mm}"


def _maybe(at: Any) -> Any:
    return None if at is None else instant(at)
