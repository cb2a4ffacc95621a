"""Supervision questions (监督提问) about disclosed affairs; each must be answered."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Id,
    ListCommand,
    Operation,
    Page,
    View,
)
from services.contracts.operations.feed.common import (
    AttachmentView,
    Author,
    CommentBody,
    OfPost,
    Photos,
)

QuestionState = Literal["open", "overdue", "answered"]


class AskQuestion(OfPost):
    """Ask about a disclosing post, or about ``line`` of its account."""

    body: CommentBody
    line: int | None = Field(default=None, ge=1, le=1_000_000)
    hide_name: bool = False


class AnswerQuestion(OfPost):
    """Answer in office; ``id`` is the question's."""

    body: CommentBody
    attachments: Photos = Field(default_factory=list)


class ListQuestions(ListCommand):
    """The questions about a post, the newest first."""

    id: Id
    state: QuestionState | None = None


class ListCommunityQuestions(ListCommand):
    """The questions of a community, those due first at the head."""

    cid: Id
    state: QuestionState | None = None


class Question(View):
    """A question with its answer. ``due_at`` is until when it must be answered.

    Until it is ``shown`` its words are for its author, the office that answers, and who moderates;
    of one that was ``taken_down`` the others see the place and the answer. ``may_answer``: it is
    open, and the reader serves in the office that discloses.
    """

    id: str
    post_id: str
    post_title: str
    community_id: str
    line: int | None
    body: str
    asker: Author
    mine: bool
    asked_at: datetime
    due_at: datetime
    state: QuestionState
    answer: str | None
    answered_by: Author | None
    answered_role: str | None
    answered_at: datetime | None
    content_state: Literal["shown", "waiting", "refused", "taken_down"]
    attachments: list[AttachmentView]
    may_answer: bool


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "askQuestion",
        "POST /posts/{id}/questions",
        service="feed",
        who=NEIGHBOUR,
        command=AskQuestion,
        result=Question,
        status=201,
        summary="Ask about disclosed affairs",
    ),
    Operation(
        "listQuestions",
        "GET /posts/{id}/questions",
        service="feed",
        who=PERSON,
        command=ListQuestions,
        result=Page[Question],
        summary="The questions about a post",
    ),
    Operation(
        "listCommunityQuestions",
        "GET /communities/{cid}/questions",
        service="feed",
        who=PERSON,
        command=ListCommunityQuestions,
        result=Page[Question],
        summary="The questions of a community",
    ),
    Operation(
        "answerQuestion",
        "POST /questions/{id}/answer",
        service="feed",
        who=NEIGHBOUR,
        command=AnswerQuestion,
        result=Question,
        status=201,
        summary="Answer a question in office",
    ),
)
