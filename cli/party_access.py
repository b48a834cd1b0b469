"""`beian party invite | password`: how people come to sign in to the portal."""

import sys
from typing import Annotated, Final

import typer

from casework import accounts, clock
from casework.accounts import LEAST, MOST, UnfitPassword
from cli.command import both, command
from cli.failure import ExitCode, Failure
from cli.parties import HandleArgument, app
from cli.reply import Reply
from cli.session import DatabaseOption, opened, person_of
from models.database import writing
from procedure import written

__all__ = ["app"]

_UNFIT: Final = {
    "too_short": (f"至少 {LEAST} 个字符", f"at least {LEAST} characters"),
    "too_long": (f"至多 {MOST} 个字符", f"at most {MOST} characters"),
    "too_simple": ("不能过于简单", "not as simple as that"),
    "of_handle": ("不能包含账号", "without the handle in it"),
}


@command(
    app,
    "invite",
    "生成一次性链接，供本人设置门户密码；此前未用的链接作废。",
    "Make a link with which the person sets their password, once; unused ones before it are void.",
    """
    beian party invite zhang
    beian party invite zhang --portal https://beian.example.gov.cn
    """,
)
def invite(
    reply: Reply,
    handle: HandleArgument,
    portal: Annotated[
        str, typer.Option(metavar="URL", help=both("门户的地址。", "The portal's address."))
    ] = "http://127.0.0.1:8100",
    database: DatabaseOption = None,
) -> None:
    """Make an invitation and show its link."""
    now = clock.present(None)
    with opened(reply, database) as engine, writing(engine) as connection:
        token = accounts.invite(connection, person_of(reply, connection, handle), now)
    link, until = f"{portal.rstrip('/')}/welcome/{token}", now + accounts.INVITED_FOR
    reply.give(
        {"handle": handle, "link": link, "until": until},
        reply.say(
            f"请转交{handle}本人，{written.when(until, 'zh')}前有效，只能用一次：",
            f"For {handle} alone, until {written.when(until, 'en')}, to be used once:",
        ),
        link,
    )


@command(
    app,
    "password",
    "设置门户密码；从标准输入读一行，此人已登录的会话全部结束。",
    "Set a password for the portal, read as a line of standard input; the person's sessions end.",
    """
    beian party password zhang
    beian party password zhang < password.txt
    """,
)
def password(reply: Reply, handle: HandleArgument, database: DatabaseOption = None) -> None:
    """Set a password that is typed unseen, or comes through a pipe."""
    typed = _typed(reply)
    with opened(reply, database) as engine, writing(engine) as connection:
        person = person_of(reply, connection, handle)
        try:
            accounts.set_password(connection, person, typed, clock.present(None))
        except UnfitPassword as unfit:
            raise Failure(
                ExitCode.REFUSED,
                "unfit_password",
                reply.say("这个密码不能用。", "This password cannot be used."),
                reply.say(f"密码须{_UNFIT[unfit.code][0]}。", f"A password has {_UNFIT[unfit.code][1]}."),
            ) from None
    reply.give({"handle": handle}, reply.say(f"已设置{handle}的密码。", f"The password of {handle} is set."))


def _typed(reply: Reply) -> str:
    if sys.stdin.isatty():
        return str(
            typer.prompt(reply.say("密码", "Password"), hide_input=True, confirmation_prompt=True, err=True)
        )
    return sys.stdin.readline(MOST * 4).rstrip("\r\n")
