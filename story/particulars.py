"""An act's particulars as the machine takes them, from the way a scenario file writes them."""

import hashlib
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from casework.documents import Stored
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
    """Return what storing ``content`` would, without storing it."""
    read = content.read()
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
    made = dict(given)
    if act == "attach_document":
        made = _document(folder, made, store)
    for key in ("uscc", "member"):
        if isinstance(made.get(key), str):
            made[key] = _code(scenario, made[key])
    if isinstance(made.get("members"), dict):
        made["members"] = {_code(scenario, short): fields for short, fields in made["members"].items()}
    if isinstance(made.get("cases"), list):
        made["cases"] = [
            numbers.get(short, short) if isinstance(short, str) else short for short in made["cases"]
        ]
    if isinstance(made.get("items"), list):
        made["items"] = [_item(scenario, item) for item in made["items"]]
    return made


def _code(scenario: Scenario, name: str) -> str:
    code = unit(scenario, name)
    try:
        return valid(code)
    except InvalidUscc:
        return code


def _item(scenario: Scenario, item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    kind, colon, name = str(item.get("item", "")).partition(":")
    return {**item, "item": f"member:{_code(scenario, name)}"} if colon and kind == "member" else item


def _document(folder: Path, given: dict[str, Any], store: Store) -> dict[str, Any]:
    """Return an attachment with name, media type, size and digest put where the file leaves them out."""
    source = given.pop("file", None)
    text = given.pop("text", None)
    if source is None and text is None:
        return given
    try:
        content = io.BytesIO(str(text).encode()) if source is None else (folder / str(source)).open("rb")
    except OSError as error:
        raise Unreadable(f"{source} cannot be read: {error.strerror}") from None
    with content:
        stored = store(content)
    name = f"{given.get('material')}.pdf" if source is None else Path(str(source)).name
    name = str(given.get("name", name))
    ending = name.rpartition(".")[2].lower()
    defaults = {
        "name": name,
        "digest": stored.digest,
        "size": stored.size,
        "media_type": MEDIA_TYPES.get(ending, "application/octet-stream"),
    }
    return defaults | given
