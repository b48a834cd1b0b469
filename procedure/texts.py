"""The texts of a pack as one: its own files and, where it builds on it, the common procedure's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from procedure import located
from procedure.located import Located, Path

PROCEDURE: Final = "procedure.yaml"
NOTICES: Final = "notices.yaml"
COMMON: Final = "common.yaml"
AFTER_FILING: Final = "after-filing.yaml"

UNITED: Final = ("documents", "dates", "settings", "notices", "lives", "changes")
"""Sections of named things: the pack's stand beside the common ones, and replace those of the same name."""

CHAINED: Final = ("form", "materials", "rules")
"""Sections in order: the common things come first, then the pack's. Every other section is either's whole."""


_read: Final = lru_cache(maxsize=16)(located.read)
"""Packs share files, and revisions most of theirs; whoever changes what was read takes a copy."""


def builds_on_common(text: str) -> bool:
    """Return whether a pack's procedure says that it builds on the common one."""
    return re.search(r"^builds_on:", text, re.MULTILINE) is not None


def tells_after_filing(text: str) -> bool:
    """Return whether a pack's procedure takes over what comes after filing."""
    return re.search(r"^after_filing:", text, re.MULTILINE) is not None


def expected(files: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files a pack must have, and those it may have."""
    own = files.get(PROCEDURE, "")
    after = (AFTER_FILING,) if tells_after_filing(own) else ()
    if builds_on_common(own):
        return (*after, COMMON, PROCEDURE), (NOTICES,)
    return (*after, NOTICES, PROCEDURE), ()


@dataclass(frozen=True, slots=True)
class Texts:
    """The files of a pack by name, each read into plain data that knows its lines."""

    files: Mapping[str, Located]

    @classmethod
    def of(cls, files: Mapping[str, str]) -> "Texts":
        """Return the texts read; what is wrong with one stands in its complaints."""
        return cls({name: _read(text) for name, text in files.items()})

    @property
    def data(self) -> dict[str, Any]:
        """The whole pack as plain data, whichever file says it."""
        whole = dict(self._own)
        if NOTICES in self.files:
            whole["notices"] = self.files[NOTICES].data
        for name in self._below:
            for section, common in self.files[name].data.items():
                own = whole.get(section)
                if section in UNITED and isinstance(own, dict) and isinstance(common, dict):
                    whole[section] = common | own
                elif section in CHAINED and isinstance(own, list) and isinstance(common, list):
                    whole[section] = [*common, *own]
                else:
                    whole.setdefault(section, common)
        return whole

    def place(self, path: Path) -> tuple[str, int, Path]:
        """Return the file, the line (from 1) and the path within that file of a path of the whole pack."""
        name, within = self._home(path)
        return name, self.files[name].line(within), within

    def _home(self, path: Path) -> tuple[str, Path]:
        section = str(path[0]) if path else ""
        if path[:1] == ("notices",) and NOTICES in self.files:
            own, file, within = self.files[NOTICES].data, NOTICES, path[1:]
        else:
            own, file, within = self._own.get(section), PROCEDURE, path
        if section in UNITED and len(path) > 1 and AFTER_FILING in self._below:
            after = self.files[AFTER_FILING].data.get(section)
            common = self._common.get(section)
            elsewhere = [each for each in (own, common) if isinstance(each, dict) and path[1] in each]
            if isinstance(after, dict) and path[1] in after and not elsewhere:
                return AFTER_FILING, path
        common = self._common.get(section)
        if common is None:
            return file, within
        if own is None:
            return COMMON, path
        if len(path) > 1 and isinstance(own, dict) and isinstance(common, dict) and section in UNITED:
            return (COMMON, path) if path[1] in common and path[1] not in own else (file, within)
        if len(path) > 1 and isinstance(own, list) and isinstance(common, list) and section in CHAINED:
            at = int(path[1])
            return (COMMON, path) if at < len(common) else (file, (section, at - len(common), *path[2:]))
        return file, within

    @property
    def _own(self) -> dict[str, Any]:
        return self.files[PROCEDURE].data

    @property
    def _below(self) -> tuple[str, ...]:
        """The files that a pack's own stand upon, the nearest first."""
        return tuple(name for name in (COMMON, AFTER_FILING) if name in self.files)

    @property
    def _common(self) -> dict[str, Any]:
        return self.files[COMMON].data if COMMON in self.files else {}
