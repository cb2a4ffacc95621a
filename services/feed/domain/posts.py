"""A post: how its people are named, who may change what of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound

ANONYMOUS_NAME: Final = "匿名邻居"
UNKNOWN_NAME: Final = "邻居"
HELPER_NAME: Final = "代办人"
PINNED_FIRST: Final = 3  # pinned posts of a module that come before the others


class PostNotFound(NotFound):
    """There is no such post, it was deleted, or it is not the actor's to see."""

    code = "feed.post_not_found"
    zh, en = "帖子不存在或已删除", "This post does not exist or was deleted"


class NotTheAuthor(Forbidden):
    """Only the author may change the content of a post."""

    code = "feed.not_the_author"
    zh, en = "只有作者本人可以修改内容", "Only the author may change the content"


class MayNotDelete(Forbidden):
    """A post is taken away by its author, or by those who moderate the module."""

    code = "feed.may_not_delete"
    zh, en = "只有作者本人或栏目管理人员可以删除", "Only the author or a moderator may delete this"


class NotAModerator(Forbidden):
    """Only those who moderate the module may do this."""

    code = "feed.not_a_moderator"
    zh, en = "只有栏目管理人员可以进行此操作", "Only the module's moderators may do this"


class ThreadOfAnIssue(Conflict):
    """The words of a reported problem are on record with the issue and stay as they are."""

    code = "feed.thread_of_an_issue"
    zh = "问题已登记办理，原文不能修改，请在评论中补充"
    en = "This problem is on record; please add what is new as a comment"


# Who may change which fields: the author, the moderators, and for the rest either of them.
CONTENT_FIELDS: Final = frozenset({"title", "body", "attachments", "extra"})
DESK_FIELDS: Final = frozenset({"pinned"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to a post."""

    author: bool
    moderator: bool


def check_change(fields: Iterable[str], standing: Standing, *, is_issue: bool) -> None:
    """Whether somebody may change these fields of a post.

    Raises:
        NotTheAuthor: content belongs to its author.
        NotAModerator: pins belong to the moderators; expiry to both.
        ThreadOfAnIssue: the words of a reported problem stay as they were said.
    """
    wanted = frozenset(fields)
    if not (standing.author or standing.moderator):
        raise NotTheAuthor()
    if wanted & CONTENT_FIELDS:
        if not standing.author:
            raise NotTheAuthor()
        if is_issue:
            raise ThreadOfAnIssue()
    if wanted & DESK_FIELDS and not standing.moderator:
        raise NotAModerator()


def check_expiry(expires_at: datetime | None, now: datetime) -> None:
    """A post may only end in the future; :class:`Invalid` otherwise."""
    if expires_at is not None and expires_at <= now:
        raise Invalid(errors=[FieldError("expires_at", "有效期应晚于现在")])
