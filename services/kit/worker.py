"""What surrounds every entrypoint: who calls, may she, is it well-formed, once, and in one go.

::

    RPC      token → actor → permission → shape → earlier answer? → handler → answer kept → commit
    event    envelope → inbox guard → stale? → handler → outbox → commit → ack
    timer    handler → commit, again while something was due

A transaction whose connection turns out dead, or that lost a deadlock, is run once more: whether
its commit arrived is known from the answer or the delivery that it keeps with its effect.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.contracts.actor import Actor
from services.contracts.errors import (
    FieldError,
    Internal,
    Invalid,
    ShequError,
    TimedOut,
    Unavailable,
)
from services.contracts.events import Envelope
from services.kit import db, kept, logs, metrics, wire
from services.kit.call import Call, ReactionSpec, RpcSpec
from services.kit.nameko_bridge import RpcFailure
from services.kit.surnames import shown
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText, Reject, SharedText

if TYPE_CHECKING:
    from services.kit.chassis import Chassis
    from services.kit.service import Process

T = TypeVar("T")
log = logs.get("services.call")

ASK_SECONDS = 2.0
MOST_TICKS = 100


class Worker:
    """Runs one entrypoint; ``headers`` are the context of the message it works on."""

    def __init__(self, chassis: "Chassis", headers: dict[str, Any]) -> None:
        self.chassis = chassis
        self._headers = headers
        self.settings = chassis.settings
        self.engine = chassis.engine
        self.verifier = chassis.verifier
        self.move_clock = chassis.move_clock

    # -- RPC ------------------------------------------------------------------------------------

    @property
    def brings_several(self) -> bool:
        """Whether the message holds several calls (:mod:`services.kit.together`)."""
        return bool(self._headers.get(wire.TOGETHER))

    def answer(self, service: "Process", spec: RpcSpec, raw: dict[str, Any]) -> dict[str, Any]:
        """Run an operation; the reply's ``result``. Raises only :class:`RpcFailure`."""
        started = time.perf_counter()
        operation = spec.operation.id
        trace = logs.new_traceparent(str(self._headers.get(wire.TRACEPARENT, "")))
        request_id = str(self._headers.get(wire.REQUEST_ID, ""))
        logs.bind(request_id=request_id, trace=trace[3:35], operation=operation)
        outcome = "ok"
        try:
            actor = self._actor()
            spec.operation.permit(actor)
            command = validated(spec.operation.command, raw)
            answer = self._run(partial(self._operate, service, spec, command, actor, trace))
            if actor is not None and actor.is_observer:
                self.chassis.watching.note(actor, spec.operation, command, self.chassis.now())
                answer = shown(answer, actor, spec.operation)
            return answer
        except ShequError as error:
            outcome = error.code
            if error.status >= 500:
                log.warning("call failed", code=error.code, detail=error.detail)
            raise RpcFailure(error.to_wire()) from None
        except Exception as error:
            outcome, failure = self._fault(error)
            raise failure from None
        finally:
            metrics.RPC_SECONDS.labels(operation).observe(time.perf_counter() - started)
            metrics.RPC_OUTCOMES.labels(operation, outcome).inc()

    def _fault(self, error: Exception) -> tuple[str, Exception]:
        """What a fault is counted as, and what the caller gets to know of it."""
        if isinstance(error, db.AWAY):
            log.error("database away", error=type(error).__name__, sqlstate=db.sqlstate(error))
            return "database_away", RpcFailure(Unavailable(retry_after=2).to_wire())
        log.exception("call crashed")
        return "error", RpcFailure(Internal().to_wire())

    def _operate(
        self,
        service: "Process",
        spec: RpcSpec,
        command: BaseModel,
        actor: Actor | None,
        trace: str,
    ) -> dict[str, Any]:
        """An operation in a transaction of its own."""
        operation = spec.operation
        now = self.chassis.now()
        with self.chassis.units(
            ask=partial(self._ask, trace),
            read_only=not (operation.write or operation.audited),
            traceparent=trace,
            now=now,
        ) as uow:
            handle = partial(spec.fn, service, self._call(uow, actor, now), command)
            if operation.write:
                # Secret answers, and those of public operations (tokens), are never kept.
                kept_for = actor and operation.who.login and not operation.secret
                who = _whose(actor) if actor and kept_for else ""
                return self._write_once(uow, who, operation.id, handle)
            body = json_body(handle())
            if operation.cacheable:
                # of the very snapshot that showed the rows
                body |= kept.snapshot(uow.session)
            if operation.audited:
                uow.commit()  # that it was read is written down
            return body

    def _call(self, uow: UnitOfWork, actor: Actor | None, now: datetime) -> Call:
        return Call(
            uow,
            now,
            self.settings,
            actor,
            request_id=str(self._headers.get(wire.REQUEST_ID, "")),
            language=str(self._headers.get(wire.LANGUAGE) or "zh-CN"),
        )

    def _write_once(
        self, uow: UnitOfWork, who: str, operation: str, handle: Callable[[], Any]
    ) -> dict[str, Any]:
        """Do it, or give the answer of the first time."""
        key, body_hash, from_client = self._request_key(who)
        if from_client or self._headers.get(wire.REDELIVERED):
            earlier = kept.earlier_answer(
                uow.session, who, key, operation, body_hash, wait=from_client
            )
            if earlier and not who:
                raise TimedOut("done already; its answer was not kept")
            if earlier:
                return {
                    "json": earlier.json,
                    "xid": earlier.xid,
                    "epoch": kept.snapshot(uow.session)["epoch"],
                    "replayed": True,
                }
        body = json_body(handle())
        said = body["json"] if "json" in body else json.dumps(body["data"], ensure_ascii=False)
        kept.remember_answer(uow.session, who, key, operation, body_hash, said if who else "")
        uow.commit()
        return {**body, "xid": uow.xid, "epoch": uow.epoch}

    def _request_key(self, who: str) -> tuple[str, str, bool]:
        """Key and body hash of this request, and whether they are the client's.

        Without a key of the client's (or a person whose key it is) the request is known by the
        call's own id: the broker may deliver it twice.
        """
        client = str(self._headers.get(wire.IDEMPOTENCY_KEY) or "")
        if client and who:
            return f"k:{client}", str(self._headers.get(wire.BODY_HASH) or ""), True
        return f"c:{self._headers.get(wire.CORRELATION_ID, '')}", "", False

    def _actor(self) -> Actor | None:
        token = self._headers.get(wire.TOKEN)
        return self.chassis.verifier.verify(str(token)) if token else None

    def _ask(self, trace: str, service: str, method: str, **kwargs: Any) -> Any:
        headers = {
            wire.TOKEN: self._headers.get(wire.TOKEN),
            wire.REQUEST_ID: self._headers.get(wire.REQUEST_ID),
            wire.TRACEPARENT: trace,
        }
        reply = self.chassis.replies.ask(service, method, kwargs, headers, ASK_SECONDS)
        return json.loads(reply["json"]) if "json" in reply else reply["data"]

    # -- events ---------------------------------------------------------------------------------

    def react(
        self,
        service: "Process",
        spec: ReactionSpec,
        body: Any,
        headers: dict[str, Any],
        ids: dict[str, Any],
    ) -> None:
        """Handle one delivery; returning means ack, raising means what ``@on`` says."""
        started = time.perf_counter()
        outcome = "retry"
        try:
            envelope = _envelope(spec, body, headers, ids)
            trace = logs.new_traceparent(envelope.traceparent)
            logs.bind(trace=trace[3:35], event_id=envelope.event_id, queue=spec.queue)
            outcome = self._run(partial(self._handle, service, spec, envelope, trace))
        except Reject as error:
            outcome = "reject"
            log.error("event rejected", queue=spec.queue, reason=logs.first_line(error))
            raise
        except Exception as error:
            log.warning(
                "event will be retried",
                queue=spec.queue,
                error=type(error).__name__,
                detail=logs.first_line(error),
                attempt=wire.attempt_of(headers) + 1,
            )
            raise
        finally:
            metrics.EVENT_SECONDS.labels(spec.queue).observe(time.perf_counter() - started)
            metrics.EVENT_OUTCOMES.labels(spec.queue, outcome).inc()

    def _handle(
        self, service: "Process", spec: ReactionSpec, envelope: Envelope, trace: str
    ) -> str:
        now = self.chassis.now()
        with self.chassis.units(traceparent=trace, now=now) as uow:
            if not kept.take_delivery(uow.session, spec.queue, envelope.event_id):
                return "duplicate"
            if spec.latest and not kept.is_newest(
                uow.session, spec.queue, envelope.subject, envelope.epoch, envelope.subject_version
            ):
                uow.commit()
                return "stale"
            spec.fn(service, Call(uow, now, self.settings, None, envelope), envelope.event)
            uow.commit()
            return "ok"

    # -- timers ---------------------------------------------------------------------------------

    def tick(self, service: "Process", fn: Callable[..., Any]) -> None:
        """Run a timer's handler, a transaction each, until nothing is due (at most 100 times)."""
        logs.bind(timer=fn.__name__)
        for _ in range(MOST_TICKS):
            try:
                now, trace = self.chassis.now(), logs.new_traceparent()
                with self.chassis.units(
                    ask=partial(self._ask, trace), traceparent=trace, now=now
                ) as uow:
                    handled = fn(service, Call(uow, now, self.settings))
                    uow.commit()
            except db.AWAY as error:
                log.warning("timer skipped, database away", sqlstate=db.sqlstate(error))
                return
            if not handled:
                return

    # -- both -----------------------------------------------------------------------------------

    def _run(self, transaction: Callable[[], T]) -> T:
        """Run a transaction, and once more where that may help."""
        try:
            return transaction()
        except (kept.AlreadyAnswered, *db.AWAY) as error:
            if not isinstance(error, kept.AlreadyAnswered) and not db.worth_repeating(error):
                raise
            # Somebody with the same message was quicker, or the connection died and nobody
            # knows whether the commit arrived: look for what was kept of the first time.
            self._headers[wire.REDELIVERED] = True
            return transaction()


def _envelope(
    spec: ReactionSpec, body: Any, headers: dict[str, Any], ids: dict[str, Any]
) -> Envelope:
    try:
        envelope = wire.read_envelope(
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
    if type(envelope.event) not in spec.events:
        raise Reject(f"{envelope.type} does not belong into {spec.queue}")
    return envelope


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


def _whose(actor: Actor) -> str:
    """Whose answers these are: a helper's keys are neither hers nor those of the person helped."""
    return f"{actor.acted_by}>{actor.person_id}" if actor.acted_by else actor.person_id


def json_body(result: Any) -> dict[str, Any]:
    """What an entrypoint returned, as a reply carries it."""
    if isinstance(result, SharedText):
        return {"json": str(result), "shared": asdict(result.shared)}
    if isinstance(result, JsonText):
        return {"json": str(result)}
    if isinstance(result, BaseModel):
        return {"json": result.model_dump_json()}
    return {"data": result}
