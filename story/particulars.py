"""An act's particulars as the machine takes them, from the way a scenario file writes them."""

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from casework.documents import EmptyFile, FolderUnusable, Stored
from procedure.fault import Fault
from procedure.uscc import InvalidUscc, valid
from story.cast import unit
from story.scenario import Scenario

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "png": "image/png",
}
"""The media type of a document by the ending of its name, where the file gives none."""

Store = Callable[[BinaryIO], Stored]


class Unreadable(ValueError):
    """A file that a scenario names and that cannot be read."""


def digest_only(content: BinaryIO) -> Stored:
    """Return what storing ``content`` would, without storing it; raises EmptyFile."""
    read = content.read()
    if not read:
        raise EmptyFile("the file is empty")
    return Stored(hashlib.sha256(read).hexdigest(), len(read))


def particulars(
    scenario: Scenario,
    folder: Path,
    act: str,
    given: Mapping[str, Any],
    numbers: Mapping[str, str],
    store: Store = digest_only,
) -> dict[str, Any]:
    """Return ``given`` with short names replaced by codes and numbers, and documents stored.

    ``numbers`` are the case numbers by short name. Raises Unreadable.
    """
    names = _Names(scenario, folder, numbers, store)
    made = {key: names.put(key, value) for key, value in given.items()}
    return names.document(made) if act == "attach_document" else made


@dataclass(frozen=True, slots=True)
class _Names:
    scenario: Scenario
    folder: Path
    numbers: Mapping[str, str]
    store: Store

    def put(self, key: str, value: Any) -> Any:
        """Return the value of ``key`` with every short name in it replaced."""
        match key, value:
            case "uscc" | "member", str():
                return self._code(value)
            case "case", str():
                return self._number(value)
            case "cases" | "pass_over", list():
                return [self._number(each) for each in value]
            case "members", dict():
                return {self._code(short): fields for short, fields in value.items()}
            case "correct", dict():
                return {self._number(short): changes for short, changes in value.items()}
            case "item", str() if value.startswith("member:"):
                return f"member:{self._code(value.removeprefix('member:'))}"
            case "evidence", list():
                return [self._evidence(each) if isinstance(each, dict) else each for each in value]
            case "items" | "remove", list():
                return [
                    {k: self.put(k, v) for k, v in each.items()} if isinstance(each, dict) else each
                    for each in value
                ]
        return value

    def document(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return an attachment with name, media type, size and digest where the file leaves them out."""
        stored, name = self._stored(given, f"{given.get('material')}.pdf")
        if stored is None:
            return given
        ending = name.rpartition(".")[2].lower()
        made = {
            "name": name,
            "digest": stored.digest,
            "size": stored.size,
            "media_type": MEDIA_TYPES.get(ending, "application/octet-stream"),
        }
        return made | {key: value for key, value in given.items() if key not in ("text", "file")}

    def _evidence(self, given: dict[str, Any]) -> dict[str, Any]:
        stored, name = self._stored(given, "evidence.pdf")
        return given if stored is None else {"digest": stored.digest, "name": name}

    def _stored(self, given: dict[str, Any], default: str) -> tuple[Stored | None, str]:
        source, text = given.get("file"), given.get("text")
        if source is None and text is None:
            return None, ""
        name = str(given.get("name", default if source is None else Path(str(source)).name))
        if source is None:
            return self.store(io.BytesIO(str(text).encode())), name
        try:
            with (self.folder / str(source)).open("rb") as content:
                return self.store(content), name
        except EmptyFile:
            raise Unreadable(Fault("file_empty", file=source)) from None
        except FolderUnusable:
            raise
        except OSError as error:
            raise Unreadable(Fault("file_unreadable", file=source, why=error.strerror)) from None

    def _number(self, short: Any) -> Any:
        return self.numbers.get(short, short) if isinstance(short, str) else short

    def _code(self, name: str) -> str:
        code = unit(self.scenario, name)
        try:
            return valid(code)
        except InvalidUscc:
            return code
