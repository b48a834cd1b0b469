"""Packs are read whole or refused with every reason, its file, line and path."""
# ruff: noqa: E501 - a message is easier to compare on one line

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedure.pack import PackError, content_hash, load_folder, load_texts, shipped, shipped_codes
from tests.procedure.small_pack import FILES

ACTS = frozenset({"submit", "record_visit"})


def changed(file: str, old: str, new: str) -> dict[str, str]:
    assert FILES[file].count(old) == 1, f"{old!r} stands {FILES[file].count(old)} times"
    return {**FILES, file: FILES[file].replace(old, new)}


def problems(files: dict[str, str]) -> list[str]:
    with pytest.raises(PackError) as raised:
        load_texts(files, ACTS)
    return [str(problem) for problem in raised.value.problems]


def test_the_small_pack_is_a_pack():
    pack = load_texts(FILES, ACTS)
    assert pack.procedure.code == "small-2024"
    assert pack.procedure.texts["submitted"]["en"]["subject"] == "Submitted"
    assert dict(pack.files) == FILES


BROKEN = [
    (
        "intake: batch",
        "intake: batch\ncolour: red",
        "8: colour: unknown key `colour`, expected one of format, builds_on, after_filing, code, title, bureau, documents, intake, dates, settings, sending_hours, ladder, joint_letter_kinds, form, materials, rules, naming, case_number, register_number, validity, call, application, lives, evaluation, changes, notices",
    ),
    (
        "code: small-2024",
        "code: Small",
        "2: code: expected a code of small letters, digits and `-` that begins with a letter, not `Small`",
    ),
    (
        "format: 1",
        "format: 2",
        "1: format: expected 1, not `2`",
    ),
    (
        "code: small-2024\n",
        "",
        "1: code: is missing",
    ),
    (
        "value: 5",
        "value: [5]",
        "11: settings.days.value: expected a whole number or true or false or text, not a list",
    ),
    (
        "    required: true",
        "    required: yes",
        "17: form.0.required: expected true or false, not `yes`",
    ),
    (
        'clause: "4"',
        "clause: 4.1",
        "18: form.0.clause.clause: `4.1` is a decimal number; put it in quotes if text is meant",
    ),
    (
        "start_roles: [applicant]",
        "start_roles: applicant",
        "56: application.start_roles: expected a list, not `applicant`",
    ),
    (
        "      due: {date: closes}",
        "      due: closes",
        "42: call.deadlines.0.due: expected a mapping, not `closes`",
    ),
    (
        "      due: {date: closes}",
        "      due: {}",
        "42: call.deadlines.0.due: give exactly one of `date` and `working_days`",
    ),
    (
        "      due: {date: closes}",
        "      due: {working_days: 0}",
        "42: call.deadlines.0.due.working_days: expected at least 1, not `0`",
    ),
    (
        "      due: {date: closes}",
        "      due: {date: closing}",
        "42: call.deadlines.0.due.date: unknown date `closing`, expected one of closes",
    ),
    (
        "due: {working_days: days}",
        "due: {working_days: label}",
        "60: application.deadlines.1.due.working_days: setting `label` must be a whole number of at least 1, not 'blue'",
    ),
    (
        "kind: site_visit",
        "kind: sight_visit",
        "71: application.stages.1.kind: expected one of online_submission, district_endorsement, formal_review, expert_review, site_visit, defence, selection, publicity, filing, register, self_report, district_comment, evaluation, hearing, decision, appeal, draft, consent, payment, not `sight_visit`",
    ),
    (
        "to: filed",
        "to: file",
        "81: application.stages.1.acts.record_visit.branches.0.to: unknown stage or outcome `file`, expected one of draft, failed, filed, visit",
    ),
    (
        "{text: submitted,",
        "{text: sent,",
        "69: application.stages.0.acts.submit.notify.0.text: unknown notice text `sent`, expected one of submitted",
    ),
    (
        "start_while: open",
        "start_while: listed",
        "57: application.start_while: unknown stage of the call `listed`, expected one of open",
    ),
    (
        "deadlines: [visit]",
        "deadlines: [visits]",
        "74: application.stages.1.deadlines.0: unknown deadline `visits`, expected one of filing, visit",
    ),
    (
        "needed_for: submit",
        "needed_for: file",
        "23: materials.0.needed_for: unknown act of the application `file`, expected one of record_visit, submit",
    ),
    (
        "stops: [submit]",
        "stops: [submits]",
        "28: rules.0.stops.0: unknown act of the application `submits`, expected one of record_visit, submit",
    ),
    (
        "document: call",
        "document: notice",
        "18: form.0.clause.document: unknown document `notice`, expected one of call",
    ),
    (
        "    stops: [submit]\n    basis: setting",
        "    stops: [submit]",
        "25: rules.0: give exactly one of `clause` and `basis: setting`",
    ),
    (
        "{id: chain,",
        "{id: spending,",
        "30: rules.1.id: `spending` stands twice",
    ),
    (
        "C{n}",
        "C{year}",
        "32: case_number: the pattern must contain {n}, or numbers would repeat: 'C{year}'",
    ),
    (
        "R-{year}-{n:03d}",
        "R-{n.real}",
        "33: register_number: expected a pattern of {year} and {n} or {n:03d}, not 'R-{n.real}'",
    ),
    (
        "小城{direction}联合体",
        "小城联合体",
        "31: naming: the pattern must contain {direction} once, may contain {status} once, and no other braces: '小城联合体'",
    ),
    (
        "2024-08-04T18:00",
        "2024-08-04",
        "9: dates.closes: `value` must read like 2024-08-04T18:00, not '2024-08-04'",
    ),
    (
        "            - {else: true, to: failed}",
        "            - {when: visit.result == 'failed', to: failed}",
        "77: application.stages.1.acts.record_visit: `branches` must end in one `else: true`, and only there",
    ),
    (
        "title: {zh: 标签, en: Label}",
        "title: {zh: 标签, en: A label, blue}",
        "12: settings.label.title.blue: unknown key `blue`, expected one of zh, en (text with a comma needs quotes inside { })",
    ),
    (
        "title: {zh: 标签, en: Label}",
        f"title: {{zh: 标签, en: {'x' * 1001}}}",
        "12: settings.label.title.en: expected at most 1,000 characters, not 1,001",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: lead.spending >=",
        "27: rules.0.met: is no CEL: column 17: Syntax error: mismatched input '<EOF>'",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: lead.spending >= 100.0",
        "27: rules.0.met: the decimal number `100.0`: money is written in whole fen",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: has(lead.spending)",
        "27: rules.0.met: `has` is refused: it makes a no of what nobody has said",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: lead.expense >= 100",
        "27: rules.0.met: unknown fact `lead.expense`, expected `lead.` and one of kind, national, spending",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: member.in_chain",
        "27: rules.0.met: unknown name `member`, expected one of consortium, lead, members, settings, today",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: lead.spending >= '100'",
        "27: rules.0.met: unknown word '100': no choice of the form, kind or result is called that",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: lead.spending > lead.national",
        "27: rules.0.met: compares or combines values of different kinds",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: lead.spending",
        "27: rules.0.met: expected true or false as answer, not 1",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: median(lead.spending) > 1",
        "27: rules.0.met: unknown function or operator `median`, expected one of full_years, size",
    ),
    (
        "met: lead.spending >= 100 || lead.national",
        "met: members.all(m, m.on_chain)",
        "27: rules.0.met: `on_chain` of a list of members: ask it of each with `each: member`",
    ),
    (
        "visit.result == 'passed'",
        "papers.letter",
        "80: application.stages.1.acts.record_visit.branches.0.when: unknown name `papers`, expected one of district, settings, visit",
    ),
    (
        "visit.result == 'passed'",
        "visit.result == 'pass'",
        "80: application.stages.1.acts.record_visit.branches.0.when: unknown word 'pass': no choice of the form, kind or result is called that",
    ),
    (
        "        submit: {",
        "        submitt: {",
        "23: materials.0.needed_for: unknown act of the application `submit`, expected one of record_visit, submitt",
    ),
    (
        "intake: batch",
        "intake: batch\nintake: rolling",
        "8: intake: the key `intake` stands twice, first on line 7",
    ),
    (
        "intake: batch",
        "intake: &x batch",
        "7: intake: anchors and aliases (`x`) are not used in packs",
    ),
    (
        "intake: batch",
        "intake: !x batch",
        "7: intake: the tag `!x` is not used in packs",
    ),
    (
        "intake: batch",
        "intake: [batch",
        "8: not YAML: expected ',' or ']', but got ':'",
    ),
    (
        "intake: batch",
        'intake: "a\\0b"',
        "7: intake: the text contains the control character U+0000",
    ),
    (
        "intake: batch",
        "intake: batch\nnotices: {}",
        "8: notices: notices stand in notices.yaml",
    ),
    (
        "value: 5",
        "value: 0",
        "60: application.deadlines.1.due.working_days: setting `days` must be a whole number of at least 1, not 0",
    ),
    (
        "notify: [{text: submitted, to: [applicant]}]}",
        "notify: [{text: submitted, to: [aplicant]}]}",
        "69: application.stages.0.acts.submit.notify.0.to.0: expected one of applicant, members, district, bureau, leader, panel, late_experts, seated_experts, released_experts, holder, supervisor, acting_member, assignee, not `aplicant`",
    ),
    (
        "value: 5",
        "value: 401",
        "60: application.deadlines.1.due.working_days: setting `days` must be a whole number of at most 400, not 401",
    ),
    (
        "        record_visit:\n",
        "        schedule_visit: {roles: [city_officer]}\n        record_visit:\n",
        "77: application.stages.1.acts.schedule_visit: unknown setting `visit_team`, expected one of days, label",
    ),
    (
        "        submit: {",
        "        return_for_correction: {roles: [district_officer], to: visit}\n        submit: {",
        "69: application.stages.0.acts.return_for_correction: must lead to the one stage that corrects `draft`",
    ),
    (
        "path: lead.national,",
        "path: lead.kind,",
        "20: form.2: `lead.kind` is known of every unit and is no field of the form",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN)
def test_a_broken_procedure_is_refused_with_line_path_and_expectation(old: str, new: str, expected: str):
    assert problems(changed("procedure.yaml", old, new))[0] == f"procedure.yaml:{expected}"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    body: Your application was submitted.\n", "", "3: submitted.en.body: is missing or empty"),
        ("subject: Submitted", "subject: ''", "4: submitted.en.subject: is missing or empty"),
        ("  en:\n", "  fr:\n", "3: submitted.fr: unknown key `fr`, expected one of served, zh, en"),
        (
            "    body: Your",
            "    text: Your",
            "5: submitted.en.text: expected one of subject, body, not `text`",
        ),
        ("  en:\n", "  en: none\n  more:\n", "3: submitted.en: expected a mapping, not `none`"),
        (
            "submitted:",
            "Submitted:",
            "1: Submitted: expected a name of small letters, digits and `_` that begins with a letter, not `Submitted`",
        ),
    ],
)
def test_broken_notices_are_refused(old: str, new: str, expected: str):
    assert problems(changed("notices.yaml", old, new))[0] == f"notices.yaml:{expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "notices.yaml:1: expected a mapping"),
        ("- a list", "notices.yaml:1: expected a mapping"),
        ("a: 1\n\tb: 2", "notices.yaml:2: not YAML: found character '\\t' that cannot start any token"),
        ("a: 1\n---\nb: 2", "notices.yaml:2: not YAML: but found another document"),
        ("a: b\nc: \x01", "notices.yaml:2: not YAML: the control character U+0001"),
        ("[1]: b", "notices.yaml:1: expected a word as key, not a list or mapping"),
        ("a: 0x10", "notices.yaml:1: a: `0x10` is no plain whole number; put it in quotes if text is meant"),
        ("a: *b", "notices.yaml:1: not YAML: found undefined alias 'b'"),
        ("[" * 100_000, "notices.yaml:1: nested too deeply"),
        (
            "x" * 1_000_001,
            "notices.yaml:1: the file is too long: 1,000,001 characters, at most 1,000,000",
        ),
    ],
)
def test_texts_that_are_no_yaml_of_a_pack_are_refused(text: str, expected: str):
    assert problems({**FILES, "notices.yaml": text}) == [expected]


def test_all_problems_are_named_at_once_in_the_order_of_the_lines():
    files = {
        **FILES,
        "procedure.yaml": FILES["procedure.yaml"]
        .replace("code: small-2024", "code: Small")
        .replace("batch", "x"),
        "notices.yaml": FILES["notices.yaml"].replace("subject: Submitted", "subject: [1]"),
    }
    assert problems(files) == [
        "notices.yaml:4: submitted.en.subject: expected text, not a list",
        "procedure.yaml:2: code: expected a code of small letters, digits and `-` that begins with a letter, not `Small`",
        "procedure.yaml:7: intake: expected one of batch, rolling, not `x`",
    ]


def test_missing_and_unknown_files_are_named():
    assert problems({"notices.yaml": "", "forms.yaml": ""}) == [
        "forms.yaml: unknown file, expected notices.yaml and procedure.yaml",
        "procedure.yaml: is missing",
    ]


def test_acts_are_checked_only_against_a_vocabulary():
    files = changed("procedure.yaml", "        record_visit:", "        note_visit:")
    files["procedure.yaml"] = files["procedure.yaml"].replace("visit.result == 'passed'", "settings.days > 3")
    assert problems(files) == [
        "procedure.yaml:77: application.stages.1.acts.note_visit: unknown act `note_visit`, expected one of record_visit, submit"
    ]
    assert load_texts(files).procedure.application.stages[1].acts.keys() == {"note_visit"}


class TestFolders:
    def write(self, folder: Path) -> Path:
        for name, text in FILES.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    def refusal(self, folder: Path) -> str:
        with pytest.raises(PackError) as raised:
            load_folder(folder)
        return str(raised.value)

    def test_a_folder_reads_like_its_texts(self, tmp_path: Path):
        pack = load_folder(self.write(tmp_path))
        assert pack == load_texts(FILES)

    def test_line_ends_byte_order_marks_and_hidden_files_change_nothing(self, tmp_path: Path):
        self.write(tmp_path)
        for name, text in FILES.items():
            (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        (tmp_path / ".notices.yaml.swp").write_bytes(b"\xff")
        assert load_folder(tmp_path).content_hash == content_hash(FILES)

    def test_a_file_that_is_not_utf8_is_named_with_its_line(self, tmp_path: Path):
        self.write(tmp_path)
        (tmp_path / "notices.yaml").write_bytes("a: b\nc: \u5907".encode("gbk"))
        assert self.refusal(tmp_path) == "notices.yaml:2: is not UTF-8: byte 0xb1"

    def test_a_missing_folder_is_named(self, tmp_path: Path):
        assert self.refusal(tmp_path / "nowhere") == f"{tmp_path / 'nowhere'}: there is no such folder"

    def test_a_folder_without_a_procedure_is_refused(self, tmp_path: Path):
        (tmp_path / "notices.yaml").write_text("{}")
        (tmp_path / "backup").mkdir()
        assert self.refusal(tmp_path).splitlines() == [
            "backup: unknown file, expected notices.yaml and procedure.yaml",
            "procedure.yaml: is missing",
        ]


class TestContentHash:
    def test_the_hash_is_stable(self):
        # Stored revisions are found by it: it may not change with the code.
        assert (
            content_hash({"b": "2", "a": "\u5907\u6848"})
            == "89b8d2025c0105088450e8967b8ce09489488c394618fd344b2371350ca3f6a0"
        )

    @given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4))
    def test_the_order_of_files_does_not_count(self, files: dict[str, str]):
        assert content_hash(dict(reversed(files.items()))) == content_hash(files)

    @given(*[st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3)] * 2)
    def test_different_files_have_different_hashes(self, one: dict[str, str], other: dict[str, str]):
        assert (content_hash(one) == content_hash(other)) == (one == other)

    def test_every_text_counts(self):
        for files in (
            changed("notices.yaml", "Submitted", "Received"),
            changed("procedure.yaml", "rules:", "rules:  # two"),
        ):
            assert load_texts(files).content_hash != content_hash(FILES)


def test_shipped_packs_are_read_once_and_unknown_ones_named():
    assert "yueyang-2024" in shipped_codes()
    assert shipped("yueyang-2024") is shipped("yueyang-2024")
    with pytest.raises(PackError, match=r"no pack of this name ships, expected one of .*yueyang-2024"):
        shipped("../yueyang-2024")
