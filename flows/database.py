"""The case database that flows work on, opened once in each process."""

import os
from functools import cache

from sqlalchemy import Engine

from models.database import DatabaseUnusable, connect
from models.migrate import require_current


def engine() -> Engine:
    """The engine of the database that `BEIAN_DATABASE_URL` names.

    Raises DatabaseUnusable when the variable is not set, or the database does not answer or is of another
    version.
    """
    url = os.environ.get("BEIAN_DATABASE_URL")
    if not url:
        raise DatabaseUnusable(
            "flows do not know their database", "BEIAN_DATABASE_URL is not set", "Set it for the worker"
        )
    return _connected(url)


@cache
def _connected(url: str) -> Engine:
    opened = connect(url)
    require_current(opened)
    return opened
