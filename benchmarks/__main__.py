"""`python -m benchmarks [--only NAME | --long] [--engine ENGINE]`: measure, tell, write `out/bench.json`."""

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
NAMES = (
    "act",
    "wake",
    "wake_1m",
    "deliver",
    "outage",
    "radar",
    "stored",
    "two_processes",
    "under_sweep",
    "restart",
    "flow",
    "flow_share",
)
"""The benchmarks on a database, by module, each loaded when asked for: the last brings Prefect along."""

LONG = (
    "browse",
    "first_paint",
    "evaluation_open",
    "under_round",
    "radar_1m",
    "deliver_10k",
    "outage_10k",
    "handover",
    "restore",
    "peers",
)
"""Those that tell more of the same at their own size: they run when named, or all with `--long`."""


def main() -> None:
    """Run what is asked for; a missed target is marked in the table and does not fail the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=[*NAMES, *LONG, "calendar"], help="one benchmark instead of all")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], help="one engine instead of all")
    parser.add_argument("--long", action="store_true", help="also those at their own size, minutes each")
    asked = parser.parse_args()
    # Ended from outside, the scratch databases still go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    engines = [name for name in ground.engines() if asked.engine in {None, name}]
    lines: list[Line] = []
    began = time.monotonic()
    if asked.only in {None, "calendar"}:
        lines += import_module("benchmarks.calendar").run()
    for name in (*NAMES, *LONG):
        wanted = name == asked.only or (asked.only is None and (asked.long or name in NAMES))
        for engine_name in engines if wanted else ():
            with ground.scratch(engine_name) as engine:
                lines += import_module(f"benchmarks.{name}").run(engine)
    load, cores = os.getloadavg()[0], os.cpu_count()
    show(lines, f"{time.monotonic() - began:.0f} s; load average {load:.1f} on {cores} cores")
    save(lines, OUT)


if __name__ == "__main__":
    main()
