"""Yueyang's pack cut down to a draft, one score and the list, with a publicity and objections added."""

from copy import deepcopy
from functools import cache
from typing import Any

from procedure.acts import ACTS
from procedure.pack import Pack, load_texts
from tests.procedure.edited_pack import edited_files

SETTINGS: dict[str, int | bool | str] = {
    "panel_size": 1,
    "scores_needed": 1,
    "quota": 0,
    "selection": "merit",
    "publishing_days": 10,
    "publicity_days": 5,
    "objection_days": 15,
    "filing_days": 10,
    "anonymous_objections": True,
    "publicity_restart": "changed",
    "filing_after_dismissed": True,
}
"""The settings of the pack; ``pack`` changes them."""


def words(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}


def setting(**rest: Any) -> dict[str, Any]:
    return {**rest, "basis": "setting"}


def deadline(name: str, holder: str, **rest: Any) -> dict[str, Any]:
    return setting(id=name, title=words(name), holder=holder, **rest)


def overdue(name: str, days: str, holder: str = "bureau") -> dict[str, Any]:
    told = [{"text": "deadline_overdue", "to": ["bureau", "leader"]}]
    return deadline(name, holder, due={"working_days": days}, overdue=told)


def stage(name: str, kind: str, holder: str, acts: dict[str, Any], *deadlines: str, **rest: Any) -> Any:
    clocks = {"deadlines": list(deadlines)} if deadlines else {"no_deadline": words("未规定")}
    return setting(id=name, title=words(name), kind=kind, holder=holder, acts=acts, **clocks, **rest)


def outcome(name: str) -> dict[str, Any]:
    return setting(id=name, title=words(name), notify=[{"text": "filed", "to": ["applicant"]}])


def by(*roles: str, to: str | None = None) -> dict[str, Any]:
    return {"roles": list(roles)} if to is None else {"roles": list(roles), "to": to}


LIST_ACTS = {
    "publish_list": by("city_officer"),
    "change_list": by("city_leader"),
    "complete": by("administrator", to="completed"),
}

BATCH = {
    "start": "announced",
    "start_roles": ["administrator"],
    "deadlines": [
        deadline(
            "opening",
            "bureau",
            due={"date": "filing_opens"},
            closing="exclusive",
            lapse=setting(to="open"),
        ),
        deadline("closing", "applicant", due={"date": "filing_closes"}, lapse=setting(to="under_review")),
    ],
    "stages": [
        stage("announced", "online_submission", "bureau", {}, "opening"),
        stage("open", "online_submission", "applicant", {}, "closing"),
        stage("under_review", "selection", "bureau", {"select": by("city_leader", to="listed")}),
        stage("listed", "publicity", "bureau", LIST_ACTS),
    ],
    "outcomes": [setting(id="completed", title=words("已办结"))],
}

ROLLING = {
    "start": "open",
    "start_roles": ["administrator"],
    "stages": [stage("open", "selection", "bureau", {"select": by("city_leader"), **LIST_ACTS})],
    "outcomes": [setting(id="completed", title=words("已办结"))],
}

FOLLOWS_THE_LIST = {"be_struck": by("system", to="struck_from_list"), "be_republished": by("system")}

APPLICATION = {
    "start": "draft",
    "start_roles": ["applicant"],
    "start_while": "open",
    "everywhere": {
        "withdraw": by("applicant", to="withdrawn"),
        "take_back": by("city_officer"),
        "lodge_objection": by("city_officer"),
    },
    "deadlines": [
        overdue("naming", "filing_days"),
        overdue("review", "filing_days", "panel"),
        overdue("selection", "filing_days"),
        overdue("publishing", "publishing_days"),
        deadline(
            "publicity",
            "public",
            due={"working_days": "publicity_days"},
            lapse=setting(to="filing", notify=[{"text": "selected", "to": ["applicant"]}]),
        ),
        overdue("objection", "objection_days"),
        overdue("document", "filing_days"),
    ],
    "stages": [
        stage(
            "draft",
            "online_submission",
            "applicant",
            {"save_draft": by("applicant"), "submit": by("applicant", to="panel_naming")},
        ),
        stage(
            "panel_naming",
            "expert_review",
            "bureau",
            {"name_panel": by("city_officer", to="expert_review")},
            "naming",
        ),
        stage(
            "expert_review",
            "expert_review",
            "panel",
            {"score": by("expert"), "close_scoring": by("city_officer", to="selection")},
            "review",
        ),
        stage(
            "selection",
            "selection",
            "bureau",
            {
                "be_selected": by("system", to="proposed"),
                "be_passed_over": by("system", to="not_selected"),
            },
            "selection",
        ),
        stage(
            "proposed", "publicity", "bureau", {"be_published": by("system", to="publicity")}, "publishing"
        ),
        stage(
            "publicity",
            "publicity",
            "public",
            {
                "lodge_objection": {
                    **by("city_officer", "public", to="objection"),
                    "may_be_taken_back": True,
                },
                **FOLLOWS_THE_LIST,
            },
            "publicity",
        ),
        stage(
            "objection",
            "publicity",
            "bureau",
            {
                "lodge_objection": by("city_officer", "public"),
                "decide_objection": {
                    "roles": ["city_leader"],
                    "branches": [
                        {"when": "objection.result == 'upheld'", "to": "objection_upheld"},
                        {"when": "objection.open > 0"},
                        {
                            "when": "objection.result == 'dismissed' && !settings.filing_after_dismissed",
                            "to": "not_filed",
                        },
                        {"when": "objection.over", "to": "filing"},
                        {"else": True, "to": "publicity"},
                    ],
                },
                **FOLLOWS_THE_LIST,
            },
            "objection",
            suspends=["publicity", "document"],
        ),
        stage(
            "filing",
            "filing",
            "bureau",
            {
                "lodge_objection": by("city_officer", to="objection"),
                "file": by("city_officer", to="filed"),
            },
            "document",
        ),
    ],
    "outcomes": [
        outcome(name)
        for name in (
            "filed",
            "withdrawn",
            "not_selected",
            "objection_upheld",
            "not_filed",
            "struck_from_list",
        )
    ],
}


@cache
def pack(*, rolling: bool = False, **settings: int | bool | str | None) -> Pack:
    """Return the pack, with other values of its settings; None leaves a setting out."""
    return load_texts(edited_files(edits(rolling=rolling, **settings)), frozenset(ACTS))


def edits(*, rolling: bool = False, **settings: int | bool | str | None) -> dict[str, Any]:
    """Return what makes the pack out of Yueyang's, for further edits."""
    dates = {} if rolling else {"filing_opens": "2025-09-01T00:00", "filing_closes": "2025-09-10T18:00"}
    values = {name: value for name, value in (SETTINGS | settings).items() if value is not None}
    direction = setting(path="consortium.direction", title=words("方向"), type="text", max_length=40)
    return deepcopy(
        {
            "code": "publicity-2025",
            "intake": "rolling" if rolling else "batch",
            "dates": {
                name: setting(title=words(name), kind="instant", value=value) for name, value in dates.items()
            },
            "after_filing": None,
            "lives": None,
            "evaluation": None,
            "settings": {name: setting(title=words(name), value=value) for name, value in values.items()},
            "form": [{**direction, "required": True}],
            "materials": [],
            "rules": [],
            "call": ROLLING if rolling else BATCH,
            "application": APPLICATION,
        }
    )
