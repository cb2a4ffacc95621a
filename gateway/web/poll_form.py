"""A vote prepared in steps, by a form that carries its other steps along and needs no script.

::

    text ─▶ rules ─▶ terms ─▶ times ─▶ look ─▶ kept as the proposal's next version
      └── each a page of its own; what the others hold travels in hidden fields

Fields of the rules are named as an error of the service names them (``rule_set_notice_days``). What
a version says and no field shows (an either-or quorum, say) travels as it is (``rule_set_was``),
and goes when another preset is chosen.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from gateway.web import article_form
from gateway.web.article_form import MOST, PARTS, TIMES
from gateway.web.forms import Form, number, whole

STEPS: Final = ("text", "rules", "terms", "times", "look")
FIRST: Final = 2
NUMBERS: Final = ("notice_days", "objection_days", "publicity_days", "lock_days")
WORDS: Final = ("secrecy", "proxies")
KEPT: Final = (
    "electorate", "weight", "quorum", "threshold", "abstain_is_present", "non_voters", "precedence",
)  # fmt: skip
"""What a version says of its rules that no field of the form shows."""
DEEP: Final = ("electorate", "threshold")
"""Those of them that the form's own fields are put into."""
RULES: Final = (
    "base", "of", "was", "who", "channels", "change_of_vote", "extension_times", "extension_days",
    "proxies_each", "share_present", "share_agree", *WORDS, *NUMBERS,
)  # fmt: skip
CARRIED: Final = (*(f"rule_set_{name}" for name in RULES), *TIMES, "version")
FIELDS: Final = (*CARRIED, "rule_set", "articles")
MORNING: Final = time(8)
"""When voting begins by default, on China's clock."""


# -- what stands in the form ------------------------------------------------------------------


def begun(version: Mapping[str, Any] | None, newest: int) -> dict[str, str]:
    """The fields as a version of the proposal has them; without one, none but its number."""
    if version is None:
        return {"version": str(newest)}
    values = {"version": str(newest), "rows": str(len(version["articles"][:MOST]))}
    for place, one in enumerate(version["articles"][:MOST]):
        values |= {f"a{place}_{name}": one[name] for name in PARTS}
    if version["rules"]:
        values |= terms(version["rules"], keep=True)
    return values | article_form.times_of(version)


def terms(rules: Mapping[str, Any], *, keep: bool = False) -> dict[str, str]:
    """The fields of a rule set.

    Args:
        keep: whether it is a version's own, whose rules without a field stay as they are.
    """
    said = {
        "base": rules["base"],
        "of": rules["base"],
        "was": json.dumps({name: rules[name] for name in KEPT}) if keep else "",
        "who": rules["electorate"]["who"],
        "channels": ",".join(sorted(rules["channels"])),
        "change_of_vote": "1" if rules["change_of_vote"] else "",
        "extension_times": str(rules["extension"]["times"]),
        "extension_days": str(rules["extension"]["days"]),
        "proxies_each": str(rules["proxies_each"]),
        **{name: str(rules[name]) for name in (*WORDS, *NUMBERS)},
    }
    return {f"rule_set_{name}": value for name, value in said.items()}


def rows(form: Form) -> list[dict[str, str]]:
    """The articles of the form, and where there is room for more an empty one."""
    shown = article_form.sent(form)
    return article_form.padded(shown, FIRST, grows=not shown or form.text("go") == "more")


def suggested(notice_days: int, now: datetime) -> dict[str, str]:
    """Times that leave the notice whole: from a morning on, until an evening a week later."""
    return article_form.first_times(now + timedelta(days=notice_days + 1), MORNING)


# -- how far it is ----------------------------------------------------------------------------


def missing(form: Form, aim: str) -> list[str]:
    """The steps that still lack something."""
    lacks = []
    if aim != "repeal" and not any(one["text"] for one in rows(form)):
        lacks.append("text")
    if not form.text("rule_set_base"):
        lacks += ["rules", "terms"]
    if not (form.text("opens_at") and form.text("closes_at")):
        lacks.append("times")
    return lacks


def faulty(form: Form) -> str:
    """The step on which the first fault of a form stands."""
    for name in form.errors:
        if name.startswith("rule_set"):
            return "terms"
        if name in TIMES:
            return "times"
        return "text" if name == "articles" else "look"
    return "look"


# -- what it says -----------------------------------------------------------------------------


def chosen(form: Form) -> dict[str, Any]:
    """The rules in the words of the operation: the preset, and what differs from it."""
    said: dict[str, Any] = {**_was(form), "base": form.text("rule_set_base")}
    who = form.text("rule_set_who")
    if who:
        said["electorate"] = {**said.get("electorate", {}), "who": who}
        if who == "households" or said.get("weight") == "household":
            said.pop("weight", None)  # goes along with the roll
    for name in WORDS:
        said |= _given(form, name)
    for name in NUMBERS:
        said |= {key: number(text) for key, text in _given(form, name).items()}
    if form.text("rule_set_channels"):
        said["channels"] = form.text("rule_set_channels").split(",")
    if form.text("rule_set_secrecy"):  # the page of the terms was seen
        said["change_of_vote"] = form.ticked("rule_set_change_of_vote")
    if "proxies" in said:
        each = form.text("rule_set_proxies_each") or "1"
        said["proxies_each"] = number(each) if said["proxies"] == "written" else 0
    if form.text("rule_set_extension_times"):
        times = number(form.text("rule_set_extension_times"))
        days = number(form.text("rule_set_extension_days") or "0") if times else 0
        said["extension"] = {"times": times, "days": days}
    return said | _shares(form, said.get("threshold", {}))


def _given(form: Form, name: str) -> dict[str, str]:
    text = form.text(f"rule_set_{name}")
    return {name: text} if text else {}


def _was(form: Form) -> dict[str, Any]:
    try:
        was = json.loads(form.text("rule_set_was") or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(was, dict) or not all(isinstance(was.get(name, {}), dict) for name in DEEP):
        return {}
    return {name: was[name] for name in KEPT if name in was}


def _shares(form: Form, threshold: Mapping[str, Any]) -> dict[str, Any]:
    """The shares that somebody wrote herself: of 1/2 more is wanted, 2/3 and the like will do."""
    owners = form.text("rule_set_base").startswith("owners_")
    present, agree = form.text("rule_set_share_present"), form.text("rule_set_share_agree")
    said: dict[str, Any] = {}
    if present:
        bar = _bar(present)
        said["quorum"] = (
            {"kind": "dual", "area": bar, "heads": bar}
            if owners
            else {"kind": "fraction", "entries": bar}
        )
    if agree:
        bar = _bar(agree)
        bars = {"heads": bar, "area": bar} if owners else {"heads": bar}
        said["threshold"] = {**threshold, **bars, "unanimous": False}
    return said


def _bar(share: str) -> dict[str, Any]:
    return {"at": share, "above": share == "1/2"}


def written(form: Form, articles: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The whole form in the words of ``putProposal``; a time that is missing is said to be."""
    return {
        "articles": [{"title": "", **one} for one in articles],
        "rule_set": chosen(form),
        "version": whole(form.text("version")),
        **{"opens_at": "", "closes_at": "", **article_form.times(form)},
    }


def trial(form: Form, weight: str) -> dict[str, Any]:
    """Made-up numbers to reckon the rules on; nothing while none were written."""
    if not whole(form.text("try_roll")):
        return {}
    areas = weight in ("floor_area", "dual")

    def side(name: str) -> dict[str, int]:
        told = {"entries": whole(form.text(f"try_{name}"))}
        return told | ({"area": 100 * whole(form.text(f"try_{name}_area"))} if areas else {})

    votes = {name: side(name) for name in ("for", "against", "abstain")}
    return {"roll": side("roll"), "votes": votes}
