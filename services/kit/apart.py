"""Work on bytes that nobody vouches for, done in a process of its own that may die of them.

::

    apart("services.identity.tables_child", bytes) ──stdin──▶ serve(work), limited in memory
                 the greenlets go on               ◀─stdout── and processor; or dead: Died

Bounds that a parser checks cover what its author thought of. A process with a limit of memory and
of processor time covers the rest: what is too much ends that process, and the service goes on. It
gets none of the service's secrets: not its settings (``SHEQU_*``) nor its connections. One at a
time, so that several do not take several times the memory.

A process is started for each call: 0.9 to 1.2 s of a core for Python, eventlet and openpyxl.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from eventlet import patcher
from eventlet.semaphore import Semaphore

_ROOT: Final = Path(__file__).resolve().parents[2]
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1"}  # each would reserve address space
_turn = Semaphore(1)
# eventlet's Popen has the errors of a subprocess module of its own
_TIMED_OUT: Final = (subprocess.TimeoutExpired, patcher.original("subprocess").TimeoutExpired)


class Died(Exception):
    """The process took too much memory or time, or broke down."""


def apart(module: str, given: bytes, *, seconds: float) -> bytes:
    """What ``python -m module`` (see :func:`serve`) makes of ``given``, while other calls go on.

    Args:
        seconds: the longest to wait for it, by the clock on the wall.

    Raises:
        Died: there is no answer, for whatever reason.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SHEQU_")}
    with (
        _turn,
        subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may quote what is in the file
            env={**environment, "PYTHONPATH": str(_ROOT), **_ONE_THREAD},
        ) as process,
    ):
        try:
            said, _ = process.communicate(given, timeout=seconds)
        except _TIMED_OUT:
            raise Died(f"no answer within {seconds} s") from None
        finally:
            process.kill()  # whatever ends the wait; harmless when it has ended by itself
    if process.returncode:
        raise Died(f"it ended with {process.returncode}")
    return said


def serve(work: Callable[[bytes], bytes], *, memory: int, seconds: int) -> None:
    """The process's side: ``work`` on standard input, within limits, to standard output.

    Args:
        memory: bytes of address space (``RLIMIT_AS``); beyond them is ``MemoryError``.
        seconds: of processor time (``RLIMIT_CPU``), after which the kernel ends the process, also
            when whoever has started it is gone.
    """
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),  # a dump would lay the file's contents on the disk
    ):
        resource.setrlimit(what, (most, most))
    answer = work(sys.stdin.buffer.read())
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
