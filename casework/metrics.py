"""Figures for a monitoring system, in Prometheus' form, counted from the rows at each asking."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pendulum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Connection, Engine, func, select

from casework import backlog, clock, conditions
from casework.access import Watched, watched
from casework.incidents import UNRESOLVED
from casework.troubles import open_cases, open_matters
from models import Bureau, Incident, Notice, Subject
from models.database import reading
from procedure.instant import day_of

_subjects = Subject.__table__
_notices = Notice.__table__
_incidents = Incident.__table__
_bureaus = Bureau.__table__

HOUR: Final = 3600
OVERDUE_BOUNDS: Final = (HOUR, 8 * HOUR, 24 * HOUR, 72 * HOUR)
"""Upper bounds of the overdue histogram in seconds: an hour, eight hours, one day and three days."""


class Collector:
    """Counts anew at each scrape, in one snapshot of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        with reading(self._engine) as connection:
            yield from list(_metrics(connection))


def registry(engine: Engine) -> CollectorRegistry:
    """Return a registry with the metrics of this database and nothing else."""
    made = CollectorRegistry()
    made.register(Collector(engine))
    return made


def text(engine: Engine) -> str:
    """Return the metrics as Prometheus text."""
    return generate_latest(registry(engine)).decode()


def _metrics(connection: Connection) -> Iterator[Metric]:
    now = clock.now(connection)
    within = watched(connection, None, day_of(now))
    codes: dict[int, str] = {
        row.id: row.code for row in connection.execute(select(_bureaus.c.id, _bureaus.c.code))
    }
    yield from _backlog(backlog.lying(connection, within, now), codes, now)
    yield _overdue(connection, {codes[scope.bureau]: scope for scope in within}, now)
    yield from _matters(connection, {codes[scope.bureau]: scope for scope in within}, now)
    yield from _delivery(connection, now)
    yield _incidents_by_kind(connection)
    sweeps = GaugeMetricFamily(
        "beian_lane_last_success_timestamp_seconds", "When a lane last succeeded", labels=["lane"]
    )
    for lane, at in conditions.last_sweeps(connection).items():
        if at is not None:
            sweeps.add_metric([lane], at.timestamp())
    yield sweeps


def _backlog(lying: list[backlog.Backlog], codes: dict[int, str], now: pendulum.DateTime) -> Iterator[Metric]:
    labels = ["bureau", "district", "stage"]
    families = {
        "open": GaugeMetricFamily("beian_open_cases", "Open cases", labels=labels),
        "overdue": GaugeMetricFamily("beian_overdue_cases", "Open cases past their due date", labels=labels),
        "breach": GaugeMetricFamily("beian_breaching_cases", "Open cases about to breach", labels=labels),
        "oldest": GaugeMetricFamily(
            "beian_oldest_case_seconds", "How long the oldest open case has been at its stage", labels=labels
        ),
    }
    for each in lying:
        of = [codes[each.bureau], codes[each.district], each.stage]
        families["open"].add_metric(of, each.open)
        families["overdue"].add_metric(of, each.overdue)
        families["breach"].add_metric(of, each.breach)
        families["oldest"].add_metric(of, _ago(each.oldest, now))
    yield from families.values()


def _overdue(connection: Connection, within: Mapping[str, Watched], now: pendulum.DateTime) -> Metric:
    def late(scope: Watched, *conditions: Any) -> int:
        counted = select(func.count()).select_from(_subjects)
        found = connection.execute(counted.where(open_cases(scope), _subjects.c.due_at < now, *conditions))
        return int(found.scalar_one())

    family = HistogramMetricFamily(
        "beian_overdue_seconds", "For how long open cases have been overdue", labels=["bureau"]
    )
    for bureau, scope in within.items():
        buckets = [
            (str(float(bound)), late(scope, _subjects.c.due_at >= now.subtract(seconds=bound)))
            for bound in OVERDUE_BOUNDS
        ]
        family.add_metric([bureau], [*buckets, ("+Inf", late(scope))], None)
    return family


def _matters(
    connection: Connection, within: Mapping[str, Watched], now: pendulum.DateTime
) -> Iterator[Metric]:
    labels = ["bureau", "kind", "stage"]
    lying = GaugeMetricFamily("beian_open_matters", "Open matters after filing", labels=labels)
    late = GaugeMetricFamily(
        "beian_overdue_matters", "Open matters after filing past their due date", labels=labels
    )
    kind, stage = _subjects.c.kind, _subjects.c.stage
    for bureau, scope in within.items():
        counted = select(kind, stage, func.count()).where(open_matters(scope)).group_by(kind, stage)
        for family, query in ((lying, counted), (late, counted.where(_subjects.c.due_at < now))):
            for row in connection.execute(query.order_by(kind, stage)):
                family.add_metric([bureau, row.kind, row.stage], row[2])
    yield from (lying, late)


def _delivery(connection: Connection, now: pendulum.DateTime) -> Iterator[Metric]:
    states = GaugeMetricFamily("beian_notices_waiting", "Notices not sent yet", labels=["state"])
    unsent = (
        select(_notices.c.state, func.count(), func.min(_notices.c.not_before))
        .where(_notices.c.state.in_(("pending", "sending", "failed")))
        .group_by(_notices.c.state)
    )
    oldest = now.timestamp()
    for state, count, earliest in connection.execute(unsent):
        states.add_metric([state], count)
        oldest = min(oldest, earliest.timestamp())
    yield states
    yield GaugeMetricFamily(
        "beian_delivery_lag_seconds",
        "How long the notice that has waited longest is past its turn",
        value=now.timestamp() - oldest,
    )
    dead = select(func.count()).select_from(_notices).where(_notices.c.state == "dead")
    yield GaugeMetricFamily(
        "beian_notices_dead", "Notices given up", value=connection.execute(dead).scalar_one()
    )


def _incidents_by_kind(connection: Connection) -> Metric:
    family = GaugeMetricFamily("beian_incidents", "Unresolved incidents", labels=["kind"])
    rows = connection.execute(
        select(_incidents.c.kind, func.count())
        .where(_incidents.c.state.in_(UNRESOLVED))
        .group_by(_incidents.c.kind)
    )
    for kind, count in rows:
        family.add_metric([kind], count)
    return family


def _ago(at: datetime.datetime, now: pendulum.DateTime) -> float:
    return now.timestamp() - at.timestamp()
