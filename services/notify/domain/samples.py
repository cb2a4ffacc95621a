"""Notifications as they would be said, with facts made up: to be looked at before they are used."""

from dataclasses import dataclass
from typing import Final, TypedDict

from services.notify.domain.news import Kind
from services.notify.domain.rules import RULES
from services.notify.domain.templates import Words
from services.notify.domain.wording import WORDINGS, Language, short, why_text, words

FACTS: Final[dict[str, str]] = {
    "actor_role": "committee_staff",
    "closes_at": "2026-03-16T10:00:00+00:00",
    "convener": "residents_committee",
    "count": "3",
    "deadline_at": "2026-03-09T10:00:00+00:00",
    "department": "城管",
    "due_at": "2026-03-04T10:00:00+00:00",
    "headline": "燃气泄漏，请立即离开楼道",
    "into_title": "楼道充电与消防安全",
    "opens_at": "2026-03-09T01:00:00+00:00",
    "place": "3 号楼",
    "plan_title": "2026 年小区改造方案",
    "score": "5",
    "text": "不要开关电器，不要乘电梯，从楼梯走到小区北门集合。",
    "until": "2026-03-11T04:00:00+00:00",
    "week": "3月2日至3月8日",
    "work_order_no": "BS20260302000001",
}
TITLE, ACTOR, COMMUNITY = "3 号楼前电动车乱停", "孙奶奶", "尚园居民区"


@dataclass(frozen=True, slots=True)
class Sample:
    """One notification in one language."""

    words: Words
    short: str


class _Named(TypedDict):
    language: Language
    title: str
    actor: str
    community: str


def sample(kind: Kind, variant: str, language: Language) -> Sample:
    """A notification of this kind and variant, of what could have happened."""
    of: _Named = {"language": language, "title": TITLE, "actor": ACTOR, "community": COMMUNITY}
    return Sample(words(kind, variant, FACTS, **of), short(kind, variant, FACTS, **of))


def reasons(kind: Kind, variant: str, language: Language) -> tuple[str, ...]:
    """For which reasons somebody is told of it."""
    whys = dict.fromkeys(r.why for r in RULES if r.kind is kind and variant in r.variants)
    return tuple(why_text(why, language) for why in whys)


def known() -> tuple[tuple[Kind, str], ...]:
    """Every kind with its variants, in order."""
    return tuple(sorted(WORDINGS))
