"""Sending: what is due is taken, committed, and only then sent; each outcome is kept at once.

::

    claim, look into, drop what is moot ──commit──▶ ask identity for the address ──▶ provider
                                                        │ eight at a time             │
                                                        ▼                             ▼
                                          each outcome marked ──commit──▶ the next rung, or done

At least once: who dies between a provider's yes and the mark leaves a row whose lease runs out, and
which is sent again under the same key. What was taken and not begun when the lease ends is left to
whoever takes it then.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Row

from services.contracts.errors import ShequError
from services.contracts.operations.identity import Contact
from services.kit import logs, metrics
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain import preferences as wishes
from services.notify.domain import sending as rules
from services.notify.domain.letters import CODES, TESTS, Browser, Letter
from services.notify.domain.sending import Outcome
from services.notify.repository import channels, inboxes, preferences, sending

BATCH: Final = 32
AT_ONCE: Final = 8
LEASE: Final = timedelta(minutes=3)
"""Longer than a batch takes when each of its letters runs into every limit of ``sender.wire``."""
UNTIL_IDENTITY_IS_BACK: Final = 15.0
CODE_IN_TITLE: Final = "{code}"

log = logs.get(__name__)


class Way(Protocol):
    """A channel and whoever delivers there (:mod:`services.notify.sender.ways`)."""

    channel: str

    def room(self, most: int) -> int:
        """How many may be taken now, of so many."""
        ...

    def send(self, letter: Letter, contact: Contact | None) -> Outcome:
        """Try once; nothing but an outcome comes of it, whatever the provider does."""
        ...


def send_due(uow: UnitOfWork, way: Way, now: datetime, public_url: str) -> int:
    """Send what is due on a channel, a batch of it; how many were taken.

    Args:
        now: business time.
    """
    room = way.room(BATCH)
    taken = sending.claim(uow.session, way.channel, now, now + LEASE, room) if room else []
    if not taken:
        return 0
    ends = time.monotonic() + LEASE.total_seconds()
    rows = {row.id: row for row in sending.particulars(uow.session, taken)}
    letters = _letters(uow, way.channel, list(rows.values()), now, public_url)
    uow.commit()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = {pool.submit(_try, uow, way, each, ends): each.key for each in letters}
        for done in as_completed(tried):
            row = rows[tried[done]]
            _keep(uow, way.channel, row, done.result(), now)
            uow.commit()
    return len(taken)


def _letters(
    uow: UnitOfWork, channel: str, rows: list[Row[Any]], now: datetime, public_url: str
) -> list[Letter]:
    """What has to be sent; the rest is marked: moot, or not now."""
    notices = inboxes.notices(uow.session, [row.notice_id for row in rows if row.notice_id])
    browsers: Mapping[str, list[Browser]] = {}
    if channel == "web_push":
        browsers = sending.browsers(uow.session, [row.person_id for row in rows])
    letters = []
    for row in rows:
        if row.moot:
            _keep(uow, channel, row, Outcome("dropped", row.moot), now)
            continue
        lane = wishes.Lane(row.lane)
        goes_out = wishes.goes_out_at(preferences.of_row(row), lane, now)
        if row.what == "news" and channel != "dingtalk" and goes_out > now:
            sending.mark(uow.session, row.id, row.taken, "waiting", due_at=goes_out, uncounted=True)
            continue
        letter = _letter(row, notices.get(row.notice_id or ""), public_url)
        chosen = tuple(b for b in browsers.get(row.person_id, ()) if _is_for(row, b))
        letters.append(replace(letter, ticket=row.ticket, browsers=chosen))
    return letters


def _is_for(row: Row[Any], browser: Browser) -> bool:
    return browser.id not in row.reached and (row.what == "news" or browser.id == row.target)


def _letter(row: Row[Any], notice: Row[Any] | None, public_url: str) -> Letter:
    language = domain.language_of(row.language)
    home = public_url.rstrip("/")
    if notice is None:
        words = TESTS if row.what == "test" else CODES
        return Letter(row.id, words[language], f"{home}/", language)
    title = domain.short(
        domain.Kind(notice.kind),
        notice.variant,
        notice.facts,
        language=language,
        title=notice.title,
        removed=notice.removed,
        actor=notice.actor,
        community=notice.community,
    )
    why = domain.why_text(domain.Why(notice.why), language)
    urgent = row.lane == wishes.Lane.EMERGENCY
    return Letter(row.id, title, f"{home}{notice.link}", language, why, urgent=urgent)


def _try(uow: UnitOfWork, way: Way, letter: Letter, ends: float) -> Outcome:
    """One attempt; whatever goes wrong is an outcome."""
    if time.monotonic() > ends:
        return Outcome("later", "lease_over", counts=False)
    if way.channel == "web_push":
        return _safely(lambda: way.send(letter, None))
    if not letter.ticket:
        return Outcome("dropped", "no_address")
    try:
        found = uow.ask("identity", "contact_of", ticket=letter.ticket)
    except ShequError as error:
        if error.code == "identity.contact_ticket_invalid":
            return Outcome("dropped", "no_address", no_address=True)
        wait = max(float(error.retry_after or 0), UNTIL_IDENTITY_IS_BACK)
        return Outcome("later", error.code, after=wait, counts=False)
    contact = Contact.model_validate(found)
    if contact.code:
        said = letter.title.replace(CODE_IN_TITLE, contact.code)
        letter = Letter(letter.key, said, letter.link, letter.language)
    return _safely(lambda: way.send(letter, contact))


def _safely(attempt: Callable[[], Outcome]) -> Outcome:
    try:
        return attempt()
    except Exception as error:  # what a library raises may name an address: it is not told
        log.error("sending failed", error=type(error).__name__)
        return Outcome("later", type(error).__name__)


def _keep(uow: UnitOfWork, channel: str, row: Row[Any], outcome: Outcome, now: datetime) -> None:
    """Mark a delivery with what became of it, and forget addresses that are none any more."""
    session = uow.session
    if outcome.no_address and not sending.ticket_gone(session, row.ticket) and row.what == "news":
        outcome = Outcome("later", "ticket_renewed", counts=False)  # while this was on its way
    reached = (*row.reached, *outcome.reached)
    state: str = outcome.kind
    due_at = None
    if state == "later":
        pause: timedelta | None = timedelta(seconds=outcome.after)
        if outcome.counts:
            pause = rules.next_pause(row.attempts, outcome.after)
        state, due_at = ("parked", None) if pause is None else ("waiting", now + pause)
    if reached and state in ("parked", "dropped"):
        state = "sent"  # one of her browsers has it
    sending.mark(
        session,
        row.id,
        row.taken,
        state,
        due_at=due_at,
        error=outcome.why or None,
        uncounted=not outcome.counts,
        sent_at=now if state == "sent" else None,
        reached=outcome.reached,
    )
    if outcome.reached:
        sending.browsers_reached(session, outcome.reached, now)
    if outcome.gone:
        sending.browsers_gone(session, outcome.gone)
    shown = "later" if state == "waiting" else state
    metrics.SENDINGS.labels(channel, shown).inc()
    if state in ("parked", "waiting") and outcome.why != "provider_resting":
        log.warning("not sent", delivery_id=row.id, channel=channel, state=state, why=outcome.why)


# -- what is offered, and figures ------------------------------------------------------------------


def offer(uow: UnitOfWork, ways: Mapping[str, Way], push_key: str | None) -> None:
    """Say which channels there is a provider for; notify asks no more of the providers."""
    channels.offer(uow.session, sorted(ways), push_key)


def measure(uow: UnitOfWork, circuits: rules.Circuits, now: datetime) -> None:
    """Bring the gauges up to date."""
    gauges = {
        "waiting": (metrics.SENDINGS_WAITING, metrics.SENDINGS_LAG),
        "parked": (metrics.SENDINGS_PARKED, metrics.SENDINGS_PARKED_LAG),
    }
    found = {(row.channel, row.state): row for row in sending.figures(uow.session, now)}
    resting = circuits.resting()
    for channel in (*wishes.OUTWARD, "dingtalk"):
        for state, (rows, age) in gauges.items():
            row = found.get((channel, state))
            rows.labels(channel).set(row.rows if row else 0)
            age.labels(channel).set((now - row.oldest).total_seconds() if row else 0)
        metrics.PROVIDERS_RESTING.labels(channel).set(resting[channel])
