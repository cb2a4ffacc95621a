"""The private PostgreSQL for a command that needs no more of the system than its databases."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.environment import Plan
from deploy.local.system import Identity, NotReady, accepts_connections, wait_until

START_LIMIT = 90.0  # seconds that a `make up` on its way may need for its database


@contextmanager
def databases(plan: Plan) -> Iterator[None]:
    """The databases for the time of the block: what runs is used, what does not is started.

    A server that was started for it is stopped afterwards; meanwhile no `make up` begins.

    Raises:
        NotReady: another command of this checkout holds the server.
    """
    if not plan.own_databases:
        yield
        return
    launcher = Identity.read(plan.layout.launcher)
    if launcher and launcher.alive:
        wait_until(
            lambda: accepts_connections(plan.layout.ports.postgres),
            limit=START_LIMIT,
            what="PostgreSQL of the running `make up`",
            alive=lambda: launcher.alive,
        )
        yield
        return
    plan.layout.var.mkdir(parents=True, exist_ok=True)
    with (plan.layout.var / "launcher.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotReady("`make up` is just starting or stopping; try again") from None
        with plan.postgres(1) as server:
            plan.ensure_databases(server)
            yield
