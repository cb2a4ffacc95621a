"""Digests: made in chunks by the clock, read by whom they are for.

::

    digests ──▶ who has news? (one statement) ──▶ digest_chunk ──▶ digest_chunk ──▶ … none left
       │                                               │
       └── due again at the next round                 └── a transaction: digests, inbox, ways out

A chunk that is broken off leaves nothing, and is done again; a round that was begun is never begun
again, wherever the clock stands.
"""

from datetime import datetime

from services.contracts.actor import Actor
from services.contracts.errors import NotFound
from services.contracts.operations.base import Page
from services.contracts.operations.notify import digests as ops
from services.kit import due, logs
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain import digests as rules
from services.notify.domain.kind_words import KINDS
from services.notify.handlers import telling, views
from services.notify.models import Digest, DigestRound
from services.notify.repository import digests as store
from services.notify.repository import inboxes
from services.notify.repository.handing import Handed

CHUNK_DUTY = "digest_chunk"
CHUNK = 500
LINK = "/digests/{}"
log = logs.get(__name__)


class DigestNotFound(NotFound):
    """There is no such digest, or it is somebody else's."""

    code = "notify.digest_not_found"
    zh, en = "没有找到这份消息汇总", "There is no such digest"


# -- made -----------------------------------------------------------------------------------------


def begin(uow: UnitOfWork, _subject: str, _due_at: datetime, now: datetime) -> datetime:
    """A round begins: note who has news. A round that was missed is made up for by this one."""
    this = rules.last_round(now)
    previous = store.round_before(uow.session, this)
    before = previous.at if previous else None
    weekly = rules.is_weekly(this, before)
    people = store.begin(
        uow.session,
        this,
        oldest=this - rules.OLDEST,
        since_day=rules.news_since(this, before),
        since_week=rules.news_since(this, before, span=rules.WEEK) if weekly else None,
        now=now,
    )
    if people:
        due.put(uow.session, CHUNK_DUTY, this.isoformat(), now)
        log.info("digests begun", people=people, weekly=weekly)
    return rules.next_round(now)


def make_chunk(uow: UnitOfWork, subject: str, _due_at: datetime, now: datetime) -> datetime | None:
    """Make the next digests of a round, and tell that they are there; now again, until all are."""
    at = datetime.fromisoformat(subject)
    round_ = uow.session.get_one(DigestRound, at)
    people = store.take(uow.session, at, CHUNK)
    if not people:
        return None
    made = store.make(uow.session, round_, people, at - rules.OLDEST, now)
    telling.tell_own(
        uow,
        [
            Handed(
                people=[row.person_id],
                kind=domain.Kind.DIGEST,
                variant=row.rhythm,
                why=domain.Why.UNREAD,
                link=LINK.format(row.id),
                facts={"count": str(row.count)},
            )
            for row in made
        ],
        now,
        live_at_most=telling.LIVE_AT_MOST if round_.people <= telling.LIVE_AT_MOST else 0,
    )
    return now if len(people) == CHUNK else None


# -- read -----------------------------------------------------------------------------------------


def list_digests(uow: UnitOfWork, cmd: ops.ListDigests, actor: Actor) -> Page[ops.DigestSummary]:
    """The actor's digests, the newest first."""
    before = decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None
    rows = store.page(uow.session, actor.person_id, before, cmd.limit + 1)
    shown = rows[: cmd.limit]
    return Page[ops.DigestSummary](
        items=[ops.DigestSummary(**_summary(row)) for row in shown],
        next_cursor=encode_cursor(shown[-1].id) if len(rows) > cmd.limit else None,
    )


def get_digest(
    uow: UnitOfWork, cmd: ops.GetDigest, actor: Actor, language: domain.Language
) -> ops.DigestPage:
    """A page of one of the actor's digests.

    Raises:
        DigestNotFound: there is none, or it is another's.
    """
    after = whole_number(decode_cursor(cmd.cursor, 1)[0]) if cmd.cursor else 0
    row = store.digest(uow.session, actor.person_id, cmd.id)
    if row is None:
        raise DigestNotFound()
    found = store.items(uow.session, row.id, after, cmd.limit + 1)
    shown = found[: cmd.limit]
    notices = inboxes.notices(uow.session, [one.notice_id for one in shown])
    return ops.DigestPage(
        **_summary(row),
        kinds=[
            ops.DigestKind(
                kind=one.kind,
                title=domain.pick(KINDS[domain.Kind(one.kind)], language),
                count=one.count,
            )
            for one in store.kinds(uow.session, row.id)
        ],
        items=[
            views.shown(notices[one.notice_id], language, read=one.read_at is not None)
            for one in shown
        ],
        next_cursor=encode_cursor(str(shown[-1].position)) if len(found) > cmd.limit else None,
    )


def _summary(row: Digest) -> dict[str, object]:
    return {"id": row.id, "rhythm": row.rhythm, "count": row.count, "made_at": row.made_at}
