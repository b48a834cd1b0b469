"""`beian init`: a new database, or one of an older version brought to this one."""

import typer

from cli.command import command
from cli.reply import Reply
from cli.session import DatabaseOption, address, data_folder
from models import migrate
from models.database import connect

app = typer.Typer(add_completion=False)


@command(
    app,
    "init",
    "新建数据库；已有的数据库升级到本版本。",
    "Set up the database; one that is there is upgraded to this version.",
    """
    beian init
    beian init --database sqlite:////srv/beian/beian.db
    beian init --database postgresql://beian@localhost/beian
    """,
)
def init(reply: Reply, database: DatabaseOption = None) -> None:
    """Give the database this version's tables; nothing that is in it is lost."""
    url = address(database)
    engine = connect(url)
    try:
        before = migrate.current(engine)
        with reply.working("正在准备数据库……", "Preparing the database…"):
            migrate.upgrade(engine)
        after = migrate.current(engine)
        place = engine.url.render_as_string(hide_password=True)
    finally:
        engine.dispose()
    done = "created" if before is None else "upgraded" if before != after else "current"
    words = {
        "created": reply.say(f"已新建数据库 {place}", f"Set up a new database: {place}"),
        "upgraded": reply.say(
            f"已升级数据库 {place}：{before} → {after}", f"Upgraded {place}: {before} → {after}"
        ),
        "current": reply.say(f"数据库 {place} 已是本版本", f"{place} is of this version already"),
    }
    reply.give(
        {"database": place, "done": done, "revision": after, "folder": str(data_folder(url).resolve())},
        words[done],
    )
