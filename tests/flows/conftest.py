from collections.abc import Iterator

import pytest
from prefect.testing.utilities import prefect_test_harness


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """A Prefect server of the tests' own; some ten seconds to start, and busy as long as it lives."""
    with prefect_test_harness(server_startup_timeout=240):
        yield
