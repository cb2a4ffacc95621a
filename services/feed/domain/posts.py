"""A post: who sees it, how its people are named, who may change what of it.

::

            ┌── a moderator looks first ──▶ waiting ──▶ shown ◀──appeal── refused, taken_down
    written ┤                                  └──────▶ refused             ▲
            └──▶ shown ──────────────────────────────▶ taken_down ──────────┘
                   any of them ──by its author, unless it is on record──▶ deleted

``shown`` is seen by all who may read the module, ``deleted`` by nobody, the others by its author
and the moderators. What moves between them by decision stands in
:mod:`services.feed.domain.moderation`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.feed.domain.modules import Module, Order
from services.feed.domain.texts import clean_line

ANONYMOUS_NAME: Final = "匿名邻居"
UNKNOWN_NAME: Final = "邻居"
HELPER_NAME: Final = "代办人"
PINNED_FIRST: Final = 3  # pinned posts of a module that come before the others
KIND, PRAISE = "kind", "praise"  # the extra field that says what a post is, and 点赞


class PostNotFound(NotFound):
    """There is no such post, it was deleted, or it is not the actor's to see."""

    code = "feed.post_not_found"
    zh, en = "帖子不存在或已删除", "This post does not exist or was deleted"


class NotTheAuthor(Forbidden):
    """Only the author may change the content of a post."""

    code = "feed.not_the_author"
    zh, en = "只有作者本人可以修改内容", "Only the author may change the content"


class MayNotDelete(Forbidden):
    """A post is deleted by its author alone; who moderates takes it down, which can be appealed."""

    code = "feed.may_not_delete"
    zh = "只有作者本人可以删除；栏目管理人员请写明理由后下架"
    en = "Only the author may delete this; moderators take it down, with a reason"


class NotAModerator(Forbidden):
    """Only those who moderate the module may do this."""

    code = "feed.not_a_moderator"
    zh, en = "只有栏目管理人员可以进行此操作", "Only the module's moderators may do this"


class PostOver(Conflict):
    """The time for which a post was meant is over; it is read, and nobody adds to it."""

    code = "feed.post_over"
    zh, en = "这篇帖子已过有效期", "The time of this post is over"


class NameShown(Conflict):
    """The author's name is shown to everybody already."""

    code = "feed.name_shown"
    zh, en = "这里没有隐藏姓名", "No name is hidden here"


class ThreadOfAnIssue(Conflict):
    """The words of a reported problem are on record with the issue and stay as they are."""

    code = "feed.thread_of_an_issue"
    zh = "问题已登记办理，原文不能修改或删除，请在评论中补充"
    en = "This problem is on record and stays; please add what is new as a comment"


class OnRecord(Conflict):
    """What others rely on goes with no post: published accounts, questions, money, hours."""

    code = "feed.on_record"
    zh = "帖子带有已公布的账目、监督提问或项目的收支和工时，不能删除"
    en = "This carries published accounts, questions, or a project's money or hours, and stays"


# Who may change which fields: the moderators those of the desk, the author all others.
CONTENT_FIELDS: Final = frozenset({"title", "body", "attachments", "extra", "tags"})
DESK_FIELDS: Final = frozenset({"pinned"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to a post."""

    author: bool
    moderator: bool


def check_change(fields: Iterable[str], standing: Standing, *, is_issue: bool) -> None:
    """Whether somebody may change these fields of a post.

    Raises:
        NotTheAuthor: content and expiry belong to the author: an end set by a moderator would be
            a takedown that nobody can appeal against.
        NotAModerator: pins belong to the moderators.
        ThreadOfAnIssue: the words of a reported problem stay as they were said.
    """
    wanted = frozenset(fields)
    if not (standing.author or standing.moderator):
        raise NotTheAuthor()
    if wanted - DESK_FIELDS and not standing.author:
        raise NotTheAuthor()
    if wanted & CONTENT_FIELDS and is_issue:
        raise ThreadOfAnIssue()
    if wanted & DESK_FIELDS and not standing.moderator:
        raise NotAModerator()


def check_expiry(expires_at: datetime | None, now: datetime) -> None:
    """A post may only end in the future; :class:`Invalid` otherwise."""
    if expires_at is not None and expires_at <= now:
        raise Invalid(errors=[FieldError("expires_at", "有效期应晚于现在")])


def clean_tags(raw: Iterable[str]) -> list[str]:
    """Tags as they are kept: one line each, without a leading #, each once.

    Raises:
        Invalid: one has nothing to be seen.
    """
    tags: dict[str, None] = {}
    for number, tag in enumerate(raw):
        clean = clean_line(clean_line(tag).lstrip("#＃")).rstrip("#＃").strip()
        if not clean:
            raise Invalid(errors=[FieldError(f"tags.{number}", "不能为空")])
        tags[clean] = None
    return list(tags)


def check_praise(
    praised_id: str | None, extra: Mapping[str, Any], author_id: str, *, present: bool
) -> None:
    """Whether a post may thank somebody by name.

    Args:
        present: whether she belongs to the community now, as a resident or as staff.

    Raises:
        Invalid: the post is no praise (点赞), she is its author, or nobody here.
    """
    if praised_id is None:
        return
    wrong = (
        "只有点赞的帖子可以写明感谢谁"
        if extra.get(KIND) != PRAISE
        else "不能点赞自己"
        if praised_id == author_id
        else None
        if present
        else "没有这位邻居"
    )
    if wrong:
        raise Invalid(errors=[FieldError("praised_id", wrong)])


def check_order(wanted: Order | None, module: Module | None) -> Order:
    """How a list of posts is ordered: as asked for, as its module is, or newest first.

    Raises:
        Invalid: several modules together are ordered by time alone.
    """
    if module is None and wanted not in (None, "newest"):
        raise Invalid(errors=[FieldError("order", "按更新或标题排序时请指定栏目")])
    return wanted or (module.order if module else "newest")
