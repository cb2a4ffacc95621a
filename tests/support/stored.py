"""How much is stored: the rows of every table that people fill, for tests of what must not be."""

import time
from typing import Any

import psycopg2
from sqlalchemy.engine import make_url

from deploy.processes import SERVICES
from tests.support.platform import Platform

STILL = 3.0
"""Seconds without a change after which the demo's past is taken for told and heard."""
TABLES = {
    "identity": (
        "persons",
        "real_names",
        "register_persons",
        "memberships",
        "grants",
        "party_badges",
        "consents",
        "qr_tokens",
        "territory",
    ),
    "feed": ("feed_posts", "feed_comments", "feed_likes"),
    "grid_bridge": ("issues", "self_governance", "ratings", "work_orders"),
}


class Stored:
    """Counts rows, over connections that stay open."""

    def __init__(self, platform: Platform) -> None:
        self._connections: dict[str, Any] = {}
        self._seen: tuple[dict[str, int], int] = {}, -1
        self._since = time.monotonic()
        for service in SERVICES:
            url = make_url(platform.database_url(service))
            self._connections[service] = psycopg2.connect(
                host=url.host,
                port=url.port,
                user=url.username,
                password=url.password,
                dbname=url.database,
            )
            self._connections[service].autocommit = True

    def rows(self) -> dict[str, int]:
        """`{"feed.feed_posts": 31, …}`, as the databases have it now."""
        found: dict[str, int] = {}
        for service, tables in TABLES.items():
            counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
            with self._connections[service].cursor() as cursor:
                cursor.execute(f"SELECT {counts}")
                found |= {
                    f"{service}.{table}": count
                    for table, count in zip(tables, cursor.fetchone(), strict=True)
                }
        return found

    def is_still(self) -> bool:
        """Whether nothing waits to be told, and nothing has changed for a while.

        What the demo's past tells is heard after the system is ready: steps of a problem come to
        its thread as comments.
        """
        seen = self.rows(), self._waiting()
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return seen[1] == 0 and time.monotonic() - self._since >= STILL

    def _waiting(self) -> int:
        count = 0
        for connection in self._connections.values():
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM kit_outbox WHERE published_at IS NULL")
                count += cursor.fetchone()[0]
        return count

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections.values():
            connection.close()
