from collections.abc import Iterator

import pytest
from prefect.testing.utilities import prefect_test_harness


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server of the tests' own; it takes some ten seconds to start."""
    with prefect_test_harness(server_startup_timeout=120):
        yield
