"""What identity knows besides the kit's settings."""

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from services.identity import wechat
from services.identity.domain.messages import Kind
from services.identity.sms import FileSink, HttpSink, SmsSink, TencentSink, tencent
from services.identity.verifier import NOBODY, HttpVerifier, Verifier
from services.identity.wechat import Wechat
from services.kit.settings import InsecureSettings, ServiceSettings

_SAFE_URL = r"^(https://.+|http://127\.0\.0\.1[:/].*)?$"


class Settings(ServiceSettings):
    """Keys that nobody else has, how text messages leave, and who needs a second factor.

    ``sms_provider`` says who delivers messages; without it ``sms_url`` decides. ``http`` posts
    them to ``sms_url`` with ``sms_secret`` as bearer token; ``tencent`` signs with
    ``sms_secret_id`` and ``sms_secret`` and sends ``sms_templates`` (``kind=id`` for every kind of
    message, by commas); ``file`` writes them down, which production refuses.

    ``staff_totp`` ``required`` leaves offices out of the token until a second factor is there;
    without it production requires, everything else does not.
    """

    SERVICE: ClassVar[str] = "identity"

    token_key_file: Path = Path("var/keys/token.jwk.json")
    data_keys_file: Path = Path("var/keys/data.keys.json")
    sms_provider: Literal["", "file", "http", "tencent"] = ""
    sms_url: str = Field(default="", pattern=_SAFE_URL)
    sms_secret: SecretStr = SecretStr("")
    sms_secret_id: str = ""
    sms_app_id: str = ""
    sms_sign: str = ""
    sms_region: str = "ap-guangzhou"
    sms_templates: str = ""
    verifier_url: str = Field(default="", pattern=_SAFE_URL)
    verifier_secret: SecretStr = SecretStr("")
    wechat_url: str = Field(default=wechat.URL, pattern=_SAFE_URL)
    wechat_app_id: str = ""
    wechat_secret: SecretStr = SecretStr("")
    staff_totp: Literal["", "required", "optional"] = ""

    @property
    def provider(self) -> Literal["file", "http", "tencent"]:
        """Who delivers messages."""
        return self.sms_provider or ("http" if self.sms_url else "file")

    @property
    def staff_need_totp(self) -> bool:
        """Whether an office asks for a second factor."""
        return (self.staff_totp or self._usual_totp) == "required"

    @property
    def _usual_totp(self) -> str:
        return "required" if self.env == "production" else "optional"

    @model_validator(mode="after")
    def _somebody_delivers(self) -> Self:
        templates = self.message_templates()
        if self.provider == "http" and not self.sms_url:
            raise InsecureSettings("SHEQU_SMS_URL must be set for SHEQU_SMS_PROVIDER=http")
        if self.provider == "tencent":
            missing = [
                name
                for name, value in (
                    ("SHEQU_SMS_SECRET_ID", self.sms_secret_id),
                    ("SHEQU_SMS_APP_ID", self.sms_app_id),
                    ("SHEQU_SMS_SIGN", self.sms_sign),
                    ("SHEQU_SMS_TEMPLATES", set(templates) == set(Kind)),
                )
                if not value
            ]
            if missing:
                raise InsecureSettings(f"{', '.join(missing)} must be complete for tencent")
        if self.verifier_url and not self.verifier_secret.get_secret_value():
            raise InsecureSettings("SHEQU_VERIFIER_SECRET must be set with SHEQU_VERIFIER_URL")
        if self.wechat_app_id and not self.wechat_secret.get_secret_value():
            raise InsecureSettings("SHEQU_WECHAT_SECRET must be set with SHEQU_WECHAT_APP_ID")
        return self

    @model_validator(mode="after")
    def _production_sends_real_messages(self) -> Self:
        secret = self.sms_secret.get_secret_value()
        if self.env == "production" and (self.provider == "file" or not secret):
            raise InsecureSettings(
                "SHEQU_SMS_URL (or SHEQU_SMS_PROVIDER) and SHEQU_SMS_SECRET "
                "must be set in production"
            )
        return self

    def message_templates(self) -> dict[Kind, str]:
        """The provider's template for each kind of message.

        Raises:
            InsecureSettings: a pair is none, or of an unknown kind.
        """
        pairs = (pair.strip().partition("=") for pair in self.sms_templates.split(",") if pair)
        try:
            return {Kind(kind.strip()): number.strip() for kind, _, number in pairs if number}
        except ValueError as error:
            raise InsecureSettings(f"SHEQU_SMS_TEMPLATES: {error}") from None

    def sms_sink(self) -> SmsSink:
        """Who delivers messages here."""
        secret = self.sms_secret.get_secret_value()
        if self.provider == "tencent":
            return TencentSink(
                tencent.Credentials(self.sms_secret_id, secret),
                self.sms_app_id,
                self.sms_sign,
                self.message_templates(),
                self.sms_region or "ap-guangzhou",
                self.sms_url or tencent.URL,
            )
        if self.provider == "http":
            return HttpSink(self.sms_url, secret)
        return FileSink(self.var / "run" / "sms.jsonl")

    def verifier(self) -> Verifier:
        """Who vouches for people here, without telling who they are."""
        if self.verifier_url:
            return HttpVerifier(self.verifier_url, self.verifier_secret.get_secret_value())
        return NOBODY

    def wechat(self) -> Wechat:
        """The app at WeChat; off when there is none."""
        return Wechat(
            self.wechat_app_id,
            self.wechat_secret.get_secret_value(),
            self.wechat_url or wechat.URL,
        )
