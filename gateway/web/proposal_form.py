"""A proposal's text and rules on one page: its articles with their places, and of the rules what
people change; whatever else an earlier version departs in from its preset is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.web import article_form
from gateway.web.article_form import MOST, TIMES
from gateway.web.forms import Form, number, whole
from gateway.web.words_desk_topics import CHANNELS, PROXIES, RULES, SECRECY

FIRST: Final = 3
FIELDS: Final = ("articles", "rule_set", *TIMES, *RULES, "version")
_OF_THE_SET: Final = ("base", "version", "verified", "differs_from_source")
"""What a set says of itself, and no proposal chooses."""
_ASKED: Final = frozenset({*RULES, "secrecy", "channels", "precedence", "proxies", "proxies_each"})


def rows(form: Form, articles: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The articles as the form shows them: as they were sent, or as the text has them; then one
    that is empty."""
    sent = bool(whole(form.text("rows")))
    shown = article_form.sent(form) if sent else list(map(article_form.stored, articles[:MOST]))
    shown = article_form.padded(shown, FIRST, grows=not sent or form.ticked("more"))
    return [{**one, "place": str(place)} for place, one in enumerate(shown, 1)]


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
