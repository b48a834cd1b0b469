"""A city with an open call, on both engines or on SQLite alone."""

import city
import pytest
from sqlalchemy import Engine


@pytest.fixture
def yueyang(story_engine: Engine) -> city.City:
    """Yueyang's 2024 call on 10 July 2024, on each engine."""
    return city.build(story_engine)
