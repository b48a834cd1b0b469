"""The watch: makes incidents of what ails the program, and resolves them, with a record, when it is over."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import pendulum
from sqlalchemy import Connection, Engine, or_, select

from casework import clock, conditions
from casework.conditions import Condition
from casework.incidents import UNRESOLVED, in_words, record_incident, recovered, resolve
from casework.wake import LAG
from models import Delivery, Incident, IncidentCase, Subject, Sweep
from models.database import writing
from procedure import written
from procedure.definition import Words
from procedure.instant import iso

_subjects = Subject.__table__
_incidents = Incident.__table__
_hit = IncidentCase.__table__
_deliveries = Delivery.__table__
_sweeps = Sweep.__table__

LANE: Final = "watch"
"""The watch's own lane: its last success tells it for how long it was gone itself."""


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A flow run of a lane that ended badly."""

    lane: str
    run: str
    said: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a watch did: the fingerprints of the incidents it raised and of those it resolved."""

    raised: list[str] = field(default_factory=list[str])
    resolved: list[str] = field(default_factory=list[str])


def watch(
    engine: Engine, failed: Iterable[FailedRun] = (), succeeded: Mapping[str, str] | None = None
) -> Outcome:
    """Raise and resolve incidents at this database's present; the same trouble is one incident however long.

    ``failed`` are runs not told before; ``succeeded`` names, by lane, a run that ended well after them all.
    """
    outcome = Outcome()
    with writing(engine) as connection:
        now = clock.now(connection)
        _absence(connection, now, outcome)
        for run in failed:
            _raise(connection, outcome, f"flow:{run.lane}", "flow", f"{run.lane}: {run.said}", run.run, now)
        for lane, run in (succeeded or {}).items():
            _resolve(connection, outcome, f"flow:{lane}", now, run)
        found = (*conditions.sweeping(connection, now), *conditions.missing_holidays(connection, now))
        present = {f"{each.kind}:{each.of}": each for each in found if each.kind in ("lane", "holidays")}
        _conditions(connection, outcome, present, now)
        _deliveries_again(connection, outcome, now)
        _recovered(connection, outcome, now)
    return outcome


def last_begun(connection: Connection, lane: str = LANE) -> datetime.datetime | None:
    """Return when the last watch, or what is noted as ``lane``, that ended well began."""
    return connection.execute(select(_sweeps.c.started_at).where(_sweeps.c.lane == lane)).scalar()


def _absence(connection: Connection, now: pendulum.DateTime, outcome: Outcome) -> None:
    """Make an incident of the time in which nobody watched, over as it is: the watch runs in the worker."""
    last = conditions.last_sweeps(connection).get(LANE)
    if last is None or clock.is_story(connection):
        return
    if last < now.subtract(seconds=conditions.LANE_PATIENCE.seconds):
        said = in_words(
            "unseen",
            lambda language: {"since": written.when(last, language), "until": written.when(now, language)},
        )
        _raise(connection, outcome, "worker:", "worker", said, f"{iso(last)} – {iso(now)}", now)
        _resolve(connection, outcome, "worker:", now)


def _conditions(
    connection: Connection, outcome: Outcome, present: Mapping[str, Condition], now: pendulum.DateTime
) -> None:
    known = set(
        connection.execute(
            select(_incidents.c.fingerprint).where(
                _incidents.c.state.in_(UNRESOLVED), _incidents.c.kind.in_(("lane", "holidays"))
            )
        ).scalars()
    )
    for fingerprint, each in present.items():
        # One trouble is one occurrence, not one a minute.
        if fingerprint not in known:
            said = Words(zh=conditions.trouble(each, "zh"), en=conditions.trouble(each, "en"))
            _raise(connection, outcome, fingerprint, each.kind, said, fingerprint, now)
    for fingerprint in known - set(present):
        _resolve(connection, outcome, fingerprint, now)


def _deliveries_again(connection: Connection, outcome: Outcome, now: pendulum.DateTime) -> None:
    """Resolve what could not be delivered by a channel once the channel delivers again."""
    rows = connection.execute(
        select(_incidents.c.fingerprint, _incidents.c.last_seen).where(
            _incidents.c.kind == "delivery", _incidents.c.state.in_(UNRESOLVED)
        )
    ).all()
    for fingerprint, last_seen in rows:
        channel = fingerprint.rpartition(":")[2]
        later = connection.execute(
            select(_deliveries.c.at)
            .where(_deliveries.c.channel == channel, _deliveries.c.ok, _deliveries.c.at > last_seen)
            .order_by(_deliveries.c.id.desc())
            .limit(1)
        ).scalar()
        if later is not None:
            _resolve(connection, outcome, fingerprint, now)


def _recovered(connection: Connection, outcome: Outcome, now: pendulum.DateTime) -> None:
    """Note which failing cases have nothing due any more: a later sweep or an act moved them on."""
    rows = connection.execute(
        select(_hit.c.incident_id, _hit.c.subject_id, _incidents.c.fingerprint)
        .join(_incidents, _incidents.c.id == _hit.c.incident_id)
        .join(_subjects, _subjects.c.id == _hit.c.subject_id)
        .where(
            _incidents.c.state.in_(UNRESOLVED),
            _incidents.c.kind == "wake",
            _hit.c.state == "failing",
            or_(_subjects.c.wake_at.is_(None), _subjects.c.wake_at > now - LAG),
        )
        .order_by(_hit.c.subject_id)
    ).all()
    over: dict[tuple[int, str], list[int]] = {}
    for incident, subject, fingerprint in rows:
        over.setdefault((incident, fingerprint), []).append(subject)
    for (incident, fingerprint), subjects in over.items():
        recovered(connection, incident, subjects, now)
        state = connection.execute(select(_incidents.c.state).where(_incidents.c.id == incident)).scalar_one()
        if state == "closed":
            outcome.resolved.append(fingerprint)


def _raise(
    connection: Connection,
    outcome: Outcome,
    fingerprint: str,
    kind: str,
    summary: str | Words,
    detail: str,
    now: datetime.datetime,
) -> None:
    record_incident(connection, fingerprint, kind, summary, detail, now)
    outcome.raised.append(fingerprint)


def _resolve(
    connection: Connection,
    outcome: Outcome,
    fingerprint: str,
    now: datetime.datetime,
    remark: str | None = None,
) -> None:
    if resolve(connection, fingerprint, now, remark):
        outcome.resolved.append(fingerprint)
