"""Files as people send them: looked into before they are stored, and refused by name.

What a file is is told by its content. A PDF that runs scripts, an office file that unfolds beyond measure or
carries macros, and names that would lead elsewhere are refused.
"""

import re
import unicodedata
import zipfile
import zlib
from typing import BinaryIO, Final, Literal

from casework.file_kind import kind_of_content
from procedure.definition import Material

Unfit = Literal[
    "no_name", "wrong_format", "not_what_it_says", "too_large", "empty", "has_script", "has_macros", "unfolds"
]

UNFOLDED: Final = 300_000_000
"""The most bytes of an office file once unfolded."""

RATIO: Final = 200
"""How many times larger than packed a member of an office file may be."""

MEMBERS: Final = 5_000
"""The most members of an office file."""

_SAME: Final = {"jpeg": "jpg"}
_SCRIPT: Final = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia)(?![A-Za-z0-9])")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKED: Final = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.DOTALL)


def clean_name(name: str) -> str | None:
    """Return a file's own name without folders and signs nobody sees; None where nothing is left."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    if not seen:
        return None
    stem, dot, extension = seen.rpartition(".")
    return f"{stem[: 190 - len(extension)]}{dot}{extension}" if dot else seen[:190]


def unfit(content: BinaryIO, name: str | None, material: Material) -> Unfit | None:
    """Return why a file cannot be one of a material, None for one that can; it stands at its start after."""
    try:
        return _unfit(content, name, material)
    finally:
        content.seek(0)


def _unfit(content: BinaryIO, name: str | None, material: Material) -> Unfit | None:
    if name is None:
        return "no_name"
    extension = name.rpartition(".")[2].lower()
    extension = _SAME.get(extension, extension)
    if extension not in material.formats:
        return "wrong_format"
    size = content.seek(0, 2)
    content.seek(0)
    if not size:
        return "empty"
    if size > material.max_megabytes * 1_000_000:
        return "too_large"
    if extension in ("docx", "xlsx"):
        folded = _folded(content)
        if folded is not None:
            return folded
        content.seek(0)
    if kind_of_content(content) != extension:
        return "not_what_it_says"
    content.seek(0)
    return "has_script" if extension == "pdf" and _runs_script(content.read()) else None


def _folded(content: BinaryIO) -> Unfit | None:
    try:
        with zipfile.ZipFile(content) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "not_what_it_says"
    total = sum(member.file_size for member in members)
    beyond = any(member.file_size > RATIO * max(member.compress_size, 5_000) for member in members)
    if beyond or total > UNFOLDED or len(members) > MEMBERS:
        return "unfolds"
    names = [member.filename for member in members]
    if any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names):
        return "not_what_it_says"
    return "has_macros" if any(name.lower().endswith("vbaproject.bin") for name in names) else None


def _runs_script(pdf: bytes) -> bool:
    """Return whether a PDF names a script, in its objects or in those it packs together."""
    if _names_script(pdf):
        return True
    return any(_names_script(_unpacked(pdf, found.end())) for found in _PACKED.finditer(pdf))


def _names_script(text: bytes) -> bool:
    return _SCRIPT.search(_ESCAPED.sub(_plain, text)) is not None


def _plain(escaped: re.Match[bytes]) -> bytes:
    return bytes([int(escaped[1], 16)])


def _unpacked(pdf: bytes, start: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(pdf[start:], 5_000_000)
    except zlib.error:
        return b""
