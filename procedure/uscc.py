"""Unified social credit codes (统一社会信用代码, GB 32100)."""

import re
import unicodedata
from typing import Final

from stdnum.cn.uscc import calc_check_digit, compact

from procedure.fault import Fault

_LETTERS: Final = "0-9A-HJ-NPQRTUWXY"
# python-stdnum's own pattern wants digits in the first two places; codes of the armed forces' and
# the countryside's units (A1, N2) have a letter there.
_FORM: Final = re.compile(rf"[{_LETTERS}]{{2}}[0-9]{{6}}[{_LETTERS}]{{10}}", re.ASCII)
_LONGEST: Final = 40


class InvalidUscc(ValueError):
    """A text that is no unified social credit code; ``value`` and ``why`` say which and why."""

    def __init__(self, value: str, why: Fault) -> None:
        super().__init__(Fault("no_uscc", value=value, why=why))
        self.value = value
        self.why = why


def valid(text: str) -> str:
    """Return ``text`` as a code of 18 characters, full-width forms, spaces and hyphens put right.

    Raises InvalidUscc when length, characters or check digit are wrong.
    """
    shown = text[:_LONGEST]
    if len(text) > _LONGEST:
        raise InvalidUscc(shown, Fault("uscc_length", length=len(text)))
    code = compact(unicodedata.normalize("NFKC", text))
    if len(code) != 18:
        raise InvalidUscc(shown, Fault("uscc_length", length=len(code)))
    if not _FORM.fullmatch(code):
        raise InvalidUscc(shown, Fault("uscc_form"))
    if code[-1] != calc_check_digit(code[:17]):
        raise InvalidUscc(shown, Fault("uscc_check", digit=code[-1]))
    return code
