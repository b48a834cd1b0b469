"""A machine's clock is wrong, the PostgreSQL server's is right: nothing comes early, nothing is backdated.

SQLite has no clock but the machine's.
"""

from collections.abc import Callable
from pathlib import Path

import pendulum
import pytest
from city import City, build
from sqlalchemy import Engine

from casework import clock, health, wake
from casework.acts import Receipt
from models.database import reading
from procedure.act import Refusal
from procedure.instant import SHANGHAI, day_of, instant

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("engine", ["postgres"], indirect=True),
]


@pytest.fixture
def skew(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set this machine's clock wrong by so many hours."""
    real = pendulum.now

    def by(hours: int) -> None:
        monkeypatch.setattr(clock.pendulum, "now", lambda zone=None: real(zone).add(hours=hours))

    return by


def town(engine: Engine, opening: int, closing: int) -> City:
    """A call that opens and closes so many minutes from now."""
    now = pendulum.now(SHANGHAI)
    return build(
        engine,
        now=None,
        dates={
            "filing_opens": now.add(minutes=opening).format("YYYY-MM-DDTHH:mm"),
            "filing_closes": now.add(minutes=closing).format("YYYY-MM-DDTHH:mm"),
            "recommendation_due": now.add(days=5).format("YYYY-MM-DDTHH:mm"),
            "papers_due": day_of(instant(now.add(days=9))).isoformat(),
        },
    )


def test_a_machine_that_is_ahead_closes_nothing_early_and_turns_nobody_away(
    engine: Engine, skew: Callable[[int], None], tmp_path: Path
) -> None:
    here = town(engine, opening=-60, closing=30)
    case = here.filled()
    skew(1)
    assert [wake.sweep(engine, kind).moved for kind in ("call", "application")] == [(), ()]
    # The portal stamps what comes in by its own clock.
    assert isinstance(here.ask(case, "zhang0", "submit", received_at=clock.present(None)), Receipt)
    assert here.rows("events", case)[-1]["effective_at"] < here.rows("calls")[0]["closes_at"]
    with reading(engine) as connection:
        found = {each.name: each for each in health.examine(connection, tmp_path)}
    assert (found["clock"].state, round(float(found["clock"].facts["seconds"]))) == ("bad", 3600)


def test_a_machine_that_is_ahead_opens_nothing_early(engine: Engine, skew: Callable[[int], None]) -> None:
    here = town(engine, opening=30, closing=90)
    skew(1)
    assert wake.sweep(engine, "call").moved == ()
    with pytest.raises(AssertionError, match="not_open"):
        here.start()


def test_a_machine_that_is_behind_backdates_nothing(engine: Engine, skew: Callable[[int], None]) -> None:
    here = town(engine, opening=-60, closing=30)
    case = here.filled()
    before = here.rows("events", case)[-1]["effective_at"]
    skew(-1)
    answer = here.ask(case, "zhang0", "submit", received_at=clock.present(None))
    assert not isinstance(answer, Refusal)
    assert here.rows("events", case)[-1]["effective_at"] > before
