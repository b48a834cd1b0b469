"""`beian register certificate | verify`: certificates of filing, and whether one is genuine."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer

from casework import certificate as certificates
from casework.terms import term
from cli.audits import replacing
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.registers import BureauOption
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from cli.targets import app
from models.database import reading
from procedure import written

__all__ = ["app"]

NumberArgument = Annotated[
    str, typer.Argument(metavar="NUMBER", help=both("备案编号。", "The register number."))
]


@command(
    app,
    "certificate",
    "写出一份备案证明（PDF），带校验码和二维码。",
    "Write a certificate of filing (PDF) with its check code and QR code.",
    """
    beian register certificate KSLHT-2025-001 证明.pdf --portal https://beian.example.gov.cn
    """,
)
def certificate(
    reply: Reply,
    number: NumberArgument,
    file: Annotated[Path, typer.Argument(help=both("要写的 .pdf 文件。", "The .pdf file to write."))],
    portal: Annotated[
        str, typer.Option(metavar="URL", help=both("门户地址，印入二维码。", "The portal's address."))
    ],
    bureau: BureauOption = None,
    database: DatabaseOption = None,
) -> None:
    """Write one certificate; a file that is there is replaced whole."""
    # Imported here: the fonts' library takes half a second to load.
    from casework import paper  # noqa: PLC0415

    if file.suffix.lower() != ".pdf":
        raise Failure(
            ExitCode.USAGE,
            "wrong_format",
            reply.say(f"文件名应以 .pdf 结尾：{file}", f"The file's name must end in .pdf: {file}"),
        )
    with opened(reply, database) as engine, reading(engine) as connection:
        found = certificates.certificates(connection, number, bureau)
    if len(found) != 1:
        raise Failure(
            ExitCode.NOT_FOUND,
            "no_such_entry",
            reply.say(f"名册中没有唯一的编号“{number}”。", f"The register has no one entry {number!r}."),
            reply.say("现有的见 beian register list。", "For those there are: beian register list."),
        )
    (told,) = found
    entry = told.entry
    address = f"{portal.rstrip('/')}/verify?{urlencode({'number': entry.number, 'code': told.code})}"
    until = "" if entry.valid_to is None else f"至{written.day(entry.valid_to, 'zh')}"
    lines = (
        ("名　　称", entry.name),
        ("牵头单位", f"{entry.lead}（{entry.uscc}）"),
        ("备案编号", entry.number),
        ("备案机关", told.authority),
        ("备案文号", entry.document_number),
        ("有 效 期", f"{written.day(entry.valid_from, 'zh')}{until}"),
        ("校 验 码", told.code),
    )
    with replacing(reply, file) as draft:
        paper.write_certificate(draft, "创新联合体备案证明", lines, address)
    reply.give(
        {"file": str(file), "number": entry.number, "code": told.code, "address": address},
        reply.say(f"已写入 {file}，校验码 {told.code}。", f"Wrote {file}, check code {told.code}."),
    )


@command(
    app,
    "verify",
    "核验证明：编号和校验码相符的，给出名册现在的记载；不符时以 3 结束。",
    "Verify a certificate by number and check code; ends with 3 where they do not fit.",
    """
    beian register verify KSLHT-2025-001 ABCD-EFGH-IJKL-MNOP
    """,
)
def verify(
    reply: Reply,
    number: NumberArgument,
    code: Annotated[str, typer.Argument(help=both("校验码。", "The check code."))],
    database: DatabaseOption = None,
) -> None:
    """Verify one certificate."""
    with opened(reply, database) as engine, reading(engine) as connection:
        found = certificates.verified(connection, number, code)
    if found is None:
        raise Failure(
            ExitCode.NOT_FOUND,
            "not_genuine",
            reply.say(
                "没有与编号和校验码相符的证明。", "There is no certificate with this number and check code."
            ),
            reply.say("请核对后再试。", "Check both and try again."),
        )
    entry = found.entry
    state = term("states", entry.state, reply.language)
    reply.give(
        {"genuine": True, "number": entry.number, "name": entry.name, "state": entry.state},
        reply.say(
            f"属实：{entry.number} {entry.name}，{state}。", f"Genuine: {entry.number} {entry.name}, {state}."
        ),
    )
