"""Wrong usage in words: what Typer says in English, said in Chinese too."""

import re
from typing import Any, Final

from cli.failure import ExitCode, Failure
from cli.reply import Reply

_CHINESE: Final[tuple[tuple[str, str], ...]] = (
    (r"No such command '?([^']*)'?\. Did you mean (.*)\?", "没有“{0}”这一命令。是否指：{1}"),
    (r"No such command '?([^']*)'?\.", "没有“{0}”这一命令。"),
    (r"Missing command\.", "缺少命令。"),
    (r"No such option:? '?([^' ]*)'?.*", "没有 {0} 这一选项。"),
    (r"Missing (?:option|argument|parameter)s? '?([^']*)'?.*", "缺少 {0}。"),
    (r"Got unexpected extra argument\(?s?\)? \((.*)\)", "多出了参数：{0}。"),
    (r"Option '?([^' ]*)'? requires .*", "选项 {0} 需要一个值。"),
    (r"Invalid value for '?([^:]*?)'?: (.*)", "{0} 的值无效：{1}"),
    (r"Invalid value: (.*)", "值无效：{0}"),
)


def worded(error: Exception, reply: Reply) -> Failure | None:
    """Return what is wrong with a command line; None for an error that is not one of usage."""
    shown: Any = getattr(error, "format_message", None)
    if shown is None:
        return None
    message = shown()
    ctx = getattr(error, "ctx", None)
    line = "beian" if ctx is None else ctx.command_path
    if type(error).__name__ == "NoArgsIsHelpError":
        message = "Missing command."
    return Failure(
        ExitCode.USAGE,
        "usage",
        reply.say(_chinese(message), message),
        reply.say(f"用法见：{line} --help", f"For the usage: {line} --help"),
    )


def _chinese(message: str) -> str:
    for pattern, chinese in _CHINESE:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            return chinese.format(*found.groups())
    return message
