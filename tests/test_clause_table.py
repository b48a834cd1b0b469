"""Every rule of the documents up to filing has a test that names it, and docs/clauses.md says which."""

import ast

from tests import clauses


def test_every_rule_up_to_filing_is_named_by_a_test() -> None:
    assert clauses.untested() == []


def test_marks_name_rules_that_there_are() -> None:
    assert [(name, each) for name, each in clauses.marks().items() if name not in clauses.named()] == []


def test_every_clause_that_a_pack_cites_is_listed() -> None:
    listed = {(document, clause) for document, clause, _ in clauses.named()}
    assert [place for place in clauses.elements() if place not in listed] == []


def test_every_rule_up_to_filing_is_carried_by_a_pack_or_cannot_be() -> None:
    for (document, clause, part), row in clauses.named().items():
        if row.phase == "filing":
            assert bool(clauses.carriers(document, row)) == (row.unless is None), (document, clause, part)


def test_the_document_is_as_the_tests_and_packs_are() -> None:
    told = clauses.DOCUMENT.read_text(encoding="utf-8")
    assert told == clauses.document(), "stale: write it anew with `python -m tests.clauses`"


def test_marks_are_read_from_tests_their_classes_and_their_parameters() -> None:
    source = """
@pytest.mark.clause("a", "1")
def test_one(): ...

@pytest.mark.clause("a", "2")
def helper(): ...

@pytest.mark.clause("b", "1", "part")
class TestMany:
    @pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.clause("c", "4(1)"))])
    @pytest.mark.postgres
    def test_two(self, x): ...
"""
    found = [(name, list(clauses._clauses(marks))) for name, marks in clauses._tests(ast.parse(source).body)]
    assert found == [
        ("test_one", [("a", "1", None)]),
        ("TestMany.test_two", [("b", "1", "part"), ("c", "4(1)", None)]),
    ]
