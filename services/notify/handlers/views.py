"""News in words: facts become a title, a body and a reason in the reader's language."""

from typing import Any

from sqlalchemy import Row

from services.contracts.operations.notify.inbox import Notification
from services.notify import domain


def shown(row: Row[Any], language: domain.Language, *, read: bool) -> Notification:
    """A row of the inbox in the reader's language."""
    words = domain.words(
        domain.Kind(row.kind),
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
        why=domain.why_text(domain.Why(row.why), language),
        read=read,
        created_at=row.created_at,
        lane=row.lane,
    )
