import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID, uuid4

import pytest

from deployments.poke import TriggerError, flush, poke, trigger

DEPLOYMENT = str(uuid4())


class FakePrefect(ThreadingHTTPServer):
    """Knows every lane, and answers each request for a run with the next of `answers`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[dict] = []
        self.answers: list[int] = []

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


def test_a_burst_of_pokes_becomes_one_run_now_and_one_after_a_second(prefect):
    lane = f"lane-{uuid4()}"
    for _ in range(100):
        poke(lane)
        time.sleep(0.001)
    flush(3)
    time.sleep(0.3)

    assert len(prefect.asked) == 2
    assert len({body["idempotency_key"] for body in prefect.asked}) == 2
    assert all(body["tags"] == ["poked"] for body in prefect.asked)


def test_a_poke_that_was_lost_takes_no_later_one_with_it(prefect, monkeypatch):
    lane = f"lane-{uuid4()}"
    with monkeypatch.context() as away:
        away.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
        poke(lane)
        flush(5)
    poke(lane)
    flush(5)

    assert len(prefect.asked) == 1


def test_a_busy_server_is_asked_again_for_the_same_run(prefect):
    prefect.answers = [503, 503]

    run = trigger("recommendation", {"case": "1"}, wait=False)

    assert run.name == "Scheduled"
    assert len(prefect.asked) == 3
    assert len({body["idempotency_key"] for body in prefect.asked}) == 1


def test_a_poke_at_a_stopped_server_returns_at_once(no_server):
    began = time.monotonic()
    for _ in range(100):
        poke("notices")

    assert time.monotonic() - began < 0.1
    flush()


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
