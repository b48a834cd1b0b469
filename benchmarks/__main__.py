"""`python -m benchmarks [--only NAME] [--engine ENGINE]`: measure, print a table, write `out/bench.json`."""

import argparse
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from benchmarks import act, ground, wake
from benchmarks.result import Line, save, show

OUT = Path("out/bench.json")
ON_A_DATABASE: dict[str, Callable[[Engine], list[Line]]] = {"act": act.run, "wake": wake.run}


def main() -> None:
    """Run what is asked for; a missed target is marked in the table and does not fail the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=[*ON_A_DATABASE], help="one benchmark instead of all")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], help="one engine instead of all")
    asked = parser.parse_args()
    lines: list[Line] = []
    for engine_name in ground.engines():
        if asked.engine not in {None, engine_name}:
            continue
        for name, run in ON_A_DATABASE.items():
            if asked.only in {None, name}:
                with ground.scratch(engine_name) as engine:
                    lines += run(engine)
    show(lines)
    save(lines, OUT)


if __name__ == "__main__":
    main()
