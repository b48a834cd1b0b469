"""`beian` as a real process: pipes, colours, languages of the terminal, completion, interruption."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

BEIAN = str(Path(sys.executable).with_name("beian"))


def beian(*arguments: str, url: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [BEIAN, *arguments],
        capture_output=True,
        env={**os.environ, "BEIAN_DATABASE_URL": url, **environment},
        check=False,
    )


def test_exit_codes_reach_the_shell_and_json_stands_alone(terminal: Terminal, case: str) -> None:
    done = beian("case", "show", case, "--json", url=terminal.url)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["ref"] == case
    refused = beian("case", "act", case, "submit", "--as", "chen", "--json", url=terminal.url)
    assert (refused.returncode, refused.stderr) == (1, b"")
    assert json.loads(refused.stdout)["exit_code"] == 1
    missing = beian("case", "show", "YY1999-0001", url=terminal.url)
    assert (missing.returncode, missing.stdout) == (3, b"")
    assert "没有编号为“YY1999-0001”的办件或批次。" in missing.stderr.decode()


def test_a_pipe_gets_no_colours_and_no_broken_lines(terminal: Terminal, case: str) -> None:
    for arguments in (("case", "why", case), ("case", "list"), ("procedure", "show", "yueyang-2024")):
        found = beian(*arguments, url=terminal.url, TERM="xterm-256color", COLUMNS="40")
        assert found.returncode == 0
        assert b"\x1b" not in found.stdout
    why = beian("case", "why", case, url=terminal.url).stdout.decode().splitlines()
    assert len(why) == 9
    refused = beian("case", "act", case, "submit", "--as", "chen", url=terminal.url)
    assert b"\x1b" not in refused.stderr


def test_whoever_stops_reading_ends_it_quietly(terminal: Terminal) -> None:
    show = f"{BEIAN} procedure show yueyang-2024 --json"
    script = f"{show} | head -c 10 > /dev/null; echo ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "BEIAN_DATABASE_URL": terminal.url}
    found = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment, check=True
    )
    assert found.stderr == ""
    # Either everything fitted into the pipe before it closed, or the shell is told of the closed pipe.
    assert found.stdout.strip() in ("0", "141")


def test_particulars_come_through_a_pipe(terminal: Terminal, case: str) -> None:
    environment = {
        **os.environ,
        "BEIAN_DATABASE_URL": terminal.url,
        "BEIAN_AS": "zhang",
    }
    found = subprocess.run(
        [BEIAN, "case", "act", case, "withdraw", "--data", "@-", "--json"],
        input='{"reason": "另有安排"}'.encode(),
        capture_output=True,
        env=environment,
        check=True,
    )
    assert json.loads(found.stdout)["outcome"] == "withdrawn"


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]
)
def test_a_terminal_without_chinese_letters_still_gets_an_answer(
    terminal: Terminal, case: str, locale: dict[str, str]
) -> None:
    found = beian("case", "show", case, url=terminal.url, **locale)
    assert found.returncode == 0, found.stderr
    assert case.encode() in found.stdout
    as_json = beian("case", "show", case, "--json", url=terminal.url, **locale)
    assert json.loads(as_json.stdout)["lead"]["name"] == "甲公司"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_there_for_the_usual_shells(terminal: Terminal, shell: str) -> None:
    script = beian(
        "--show-completion", shell, url=terminal.url, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1"
    )
    assert script.returncode == 0
    assert b"_BEIAN_COMPLETE" in script.stdout or b"_COMPLETE" in script.stdout


def _completed(*words: str, url: str) -> list[str]:
    found = subprocess.run(
        [BEIAN],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "BEIAN_DATABASE_URL": url,
            "_BEIAN_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(["beian", *words]),
            "COMP_CWORD": str(len(words)),
        },
        check=False,
    )
    return found.stdout.split()


def test_commands_acts_and_packs_are_completed(terminal: Terminal) -> None:
    assert "case" in _completed("ca", url=terminal.url)
    assert _completed("case", "hi", url=terminal.url) == ["history"]
    assert _completed("case", "act", "YY2024-0001", "resub", url=terminal.url) == ["resubmit"]
    assert _completed("procedure", "show", "yue", url=terminal.url) == ["yueyang-2024"]
