"""What is sent outside of the inbox: the short form and a link, whatever the channel.

Nothing stands in a letter that does not stand in the inbox, and less: it lies on other people's
machines, and on a screen that others see.
"""

from dataclasses import dataclass
from typing import Final

from services.notify.domain.wording import Language

TESTS: Final = {
    "zh": "这是一条测试消息：社区通可以通知到您了",
    "en": "A test: Shequtong can reach you here",
}
CODES: Final = {
    "zh": "{code} 是您的邮箱验证码，15 分钟内有效。如非本人操作，请忽略。",
    "en": "{code} confirms your mail address, for 15 minutes. Ignore it if you did not ask for it.",
}
FOOTERS: Final = {
    "zh": "您可以在“通知设置”里关闭这类消息。",
    "en": "You can switch these messages off in your notification settings.",
}


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that takes a push: where, and with which keys (RFC 8291)."""

    id: str
    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way to one person.

    Args:
        key: the idempotency key: the same at each attempt.
        title: one line.
        why: the reason that it is sent, in words; empty where there is none.
        link: where it leads, whole.
        ticket: what opens the address; empty for browsers, which have none.
        browsers: those that do not have it yet.
        urgent: it is an emergency.
    """

    key: str
    title: str
    link: str
    language: Language
    why: str = ""
    ticket: str = ""
    browsers: tuple[Browser, ...] = ()
    urgent: bool = False

    @property
    def text(self) -> str:
        """All of it, for channels that have nothing but text."""
        lines = [self.title, self.link]
        if self.why:
            lines += ["", f"{self.why}。" if self.language == "zh" else f"Sent {self.why}.",
                      FOOTERS[self.language]]  # fmt: skip
        return "\n".join(lines)
