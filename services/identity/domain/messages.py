"""Text messages: what kinds there are, and what each says.

A message is its kind and parameters. The words are numbered templates (``{1}``, ``{2}``), as
providers have them approved beforehand: who sends by template sends the parameters alone, who
sends text makes it here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

SIGN: Final = "社区通"


class Kind(StrEnum):
    """Why a message is sent."""

    LOGIN_CODE = "login_code"
    PHONE_CHANGED = "phone_changed"
    RECOVERY_WAITING = "recovery_waiting"
    RECOVERY_DONE = "recovery_done"
    TOTP_REMOVED = "totp_removed"


TEMPLATES: Final[Mapping[Kind, str]] = {
    Kind.LOGIN_CODE: "验证码 {1}，{2} 分钟内有效。请勿告诉他人。",
    Kind.PHONE_CHANGED: "您的账号已改用尾号 {1} 的手机号登录。如非本人操作，请立即联系居委会。",
    Kind.RECOVERY_WAITING: (
        "居委会将把您的账号改到尾号 {2} 的手机号，{1} 小时后生效。"
        "如非本人要求，请登录社区通停止，或联系居委会。"
    ),
    Kind.RECOVERY_DONE: "您的账号已由居委会改到尾号 {1} 的手机号。如非本人要求，请联系居委会。",
    Kind.TOTP_REMOVED: "您的账号已关闭两步验证，请重新登录。如非本人要求，请立即联系居委会。",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A kind and its parameters, in the order of the template's numbers."""

    kind: Kind
    params: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole message in words, with the sender's sign in front."""
        words = re.sub(r"{(\d)}", lambda n: self.params[int(n[1]) - 1], TEMPLATES[self.kind])
        return f"【{SIGN}】{words}"

    def dump(self) -> str:
        """What is kept, sealed, until it is sent."""
        return json.dumps({"kind": self.kind, "params": self.params}, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Self:
        """The message that was kept.

        Raises:
            ValueError: it is none.
        """
        try:
            raw = json.loads(text)
            return cls(Kind(raw["kind"]), tuple(map(str, raw["params"])))
        except (KeyError, TypeError) as error:
            raise ValueError("not a message") from error
