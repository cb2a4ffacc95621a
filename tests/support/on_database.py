"""What a service's database holds, and what its outbox is going to tell."""

from typing import Any, TypeVar

from sqlalchemy import Engine, text

from services.contracts.events import Event
from services.kit.uow import UnitOfWorkFactory

E = TypeVar("E", bound=Event)

_EMPTY = text(
    """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL session_replication_role = replica;  -- whatever refers to what
        FOR name IN SELECT quote_ident(tablename) FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'kit_alembic'
        LOOP
            EXECUTE 'DELETE FROM ' || name;
        END LOOP;
        FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences
            WHERE schemaname = 'public'
        LOOP
            EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART';
        END LOOP;
    END $$
    """
)


def empty(units: UnitOfWorkFactory) -> None:
    """Make a used database as good as a new one: 4 ms, where TRUNCATE of 30 tables takes 31."""
    with units() as uow:
        uow.session.execute(_EMPTY)
        uow.commit()


class OnDatabase:
    """Whatever a test acts by, on a service's database that it looks into."""

    engine: Engine

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """The rows of a query."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def told(self, *types: type[E]) -> list[E]:
        """The events of these types that the outbox holds, in order."""
        wanted = {kind.TYPE: kind for kind in types}
        rows = self.rows(
            "SELECT type, body FROM kit_outbox WHERE type = ANY(:types) ORDER BY id",
            types=list(wanted),
        )
        return [wanted[kind].model_validate_json(body) for kind, body in rows]
