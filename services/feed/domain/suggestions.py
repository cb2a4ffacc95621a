"""Which of the classifier's suggestions the committee is shown."""

from typing import Final

from services.contracts.errors import Conflict, NotFound

# Below this share it is more likely no problem. Of the project's own held-out messages 146 of 152
# reported and 19 of 20 posted problems reach it, and 1 of 36 ordinary posts (docs/model-card.md).
SHOWN_FROM: Final = 0.5


class SuggestionNotFound(NotFound):
    """Nothing was suggested for this post."""

    code = "feed.suggestion_not_found"
    zh, en = "这个帖子没有系统提示", "Nothing was suggested for this post"


class SuggestionDecided(Conflict):
    """A colleague has decided it already."""

    code = "feed.suggestion_decided"
    zh, en = "同事已经处理了这条提示", "A colleague has decided this already"


def worth_showing(problem: float, *, urgent: bool) -> bool:
    """Whether the committee should look at it; words of danger are shown at any share."""
    return urgent or problem >= SHOWN_FROM
