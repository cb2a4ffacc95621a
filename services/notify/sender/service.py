"""The sender: a process beside notify that takes what is due to whoever delivers it.

Each channel has a timer of its own: a provider that keeps one waiting keeps no other waiting. An
inbox, a call or an event waits for none of them.
"""

import time
from typing import ClassVar, cast

from sqlalchemy import Engine

from services.kit.service import Call, Companion, timer
from services.kit.settings import ServiceSettings
from services.notify.domain.sending import Circuits
from services.notify.handlers import sending
from services.notify.handlers.sending import Way
from services.notify.sender import web_push
from services.notify.sender.settings import CHANNELS, Settings
from services.notify.sender.ways import way


class NotifySenderService(Companion):
    """Sends what people chose to be told outside of the inbox, on notify's database."""

    name = "notify_sender"
    circuits: ClassVar[Circuits] = Circuits(time.monotonic)
    ways: ClassVar[dict[str, Way]] = {}
    push_key: ClassVar[str | None] = None

    @classmethod
    def connecting(cls, engine: Engine, settings: ServiceSettings) -> None:  # noqa: ARG003
        """Know who delivers what before anything is due."""
        cls.ways, cls.push_key = made(settings, cls.circuits)

    @timer(every=1.0)
    def send_pushes(self, call: Call) -> int:
        return self._send(call, "web_push")

    @timer(every=1.0)
    def send_texts(self, call: Call) -> int:
        return self._send(call, "sms")

    @timer(every=1.0)
    def send_wechats(self, call: Call) -> int:
        return self._send(call, "wechat")

    @timer(every=1.0)
    def send_mails(self, call: Call) -> int:
        return self._send(call, "mail")

    @timer(every=1.0)
    def send_to_robots(self, call: Call) -> int:
        return self._send(call, "dingtalk")

    @timer(every=5.0)
    def offer(self, call: Call) -> None:
        sending.offer(call.uow, self.ways, self.push_key)

    @timer(every=10.0)
    def measure(self, call: Call) -> None:
        sending.measure(call.uow, self.circuits, call.now)

    def _send(self, call: Call, channel: str) -> int:
        found = self.ways.get(channel)
        return sending.send_due(call.uow, found, call.now, call.settings.public_url) if found else 0


def made(settings: ServiceSettings, circuits: Circuits) -> tuple[dict[str, Way], str | None]:
    """Who delivers on which channel, and the public key of pushes."""
    chosen = cast(Settings, settings)
    ways = {c: way(c, chosen.url(c), circuits) for c in CHANNELS if chosen.url(c)}
    if chosen.notify_vapid_file is None:
        return ways, None
    key = web_push.key_in(chosen.notify_vapid_file)
    push = web_push.Push(key, chosen.contact, chosen.push_hosts, circuits)
    return {**ways, push.channel: push}, web_push.public_key(key)
