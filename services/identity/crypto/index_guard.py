"""No process works with other blind indexes than those that are in the database.

With another index key a service would find nobody, and give everybody who logs in a second
account. So the database keeps the fingerprint of its index keys, each connection of a pool begins
with a look at it, and holds a shared lock as long as it lives: ``rekey --indexes`` takes the same
lock for itself and is refused while anybody is connected.
"""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from services.identity.crypto.vault import Vault
from services.kit import logs

log = logs.get(__name__)

LOCK = 0x1DE9  # of the database: shared by whoever uses its indexes, exclusive to rewrite them
STATE_KEY = "identity.index_keys"


class IndexesDiffer(Exception):
    """The database's blind indexes are being rewritten, or were made with other keys."""


def attach(engine: Engine, vault: Vault) -> None:
    """Let no connection of ``engine`` be used unless the database's indexes are the vault's.

    A database without a fingerprint takes the vault's. A refused connection counts as a database
    that is away: calls are answered 503, and the process says that it is not ready.
    """
    mine = vault.fingerprint(len(vault.index_keys))

    @event.listens_for(engine, "connect")
    def look(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock_shared(%s)", (LOCK,))
            if not cursor.fetchone()[0]:
                raise _refused("the blind indexes are being rewritten")
            cursor.execute(
                "INSERT INTO kit_state (key, value) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING",
                (STATE_KEY, mine),
            )
            cursor.execute("SELECT value FROM kit_state WHERE key = %s", (STATE_KEY,))
            known = cursor.fetchone()[0]
        connection.commit()
        if known != mine:
            raise _refused("the database's blind indexes were made with other index keys")


def _refused(why: str) -> OperationalError:
    log.error("database not used", reason=why)
    return OperationalError("", None, IndexesDiffer(why))
