"""What every command has in common: bilingual help with examples, its options, and how it ends."""

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, Final, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

from cli.failure import EXIT_CODES, ExitCode, Failure
from cli.reply import Reply
from cli.usage import worded

_ENGLISH: Final[dict[str, str]] = {}
_OF_TYPER: Final = {
    "Show this message and exit.": "显示本说明。",
    "Install completion for the current shell.": "为当前命令行安装自动补全。",
    "Show completion for the current shell, to copy it or customize the installation.": (
        "显示自动补全脚本，便于自行安装。"
    ),
}


def both(zh: str, en: str) -> str:
    """Return a help text in Chinese that is shown in English to those who read English."""
    _ENGLISH[zh] = en
    return zh


Language = Literal["zh", "en"]
LanguageOption = Annotated[
    Language, typer.Option(envvar="BEIAN_LANGUAGE", help=both("中文或英文。", "Chinese or English."))
]
JsonOption = Annotated[
    bool, typer.Option("--json", help=both("只在标准输出给出 JSON。", "Answer with JSON on standard output."))
]


class Command(TyperCommand):
    """A command whose help is shown in the language asked for, followed by its examples."""

    def __init__(self, name: str | None, *, epilog: str | None = None, **attributes: Any) -> None:
        super().__init__(name, **attributes)
        # Typer would fill an epilog into one paragraph.
        self.examples = epilog

    @override
    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        language = language_of(sys.argv[1:] if ctx.obj is None else ctx.obj)
        _translate(self, ctx, language)
        super().format_help(ctx, formatter)
        _print_examples(self.examples, language)


class Group(TyperGroup):
    """A group of commands whose help is shown in the language asked for."""

    @override
    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        language = language_of(sys.argv[1:] if ctx.obj is None else ctx.obj)
        _translate(self, ctx, language)
        for command in self.commands.values():
            _translate(command, ctx, language)
        super().format_help(ctx, formatter)
        if ctx.parent is None:
            _print_exit_codes(language)


class Later(TyperGroup):
    """A command of another module, which is imported when the command is called and no sooner."""

    def __init__(self, name: str, module: str, attribute: str, text: str) -> None:
        super().__init__(name=name, help=text)
        self.module = module
        self.attribute = attribute

    @override
    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Return the context of the real command; with a server, of the one that asks it."""
        module, attribute = self.module, self.attribute
        if parent is not None and parent.params.get("server"):
            module, attribute = self._elsewhere(parent)
            import_module("cli.asking").reach(parent.params["server"], parent.params["token"])
        thing = getattr(import_module(module), attribute)
        if not isinstance(thing, typer.Typer):
            app = typer.Typer()
            app.command()(thing)
            thing = app
        return typer.main.get_command(thing).make_context(info_name, args, parent, **extra)

    def _elsewhere(self, parent: Any) -> tuple[str, str]:
        found: tuple[str, str] | None = parent.command.ELSEWHERE.get(self.name)
        if found is not None:
            return found
        language = language_of(parent.obj or ())
        known = ", ".join(parent.command.ELSEWHERE)
        says = (f"{self.name} 不能通过 --server 办理。", f"{self.name} does not work with --server.")
        step = (f"可以的有：{known}", f"Those that do: {known}")
        english = language == "en"
        raise Failure(ExitCode.USAGE, "not_elsewhere", says[english], step[english])


class Root(Group):
    """The program: every failure of a command ends here, as words and an exit code, never as a traceback."""

    LATER: Sequence[tuple[str, str, str, str]] = ()
    ELSEWHERE: Mapping[str, tuple[str, str]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, module, attribute, text in self.LATER:
            if find_spec(module) is not None:
                self.add_command(Later(name, module, attribute, text))

    @override
    def main(
        self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Carry out the command line ``args`` and end the process with its exit code."""
        asked = list(sys.argv[1:] if args is None else args)
        reply = Reply(language_of(asked), as_json="--json" in asked)
        run = super().main
        code = _carried_out(
            asked, lambda: run(asked, *rest, standalone_mode=False, obj=asked, **extra), reply
        )
        if standalone_mode:
            sys.exit(code)
        return code


def command(
    app: typer.Typer, name: str, zh: str, en: str, examples: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Enter the decorated function as a command: it is given a Reply, and its own parameters.

    ``examples`` has one command line a line; options for language and JSON are added.
    """

    def enter(run: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(run, eval_str=True).parameters.values())[1:]
        keyword = inspect.Parameter.KEYWORD_ONLY
        common = [
            inspect.Parameter("as_json", keyword, default=False, annotation=JsonOption),
            inspect.Parameter("language", keyword, default="zh", annotation=LanguageOption),
        ]

        def call(*, as_json: bool, language: str, **given: Any) -> None:
            run(Reply(language, as_json=as_json), **given)

        parameters = [*(each.replace(kind=keyword) for each in own), *common]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {each.name: each.annotation for each in parameters}
        call.__doc__ = None
        app.command(name, cls=Command, help=both(zh, en), epilog=inspect.cleandoc(examples))(call)
        return run

    return enter


def language_of(args: Sequence[str]) -> str:
    """Return the language that a command line asks for, or the environment, or Chinese."""
    asked = os.environ.get("BEIAN_LANGUAGE", "zh")
    for at, word in enumerate(args):
        if word == "--language" and at + 1 < len(args):
            asked = args[at + 1]
        elif word.startswith("--language="):
            asked = word.partition("=")[2]
    return "en" if asked == "en" else "zh"


def _carried_out(asked: Sequence[str], run: Callable[[], Any], reply: Reply) -> int:
    try:
        _refuse_broken_text(asked, reply)
        ended = run()
    except Failure as failure:
        reply.fail(failure)
        return failure.exit_code
    except BrokenPipeError:
        # Whoever read our output has enough; the interpreter must not complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE_CLOSED
    except (KeyboardInterrupt, typer.Abort):
        reply.note("已中断。", "Interrupted.")
        return ExitCode.INTERRUPTED
    except Exception as error:
        failure = worded(error, reply) or import_module("cli.trouble").worded(error, reply)
        if failure is None:
            raise
        reply.fail(failure)
        return failure.exit_code
    return ended if isinstance(ended, int) else ExitCode.DONE


def _refuse_broken_text(asked: Sequence[str], reply: Reply) -> None:
    """Refuse what is no text: neither the database nor JSON could hold it."""
    for word in asked:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise Failure(
                ExitCode.USAGE,
                "not_utf8",
                reply.say(f"参数不是 UTF-8 文本：{word!r}", f"This argument is not UTF-8 text: {word!r}"),
                reply.say("请检查终端的字符编码。", "Check the character encoding of the terminal."),
            ) from None


def _translate(command: Any, ctx: Any, language: str) -> None:
    command.help = _in(language, command.help)
    for parameter in command.get_params(ctx):
        parameter.help = _in(language, getattr(parameter, "help", None))
        if not parameter.rich_help_panel:
            is_argument = parameter.param_type_name == "argument"
            panel = ("参数", "Arguments") if is_argument else ("选项", "Options")
            parameter.rich_help_panel = panel[language == "en"]
    if not command.rich_help_panel:
        command.rich_help_panel = "Commands" if language == "en" else "命令"


def _in(language: str, text: str | None) -> str | None:
    if text is None:
        return None
    return _ENGLISH.get(text, text) if language == "en" else _OF_TYPER.get(text, text)


def _print_examples(examples: str | None, language: str) -> None:
    if examples:
        console = Console(highlight=False)
        console.print(Text("Examples" if language == "en" else "示例", style="bold"))
        for line in examples.splitlines():
            console.print(Text(f"  {line}"), soft_wrap=True)


def _print_exit_codes(language: str) -> None:
    console = Console(highlight=False)
    console.print(Text("Exit codes" if language == "en" else "退出码", style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2))
    for code, words in EXIT_CODES.items():
        table.add_row(Text(str(int(code))), Text(words[language == "en"]))
    console.print(table)
