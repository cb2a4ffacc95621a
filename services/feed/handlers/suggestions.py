"""Posts that look like problems: the classifier's word is kept, the committee decides."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.errors import Forbidden
from services.contracts.events import IssueSuggested
from services.contracts.operations.feed import suggestions as ops
from services.contracts.operations.feed.common import OfPost
from services.feed.domain import suggestions as rules
from services.feed.handlers.common import readable
from services.feed.models import Post, Suggestion
from services.feed.repository import suggestions as repository
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

_SAID = ("problem", "category", "slot", "confidence", "reasons", "urgent")


def keep(uow: UnitOfWork, event: IssueSuggested, now: datetime) -> None:
    """Keep what the classifier says of a post, unless the post has moved on.

    An answer about an older text, about a post that is gone or an issue by now, is passed over. A
    suggestion that a person has decided stays decided until the text changes.
    """
    post = uow.session.get(Post, event.post_id, with_for_update={"key_share": True})
    if post is None or post.issue_id or post.version != event.post_version:
        return
    if not rules.worth_showing(event.problem, urgent=event.urgent):
        uow.session.execute(
            text("DELETE FROM feed_suggestions WHERE post_id = :id AND state = 'open'"),
            {"id": event.post_id},
        )
        return
    values = {
        "community_id": event.community_id,
        "post_version": event.post_version,
        "said": event.model_dump(mode="json", include=set(_SAID)),
        "state": "open",
        "came_at": now,
        "decided_by": None,
        "decided_at": None,
        "reason": "",
    }
    statement = insert(Suggestion).values(post_id=event.post_id, **values)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["post_id"],
            set_=values,
            where=Suggestion.post_version < event.post_version,
        )
    )


def take_up(uow: UnitOfWork, post_id: str, by: str | None, now: datetime) -> None:
    """The post became an issue: whatever was suggested is decided."""
    uow.session.execute(
        text(
            "UPDATE feed_suggestions SET state = 'taken', decided_by = :by, decided_at = :now "
            "WHERE post_id = :id AND state <> 'taken'"
        ),
        {"id": post_id, "by": by, "now": now},
    )


def list_suggestions(uow: UnitOfWork, cmd: ops.ListSuggestions, actor: Actor) -> JsonText:
    """Suggestions that nobody has decided, for the community's committee."""
    community = directory.require_reader(uow, actor, cmd.cid)
    actor.require(COMMITTEE, community.path)
    return JsonText(repository.open_page(uow.session, cmd.cid, cmd.limit, cmd.cursor))


def get_suggestion(uow: UnitOfWork, cmd: OfPost, actor: Actor) -> JsonText:
    """What the classifier says of a post, for the community's committee."""
    head = readable(uow, cmd.id, actor)
    actor.require(COMMITTEE, head.path)
    return _shown(uow, cmd.id)


def dismiss_suggestion(
    uow: UnitOfWork, cmd: ops.DismissSuggestion, actor: Actor, now: datetime
) -> JsonText:
    """The committee says that it is no problem.

    Raises:
        SuggestionNotFound: nothing was suggested.
        SuggestionDecided: somebody dismissed it, or it became an issue.
    """
    head = readable(uow, cmd.id, actor)
    if not actor.holds(COMMITTEE, head.path):
        raise Forbidden()
    row = uow.session.get(Suggestion, cmd.id, with_for_update=True)
    if row is None:
        raise rules.SuggestionNotFound()
    if row.state != "open":
        raise rules.SuggestionDecided()
    row.state, row.reason = "dismissed", cmd.reason
    row.decided_by, row.decided_at = actor.person_id, now
    uow.session.flush()
    return _shown(uow, cmd.id)


def _shown(uow: UnitOfWork, post_id: str) -> JsonText:
    found = repository.suggestion_json(uow.session, post_id)
    if found is None:
        raise rules.SuggestionNotFound()
    return JsonText(found)
