"""What becomes of an attempt to send, when the next one is due, and when a provider is left alone.

::

    due ──▶ sent
     ▲  ├─▶ later: the next rung of LADDER ──┐
     │  │        └── after the last one ─────┼─▶ parked ──an operator sends it on──┐
     └──┼────────────────────────────────────┘                                     │
        ├─▶ dropped: it has become pointless                                        │
        └───────────────────────────────────◀───────────────────────────────────────┘

Sending is at least once: who dies between the provider's yes and our note of it leaves a row that
is sent again, under the same key. A provider that knows its keys makes that once; a browser shows
one notification of a key at a time.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

LADDER: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""After which attempt how long to wait for the next one; after the sixth it is parked."""
LONGEST: Final = timedelta(hours=6)
TRIPS_AFTER: Final = 5
FIRST_REST: Final = 30.0
LONGEST_REST: Final = 600.0
MOST_PROVIDERS: Final = 1_000
KEPT: Final = timedelta(days=60)
"""How long a delivery is kept that is over: longer than a digest looks back, and than the kit knows
an event that it handled, so that nothing that is told again is sent again."""

Kind = Literal["sent", "later", "parked", "dropped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to.

    Args:
        kind: see the module.
        why: a word for operators; never an address.
        after: seconds to wait at least, as the provider wishes.
        counts: whether it was an attempt at all; one that was not takes no rung.
        reached: the browsers that have it now.
        gone: the browsers that there are no more.
        no_address: the ticket opens nothing any more.
    """

    kind: Kind
    why: str = ""
    after: float = 0.0
    counts: bool = True
    reached: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    no_address: bool = False


SENT: Final = Outcome("sent")


def next_pause(attempts: int, after: float = 0.0) -> timedelta | None:
    """How long to wait after so many attempts; None: it is parked.

    Args:
        after: seconds that the provider wishes, which count up to six hours.
    """
    if attempts > len(LADDER):
        return None
    return max(LADDER[attempts - 1], min(timedelta(seconds=after), LONGEST))


@dataclass(slots=True)
class Circuit:
    """A provider, as one process sees it: after failures in a row it is left alone for a while.

    Then one attempt tries it out; with the first that succeeds all go there again. All times are
    seconds of a clock that never goes back.
    """

    failures: int = 0
    rests_until: float = 0.0
    rest: float = FIRST_REST
    trying: bool = field(default=False, repr=False)

    def wait(self, now: float) -> float:
        """Seconds that it is left alone yet; 0 when somebody may try."""
        if now < self.rests_until:
            return self.rests_until - now
        return 1.0 if self.trying else 0.0

    def begins(self) -> None:
        """Somebody tries; after a rest nobody else does meanwhile."""
        self.trying = self.rests_until > 0.0

    def succeeded(self) -> None:
        """It works."""
        self.failures, self.rests_until, self.rest, self.trying = 0, 0.0, FIRST_REST, False

    def failed(self, now: float, wish: float = 0.0) -> None:
        """It does not; ``wish`` is how long it says itself that it wants to be left alone."""
        self.failures += 1
        tried_in_vain, self.trying = self.trying, False
        if wish > 0.0:
            until = now + min(wish, LONGEST.total_seconds())
            self.rests_until = max(self.rests_until, until)
        elif now < self.rests_until:
            return  # it was under way when the others failed
        elif tried_in_vain or self.failures >= TRIPS_AFTER:
            self.rests_until = now + self.rest
            self.rest = min(self.rest * 2, LONGEST_REST)


@dataclass(slots=True)
class Circuits:
    """The circuits of a process, by provider: ``channel``, or ``channel:which``.

    Browsers name their push services, so there is room for so many: a provider that rests is
    remembered before one that works.
    """

    clock: Callable[[], float]
    by_provider: dict[str, Circuit] = field(default_factory=dict)

    def of(self, provider: str) -> Circuit:
        """The provider's own."""
        if provider not in self.by_provider and len(self.by_provider) >= MOST_PROVIDERS:
            self._make_room()
        return self.by_provider.setdefault(provider, Circuit())

    def resting(self) -> Counter[str]:
        """How many providers of each channel are being left alone, or were and are to be tried."""
        kept = list(self.by_provider.items())
        return Counter(name.partition(":")[0] for name, one in kept if one.rests_until > 0.0)

    def _make_room(self) -> None:
        known = sorted(self.by_provider.items(), key=lambda one: one[1].rests_until)
        for provider, _ in known[: MOST_PROVIDERS // 4]:
            del self.by_provider[provider]

    def through(self, provider: str, attempt: Callable[[], "Tried"]) -> Outcome:
        """The outcome of an attempt, unless the provider is being left alone."""
        circuit = self.of(provider)
        if (wait := circuit.wait(self.clock())) > 0.0:
            return Outcome("later", "provider_resting", after=wait, counts=False)
        circuit.begins()
        try:
            tried = attempt()
        except BaseException:
            circuit.failed(self.clock())
            raise
        if tried.healthy:
            circuit.succeeded()
        else:
            circuit.failed(self.clock(), tried.outcome.after)
        return tried.outcome

    def room(self, provider: str, most: int) -> int:
        """How many may be taken for a provider: none while it rests, one to try it out."""
        circuit = self.of(provider)
        if circuit.wait(self.clock()) > 0.0:
            return 0
        return 1 if circuit.rests_until > 0.0 else most


@dataclass(frozen=True, slots=True)
class Tried:
    """An outcome, and whether the provider itself is well: one that refuses a message is."""

    outcome: Outcome
    healthy: bool = True


def judged(status: int, retry_after: float = 0.0) -> Tried:
    """What an HTTP status says of a message and of whoever answered (RFC 9110, section 15)."""
    if 200 <= status < 300:
        return Tried(SENT)
    if status == 429:
        return Tried(Outcome("later", "http_429", after=retry_after), healthy=False)
    if status in (408, 425) or status >= 500 or status < 200:
        return Tried(Outcome("later", f"http_{status}", after=retry_after), healthy=False)
    return Tried(Outcome("parked", f"http_{status}"))
