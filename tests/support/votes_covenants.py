"""Covenants laid down: a topic whose vote is over is adopted, as the publicity's end would do."""

from datetime import datetime, timedelta
from typing import Any

from services.contracts.actor import Actor
from services.contracts.operations.votes import breaches as breach_ops
from services.contracts.operations.votes import covenants as ops
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import proposals
from services.votes.handlers import breaches, covenant_views, covenants
from services.votes.models import ProposalVersionRow
from tests.support.bridge import SUN
from tests.support.votes import RULES, Votes

ARTICLES = ("电动车不进楼", "晚十点后不装修", "狗要牵绳")


def articles(*said: str | tuple[str, str]) -> list[dict[str, str]]:
    """Articles as a proposal keeps them; a pair names the article's key."""
    pairs = [one if isinstance(one, tuple) else (f"a{n}", one) for n, one in enumerate(said, 1)]
    return proposals.kept([proposals.Article(key, "", text) for key, text in pairs])


def decided(
    votes: Votes,
    *said: str | tuple[str, str],
    aim: str = "new",
    covenant_id: str | None = None,
    on: int | None = None,
    effective_at: datetime | None = None,
    expires_at: datetime | None = None,
    **facts: Any,
) -> str:
    """A topic whose proposal was voted for and has yet to be adopted; its id.

    ``on`` is the version of the covenant that the proposal was written on.
    """
    topic_id = votes.topic(
        "publicity", aim=aim, covenant_id=covenant_id, proposal=1, title="文明公约", **facts
    )
    poll_id = votes.poll("published", topic_id=topic_id)
    kept = articles(*said)
    with votes.units() as uow:
        uow.session.add(
            ProposalVersionRow(
                topic_id=topic_id,
                version=1,
                articles=kept,
                covenant_version=on,
                rules=RULES.model_dump(mode="json"),
                opens_at=votes.now - timedelta(days=8),
                closes_at=votes.now - timedelta(days=1),
                effective_at=effective_at,
                expires_at=expires_at,
                hash=proposals.text_hash(proposals.articles_of(kept)),
                written_at=votes.now,
                written_role="secretary",
            )
        )
        repository.topics.topic(uow.session, topic_id).poll_id = poll_id
        uow.commit()
    return topic_id


def adopt(votes: Votes, topic_id: str) -> str:
    """The topic is adopted; its covenant's id."""

    def use_case(uow: UnitOfWork) -> str:
        topic = repository.topics.topic(uow.session, topic_id, lock=True)
        poll = repository.polls.poll(uow.session, topic.poll_id or "")
        topic.state = "adopted"
        covenants.adopt(uow, topic, poll, votes.now)
        return str(topic.covenant_id)

    return votes.do(use_case)


def covenant(votes: Votes, *said: str | tuple[str, str], **facts: Any) -> str:
    """A covenant that was just decided; its id."""
    return adopt(votes, decided(votes, *(said or ARTICLES), **facts))


def read(votes: Votes, covenant_id: str, who: Actor = SUN, **asked: Any) -> ops.Covenant:
    """The covenant as somebody reads it."""
    return votes.do(covenant_views.get_covenant, ops.GetCovenant(id=covenant_id, **asked), who)


def reported(votes: Votes, covenant_id: str, who: Actor = SUN, **facts: Any) -> breach_ops.Breach:
    """Somebody reports that it is not kept."""
    facts = {"article": "a1", "body": "三号楼又有人推电动车上楼", **facts}
    cmd = breach_ops.ReportBreach(id=covenant_id, **facts)
    return votes.do(breaches.report, cmd, who, votes.now)
