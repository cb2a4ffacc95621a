"""The second factor: six digits that change every 30 seconds (TOTP, RFC 6238; HOTP, RFC 4226).

::

    none ──enrol──▶ secret shown ──right digits──▶ confirmed ──digits or recovery code──▶ none
                        │    ▲                        │
                        └────┘ enrol again            └─ phone recovered: none

A time step counts once: digits seen over a shoulder are used up (RFC 6238, section 5.2). One step
before or after ours is taken, for clocks that drift. Ten recovery codes, each good once, stand in
for a lost authenticator.

Who has lost authenticator and recovery codes asks the committee to recover the phone, the same
number or a new one (:mod:`services.identity.domain.recovery`): two staff members and 24 hours, and
the factor is gone. Whoever holds an office has it taken back before and given again afterwards, by
those who give it. So no administrator alone, and no two of a committee, can step into an office by
taking its second factor away. For people of no community there is the operator's command
(:mod:`services.identity.second_factor`).
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

import pyotp

from services.contracts.errors import Conflict, FieldError, Invalid, Unauthenticated
from services.identity.domain.attempts import Limit
from services.identity.domain.messages import SIGN

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
RECOVERY_CODES: Final = 10
LIMIT: Final = Limit(5, within=timedelta(minutes=15), lock=timedelta(minutes=15))
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is read as something else


class TotpRequired(Unauthenticated):
    """The phone's code was right; the person has a second factor, and it did not come along."""

    code = "identity.totp_required"
    zh, en = "请输入动态验证码", "Please enter the code of your authenticator"


class TotpWrong(Unauthenticated):
    """Neither the present digits (each step counts once) nor an unused recovery code."""

    code = "identity.totp_wrong"
    zh, en = "动态验证码或恢复码不正确", "The authenticator's code or recovery code is wrong"


class TotpCodeInvalid(Invalid):
    """As :class:`TotpWrong`, for somebody who is logged in already."""

    code = "identity.totp_invalid"
    zh, en = TotpWrong.zh, TotpWrong.en

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("code", self.zh)])


class TotpEnrolled(Conflict):
    """A confirmed factor is there; it is given up before another is taken."""

    code = "identity.totp_enrolled"
    zh, en = "已开启两步验证，如需更换请先关闭", "A second factor is in use; remove it first"


class TotpNotEnrolled(Conflict):
    """There is no factor to confirm or to give up."""

    code = "identity.totp_not_enrolled"
    zh, en = "尚未开启两步验证", "No second factor is in use"


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 (section 4) recommends."""
    return pyotp.random_base32()


def address(secret: str, account: str) -> str:
    """The ``otpauth://`` address that authenticators read from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(
        name=account, issuer_name=SIGN
    )


def step_of(secret: str, digits: str, clock: datetime, last_step: int) -> int | None:
    """The time step that ``digits`` belong to; None when they are wrong or that step was used.

    Args:
        clock: real time.
        last_step: the newest step that has counted; only later ones do.
    """
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(clock.timestamp()) // STEP_SECONDS
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        same = hmac.compare_digest(generator.generate_otp(step).encode(), plain(digits).encode())
        if same and step > last_step:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes of 78 random bits, for people to write down: ``K7QD-XW3M-APT6-RZF9``."""
    return ["-".join(_letters(4) for _ in range(4)) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code; it is random, so a plain hash cannot be tried out."""
    return hashlib.sha256(plain(code).encode()).hexdigest()


def plain(code: str) -> str:
    """A code as it is compared, however it was typed."""
    return code.replace(" ", "").replace("-", "").upper()


def _letters(count: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))
