"""Logging in: codes, tokens, the second factor, WeChat, and a phone that was changed or lost."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.operations.base import (
    PERSON,
    PUBLIC,
    Command,
    Empty,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
)
from services.contracts.operations.identity.common import (
    COMMITTEE_ONLY,
    SERVICE,
    Person,
    Secret,
    Short,
)


class RequestCode(Command):
    """Ask for a login code by SMS."""

    phone: Short = Field(repr=False)


class CodeSent(View):
    """The same answer for every phone, known or not."""

    expires_in: int


class CreateToken(Command):
    """Log in with the code.

    ``totp`` is the second factor (or a recovery code) of those who are enrolled. ``wechat_ticket``
    binds the WeChat account behind it to the person who logs in.
    """

    phone: Short = Field(repr=False)
    code: Short = Field(repr=False)
    totp: Short | None = Field(default=None, repr=False)
    wechat_ticket: Secret | None = Field(default=None, repr=False)


class Tokens(View):
    """A session: ``expires_in`` seconds for the access token; the refresh token works once."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, no secret
    person: Person
    totp_needed: bool = False
    """An office waits: it is in the token once the session has shown a second factor."""


class RefreshToken(Command):
    """Change a refresh token for a fresh pair."""

    refresh_token: Secret = Field(repr=False)


class RevokeToken(Command):
    """End the caller's session."""


# -- the second factor -------------------------------------------------------------------------


class EnrolTotp(Command):
    """Begin to use a second factor (TOTP, RFC 6238); it counts once it is confirmed."""


class TotpSecret(View):
    """The secret for the authenticator, as text and as ``otpauth://`` address for a QR code."""

    secret: str = Field(repr=False)
    otpauth_url: str = Field(repr=False)


class ConfirmTotp(Command):
    """Show that the authenticator works: its present six digits."""

    code: Short = Field(repr=False)


class RecoveryCodes(View):
    """Ten codes for a lost authenticator, each good once; shown this once."""

    codes: list[str] = Field(repr=False)


class RemoveTotp(Command):
    """Give up the second factor; needs its present code or a recovery code."""

    code: Short = Field(repr=False)


# -- WeChat ------------------------------------------------------------------------------------


class LoginByWechat(Command):
    """Log in with the code that WeChat gave the app (OAuth 2.0, ``code`` → ``openid``).

    WeChat's code works once: after ``identity.totp_required`` the app gets another one from
    WeChat and brings it together with ``totp``.
    """

    code: Secret = Field(repr=False)
    totp: Short | None = Field(default=None, repr=False)


class WechatLogin(View):
    """``tokens`` of the person bound to this WeChat account; or a ``ticket`` that binds it.

    The ticket goes into ``createToken`` once, within ten minutes.
    """

    tokens: Tokens | None = None
    ticket: str | None = Field(default=None, repr=False)


class UnbindWechat(Command):
    """Log in by WeChat no more."""


# -- a phone changed or lost -------------------------------------------------------------------


class ChangePhone(Command):
    """Move the account to a new phone: a login code of the old one and of the new one."""

    code: Short = Field(repr=False)
    new_phone: Short = Field(repr=False)
    new_code: Short = Field(repr=False)


class OpenRecovery(Command):
    """A resident has lost the old phone: the first of two staff members says so.

    ``new_code`` is a login code of the new phone, read out by the person at the desk. The other
    staff member confirms, the old phone is told, and after 24 hours without an objection the
    account moves to the new phone.
    """

    cid: Id
    person_id: Id
    new_phone: Short = Field(repr=False)
    new_code: Short = Field(repr=False)
    reason: Reason = Field(repr=False)


class ConfirmRecovery(Command):
    """The second staff member confirms; from now on 24 hours must pass."""

    id: Id


class CancelRecovery(Command):
    """Stop it: the person on the old phone, or the community's staff."""

    id: Id


class ListRecoveries(ListCommand):
    """The community's phone recoveries, the newest first."""

    cid: Id


class Recovery(View):
    """A phone recovery; numbers are masked."""

    id: str
    state: Literal["opened", "waiting", "done", "cancelled", "expired"]
    person: Person
    old_phone: str = Field(repr=False)
    new_phone: str = Field(repr=False)
    opened_by: Person
    opened_at: datetime
    confirmed_by: Person | None = None
    effective_at: datetime | None = None
    reason: str = Field(repr=False)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "requestCode", "POST /auth/codes", SERVICE, PUBLIC, RequestCode, CodeSent,
        "Send a login code", status=202,
    ),
    Operation("createToken", "POST /auth/tokens", SERVICE, PUBLIC, CreateToken, Tokens, "Log in"),
    Operation(
        "refreshToken", "POST /auth/tokens/refresh", SERVICE, PUBLIC, RefreshToken, Tokens,
        "Change a refresh token for a fresh pair",
    ),
    Operation(
        "revokeToken", "DELETE /auth/tokens", SERVICE, PERSON, RevokeToken, Empty, "Log out",
        own=True,
    ),
    Operation(
        "enrolTotp", "POST /me/totp", SERVICE, PERSON, EnrolTotp, TotpSecret,
        "Begin to use a second factor", status=201, own=True, secret=True,
    ),
    Operation(
        "confirmTotp", "POST /me/totp/confirmation", SERVICE, PERSON, ConfirmTotp, RecoveryCodes,
        "Confirm the second factor", own=True, secret=True,
    ),
    Operation(
        "removeTotp", "DELETE /me/totp", SERVICE, PERSON, RemoveTotp, Empty,
        "Give up the second factor", own=True,
    ),
    Operation(
        "loginByWechat", "POST /auth/wechat", SERVICE, PUBLIC, LoginByWechat, WechatLogin,
        "Log in by WeChat",
    ),
    Operation(
        "unbindWechat", "DELETE /me/wechat", SERVICE, PERSON, UnbindWechat, Empty,
        "Log in by WeChat no more", own=True,
    ),
    Operation(
        "changePhone", "PUT /me/phone", SERVICE, PERSON, ChangePhone, Empty,
        "Move the account to a new phone", own=True,
    ),
    Operation(
        "openRecovery", "POST /communities/{cid}/phone-recoveries", SERVICE, COMMITTEE_ONLY,
        OpenRecovery, Recovery, "Recover an account whose phone is lost", status=201, secret=True,
    ),
    Operation(
        "listRecoveries", "GET /communities/{cid}/phone-recoveries", SERVICE, COMMITTEE_ONLY,
        ListRecoveries, Page[Recovery], "Phone recoveries", audited=True,
    ),
    Operation(
        "confirmRecovery", "POST /phone-recoveries/{id}/confirmation", SERVICE, COMMITTEE_ONLY,
        ConfirmRecovery, Recovery, "Confirm a phone recovery as the second person", secret=True,
    ),
    Operation(
        "cancelRecovery", "DELETE /phone-recoveries/{id}", SERVICE, PERSON, CancelRecovery, Empty,
        "Stop a phone recovery", own=True,
    ),
)  # fmt: skip
