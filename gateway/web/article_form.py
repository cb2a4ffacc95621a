"""A proposal's articles and times in a form that works without a script, for whatever page it is.

Each article has its fields under a number (``a0_key``, ``a0_title``, ``a0_text``); an article
without text is taken out. Where a form has places, too (``a0_place``), one with another place
moves.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from gateway.web import moments
from gateway.web.forms import Form, whole

MOST: Final = 60
"""Articles of a form: each has four fields at most, and a form has four hundred."""
PARTS: Final = ("key", "title", "text")
TIMES: Final = ("opens_at", "closes_at", "effective_at", "expires_at")
VOTING: Final = timedelta(days=7)
EVENING: Final = time(20)
"""When voting ends by default, on China's clock."""


def sent(form: Form) -> list[dict[str, str]]:
    """The articles that were sent, in the order that their places say."""
    found = [
        {part: form.text(f"a{number}_{part}") for part in (*PARTS, "place")}
        for number in range(min(whole(form.text("rows")), MOST))
    ]
    return sorted(found, key=lambda one: whole(one["place"]) or MOST + 1)


def stored(article: Mapping[str, Any]) -> dict[str, str]:
    """An article of a version as the form has it."""
    return {part: article[part] for part in PARTS} | {"place": ""}


def padded(shown: list[dict[str, str]], least: int, *, grows: bool) -> list[dict[str, str]]:
    """The articles with empty ones behind: until there are ``least``; one more where it grows."""
    empty = dict.fromkeys((*PARTS, "place"), "")
    return (shown + [empty] * max(least - len(shown), int(grows)))[:MOST]


def articles(form: Form, was: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, str]]:
    """The text in the words of the operation.

    Args:
        was: the text as it was, of which the articles stay that the form has no room for.
    """
    return [
        {part: one[part] for part in PARTS if one[part]}
        for one in (*sent(form), *map(stored, was[MOST:]))
        if one["text"]
    ]


def times(form: Form) -> dict[str, str]:
    """The times that were filled in, with China's zone; what is no moment stays as it is."""
    return {name: moments.local_minute(said) or said for name, said in form.some(*TIMES).items()}


def times_of(version: Mapping[str, Any]) -> dict[str, str]:
    """The times of a version in the form's fields."""
    return {name: moments.for_field(version[name]) for name in TIMES if version[name]}


def first_times(day: datetime, opens: time) -> dict[str, str]:
    """Times to begin with: from that hour of a day on, until an evening a week later."""
    first = day.astimezone(moments.CHINA).date()
    begins = datetime.combine(first, opens, moments.CHINA)
    ends = datetime.combine(first + VOTING, EVENING, moments.CHINA)
    return {"opens_at": moments.for_field(begins), "closes_at": moments.for_field(ends)}
