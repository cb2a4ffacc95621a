"""What identity knows besides the kit's settings."""

from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from services.identity.sms import FileSink, HttpSink, SmsSink
from services.kit.settings import InsecureSettings, ServiceSettings


class Settings(ServiceSettings):
    """Keys that nobody else has, and how text messages leave.

    ``sms_url`` is where messages are posted (https), with ``sms_secret`` as bearer token. Without
    it they go to a file, which production refuses.
    """

    SERVICE: ClassVar[str] = "identity"

    token_key_file: Path = Path("var/keys/token.jwk.json")
    data_keys_file: Path = Path("var/keys/data.keys.json")
    sms_url: str = Field(default="", pattern=r"^(https://.+|http://127\.0\.0\.1[:/].*)?$")
    sms_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _production_sends_real_messages(self) -> Self:
        if self.env == "production" and not (self.sms_url and self.sms_secret.get_secret_value()):
            raise InsecureSettings("SHEQU_SMS_URL and SHEQU_SMS_SECRET must be set in production")
        return self

    def sms_sink(self) -> SmsSink:
        """Who delivers messages here."""
        if self.sms_url:
            return HttpSink(self.sms_url, self.sms_secret.get_secret_value())
        return FileSink(self.var / "run" / "sms.jsonl")
