"""The unit of work: state, events and the answer's memory in one transaction.

::

    with units() as uow:
        uow.session.add(Post(...))
        uow.emit(PostPublished(...))
        uow.commit()          # without this word everything is rolled back

Nothing is published here. ``emit`` puts a row into the outbox of the same transaction; the relay
publishes it afterwards, as often as it takes. So there is no moment at which the state is kept
and its event lost, or the event out and the state rolled back.

Order holds per subject: before an event gets its outbox id, the row of its subject in
``kit_subject`` is locked until the commit, so outbox id, commit order and ``subject_version``
agree. Subjects are locked in sorted order, so that two writers cannot wait for each other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from services.contracts.errors import Unavailable
from services.contracts.events import Event
from services.contracts.ids import new_id
from services.kit import logs
from services.kit.prepared import prepared

log = logs.get(__name__)

Ask = Callable[..., Any]


def nobody_to_ask(service: str, method: str, **_kwargs: Any) -> Any:
    """Without a broker at hand (tests, seeds) there is nobody to ask."""
    raise Unavailable(f"{service}.{method} cannot be asked here")


def wake_relay(engine: Engine) -> None:
    """Tell the service's active relay, in whichever process it is, that an event was committed.

    Not in the transaction of the event: a commit with a NOTIFY makes all others of the server
    wait until it is durable (measured with eight writers: 750 commits a second instead of 2,400).
    It may get lost; the relay also looks by itself every few seconds.
    """
    try:
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("SELECT pg_notify('kit_outbox', '')"))
    except SQLAlchemyError:
        log.debug("relay not woken")


_LOCK_SUBJECTS = prepared(
    """
    INSERT INTO kit_subject (source, subject, version)
    SELECT source, subject, count FROM unnest(
        cast(:sources AS text[]), cast(:subjects AS text[]), cast(:counts AS integer[])
    ) AS wanted (source, subject, count)
    ORDER BY subject, source
    ON CONFLICT (subject, source) DO UPDATE
        SET version = kit_subject.version + excluded.version
    RETURNING source, subject, version
    """
)
_NUMBER = prepared(
    "SELECT pg_current_xact_id_if_assigned()::text AS xid, "
    "(SELECT value::bigint FROM kit_state WHERE key = 'epoch') AS epoch"
)
_INSERT_EVENTS = prepared(
    """
    INSERT INTO kit_outbox (event_id, exchange, routing_key, type, source, subject,
                            subject_version, body, traceparent, occurred_at)
    SELECT * FROM unnest(
        cast(:ids AS text[]), cast(:exchanges AS text[]), cast(:keys AS text[]),
        cast(:types AS text[]), cast(:sources AS text[]), cast(:subjects AS text[]),
        cast(:versions AS integer[]), cast(:bodies AS text[]), cast(:traces AS text[]),
        cast(:times AS timestamptz[])
    )
    """
)


class UnitOfWork:
    """One transaction of one service, and what handlers may do inside it.

    Args:
        now: the business time that emitted events carry; default: the real clock's.

    Attributes:
        session: the SQLAlchemy session; its transaction begins with the first statement.
        xid: after a commit that wrote: the transaction's number (``pg_current_xact_id``).
        epoch: after a commit that wrote: which life of the database counted it.
    """

    def __init__(
        self,
        engine: Engine,
        source: str,
        *,
        ask: Ask = nobody_to_ask,
        read_only: bool = False,
        traceparent: str = "",
        now: datetime | None = None,
        wake: Callable[[], None] | None = None,
    ) -> None:
        self._engine = engine
        self._source = source
        self._now = now
        self._ask = ask
        self._read_only = read_only
        self._traceparent = traceparent
        self._wake = wake or partial(wake_relay, engine)
        self._emitted: list[tuple[Event, datetime]] = []
        self._wrote_events = False
        self._session: Session | None = None
        self.xid = 0
        self.epoch = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rollback()

    @property
    def session(self) -> Session:
        """The session, opened on first use."""
        if self._session is None:
            if self._read_only:
                connection = self._engine.connect().execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                self._session = Session(bind=connection, autoflush=False)
            else:
                self._session = Session(bind=self._engine, expire_on_commit=False)
        return self._session

    @property
    def read_only(self) -> bool:
        """Whether nothing may be written here."""
        return self._read_only

    def emit(self, event: Event) -> None:
        """Tell the others, if and when this transaction commits."""
        if self._read_only:
            raise RuntimeError(f"a read may not emit {event.TYPE}")
        self._emitted.append((event, self._now or datetime.now(UTC)))

    def ask(self, service: str, method: str, **kwargs: Any) -> Any:
        """Ask another service in the actor's name and wait for its answer (at most 2 s)."""
        return self._ask(service, method, **kwargs)

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part that may fail alone: its rows and its events are undone together."""
        before = len(self._emitted)
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            del self._emitted[before:]
            raise

    def _write_events(self) -> None:
        """Put what was emitted into the outbox, at once: so its subjects are locked in order."""
        if not self._emitted:
            return
        emitted, self._emitted = self._emitted, []
        counts: dict[tuple[str, str], int] = {}
        for event, _ in emitted:
            key = (event.SOURCE, event.subject)
            counts[key] = counts.get(key, 0) + 1
        rows = self.session.execute(
            _LOCK_SUBJECTS,
            {
                "sources": [source for source, _ in counts],
                "subjects": [subject for _, subject in counts],
                "counts": list(counts.values()),
            },
        )
        next_version = {(s, subj): version - counts[s, subj] for s, subj, version in rows}
        versions = []
        for event, _ in emitted:
            key = (event.SOURCE, event.subject)
            next_version[key] += 1
            versions.append(next_version[key])
        self.session.execute(
            _INSERT_EVENTS,
            {
                "ids": [new_id() for _ in emitted],
                "exchanges": [event.EXCHANGE for event, _ in emitted],
                "keys": [event.routing_key for event, _ in emitted],
                "types": [event.TYPE for event, _ in emitted],
                "sources": [event.SOURCE for event, _ in emitted],
                "subjects": [event.subject for event, _ in emitted],
                "versions": versions,
                "bodies": [event.model_dump_json() for event, _ in emitted],
                "traces": [self._traceparent for _ in emitted],
                "times": [at for _, at in emitted],
            },
        )
        self._wrote_events = True

    def commit(self) -> None:
        """Make it so."""
        if self._session is None and not self._emitted:
            return
        session = self.session
        session.flush()
        self._write_events()
        if not self._read_only:
            row = session.execute(_NUMBER).one()
            self.xid, self.epoch = int(row.xid or 0), row.epoch or 0
        session.commit()
        if self._wrote_events:
            self._wrote_events = False
            self._wake()

    def rollback(self) -> None:
        """Undo whatever was not committed and give the connection back."""
        self._emitted.clear()
        self._wrote_events = False
        if self._session is not None:
            session, self._session = self._session, None
            bind = session.get_bind() if self._read_only else None
            session.close()
            if bind is not None:
                bind.close()  # type: ignore[union-attr]


class UnitOfWorkFactory:
    """Makes units of work for one service; ``source`` is the service's name."""

    def __init__(
        self, engine: Engine, source: str, *, wake: Callable[[], None] | None = None
    ) -> None:
        self.engine = engine
        self.source = source
        self.wake = wake

    def __call__(
        self,
        *,
        ask: Ask = nobody_to_ask,
        read_only: bool = False,
        traceparent: str = "",
        now: datetime | None = None,
    ) -> UnitOfWork:
        return UnitOfWork(
            self.engine,
            self.source,
            ask=ask,
            read_only=read_only,
            traceparent=traceparent,
            now=now,
            wake=self.wake,
        )
