"""What a finished case takes on disk, against its bare rows: the same rows without index or free space."""

import tempfile
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks import city as cities
from benchmarks.act import LIFE, SET_UP
from benchmarks.herd import copies
from benchmarks.result import Line, Target
from models.base import Record

_TABLES = tuple(table.name for table in Record.metadata.sorted_tables)


def run(engine: Engine, cases: int = 2_000) -> list[Line]:
    """Measure a case that went through its whole review and was then withdrawn, copied `cases` times."""
    city = cities.found(engine)
    cities.move(engine, SET_UP)
    for name, who, payload in LIFE:
        cities.act(engine, city, city.case, who, name, payload)
    cities.act(engine, city, city.case, "applicant", "withdraw", {"reason": "项目调整"})
    before = _sizes(engine)
    copies(engine, city.case, cases)
    after = _sizes(engine)
    ours, bare = ((now - then) / cases / 1024 for now, then in zip(after, before, strict=True))
    note = f"{cases} finished cases, everything a case has with its lead unit and applicant"
    return [Line("bytes", engine.dialect.name, ours, bare, "kB", Target("ratio", 1.75), note)]


def _sizes(engine: Engine) -> tuple[int, int]:
    """Return the bytes of the database as it is, and those of its rows copied bare, without free space."""
    return _sqlite(engine) if engine.dialect.name == "sqlite" else _postgresql(engine)


def _sqlite(engine: Engine) -> tuple[int, int]:
    with tempfile.TemporaryDirectory(prefix="beian-bench-") as folder, engine.connect() as connection:
        whole, bare = Path(folder) / "whole.db", Path(folder) / "bare.db"
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("VACUUM INTO ?", (str(whole),))
        driver.execute("ATTACH ? AS bare", (str(bare),))
        for table in _TABLES:
            driver.execute(f'CREATE TABLE bare."{table}" AS SELECT * FROM main."{table}"')  # noqa: S608
        driver.execute("DETACH bare")
        return whole.stat().st_size, bare.stat().st_size


def _postgresql(engine: Engine) -> tuple[int, int]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE SCHEMA bare"))
        for table in _TABLES:
            connection.execute(text(f'VACUUM FULL public."{table}"'))
            connection.execute(text(f'CREATE TABLE bare."{table}" AS TABLE public."{table}"'))
        size = text(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class"
            " WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind = 'r'"
        )
        whole, bare = (connection.execute(size, {"schema": name}).scalar_one() for name in ("public", "bare"))
        connection.execute(text("DROP SCHEMA bare CASCADE"))
        return int(whole), int(bare)
