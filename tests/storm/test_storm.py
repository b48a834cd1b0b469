"""A small storm on each engine; ``make storm`` lets a large one rage."""

from pathlib import Path

import pytest

from tests.storm import cluster
from tests.storm.run import storm


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_whatever_is_killed_the_months_end_as_in_a_calm(engine: str, tmp_path: Path) -> None:
    if engine == "postgresql" and not cluster.found():
        pytest.skip("PostgreSQL's programs are not on this machine")
    result = storm(engine, 24, tmp_path, seed=1)
    assert result.wrong == []
    assert result.uncounted == []
