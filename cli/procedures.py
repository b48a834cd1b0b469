"""`beian procedure`: packs shown and published."""

from pathlib import Path
from typing import Annotated

import typer

from casework import clock, pack_text, parties, procedures, revisions
from casework.revisions import Published
from cli.command import Group, both, command
from cli.failure import ExitCode, Failure
from cli.pack_flaws import placed
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, opened, person_of, set_up
from models.database import reading, writing
from procedure.acts import ACTS
from procedure.definition import Procedure
from procedure.instant import instant
from procedure.pack import Pack, load_folder, shipped, shipped_codes

app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False)
"""The commands on procedures."""


def _codes(incomplete: str) -> list[str]:
    return [code for code in shipped_codes() if code.startswith(incomplete)]


PackArgument = Annotated[
    str,
    typer.Argument(
        metavar="PACK",
        autocompletion=_codes,
        help=both(
            "自带程序包的代码，或程序包的文件夹。", "The code of a pack that ships, or a pack's folder."
        ),
    ),
]


@command(
    app,
    "show",
    "把程序包显示为文字：环节、时限、事项、依据；不指定则列出有哪些。",
    "Show a pack as text: stages, deadlines, acts, grounds; without a name list what there is.",
    """
    beian procedure show
    beian procedure show yueyang-2024
    beian procedure show ./my-pack --language en
    beian procedure show 3f9a1c07 --json
    """,
)
def show(
    reply: Reply,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[PACK]",
            autocompletion=_codes,
            help=both(
                "自带程序包的代码、已发布版本（代码或哈希前6位以上）、程序包的文件夹。",
                "The code of a pack that ships, a published revision (code, or 6 or more characters of its "
                "hash), or a pack's folder.",
            ),
        ),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Show one pack, or all that there are."""
    if name is None:
        _list(reply, database)
        return
    content_hash, procedure = procedure_of(reply, name, database)
    data = {"hash": content_hash, "procedure": procedure.model_dump(mode="json", by_alias=True)}
    head = reply.say(f"内容哈希 {content_hash}", f"Content hash {content_hash}")
    reply.give(data, *pack_text.lines(procedure, reply.language), "", head)


@command(
    app,
    "publish",
    "发布程序包；批次据已发布的版本进行。有缺陷的不发布，同一内容只发布一次。",
    "Publish a pack: calls run on published revisions. Not one with flaws; the same content once.",
    """
    beian procedure publish yueyang-2024
    beian procedure publish ./my-pack --as jiang
    """,
)
def publish(
    reply: Reply, name: PackArgument, as_handle: AsOption = None, database: DatabaseOption = None
) -> None:
    """Store the pack under its hash if it has no flaw, and enter the city bureau it belongs to."""
    pack = pack_of(reply, name)
    _refuse_flaws(reply, pack)
    with set_up(reply, database) as engine, writing(engine) as connection:
        by = None if as_handle is None else person_of(reply, connection, as_handle)
        known = {each.content_hash for each in revisions.published(connection)}
        procedures.publish(connection, pack, clock.now(connection), by)
        parties.city_bureau(connection, pack.procedure.bureau)
    code, fresh = pack.procedure.code, pack.content_hash not in known
    short = pack.content_hash[:12]
    reply.give(
        {"code": code, "hash": pack.content_hash, "new": fresh, "bureau": pack.procedure.bureau.code},
        reply.say(f"已发布 {code}，版本 {short}。", f"Published {code}, revision {short}.")
        if fresh
        else reply.say(
            f"{code} 的这一内容已发布过，版本 {short}。",
            f"This content of {code} was published before, revision {short}.",
        ),
    )


def _refuse_flaws(reply: Reply, pack: Pack) -> None:
    flaws = [each for each in placed(pack) if each.flaw.severity == "flaw"]
    if not flaws:
        return
    code = pack.procedure.code
    raise Failure(
        ExitCode.REFUSED,
        "pack_has_flaws",
        reply.say(
            f"程序包 {code} 有{len(flaws)}处缺陷，未发布。",
            f"Flaws in the pack {code}: {len(flaws)}. It was not published.",
        ),
        reply.say(
            "请更正后再发布；逐项核查：beian procedure check。",
            "Correct them and publish again; to look at them: beian procedure check.",
        ),
        tuple(each.text(reply.language) for each in flaws),
        facts={"flaws": [{"code": each.flaw.code, "where": each.flaw.where} for each in flaws]},
    )


def _list(reply: Reply, database: str | None) -> None:
    known: list[Published] = []
    try:
        with opened(reply, database) as engine, reading(engine) as connection:
            known = revisions.published(connection)
    except Failure as failure:
        # What ships can be listed before there is a database.
        if failure.code != "no_database":
            raise
    packs = {code: shipped(code) for code in shipped_codes()}
    hashes = {each.content_hash for each in known}
    data = {
        "shipped": [
            {
                "code": code,
                "title": {"zh": pack.procedure.title.zh, "en": pack.procedure.title.en},
                "hash": pack.content_hash,
                "published": pack.content_hash in hashes,
            }
            for code, pack in packs.items()
        ],
        "published": known,
    }
    heads = (
        reply.say("程序包", "Pack"),
        reply.say("版本", "Revision"),
        reply.say("名称／发布时间", "Title, published"),
    )
    rows = [
        (code, pack.content_hash[:12], pack.procedure.title.of(reply.language))
        for code, pack in packs.items()
    ]
    rows += [
        (each.code, each.content_hash[:12], f"{instant(each.published_at):YYYY-MM-DD HH:mm}")
        for each in known
    ]
    reply.give(data, reply.table(heads, rows))


def procedure_of(reply: Reply, name: str, database: str | None) -> tuple[str, Procedure]:
    """Return hash and procedure of a pack that ships, a folder, or a published revision."""
    if _is_path(name) or name in shipped_codes():
        pack = pack_of(reply, name)
        return pack.content_hash, pack.procedure
    try:
        with opened(reply, database) as engine, reading(engine) as connection:
            revision = revisions.find(connection, name)
            if revision is not None:
                return revision.content_hash, procedures.of_revision(connection, revision.id)
    except Failure as failure:
        if failure.code != "no_database":
            raise
    raise _no_pack(reply, name)


def pack_of(reply: Reply, name: str) -> Pack:
    """Return the pack that ships under this code, or the one in this folder or beside this file of it."""
    if _is_path(name):
        path = Path(name)
        return load_folder(path.parent if path.is_file() else path, frozenset(ACTS))
    if name in shipped_codes():
        return shipped(name)
    raise _no_pack(reply, name)


def _is_path(name: str) -> bool:
    return "/" in name or Path(name).exists()


def _no_pack(reply: Reply, name: str) -> Failure:
    ships = ", ".join(shipped_codes())
    return Failure(
        ExitCode.NOT_FOUND,
        "unknown_pack",
        reply.say(f"没有程序包“{name}”。", f"There is no pack {name!r}."),
        reply.say(
            f"自带的程序包：{ships}；已发布的见 beian procedure show。",
            f"Packs that ship: {ships}; for those published: beian procedure show.",
        ),
    )
