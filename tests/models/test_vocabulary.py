"""The tables accept every word that the procedure can write into them."""

import re
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy import CheckConstraint
from valid_rows import TABLES

from procedure import definition, event, subject

# The program's own role stands in events; no person can be given it.
NOBODY = {"system", "public"}


def _accepted(table: str, column: str) -> set[str]:
    for constraint in TABLES[table].constraints:
        if isinstance(constraint, CheckConstraint):
            found = re.fullmatch(rf"{column} IN \((.*)\)", str(constraint.sqltext))
            if found:
                return set(re.findall(r"'(\w+)'", found[1]))
    raise LookupError(f"{table}.{column} has no list of words")


@pytest.mark.parametrize(
    ("words", "table", "column"),
    [
        (definition.Role, "roles", "role"),
        (definition.UnitKind, "organisations", "kind"),
        (definition.BureauKind, "bureaus", "kind"),
        (event.ClockKind, "ledger", "kind"),
        (subject.SubjectKind, "subjects", "kind"),
        (get_type_hints(subject.Deadline)["state"], "deadlines", "state"),
    ],
)
def test_the_procedure_writes_no_word_that_a_table_refuses(words: Any, table: str, column: str) -> None:
    assert set(get_args(words)) - _accepted(table, column) - NOBODY == set()
