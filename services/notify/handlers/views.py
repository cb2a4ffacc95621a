"""News in words: facts become a title, a body and a reason in the reader's language."""

from typing import Any

from sqlalchemy import Row

from services.contracts.operations.notify.inbox import NewsThread, Notification
from services.notify import domain
from services.notify.domain import preferences as rules


def shown(
    row: Row[Any], language: domain.Language, *, read: bool, thread: NewsThread | None = None
) -> Notification:
    """A row of the inbox in the reader's language; ``thread``: what it can be muted by."""
    kind, why = domain.Kind(row.kind), domain.Why(row.why)
    words = domain.words(
        kind,
        row.variant,
        row.facts,
        language=language,
        title=row.title,
        removed=row.removed,
        actor=row.actor,
        community=row.community,
    )
    return Notification(
        id=row.id,
        kind=row.kind,
        title=words.title,
        body=words.body,
        link=row.link,
        why=domain.why_text(why, language),
        read=read,
        created_at=row.created_at,
        lane=row.lane,
        about=rules.about_of(why),
        may_mute=row.lane == rules.Lane.ORDINARY and rules.may_mute(kind, domain.RULES),
        thread=thread,
    )
