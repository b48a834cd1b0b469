"""Packs: a procedure with its texts, read from a folder or from stored texts, or refused with reasons."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from procedure import located
from procedure.definition import DanglingReferences, Procedure

PROCEDURE: Final = "procedure.yaml"
NOTICES: Final = "notices.yaml"
FILES: Final = (NOTICES, PROCEDURE)
"""The files of a pack."""

CATALOG: Final = Path(__file__).parent / "catalog"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a pack: the file, the line (from 1), the path in it, and what was expected."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class PackError(ValueError):
    """A pack is malformed; ``problems`` says everything that is wrong with it, in the files' order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(
            dict.fromkeys(
                sorted(problems, key=lambda problem: (problem.file != PROCEDURE, problem.file, problem.line))
            )
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Pack:
    """A procedure together with the texts it was read from; ``content_hash`` covers every one of them."""

    procedure: Procedure
    files: Mapping[str, str]
    content_hash: str


def load_texts(files: Mapping[str, str]) -> Pack:
    """Return the pack that these texts (by path) make up; raises PackError with all that is wrong."""
    data = {**located.read(files[PROCEDURE]).data, "notices": located.read(files[NOTICES]).data}
    procedure = Procedure.model_validate_json(json.dumps(data))
    return Pack(procedure, MappingProxyType(dict(files)), content_hash(files))


def load_folder(folder: Path) -> Pack:
    """Return the pack in ``folder``; raises PackError with all that is wrong."""
    return load_texts({name: (folder / name).read_text(encoding="utf-8") for name in FILES})


@cache
def shipped(code: str) -> Pack:
    """Return the pack ``code`` that ships with the program, read once; PackError when there is none."""
    return load_folder(CATALOG / code)


def shipped_codes() -> tuple[str, ...]:
    """Return the codes of the packs that ship with the program."""
    return tuple(sorted(path.name for path in CATALOG.iterdir() if (path / PROCEDURE).is_file()))


def content_hash(files: Mapping[str, str]) -> str:
    """Return the SHA-256 over all paths and texts; it changes with any of them and with nothing else."""
    digest = hashlib.sha256()
    for path, text in sorted(files.items()):
        for part in (path.encode(), text.encode()):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()
