"""`beian support`: what a filed consortium may claim of its city's support, why and why not."""

import re
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from casework import claimable, clock
from casework.claimable import Known, NoSuchEntry, Words
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from models.database import reading
from procedure.entitlement import Entitlement, Reason
from procedure.form import fen
from procedure.instant import calendar_day, day_of
from procedure.support import Support

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands of support."""


@app.callback()
def _support() -> None:
    """Have a group even where there is a single command."""


@command(
    app,
    "show",
    "一个已备案的联合体现在可以申请哪些支持、最多多少，为何可以、为何不可，附依据条款。",
    "What a filed consortium may claim now, how much at most, why and why not, with the clause.",
    """
    beian support show KSLHT-2025-001
    beian support show KSLHT-2025-001 --measure special_project --object 项目甲 \\
        --know in_special_programme=yes
    beian support show XMLHT-2025-001 --measure national_matching --object 项目甲 \\
        --know national_project=yes --know national_funds=1234567.89
    """,
)
def show(
    reply: Reply,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=both("备案编号。", "The register number."))],
    bureau: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help=both("市局代码；编号重名时需要。", "The bureau, where several have it.")
        ),
    ] = None,
    measure: Annotated[
        str | None, typer.Option(metavar="ID", help=both("只看一项措施。", "One measure only."))
    ] = None,
    beneficiary: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="USCC",
            help=both("为哪个单位，默认牵头单位。", "For which unit; the lead if none."),
        ),
    ] = None,
    of: Annotated[
        str | None,
        typer.Option(
            "--object", help=both("为哪个项目、平台、人才等。", "For which project, platform, person.")
        ),
    ] = None,
    year: Annotated[
        int | None, typer.Option(help=both("为哪一年，默认当年。", "For which year; this one if none."))
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help=both("按哪一天的情况，默认今天。", "As of which day; today if none.")
        ),
    ] = None,
    know: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FACT=VALUE",
            help=both(
                "已知的事实，可重复：yes、no，或以元计的金额。", "What is known: yes, no, or yuan; repeat."
            ),
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Answer every measure, or one."""
    with opened(reply, database) as engine, reading(engine) as connection:
        day = day_of(clock.now(connection)) if on is None else _day(reply, on)
        try:
            known = claimable.known(connection, number, day, bureau)
        except NoSuchEntry:
            raise Failure(
                ExitCode.NOT_FOUND,
                "no_such_entry",
                reply.say(f"名册中没有唯一的编号“{number}”。", f"The register has no one entry {number!r}."),
                reply.say(
                    "现有的见 beian register list；几个市局都有时请加 --bureau。",
                    "For those there are: beian register list; give --bureau where several have it.",
                ),
            ) from None
    if measure is not None and measure not in known.support.measure:
        raise _bad(reply, measure, "unknown_measure", ", ".join(known.support.measure))
    facts = dict(_fact(reply, known.support, each) for each in know or ())
    told = claimable.answers(
        known, day, measure=measure, beneficiary=beneficiary, of=of, year=year, facts=facts
    )
    words = Words(known.support, reply.language)
    head = f"{known.number} {known.name}"
    if not told and not reply.as_json:
        note = known.support.note
        reply.give(None, head, *([] if note is None else [note.of(reply.language)]))
        return
    reply.give(_data(known, told, words), head, _table(reply, told, words))


def _table(reply: Reply, told: list[Entitlement], words: Words) -> RenderableType:
    heads = (
        reply.say("措施", "Measure"),
        reply.say("结论", "Answer"),
        reply.say("金额", "Amount"),
        reply.say("理由与依据", "Why"),
    )
    rows = [
        (
            f"{words.measure(each.measure)}\n{words.scope(each.measure)}",
            words.verdict(each),
            words.amount(each),
            "\n".join(_why(reply, reason, words) for reason in each.reasons),
        )
        for each in told
    ]
    return reply.table(heads, rows)


def _why(reply: Reply, reason: Reason, words: Words) -> str:
    ground = words.ground(reason.clause)
    return reply.say(f"{words.reason(reason)}（{ground}）", f"{words.reason(reason)} ({ground})")


def _data(known: Known, told: list[Entitlement], words: Words) -> dict[str, Any]:
    return {
        "bureau": known.bureau,
        "number": known.number,
        "name": known.name,
        "statuses": known.entry.statuses,
        "measures": [
            {
                "measure": each.measure,
                "title": words.measure(each.measure),
                "scope": words.scope(each.measure),
                "co_funding": known.support.measure[each.measure].co_funding,
                "note": words.note(each.measure) or None,
                "verdict": each.verdict,
                "at_most_fen": each.at_most,
                "exact": each.exact,
                "reasons": [
                    {
                        "code": reason.code,
                        "says": words.reason(reason),
                        "clause": None if reason.clause is None else words.ground(reason.clause),
                        "facts": dict(reason.facts),
                    }
                    for reason in each.reasons
                ],
            }
            for each in told
        ],
    }


def _fact(reply: Reply, support: Support, text: str) -> tuple[str, bool | int]:
    """Return a known fact: yes or no, or an amount in yuan as whole fen."""
    name, _, value = text.partition("=")
    fact = support.facts.get(name)
    if fact is None:
        raise _bad(reply, name, "unknown_fact", ", ".join(support.facts))
    if fact.type == "boolean":
        if value not in ("yes", "no"):
            raise _bad(reply, text, "bad_value", "yes, no")
        return name, value == "yes"
    amount = 0 if re.fullmatch(r"0+(?:\.0{1,2})?", value, re.ASCII) else fen(value)
    if amount is None:
        raise _bad(reply, text, "bad_value", "1234567.89")
    return name, amount


def known_facts(
    reply: Reply, connection: Any, number: str, bureau: str | None, given: list[str] | None
) -> dict[str, bool | int]:
    """Return what is known of an entry's claim, as `--know FACT=VALUE` tells it; nothing for no entry."""
    if not given:
        return {}
    try:
        support = claimable.known(connection, number, day_of(clock.now(connection)), bureau).support
    except LookupError:
        return {}
    return dict(_fact(reply, support, each) for each in given)


def _day(reply: Reply, text: str) -> Any:
    try:
        return calendar_day(text)
    except ValueError:
        raise _bad(reply, text, "bad_day", "2026-03-01") from None


def _bad(reply: Reply, given: str, code: str, expected: str) -> Failure:
    return Failure(
        ExitCode.USAGE,
        code,
        reply.say(f"“{given}”不可用，应为：{expected}", f"{given!r} will not do, expected: {expected}"),
    )
