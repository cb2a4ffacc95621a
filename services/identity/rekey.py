"""``python -m services.identity.rekey``: seal everything anew with the active data key.

::

    add a key ─▶ make it active ─▶ rekey, while identity runs ─▶ 0 left ─▶ take the old key out

Rows go in short transactions of some hundred, locked; one that a call holds just now is skipped
and looked at again. What is done stays done: the command can be stopped and started again at any
time. A new envelope is opened once before it takes the old one's place. It ends by saying how many
envelopes there are of which key, with 1 while any is not of the active one.

``--indexes`` lays the newest index key over every blind index, in one transaction and with
identity stopped: with half of the indexes rewritten a phone would be found in one half alone, and
somebody would get a second account. The lock of :mod:`services.identity.crypto.index_guard` sees
to it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as Grid
from sqlalchemy import Column, Connection, Engine, column, delete, func, select, table, text, update
from sqlalchemy import values as rows_of

from services.identity.crypto import BrokenSeal, Vault, vault
from services.identity.crypto.index_guard import LOCK, STATE_KEY
from services.identity.models import LoginCode
from services.identity.models.sealed import SealedColumn, index_columns, sealed_columns
from services.identity.settings import Settings
from services.kit import db

BATCH = 300
INDEX_BATCH = 5_000
PATIENCE = 5.0

_LAID_OVER = table("laid_over", column("old"), column("new"))

Say = Callable[[str], None]


class CannotRewrite(Exception):
    """The blind indexes cannot be rewritten now; the words say why."""


@dataclass(frozen=True, slots=True)
class Envelopes:
    """So many envelopes of one algorithm and key in one column."""

    column: str
    algorithm: str
    key_id: str
    count: int

    @property
    def prefix(self) -> str:
        """How they begin."""
        return f"{self.algorithm}.{self.key_id}."


# -- envelopes -------------------------------------------------------------------------------------


def reseal(engine: Engine, keys: Vault, say: Say) -> list[Envelopes]:
    """Seal every envelope of another key anew; the census afterwards.

    Goes through the columns until a round finds nothing more that it can open and get hold of.
    """
    columns = sealed_columns()
    while sum([_round(engine, keys, each, say) for each in columns]):
        pass
    return census(engine)


def census(engine: Engine) -> list[Envelopes]:
    """How many envelopes there are, by column, algorithm and key."""
    found = []
    with engine.connect() as connection:
        for each in sealed_columns():
            algorithm, key_id = (func.split_part(each.column, ".", n) for n in (1, 2))
            query = (
                select(algorithm, key_id, func.count())
                .where(each.column.is_not(None))
                .group_by(text("1"), text("2"))
                .order_by(text("1"), text("2"))
            )
            found += [Envelopes(each.name, *row) for row in connection.execute(query).all()]
    return found


def _round(engine: Engine, keys: Vault, each: SealedColumn, say: Say) -> int:
    """Once through a column; how many envelopes were sealed anew."""
    done = broken = 0
    last = ""
    while True:
        with engine.begin() as connection:
            rows = connection.execute(_batch(each, keys, last)).all()
            if not rows:
                break
            fresh = _sealed_anew(each, keys, rows)
            done += _put(connection, each, fresh) if fresh else 0
        broken += len(rows) - len(fresh)
        last = rows[-1][0]
        say(f"{each.name}: {done:,} sealed anew")
    if broken:
        say(f"{each.name}: {broken:,} cannot be opened")
    return done


def _batch(each: SealedColumn, keys: Vault, last: str) -> Any:
    """The next rows of another key that nobody holds: their keys and envelopes."""
    return (
        select(each.key, each.column)
        .where(each.key > last, ~each.column.startswith(keys.sealed_with, autoescape=True))
        .order_by(each.key)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )


def _sealed_anew(each: SealedColumn, keys: Vault, rows: Sequence[Any]) -> list[tuple[str, str]]:
    """Key and new envelope of those that can be opened, and again when sealed anew.

    Raises:
        BrokenSeal: a new envelope does not open: the batch is not written, for the old ones are
            the only way back to what is in them.
    """
    fresh = []
    for key, envelope in rows:
        try:
            clear = keys.open(envelope, purpose=each.purpose, owner=key)
        except BrokenSeal:
            continue
        anew = keys.seal(clear, purpose=each.purpose, owner=key)
        if keys.open(anew, purpose=each.purpose, owner=key) != clear:
            raise BrokenSeal(f"what was sealed anew for {each.name} does not open")
        fresh.append((key, anew))
    return fresh


def _put(connection: Connection, each: SealedColumn, fresh: list[tuple[str, str]]) -> int:
    kind = each.column.type
    new = rows_of(column("key", kind), column("envelope", kind), name="anew").data(fresh)
    return connection.execute(
        update(each.table).where(each.key == new.c.key).values({each.column: new.c.envelope})
    ).rowcount


# -- blind indexes ---------------------------------------------------------------------------------


def reindex(engine: Engine, keys: Vault, say: Say, *, patience: float = PATIENCE) -> int:
    """Bring every blind index through the index keys that it has not gone through; how many.

    Codes that are on their way by text message are dropped: who waits for one asks again.

    Args:
        patience: seconds for the connections of a process that has just ended to be gone.

    Raises:
        CannotRewrite: identity runs, or the indexes were made with keys that the file does not
            have, in this order, before its newest.
    """
    with engine.begin() as connection:
        _lock(connection, patience)
        known = _keys_gone_through(connection, keys)
        total = len(keys.index_keys)
        if known == total:
            return 0
        connection.execute(delete(LoginCode))
        done = sum([_lay_over(connection, keys, known, each, say) for each in index_columns()])
        connection.execute(
            text("UPDATE kit_state SET value = :mine WHERE key = :key"),
            {"mine": keys.fingerprint(total), "key": STATE_KEY},
        )
    return done


def _lock(connection: Connection, patience: float) -> None:
    """Tried again and again, not waited for: in a queue it would hold up whoever still runs."""
    deadline = time.monotonic() + patience
    while not connection.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        if time.monotonic() > deadline:
            raise CannotRewrite("identity, or a command of it, is connected: stop it first")
        time.sleep(0.1)


def _keys_gone_through(connection: Connection, keys: Vault) -> int:
    state = text("SELECT value FROM kit_state WHERE key = :key FOR UPDATE")
    fingerprint = connection.scalar(state, {"key": STATE_KEY})
    if fingerprint is None:
        raise CannotRewrite("the database does not say with which keys its indexes were made")
    for count in range(1, len(keys.index_keys) + 1):
        if keys.fingerprint(count) == fingerprint:
            return count
    raise CannotRewrite(
        "the database's indexes were made with a key that is not among the file's "
        "earlier_index_keys, or stands elsewhere in their order"
    )


def _lay_over(connection: Connection, keys: Vault, known: int, each: Column[Any], say: Say) -> int:
    """One column, by way of a table of old and new values: its keys may be indexes themselves."""
    connection.execute(text("CREATE TEMP TABLE laid_over (old text, new text) ON COMMIT DROP"))
    query = select(each).where(each.is_not(None)).distinct()
    query = query.execution_options(yield_per=INDEX_BATCH)
    into = text(
        "INSERT INTO laid_over SELECT * FROM unnest(cast(:old AS text[]), cast(:new AS text[]))"
    )
    with connection.execute(query) as found:
        for part in found.scalars().partitions():
            new = [keys.index_after(known, index) for index in part]
            connection.execute(into, {"old": list(part), "new": new})
    connection.execute(text("ANALYZE laid_over"))
    done = connection.execute(
        update(each.table).where(each == _LAID_OVER.c.old).values({each: _LAID_OVER.c.new})
    ).rowcount
    connection.execute(text("DROP TABLE laid_over"))
    say(f"{each}: {done:,} rewritten")
    return done


# -- the command -----------------------------------------------------------------------------------


def main(
    indexes: Annotated[
        bool, typer.Option("--indexes", help="rewrite the blind indexes; identity must be stopped")
    ] = False,
) -> None:
    """Seal everything anew with the active data key."""
    settings = Settings()
    keys = vault(settings.data_keys_file)
    # a table of a whole district is rewritten in one statement
    engine = db.make_engine(
        settings.database_url, pool=1, statement_timeout_ms=0, application="identity-rekey"
    )
    console = Console(highlight=False)
    try:
        if indexes:
            console.print(f"{reindex(engine, keys, console.print):,} indexes rewritten")
            return
        left = reseal(engine, keys, console.print)
    except CannotRewrite as error:
        console.print(f"nothing was done: {error}")
        raise typer.Exit(2) from None
    except BrokenSeal as error:
        console.print(f"stopped, what was done stays done: {error}")
        raise typer.Exit(2) from None
    finally:
        engine.dispose()
    shown = Grid("column", "algorithm", "key", "envelopes")
    for row in left:
        shown.add_row(row.column, row.algorithm, row.key_id, f"{row.count:,}")
    console.print(shown)
    others = sum(row.count for row in left if row.prefix != keys.sealed_with)
    console.print(f"{others:,} envelopes are not of the active key {keys.active}")
    raise typer.Exit(1 if others else 0)


if __name__ == "__main__":
    typer.run(main)
