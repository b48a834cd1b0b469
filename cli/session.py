"""The database a command works on, who acts in it, and what is named on the command line."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from casework import clock, loading, parties, roster
from casework.access import Claim
from casework.loading import NoSuchSubject
from casework.parties import UnknownParty
from casework.terms import term
from cli.command import both
from cli.failure import ExitCode, Failure
from cli.reply import Reply
from models import migrate
from models.database import connect, default_url
from procedure import written
from procedure.instant import day_of

FOLDER: Final = Path("beian-data")
"""Where everything is kept that the command line does not say otherwise of."""

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        envvar="BEIAN_DATABASE_URL",
        metavar="URL",
        help=both(
            "数据库地址：sqlite:///路径 或 postgresql://…；默认为 ./beian-data 中的 SQLite。",
            "The database: sqlite:///PATH or postgresql://…; SQLite in ./beian-data by default.",
        ),
    ),
]
AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        envvar="BEIAN_AS",
        metavar="HANDLE",
        help=both("办理人的账号。", "The handle of the person who acts."),
    ),
]
RoleOption = Annotated[
    str | None,
    typer.Option(
        envvar="BEIAN_ROLE",
        metavar="ROLE",
        help=both(
            "以何角色办理；只有一个角色时可省略。", "In which role; may be left out by who has only one."
        ),
    ),
]


BehalfOption = Annotated[
    str | None,
    typer.Option(
        "--for",
        envvar="BEIAN_FOR",
        metavar="HANDLE",
        help=both(
            "代谁办理：受托代理期间填委托人的账号。", "On whose behalf: the handle of whom one stands in for."
        ),
    ),
]


def address(database: str | None) -> str:
    """Return the address of the database that the command line names."""
    return database or default_url(FOLDER)


def data_folder(url: str) -> Path:
    """Return where files and logs belong: beside an SQLite database, else BEIAN_FOLDER or ./beian-data."""
    file = _sqlite_file(url)
    return Path(os.environ.get("BEIAN_FOLDER", FOLDER)) if file is None else file.parent


@contextmanager
def opened(reply: Reply, database: str | None) -> Generator[Engine, None, None]:
    """Open a database that must be there already, of this version's tables.

    Nothing is created: a mistyped address must not look like an empty record.
    """
    url = address(database)
    file = _sqlite_file(url)
    if file is not None and not file.exists():
        raise Failure(
            ExitCode.DATABASE,
            "no_database",
            reply.say(f"没有数据库 {file}。", f"There is no database {file}."),
            reply.say(
                "请用 beian init 新建，或用 --database 指定另一个数据库。",
                "Set one up with `beian init`, or name another with --database.",
            ),
        )
    engine = connect(url)
    try:
        migrate.require_current(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def set_up(reply: Reply, database: str | None) -> Generator[Engine, None, None]:
    """Open a database for a command with which a record begins: a fresh one is given its tables.

    One with older tables is left as it is and refused; `beian init` and `beian up` upgrade it.
    """
    engine = connect(address(database))
    try:
        if migrate.current(engine) is None:
            with reply.working("正在新建数据库……", "Setting up the database…"):
                migrate.upgrade(engine)
            place = engine.url.render_as_string(hide_password=True)
            reply.note(f"已新建数据库 {place}", f"Set up a new database: {place}")
        else:
            migrate.require_current(engine)
        yield engine
    finally:
        engine.dispose()


def claim_of(
    reply: Reply, connection: Connection, handle: str | None, role: str | None, behalf: str | None = None
) -> Claim:
    """Return who acts, in which role and on whose behalf.

    Without a role it is the only one that the person holds today, or that they act for holds.
    """
    if handle is None:
        raise Failure(
            ExitCode.USAGE,
            "nobody_acts",
            reply.say("没有说明由谁办理。", "Nobody was named who acts."),
            reply.say(
                "请用 --as 账号 --role 角色，或设置环境变量 BEIAN_AS 和 BEIAN_ROLE。",
                "Give --as HANDLE --role ROLE, or set BEIAN_AS and BEIAN_ROLE.",
            ),
        )
    person = person_of(reply, connection, handle)
    absent = None if behalf is None else person_of(reply, connection, behalf)
    if role is not None:
        return Claim(person, role, absent)
    held = roster.roles_on(connection, absent or person, day_of(clock.now(connection)))
    if len(held) == 1:
        return Claim(person, held[0], absent)
    titles = written.listed((f"{each}（{term('roles', each, reply.language)}）" for each in held), "zh")
    raise Failure(
        ExitCode.USAGE,
        "which_role",
        reply.say(
            f"“{behalf or handle}”现有的角色：{titles or '无'}。",
            f"The roles of {behalf or handle!r} now: {titles or 'none'}.",
        ),
        reply.say("请用 --role 说明以哪个角色办理。", "Say with --role in which one to act."),
    )


def person_of(reply: Reply, connection: Connection, handle: str) -> int:
    """Return the id of a person by handle."""
    try:
        return parties.person_id(connection, handle)
    except UnknownParty:
        raise Failure(
            ExitCode.NOT_FOUND,
            "unknown_person",
            reply.say(f"没有账号为“{handle}”的人员。", f"There is no person with the handle {handle!r}."),
            reply.say("现有人员见 beian party list。", "For the people there are: beian party list."),
        ) from None


def subject_of(reply: Reply, connection: Connection, ref: str) -> int:
    """Return the id of a case by number or a call by code; ``BUREAU/REF`` where several bureaus have it."""
    for bureau, name in ((None, ref), tuple(ref.split("/", 1)) if "/" in ref else (None, ref)):
        try:
            return loading.id_of(connection, name, bureau)
        except NoSuchSubject as error:
            several = "unique" in str(error)
    if several:
        says = reply.say(f"不止一个市局有“{ref}”。", f"More than one bureau has {ref!r}.")
        step = reply.say(f"请写成 市局代码/{ref}。", f"Write it as BUREAU/{ref}.")
    else:
        says = reply.say(f"没有编号为“{ref}”的办件或批次。", f"There is no case or call {ref!r}.")
        step = reply.say(
            "现有的见 beian case list 和 beian call show。",
            "For those there are: beian case list, beian call show.",
        )
    raise Failure(ExitCode.NOT_FOUND, "not_found", says, step)


def _sqlite_file(url: str) -> Path | None:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database.startswith("file:"):
        return None
    return Path(parsed.database) if parsed.database != ":memory:" else None
