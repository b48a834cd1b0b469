"""``python -m tests.storm``: a large storm, bounded, with its verdict; ends with 1 if anything is wrong."""

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.storm import cluster, guards
from tests.storm.run import storm


def main() -> int:
    """Let a storm rage as the command line says and tell what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--without", choices=guards.ALL, help="leave out a guard: the storm must notice")
    asked = parser.parse_args()
    engine = asked.engine or ("postgresql" if cluster.found() else "sqlite")
    print(f"{asked.cases} cases on {engine}, seed {asked.seed}", flush=True)  # noqa: T201
    # Whoever ends the storm early ends its database server with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {what}", flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory(prefix="beian-storm-") as folder:
        result = storm(engine, asked.cases, Path(folder), asked.seed, without=asked.without, say=say)
    kills = ", ".join(f"{n} of {what}" for what, n in Counter(what for _, what in result.kills).items())
    print(f"{time.monotonic() - began:.0f} s; {result.letters} letters taken; killed: {kills}")  # noqa: T201
    for line in [*result.wrong[:20], *result.uncounted]:
        print(line)  # noqa: T201
    if len(result.wrong) > 20:
        print(f"… and {len(result.wrong) - 20} more")  # noqa: T201
    print("wrong" if result.wrong else "does not count" if result.uncounted else "as in a calm")  # noqa: T201
    return 1 if result.wrong or result.uncounted else 0


if __name__ == "__main__":
    sys.exit(main())
