"""`beian --server URL case act … attach_document`: documents sent to a portal elsewhere."""

from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from cli.acting import particulars
from cli.asking import ask, content_of, when
from cli.attaching import ATTACH
from cli.failure import ExitCode, Failure
from cli.reply import Reply

MEMBER: Final = "member"
"""The one particular of an upload: the unit whose document it is, where it is not the lead's."""


def attach(
    reply: Reply,
    path: str,
    act: str,
    data: list[str] | None,
    files: list[str],
    key: str | None,
    version: int | None,
) -> None:
    """Send every MATERIAL=PATH to the case at ``path``, and show the receipts.

    All files are read before one is sent; the server looks into each. Sent again under the same ``key``
    none is attached twice. ``version`` is asked of the first, since each one moves it.
    """
    if act != ATTACH:
        raise Failure(
            ExitCode.USAGE,
            "no_file_here",
            reply.say(f"--file 在这里只用于 {ATTACH}。", f"--file belongs to {ATTACH} alone here."),
        )
    told = particulars(reply, act, data or [])
    if not files or told.keys() - {MEMBER}:
        raise Failure(
            ExitCode.USAGE,
            "bad_file",
            reply.say(
                f"{ATTACH} 需要 --file 材料=路径；成员单位的材料另加 --data {MEMBER}=信用代码。",
                f"{ATTACH} takes --file MATERIAL=PATH, and --data {MEMBER}=USCC for a member unit's.",
            ),
        )
    sent = [(given, *_read(reply, given)) for given in files]
    key = key or uuid4().hex
    receipts: list[dict[str, Any]] = []
    for at, (given, material, name, content) in enumerate(sent):
        headers = {"Idempotency-Key": key if at == 0 else f"{key}:{at}"}
        if at == 0 and version is not None:
            headers["If-Match"] = f'"{version}"'
        try:
            answer = ask(
                reply,
                "POST",
                f"{path}/documents",
                data={"material": material, **told},
                files={"file": (name, content)},
                headers=headers,
            )
        except Failure:
            if receipts:
                reply.note(
                    f"“{given}”之前的 {len(receipts)} 份已上传，仍然有效。",
                    f"The {len(receipts)} before {given!r} were attached and stay.",
                )
            raise
        receipts.append(answer.json())
    reply.give(
        receipts[0] if len(receipts) == 1 else receipts,
        *(
            reply.say(
                f"已上传 {name}（{when(reply, each['at'])}）", f"Attached {name} ({when(reply, each['at'])})"
            )
            for (_, _, name, _), each in zip(sent, receipts, strict=True)
        ),
    )


def _read(reply: Reply, given: str) -> tuple[str, str, bytes]:
    """Return the material, the name and the content of a file given as MATERIAL=PATH."""
    material, _, name = given.partition("=")
    if not material or not name:
        raise Failure(
            ExitCode.USAGE,
            "bad_file",
            reply.say(f"--file 应写成 材料=路径：{given}", f"Write --file as MATERIAL=PATH: {given}"),
        )
    return material, Path(name).name, content_of(reply, Path(name))
