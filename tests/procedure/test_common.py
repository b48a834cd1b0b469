"""A pack builds on the common procedure: what it takes over, what it replaces, and where a mistake stands."""

from pathlib import Path

import pytest

from procedure.acts import ACTS
from procedure.definition import grounds
from procedure.pack import CATALOG, Pack, PackError, load_folder, load_texts, shipped
from procedure.texts import AFTER_FILING, COMMON, NOTICES, PROCEDURE, Texts

CODES = ("kunshan-2024", "xiamen-2025")
KUNSHAN = shipped("kunshan-2024")
OWN, SHARED = KUNSHAN.files[PROCEDURE], KUNSHAN.files[COMMON]
AFTER = {AFTER_FILING: KUNSHAN.files[AFTER_FILING]}


def load(own: str = OWN, shared: str = SHARED, **others: str) -> Pack:
    return load_texts({PROCEDURE: own, COMMON: shared, **AFTER, **others}, frozenset(ACTS))


def problems(own: str = OWN, shared: str = SHARED, **others: str) -> list[str]:
    with pytest.raises(PackError) as raised:
        load(own, shared, **others)
    return [str(problem) for problem in raised.value.problems]


def line_of(text: str, what: str) -> int:
    assert text.count(what) == 1
    return text[: text.index(what)].count("\n") + 1


@pytest.mark.parametrize("code", CODES)
def test_every_stage_deadline_and_outcome_is_a_setting(code: str):
    procedure = load_folder(CATALOG / code, frozenset(ACTS)).procedure
    of_lives = [thing for path, thing in grounds(procedure) if path.startswith(("call.", "application."))]
    assert len(of_lives) > 60
    assert all(thing.clause is None for thing in of_lives)


def test_the_stages_stand_in_the_order_of_the_common_procedure():
    kunshan, xiamen = (shipped(code).procedure for code in CODES)
    assert kunshan.application == xiamen.application
    assert list(dict.fromkeys(stage.kind.value for stage in kunshan.application.stages)) == [
        "online_submission",
        "district_endorsement",
        "formal_review",
        "expert_review",
        "site_visit",
        "defence",
        "selection",
        "publicity",
        "filing",
    ]


def test_the_common_text_is_part_of_the_pack_and_of_its_hash():
    assert set(KUNSHAN.files) == {PROCEDURE, COMMON, AFTER_FILING}
    longer = load(shared=SHARED.replace("  publicity_days:", "  # 公示期\n  publicity_days:"))
    assert longer.procedure == KUNSHAN.procedure
    assert longer.content_hash != KUNSHAN.content_hash


def test_a_revision_published_with_an_older_common_text_keeps_it(tmp_path: Path):
    shared = SHARED.replace("Publicity (working days)", "Publicity in working days")
    (tmp_path / PROCEDURE).write_text(OWN, encoding="utf-8")
    (tmp_path / COMMON).write_text(shared, encoding="utf-8")
    pack = load_folder(tmp_path)
    assert pack.procedure.settings["publicity_days"].title.en == "Publicity in working days"
    assert pack == load(shared=shared)


def test_what_the_pack_says_itself_replaces_and_joins_the_common():
    own = OWN + (
        "settings:\n"
        "  pass_mark: {title: {zh: 合格线, en: Pass mark}, value: 75, basis: setting}\n"
        "validity: {years: 2, basis: setting}\n"
    )
    notices = 'withdrawn: {zh: {subject: 撤回, body: "{{ case_number }}"}, en: {subject: Out, body: x}}\n'
    made = load(own, **{NOTICES: notices}).procedure
    assert made.settings["pass_mark"].value == 75
    assert made.settings["quota"] == KUNSHAN.procedure.settings["quota"]
    assert made.validity.years == 2
    assert made.texts["withdrawn"]["zh"]["subject"] == "撤回"
    assert made.notices["filed"] == KUNSHAN.procedure.notices["filed"]
    assert [rule.id for rule in made.rules] == [
        "enough_members",
        "lead_leading_enterprise",
        "chain_and_science",
    ]


def test_a_mistake_is_named_where_it_stands():
    own = OWN.replace("&& lead.is_leading", "&& lead.is_leadin")
    line = line_of(own, "met: lead.kind == 'enterprise'")
    (found,) = problems(own)
    assert found.startswith(f"procedure.yaml:{line}: rules.0.met: unknown fact `lead.is_leadin`")

    shared = SHARED.replace("size() >= settings.minimum_members", "size() >= settings.least")
    (found,) = problems(shared=shared)
    assert found.startswith(
        f"common.yaml:{line_of(shared, 'settings.least')}: rules.0.met: unknown fact `settings.least`"
    )

    shared = SHARED.replace("        record_visit:", "        note_visit:")
    found, _ = problems(shared=shared)
    assert found.startswith(f"common.yaml:{line_of(shared, 'note_visit:')}: application.stages.")
    assert "unknown act `note_visit`" in found

    notices = "withdrawn: {zh: {subject: 撤回, body: x}}\n"
    assert problems(**{NOTICES: notices}) == [
        "notices.yaml:1: withdrawn.en.subject: is missing or empty",
        "notices.yaml:1: withdrawn.en.body: is missing or empty",
    ]


def test_a_flaw_of_the_whole_pack_is_placed_in_its_file():
    texts = Texts.of({**KUNSHAN.files, NOTICES: "filed: {}\n"})
    assert texts.place(("settings", "quota"))[:2] == (COMMON, line_of(SHARED, "  quota:"))
    assert texts.place(("form", 7))[:2] == (PROCEDURE, line_of(OWN, "- path: consortium.status"))
    assert texts.place(("notices", "filed")) == (NOTICES, 1, ("filed",))
    assert texts.place(("notices", "declined"))[0] == COMMON
    assert texts.place(("naming", "pattern"))[0] == PROCEDURE
    assert texts.place(("colour",))[0] == PROCEDURE


def test_files_that_do_not_belong_are_named():
    assert problems(**{"forms.yaml": ""}) == [
        "forms.yaml: unknown file, expected after-filing.yaml, common.yaml and procedure.yaml"
    ]
    with pytest.raises(PackError, match=r"^common\.yaml: is missing$"):
        load_texts({PROCEDURE: OWN, **AFTER})
    alone = OWN.replace("builds_on: common\n", "")
    with pytest.raises(
        PackError,
        match=r"^common\.yaml: unknown file, expected after-filing\.yaml, notices\.yaml and procedure\.yaml$",
    ):
        load_texts({PROCEDURE: alone, COMMON: SHARED, **AFTER, NOTICES: "{}"})


def test_only_the_common_procedure_can_be_built_on():
    own = OWN.replace("builds_on: common", "builds_on: qingdao-2025")
    assert problems(own) == ["procedure.yaml:4: builds_on: expected common, not `qingdao-2025`"]


def test_sections_of_the_wrong_shape_are_refused_and_not_joined():
    assert problems(OWN + "settings: [1]\n")[-1].endswith("settings: expected a mapping, not a list")
    assert any(
        "rules: expected a list" in each for each in problems(OWN.replace("\nrules:\n", "\nrules: 1\nx:\n"))
    )
