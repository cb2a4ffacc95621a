"""Login codes and sessions: how long, how often.

These times run on the real clock: moving the demo's business clock by a month logs nobody out
and makes no code older.
"""

import secrets
from datetime import timedelta
from typing import Final

from services.contracts.errors import Unauthenticated

CODE_LIFETIME: Final = timedelta(minutes=5)
CODE_TRIES: Final = 5
RESEND_AFTER: Final = timedelta(seconds=60)  # a second wish before then gets no new code
SESSION_LIFETIME: Final = timedelta(days=30)
DEMO_CODE: Final = "246810"


class CodeWrong(Unauthenticated):
    """Wrong, used, run out or tried too often: which of them is not told."""

    code = "identity.code_wrong"
    zh, en = "验证码错误或已失效，请重新获取", "The code is wrong or no longer valid"


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


def sms_text(code: str) -> str:
    """What the message says."""
    minutes = int(CODE_LIFETIME.total_seconds() // 60)
    return f"【社区通】验证码 {code}，{minutes} 分钟内有效。请勿告诉他人。"
