"""What kind of file a content is, told by the content itself and not by its name."""

import zipfile
from pathlib import Path
from typing import BinaryIO, Final

MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "doc": "application/msword",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "png": "image/png",
}
"""The kinds that packs may ask for."""

_SIGNATURES: Final = {
    b"%PDF-": "pdf",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "doc",
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
}
_MEMBERS: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def kind_of(path: Path) -> str | None:
    """Return the kind of the file's content, a key of MEDIA_TYPES, or None for any other content.

    Old Word files are known by their container, which other old Office files share. Raises OSError when the
    file cannot be read.
    """
    with path.open("rb") as file:
        return kind_of_content(file)


def kind_of_content(content: BinaryIO) -> str | None:
    """Return the kind as ``kind_of`` does, of a content open for reading at its start."""
    head = content.read(8)
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    return _office_kind(content) if head.startswith(b"PK\x03\x04") else None


def _office_kind(content: BinaryIO) -> str | None:
    try:
        with zipfile.ZipFile(content) as package:
            names = set(package.namelist())
    except zipfile.BadZipFile:
        return None
    return next((kind for member, kind in _MEMBERS.items() if member in names), None)
