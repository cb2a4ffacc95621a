"""What is remembered of threads: their titles, and who takes part in them."""

from dataclasses import dataclass

from services.contracts import events as e

AT_THE_DESK = ("phone", "visit", "letter")
"""Where a case came from that the committee took in, and posts in office."""


@dataclass(frozen=True, slots=True)
class Thread:
    """What is remembered of a thread so that its news can name it.

    ``author_hidden``: the author asked that the neighbours do not see who reported it.
    """

    post_id: str
    title: str
    author_id: str
    author_hidden: bool


@dataclass(frozen=True, slots=True)
class Follow:
    """Somebody takes part in a thread and hears of it from now on."""

    post_id: str
    person_id: str


def thread_of(event: e.Event) -> Thread | None:
    """The thread that an event opens.

    A reported issue and the post that feed makes of it both open it, in whichever order they
    come; a post that staff turned into an issue keeps its own title.
    """
    if isinstance(event, e.PostPublished):
        return Thread(event.post_id, event.title, event.author_id, event.hide_name)
    if isinstance(event, e.IssueReported) and event.source in AT_THE_DESK:
        return Thread(event.post_id, event.title, event.taken_up_by or "", author_hidden=False)
    if isinstance(event, e.IssueReported) and not event.from_post:
        return Thread(event.post_id, event.title, event.reporter_id, event.hide_name)
    return None


def follows_of(event: e.Event) -> tuple[Follow, ...]:
    """Who takes part in a thread by this event."""
    if isinstance(event, e.PostPublished):
        return (Follow(event.post_id, event.author_id),) if event.author_id else ()
    if isinstance(event, e.IssueReported):
        return (Follow(event.post_id, event.reporter_id),) if event.reporter_id else ()
    if isinstance(event, e.CommentPublished):
        return tuple(
            Follow(event.post_id, person)
            for person in sorted({event.author_id, event.post_author_id} - {""})
        )
    return ()
