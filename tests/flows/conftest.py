"""One Prefect server for all tests of flows, which come one after another."""

from contextlib import ExitStack

import pytest

_open: list[ExitStack] = []


@pytest.fixture
def prefect_server() -> None:
    """A Prefect server of the tests' own: some ten seconds to start, so that it stays for the next."""
    if not _open:
        # It brings the whole of the server along, which only this process needs.
        from prefect.testing.utilities import prefect_test_harness

        with ExitStack() as starting:
            starting.enter_context(prefect_test_harness(server_startup_timeout=240))
            _open.append(starting.pop_all())


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End it with the last of them: it is busy as long as it lives."""
    if _open and "prefect_server" not in getattr(nextitem, "fixturenames", ()):
        _open.pop().close()
