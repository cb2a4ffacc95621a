"""Login codes and sessions: how long, how often.

A refresh token works once. But a reply may get lost, and the client asks again::

    T ──▶ A          T again within 30 s, A not used:  T ──▶ A, B
    A used           B is dead now: who brings it, or T, holds a copy, and the family ends

These times run on the real clock: moving the demo's business clock by a month logs nobody out
and makes no code older.
"""

import secrets
from datetime import date, datetime, timedelta
from typing import Final

from services.contracts.errors import FieldError, Invalid, Unauthenticated
from services.identity.domain.messages import Kind, Message

CODE_LIFETIME: Final = timedelta(minutes=5)
CODE_TRIES: Final = 5
RESEND_AFTER: Final = timedelta(seconds=60)  # a second wish before then gets no new code
# For one phone, those not counted that were used: whoever has it in her hands may log in often.
# Whoever knows the number only can use the ten up, and must not keep its owner out with that: one
# more goes out every hour. So in a day at most 34 codes that nobody used, and 170 guesses of a
# million (0.017 %).
CODES_A_DAY: Final = 10
PAST_THEM_EVERY: Final = timedelta(hours=1)
SESSION_LIFETIME: Final = timedelta(days=30)
REPLY_LOST: Final = timedelta(seconds=30)
_CHINA: Final = timedelta(hours=8)
DEMO_CODE: Final = "246810"


class CodeWrong(Unauthenticated):
    """Wrong, used, run out or tried too often: which of them is not told."""

    code = "identity.code_wrong"
    zh, en = "验证码错误或已失效，请重新获取", "The code is wrong or no longer valid"


class CodeNotRight(Invalid):
    """As :class:`CodeWrong`, for somebody who is logged in already: the session goes on."""

    code = "identity.code_invalid"
    zh, en = CodeWrong.zh, CodeWrong.en

    def __init__(self, field: str) -> None:
        super().__init__(errors=[FieldError(field, self.zh)])


class SessionEnded(Unauthenticated):
    """The refresh token is unknown, its session ran out or was revoked."""

    code = "identity.session_ended"
    zh, en = "登录已失效，请重新登录", "Your session has ended; please log in again"


class RefreshTokenReused(SessionEnded):
    """A refresh token came a second time, so somebody else holds a copy: its family ends."""

    code = "identity.refresh_token_reused"


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def code_message(code: str) -> Message:
    """What is sent."""
    return Message(Kind.LOGIN_CODE, (code, str(int(CODE_LIFETIME.total_seconds() // 60))))


def day_of(clock: datetime) -> date:
    """The day in China, which codes are counted by."""
    return (clock + _CHINA).date()


def may_refresh(
    *, used_at: datetime | None, brother_used: bool, child_used: bool, clock: datetime
) -> bool:
    """Whether a refresh token is still good; if not, somebody holds a copy.

    Args:
        used_at: when it was first used.
        brother_used: another token given for the same one was used.
        child_used: a token given for this one was used.
    """
    if used_at is None:
        return not brother_used
    return not child_used and clock - used_at < REPLY_LOST
