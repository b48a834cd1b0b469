"""Rules are answered in three values, with the facts used and the facts missing."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedure.definition import Procedure
from procedure.dialect import References, references
from procedure.eligibility import Answer, Assessment, MissingFact, assess, fold, stopping
from procedure.pack import load_texts
from procedure.subject import Member
from procedure.years import full_years
from tests.procedure.small_pack import FILES

ON = datetime.date(2024, 8, 4)


def procedure(met: str, *, applies: str | None = None, each: bool = False) -> Procedure:
    parts = [f"id: spending, title: {{zh: a, en: a}}, basis: setting, stops: [submit], met: {met!r}"]
    parts += [f"applies: {applies!r}"] if applies else []
    parts += ["each: member"] if each else []
    text = FILES["procedure.yaml"]
    start, end = text.index("rules:\n"), text.index("naming:")
    rules = f"rules:\n  - {{{', '.join(parts)}}}\n"
    personal = (
        "  - {path: consortium.contact, title: {zh: a, en: a}, type: text, personal: true, basis: setting}\n"
    )
    text = text[:start] + rules + text[end:]
    return load_texts(
        {**FILES, "procedure.yaml": text.replace("materials:\n", f"{personal}materials:\n")}
    ).procedure


def ask(met: str, form: dict[str, Any] | None = None, *members: Member, **more: Any) -> Assessment:
    findings = more.pop("findings", {})
    (one,) = assess(procedure(met, **more), form or {}, members, ON, findings)
    return one


def member(
    uscc: str, in_chain: bool | None = None, kind: str = "enterprise", status: Any = "confirmed"
) -> Member:
    form = {} if in_chain is None else {"member.in_chain": in_chain}
    return Member(uscc, f"Unit {uscc}", kind, False, status, form)


class TestAboutTheApplication:
    @pytest.mark.parametrize(("spending", "answer"), [(100, "met"), (99, "not_met")])
    def test_met_or_not(self, spending: int, answer: Answer):
        one = ask("lead.spending >= 100", {"lead.spending": spending})
        assert (one.answer, one.missing, one.facts) == (answer, (), {"lead.spending": spending})

    @pytest.mark.parametrize("form", [{}, {"lead.spending": None}])
    def test_cannot_tell_names_the_missing_fact(self, form: dict[str, Any]):
        one = ask("lead.spending >= 100", form)
        assert (one.answer, one.missing, one.facts) == ("cannot_tell", (MissingFact("lead.spending"),), {})

    @pytest.mark.parametrize(
        ("met", "answer"),
        [
            ("lead.national || lead.spending >= 100", "met"),
            ("lead.spending >= 100 || lead.national", "met"),
            ("!lead.national && lead.spending >= 100", "not_met"),
            ("lead.spending >= 100 && !lead.national", "not_met"),
            ("lead.national && lead.spending >= 100", "cannot_tell"),
            ("lead.national ? true : lead.spending >= 100", "met"),
        ],
    )
    def test_a_fact_that_changes_nothing_is_not_missed(self, met: str, answer: Answer):
        assert ask(met, {"lead.national": True}).answer == answer

    def test_a_rule_that_does_not_apply(self):
        assert ask("lead.spending >= 100", {"lead.national": False}, applies="lead.national").answer == (
            "not_applicable"
        )

    def test_a_rule_of_which_nobody_knows_whether_it_applies(self):
        one = ask("lead.spending >= 100", {"lead.spending": 5}, applies="lead.national")
        assert (one.answer, one.missing) == ("cannot_tell", (MissingFact("lead.national"),))
        assert one.facts == {"lead.spending": 5}

    def test_the_day_and_the_settings_are_facts(self):
        one = ask("today <= '2024-08-04' && settings.days == 5")
        assert (one.answer, one.facts) == ("met", {"today": "2024-08-04", "settings.days": 5})

    def test_personal_values_stay_out_of_the_facts(self):
        one = ask("size(consortium.contact) > 0", {"consortium.contact": "Li"})
        assert (one.answer, one.facts) == ("met", {"consortium.contact": "***"})


class TestAboutMembers:
    def test_every_confirmed_member_is_asked(self):
        one = ask(
            "member.in_chain",
            {},
            member("A", True),
            member("B", False),
            member("C"),
            member("D", True, "university"),
            member("E", False, status="declined"),
            each=True,
            applies="kind == 'enterprise'",
        )
        assert one.answer == "not_met"
        assert [(each.uscc, each.answer) for each in one.members] == [
            ("A", "met"),
            ("B", "not_met"),
            ("C", "cannot_tell"),
            ("D", "not_applicable"),
        ]
        assert one.missing == (MissingFact("member.in_chain", "C"),)
        assert one.members[0].facts == {"kind": "enterprise", "member.in_chain": True}

    def test_one_unknown_leaves_it_open(self):
        one = ask("member.in_chain", {}, member("A", True), member("C"), each=True)
        assert (one.answer, one.missing) == ("cannot_tell", (MissingFact("member.in_chain", "C"),))

    def test_without_members_it_concerns_nobody(self):
        assert ask("member.in_chain", each=True).answer == "not_applicable"

    def test_members_are_counted(self):
        one = ask("members.size() >= 2", {}, member("A"), member("B", status="invited"))
        assert (one.answer, one.facts) == ("not_met", {"members": 1})

    @pytest.mark.parametrize(("kinds", "answer"), [(["university"] * 2, "met"), (["university"], "not_met")])
    def test_members_are_counted_by_kind(self, kinds: list[str], answer: str):
        units = [member("A"), *(member(str(i), None, kind) for i, kind in enumerate(kinds))]
        assert ask("members.filter(m, m.kind == 'university').size() >= 2", {}, *units).answer == answer


class TestFindings:
    @pytest.mark.parametrize("finding", ["met", "not_met"])
    def test_a_finding_answers_what_cannot_be_told(self, finding: str):
        one = ask("lead.national", findings={"spending": finding})
        assert (one.answer, one.found, one.missing) == (finding, True, (MissingFact("lead.national"),))

    @pytest.mark.parametrize(("national", "answer"), [(True, "met"), (False, "not_met")])
    @pytest.mark.parametrize("finding", ["met", "not_met"])
    def test_a_finding_never_overrides_what_is_computed(self, national: bool, answer: str, finding: str):
        one = ask("lead.national", {"lead.national": national}, findings={"spending": finding})
        assert (one.answer, one.found) == (answer, False)


def test_rules_stop_the_acts_they_name_unless_met():
    rules = procedure("lead.national")
    for form, stopped in [({}, True), ({"lead.national": False}, True), ({"lead.national": True}, False)]:
        assessments = assess(rules, form, [], ON)
        assert bool(stopping(assessments, rules, "submit")) is stopped
        assert stopping(assessments, rules, "record_visit") == ()


def test_an_assessment_reads_as_plain_data():
    assert ask("member.in_chain", {}, member("A"), each=True).as_facts() == {
        "rule": "spending",
        "answer": "cannot_tell",
        "clause": None,
        "document": None,
        "modality": "setting",
        "missing": ["member.in_chain (A)"],
        "facts": {},
        "members": {"A": "cannot_tell"},
    }


ANSWERS = st.lists(st.sampled_from(["met", "not_met", "cannot_tell", "not_applicable"]))


class TestFolding:
    @given(ANSWERS)
    def test_the_order_does_not_count(self, answers: list[Answer]):
        assert fold(reversed(answers)) == fold(answers)

    @given(ANSWERS, ANSWERS)
    def test_folding_parts_and_then_the_rest_is_the_same(self, some: list[Answer], others: list[Answer]):
        assert fold([fold(some), fold(others)]) == fold(some + others)

    @given(ANSWERS)
    def test_whom_the_rule_does_not_concern_does_not_count(self, answers: list[Answer]):
        assert fold([*answers, "not_applicable"]) == fold(answers)
        assert fold([*answers, "not_met"]) == "not_met"

    @given(ANSWERS)
    def test_it_is_met_only_if_nobody_fails_and_nobody_is_unknown(self, answers: list[Answer]):
        assert (fold(answers) == "met") == (
            "met" in answers and not {"not_met", "cannot_tell"} & set(answers)
        )

    @given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6))
    def test_answers_about_members_fold_as_they_should(self, in_chain: list[bool | None]):
        members = [member(str(i), answer) for i, answer in enumerate(in_chain)]
        (one,) = assess(PER_MEMBER, {}, members, ON)
        assert one.answer == (
            "not_met" if False in in_chain else "cannot_tell" if None in in_chain else "met"
        )
        assert {fact.member for fact in one.missing} == {
            str(i) for i, answer in enumerate(in_chain) if answer is None
        }


PER_MEMBER = procedure("member.in_chain", each=True)


class TestFullYears:
    @pytest.mark.parametrize(
        ("first", "last", "years"),
        [
            ("2024-06-01", "2027-05-31", 3),
            ("2024-06-01", "2027-05-30", 2),
            ("2024-06-01", "2024-06-01", 0),
            ("2024-02-29", "2025-02-28", 1),
            ("2024-02-29", "2025-02-27", 0),
            ("2024-02-29", "2028-02-28", 4),
            ("2023-03-01", "2024-02-29", 1),
            ("2023-03-01", "2024-02-28", 0),
            ("2023-01-01", "2023-12-31", 1),
            ("2024-06-01", "2024-05-01", -1),
        ],
    )
    def test_both_days_count(self, first: str, last: str, years: int):
        assert full_years(first, last) == years

    @given(st.dates(datetime.date(1900, 1, 1), datetime.date(2190, 12, 31)), st.integers(0, 9))
    def test_a_term_ends_on_the_eve_of_its_anniversary(self, first: datetime.date, years: int):
        year = first.year + years
        leap_day = (first.month, first.day) == (2, 29) and not (
            year % 4 == 0 and (year % 100 or year % 400 == 0)
        )
        anniversary = datetime.date(year, 3, 1) if leap_day else first.replace(year=year)
        eve = anniversary - datetime.timedelta(days=1)
        assert full_years(first.isoformat(), eve.isoformat()) == years
        assert full_years(first.isoformat(), (eve - datetime.timedelta(days=1)).isoformat()) == years - 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("lead.a >= 1 && lead.a < 5", References(("lead.a",), (), frozenset({"lead"}))),
        (
            "full_years(lead.a, today) >= 3",
            References(("lead.a", "today"), (), frozenset({"full_years", "lead", "today"})),
        ),
        ("members.size() > 1", References(("members",), (), frozenset({"members"}))),
        (
            "members.filter(m, m.kind in ['a']).size() > lead.n",
            References(("members", "lead.n"), ("kind",), frozenset({"members", "lead"})),
        ),
        ("kind == 'lead.x' // lead.y", References(("kind",), (), frozenset({"kind"}))),
        ("true ? lead.a : null", References(("lead.a",), (), frozenset({"lead"}))),
    ],
)
def test_what_an_expression_reads(source: str, expected: References):
    assert references(source) == expected
