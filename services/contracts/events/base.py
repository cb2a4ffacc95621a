"""Events: sentences in the past tense, typed and versioned.

::

    class PostPublished(Event, source="feed", type="post.published", version=1, subject="post_id"):
        \"\"\"A post became visible to its community.\"\"\"

        post_id: str

The body is flat and additive inside a version; a breaking change is a new version, published
beside the old one for a release. The writer is strict (an unknown or missing field is an error
of ours), the reader tolerant (unknown fields are passed over). The envelope is CloudEvents 1.0
in binary mode: see :class:`Envelope` and the AMQP mapping in ``services.kit``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

REGISTRY: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """Base of every event; subclasses name source, type, version and subject in their head.

    ``subject`` is the field (or fields) whose value the event is about: versions are counted and
    order is kept per subject. Forbidden in any event: ID number, phone, room, the registered real
    name (the display name that a person chose for the neighbours may travel).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    SOURCE: ClassVar[str] = ""
    TYPE: ClassVar[str] = ""
    SUBJECT: ClassVar[tuple[str, ...]] = ()
    EXCHANGE: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        source, kind, version, subject = (
            kwargs.get(key) for key in ("source", "type", "version", "subject")
        )
        if kwargs.get("abstract"):
            return
        if not (source and kind and version and subject):
            raise TypeError(f"{cls.__name__} must name source, type, version and subject")
        cls.SOURCE, cls.TYPE = source, f"{kind}.v{version}"
        cls.SUBJECT = (subject,) if isinstance(subject, str) else tuple(subject)
        cls.EXCHANGE = kwargs.get("exchange", f"{source}.events")
        for name in cls.SUBJECT:
            if name not in cls.model_fields:
                raise TypeError(f"{cls.__name__} has no field {name!r} to be its subject")
        if REGISTRY.setdefault(cls.TYPE, cls) is not cls:
            raise TypeError(f"two events claim the type {cls.TYPE}")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__()  # the head's words are read above, not by pydantic

    @property
    def subject(self) -> str:
        """The id of what the event is about."""
        return ":".join(str(getattr(self, name)) for name in self.SUBJECT)

    @property
    def routing_key(self) -> str:
        """The AMQP routing key: the type; the grid's border adds district and category."""
        return self.TYPE

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """The event from a received body: tolerant of fields that this version doesn't know."""
        return cls.model_validate(data, extra="ignore")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What travels around an event's body.

    ``subject_version`` grows by one per subject; ``epoch`` grows when the source's database was
    restored, whose counters then run a second time: an event is older than another when its
    (epoch, subject_version) is. ``time`` is when the source committed the fact
    (aware, UTC); ``xid`` is the PostgreSQL transaction that did (0 when not known), for readers
    that must not show anything older.
    """

    event_id: str
    source: str
    type: str
    subject: str
    subject_version: int
    time: datetime
    xid: int = 0
    traceparent: str = ""
    epoch: int = 0
    event: Event | None = field(default=None, compare=False)
