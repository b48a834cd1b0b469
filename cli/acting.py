"""Acts from the command line: their particulars, the files that come with them, and the receipt."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin
from uuid import uuid4

import pendulum
import typer
from sqlalchemy import Engine

from casework import acts, clock, loading
from casework.acts import Receipt, Request
from casework.standing import Standing, standing
from casework.terms import term
from cli.attaching import attached
from cli.command import both
from cli.due_text import due_lines
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import claim_of, data_folder, opened, subject_of
from cli.trouble import refused
from models.database import reading
from procedure import written
from procedure.act import Refusal
from procedure.acts import ACTS

LONGEST: Final = 5_000_000
"""The most characters of particulars that are read from a file or a pipe."""


def _act_names(incomplete: str) -> list[str]:
    return [name for name in sorted(ACTS) if name.startswith(incomplete)]


ActArgument = Annotated[
    str,
    typer.Argument(
        metavar="ACT",
        autocompletion=_act_names,
        help=both("办理事项，如 submit；可办理的见 case show。", "The act, such as submit; see case show."),
    ),
]
DataOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE|@FILE",
        help=both(
            "填写项，可重复：名称=值（值可以是 JSON），fields.路径=值，members.信用代码.路径=值，"
            "或 @文件.json（@- 为标准输入）。",
            "A particular, may be repeated: NAME=VALUE (the value may be JSON), fields.PATH=VALUE, "
            "members.USCC.PATH=VALUE, or @FILE.json (@- reads standard input).",
        ),
    ),
]
FileOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MATERIAL=PATH",
        help=both(
            "上传材料（attach_document）或异议的证明材料（lodge_objection 的 evidence=路径），可重复。",
            "A document to attach, or evidence of an objection (evidence=PATH), may be repeated.",
        ),
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        help=both(
            "请求标识：同一标识只办理一次。默认每次不同。", "Makes a repetition harmless; fresh by default."
        )
    ),
]
VersionOption = Annotated[
    int | None,
    typer.Option(
        min=0, help=both("所依据的版本；已变动则拒绝。", "The version looked at; refused if it moved on.")
    ),
]


def perform(
    reply: Reply,
    database: str | None,
    ref: str,
    act: str,
    data: list[str] | None,
    files: list[str] | None = None,
    *,
    as_handle: str | None,
    role: str | None,
    behalf: str | None = None,
    key: str | None,
    version: int | None,
) -> None:
    """Do one act on a case or call, as many times as there are files to attach, and show the receipt."""
    # The instant of receipt: what the work below takes must not make an act late.
    received_at = clock.present(None)
    payload = particulars(reply, act, data or [])
    _carry_out(
        reply, database, ref, act, payload, received_at, (as_handle, role, behalf), files, key, version
    )


def act_on(
    reply: Reply,
    database: str | None,
    ref: str,
    act: str,
    who: tuple[str | None, str | None, str | None],
    key: str | None,
    /,
    **given: Any,
) -> None:
    """Do one act whose particulars have options of their own, taken as they are, and show the receipt.

    ``who`` is the handle of who acts, in which role, and on whose behalf.
    """
    _carry_out(reply, database, ref, act, given, clock.present(None), who, key=key)


def _carry_out(
    reply: Reply,
    database: str | None,
    ref: str,
    act: str,
    payload: dict[str, Any],
    received_at: pendulum.DateTime | None,
    who: tuple[str | None, str | None, str | None],
    files: list[str] | None = None,
    key: str | None = None,
    version: int | None = None,
) -> None:
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            subject_id = subject_of(reply, connection, ref)
            claim = claim_of(reply, connection, *who)
            if clock.is_story(connection):
                received_at = None
            procedure = loading.one(connection, subject_id).procedure
        payloads = [payload]
        if files:
            folder = data_folder(engine.url.render_as_string(hide_password=False)) / "files"
            payloads = attached(reply, engine, folder, procedure, act, files, payload)
        key = key or uuid4().hex
        receipts: list[Receipt] = []
        for at, each in enumerate(payloads):
            keyed, looked_at = (key, version) if at == 0 else (f"{key}:{at}", None)
            request = Request(subject_id, act, claim, each, keyed, looked_at, received_at)
            receipts.append(_one(reply, engine, request, done=receipts))
        with reading(engine) as connection:
            now = standing(connection, subject_id)
    _wake(now)
    show_receipts(reply, act, receipts, key, now)


def particulars(reply: Reply, act: str, given: list[str]) -> dict[str, Any]:
    """Return the particulars given as KEY=VALUE and @FILE, later ones over earlier ones."""
    told: dict[str, Any] = {}
    lists = _lists(act)
    for each in given:
        if each.startswith("@"):
            told.update(_from_file(reply, each[1:]))
            continue
        name, equals, text = each.partition("=")
        if not equals or not name:
            raise Failure(
                ExitCode.USAGE,
                "bad_data",
                reply.say(
                    f"--data 应写成 名称=值 或 @文件：{each}", f"Write --data as NAME=VALUE or @FILE: {each}"
                ),
                reply.say("例：--data opinion=同意推荐", "For example: --data opinion=agreed"),
            )
        _put(reply, told, name, _value(reply, name, text), lists)
    return told


def show_receipts(reply: Reply, act: str, receipts: list[Receipt], key: str, now: Standing) -> None:
    """Show what was recorded, and where the subject stands; one receipt is one object of JSON."""
    data = [
        {
            "ref": receipt.ref,
            "act": act,
            "event": receipt.seq,
            "stage": receipt.stage,
            "outcome": receipt.outcome,
            "at": receipt.at,
            "key": key,
            "repeated": receipt.repeated,
            "deadlines": now.as_data()["deadlines"],
        }
        for receipt in receipts
    ]
    place = now.place(reply.language)
    if now.subject.outcome is not None:
        stands = reply.say(f"办理结果：{place}。", f"It has ended: {place}.")
    else:
        holder = written.HOLDERS[now.stage.holder].of(reply.language)
        stands = reply.say(f"现处环节：{place}，由{holder}办理。", f"It is at: {place}, held by {holder}.")
    told = [_told(reply, act, receipt) for receipt in receipts]
    reply.give(
        data[0] if len(data) == 1 else data, *told, stands, *(f"  {line}" for line in due_lines(reply, now))
    )


def _told(reply: Reply, act: str, receipt: Receipt) -> str:
    title, at = term("acts", act, reply.language), written.when(receipt.at, reply.language)
    if receipt.repeated:
        return reply.say(
            f"{receipt.ref}：“{title}”此前已办理，未重复办理。",
            f"{receipt.ref}: “{title}” was done before; nothing was done twice.",
        )
    return reply.say(
        f"{receipt.ref}：已办理“{title}”（{at}，第{receipt.seq}号记录）。",
        f"{receipt.ref}: done: {title} ({at}, event {receipt.seq}).",
    )


def _one(reply: Reply, engine: Engine, request: Request, *, done: list[Receipt]) -> Receipt:
    answer = acts.perform(engine, request)
    if isinstance(answer, Refusal):
        if done:
            reply.note(
                f"此前的 {len(done)} 份已上传，仍然有效。",
                f"The {len(done)} before it were attached and stay.",
            )
        with reading(engine) as connection:
            now = standing(connection, request.subject)
        raise refused(answer, reply, now.procedure, now.subject)
    return answer


def _lists(act: str) -> frozenset[str]:
    """Return the particulars of an act that are lists."""
    spec = ACTS.get(act)
    if spec is None:
        return frozenset()
    fields = spec.payload.model_fields.items()
    return frozenset(name for name, field in fields if _is_list(field.annotation))


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is tuple or any(get_origin(each) is tuple for each in get_args(annotation))


def _put(reply: Reply, told: dict[str, Any], name: str, value: Any, lists: frozenset[str]) -> None:
    head, dot, rest = name.partition(".")
    if head == "fields" and dot:
        told.setdefault("fields", {})[rest] = value
    elif head == "members" and dot:
        uscc, _, path = rest.partition(".")
        told.setdefault("members", {}).setdefault(uscc, {})[path] = value
    elif name in lists and not isinstance(value, list):
        told.setdefault(name, []).append(value)
    elif name in told and name not in lists:
        raise Failure(
            ExitCode.USAGE,
            "given_twice",
            reply.say(f"“{name}”给了两次。", f"{name!r} was given twice."),
        )
    else:
        told[name] = value


def _value(reply: Reply, name: str, text: str) -> Any:
    """Return JSON for what looks like a list, a mapping, true, false or null, else the text itself."""
    if text not in ("true", "false", "null") and not text.startswith(("[", "{")):
        return text
    return _json(reply, text, name)


def _from_file(reply: Reply, name: str) -> Mapping[str, Any]:
    try:
        text = sys.stdin.read(LONGEST + 1) if name == "-" else _read(Path(name))
    except UnicodeDecodeError:
        raise Failure(
            ExitCode.USAGE, "bad_data", reply.say(f"{name} 不是 UTF-8 文本。", f"{name} is not UTF-8 text.")
        ) from None
    except OSError as error:
        raise Failure(
            ExitCode.FILE,
            "file_unusable",
            reply.say(f"不能读取 {name}：{error.strerror}。", f"Cannot read {name}: {error.strerror}."),
        ) from None
    if len(text) > LONGEST:
        raise Failure(
            ExitCode.USAGE,
            "too_long",
            reply.say(
                f"{name} 过长，最多 {LONGEST} 个字符。", f"{name} is too long: at most {LONGEST} characters."
            ),
        )
    found = _json(reply, text, name)
    if not isinstance(found, dict):
        raise Failure(
            ExitCode.USAGE,
            "bad_data",
            reply.say(f"{name} 应为 JSON 对象。", f"{name} must be a JSON object."),
            reply.say('例：{"opinion": "同意推荐"}', 'For example: {"opinion": "agreed"}'),
        )
    return found


def _read(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as file:
        return file.read(LONGEST + 1)


def _json(reply: Reply, text: str, name: str) -> Any:
    try:
        # Numbers with decimals stay text: an amount must not be rounded by a float.
        return json.loads(text, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        at = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise Failure(
            ExitCode.USAGE,
            "bad_json",
            reply.say(f"{name} 的 JSON 有误：{at} {why}", f"The JSON of {name} is malformed: {at} {why}"),
            reply.say("请用英文引号，并检查括号和逗号。", "Check its quotes, brackets and commas."),
        ) from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _wake(now: Standing) -> None:
    """Ask the running program to look at once; best effort, and only where one is named."""
    if os.environ.get("PREFECT_API_URL"):
        from deployments.poke import poke  # noqa: PLC0415 - brings an HTTP client that most commands do not need

        lanes = {"call": "calls", "application": "recommendation"}
        poke(lanes.get(now.subject.kind, "evaluation"))
        poke("notices")
