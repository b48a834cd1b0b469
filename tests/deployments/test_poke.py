import json
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import SimpleNamespace
from uuid import UUID, uuid4

import httpx
import pytest

from deployments import api
from deployments import poke as poking
from deployments.api import Api
from deployments.poke import TriggerError, flush, poke, trigger

DEPLOYMENT = str(uuid4())


class FakePrefect(ThreadingHTTPServer):
    """Knows every lane, and answers each request for a run with the next of `answers`.

    The first `silences` requests are not answered until `awake`.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[dict] = []
        self.answers: list[int] = []
        self.silences = 0
        self.awake = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"


class Answer(BaseHTTPRequestHandler):
    server: FakePrefect

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = 200, [{"id": DEPLOYMENT}]
        if self.path.endswith("create_flow_run"):
            self.server.asked.append(body)
            if len(self.server.asked) <= self.server.silences:
                self.server.awake.wait(60)
            status = self.server.answers.pop(0) if self.server.answers else 201
            answer = {"id": str(UUID(int=1)), "state": {"name": "Scheduled", "type": "SCHEDULED"}}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def prefect(monkeypatch) -> Iterator[FakePrefect]:
    with FakePrefect() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PREFECT_API_URL", server.url)
        yield server
        server.shutdown()


@pytest.fixture
def no_server(monkeypatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")


def test_a_burst_of_pokes_becomes_one_run_now_and_one_after_a_second(prefect, monkeypatch):
    lane = f"lane-{uuid4()}"
    second, pauses = Event(), []

    def sleep(seconds: float) -> None:
        """Let the second last until it is told to be over."""
        if seconds < poking.PAUSE:
            time.sleep(seconds)
        else:
            pauses.append(seconds)
            second.wait(60)

    monkeypatch.setattr(poking, "time", SimpleNamespace(sleep=sleep, monotonic=time.monotonic))
    poke(lane)
    flush(60)
    for _ in range(99):
        poke(lane)
    assert len(prefect.asked) == 1
    second.set()
    flush(60)

    assert len(prefect.asked) == 2
    assert pauses[0] == 1
    assert len({body["idempotency_key"] for body in prefect.asked}) == 2
    assert all(body["tags"] == ["poked"] for body in prefect.asked)


def test_a_poke_that_was_lost_takes_no_later_one_with_it(prefect, monkeypatch):
    lane = f"lane-{uuid4()}"
    with monkeypatch.context() as away:
        away.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        poke(lane)
        flush(60)
    poke(lane)
    flush(60)

    assert len(prefect.asked) == 1


def test_a_poke_goes_to_the_server_that_was_named_when_it_was_asked_for(prefect, monkeypatch):
    lane = f"lane-{uuid4()}"
    poke(lane)
    flush(60)
    poke(lane)
    monkeypatch.delenv("PREFECT_API_URL")
    flush(60)

    assert len(prefect.asked) == 2


def test_a_busy_server_is_asked_again_for_the_same_run(prefect, monkeypatch):
    pauses = []
    monkeypatch.setattr(api, "time", SimpleNamespace(sleep=pauses.append, monotonic=time.monotonic))
    prefect.answers = [503] * 20

    run = trigger("recommendation", {"case": "1"}, wait=False)

    assert run.name == "Scheduled"
    assert pauses[:6] == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert len(prefect.asked) == 21
    assert len({body["idempotency_key"] for body in prefect.asked}) == 1


def test_a_server_that_is_silent_for_long_is_asked_again_for_the_same_run(prefect):
    prefect.silences = 2
    with Api(prefect.url, timeout=0.2, patience=60) as connection:
        run = connection.create_run(UUID(DEPLOYMENT))
    prefect.awake.set()

    assert run.name == "Scheduled"
    assert len(prefect.asked) == 3
    assert len({body["idempotency_key"] for body in prefect.asked}) == 1


def test_a_server_that_stays_silent_is_given_up(prefect):
    prefect.silences = 1
    with Api(prefect.url, timeout=0.2, patience=0) as connection, pytest.raises(httpx.ReadTimeout):
        connection.create_run(UUID(DEPLOYMENT))
    prefect.awake.set()

    assert len(prefect.asked) == 1


def test_a_poke_returns_before_anybody_answers(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/api")
        lane = f"lane-{uuid4()}"
        for _ in range(100):
            poke(lane)

        assert poking._messenger(lane).busy
    flush(60)


def test_a_poke_at_a_stopped_server_is_lost_and_nobody_told(no_server):
    poke(f"lane-{uuid4()}")
    flush(60)


def test_a_poke_without_a_server_does_nothing(monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    poke("notices")


def test_a_trigger_without_a_server_says_so(monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    with pytest.raises(TriggerError, match="PREFECT_API_URL"):
        trigger("notices")


def test_a_trigger_at_a_stopped_server_says_so(no_server):
    with pytest.raises(TriggerError, match="does not answer"):
        trigger("notices")


def test_a_run_that_nobody_takes_ends_the_wait(prefect):
    with pytest.raises(TriggerError, match="no worker took it"):
        trigger("notices", timeout=0)
