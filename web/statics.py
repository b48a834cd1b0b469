"""Styles and scripts, under addresses that change with their content and so may be kept for good."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from typing_extensions import override

FOLDER: Final = Path(__file__).with_name("static")


@cache
def static(name: str) -> str:
    """Return the address of a static file."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{name}?{digest[:12]}"


class Statics(StaticFiles):
    """The files of the folder."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    @override
    def file_response(self, *arguments: Any, **more: Any) -> Response:
        """Return the file, to be kept by whoever asked for it."""
        response = super().file_response(*arguments, **more)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
