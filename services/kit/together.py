"""Reads of one operation that came as one message: answered in one snapshot, each for itself.

What has to be asked once a transaction is asked once for all of them; token, permission, shape,
answer and error are each caller's own. Whatever goes beyond that (a question to another service, a
fault, a database that is away) is *apart*: the gateway asks it once more, by itself, and it gets
what it would have got in the first place.
"""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from services.contracts.actor import Actor
from services.contracts.errors import Invalid
from services.kit import kept, logs
from services.kit.call import RpcSpec
from services.kit.nameko_bridge import RpcFailure
from services.kit.uow import UnitOfWork
from services.kit.worker import Worker, json_body

if TYPE_CHECKING:
    from services.kit.chassis import Chassis
    from services.kit.service import Process

log = logs.get(__name__)

MOST = 100  # calls of a message; the gateway sends fewer
APART: dict[str, Any] = {}


class Apart(Exception):
    """This call cannot be answered among others."""


def _apart(*_asked: Any, **_kwargs: Any) -> Any:
    """Who asks another service keeps nobody else waiting for it."""
    raise Apart()


def answer_together(
    first: Worker, service: "Process", spec: RpcSpec, raw: dict[str, Any]
) -> dict[str, Any]:
    """The answers to the ``calls`` of a message, in their order.

    Args:
        first: the worker of the message.

    Raises:
        RpcFailure: the message is no such thing, or its operation does more than read.
    """
    calls, operation = raw.get("calls"), spec.operation
    reads = operation.cacheable and not operation.write and not operation.audited
    if not reads or not isinstance(calls, list) or len(calls) > MOST:
        raise RpcFailure(Invalid("these are no calls that go together").to_wire())
    try:
        with first.chassis.units(ask=_apart, read_only=True) as uow:
            common = _Common(uow)
            answers = [common.answer(first.chassis, service, spec, call) for call in calls]
    except Exception:
        log.exception("calls cannot be answered together")
        answers = [APART] * len(calls)
    return {"answers": answers}


class _Common:
    """What the calls of a message share."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self._snapshot: dict[str, int] = {}

    def snapshot(self) -> dict[str, int]:
        self._snapshot = self._snapshot or kept.snapshot(self.uow.session)
        return self._snapshot

    def answer(
        self, chassis: "Chassis", service: "Process", spec: RpcSpec, call: Any
    ) -> dict[str, Any]:
        match call:
            case {"kwargs": dict(kwargs), "context": dict(context)}:
                worker = _Among(chassis, context, self)
            case _:
                return APART
        try:
            return {"result": worker.answer(service, spec, kwargs)}
        except RpcFailure as failure:
            return {"error": {"exc_type": RpcFailure.__name__, "exc_args": list(failure.args)}}
        except Apart:
            return APART


class _Among(Worker):
    """Answers one call among others."""

    def __init__(self, chassis: "Chassis", headers: dict[str, Any], common: _Common) -> None:
        super().__init__(chassis, headers)
        self._common = common

    def _operate(
        self,
        service: "Process",
        spec: RpcSpec,
        command: BaseModel,
        actor: Actor | None,
        trace: str,  # noqa: ARG002 - nothing is asked or told from here
    ) -> dict[str, Any]:
        call = self._call(self._common.uow, actor, self.chassis.now())
        return json_body(spec.fn(service, call, command)) | self._common.snapshot()

    def _run(self, transaction: Any) -> Any:
        return transaction()  # it is not ours alone to be repeated

    def _fault(self, error: Exception) -> tuple[str, Exception]:
        if not isinstance(error, Apart):
            log.info("call is answered apart", error=type(error).__name__)
        return "apart", Apart()
