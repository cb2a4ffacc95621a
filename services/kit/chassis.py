"""What surrounds every entrypoint: who calls, may she, is it well-formed, once, and in one go.

::

    RPC      token → actor → permission → shape → earlier answer? → handler → answer kept → commit
    event    envelope → inbox guard → stale? → handler → outbox → commit → ack
    timer    handler → commit, again while something was due

As a nameko dependency provider it is handed to each worker. Nothing in it may raise outside of an
entrypoint: nameko kills the whole container for an error in a provider (defect F), so engine and
connections are made lazily and its own threads catch what they do.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import eventlet
from nameko.extensions import DependencyProvider
from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.contracts.actor import Actor
from services.contracts.errors import (
    FieldError,
    Forbidden,
    Internal,
    Invalid,
    ShequError,
    Unavailable,
)
from services.contracts.events import Envelope
from services.kit import db, logs, metrics, wire
from services.kit.health import HealthServer
from services.kit.nameko_bridge import Replies, RpcFailure
from services.kit.relay import Relay
from services.kit.settings import ServiceSettings
from services.kit.tokens import TokenVerifier
from services.kit.uow import AlreadyAnswered, UnitOfWork, UnitOfWorkFactory
from services.kit.verdicts import JsonText, Reject

if TYPE_CHECKING:
    from services.kit.service import ReactionSpec, RpcSpec, Service

log = logs.get("services.call")

ASK_SECONDS = 2.0
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)


class Chassis(DependencyProvider):
    """One per process: database, relay, token verification, health."""

    replies = Replies()

    def setup(self) -> None:
        self.settings: ServiceSettings = self.container.config["KIT_SETTINGS"]
        self.service_name: str = self.container.service_name
        self.engine = db.make_engine(
            self.settings.database_url,
            pool=self.container.max_workers,
            statement_timeout_ms=self.settings.statement_timeout_ms,
            application=self.service_name,
        )
        self.units = UnitOfWorkFactory(self.engine, self.service_name)
        self.verifier = TokenVerifier(self.settings.jwks_file)
        self.relay = Relay(self.settings.database_url, self.settings.amqp_url, self.service_name)
        self.health = HealthServer(self, self.settings.health_host, self.settings.health_port)
        self._offset = timedelta(0)
        self._offset_read = 0.0
        self._threads: list[Any] = []

    def start(self) -> None:
        self._threads = [
            eventlet.spawn(self.relay.run),
            eventlet.spawn(self.health.run),
            eventlet.spawn(self._housekeeping),
        ]

    def stop(self) -> None:
        self.relay.stop()
        with eventlet.Timeout(3, False):
            self._threads[0].wait()
        for thread in self._threads:
            thread.kill()
        self.engine.dispose()

    def kill(self) -> None:
        for thread in self._threads:
            thread.kill()

    def get_dependency(self, worker_ctx: Any) -> "WorkerChassis":
        return WorkerChassis(self, worker_ctx.data)

    # -- time -------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Business time: the real clock, moved by the demo's offset."""
        if self.settings.demo and time.monotonic() - self._offset_read > 0.5:
            try:
                with self.engine.connect() as connection:
                    value = connection.scalar(
                        text("SELECT value FROM kit_state WHERE key = 'clock_offset'")
                    )
                self._offset = timedelta(seconds=float(value or 0))
                self._offset_read = time.monotonic()
            except DATABASE_AWAY:
                log.warning("clock offset not read, database away")
        return datetime.now(UTC) + self._offset

    def move_clock(self, uow: UnitOfWork, seconds: float) -> float:
        """Advance the demo's clock for all processes of this service; the offset in seconds."""
        if not self.settings.demo:
            raise Forbidden("the clock moves in the demo only")
        value = uow.session.scalar(
            text(
                "INSERT INTO kit_state (key, value) VALUES ('clock_offset', cast(:s AS text)) "
                "ON CONFLICT (key) DO UPDATE SET "
                "value = (kit_state.value::float8 + excluded.value::float8)::text RETURNING value"
            ),
            {"s": str(seconds)},
        )
        self._offset_read = 0.0
        return float(value or 0)

    # -- what goes on beside the calls --------------------------------------------------------

    def _housekeeping(self) -> None:
        while True:
            eventlet.sleep(5)
            try:
                for provider in self.container.subextensions:
                    replies = getattr(provider, "replies", None)
                    if replies is not None and hasattr(replies, "beat"):
                        replies.beat()
                metrics.observe_process(self)
                self._purge()
            except Exception:
                log.exception("housekeeping failed")

    def _purge(self) -> None:
        """Drop what is too old to matter: told events, handled deliveries, kept answers."""
        if time.monotonic() - getattr(self, "_purged_at", 0.0) < 600:
            return
        self._purged_at = time.monotonic()
        with self.engine.begin() as connection:
            for statement in (
                "DELETE FROM kit_outbox WHERE published_at < now() - interval '7 days'",
                "DELETE FROM kit_inbox WHERE handled_at < now() - interval '30 days'",
                "DELETE FROM kit_answer WHERE created_at < now() - interval '24 hours'",
            ):
                connection.execute(text(statement))


class WorkerChassis:
    """The chassis as one worker sees it: with the headers of the message it works on."""

    def __init__(self, chassis: Chassis, headers: dict[str, Any]) -> None:
        self._chassis = chassis
        self._headers = headers
        self.settings = chassis.settings
        self.engine = chassis.engine
        self.move_clock = chassis.move_clock

    # -- RPC ------------------------------------------------------------------------------------

    def answer(self, service: "Service", spec: "RpcSpec", raw: dict[str, Any]) -> dict[str, Any]:
        """Run an operation; the reply's ``result``. Raises only :class:`RpcFailure`."""
        started = time.perf_counter()
        headers = self._headers
        trace = logs.new_traceparent(str(headers.get(wire.TRACEPARENT, "")))
        request_id = str(headers.get(wire.REQUEST_ID, ""))
        logs.bind(request_id=request_id, trace=trace[3:35], operation=spec.operation.id)
        outcome = "ok"
        try:
            actor = self._actor()
            spec.operation.permit(actor)
            command = validated(spec.command, raw)
            run = partial(self._run, service, spec, command, actor, trace, request_id)
            try:
                return run()
            except (AlreadyAnswered, *DATABASE_AWAY) as error:
                if not isinstance(error, AlreadyAnswered) and not db.connection_was_dead(error):
                    raise
                # A worker that had the same message was quicker, or the connection died and
                # nobody knows whether the commit arrived: look for a stored answer first.
                self._headers["redelivered"] = True
                return run()
        except ShequError as error:
            outcome = error.code
            if error.status >= 500:
                log.warning("call failed", code=error.code, detail=error.detail)
            raise RpcFailure(error.to_wire()) from None
        except DATABASE_AWAY as error:
            outcome = "database_away"
            log.error("database away", error=type(error).__name__)
            raise RpcFailure(Unavailable(retry_after=2).to_wire()) from None
        except Exception:
            outcome = "error"
            log.exception("call crashed")
            raise RpcFailure(Internal().to_wire()) from None
        finally:
            metrics.RPC_SECONDS.labels(spec.operation.id).observe(time.perf_counter() - started)
            metrics.RPC_OUTCOMES.labels(spec.operation.id, outcome).inc()

    def _run(
        self,
        service: "Service",
        spec: "RpcSpec",
        command: BaseModel,
        actor: Actor | None,
        trace: str,
        request_id: str,
    ) -> dict[str, Any]:
        from services.kit.service import Call

        operation = spec.operation
        now = self._chassis.now()
        with self._chassis.units(
            ask=partial(self._ask, trace),
            read_only=not (operation.write or operation.audited),
            traceparent=trace,
            now=now,
        ) as uow:
            language = str(self._headers.get(wire.LANGUAGE) or "zh-CN")
            call = Call(uow, now, self.settings, actor, None, request_id, language)
            if not operation.write:
                body = _json_body(spec.fn(service, call, command))
                uow.commit()  # an audited read has written that it was read
                if operation.audited:
                    uow.commit()
                return {**body, "xmin": uow.snapshot_xmin()} if operation.cacheable else body
            key, body_hash, client_key = self._answer_key()
            # The answers of public operations (they may hold tokens) are never kept.
            who = actor.person_id if actor and operation.who.login else ""
            if who and (client_key or self._headers.get("redelivered")):
                earlier = uow.earlier_answer(
                    who, key, operation.id, body_hash, wait=bool(client_key)
                )
                if earlier:
                    return {"json": earlier.json, "xid": earlier.xid, "replayed": True}
            body = _json_body(spec.fn(service, call, command))
            if who:
                kept = body.get("json") or json.dumps(body["data"], ensure_ascii=False)
                uow.remember_answer(who, key, operation.id, body_hash, kept)
            uow.commit()
            return {**body, "xid": uow.xid}

    def _actor(self) -> Actor | None:
        token = self._headers.get(wire.TOKEN)
        return self._chassis.verifier.verify(str(token)) if token else None

    def _answer_key(self) -> tuple[str, str, bool]:
        """The key of this request: the client's, or the call's own for a redelivered message."""
        client = str(self._headers.get(wire.IDEMPOTENCY_KEY) or "")
        if client:
            return f"k:{client}", str(self._headers.get(wire.BODY_HASH) or ""), True
        return f"c:{self._headers.get('correlation_id', '')}", "", False

    def _ask(self, trace: str, service: str, method: str, **kwargs: Any) -> Any:
        headers = {
            wire.TOKEN: self._headers.get(wire.TOKEN),
            wire.REQUEST_ID: self._headers.get(wire.REQUEST_ID),
            wire.TRACEPARENT: trace,
        }
        reply = self._chassis.replies.ask(service, method, kwargs, headers, ASK_SECONDS)
        return json.loads(reply["json"]) if "json" in reply else reply["data"]

    # -- events ---------------------------------------------------------------------------------

    def react(
        self,
        service: "Service",
        spec: "ReactionSpec",
        body: Any,
        headers: dict[str, Any],
        ids: dict[str, Any],
    ) -> None:
        """Handle one delivery; returning means ack, raising means what ``@on`` says."""
        started = time.perf_counter()
        outcome = "retry"
        try:
            envelope = self._envelope(body, headers, ids)
            trace = logs.new_traceparent(envelope.traceparent)
            logs.bind(trace=trace[3:35], event_id=envelope.event_id, queue=spec.queue)
            try:
                outcome = self._handle(service, spec, envelope, trace)
            except DATABASE_AWAY as error:
                if not db.connection_was_dead(error):
                    raise
                outcome = self._handle(service, spec, envelope, trace)
        except Reject as error:
            outcome = "reject"
            log.error("event rejected", queue=spec.queue, reason=str(error)[:200])
            raise
        except Exception as error:
            log.warning(
                "event will be retried",
                queue=spec.queue,
                error=type(error).__name__,
                detail=str(error)[:200],
                attempt=int(headers.get(wire.ATTEMPT) or 0) + 1,
            )
            raise
        finally:
            metrics.EVENT_SECONDS.labels(spec.queue).observe(time.perf_counter() - started)
            metrics.EVENT_OUTCOMES.labels(spec.queue, outcome).inc()

    def _handle(
        self, service: "Service", spec: "ReactionSpec", envelope: Envelope, trace: str
    ) -> str:
        from services.kit.service import Call

        now = self._chassis.now()
        with self._chassis.units(traceparent=trace, now=now) as uow:
            if not uow.take_delivery(spec.queue, envelope.event_id):
                return "duplicate"
            if spec.latest and not uow.is_newest(
                spec.queue, envelope.subject, envelope.subject_version
            ):
                uow.commit()
                return "stale"
            spec.fn(service, Call(uow, now, self.settings, None, envelope), envelope.event)
            uow.commit()
            return "ok"

    def _envelope(self, body: Any, headers: dict[str, Any], ids: dict[str, Any]) -> Envelope:
        try:
            return wire.read_envelope(
                body,
                headers,
                message_id=str(ids.get("message_id") or ""),
                event_type=str(ids.get("type") or ""),
            )
        except ValidationError as error:
            fields = ", ".join(str(e["loc"]) for e in error.errors()[:5])
            raise Reject(f"the body does not fit its type: {fields}") from None
        except ValueError as error:
            raise Reject(str(error)) from None

    # -- timers ---------------------------------------------------------------------------------

    def tick(self, service: "Service", fn: Callable[..., Any]) -> None:
        """Run a timer's handler, a transaction each, until nothing is due (at most 100 times)."""
        from services.kit.service import Call

        logs.bind(timer=fn.__name__)
        for _ in range(100):
            try:
                now = self._chassis.now()
                with self._chassis.units(traceparent=logs.new_traceparent(), now=now) as uow:
                    call = Call(uow, now, self.settings)
                    handled = fn(service, call)
                    uow.commit()
            except DATABASE_AWAY:
                log.warning("timer skipped, database away", timer=fn.__name__)
                return
            if not handled:
                return


def validated(model: type[BaseModel], raw: Any) -> Any:
    """``raw`` as ``model``, or :class:`Invalid` with the fields at fault (defect K)."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise Invalid(errors=field_errors(error)) from None


def field_errors(error: ValidationError) -> list[FieldError]:
    """The fields that pydantic found at fault, as dotted paths."""
    return [
        FieldError(".".join(str(part) for part in e["loc"]) or "body", e["msg"])
        for e in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _json_body(result: Any) -> dict[str, Any]:
    if isinstance(result, JsonText):
        return {"json": str(result)}
    if isinstance(result, BaseModel):
        return {"json": result.model_dump_json()}
    return {"data": result}
