"""`beian party token | tokens | end-token | reseal`: what programs sign in with, and keys that change."""

from typing import Annotated, Literal

import typer

from casework import access, api_tokens, clock, second_factor
from casework.api_tokens import LONGEST, NotForPrograms
from cli.command import both, command
from cli.experts import app
from cli.failure import ExitCode, Failure
from cli.parties import HandleArgument
from cli.reply import Reply
from cli.session import DatabaseOption, RoleOption, claim_of, opened, person_of
from models.database import reading, writing
from notifications.secret import NoKey, WrongKey
from notifications.settings import ChannelSettings
from procedure import written
from procedure.fault import fault_of
from procedure.instant import day_of

__all__ = ["app"]


@command(
    app,
    "token",
    "生成接口令牌，只显示这一次。",
    "Make a token for programs, shown this once.",
    """
    beian party token chen 统计系统 --role city_officer
    beian party token wang 区平台 --role district_officer --scope act --days 90
    """,
)
def make(
    reply: Reply,
    handle: HandleArgument,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=both("用途。", "What it is for, up to 100 characters."))
    ],
    scope: Annotated[
        Literal["read", "act"],
        typer.Option(help=both("只读，或也可以办理。", "Looks only, or acts as well.")),
    ] = "read",
    days: Annotated[
        int, typer.Option(min=1, max=LONGEST, help=both("有效天数。", "How many days it lasts."))
    ] = 90,
    role: RoleOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make one token."""
    if not 1 <= len(name.strip()) <= 100:
        raise Failure(
            ExitCode.USAGE, "bad_name", reply.say("用途须为1至100个字符。", "A name has 1 to 100 characters.")
        )
    now = clock.present(None)
    with opened(reply, database) as engine, writing(engine) as connection:
        claim = claim_of(reply, connection, handle, role)
        day = day_of(clock.now(connection))
        try:
            token = api_tokens.make(connection, claim, name.strip(), scope, now, days, day)
        except (NotForPrograms, access.NoSuchRole):
            known = written.listed(api_tokens.ROLES, "zh")
            raise Failure(
                ExitCode.REFUSED,
                "not_for_programs",
                reply.say(f"角色{claim.role}不能生成令牌。", f"No tokens of the role {claim.role}."),
                reply.say(f"可以的角色：{known}", f"Roles that may: {known}"),
            ) from None
    told = reply.say("令牌只显示这一次，请妥善保存：", "Shown this once, keep it safe:")
    reply.give({"handle": handle, "role": claim.role, "scope": scope, "token": token}, told, token)


@command(
    app,
    "tokens",
    "列出有效的接口令牌。",
    "List the tokens that work.",
    "beian party tokens chen",
)
def list_tokens(reply: Reply, handle: HandleArgument, database: DatabaseOption = None) -> None:
    """List a person's tokens."""
    with opened(reply, database) as engine, reading(engine) as connection:
        person = person_of(reply, connection, handle)
        lines = api_tokens.lines(connection, person, clock.present(None))
    heads = ("#", reply.say("用途", "Name"), reply.say("角色", "Role"), reply.say("范围", "Scope"))
    heads = (*heads, reply.say("到期", "Ends"), reply.say("最近使用", "Last used"))
    rows = [
        (
            each.id,
            each.name,
            each.role,
            each.scope,
            written.when(each.ends_at, reply.language),
            "" if each.used_at is None else written.when(each.used_at, reply.language),
        )
        for each in lines
    ]
    reply.give(lines, reply.table(heads, rows))


@command(
    app,
    "end-token",
    "停用接口令牌。",
    "End a token.",
    "beian party end-token chen 3",
)
def end(
    reply: Reply,
    handle: HandleArgument,
    token: Annotated[int, typer.Argument(metavar="#", help=both("令牌的编号。", "The token's number."))],
    database: DatabaseOption = None,
) -> None:
    """End one token."""
    with opened(reply, database) as engine, writing(engine) as connection:
        person = person_of(reply, connection, handle)
        ended = api_tokens.end(connection, person, token, clock.present(None))
    if not ended:
        raise Failure(
            ExitCode.NOT_FOUND,
            "no_token",
            reply.say(f"{handle}没有编号为{token}的令牌。", f"{handle} has no token {token} that works."),
        )
    reply.give({"ended": token}, reply.say("已停用。", "Ended."))


@command(
    app,
    "reseal",
    "更换密钥后，把第二因素的密文改用新密钥（BEIAN_SECRET_KEY 中的第一个）。",
    "After a change of keys, seal second factors with the new one (the first of BEIAN_SECRET_KEY).",
    "beian party reseal",
)
def reseal(reply: Reply, database: DatabaseOption = None) -> None:
    """Seal every second factor anew."""
    with opened(reply, database) as engine, writing(engine) as connection:
        try:
            sealed = second_factor.seal_anew(connection, ChannelSettings().seal)
        except (NoKey, WrongKey) as error:
            raise Failure(
                ExitCode.REFUSED,
                "no_key",
                reply.say(
                    f"无法打开密文：{fault_of(error).of('zh')}。",
                    f"What is sealed cannot be opened: {error}.",
                ),
                reply.say("请把新旧密钥用逗号连接，新的在前。", "Give both keys, the new first."),
            ) from None
    reply.give({"sealed": sealed}, reply.say(f"已改用新密钥：{sealed}项。", f"Sealed anew: {sealed}."))
