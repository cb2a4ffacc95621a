"""Work for the processor alone, done beside the calls that wait.

A service is one thread of greenlets that give way only when they wait. Two seconds of parsing
never wait: for so long no other call would be answered, no heartbeat sent, no event relayed. In a
native thread the same work shares the interpreter's lock with the greenlets, which get their turn
within milliseconds (``sys.getswitchinterval``). It is not faster there, and two at once would
only share the one lock: so they queue.

Measured with a workbook of 20,000 rows on two cores at a load of 7: read in the thread of the
greenlets it held all of them up for 11 to 16 s; read aside 99 of 100 turns came within 0.03 s, the
latest after 0.8 s, and the reading took 16 to 22 s.

What waits without eventlet's knowledge (a library whose sockets are not Python's) would hold the
greenlets up in the same way, for as long as the other side is silent. It needs no lock while it
waits, so that many may be out at once.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import eventlet.patcher
from eventlet import tpool
from eventlet.semaphore import Semaphore

P = ParamSpec("P")
T = TypeVar("T")

MOST_OUTSIDE = 16
"""As many as a process has workers; eventlet has 20 native threads, the rest is for ``aside``."""

_turn = Semaphore(1)
_outside = Semaphore(MOST_OUTSIDE)


def aside(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """``work(*args, **kwargs)`` in a native thread, while the other calls go on; what it raises
    is raised here.

    It must neither touch the session nor wait for anything of eventlet's: hand it bytes and
    values, and take values back. Where nothing is patched (commands, seeds) it is simply called.
    """
    if not eventlet.patcher.is_monkey_patched("thread"):
        return work(*args, **kwargs)
    with _turn:
        result: T = tpool.execute(work, *args, **kwargs)
        return result


def outside(wait: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """``wait(*args, **kwargs)``, which waits for the world by means of its own, as :func:`aside`
    does work; it must have a limit, as nothing ends it from here.

    The library must know nothing of eventlet: locks and loops that are patched wait for ever in a
    native thread.
    """
    if not eventlet.patcher.is_monkey_patched("thread"):
        return wait(*args, **kwargs)
    with _outside:
        result: T = tpool.execute(wait, *args, **kwargs)
        return result
