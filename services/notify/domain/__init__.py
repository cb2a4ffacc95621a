"""Who must know what, and in which words: pure rules, no I/O, no clock."""

from services.notify.domain.news import (
    Audience,
    Followers,
    Kind,
    Members,
    News,
    OnDuty,
    Persons,
    Rule,
    Why,
)
from services.notify.domain.rules import RULES, actor_of, ancestors, neighbour_of, news_of
from services.notify.domain.templates import Words
from services.notify.domain.threads import (
    Follow,
    Part,
    Thread,
    Unfollow,
    ends,
    follows_of,
    step_of,
    thread_id_of,
    threads_of,
)
from services.notify.domain.wording import (
    WORDINGS,
    Language,
    language_of,
    pick,
    short,
    why_text,
    words,
)

__all__ = [
    "RULES",
    "WORDINGS",
    "Audience",
    "Follow",
    "Followers",
    "Kind",
    "Language",
    "Members",
    "News",
    "OnDuty",
    "Part",
    "Persons",
    "Rule",
    "Thread",
    "Unfollow",
    "Why",
    "Words",
    "actor_of",
    "ancestors",
    "ends",
    "follows_of",
    "language_of",
    "neighbour_of",
    "news_of",
    "pick",
    "short",
    "step_of",
    "thread_id_of",
    "threads_of",
    "why_text",
    "words",
]
