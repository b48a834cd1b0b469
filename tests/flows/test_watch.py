"""The watch through a real Prefect: failed runs become incidents, later successes resolve them."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from sqlalchemy import Engine

from casework import conditions, documents, incidents
from flows.watch import sweep_files, watch
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


@pytest.mark.parametrize("story_engine", ["sqlite"], indirect=True)
def test_files_that_nothing_refers_to_go_after_a_day(
    story_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEIAN_DATABASE_URL", story_engine.url.render_as_string(hide_password=False))
    here = city.build(story_engine, now="2024-07-10T08:00")
    documents.store(here.engine, tmp_path / "files", io.BytesIO(b"loose"))
    here.at("2024-07-12T08:00")
    sweep_files()
    assert len(here.rows("files")) == 1, "its folder is not known"

    monkeypatch.setenv("BEIAN_FOLDER", str(tmp_path))
    sweep_files()
    assert here.rows("files") == []

    documents.store(here.engine, tmp_path / "files", io.BytesIO(b"another"))
    here.at("2024-07-13T07:59")
    documents.store(here.engine, tmp_path / "files", io.BytesIO(b"a third"))
    here.at("2024-07-13T08:00:01")
    sweep_files()
    assert len(here.rows("files")) == 1, "the third has not lain for a day"
    here.at("2024-07-14T08:00")
    sweep_files()
    assert len(here.rows("files")) == 1, "a day has not passed since the last look"
    here.at("2024-07-14T08:00:01")
    sweep_files()
    assert here.rows("files") == []
    with reading(here.engine) as connection:
        assert conditions.lanes(connection) == ()
