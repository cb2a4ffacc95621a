"""Covenants: adopted, taking effect, expiring, reviewed; who has read and agrees."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.events import CovenantAdopted, CovenantReviewDue
from services.contracts.ids import new_id
from services.contracts.operations.votes import covenants as ops
from services.kit.uow import UnitOfWork
from services.votes import repository, texts_covenants
from services.votes.domain import covenants as rules
from services.votes.domain import proposals as wording
from services.votes.domain.covenants import (
    Article,
    CovenantNotInForce,
    NotToAgree,
    may_be_agreed_to,
)
from services.votes.handlers import proposals
from services.votes.handlers.common import CLOCK, Doer, desk, settings_of, tell
from services.votes.handlers.covenant_views import articles_of, get_covenant, holds, readable
from services.votes.handlers.taking_part import grown_up
from services.votes.models import (
    CovenantRow,
    CovenantVersionRow,
    PollRow,
    ProposalVersionRow,
    TopicRow,
)

REVIEW: Final = "covenant.review"
_CHANGES: dict[str, ops.CovenantChange] = {"new": "new", "amend": "amended", "repeal": "repealed"}


def adopt(uow: UnitOfWork, topic: TopicRow, poll: PollRow | None, now: datetime) -> None:
    """What was decided becomes a covenant, its next version, or its end.

    The topic is locked by the caller and is adopted once. What another vote has made of the
    covenant meanwhile does not stop it: the later decision holds.
    """
    decided = proposals.current(uow, topic)
    change = _CHANGES[topic.aim]
    if change == "new" or topic.covenant_id is None:
        row = _founded(uow, topic, now)
    else:
        row = _locked(uow, topic.covenant_id)
    version = _put(uow, row, topic, poll, decided, change, now)
    topic.covenant_id = row.id
    _settle(uow, row, now)
    _wait(uow, version, now)
    uow.emit(
        CovenantAdopted(
            covenant_id=row.id,
            topic_id=topic.id,
            community_id=row.community_id,
            path=row.path,
            title=row.title,
            version=version.version,
            change=change,
            convener=row.convener,
            from_post_id=topic.from_post_id,
        )
    )
    said = texts_covenants.adopted(change, row.title, version.effective_at, version.expires_at)
    tell(
        uow, topic, "covenant", CLOCK, said, now,
        ref={"covenant_id": row.id, "version": version.version},
    )  # fmt: skip


def _locked(uow: UnitOfWork, covenant_id: str) -> CovenantRow:
    """The covenant, and before it the duty that :func:`_settle` may move, both locked."""
    repository.due.hold(uow.session, covenant_id, REVIEW)
    return repository.covenants.covenant(uow.session, covenant_id, lock=True)


def _founded(uow: UnitOfWork, topic: TopicRow, now: datetime) -> CovenantRow:
    row = CovenantRow(
        id=new_id(),
        community_id=topic.community_id,
        path=topic.path,
        title=topic.title,
        convener=topic.convener,
        state="not_yet",
        version=1,
        newest=0,
        fresh=1,
        review_months=settings_of(topic).review_months,
        created_at=now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def _put(
    uow: UnitOfWork,
    row: CovenantRow,
    topic: TopicRow,
    poll: PollRow | None,
    decided: ProposalVersionRow,
    change: ops.CovenantChange,
    now: datetime,
) -> CovenantVersionRow:
    """The next version of the covenant."""
    articles: list[Article] = []
    number = row.newest + 1
    if change != "repealed":
        amended = _keys(uow, row, decided.covenant_version)
        before = _articles(uow, row, row.newest)
        articles, row.fresh = rules.carried(
            wording.articles_of(decided.articles), amended, before, number, row.fresh
        )
    version = CovenantVersionRow(
        id=new_id(),
        covenant_id=row.id,
        version=number,
        change=change,
        articles=[asdict(one) for one in articles],
        size=len(articles),
        topic_id=topic.id,
        poll_id=poll.id if poll else None,
        proposal=decided.version,
        proposal_hash=decided.hash,
        adopted_at=now,
        effective_at=max(decided.effective_at or now, now),
        expires_at=decided.expires_at,
    )
    row.newest = number
    row.review_months = settings_of(topic).review_months
    uow.session.add(version)
    uow.session.flush()
    return version


def _articles(uow: UnitOfWork, row: CovenantRow, number: int | None) -> list[Article]:
    if not number:
        return []
    return articles_of(repository.covenants.version(uow.session, row.id, number))


def _keys(uow: UnitOfWork, row: CovenantRow, number: int | None) -> frozenset[str]:
    return frozenset(article.key for article in _articles(uow, row, number))


def _settle(uow: UnitOfWork, row: CovenantRow, now: datetime) -> None:
    """Let the covenant stand as its versions and the time say; the row is locked by the caller."""
    was = row.version
    terms = repository.covenants.terms(uow.session, row.id)
    row.state, row.version = rules.standing(terms, now)
    if row.state in ("repealed", "expired"):
        row.review_at = None
        repository.due.drop(uow.session, row.id, REVIEW)
    elif row.state == "in_force" and (row.review_at is None or row.version != was):
        holds = next(one for one in terms if one.number == row.version)
        row.review_at = rules.later(max(holds.effective_at, now), row.review_months)
        repository.due.put(uow.session, REVIEW, row.id, row.review_at)


def _wait(uow: UnitOfWork, version: CovenantVersionRow, now: datetime) -> None:
    """The clock lets the version take effect, and end."""
    if version.effective_at > now:
        repository.due.put(uow.session, "covenant.effective", version.id, version.effective_at)
    if version.expires_at is not None:
        repository.due.put(uow.session, "covenant.expire", version.id, version.expires_at)


# -- the clock's ----------------------------------------------------------------------------------


def take_effect(uow: UnitOfWork, version_id: str, _due: datetime, now: datetime) -> None:
    """A version takes effect, if no later decision does already."""
    _by_clock(uow, version_id, now)


def expire(uow: UnitOfWork, version_id: str, _due: datetime, now: datetime) -> None:
    """A version ends, if it is the one that holds."""
    _by_clock(uow, version_id, now)


def _by_clock(uow: UnitOfWork, version_id: str, now: datetime) -> None:
    covenant_id = repository.covenants.of_duty(uow.session, version_id).covenant_id
    row = _locked(uow, covenant_id)
    was = (row.state, row.version)
    _settle(uow, row, now)
    if (row.state, row.version) != was:
        _tell(uow, row, "covenant", texts_covenants.STATES[row.state], now)


def remind(uow: UnitOfWork, covenant_id: str, _due: datetime, now: datetime) -> datetime | None:
    """It is time to ask whether a covenant still serves, and will be again."""
    row = repository.covenants.covenant(uow.session, covenant_id, lock=True)
    if row.state != "in_force":
        return None
    row.review_at = rules.later(now, row.review_months)
    uow.emit(
        CovenantReviewDue(
            covenant_id=row.id,
            community_id=row.community_id,
            path=row.path,
            title=row.title,
            convener=row.convener,
        )
    )
    _tell(uow, row, "review", texts_covenants.REVIEW, now)
    return row.review_at


def keep(uow: UnitOfWork, cmd: ops.KeepCovenant, actor: Actor, now: datetime) -> ops.Covenant:
    """The convening body looked again, and the covenant stays: said in public, with its reason.

    Raises:
        CovenantNotFound, Forbidden, NotYourStep: it is not hers.
        CovenantNotInForce: none holds, or another version does.
    """
    readable(uow, cmd.id, actor)
    repository.due.hold(uow.session, cmd.id, REVIEW)
    row = repository.covenants.covenant(uow.session, cmd.id, lock=True)
    doer = desk(actor, row)
    if not holds(row, cmd.version):
        raise CovenantNotInForce()
    row.review_at = rules.later(now, row.review_months)
    repository.due.put(uow.session, REVIEW, row.id, row.review_at)
    _tell(uow, row, "review", texts_covenants.STAYS, now, doer, cmd.reason)
    uow.session.flush()
    return get_covenant(uow, ops.GetCovenant(id=row.id), actor)


def _tell(
    uow: UnitOfWork,
    row: CovenantRow,
    kind: str,
    text: str,
    now: datetime,
    doer: Doer = CLOCK,
    reason: str | None = None,
) -> None:
    """A line on the timeline of the topic that the version which holds came from."""
    version = repository.covenants.version(uow.session, row.id, row.version)
    topic = repository.topics.topic(uow.session, version.topic_id)
    ref = {"covenant_id": row.id, "version": row.version}
    tell(uow, topic, kind, doer, text, now, reason=reason, ref=ref)


# -- read and agreed ------------------------------------------------------------------------------


def agree(uow: UnitOfWork, cmd: ops.AgreeToCovenant, actor: Actor, now: datetime) -> ops.Agreement:
    """A neighbour has read the version that holds, or will, and agrees to keep it.

    Raises:
        CovenantNotFound, NotAMember, ObserverReadOnly, NotForChildren: it is not hers to agree to.
        NotToAgree: another version holds, or none does any more.
    """
    row = readable(uow, cmd.id, actor)
    grown_up(uow, actor, row.community_id)
    if not may_be_agreed_to(row.state, row.version, row.newest, cmd.version):
        raise NotToAgree(errors=[FieldError("version", NotToAgree.zh)])
    version = repository.covenants.version(uow.session, row.id, cmd.version)
    if version.change == "repealed":
        raise NotToAgree(errors=[FieldError("version", NotToAgree.zh)])
    repository.covenants.agree(
        uow.session, row.id, version.version, actor.person_id, now, named=cmd.named
    )
    return _agreement(uow, row, version.version, named=cmd.named)


def withdraw(uow: UnitOfWork, cmd: ops.OfCovenant, actor: Actor) -> ops.Agreement:
    """She takes it back, wherever she lives now.

    Raises:
        CovenantNotFound: there is no such covenant.
    """
    row = repository.covenants.covenant(uow.session, cmd.id)
    if not repository.covenants.disagree(uow.session, row.id, actor.person_id):
        readable(uow, cmd.id, actor)
    return _agreement(uow, row, None, named=False)


def _agreement(
    uow: UnitOfWork, row: CovenantRow, version: int | None, *, named: bool
) -> ops.Agreement:
    return ops.Agreement(
        covenant_id=row.id,
        version=version,
        named=named,
        agreed=repository.covenants.agreed(uow.session, row.id, version or row.version),
    )
