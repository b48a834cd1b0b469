"""The watch through a real Prefect: failed runs become incidents, later successes resolve them."""

import asyncio
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from sqlalchemy import Engine

from casework import incidents
from flows.watch import watch
from models.database import reading
from tests.casework import city

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_server"),
]


async def _run_of_calls(*ends: State[Any]) -> None:
    """Have runs of a deployment named as the lane ``calls`` end like this, one after another."""

    @flow(name="calls-probe")
    def probe() -> None:
        """Never carried: its runs are ended by hand."""

    async with get_client() as client:
        made = await client.create_deployment(
            flow_id=await client.create_flow(probe), name="calls", tags=["beian"]
        )
        for end in ends:
            run = await client.create_flow_run_from_deployment(made)
            await client.set_flow_run_state(run.id, end, force=True)


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_a_failed_run_is_an_incident_until_one_succeeds(
    story_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEIAN_DATABASE_URL", story_engine.url.render_as_string(hide_password=False))
    here = city.build(story_engine, now="2024-07-10T08:00")

    def told() -> list[tuple[str, str, int]]:
        with reading(here.engine) as connection:
            found = incidents.lines(connection, states=("open", "closed"))
        return [(each.fingerprint, each.state, each.occurrences) for each in found]

    assert asyncio.run(watch(return_state=True)).name == "Nothing new"
    asyncio.run(_run_of_calls(Completed(), Failed(message="boom")))
    state = asyncio.run(watch(return_state=True))
    assert (state.name, state.message) == ("Incidents", "raised flow:calls")
    assert told()[0] == ("flow:calls", "open", 1)
    asyncio.run(_run_of_calls(Completed()))
    asyncio.run(watch(return_state=True))
    assert told()[0][:2] == ("flow:calls", "closed")
    (lane,) = here.rows("sweeps")
    assert lane["lane"] == "watch"
