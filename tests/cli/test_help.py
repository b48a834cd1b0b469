"""Help: every command and option in Chinese and in English, with examples that could be run."""

import re
import shlex
from collections.abc import Iterator

import pytest
import typer

from cli import (
    audits,
    backup,
    calls,
    cases,
    certificates,
    doctor,
    incidents,
    notices,
    parties,
    procedure_proofs,
    programmes,
    radar,
    setup,
    support,
    up,
)
from cli.main import COMMANDS, app
from tests.cli.terminal import Terminal

GROUPS = {
    "party": parties.app,
    "procedure": procedure_proofs.app,
    "call": calls.app,
    "case": cases.app,
    "incident": incidents.app,
    "notice": notices.app,
    "register": certificates.app,
    "support": support.app,
    "report": programmes.app,
    "audit": audits.app,
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _commands() -> Iterator[tuple[str, ...]]:
    yield ("init",)
    yield ("up",)
    for single in ("radar", "doctor", "backup", "restore"):
        yield (single,)
    for group, found in GROUPS.items():
        for each in found.registered_commands:
            yield group, str(each.name)


def _examples(text: str) -> list[str]:
    """Return the command lines of an example section, continued lines put together."""
    _, _, section = text.partition("Examples\n")
    joined = section.replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip()]


def test_the_root_names_every_command_and_every_exit_code(fresh: Terminal) -> None:
    for language, word in (("zh", "退出码"), ("en", "Exit codes")):
        fresh.environment["BEIAN_LANGUAGE"] = language
        text = fresh.ok("--help")
        for name, *_ in COMMANDS:
            assert f"│ {name} " in text
        assert word in text
    assert not CHINESE.search(text)
    assert typer.main.get_command(app).name == "beian"


@pytest.mark.parametrize("command", list(_commands()), ids=" ".join)
def test_a_command_is_explained_in_both_languages(fresh: Terminal, command: tuple[str, ...]) -> None:
    chinese = fresh.ok(*command, "--help")
    assert "示例" in chinese
    assert "显示本说明。" in chinese
    english = fresh.ok(*command, "--help", "--language", "en")
    explained, _, examples = english.partition("Examples\n")
    assert "Show this message" in explained
    assert not CHINESE.search(explained), explained
    assert "--json" in explained
    assert examples


@pytest.mark.parametrize("command", list(_commands()), ids=" ".join)
def test_the_examples_of_a_command_are_of_that_command(fresh: Terminal, command: tuple[str, ...]) -> None:
    examples = _examples(fresh.ok(*command, "--help", "--language", "en"))
    called = [line for line in examples if f"beian {' '.join(command)}" in line]
    assert len(called) >= 1
    for line in called:
        words = shlex.split(line.partition("beian ")[2].partition(" | ")[0])
        known = {
            option
            for parameter in _parameters(command)
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known, line


def _parameters(command: tuple[str, ...]) -> list[typer.core.TyperOption]:
    single = {
        "init": setup.app,
        "up": up.app,
        "radar": radar.app,
        "doctor": doctor.app,
        "backup": backup.app,
        "restore": backup.restoring,
    }
    found = typer.main.get_command(single[command[0]] if len(command) == 1 else GROUPS[command[0]])
    leaf = found if len(command) == 1 else found.commands[command[1]]  # type: ignore[attr-defined]
    return leaf.params  # type: ignore[return-value]


def test_a_group_lists_its_commands_in_both_languages(fresh: Terminal) -> None:
    assert "说明时限为何是这一天" in fresh.ok("case", "--help")
    fresh.environment["BEIAN_LANGUAGE"] = "en"
    english = fresh.ok("case", "--help")
    assert "Explain why a deadline is when it is" in english
    assert not CHINESE.search(english)
