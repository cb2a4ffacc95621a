"""The words of each notification, in Chinese and in English.

A notification is kept as facts and put into words when it is read: in the reader's language,
with the thread's present title and the present display name of whoever acted. So a name that
was changed or deleted, or a post that was taken down, disappears from every inbox at once.

The body is left out when one of its facts is not known; a title always has a stand-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from string import Formatter
from typing import Literal

from services.notify.domain.rules import Kind, Why

Language = Literal["zh", "en"]
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
TITLE_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Words:
    """Title and body in one language; both are plain text."""

    title: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates of one kind and variant."""

    zh: Words
    en: Words


def _say(zh: str, en: str, zh_body: str = "", en_body: str = "") -> Wording:
    return Wording(Words(zh, zh_body), Words(en, en_body))


_ANSWER_DUE = ("将在 {due} 前答复您。", "You will be answered by {due}.")
_RATE = (
    "请评价办理结果；没有解决的，可以要求重办。",
    "Please rate the outcome; if it is not solved, you can reopen it.",
)
_JUDGE = ("请及时研判分类。", "Please look at it and confirm its category.")

WORDINGS: dict[tuple[Kind, str], Wording] = {
    (Kind.ANNOUNCEMENT, ""): _say(
        "新公告：{title}", "Announcement: {title}", "{community}", "{community}"
    ),
    (Kind.COMMENT, ""): _say("{actor}评论了「{title}」", "{actor} commented on “{title}”"),
    (Kind.COMMENT, "official"): _say(
        "{actor}以工作身份回复了「{title}」", "{actor} answered “{title}” in office"
    ),
    (Kind.COMMENT, "reply"): _say(
        "{actor}回复了您在「{title}」中的评论", "{actor} replied to your comment on “{title}”"
    ),
    (Kind.ISSUE_REPORTED, "report"): _say(
        "居民反映：「{title}」", "A resident reported “{title}”", *_JUDGE
    ),
    (Kind.ISSUE_REPORTED, "post"): _say(
        "一条帖子已转为问题：「{title}」", "A post became an issue: “{title}”", *_JUDGE
    ),
    (Kind.ISSUE_TAKEN_UP, "post"): _say(
        "您的帖子「{title}」已转为问题受理", "Your post “{title}” was taken up as an issue"
    ),
    (Kind.ISSUE_TRIAGED, "consult"): _say(
        "「{title}」已受理：咨询", "“{title}” was taken up as a question", *_ANSWER_DUE
    ),
    (Kind.ISSUE_TRIAGED, "advise"): _say(
        "「{title}」已受理：建议", "“{title}” was taken up as advice", *_ANSWER_DUE
    ),
    (Kind.ISSUE_TRIAGED, "dispose"): _say(
        "「{title}」已受理：处置", "“{title}” was taken up to be dealt with", *_ANSWER_DUE
    ),
    (Kind.ISSUE_TRIAGED, "8x"): _say(
        "「{title}」已受理：8+X 事项",
        "“{title}” was taken up as an 8+X matter",
        "先由居委会自治处置，未能解决的转交区网格平台。",
        "The neighbourhood tries first; what it cannot solve goes to the grid platform.",
    ),
    (Kind.ISSUE_ANSWERED, "answered"): _say(
        "{office}答复了「{title}」", "{office} answered “{title}”"
    ),
    (Kind.ISSUE_ANSWERED, "fixed"): _say(
        "「{title}」已处理", "“{title}” has been dealt with", *_RATE
    ),
    (Kind.ISSUE_ANSWERED, "refused"): _say(
        "「{title}」未予办理，{office}已说明理由",
        "“{title}” will not be acted on, for the reason given",
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "site_visit"): _say(
        "{office}已到现场查看「{title}」", "{office} went to see “{title}”"
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "talk"): _say(
        "{office}已就「{title}」约谈相关方", "{office} talked with those concerned by “{title}”"
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "undertaking"): _say(
        "相关方已就「{title}」作出承诺",
        "An undertaking was given on “{title}”",
        "承诺期限：{due}。",
        "To be kept by {due}.",
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "check"): _say(
        "{office}复查了「{title}」", "{office} checked “{title}” again"
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "solved"): _say(
        "「{title}」已通过自治解决", "“{title}” was solved by the neighbourhood", *_RATE
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "failed"): _say(
        "「{title}」自治处置未能解决",
        "The neighbourhood could not solve “{title}”",
        "可以按程序转交区网格平台。",
        "It can now be handed to the grid platform.",
    ),
    (Kind.ISSUE_ESCALATED, ""): _say(
        "「{title}」已转交区网格平台",
        "“{title}” was handed to the grid platform",
        "工单号：{work_order_no}。",
        "Work order {work_order_no}.",
    ),
    (Kind.ISSUE_PROGRESSED, "dispatched"): _say(
        "「{title}」已派单", "“{title}” was dispatched", "承办：{department}。", "To: {department}."
    ),
    (Kind.ISSUE_PROGRESSED, "suspended"): _say("「{title}」暂缓办理", "“{title}” is suspended"),
    (Kind.ISSUE_PROGRESSED, "rework"): _say(
        "「{title}」核查未通过，已退回重办", "“{title}” did not pass the check and is done again"
    ),
    (Kind.ISSUE_CLOSED, "grid_closed"): _say(
        "网格平台已办结「{title}」", "The grid platform closed “{title}”", *_RATE
    ),
    (Kind.ISSUE_CLOSED, "grid_refused"): _say(
        "网格平台未予办理「{title}」", "The grid platform did not take “{title}”"
    ),
    (Kind.ISSUE_CLOSED, "cancelled"): _say(
        "「{title}」的网格工单已撤销", "The work order for “{title}” was cancelled"
    ),
    (Kind.ISSUE_RATED, "solved"): _say(
        "居民评价「{title}」：{score} 分", "“{title}” was rated {score} of 5"
    ),
    (Kind.ISSUE_RATED, "unsolved"): _say(
        "居民评价「{title}」：{score} 分，认为没有解决",
        "“{title}” was rated {score} of 5 and is said not to be solved",
    ),
    (Kind.ISSUE_REOPENED, ""): _say("「{title}」被要求重办", "“{title}” was reopened"),
    (Kind.PROMISE_AT_RISK, ""): _say(
        "「{title}」承诺期限将至",
        "The promise on “{title}” is nearly due",
        "请在 {due} 前办理。",
        "Please act by {due}.",
    ),
    **{
        (Kind.PROMISE_BROKEN, level): _say(
            "「{title}」已超过承诺期限",
            "The promise on “{title}” was broken",
            "{community}，期限：{due}。",
            "{community}, due {due}.",
        )
        for level in ("committee", "town", "district")
    },
    (Kind.MEMBERSHIP_REQUESTED, ""): _say(
        "有新的入住认证申请待审核",
        "A new membership request waits for review",
        "{community}",
        "{community}",
    ),
    (Kind.MEMBERSHIP_DECIDED, "active"): _say(
        "欢迎加入{community}",
        "Welcome to {community}",
        "您已通过认证，可以发帖、反映问题、参加议事。",
        "You are verified: you may post, report problems and take part.",
    ),
    (Kind.MEMBERSHIP_DECIDED, "refused"): _say(
        "您加入{community}的申请未通过",
        "Your request to join {community} was refused",
        "请核对所填信息后重新申请，或联系居委会。",
        "Please check what you entered and ask again, or speak to the committee.",
    ),
}

WHY: dict[Why, tuple[str, str]] = {
    Why.MY_ISSUE: ("因为这是您反映的问题", "because you reported this issue"),
    Why.MY_POST: ("因为这是您发布的内容", "because you wrote this post"),
    Why.MY_COMMENT: ("因为有人回复了您", "because somebody replied to you"),
    Why.I_TOOK_PART: ("因为您参与了这个话题", "because you took part in this thread"),
    Why.ON_DUTY: ("因为您负责这里的工作", "because you are on duty here"),
    Why.MY_COMMUNITY: ("因为您是这个社区的成员", "because you belong to this community"),
    Why.MY_REQUEST: ("因为您提交了加入申请", "because you asked to join"),
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
REMOVED = ("已删除的内容", "removed content")


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[0 if language == "zh" else 1]


def _shorten(title: str) -> str:
    one_line = " ".join(title.split())
    if len(one_line) <= TITLE_CHARACTERS:
        return one_line
    return one_line[: TITLE_CHARACTERS - 1] + "…"


def _due(moment: str, language: Language) -> str:
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
    wording = WORDINGS[kind, variant]
    template = wording.zh if language == "zh" else wording.en
    known = {name: _pick(pair, language) for name, pair in STAND_INS.items()}
    known.update(facts)
    if removed:
        known["title"] = _pick(REMOVED, language)
    elif shown := _shorten(title or ""):
        known["title"] = shown
    if actor:
        known["actor"] = actor
    if community:
        known["community"] = community
    if role := facts.get("actor_role"):
        known["office"] = _pick(OFFICES.get(role, STAND_INS["office"]), language)
    if moment := facts.get("due_at"):
        known["due"] = _due(moment, language)
    has_body = _needs(template.body) <= known.keys()
    return Words(
        title=template.title.format_map(known),
        body=template.body.format_map(known) if has_body else "",
    )


def language_of(tag: str) -> Language:
    """Our language for a language tag: English when it asks for it, Chinese otherwise."""
    return "en" if tag.lower().startswith("en") else "zh"


def why_text(why: Why, language: Language = "zh") -> str:
    """The reason shown with a notification."""
    return _pick(WHY[why], language)
