"""A comment: what becomes of it, what may be done with it.

::

                 ┌─▶ waiting ──keep──▶ shown        waiting ──take_down──▶ refused
                 │      └────by its author──▶ deleted   (see ``posts`` for who decides)
    written ─────┤
                 └─▶ shown ──by its author──▶ deleted
                       └─────take_down──────▶ taken_down ──appeal: keep──▶ shown

What once was shown keeps its place: a line without words, so that answers to it stay readable.
What never was has none, except for its author and the moderators; taken back, for nobody.
"""

from typing import Final

from services.contracts.errors import Conflict, Forbidden, NotFound, RuleBroken

SHOWN: Final = "shown"
DELETED: Final = "deleted"
TAKEN_BACK: Final = (SHOWN, "waiting")  # what its author may still delete
ONCE_SHOWN: Final = (SHOWN, "taken_down", DELETED)
REPLIES_INLINE: Final = 2  # of each comment, where the first level is listed
ANSWERS_ON_TOP: Final = 3  # of a thread, with its post


class CommentNotFound(NotFound):
    """There is no such comment, it is not shown, or it is not the actor's to see."""

    code = "feed.comment_not_found"
    zh, en = "评论不存在或已不再显示", "This comment does not exist or is no longer shown"


class NotTheCommentsAuthor(Forbidden):
    """A comment is deleted by who wrote it; moderators take it down, with a reason."""

    code = "feed.not_the_comments_author"
    zh = "只有评论者本人可以删除；管理人员请走审核下架"
    en = "Only its author may delete a comment; moderators take it down, with a reason"


class StepOfAnIssue(Conflict):
    """A step of a reported problem is on record with the issue and stays."""

    code = "feed.step_of_an_issue"
    zh, en = "这是办理记录，不能删除", "This is a step on record and stays"


class OnlyAnswersArePinned(RuleBroken):
    """Only what was answered in office stands on top of a thread."""

    code = "feed.only_answers_are_pinned"
    zh, en = "只有官方答复可以置顶", "Only answers in office can be pinned"


def moved(was: str, becomes: str) -> int:
    """By how much the counters change when a comment goes from one state to another."""
    return int(becomes == SHOWN) - int(was == SHOWN)


def check_deletion(*, mine: bool, step: str | None) -> None:
    """Whether somebody may delete a comment.

    Raises:
        NotTheCommentsAuthor: it is somebody else's.
        StepOfAnIssue: it tells what was done about a problem.
    """
    if not mine:
        raise NotTheCommentsAuthor()
    if step is not None:
        raise StepOfAnIssue()


def check_pin(*, official: bool, step: str | None) -> None:
    """Whether a comment can stand on top; :class:`OnlyAnswersArePinned` when it is no answer."""
    if not official or step is not None:
        raise OnlyAnswersArePinned()
