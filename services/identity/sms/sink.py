"""What all sinks have in common."""

from typing import Protocol

from services.identity.domain.messages import Message


class NotDelivered(OSError):
    """The provider answered, and did not take the message; the words are its code for why."""


class SmsSink(Protocol):
    """Somebody who delivers messages."""

    def send(self, phone: str, message: Message, key: str) -> None:
        """Deliver ``message`` to ``phone`` (E.164), once for each ``key``.

        Raises:
            OSError: not delivered; it will be tried again.
        """
