"""Yueyang's pack with a panel drawn by lot, seats that change, and a defence after the expert review."""

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

from procedure import located
from procedure.acts import ACTS
from procedure.definition import Procedure
from procedure.pack import NOTICES, PROCEDURE, Pack, load_texts, shipped

SETTINGS: dict[str, int | bool | str] = {
    "panel_size": 3,
    "scores_needed": 2,
    "defence_quorum": 2,
    "defence_days": 10,
    "second_date": False,
}
"""The settings of the pack; ``pack`` changes them."""

SEATS_CHANGE = {
    "branches": [
        {
            "when": "panel.filled",
            "notify": [
                {"text": "to_score", "to": ["seated_experts"]},
                {"text": "seat_changed", "to": ["bureau", "released_experts"]},
            ],
        },
        {"else": True, "notify": [{"text": "seat_empty", "to": ["bureau"]}]},
    ]
}
DRAW = {"roles": ["city_officer"], "notify": [{"text": "to_score", "to": ["seated_experts"]}]}
PANEL_ACTS: dict[str, Any] = {
    "declare_conflict": {"roles": ["expert"], **SEATS_CHANGE},
    "replace_expert": {"roles": ["city_officer"], **SEATS_CHANGE},
    "draw_panel": DRAW,
}


def words(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}


def closing(to: str) -> dict[str, Any]:
    passed = "scores.mean >= settings.pass_mark * 100"
    return {
        "roles": ["city_officer"],
        "branches": [{"when": passed, "to": to}, {"else": True, "to": "below_pass_mark"}],
    }


def person(path: str, about: str, kind: str) -> dict[str, Any]:
    return {
        "path": path,
        "title": words(path),
        "type": kind,
        "personal": True,
        "person": about,
        "basis": "setting",
    }


DEFENCE = {
    "id": "defence",
    "kind": "defence",
    "title": words("答辩评审"),
    "holder": "panel",
    "deadlines": ["defence"],
    "seeds": True,
    "basis": "setting",
    "acts": {
        **PANEL_ACTS,
        "schedule_defence": {
            "roles": ["city_officer"],
            "notify": [{"text": "defence_scheduled", "to": ["applicant", "panel"]}],
        },
        "record_defence": {
            "roles": ["city_officer"],
            "branches": [
                {"when": "!defence.attended && !settings.second_date", "to": "defence_missed"},
                {"else": True},
            ],
        },
        "score": {"roles": ["expert"]},
        "close_scoring": closing("selection"),
    },
}


@cache
def pack(**settings: int | bool | str) -> Pack:
    """Return the pack with other values of its settings."""
    return built(lambda _: None, **settings)


def built(change: Callable[[dict[str, Any]], None], **settings: int | bool | str) -> Pack:
    """Return the pack after ``change`` to its data."""
    data = {name: located.read(text).data for name, text in shipped("yueyang-2024").files.items()}
    procedure, notices = data[PROCEDURE], data[NOTICES]
    procedure["code"] = "panel-2024"
    for name, value in {**SETTINGS, **settings}.items():
        procedure["settings"][name] = {"title": words(name), "value": value, "basis": "setting"}
    contact = next(field for field in procedure["form"] if field["path"] == "consortium.contact_name")
    contact["person"] = "contact"
    procedure["form"] += [
        person("consortium.contact_digest", "contact", "id_digest"),
        person("consortium.chief_expert_name", "chief_expert", "text"),
        person("consortium.chief_expert_digest", "chief_expert", "id_digest"),
        person("member.contact_name", "contact", "text"),
    ]
    life = procedure["application"]
    naming, review = part(life["stages"], "panel_naming"), part(life["stages"], "expert_review")
    onward = {"roles": ["city_officer"], "to": "expert_review"}
    naming |= {"acts": {"draw_panel": {**DRAW, **onward}, "name_panel": onward}, "seeds": True}
    review |= {"acts": {**review["acts"], **PANEL_ACTS, "close_scoring": closing("defence")}, "seeds": True}
    life["stages"].insert(life["stages"].index(review) + 1, deepcopy(DEFENCE))
    late = {"overdue": [{"text": "deadline_overdue", "to": ["late_experts", "bureau"]}], "basis": "setting"}
    clock = part(life["deadlines"], "expert_review")
    clock |= late
    title, due = words("答辩"), {"working_days": "defence_days"}
    life["deadlines"].append({"id": "defence", "title": title, "holder": "panel", "due": due, **late})
    missed = {"id": "defence_missed", "title": words("未参加答辩"), "basis": "setting"}
    life["outcomes"].append({**missed, "notify": [{"text": "below_pass_mark", "to": ["applicant"]}]})
    told = {"seat_changed": "席位变动", "seat_empty": "席位空缺"}
    for name, text in told.items():
        notices[name] = {
            language: {"subject": text, "body": "{{ case_number }}"} for language in ("zh", "en")
        }
    del notices["panel_named"]
    held = "{{ defence_at | when }} {{ defence_place }} {{ defence_position }}"
    notices["defence_scheduled"] = {each: {"subject": "答辩", "body": held} for each in ("zh", "en")}
    change(procedure)
    files = {PROCEDURE: json.dumps(procedure), NOTICES: json.dumps(notices)}
    return load_texts(files, frozenset(ACTS))


def procedure(**settings: int | bool | str) -> Procedure:
    """Return the procedure of ``pack``."""
    return pack(**settings).procedure


def part(things: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return the thing with this id out of a pack's list."""
    return next(thing for thing in things if thing["id"] == name)
