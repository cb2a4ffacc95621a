"""The words of each notification, in Chinese and in English.

A notification is kept as facts and put into words when it is read: in the reader's language,
with the thread's present title and the present display name of whoever acted. So a name that
was changed or deleted, or a post that was taken down, disappears from every inbox at once.

The body is left out when one of its facts is not known; a title always has a stand-in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from string import Formatter
from typing import Literal

from services.notify.domain.emergency_words import EMERGENCY_WORDS
from services.notify.domain.issue_words import ISSUE_WORDS
from services.notify.domain.neighbour_words import NEIGHBOUR_WORDS
from services.notify.domain.news import Kind, Why
from services.notify.domain.order_news import ORDER_WORDS
from services.notify.domain.own_words import OWN_WORDS
from services.notify.domain.plan_news import PLAN_WORDS
from services.notify.domain.templates import Wording, Words, say
from services.notify.domain.votes_words import VOTES_WORDS

Language = Literal["zh", "en"]
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
TITLE_CHARACTERS = 40
SHORT_CHARACTERS = 70
"""What one SMS holds in Chinese (3GPP TS 23.040: 140 octets, UCS-2); a push shows little more."""


WORDINGS: dict[tuple[Kind, str], Wording] = {
    (Kind.ANNOUNCEMENT, ""): say(
        "新公告：{title}", "Announcement: {title}", "{community}", "{community}"
    ),
    (Kind.COMMENT, ""): say("{actor}评论了「{title}」", "{actor} commented on “{title}”"),
    (Kind.COMMENT, "official"): say(
        "{actor}以工作身份回复了「{title}」", "{actor} answered “{title}” in office"
    ),
    (Kind.COMMENT, "reply"): say(
        "{actor}回复了您在「{title}」中的评论", "{actor} replied to your comment on “{title}”"
    ),
    (Kind.MENTION, "post"): say(
        "{actor}在「{title}」中提到了您", "{actor} mentioned you in “{title}”"
    ),
    (Kind.MENTION, "comment"): say(
        "{actor}在「{title}」的评论中提到了您", "{actor} mentioned you in a comment on “{title}”"
    ),
    **NEIGHBOUR_WORDS,
    **ISSUE_WORDS,
    **ORDER_WORDS,
    **PLAN_WORDS,
    **EMERGENCY_WORDS,
    **VOTES_WORDS,
    **OWN_WORDS,
    (Kind.MEMBERSHIP_REQUESTED, ""): say(
        "有新的入住认证申请待审核",
        "A new membership request waits for review",
        "{community}",
        "{community}",
    ),
    (Kind.MEMBERSHIP_DECIDED, "active"): say(
        "欢迎加入{community}",
        "Welcome to {community}",
        "您已通过认证，可以发帖、反映问题、参加议事。",
        "You are verified: you may post, report problems and take part.",
    ),
    (Kind.MEMBERSHIP_DECIDED, "refused"): say(
        "您加入{community}的申请未通过",
        "Your request to join {community} was refused",
        "请核对所填信息后重新申请，或联系居委会。",
        "Please check what you entered and ask again, or speak to the committee.",
    ),
}

WHY: dict[Why, tuple[str, str]] = {
    Why.MY_ISSUE: ("因为这是您反映的问题", "because you reported this issue"),
    Why.I_SUPPORT: ("因为您附议了这个问题", "because this issue concerns you, too"),
    Why.AT_THE_TABLE: ("因为您受邀参加联合会商", "because you are invited to the consultation"),
    Why.MY_POST: ("因为这是您发布的内容", "because you wrote this post"),
    Why.MY_COMMENT: ("因为有人回复了您", "because somebody replied to you"),
    Why.I_TOOK_PART: ("因为您参与了这个话题", "because you took part in this thread"),
    Why.ON_DUTY: ("因为您负责这里的工作", "because you are on duty here"),
    Why.MY_COMMUNITY: ("因为您是这个社区的成员", "because you belong to this community"),
    Why.MY_REQUEST: ("因为您提交了加入申请", "because you asked to join"),
    Why.MY_PLACE: ("因为您报了名", "because you signed up"),
    Why.MY_INVITATION: ("因为有邻居邀请您", "because a neighbour invited you"),
    Why.MY_ARRANGEMENT: ("因为这是您和邻居的约定", "because it is between you and a neighbour"),
    Why.MY_PROJECT: ("因为这是您发起的项目", "because you lead this project"),
    Why.I_VOLUNTEER: ("因为您是这个项目的志愿者", "because you volunteer for this project"),
    Why.MY_WORDS: ("因为这是您发布的内容", "because you wrote it"),
    Why.ABOUT_ME: ("因为这是对您的决定", "because it was decided about you"),
    Why.MY_QUESTION: ("因为这是您的提问", "because you asked the question"),
    Why.I_WAS_PRAISED: ("因为邻居表扬了您", "because a neighbour praised you"),
    Why.I_WAS_MENTIONED: ("因为有人提到了您", "because somebody mentioned you"),
    Why.I_FOLLOW: ("因为您关注了这个话题", "because you follow it"),
    Why.MY_TOPIC: ("因为这是您提出的议题", "because you raised this topic"),
    Why.I_SECONDED: ("因为您附议了这个议题", "because you seconded this topic"),
    Why.I_SPOKE: ("因为您参与了这个议题的讨论", "because you spoke on this topic"),
    Why.I_OBJECTED: ("因为您提出了异议", "because you objected"),
    Why.MY_POLL: ("因为这是本社区的表决", "because it is your community's poll"),
    Why.MY_SURVEY: ("因为这是本社区的问卷", "because it is your community's survey"),
    Why.UNREAD: ("因为您有未读的消息", "because you have news that you did not read"),
}

OFFICES: dict[str, tuple[str, str]] = {
    "committee_staff": ("居委会", "The committee"),
    "secretary": ("社区书记", "The community's secretary"),
    "property_manager": ("物业", "The property manager"),
    "owners_committee": ("业委会", "The owners' committee"),
    "department_staff": ("责任部门", "The responsible department"),
    "grid_operator": ("网格中心", "The grid centre"),
}

STAND_INS: dict[str, tuple[str, str]] = {
    "title": ("一件社区事务", "a community matter"),
    "actor": ("邻居", "A neighbour"),
    "community": ("社区", "the community"),
    "office": ("工作人员", "The staff"),
}
CONVENERS: dict[str, tuple[str, str]] = {
    "residents_committee": ("居委会", "the residents' committee"),
    "owners_committee": ("业委会", "the owners' committee"),
}
# A moment is kept as it was told and said in the reader's language.
MOMENTS = {
    "closes": "closes_at",
    "deadline": "deadline_at",
    "due": "due_at",
    "opens": "opens_at",
    "until": "until",
}
REMOVED = ("已删除的内容", "removed content")


def pick(pair: tuple[str, str], language: Language) -> str:
    """Of a word in Chinese and in English the one in this language."""
    return pair[0 if language == "zh" else 1]


def _shorten(title: str, most: int = TITLE_CHARACTERS) -> str:
    one_line = " ".join(title.split())
    if len(one_line) <= most:
        return one_line
    return one_line[: most - 1] + "…"


def _moment(moment: str, language: Language) -> str:
    at = datetime.fromisoformat(moment).astimezone(CHINA)
    if language == "en":
        return f"{at:%Y-%m-%d %H:%M}"
    return f"{at.month}月{at.day}日{at:%H:%M}"


def _needs(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def words(
    kind: Kind,
    variant: str,
    facts: Mapping[str, str],
    *,
    language: Language = "zh",
    title: str | None = None,
    removed: bool = False,
    actor: str | None = None,
    community: str | None = None,
) -> Words:
    """A notification in one language.

    Args:
        facts: what was kept of the event (``rules.FACTS``).
        title: the thread's title, when it is known.
        removed: the thread was taken down or deleted: its title is not shown any more.
        actor: display name of whoever acted; a stand-in is used for the unknown or hidden.
        community: the community's name.

    Raises:
        KeyError: there are no words for this kind and variant.
    """
    template = _template(kind, variant, language)
    known = _known(facts, language, title, removed, actor, community)
    return Words(template.title.format_map(known), _body(template, known))


def short(
    kind: Kind,
    variant: str,
    facts: Mapping[str, str],
    *,
    language: Language = "zh",
    title: str | None = None,
    removed: bool = False,
    actor: str | None = None,
    community: str | None = None,
    most: int = SHORT_CHARACTERS,
) -> str:
    """A notification in one line of at most ``most`` characters, for a push or an SMS.

    The body is said if there is room for it. What is quoted (a title, a name) is cut before a word
    of ours is. Arguments as of :func:`words`.

    Raises:
        KeyError: there are no words for this kind and variant.
    """
    template = _template(kind, variant, language)
    known = _known(facts, language, title, removed, actor, community)
    said, body = template.title.format_map(known), _body(template, known)
    stop = "。" if language == "zh" else ". "
    if body and len(whole := f"{said}{stop}{body}") <= most:
        return whole
    for room in range(TITLE_CHARACTERS, 0, -1):
        if len(said) <= most:
            break
        said = template.title.format_map({name: _shorten(one, room) for name, one in known.items()})
    return _shorten(said, most)


def _template(kind: Kind, variant: str, language: Language) -> Words:
    wording = WORDINGS[kind, variant]
    return wording.zh if language == "zh" else wording.en


def _known(
    facts: Mapping[str, str],
    language: Language,
    title: str | None,
    removed: bool,
    actor: str | None,
    community: str | None,
) -> dict[str, str]:
    """What the templates may say, by name."""
    known = {name: pick(pair, language) for name, pair in STAND_INS.items()}
    known.update(facts)
    if removed:
        known["title"] = pick(REMOVED, language)
    elif shown := _shorten(title or ""):
        known["title"] = shown
    if actor:
        known["actor"] = actor
    if community:
        known["community"] = community
    if role := facts.get("actor_role"):
        known["office"] = pick(OFFICES.get(role, STAND_INS["office"]), language)
    if convener := facts.get("convener"):
        known["convener"] = pick(CONVENERS.get(convener, STAND_INS["office"]), language)
    for name, fact in MOMENTS.items():
        if moment := facts.get(fact):
            known[name] = _moment(moment, language)
    return known


def _body(template: Words, known: Mapping[str, str]) -> str:
    return template.body.format_map(known) if _needs(template.body) <= known.keys() else ""


def language_of(tag: str) -> Language:
    """Our language for a language tag: English when it asks for it, Chinese otherwise."""
    return "en" if tag.lower().startswith("en") else "zh"


def why_text(why: Why, language: Language = "zh") -> str:
    """The reason shown with a notification."""
    return pick(WHY[why], language)
