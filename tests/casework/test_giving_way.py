"""How large a chunk may be: small beside people's acts, large while nobody else writes."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from casework import giving_way
from casework.giving_way import FEWEST, QUIET, Chunk
from models.database import connect, reading, writing

EACH = 1 / 2048
"""How many seconds one subject takes here: 40 fit where others write, 204 where nobody does."""


class Watch:
    """The time as a chunk sees it: sleeping passes it."""

    def __init__(self) -> None:
        """Begin at some instant."""
        self.now = 1_000.0

    def perf_counter(self) -> float:
        """Return the present instant."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Time that passes only while chunks are done or sleep."""
    given = Watch()
    monkeypatch.setattr(giving_way, "time", given)
    return given


@pytest.fixture
def engine(tmp_path: Any) -> Any:
    """A file that several connections write to."""
    given = connect(f"sqlite:///{tmp_path}/shared.db")
    with writing(given) as connection:
        connection.execute(text("CREATE TABLE acts (id INTEGER)"))
    yield given
    given.dispose()


def sizes(engine: Engine, watch: Watch, chunk: Chunk, acts: tuple[int, ...], chunks: int) -> list[int]:
    """Return the sizes of the chunks, when somebody acts before those at ``acts``."""
    found: list[int] = []
    with engine.connect() as connection:
        for n in range(chunks):
            if n in acts:
                with writing(engine) as other:
                    other.execute(text("INSERT INTO acts VALUES (1)"))
            with connection.begin():
                chunk.look(connection)
                connection.execute(text("INSERT INTO acts VALUES (2)"))
                found.append(chunk.size)
            watch.now += chunk.size * EACH
            chunk.give_way(chunk.size, chunk.size * EACH)
    return found


def test_a_chunk_grows_while_nobody_else_writes(engine: Engine, watch: Watch) -> None:
    quiet = int(QUIET / (2 * 40 * EACH)) + 3
    assert sizes(engine, watch, Chunk(engine, 500), (), quiet + 4)[-1] == 204
    assert sizes(engine, watch, Chunk(engine, 80), (), quiet + 4)[-1] == 80


def test_a_chunk_is_small_again_as_soon_as_somebody_acts(engine: Engine, watch: Watch) -> None:
    found = sizes(engine, watch, Chunk(engine, 500), (34,), 38)
    assert found[:3] == [FEWEST, 40, 40]
    assert found[32:] == [204, 204, 40, 40, 40, 40]


def test_beside_acts_that_keep_coming_a_chunk_stays_small(engine: Engine, watch: Watch) -> None:
    assert max(sizes(engine, watch, Chunk(engine, 500), tuple(range(0, 100, 10)), 100)) == 40


def test_who_does_not_look_is_never_alone(engine: Engine, watch: Watch) -> None:
    chunk = Chunk(engine, 500)
    for _ in range(100):
        watch.now += chunk.size * EACH
        chunk.give_way(chunk.size, chunk.size * EACH)
    assert chunk.size == 40


def test_what_was_learned_on_a_connection_is_known_to_the_next_who_uses_it(
    engine: Engine, watch: Watch
) -> None:
    sizes(engine, watch, Chunk(engine, 500), (), 3)
    assert sizes(engine, watch, Chunk(engine, 500), (), 2) == [40, 40]
    watch.sleep(QUIET)
    assert sizes(engine, watch, Chunk(engine, 500), (), 2) == [204, 204]
    assert sizes(engine, watch, Chunk(engine, 500), (0,), 2) == [40, 40]


def test_a_connection_that_never_looked_knows_only_how_long_one_takes(engine: Engine, watch: Watch) -> None:
    sizes(engine, watch, Chunk(engine, 500), (), 3)
    watch.sleep(QUIET)
    chunk = Chunk(engine, 500)
    with reading(engine) as known, reading(engine) as new:
        for connection, size in ((known, 204), (new, 40), (known, 204)):
            chunk.look(connection)
            assert chunk.size == size
