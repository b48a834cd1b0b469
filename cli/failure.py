"""How a command ends when it cannot be carried out: an exit code for scripts, and words for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final


class ExitCode(IntEnum):
    """What the shell is told; the same for every command."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    DATABASE = 4
    FINDINGS = 5
    FILE = 6
    SERVER = 7
    BUSY = 8
    PARTLY = 9
    INTERRUPTED = 130
    PIPE_CLOSED = 141


EXIT_CODES: Final[dict[ExitCode, tuple[str, str]]] = {
    ExitCode.DONE: ("已办理", "done"),
    ExitCode.REFUSED: ("被拒绝，未作任何改动", "refused, nothing was changed"),
    ExitCode.USAGE: ("用法或输入有误", "wrong usage or bad input"),
    ExitCode.NOT_FOUND: ("没有所指的办件、批次、人员等", "what was named does not exist"),
    ExitCode.DATABASE: ("数据库不能使用", "the database cannot be used"),
    ExitCode.FINDINGS: ("审计或体检发现问题", "the audit or the doctor found something wrong"),
    ExitCode.FILE: ("文件或文件夹不能读写", "a file or folder cannot be read or written"),
    ExitCode.SERVER: ("服务没有启动", "the server did not start"),
    ExitCode.BUSY: ("他人同时办理，请再试", "others act on the same case, try again"),
    ExitCode.PARTLY: ("只办成了一部分，余下的被拒绝", "some were done, the rest refused"),
    ExitCode.INTERRUPTED: ("被中断", "interrupted"),
}
"""What each exit code means, in Chinese and in English."""


@dataclass
class Failure(Exception):
    """A command that cannot be carried out: why, details one a line, and what to do next.

    Texts are in the language of the command; ``possible`` lists acts instead (name, title, roles).
    """

    exit_code: ExitCode
    code: str
    says: str
    next_step: str = ""
    details: tuple[str, ...] = ()
    clause: str | None = None
    possible: tuple[tuple[str, str, str], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Return the failure for programs."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.says,
            "details": list(self.details),
            "next": self.next_step,
            "clause": self.clause,
            "facts": dict(self.facts),
        }
        if self.possible:
            error["possible"] = [
                {"act": act, "title": title, "roles": roles} for act, title, roles in self.possible
            ]
        return {"error": error, "exit_code": int(self.exit_code)}
