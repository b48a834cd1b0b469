"""What was recorded in the past is read as it was: no change of code may change history.

The files were written by ``tests/golden/write.py`` and are never rewritten.
"""

import json
from pathlib import Path

import pytest

from procedure import event, subject
from procedure.machine import evolve, replay
from procedure.pack import shipped_codes

HERE = Path(__file__).parent
FILES = sorted((HERE / "yueyang-2024").glob("*.json"))
ALL = sorted(HERE.glob("*/*.json"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_recorded_events_make_what_they_made(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    happened = [event.load(json.dumps(each["event"]), each["personal"]) for each in content["events"]]
    made = replay(happened)
    assert json.loads(subject.dump(made)) == content["subject"]
    assert subject.load(json.dumps(content["subject"])) == made
    # Events are written again as they were read.
    assert [json.loads(event.dump(each)) for each in happened] == [
        each["event"] for each in content["events"]
    ]


def test_cases_of_every_pack_that_ships_are_kept() -> None:
    filed = {path.parent.name for path in ALL if path.stem.endswith("-filed")}
    assert filed == set(shipped_codes())


def test_every_way_to_end_is_kept() -> None:
    ends = {json.loads(path.read_text(encoding="utf-8"))["subject"]["outcome"] for path in FILES}
    assert ends == {
        "completed",
        "filed",
        "withdrawn",
        "draft_not_accepted",
        "not_accepted",
        "not_accepted_no_letter",
        "not_accepted_papers",
        "declined",
        "rejected",
        "correction_expired",
        "visit_failed",
        "below_pass_mark",
        "not_selected",
    }


def test_erased_personal_data_changes_nothing_else() -> None:
    path = next(path for path in FILES if path.stem == "case-filed")
    content = json.loads(path.read_text(encoding="utf-8"))
    made = replay(event.load(json.dumps(each["event"])) for each in content["events"])
    expected = content["subject"]
    for name in ("consortium.contact_name", "consortium.contact_phone"):
        del expected["record"]["form"][name]
    assert json.loads(subject.dump(made)) == expected


def test_a_broken_sequence_is_no_history() -> None:
    path = next(path for path in FILES if path.stem == "case-filed")
    content = json.loads(path.read_text(encoding="utf-8"))
    happened = [event.load(json.dumps(each["event"])) for each in content["events"]]
    with pytest.raises(ValueError, match="event 5 follows 3"):
        replay([*happened[:3], *happened[4:]])
    with pytest.raises(ValueError, match="not started"):
        replay(happened[1:])
    with pytest.raises(ValueError, match="no events"):
        replay([])
    assert evolve(replay(happened[:4]), happened[4]) == replay(happened[:5])
