"""One tree of errors, each with a stable code, mapped to HTTP once.

::

    ShequError                       status  code
    ├── BadRequest                   400     request.malformed
    ├── Unauthenticated              401     auth.token_required
    │   └── TokenExpired             401     auth.token_expired
    ├── Forbidden                    403     auth.forbidden
    │   ├── ObserverReadOnly         403     auth.observer_read_only
    │   └── NotOnBehalf              403     auth.not_on_behalf
    ├── NotFound                     404     request.not_found
    ├── Conflict                     409     request.conflict
    │   └── IdempotencyKeyReused     409     request.idempotency_key_reused
    ├── TooLarge                     413     request.too_large
    ├── UnsupportedMedia             415     request.unsupported_media
    ├── Invalid                      422     request.invalid
    │   └── RuleBroken               422     request.rule_broken
    ├── RateLimited                  429     request.rate_limited
    ├── Internal                     500     server.error
    ├── NotBuilt                     501     server.not_built
    └── Unavailable                  503     server.unavailable
        └── TimedOut                 503     server.timed_out

A service defines its own beneath these, next to the rule that raises them::

    class QrRevoked(NotFound):
        code = "identity.qr_revoked"
        zh, en = "这张二维码已停用，请联系居委会", "This QR code has been revoked"

Over RPC an error travels as one JSON object (:meth:`ShequError.to_wire`); the other side
does not need the class to keep status, code, texts and fields (:func:`from_wire`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the input and what is wrong with it; ``field`` is a dotted path."""

    field: str
    message: str


class ShequError(Exception):
    """Base of every error that a caller may see.

    Args:
        detail: one sentence for this occurrence, free of personal data; default: the class's text.
        errors: the fields at fault.
        retry_after: seconds after which the caller may try again (429, 503).
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "server.error"
    zh: ClassVar[str] = "服务器出错了，请稍后再试"
    en: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: list[FieldError] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail or self.en)
        self.detail = detail
        self.errors = errors or []
        self.retry_after = retry_after

    def to_wire(self) -> dict[str, Any]:
        """The error as a JSON object, complete without the class."""
        wire: dict[str, Any] = {
            "status": self.status,
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
        }
        if self.detail:
            wire["detail"] = self.detail
        if self.errors:
            wire["errors"] = [{"field": e.field, "message": e.message} for e in self.errors]
        if self.retry_after is not None:
            wire["retry_after"] = self.retry_after
        return wire


class BadRequest(ShequError):
    """The message cannot be read at all: broken JSON, a tampered cursor."""

    status, code = 400, "request.malformed"
    zh, en = "请求格式不正确", "The request could not be read"


class Unauthenticated(ShequError):
    """No token, or one that we did not sign."""

    status, code = 401, "auth.token_required"
    zh, en = "请先登录", "Please log in first"


class TokenExpired(Unauthenticated):
    """The access token has run out or was revoked: refresh it."""

    code = "auth.token_expired"
    zh, en = "登录已过期，请重新登录", "Your session has expired"


class Forbidden(ShequError):
    """The actor's roles do not allow the operation here."""

    status, code = 403, "auth.forbidden"
    zh, en = "您没有权限进行此操作", "You may not do this"


class ObserverReadOnly(Forbidden):
    """Observers watch and stay silent (旁观模式: 只能"潜水"，不能发言)."""

    code = "auth.observer_read_only"
    zh, en = "观察员只能浏览，不能发言", "Observers may read but not speak"


class NotOnBehalf(Forbidden):
    """A helper (assisted mode, 代办) may report, sign up and ask to join; never vote."""

    code = "auth.not_on_behalf"
    zh, en = "代办人不能替别人做这件事", "This cannot be done on somebody's behalf"


class NotFound(ShequError):
    """It does not exist, or is not the actor's to see; the two are not told apart."""

    status, code = 404, "request.not_found"
    zh, en = "没有找到", "Not found"


class Conflict(ShequError):
    """The state of things does not allow it now."""

    status, code = 409, "request.conflict"
    zh, en = "当前状态不允许此操作", "The current state does not allow this"


class IdempotencyKeyReused(Conflict):
    """The same Idempotency-Key came with another body."""

    code = "request.idempotency_key_reused"
    zh, en = "同一请求编号被用于不同内容", "This Idempotency-Key was used with another body"


class TooLarge(ShequError):
    """The body is larger than the operation takes."""

    status, code = 413, "request.too_large"
    zh, en = "内容过大", "The content is too large"


class UnsupportedMedia(ShequError):
    """A content type that the operation does not take."""

    status, code = 415, "request.unsupported_media"
    zh, en = "不支持的内容类型", "Unsupported content type"


class Invalid(ShequError):
    """A field has the wrong shape; ``errors`` names it."""

    status, code = 422, "request.invalid"
    zh, en = "填写的内容有误", "Some fields are not valid"


class RuleBroken(Invalid):
    """The input is well-formed, but a rule of the domain forbids it."""

    code = "request.rule_broken"
    zh, en = "不符合规则", "A rule forbids this"


class RateLimited(ShequError):
    """Too many requests; ``retry_after`` says when to come back."""

    status, code = 429, "request.rate_limited"
    zh, en = "操作太频繁，请稍后再试", "Too many requests"


class Internal(ShequError):
    """Our fault; the details are in the log under the request id, never in the answer."""


class NotBuilt(ShequError):
    """The contract has the operation, the software does not yet."""

    status, code = 501, "server.not_built"
    zh, en = "该功能尚未建成", "This is not built yet"


class Unavailable(ShequError):
    """A service or the broker is away."""

    status, code = 503, "server.unavailable"
    zh, en = "服务暂时不可用，请稍后再试", "A service is away; please try again soon"


class TimedOut(Unavailable):
    """No answer within the limit; the operation may or may not have been done."""

    code = "server.timed_out"
    zh, en = "服务响应超时，请稍后再试", "The service did not answer in time"


_BY_STATUS: dict[int, type[ShequError]] = {
    cls.status: cls
    for cls in (
        BadRequest,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        TooLarge,
        UnsupportedMedia,
        Invalid,
        RateLimited,
        Internal,
        NotBuilt,
        Unavailable,
    )
}


def refusal(check: Callable[..., object], *args: object, **named: object) -> ShequError | None:
    """Why ``check`` refuses: the error that it raises; None where it raises none."""
    try:
        check(*args, **named)
    except ShequError as error:
        return error
    return None


def from_wire(wire: dict[str, Any]) -> ShequError:
    """The error that the other side raised, with its code and texts, under its nearest class.

    Tolerant: numbers may come as text (nameko turns every leaf of error arguments into text),
    an unknown status becomes :class:`Internal`.
    """
    base = _BY_STATUS.get(int(wire.get("status", 500)), Internal)
    cls = type(
        base.__name__,
        (base,),
        {
            "code": str(wire.get("code", base.code)),
            "zh": str(wire.get("zh", base.zh)),
            "en": str(wire.get("en", base.en)),
        },
    )
    retry_after = wire.get("retry_after")
    error: ShequError = cls(
        wire.get("detail"),
        errors=[FieldError(str(e["field"]), str(e["message"])) for e in wire.get("errors", [])],
        retry_after=None if retry_after is None else int(retry_after),
    )
    return error
