"""What use-cases of things that posts carry begin with: the post, and who takes part."""

import json
from datetime import datetime
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.operations.feed.common import WhyNot
from services.feed.domain import posts, speaking, texts
from services.feed.domain.modules import Module
from services.feed.handlers import keeping_away, moderation
from services.feed.handlers.common import module_of, readable, require_open
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText


def acted_on(
    uow: UnitOfWork, post_id: str, actor: Actor, *, begins: datetime | None = None
) -> tuple[PostHead, directory.Card]:
    """The head of a post that a member acts upon, and her card; what is not shown is left alone.

    Args:
        begins: now, when something begins that was not there; what runs is brought to its end also
            after the post's time, and when its module is switched off.

    Raises:
        PostNotFound: no such post, not hers to see, or not shown.
        PostOver, ModuleOff: nothing begins there; see ``require_open``.
        NotAMember, ObserverReadOnly: she takes no part here.
    """
    head = readable(uow, post_id, actor)
    card = directory.require_member(uow, actor, head.community_id)
    if head.state != "shown":
        raise posts.PostNotFound()
    if begins is not None:
        require_open(uow, head, begins)
    return head, card


def said(
    uow: UnitOfWork, actor: Actor, head: PostHead, now: datetime, **words: str
) -> dict[str, str]:
    """Words on a post for the neighbours, by field, as they are kept; see :func:`said_in`."""
    module = module_of(uow, head)
    return said_in(uow, actor, module, head.community_id, head.path, now, **words)


def said_in(
    uow: UnitOfWork,
    actor: Actor,
    module: Module,
    community_id: str,
    path: str,
    now: datetime,
    **words: str,
) -> dict[str, str]:
    """Words for the neighbours, by field, as they are kept: cleaned, and fit to be shown.

    As nobody looks at them before they are shown, what would be held is refused.

    Raises:
        Silenced: the committee has silenced her (禁言).
        WordsRefused: something that is not said here; its fields are named.
    """
    clean = {field: texts.clean_text(raw) for field, raw in words.items()}
    in_office = speaking.office_in(module, actor, path) is not None
    if any(clean.values()):
        keeping_away.require_voice(uow, actor, community_id, now, in_office=in_office)
    moderation.check(clean, office=in_office, waits=False)
    return clean


def why_not(error: ShequError | None) -> WhyNot | None:
    """A reason as answers tell it; None when there is none."""
    return WhyNot(code=error.code, zh=error.zh, en=error.en) if error else None


def with_more(shown: str, **told: Any) -> JsonText:
    """An object that is JSON text already, with more of its fields."""
    more = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return JsonText(f"{shown[:-1]},{more[1:]}")


def why_no_part(uow: UnitOfWork, actor: Actor, community_id: str) -> ShequError | None:
    """Why somebody who may read takes no part in a community; None: she does.

    Also because nobody can tell at the moment (identity is away): reading goes on.
    """
    try:
        directory.require_member(uow, actor, community_id)
    except ShequError as no:
        return no
    return None
