"""`beian consortium renew`: a new application for an entry that expires, with what is still true."""

from typing import Annotated

import typer

from casework import renewal
from casework.terms import Terms
from cli.bars import app
from cli.command import both, command
from cli.consortiums import BureauOption, NumberArgument
from cli.reply import Reply
from cli.session import AsOption, BehalfOption, DatabaseOption, RoleOption, claim_of, opened, subject_of
from cli.trouble import refused
from models.database import reading
from procedure.act import Refusal

__all__ = ["app"]


@command(
    app,
    "renew",
    "期满前后续备：在申报中的批次建立新的申报，沿用仍然属实的内容，列出还须补充的。",
    "Renew an entry: begin an application in an open call, carry over what is still true, list what is new.",
    """
    beian consortium renew YYLHT-2024-001 --call 2027 --as zhang
    """,
)
def renew(
    reply: Reply,
    number: NumberArgument,
    call: Annotated[str, typer.Option(metavar="CALL", help=both("批次编号。", "The call's code."))],
    bureau: BureauOption = None,
    as_handle: AsOption = None,
    role: RoleOption = None,
    behalf: BehalfOption = None,
    database: DatabaseOption = None,
) -> None:
    """Begin a renewal."""
    with opened(reply, database) as engine:
        with reading(engine) as connection:
            claim = claim_of(reply, connection, as_handle, role, behalf)
            call_id = subject_of(reply, connection, call)
        answer = renewal.renew(engine, claim, number, call_id, bureau)
    if isinstance(answer, Refusal):
        raise refused(answer, reply)
    terms = Terms(reply.language, answer.procedure)
    reply.give(
        {
            "case": answer.case.ref,
            "fields": answer.fields,
            "members": answer.members,
            "documents": answer.documents,
            "to_give": answer.to_give,
        },
        reply.say(f"已建立续备申报 {answer.case.ref}。", f"Begun: {answer.case.ref}."),
        reply.say(
            f"沿用：{len(answer.fields)}项内容、{len(answer.members)}家成员单位、{len(answer.documents)}份材料。",
            f"Carried over: {len(answer.fields)} fields, {len(answer.members)} members, "
            f"{len(answer.documents)} documents.",
        ),
        reply.say("还须补充：", "Still to give:"),
        *(f"  {terms.item(each)}" for each in answer.to_give),
    )
