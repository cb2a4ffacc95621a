"""Rule sets: what a proposal makes of a preset, and how that stands to the law behind it.

::

    preset (version, source) ─┐
    what differs ─────────────┼─ resolve ─► RuleSet, frozen with the poll, hashed
    confirmations ────────────┘

What a preset's source does not leave to the choice are its *bounds*. Where the law was read, or an
administrator of the district has confirmed the version, a bound binds: whoever goes below is
refused. A set that lets less carry a motion than 民法典 art. 278 wants is not ``owners_ordinary``
any more, whatever it is called, and what it decides can be set aside (art. 280). Where the law of
today could not be read, nobody here can say that a departure is unlawful: it is marked
(``differs_from_source``), and the set does not count as verified. The same goes for what courts see
differently: non-voters counted with the majority. ``article_2017`` rests on no law that it names;
who wants rules of her own begins there.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from services.contracts.errors import FieldError, RuleBroken
from services.contracts.operations.votes.rules import RuleChoice, RuleOverrides, RuleSet
from services.votes.domain.ledger import canonical
from services.votes.domain.presets import PRESETS, PresetVersion, current
from services.votes.domain.rule_words import UNVERIFIED, arithmetic, in_words

__all__ = [
    "PRESETS",
    "UNVERIFIED",
    "BadRules",
    "Confirmed",
    "PresetVersion",
    "arithmetic",
    "current",
    "digest",
    "in_words",
    "resolve",
    "with_confirmations",
]

Confirmed = Collection[tuple[str, int]]
"""The versions of presets that a district's administrators have confirmed."""


class BadRules(RuleBroken):
    """No rule set can be made of this: a field is wrong, does not fit, or goes below the law."""

    code = "votes.bad_rules"
    zh, en = "表决规则不成立", "These rules do not work"


_NOT_CHOSEN: Final = ("version", "verified", "differs_from_source")
_WHERE: Final = "rule_set"
_MOST_PROBLEMS: Final = 30


def resolve(choice: RuleChoice, confirmed: Confirmed = ()) -> RuleSet:
    """The rule set that a proposal names.

    Args:
        choice: a preset, or a preset with what differs from it.
        confirmed: what the district's administrators have confirmed.

    Raises:
        BadRules: a field does not exist or has the wrong shape, the parts do not fit, or it goes
            below what the law behind the preset wants. Fields are dotted, below ``rule_set``.
    """
    overrides = dict(choice.model_extra or {}) if isinstance(choice, RuleOverrides) else {}
    preset = current(choice.base if isinstance(choice, RuleOverrides) else choice)
    reserved = [name for name in _NOT_CHOSEN if name in overrides]
    if reserved:
        raise _bad((name, "is not for the proposal to say") for name in reserved)
    rules = _validated(
        {**_merged(preset.rules, overrides), "base": preset.preset, "version": preset.version}
    )
    if rules.objection_days > min(rules.notice_days, rules.publicity_days):
        raise _bad([("objection_days", "must end within the notice and within the publicity")])
    return _measured(rules, preset, confirmed)


def with_confirmations(rules: RuleSet, confirmed: Confirmed) -> RuleSet:
    """A resolved set, with what is confirmed by now: as it is frozen when the poll opens.

    What was resolved is not refused afterwards; a confirmation that came meanwhile marks it.
    """
    preset = next(one for one in PRESETS[rules.base] if one.version == rules.version)
    sure = preset.read or (rules.base, rules.version) in confirmed
    return rules.model_copy(update={"verified": sure and not rules.differs_from_source})


def digest(rules: RuleSet) -> str:
    """SHA-256 of the whole set as canonical JSON: keys sorted, no spaces, UTF-8 (hexadecimal)."""
    return hashlib.sha256(canonical(rules.model_dump(mode="json")).encode()).hexdigest()


def _measured(rules: RuleSet, preset: PresetVersion, confirmed: Confirmed) -> RuleSet:
    """The set with what it departs in; refused where that is not for anybody to choose."""
    departs = [bound for bound in preset.bounds if not bound.kept(rules)]
    sure = preset.read or (preset.preset, preset.version) in confirmed
    if sure and (below := [bound for bound in departs if not bound.open]):
        raise _bad((bound.field, f"{bound.zh} / {bound.en}") for bound in below)
    differs = [bound.field for bound in departs]
    return rules.model_copy(
        update={"verified": sure and not differs, "differs_from_source": differs}
    )


def _merged(preset: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given over what the preset says, object by object; see :class:`RuleOverrides`.

    What goes along with a choice need not be said: a roll of households is counted by household,
    and written proxies are one for each unless more are allowed.
    """
    merged = {**preset, **given}
    for name, old in preset.items():
        new = given.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            merged[name] = _over(name, old, new)
    who = given.get("electorate")
    if "weight" not in given and isinstance(who, Mapping) and who.get("who") == "households":
        merged["weight"] = "household"
    if "proxies" in given and "proxies_each" not in given:
        merged["proxies_each"] = int(given["proxies"] == "written")
    return merged


def _over(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    if name == "quorum" and new.get("kind", old.get("kind")) != old.get("kind"):
        return dict(new)
    if name == "threshold" and new.get("unanimous") is True:
        old = {key: value for key, value in old.items() if key not in ("heads", "area")}
    return {**old, **new}


def _validated(content: Mapping[str, Any]) -> RuleSet:
    """Read as JSON, strictly: ``"7"`` is no number of days, and ``true`` no 1."""
    try:
        return RuleSet.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise _bad(_said(error)) from None


def _said(error: ValidationError) -> Iterable[tuple[str, str]]:
    for one in error.errors():
        if one["type"] == "rules_do_not_fit":
            yield from one["ctx"]["problems"]
        else:
            yield ".".join(str(part) for part in one["loc"]), one["msg"]


def _bad(problems: Iterable[tuple[str, str]]) -> BadRules:
    return BadRules(
        errors=[
            FieldError(f"{_WHERE}.{name}" if name else _WHERE, said)
            for name, said in islice(problems, _MOST_PROBLEMS)
        ]
    )
