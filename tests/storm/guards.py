"""Guards that a storm can be let rage without, to see that it notices."""

import datetime
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import update

from casework import ladders, outbox, wake
from casework.claimed import Claimed
from models import Notice
from models.database import writing

_notices = Notice.__table__


def _without_claim() -> None:
    """A notice that one process sends is free for the others."""
    _after_claim(lambda now: {"state": "pending", "leased_until": None, "not_before": now})


def _without_mark() -> None:
    """A notice whose sender was killed is sent again without a word."""
    _after_claim(lambda _now: {"possibly_twice": False})


def _without_settling() -> None:
    """A rung that came is not noted on its timer."""

    class Nothing:
        def execute(self, *_: object) -> None:
            return None

    ladders._SETTLE = Nothing()  # type: ignore[assignment,misc]


def _without_waiting() -> None:
    """What falls due tomorrow is done today."""
    wake.LAG = datetime.timedelta(days=-1)  # type: ignore[misc]


def _after_claim(values: Callable[[datetime.datetime], dict[str, Any]]) -> None:
    real = outbox.claim

    def claim(engine: Any, now: datetime.datetime, *more: Any) -> list[Claimed]:
        claimed = real(engine, now, *more)
        with writing(engine) as connection:
            ours = _notices.c.id.in_([each.id for each in claimed])
            connection.execute(update(_notices).where(ours).values(**values(now)))
        return claimed

    outbox.claim = claim  # type: ignore[assignment]


IN_WORKER: Final[dict[str, Callable[[], None]]] = {
    "claim": _without_claim,
    "mark": _without_mark,
    "settling": _without_settling,
    "waiting": _without_waiting,
}
"""What a worker can be without."""

ALL: Final = (*IN_WORKER, "keys", "durability")
"""Every guard: besides those of the worker, the keys of acts and the durability of commits."""
