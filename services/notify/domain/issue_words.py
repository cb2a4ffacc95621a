"""The words about a reported problem, on its way to the end."""

from services.notify.domain.news import Kind
from services.notify.domain.templates import Wording, say

_ANSWER_DUE = ("将在 {due} 前答复您。", "You will be answered by {due}.")
_RATE = (
    "请评价办理结果；没有解决的，可以要求重办。",
    "Please rate the outcome; if it is not solved, you can reopen it.",
)
_JUDGE = ("请及时研判分类。", "Please look at it and confirm its category.")

ISSUE_WORDS: dict[tuple[Kind, str], Wording] = {
    (Kind.ISSUE_REPORTED, "report"): say(
        "居民反映：「{title}」", "A resident reported “{title}”", *_JUDGE
    ),
    (Kind.ISSUE_REPORTED, "post"): say(
        "一条帖子已转为问题：「{title}」", "A post became an issue: “{title}”", *_JUDGE
    ),
    (Kind.ISSUE_TAKEN_UP, "post"): say(
        "您的帖子「{title}」已转为问题受理", "Your post “{title}” was taken up as an issue"
    ),
    (Kind.ISSUE_TRIAGED, "consult"): say(
        "「{title}」已受理：咨询", "“{title}” was taken up as a question", *_ANSWER_DUE
    ),
    (Kind.ISSUE_TRIAGED, "advise"): say(
        "「{title}」已受理：建议", "“{title}” was taken up as advice", *_ANSWER_DUE
    ),
    (Kind.ISSUE_TRIAGED, "dispose"): say(
        "「{title}」已受理：处置", "“{title}” was taken up to be dealt with", *_ANSWER_DUE
    ),
    (Kind.ISSUE_TRIAGED, "8x"): say(
        "「{title}」已受理：8+X 事项",
        "“{title}” was taken up as an 8+X matter",
        "先由居委会自治处置，未能解决的转交区网格平台。",
        "The neighbourhood tries first; what it cannot solve goes to the grid platform.",
    ),
    (Kind.ISSUE_ANSWERED, "answered"): say(
        "{office}答复了「{title}」", "{office} answered “{title}”"
    ),
    (Kind.ISSUE_ANSWERED, "fixed"): say(
        "「{title}」已处理", "“{title}” has been dealt with", *_RATE
    ),
    (Kind.ISSUE_ANSWERED, "refused"): say(
        "「{title}」未予办理，{office}已说明理由",
        "“{title}” will not be acted on, for the reason given",
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "site_visit"): say(
        "{office}已到现场查看「{title}」", "{office} went to see “{title}”"
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "talk"): say(
        "{office}已就「{title}」约谈相关方", "{office} talked with those concerned by “{title}”"
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "undertaking"): say(
        "相关方已就「{title}」作出承诺",
        "An undertaking was given on “{title}”",
        "承诺期限：{due}。",
        "To be kept by {due}.",
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "check"): say(
        "{office}复查了「{title}」", "{office} checked “{title}” again"
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "solved"): say(
        "「{title}」已通过自治解决", "“{title}” was solved by the neighbourhood", *_RATE
    ),
    (Kind.ISSUE_SELF_GOVERNANCE, "failed"): say(
        "「{title}」自治处置未能解决",
        "The neighbourhood could not solve “{title}”",
        "可以按程序转交区网格平台。",
        "It can now be handed to the grid platform.",
    ),
    (Kind.ISSUE_ESCALATED, ""): say(
        "「{title}」已转交区网格平台",
        "“{title}” was handed to the grid platform",
        "工单号：{work_order_no}。",
        "Work order {work_order_no}.",
    ),
    (Kind.ISSUE_PROGRESSED, "dispatched"): say(
        "「{title}」已派单", "“{title}” was dispatched", "承办：{department}。", "To: {department}."
    ),
    (Kind.ISSUE_PROGRESSED, "suspended"): say("「{title}」暂缓办理", "“{title}” is suspended"),
    (Kind.ISSUE_PROGRESSED, "rework"): say(
        "「{title}」核查未通过，已退回重办", "“{title}” did not pass the check and is done again"
    ),
    (Kind.ISSUE_CLOSED, "grid_closed"): say(
        "网格平台已办结「{title}」", "The grid platform closed “{title}”", *_RATE
    ),
    (Kind.ISSUE_CLOSED, "grid_refused"): say(
        "网格平台未予办理「{title}」", "The grid platform did not take “{title}”"
    ),
    (Kind.ISSUE_CLOSED, "cancelled"): say(
        "「{title}」的网格工单已撤销", "The work order for “{title}” was cancelled"
    ),
    (Kind.ISSUE_RATED, "solved"): say(
        "居民评价「{title}」：{score} 分", "“{title}” was rated {score} of 5"
    ),
    (Kind.ISSUE_RATED, "unsolved"): say(
        "居民评价「{title}」：{score} 分，认为没有解决",
        "“{title}” was rated {score} of 5 and is said not to be solved",
    ),
    (Kind.ISSUE_REOPENED, ""): say("「{title}」被要求重办", "“{title}” was reopened"),
    (Kind.PROMISE_AT_RISK, ""): say(
        "「{title}」承诺期限将至",
        "The promise on “{title}” is nearly due",
        "请在 {due} 前办理。",
        "Please act by {due}.",
    ),
    **{
        (Kind.PROMISE_BROKEN, level): say(
            "「{title}」已超过承诺期限",
            "The promise on “{title}” was broken",
            "{community}，期限：{due}。",
            "{community}, due {due}.",
        )
        for level in ("committee", "town", "district")
    },
}
