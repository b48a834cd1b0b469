"""The lanes: every flow that runs on its own, how often, and as which Prefect deployment.

`prefect.yaml` at the root of the repository says the same for `prefect deploy --all`; write it again with
`python -m deployments.catalog > prefect.yaml` after a change here.
"""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from socket import gethostname
from typing import Any

from pydantic import PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict
from ruamel.yaml import YAML

CATALOG = "deployments.catalog:lanes"
"""The name of the function below, as processes pass it to one another."""

POOL = "beian"
TIMEZONE = "Asia/Shanghai"

# One fixed beat: with Prefect's default (the moment of registration) every restart would shift the schedule.
_FIRST_BEAT = datetime(2024, 1, 1, tzinfo=UTC)

POKED = "poked"
"""The tag of runs that a poke made, as against the schedule's and a person's."""

HEADER = """\
# The deployments of deployments/catalog.py, for stock Prefect workers:
#   prefect work-pool create beian --type process
#   prefect deploy --all
#   prefect worker start --pool beian
# A test compares the two; `python -m deployments.catalog > prefect.yaml` writes this file again.
"""


class Settings(BaseSettings):
    """How often lanes run and how long a run may take, in seconds; environment names begin with `BEIAN_`."""

    model_config = SettingsConfigDict(env_prefix="BEIAN_")

    every_recommendation: PositiveInt = 30
    every_evaluation: PositiveInt = 60
    every_calls: PositiveInt = 30
    every_notices: PositiveInt = 10
    every_watch: PositiveInt = 60
    run_patience: PositiveInt = 900
    worker_name: str = f"warm-{gethostname()}"


@dataclass(frozen=True)
class Lane:
    """One deployment: a flow by its module path, run again every `every` seconds with these parameters.

    Its beats come `offset` seconds after the full interval: runs that start together are slow on SQLite.
    """

    name: str
    entrypoint: str
    every: int
    description: str
    offset: int = 0
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    tags: tuple[str, ...] = ("beian",)

    @property
    def module(self) -> str:
        """The module that holds the flow."""
        return self.entrypoint.rpartition(".")[0]

    @property
    def interval(self) -> timedelta:
        """The time from one scheduled run to the next."""
        return timedelta(seconds=self.every)

    @property
    def anchor(self) -> datetime:
        """The instant from which scheduled runs are counted."""
        return _FIRST_BEAT + timedelta(seconds=self.offset)


def lanes(settings: Settings | None = None) -> tuple[Lane, ...]:
    """Return the product's lanes, with the intervals that the environment sets."""
    settings = settings or Settings()
    return (
        Lane(
            name="recommendation",
            entrypoint="flows.recommendation.recommendation",
            every=settings.every_recommendation,
            description="Reminds, escalates, closes and advances the cases of every open call.",
        ),
        Lane(
            name="evaluation",
            entrypoint="flows.evaluation.evaluation",
            every=settings.every_evaluation,
            offset=37,
            description="Lets entries of the register expire, and carries evaluations and revocations on.",
        ),
        Lane(
            name="calls",
            entrypoint="flows.calls.calls",
            every=settings.every_calls,
            offset=15,
            description="Opens and closes calls when their dates come.",
        ),
        Lane(
            name="notices",
            entrypoint="flows.notices.notices",
            every=settings.every_notices,
            offset=7,
            description="Delivers what waits in the outbox, and what comes, at once.",
            # One run follows the other, so that hardly ever none is there when an act owes a notice.
            parameters={"linger": settings.every_notices},
        ),
        Lane(
            name="watch",
            entrypoint="flows.watch.watch",
            every=settings.every_watch,
            offset=23,
            description="Raises and resolves incidents for what ails the lanes, and tells the duty officer.",
        ),
    )


def prefect_yaml(catalog: tuple[Lane, ...]) -> dict[str, Any]:
    """Return the content of a `prefect.yaml` that deploys exactly this catalog."""
    return {
        "name": "beian",
        # Code is installed where workers run; left out, Prefect would ask to clone or to record a path.
        "pull": [],
        "deployments": [
            {
                "name": lane.name,
                "entrypoint": lane.entrypoint,
                "description": lane.description,
                "tags": list(lane.tags),
                "parameters": dict(lane.parameters),
                "work_pool": {"name": POOL},
                "schedules": [
                    {"interval": lane.every, "anchor_date": lane.anchor.isoformat(), "timezone": TIMEZONE}
                ],
            }
            for lane in catalog
        ],
    }


def _write() -> None:
    text = StringIO()
    writer = YAML()
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(prefect_yaml(lanes(Settings.model_construct())), text)
    sys.stdout.write(HEADER + text.getvalue())


if __name__ == "__main__":
    _write()
