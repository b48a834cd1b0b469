"""`beian audit`: proof that the record was not altered."""

import contextlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection, select

from casework import audit as audits
from casework import pool
from casework.terms import term
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, opened
from models import Call, Case
from models.database import reading

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands of the audit."""


@command(
    app,
    "verify",
    "核验每个办件的记录；发现改动时以 5 结束。",
    "Verify the record of every case; ends with 5 where it was altered.",
    """
    beian audit verify
    beian audit verify --anchor /mnt/elsewhere/anchor.json
    beian audit verify --json | jq '.findings[].kind'
    """,
)
def verify(
    reply: Reply,
    anchor: Annotated[
        Path | None,
        typer.Option(help=both("此前锚定的文件。", "The file of an earlier anchor.")),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Recompute every chain, and compare with the anchor."""
    known = None if anchor is None else audits.read_anchor(anchor)
    with (
        opened(reply, database) as engine,
        reading(engine) as connection,
        reply.working("正在核验……", "Verifying…"),
    ):
        findings = list(audits.verify(connection, known))
        of_pools = list(pool.verify(connection))
        names = _names(connection)
    told = [
        {
            "subject": names.get(each.subject, f"#{each.subject}"),
            "event": each.seq,
            "kind": each.kind,
            "detail": each.detail,
        }
        for each in findings
    ]
    told += [
        {
            "subject": reply.say("专家库", "expert pool"),
            "event": each.seq,
            "kind": "pool_changed",
            "detail": each.detail,
        }
        for each in of_pools
    ]
    data = {"sound": not told, "subjects": len(names), "findings": told}
    if not told:
        reply.give(
            data,
            reply.say(
                f"已核验 {len(names)} 个办件和批次，未发现改动。",
                f"Verified {len(names)} cases and calls; nothing was altered.",
            ),
        )
        return
    heads = (
        reply.say("办件", "Case"),
        reply.say("事件", "Event"),
        reply.say("发现", "Finding"),
        reply.say("详情", "Detail"),
    )
    rows = [
        (each["subject"], each["event"], term("findings", str(each["kind"]), reply.language), each["detail"])
        for each in told
    ]
    reply.give(data, reply.table(heads, rows))
    if not reply.as_json:
        reply.note(f"发现 {len(told)} 处改动。", f"{len(told)} findings.")
    raise typer.Exit(ExitCode.FINDINGS)


@command(
    app,
    "anchor",
    "把所有记录的当前末端写入文件，另行保管，以后据以核验。",
    "Write the present ends of all records to a file; keep it elsewhere, and verify against it later.",
    """
    beian audit anchor anchor-2024-08-04.json
    beian audit anchor /mnt/elsewhere/anchor.json --json
    """,
)
def anchor(
    reply: Reply,
    file: Annotated[Path, typer.Argument(help=both("要写的文件。", "The file to write."))],
    database: DatabaseOption = None,
) -> None:
    """Write the anchor; a file that is there is replaced whole."""
    with opened(reply, database) as engine, reading(engine) as connection:
        made = audits.anchor(connection)
    with replacing(reply, file) as draft:
        made.write(draft)
    reply.give(
        {"file": str(file), "at": made.at, "root": made.root(), "subjects": len(made.heads)},
        reply.say(
            f"已锚定 {len(made.heads)} 个办件和批次，写入 {file}。总摘要：{made.root()}",
            f"Anchored {len(made.heads)} cases and calls in {file}. Root: {made.root()}",
        ),
    )


@contextlib.contextmanager
def replacing(reply: Reply, file: Path) -> Generator[Path, None, None]:
    """Give a file to write to that takes the place of ``file`` once it is complete; else nothing is left."""
    draft: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".beian-", suffix=file.suffix)
        os.close(descriptor)
        draft = Path(name)
        yield draft
        draft.chmod(0o644)
        draft.replace(file)
    except OSError as error:
        raise Failure(
            ExitCode.FILE,
            "file_unusable",
            reply.say(f"不能写入 {file}：{error.strerror}。", f"Cannot write {file}: {error.strerror}."),
            reply.say(
                "请选择可以写入的文件夹，或清理磁盘。", "Choose a folder you may write in, or free space."
            ),
        ) from None
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _names(connection: Connection) -> dict[int, str]:
    cases = connection.execute(select(Case.__table__.c.subject_id, Case.__table__.c.number))
    calls = connection.execute(select(Call.__table__.c.subject_id, Call.__table__.c.code))
    return {row[0]: row[1] for row in (*cases, *calls)}
