"""Packs: a procedure with its texts, read from a folder or from stored texts, or refused with reasons."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from procedure import dialect, located, publicity, shape
from procedure.definition import Procedure, act_rules
from procedure.fault import Fault, unknown
from procedure.texts import (
    AFTER_FILING,
    COMMON,
    NOTICES,
    PROCEDURE,
    Texts,
    builds_on_common,
    expected,
    tells_after_filing,
)

NOTICE_VARIABLES: Final = frozenset(
    {
        "awaiting",
        "bureau_name",
        "call_title",
        "case_number",
        "clause",
        "deadline",
        "defence_at",
        "defence_place",
        "defence_position",
        "district_name",
        "drafts",
        "due",
        "effective_at",
        "facts",
        "ground",
        "holder",
        "items",
        "lead_name",
        "letters",
        "missing",
        "official_name",
        "outcome",
        "places",
        "provisional",
        "quota",
        "reason",
        "recipient_name",
        "recommended",
        "register_number",
        "rule",
        "stage",
        "visit_at",
    }
)
"""What the texts of a pack may say.

``due``, ``effective_at``, ``visit_at`` and ``defence_at`` are ISO instants, or empty; ``items`` and
``missing`` are lists of texts; all others are text, empty where there is nothing to say. ``holder``,
``missing``, ``provisional``, ``drafts``, ``awaiting``, ``letters``, ``quota``, ``recommended`` and ``places``
are for the rungs of ladders.
"""

CATALOG: Final = Path(__file__).parent / "catalog"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a pack: file, line (from 1) where there is one, path, and what was expected."""

    file: str
    line: int | None
    path: str
    message: Fault

    def __str__(self) -> str:
        return self.of("en")

    def of(self, language: str) -> str:
        """Return place and fault as one line in ``language`` ("zh" or "en")."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        place = ": ".join(part for part in (where, self.path) if part)
        colon = ": " if language == "en" else "："
        return f"{place}{colon}{self.message.of(language)}" if place else self.message.of(language)


class PackError(ValueError):
    """A pack is malformed; ``problems`` says everything that is wrong with it, in the order of the lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(
            sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line or 0))
        )
        super().__init__(self.of("en"))

    def of(self, language: str) -> str:
        """Return all of them, one a line, in ``language``."""
        return "\n".join(problem.of(language) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Pack:
    """A procedure together with the texts it was read from; ``content_hash`` covers every one of them."""

    procedure: Procedure
    files: Mapping[str, str]
    content_hash: str


def load_texts(files: Mapping[str, str], acts: frozenset[str] | None = None) -> Pack:
    """Return the pack that these texts (by path) make up; raises PackError with all that is wrong.

    With ``acts``, the vocabulary of the machine, names of acts are checked against it.
    """
    reading = _Reading(files)
    procedure = reading.procedure()
    reading.check(procedure, acts)
    return Pack(procedure, MappingProxyType(dict(files)), content_hash(files))


def load_folder(folder: Path, acts: frozenset[str] | None = None) -> Pack:
    """Return the pack in ``folder``, as ``load_texts`` does; hidden files are no part of it.

    A pack that builds on the common procedure takes the one that ships in, unless it has its own copy.
    """
    if not folder.is_dir():
        raise PackError([Problem(str(folder), None, "", Fault("no_such_folder"))])
    problems: list[Problem] = []
    files: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        try:
            files[path.name] = "" if path.is_dir() else file_text(path)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            fault = Fault("not_utf8_byte", byte=error.object[error.start])
            problems.append(Problem(path.name, line, "", fault))
        except OSError as error:
            problems.append(Problem(path.name, None, "", Fault("cannot_be_read", why=error.strerror)))
    if problems:
        raise PackError(problems)
    if builds_on_common(files.get(PROCEDURE, "")):
        files.setdefault(COMMON, file_text(CATALOG / COMMON))
    if tells_after_filing(files.get(PROCEDURE, "")):
        files.setdefault(AFTER_FILING, file_text(CATALOG / AFTER_FILING))
    return load_texts(files, acts)


def file_text(path: Path) -> str:
    """Return what a file of the catalogue says, its line ends the same in every checkout, as its hash is."""
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


@cache
def shipped(code: str) -> Pack:
    """Return the pack ``code`` that ships with the program, read once; PackError when there is none."""
    if code not in shipped_codes():
        raise PackError([Problem(code, None, "", Fault("no_pack_ships", known=shipped_codes()))])
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


class _Reading:
    """The files of a pack as they are read, with what is wrong with them."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        needed, allowed = expected(files)
        for name in sorted({*files, *needed}):
            if name not in files:
                self.problems.append(Problem(name, None, "", Fault("missing")))
            elif name not in (*needed, *allowed):
                known = Fault("and", first=needed[:-1], last=needed[-1])
                self.problems.append(Problem(name, None, "", Fault("unknown_file", known=known)))
        self._refuse_if_wrong()
        self.texts = Texts.of(files)
        for name, text in self.texts.files.items():
            for complaint in text.complaints:
                self._note(name, complaint.line, complaint.path, complaint.message)
            if not text.complaints and not isinstance(text.data, dict):
                self._note(name, 1, (), Fault("expected_mapping"))
        self._refuse_if_wrong()

    def procedure(self) -> Procedure:
        """Return the procedure that the texts describe."""
        own = self.texts.files[PROCEDURE]
        if "notices" in own.data:
            fault = Fault("notices_stand_in", file=NOTICES)
            self._note(PROCEDURE, own.line(("notices",)), ("notices",), fault)
            self._refuse_if_wrong()
        data = self.texts.data
        try:
            # JSON mode takes lists for tuples and texts for enums, and otherwise stays strict.
            return Procedure.model_validate_json(json.dumps(data))
        except ValidationError as error:
            for path, message in shape.complaints(error, data):
                self._place(path, message)
            raise PackError(self.problems) from None

    def check(self, procedure: Procedure, acts: frozenset[str] | None) -> None:
        """Refuse a publicity that lacks something, expressions outside the dialect, acts nobody knows."""
        for where, message in publicity.problems(procedure):
            self._place(shape.undotted(where), message)
        for i, rule in enumerate(procedure.rules):
            scope = dialect.rule_scope(procedure, rule)
            for key, source in (("applies", rule.applies), ("met", rule.met)):
                if source is not None:
                    self._judge(source, scope, ("rules", i, key))
        for kind in procedure.kinds:
            for where, act_rule in act_rules(procedure.life(kind), procedure.place(kind)):
                path = shape.undotted(where)
                name = str(path[-1])
                if acts is not None and name not in acts:
                    self._place(path, unknown("act", name, acts))
                scope = dialect.branch_scope(procedure, kind, name)
                for i, branch in enumerate(act_rule.branches):
                    if branch.when is not None:
                        self._judge(branch.when, scope, (*path, "branches", i, "when"))
        self._refuse_if_wrong()

    def _judge(self, source: str, scope: dialect.Scope, path: located.Path) -> None:
        for flaw in dialect.flaws(source, scope):
            self._place(path, flaw)

    def _place(self, path: located.Path, message: Fault) -> None:
        name, line, within = self.texts.place(path)
        self._note(name, line, within, message)

    def _note(self, name: str, line: int, path: located.Path, message: Fault) -> None:
        self.problems.append(Problem(name, line, shape.dotted(path), message))

    def _refuse_if_wrong(self) -> None:
        if self.problems:
            raise PackError(self.problems)
