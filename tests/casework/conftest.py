"""A city with an open call, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import city
import pytest

from tests.conftest import ENGINES, prepared


@pytest.fixture(params=ENGINES)
def yueyang(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[city.City]:
    """Yueyang's 2024 call on 10 July 2024, on each engine."""
    with prepared(request, tmp_path, city.build) as (engine, built):
        yield built.on(engine)
