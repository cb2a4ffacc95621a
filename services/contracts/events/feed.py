"""What feed tells: what neighbours share."""

from datetime import datetime
from typing import Literal

from services.contracts.events.base import Event

SignUpState = Literal["in", "waiting", "invited", "cancelled"]
HandshakeState = Literal["asked", "agreed", "declined", "done", "thanked", "no_show", "cancelled"]
Because = Literal["own", "alone", "lapsed", "left"]
ProjectState = Literal[
    "applied", "approved", "refused", "recruiting", "running", "done", "cancelled"
]


class PostPublished(Event, source="feed", type="post.published", version=1, subject="post_id"):
    """A post became visible to its community.

    ``issue_id`` is set when the post is the thread of a reported issue; ``hide_name`` when the
    author's name is not to be shown to the neighbours; ``praised_id`` is the neighbour it thanks.
    ``official`` marks what was written in office, ``praise`` a post of that kind, whether or not it
    thanks somebody by name. ``mentions`` are the neighbours whom the text names (``@孙奶奶``) and
    who want to hear from its author.
    """

    post_id: str
    community_id: str
    path: str
    module: str
    author_id: str
    title: str
    issue_id: str | None = None
    hide_name: bool = False
    praised_id: str | None = None
    official: bool = False
    praise: bool = False
    mentions: list[str] = []


class PostChanged(Event, source="feed", type="post.changed", version=1, subject="post_id"):
    """A post's text, pin or expiry changed.

    ``shown_again``: it had been taken from the neighbours' eyes, and is back.
    """

    post_id: str
    community_id: str
    path: str
    module: str
    shown_again: bool = False


class PostRemoved(Event, source="feed", type="post.removed", version=1, subject="post_id"):
    """A post is no longer visible: deleted by its author or taken down."""

    post_id: str
    community_id: str
    path: str
    module: str


class CommentPublished(
    Event, source="feed", type="comment.published", version=1, subject="post_id"
):
    """Somebody commented on a post; ``official`` marks an answer in office.

    ``mentions``: see :class:`PostPublished`.
    """

    comment_id: str
    post_id: str
    community_id: str
    path: str
    module: str
    author_id: str
    post_author_id: str
    reply_to_author_id: str | None = None
    official: bool = False
    issue_id: str | None = None
    mentions: list[str] = []


class ReactionChanged(Event, source="feed", type="reaction.changed", version=1, subject="post_id"):
    """The likes of a post or of a comment beneath it changed; ``like_count`` is the post's.

    ``person_id`` did it; it is empty in events of earlier versions.
    """

    post_id: str
    community_id: str
    path: str
    module: str
    like_count: int
    person_id: str = ""


class ViewChanged(
    Event, source="feed", type="view.changed", version=1, subject=("community_id", "person_id")
):
    """What feed shows changed otherwise than by a post.

    With a ``community_id`` to all there (a name, a badge, who belongs), and with a ``person_id`` to
    this person (her belonging, whom she keeps away from). For whoever keeps answers: nothing is
    said about what it was.
    """

    community_id: str = ""
    person_id: str = ""


class DistancesChanged(
    Event, source="feed", type="distances.changed", version=1, subject="person_id"
):
    """From whom somebody keeps away (屏蔽, 拉黑) by now, all of them; for notify alone.

    No other queue may ask for it: who keeps away from whom is nobody else's to know. ``named`` are
    those whom she does not hear with their names, ``hidden`` those whom she does not hear where
    they hide theirs.
    """

    person_id: str
    named: list[str] = []
    hidden: list[str] = []


class ModuleChanged(
    Event, source="feed", type="module.changed", version=1, subject=("community_id", "key")
):
    """A community changed how one of its modules works, made one of its own, or gave one up."""

    community_id: str
    path: str
    key: str


class PostOffered(Event, source="feed", type="post.offered", version=1, subject="post_id"):
    """A post of a module where problems turn up was published or edited: is it a problem?

    Its words go to the bridge's classifier alone. ``post_version`` names the text that was read.
    Without ``asks`` (offers and needs of mutual aid) nothing is suggested to anybody; it is read
    among the others for what concerns people. ``author_id`` is empty in events of earlier versions.
    """

    post_id: str
    community_id: str
    path: str
    module: str
    post_version: int
    title: str
    body: str
    author_id: str = ""
    asks: bool = True


class SignUpChanged(Event, source="feed", type="sign_up.changed", version=1, subject="sign_up_id"):
    """Somebody's part in an event changed; ``moved_up`` from the waiting list, by itself.

    ``invited_by`` shares the place; ``organiser_id`` is the author of the post. ``called_off``: it
    ended with the whole event, not by the person's own hand; a place that is not ``cancelled`` then
    stands, but the post is gone from the lists. ``because`` says what else it came of when it was
    not her ``own`` doing: she is ``alone`` on a place that was shared, her invitation ``lapsed``,
    she ``left`` the community.
    """

    sign_up_id: str
    post_id: str
    community_id: str
    path: str
    module: str
    person_id: str
    organiser_id: str
    state: SignUpState
    moved_up: bool = False
    invited_by: str | None = None
    checked_in: bool = False
    called_off: bool = False
    because: Because = "own"


class HandshakeChanged(
    Event, source="feed", type="handshake.changed", version=1, subject="handshake_id"
):
    """Two neighbours moved on with an offer, a need or a thing; ``by`` None is time itself."""

    handshake_id: str
    post_id: str
    community_id: str
    path: str
    module: str
    kind: Literal["offer", "need", "idle"]
    state: HandshakeState
    author_id: str
    asker_id: str
    by: str | None = None


class ProjectAdvanced(Event, source="feed", type="project.advanced", version=1, subject="post_id"):
    """A micro-project (公益项目) took a step.

    ``volunteer_ids`` are those who take part now, at most 200: the first who joined.
    """

    post_id: str
    community_id: str
    path: str
    module: str
    step: str
    state: ProjectState
    author_id: str
    actor_id: str
    volunteer_ids: list[str] = []


class ContentReported(Event, source="feed", type="content.reported", version=1, subject="case_id"):
    """A post, comment or question waits for a moderator; who reported it is not told.

    ``for_town``: the community has nobody left to decide it.
    """

    case_id: str
    target: Literal["post", "comment", "question"]
    target_id: str
    post_id: str
    community_id: str
    path: str
    module: str
    opened_by: Literal["module", "lexicon", "report", "staff"]
    appealed: bool = False
    for_town: bool = False


class ContentDecided(Event, source="feed", type="content.decided", version=1, subject="case_id"):
    """A moderator decided; the author is told why. ``final`` is the second person's decision."""

    case_id: str
    target: Literal["post", "comment", "question"]
    target_id: str
    post_id: str
    community_id: str
    path: str
    module: str
    author_id: str
    decision: Literal["keep", "take_down"]
    decided_by: str
    final: bool = False


class SilenceChanged(Event, source="feed", type="silence.changed", version=1, subject="silence_id"):
    """Somebody may not write in a community until a time (禁言), or may again."""

    silence_id: str
    person_id: str
    community_id: str
    path: str
    until: datetime | None


class QuestionEvent(Event, abstract=True):
    """What every event about a supervision question (监督提问) says."""

    question_id: str
    post_id: str
    community_id: str
    path: str
    module: str
    asker_id: str


class QuestionAsked(
    QuestionEvent, source="feed", type="question.asked", version=1, subject="question_id"
):
    """A question about disclosed affairs or accounts; it must be answered by ``due_at``."""

    due_at: datetime


class QuestionAnswered(
    QuestionEvent, source="feed", type="question.answered", version=1, subject="question_id"
):
    """It was answered in office."""

    answered_by: str


class QuestionOverdue(
    QuestionEvent, source="feed", type="question.overdue", version=1, subject="question_id"
):
    """It was not answered in time."""

    due_at: datetime
