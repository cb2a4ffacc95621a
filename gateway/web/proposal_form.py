"""A proposal's text and rules in a form that works without a script.

Each article has its fields under a number (``a0_key``, ``a0_title``, ``a0_text``, ``a0_place``);
an article without text is taken out, one with another place moves. Of the rules a form asks for
what people change; whatever else an earlier version departs in from its preset is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.web import moments
from gateway.web.forms import Form, number, whole
from gateway.web.words_desk_topics import CHANNELS, PROXIES, RULES, SECRECY

MOST: Final = 60
"""Articles of a form: each has four fields, and a form has four hundred."""
FIRST: Final = 3
TIMES: Final = ("opens_at", "closes_at", "effective_at", "expires_at")
FIELDS: Final = ("articles", "rule_set", *TIMES, *RULES, "version")
_PARTS: Final = ("key", "title", "text", "place")
_OF_THE_SET: Final = ("base", "version", "verified", "differs_from_source")
"""What a set says of itself, and no proposal chooses."""
_ASKED: Final = frozenset({*RULES, "secrecy", "channels", "precedence", "proxies", "proxies_each"})


def rows(form: Form, articles: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The articles as the form shows them: as they were sent, or as the text has them; then one
    that is empty."""
    sent = whole(form.text("rows"))
    shown = placed(form) if sent else [_stored(one) for one in articles[:MOST]]
    grows = not sent or bool(form.text("more"))
    empty = max(FIRST - len(shown), 1) if grows else 0
    shown = (shown + [_stored({}) for _ in range(empty)])[:MOST]
    return [{**one, "place": str(place)} for place, one in enumerate(shown, 1)]


def placed(form: Form) -> list[dict[str, str]]:
    """The articles that were sent, in the order that their places say."""
    sent = [
        {part: form.text(f"a{number}_{part}") for part in _PARTS}
        for number in range(min(whole(form.text("rows")), MOST))
    ]
    return sorted(sent, key=lambda one: whole(one["place"]) or MOST + 1)


def _stored(article: Mapping[str, Any]) -> dict[str, str]:
    return {
        "key": article.get("key", ""),
        "title": article.get("title", ""),
        "text": article.get("text", ""),
        "place": "",
    }


def articles(form: Form, kept: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, str]]:
    """The text in the words of the operation; ``kept``: the text as it was, of which the articles
    stay that the form has no room for."""
    sent = [*placed(form), *map(_stored, kept[MOST:])]
    return [
        {name: one[name] for name in ("key", "title", "text") if one[name]}
        for one in sent
        if one["text"]
    ]


def marked(
    sent: Sequence[Mapping[str, str]], was: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[str, Mapping[str, str]]], list[Mapping[str, Any]]]:
    """For a preview: each article with ``added``, ``changed`` or ``same``; and those taken out."""
    before = {one["key"]: one for one in was}
    told: list[tuple[str, Mapping[str, str]]] = []
    for one in sent:
        old = before.get(one.get("key", ""))
        new = {"title": one.get("title", ""), "text": one["text"]}
        same = old is not None and {name: old[name] for name in new} == new
        told.append(("same" if same else "changed" if old else "added", new))
    left = {one.get("key") for one in sent}
    return told, [one for one in was if one["key"] not in left]


def times(form: Form) -> dict[str, str]:
    """The times that were filled in, with China's zone; what is no moment stays as it is."""
    return {name: moments.local_minute(said) or said for name in TIMES if (said := form.text(name))}


def rule_choice(
    form: Form, presets: Mapping[str, Mapping[str, Any]], last: Mapping[str, Any] | None
) -> dict[str, Any] | str:
    """The preset with what differs: what the form says, and what was chosen before beside that.

    Args:
        presets: those that there are, by their keys.
        last: the rules of the version before.
    """
    base = form.text("preset")
    differs: dict[str, Any] = {}
    if last and last["base"] == base and base in presets:
        own = presets[base]["rules"]
        differs = {
            name: value
            for name, value in last.items()
            if name not in (*_OF_THE_SET, *_ASKED) and own.get(name) != value
        }
    differs |= {name: number(said) for name in RULES if (said := form.text(name))}
    if form.text("secrecy") in SECRECY:
        differs["secrecy"] = form.text("secrecy")
    if form.text("channels") in CHANNELS:
        differs["channels"] = form.text("channels").split(",")
    if form.text("proxies") in PROXIES:
        differs["proxies"] = form.text("proxies")
    return {"base": base, **differs} if differs else base


def chosen(
    presets: Mapping[str, Mapping[str, Any]], last: Mapping[str, Any] | None
) -> dict[str, str]:
    """What the fields say to begin with: where the version before departs from its preset."""
    if last is None or last["base"] not in presets:
        return {}
    own = presets[last["base"]]["rules"]
    said = {name: last[name] for name in (*RULES, "secrecy", "proxies") if last[name] != own[name]}
    if sorted(last["channels"]) != sorted(own["channels"]):
        said["channels"] = ",".join(sorted(last["channels"]))
    return {"preset": last["base"], **{name: str(value) for name, value in said.items()}}
