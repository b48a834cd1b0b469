"""A case before its panel: the visit is done, the pool is known, nobody has a seat yet."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from procedure.act import Actor, Expert, Facts
from procedure.definition import Procedure
from procedure.subject import Application, Member, Subject, Visit
from procedure.working_days import state_council
from tests.procedure import panel_pack
from tests.procedure.yueyang_walk import DATES, LEAD, OFFICER, STRANGER, UNIVERSITY, Walk, at

SEED = "0" * 32
DIGEST = "d" * 64
OTHER_DIGEST = "e" * 64
PACK = panel_pack.procedure()
ORDER = (4, 3, 7, 1, 6, 2, 5)
"""The order of seven experts without load for the case YY2024-0001 with SEED."""

FORM = {"consortium.direction": "生物医药", "consortium.contact_name": "张三"}
MEMBERS = (
    Member(UNIVERSITY, "某大学", "university", core_layer=False, status="confirmed"),
    Member(STRANGER, "谢绝的公司", "enterprise", core_layer=False, status="declined"),
)


def lots(seed: str, ref: str, people: list[int]) -> list[int]:
    """Return people in the order of their lots, as anybody can work it out."""
    return sorted(people, key=lambda each: hashlib.sha256(f"{seed}|{ref}|{each}".encode()).hexdigest())


def pool(size: int, *special: Expert) -> tuple[Expert, ...]:
    """Return ``size`` experts without any tie, persons from 1, and the ``special`` ones."""
    plain = (Expert(n, f"专家{n}", active=True, handle=f"e{n}") for n in range(1, size + 1))
    return (*plain, *special)


def before_the_panel(
    experts: Iterable[Expert],
    procedure: Procedure = PACK,
    ref: str = "YY2024-0001",
    seed: str = SEED,
    form: dict[str, Any] = FORM,
    members: tuple[Member, ...] = MEMBERS,
    lead: str = LEAD,
) -> Walk:
    """Return a case that waits for the visit's record, which leads to the drawing of its panel."""
    known = tuple(experts)
    record = Application(
        lead,
        "甲公司",
        "enterprise",
        "pingjiang",
        "county",
        form=form,
        members=members,
        visit=Visit(at("2024-08-20T09:00"), ("考察员甲", "考察员乙")),
    )
    subject = Subject("application", ref, "2024", "site_visit", 7, record, dates=DATES)
    facts = Facts(
        state_council(), entropy=seed, pool=known, experts={expert.handle: expert for expert in known}
    )
    return Walk(subject, subject, (), at("2024-08-21T09:00"), facts, procedure)


def waiting(*args: Any, **kwargs: Any) -> Walk:
    """Return a case whose panel may be drawn now."""
    return before_the_panel(*args, **kwargs).do(
        "record_visit", OFFICER, on="2024-08-20", result="passed", findings="符合条件"
    )


def drawn(*args: Any, **kwargs: Any) -> Walk:
    """Return a case whose panel has been drawn."""
    return waiting(*args, **kwargs).do("draw_panel", OFFICER)


def expert(person: int) -> Actor:
    """Return an expert as one who acts."""
    return Actor("expert", person, bureau="yueyang")


def scored(walk: Walk, **points: str) -> Walk:
    """Return the case after scores by person, given as ``p3="86.5"``."""
    for person, given in points.items():
        walk = walk.do("score", expert(int(person[1:])), points=given)
    return walk


def without(walk: Walk, *gone: int) -> Walk:
    """Return the case as it stands when these persons are no longer in the pool."""
    left = tuple(each for each in walk.facts.pool if each.person not in gone)
    return walk.knowing(pool=left)


def told(walk: Walk) -> list[tuple[str, tuple[str, ...]]]:
    """Return whom the last event is told to, and with which text."""
    return [(each.text, each.to) for each in walk.events[-1].told]


def moved_to(walk: Walk, stage: str) -> Walk:
    """Return the case as if it stood at another stage."""
    return replace(walk, subject=replace(walk.subject, stage=stage))
