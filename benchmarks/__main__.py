"""`python -m benchmarks [--only NAME] [--engine ENGINE]`: measure, print a table, write `out/bench.json`."""

import argparse
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks import ground
from benchmarks.result import Line, save, show

OUT = Path("out/bench.json")
NAMES = ("act", "wake", "deliver", "outage", "radar", "flow")
"""The benchmarks on a database, by module, each loaded when asked for: the last brings Prefect along."""

LONG = ("radar_1m", "deliver_10k", "outage_10k", "handover")
"""Those that take minutes, so they run only when named."""


def main() -> None:
    """Run what is asked for; a missed target is marked in the table and does not fail the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=[*NAMES, *LONG, "calendar"], help="one benchmark instead of all")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], help="one engine instead of all")
    asked = parser.parse_args()
    # Ended from outside, the scratch databases still go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    engines = [name for name in ground.engines() if asked.engine in {None, name}]
    lines: list[Line] = []
    began = time.monotonic()
    if asked.only in {None, "calendar"}:
        lines += import_module("benchmarks.calendar").run()
    for name in (*NAMES, *LONG):
        wanted = name == asked.only if name in LONG else asked.only in {None, name}
        for engine_name in engines if wanted else ():
            with ground.scratch(engine_name) as engine:
                lines += import_module(f"benchmarks.{name}").run(engine)
    load, cores = os.getloadavg()[0], os.cpu_count()
    show(lines, f"{time.monotonic() - began:.0f} s; load average {load:.1f} on {cores} cores")
    save(lines, OUT)


if __name__ == "__main__":
    main()
