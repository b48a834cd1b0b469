import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import State
from sqlalchemy import Engine, select, update

from casework import clock
from flows import linger
from flows.notices import notices
from models import Notice, Revision, Sweep
from models.database import reading, writing
from procedure.pack import shipped
from tests.casework.test_outbox import owe
from tests.notifications.mail_server import serving

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.xdist_group("prefect"),
    pytest.mark.usefixtures("prefect_server"),
]


CONTEXT = {
    "case_number": "YY-2024-0007",
    "recipient_name": "李娜",
    "lead_name": "岳阳石化有限公司",
    "due": "2024-08-04T18:00:00+08:00",
}


def owe_real_texts(engine: Engine, count: int) -> None:
    """Notices whose subject is pinned to the pack that ships with the product."""
    owe(engine, count, context=CONTEXT)
    pack = shipped("yueyang-2024")
    with writing(engine) as connection:
        connection.execute(
            update(Revision.__table__).values(content=dict(pack.files), content_hash=pack.content_hash)
        )


@pytest.fixture(autouse=True)
def _database(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEIAN_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.delenv("BEIAN_SMTP_URL", raising=False)
    monkeypatch.setenv("BEIAN_MAIL_FROM", "beian@example.cn")
    # One after the other, so that it is known whom the server turns away.
    monkeypatch.setenv("BEIAN_SENDERS", "1")


def run() -> State:
    return asyncio.run(notices(return_state=True))


async def _latest_table() -> list[dict[str, Any]]:
    async with get_client() as client:
        found = await client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["notices"])), limit=200
        )
    newest = max(found, key=lambda artifact: artifact.created)
    return orjson.loads(newest.data)


def states(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.execute(select(Notice.__table__.c.state)).scalars())


def until(true: Callable[[], bool]) -> None:
    gives_up = time.monotonic() + 120
    while not true():
        assert time.monotonic() < gives_up
        time.sleep(0.02)


def test_the_state_tells_what_a_run_did(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    owe_real_texts(engine, 23)
    state = run()
    assert (state.is_completed(), state.name) == (True, "No channel configured")
    assert states(engine) == {"pending"}

    with serving() as server:
        monkeypatch.setenv("BEIAN_SMTP_URL", server.url)
        server.recipient_answers = ["450 later"]
        state = run()
        assert (state.name, state.message) == ("Sent 22", "1 failed, 22 sent")
        assert len(server.letters) == 22
        assert server.letters[0]["Subject"] == "YY-2024-0007：请初审并推荐"
        assert run().name == "Nothing due"

    with reading(engine) as connection:
        sweep = connection.execute(select(Sweep.__table__)).one()
    assert sweep.lane == "notices"
    assert sweep.finished_at - sweep.started_at < timedelta(minutes=1)

    table = asyncio.run(_latest_table())
    assert len(table) == 23
    assert table[0] == {
        "notice": 100,
        "case": "2024-001",
        "text": "to_endorse",
        "to": "p100",
        "channel": "email",
        "attempt": 1,
        "state": "failed",
        "possibly twice": False,
        "ms": table[0]["ms"],
    }
    assert "@" not in str(table)


def test_a_server_that_cannot_be_used_fails_the_run_and_wears_nothing_out(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(engine)
    monkeypatch.setenv("BEIAN_SMTP_URL", "mailtos://u:geheim@mail.example.cn?mode=none")
    state = run()
    assert state.is_failed()
    assert "secure mode" in str(state.message)
    assert "geheim" not in str(state.message)
    assert states(engine) == {"pending"}


def test_a_run_that_lingers_delivers_what_is_owed_meanwhile_until_its_worker_ends(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linger, "_ending", threading.Event())
    owe_real_texts(engine, 2)
    later = Notice.__table__.c.id == 101
    with writing(engine) as connection:
        tomorrow = clock.now(connection) + timedelta(days=1)
        connection.execute(update(Notice.__table__).where(later).values(not_before=tomorrow))

    with serving() as server, ThreadPoolExecutor(1) as thread:
        monkeypatch.setenv("BEIAN_SMTP_URL", server.url)
        running = thread.submit(lambda: asyncio.run(notices(linger=120, return_state=True)))
        try:
            until(lambda: states(engine) == {"sent", "pending"})
            assert not running.done()
            with writing(engine) as connection:
                now = clock.now(connection)
                connection.execute(update(Notice.__table__).where(later).values(not_before=now))
            until(lambda: states(engine) == {"sent"})
            assert not running.done()
        finally:
            linger.end()
        state = running.result()

    assert state.name == "Sent 2"
    assert [letter["To"] for letter in server.letters] == ["p100@example.cn", "p101@example.cn"]
