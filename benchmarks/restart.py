"""After a kill: from the start of a new process to its first act, beyond importing the same libraries.

Told in processor time as well: most of it is work, and a machine with other things to do takes longer for it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

from sqlalchemy import Engine

from benchmarks import city as cities
from benchmarks.act import LIFE, SET_UP
from benchmarks.city import Case, City
from benchmarks.herd import OF_ONE_THAT_WAITS, copies, settle
from benchmarks.result import Line, Target

Took = tuple[float, float]
"""Seconds by the clock, and of the processor."""

_NAME, _WHO, _PAYLOAD = LIFE[0]
_FIRST_ACT = """
import sys
from benchmarks.restart import first_act
first_act(*sys.argv[1:])
"""
_LIBRARIES_OF = """
import sys
from benchmarks.restart import first_act
own = {"benchmarks", "casework", "models", "procedure", "notifications"}
print("\\n".join(name for name in list(sys.modules) if name.split(".")[0] not in own | {"__main__"}))
"""
_IMPORTING = """
import importlib, sys
for name in sys.stdin.read().split():
    try:
        importlib.import_module(name)
    except ImportError:
        pass
"""


def run(engine: Engine, crowd: int = 100_000, times: int = 7) -> list[Line]:
    """Measure `times` restarts after a kill with no other case open, and with `crowd`."""
    city = cities.found(engine)
    cities.move(engine, SET_UP)
    libraries = _python(_LIBRARIES_OF).stdout
    lines = _lines(engine, "restart", city, libraries, times, 1)
    copies(engine, city.case, crowd, 10_000, tables=OF_ONE_THAT_WAITS)
    settle(engine)
    return [*lines, *_lines(engine, "restart_crowded", city, libraries, times, 5_000)]


def first_act(address: str, person: str, role: str, subject: str) -> None:
    """Open the database at `address` and carry one act out."""
    from casework import acts  # noqa: PLC0415 - what a new process imports is what is measured
    from casework.access import Claim  # noqa: PLC0415
    from models.database import connect  # noqa: PLC0415

    receipt = acts.perform(
        connect(address), acts.Request(int(subject), _NAME, Claim(int(person), role), _PAYLOAD)
    )
    if not isinstance(receipt, acts.Receipt):
        raise cities.Refused(str(receipt))


def _lines(engine: Engine, name: str, city: City, libraries: str, times: int, first: int) -> list[Line]:
    cases = copies(engine, city.case, 2 * times, first)
    ours: list[Took] = []
    bare: list[Took] = []
    for _ in range(times):
        _killed(engine, city, cases.pop())
        particulars = _particulars(engine, city, cases.pop())
        ours.append(_timed(_FIRST_ACT, None, *particulars))
        bare.append(_timed(_IMPORTING, libraries))
    return [
        _line(f"{name}{suffix}", engine, [took[of] for took in ours], [took[of] for took in bare])
        for of, suffix in enumerate(("", "_cpu"))
    ]


def _line(name: str, engine: Engine, ours: Sequence[float], bare: Sequence[float]) -> Line:
    whole, importing = median(ours), median(bare)
    note = f"{whole:.2f} s in all, {importing:.2f} s of it importing (the baseline)"
    return Line(name, engine.dialect.name, whole - importing, importing, "s", Target("ours", 1), note)


def _timed(program: str, given: str | None, *arguments: str) -> Took:
    began, before = time.perf_counter(), os.times()
    _python(program, given, *arguments)
    after = os.times()
    spent = sum(after[2:4]) - sum(before[2:4])
    return time.perf_counter() - began, spent


def _killed(engine: Engine, city: City, case: Case) -> None:
    """Start a process that acts, and kill it at work."""
    command = [sys.executable, "-c", _FIRST_ACT, *_particulars(engine, city, case)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGKILL)


def _particulars(engine: Engine, city: City, case: Case) -> list[str]:
    claim = city.claim(_WHO, case)
    address = engine.url.render_as_string(hide_password=False)
    return [address, str(claim.person), str(claim.role), str(case.subject)]


def _python(program: str, given: str | None = None, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Our bytecode lies ready as the libraries' does, whatever the shell says: this is not the first start.
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, input=given, text=True, capture_output=True, check=True, env=surroundings)
