"""`… urge`: reminding whoever holds a case, or what comes after its filing, with a receipt."""

from typing import Annotated

import typer

from casework import urging
from casework.standing import standing
from cli.command import both, command
from cli.reply import Reply
from cli.session import AsOption, DatabaseOption, RoleOption, claim_of, opened, subject_of
from cli.trouble import refused
from models.database import reading
from procedure import written
from procedure.act import Refusal


def urgeable(app: typer.Typer, examples: str) -> None:
    """Give a group of commands the one that urges the holder of what the group is about."""

    @command(
        app,
        "urge",
        "催办：提醒当前承办方，给出回执；一段时间内只能催一次。",
        "Urge the present holder, with a receipt; not too often.",
        examples,
    )
    def urge(
        reply: Reply,
        number: Annotated[str, typer.Argument(metavar="NUMBER", help=both("编号。", "Its number."))],
        remark: Annotated[
            str, typer.Option(metavar="TEXT", help=both("留言，可不填。", "What to say; may be left out."))
        ] = "",
        as_handle: AsOption = None,
        role: RoleOption = None,
        database: DatabaseOption = None,
    ) -> None:
        """Urge once."""
        with opened(reply, database) as engine:
            with reading(engine) as connection:
                subject_id = subject_of(reply, connection, number)
                claim = claim_of(reply, connection, as_handle, role)
                now = standing(connection, subject_id)
            answer = urging.urge(engine, subject_id, claim, {"remark": remark})
        if isinstance(answer, Refusal):
            raise refused(answer, reply, now.procedure, now.subject)
        holder = written.HOLDERS[answer.holder].of(reply.language)
        again = written.when(answer.again_at, reply.language)
        reply.give(
            answer,
            reply.say(
                f"已催办{answer.ref}（第{answer.number}次）：通知{holder}{answer.people}人。{again}以后可再催。",
                f"Urged {answer.ref} (no. {answer.number}): told {answer.people} at {holder}. "
                f"It can be urged again from {again} on.",
            ),
        )
