"""`beian backup` and `beian restore`: everything in one archive, and everything back."""

from pathlib import Path
from typing import Annotated, Final

import pendulum
import typer
from rich.progress import Progress

from casework import backup as backups
from casework.backup import BackupError, Manifest
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from cli.session import DatabaseOption, address, data_folder, opened

app = typer.Typer(add_completion=False)
restoring = typer.Typer(add_completion=False)

FILES: Final = "files"
"""The folder of stored files, beside the database or in the data folder."""

_WORDS: Final = {
    "tool_missing": (
        "没有找到 {detail}，备份和恢复 PostgreSQL 需要它。",
        "{detail} is not found; backing up and restoring PostgreSQL needs it.",
        "请安装与服务器同版本或更新的 PostgreSQL 客户端。",
        "Install the PostgreSQL client, of the server's version or newer.",
    ),
    "tool_failed": (
        "PostgreSQL 的工具报告失败。",
        "PostgreSQL's tool reports a failure.",
        "请按所列原因处理后再试；没有留下不完整的备份。",
        "See the reason and try again; no half backup is left.",
    ),
    "file_missing": (
        "有材料的文件不在了。",
        "A document's file is gone.",
        "请从更早的备份找回该文件，再做备份。",
        "Take that file from an earlier backup, then back up again.",
    ),
    "file_damaged": (
        "有材料的文件被改动或损坏。",
        "A document's file was altered or is damaged.",
        "请从更早的备份找回该文件，再做备份。",
        "Take that file from an earlier backup, then back up again.",
    ),
    "no_archive": (
        "这不是备份文件。",
        "This is no backup.",
        "请核对路径。",
        "Check the path.",
    ),
    "archive_damaged": (
        "备份文件已损坏：内容与摘要不符。",
        "The backup is damaged: its content does not fit its digests.",
        "请改用另一份备份。",
        "Use another backup.",
    ),
    "newer_archive": (
        "备份文件由更新的版本写成。",
        "The backup was written by a newer version.",
        "请安装该版本后再恢复。",
        "Install that version, then restore.",
    ),
    "other_engine": (
        "备份的数据库是 {detail}，与所给的地址不同类。",
        "The backup's database is {detail}, the address given is of another kind.",
        "请用 --database 给出同类数据库的地址。",
        "Name a database of that kind with --database.",
    ),
    "target_not_empty": (
        "目标不是空的，未作任何改动。",
        "The target is not empty; nothing was changed.",
        "请恢复到新的数据库和空文件夹。",
        "Restore into a new database and an empty folder.",
    ),
}


@command(
    app,
    "backup",
    "把数据库和全部材料备份成一个文件；办理照常进行。",
    "Back up the database and all files into one archive, while acts go on.",
    """
    beian backup /mnt/backup
    beian backup /mnt/backup/beian-2026-11-22.tar --json
    """,
)
def backup(
    reply: Reply,
    to: Annotated[
        Path,
        typer.Argument(
            metavar="DIR|FILE", help=both("要写入的文件夹或文件。", "The folder or file to write.")
        ),
    ],
    database: DatabaseOption = None,
) -> None:
    """Take one backup."""
    folder = data_folder(address(database)) / FILES
    with opened(reply, database) as engine, Progress(console=reply.err, transient=True) as progress:
        archive = to / f"beian-{pendulum.now('Asia/Shanghai'):YYYY-MM-DD-HHmmss}.tar" if to.is_dir() else to
        bar = progress.add_task(reply.say("正在备份……", "Backing up…"), total=None)
        try:
            made = backups.back_up(
                engine, folder, archive, lambda done, of: progress.update(bar, completed=done, total=of)
            )
        except BackupError as error:
            raise _failure(error, reply) from None
    size = archive.stat().st_size
    reply.give(
        {"archive": str(archive), "bytes": size, **_data(made)},
        reply.say(
            f"已备份到 {archive}：数据库和 {made.files} 个材料文件，{size:,} B。",
            f"Backed up to {archive}: the database and {made.files} files, {size:,} B.",
        ),
    )


@command(
    restoring,
    "restore",
    "从备份恢复到新的数据库；目标须是空的。",
    "Restore a backup into a new database; the target has to be empty.",
    """
    beian restore /mnt/backup/beian-2026-11-22.tar --database sqlite:////srv/beian/beian.db
    beian restore /mnt/backup/beian-2026-11-22.tar --database postgresql://beian@localhost/beian_new
    """,
)
def restore(
    reply: Reply,
    archive: Annotated[Path, typer.Argument(metavar="FILE", help=both("备份文件。", "The backup."))],
    database: DatabaseOption = None,
) -> None:
    """Put one backup back."""
    url = address(database)
    folder = data_folder(url) / FILES
    with Progress(console=reply.err, transient=True) as progress:
        bar = progress.add_task(reply.say("正在恢复……", "Restoring…"), total=None)
        try:
            made = backups.restore(
                archive, url, folder, lambda done, of: progress.update(bar, completed=done, total=of)
            )
        except BackupError as error:
            raise _failure(error, reply) from None
    reply.give(
        {"archive": str(archive), "folder": str(folder), **_data(made)},
        reply.say(
            f"已恢复 {made.at} 的备份：数据库和 {made.files} 个材料文件。",
            f"Restored the backup of {made.at}: the database and {made.files} files.",
        ),
        reply.say(
            "请用 beian audit verify 核验记录，再运行 beian up。",
            "Verify the record with `beian audit verify`, then run `beian up`.",
        ),
    )


def _data(made: Manifest) -> dict[str, object]:
    return {"engine": made.engine, "revision": made.revision, "at": made.at, "files": made.files}


def _failure(error: BackupError, reply: Reply) -> Failure:
    zh, en, next_zh, next_en = _WORDS[error.code]
    return Failure(
        ExitCode.REFUSED if error.code in ("target_not_empty", "other_engine") else ExitCode.FILE,
        error.code,
        reply.say(zh.format(detail=error.detail), en.format(detail=error.detail)),
        reply.say(next_zh, next_en),
        tuple(error.detail.splitlines()),
    )
