"""What a city's document aims at and what there is: its targets, and the achievements that count."""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from pydantic import BaseModel

from casework import achievements, matter_list
from casework.achievements import Progress
from models.database import reading
from procedure.act import Refusal
from procedure.definition import Clause, Words
from procedure.targets import Reported, Targets
from web.api.caller import Actor, City
from web.api.problem import Both, answered, refused

router = APIRouter(tags=["register"])


class Target(BaseModel):
    """So many of something by the end of the year ``by``, and what there is of it; years and fields by name.

    ``counts`` says whether filings count or recorded achievements, ``source`` which document states it.
    """

    target: str
    title: Both
    by: int
    number: int
    about: bool
    counts: str
    in_time: int
    total: int
    by_year: Mapping[int, int]
    by_field: Mapping[str, int]
    source: Both


class ReportedFigure(BaseModel):
    """A figure that a document reports of a year; ``derived`` where it only follows from others."""

    figure: str
    title: Both
    year: int
    number: int
    percent: int | None
    derived: bool
    source: Both | None


class Sheet(BaseModel):
    """The targets of one city with what there is of each, and what is reported of it."""

    bureau: str
    title: Both
    note: Both | None
    targets: list[Target]
    reported: list[ReportedFigure]


class Achievement(BaseModel):
    """Something that a filed consortium achieved; it counts under ``target``, once by its title."""

    id: int
    bureau: str
    entry: str
    target: str
    title: str
    achieved_on: datetime.date
    source: str


class Recorded(BaseModel):
    """The number under which an achievement stands."""

    achievement: int


@router.get("/targets", responses=answered())
def targets(caller: City) -> list[Sheet]:
    """Set what the documents of the caller's city aim at against what there is."""
    with reading(caller.portal.engine) as connection:
        return [
            _sheet(sheet, achievements.progress(connection, sheet))
            for bureau in matter_list.bureaus(connection, [caller.claim])
            for sheet in achievements.sheets(bureau)
        ]


@router.get("/achievements", responses=answered())
def list_achievements(caller: City) -> list[Achievement]:
    """List the achievements that count, of the caller's city, by day."""
    with reading(caller.portal.engine) as connection:
        return [
            Achievement(
                id=row.id,
                bureau=bureau,
                entry=row.entry,
                target=row.kind,
                title=row.title,
                achieved_on=row.achieved_on,
                source=row.source,
            )
            for bureau in matter_list.bureaus(connection, [caller.claim])
            for row in achievements.standing(connection, bureau)
        ]


@router.post("/achievements", status_code=201, responses=answered(409, 413))
def record(
    caller: Actor,
    _city: City,
    response: Response,
    payload: Annotated[
        dict[str, Any],
        Body(description="`entry`, `target`, `title`, `achieved_on` (a day) and `source`, what shows it."),
    ],
) -> Recorded:
    """Record an achievement of an entry; the same title again is refused with its number."""
    answer = achievements.record(caller.portal.engine, caller.claim, payload)
    if isinstance(answer, Refusal):
        raise refused(answer)
    response.headers["Location"] = f"/api/v1/achievements/{answer}"
    return Recorded(achievement=answer)


@router.post("/achievements/{achievement}/strike", responses=answered(409, 413))
def strike(
    caller: Actor,
    _city: City,
    achievement: Annotated[int, Path(ge=1, le=2**31 - 1)],
    reason: Annotated[str, Body(embed=True, min_length=1, max_length=2_000)],
) -> Recorded:
    """Strike an achievement that was entered in error: it counts no more, and its record stays."""
    wanted = {"achievement": achievement, "reason": reason}
    answer = achievements.strike(caller.portal.engine, caller.claim, wanted)
    if isinstance(answer, Refusal):
        raise refused(answer)
    return Recorded(achievement=answer)


def _sheet(sheet: Targets, progress: list[Progress]) -> Sheet:
    return Sheet(
        bureau=sheet.bureau,
        title=_both(sheet.title),
        note=None if sheet.note is None else _both(sheet.note),
        targets=[
            Target(
                target=each.target.id,
                title=_both(each.target.title),
                by=each.target.by,
                number=each.target.number,
                about=each.target.about,
                counts=each.target.counts,
                in_time=each.in_time,
                total=each.total,
                by_year=each.by_year,
                by_field=each.by_field,
                source=_source(sheet, each.target.clause),
            )
            for each in progress
        ],
        reported=[_reported(sheet, each) for each in sheet.reported],
    )


def _reported(sheet: Targets, each: Reported) -> ReportedFigure:
    return ReportedFigure(
        figure=each.figure.id,
        title=_both(each.figure.title),
        year=each.figure.year,
        number=each.number,
        percent=each.figure.percent,
        derived=each.derived,
        source=None if each.derived else _source(sheet, each.figure.clause),
    )


def _source(sheet: Targets, clause: Clause | None) -> Both:
    zh, en = (achievements.source(sheet, clause, language) for language in ("zh", "en"))
    return Both(zh=zh, en=en)


def _both(words: Words) -> Both:
    return Both(zh=words.zh, en=words.en)
