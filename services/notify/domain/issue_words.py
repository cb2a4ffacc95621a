"""The words about a reported problem, on its way to the end."""

from services.notify.domain.news import Kind
from services.notify.domain.templates import Wording, say

_ANSWER_DUE = ("将在 {due} 前答复您。", "You will be answered by {due}.")
_RATE = (
    "请评价办理结果；没有解决的，可以要求重办。",
    "Please rate the outcome; if it is not solved, you can reopen it.",
)
_GO_ON = (
    "每次进展都会在帖子里公布。",
    "Each step is told on the thread.",
)
_TO_BE_DONE = ("期限：{due}。", "Due {due}.")
_JUDGE = ("请及时研判分类。", "Please look at it and confirm its category.")

ISSUE_WORDS: dict[tuple[Kind, str], Wording] = {
    (Kind.ISSUE_REPORTED, "report"): say(
        "居民反映：「{title}」", "A resident reported “{title}”", *_JUDGE
    ),
    (Kind.ISSUE_REPORTED, "post"): say(
        "一条帖子已转为问题：「{title}」", "A post became an issue: “{title}”", *_JUDGE
    ),
    (Kind.ISSUE_REPORTED, "intake"): say(
        "居委会登记了一件来电来访：「{title}」", "The committee took in a case: “{title}”", *_JUDGE
    ),
    (Kind.ISSUE_TAKEN_UP, "intake"): say(
        "居委会已登记您反映的「{title}」",
        "The committee took in what you told it: “{title}”",
        "办理进展会通知您，办结后可以评价。",
        "You will hear how it goes, and may rate the outcome.",
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
    (Kind.ISSUE_CONFIRMED, "solved"): say(
        "反映人确认「{title}」已解决", "The reporter confirmed that “{title}” is solved"
    ),
    (Kind.ISSUE_CONFIRMED, "unsolved"): say(
        "反映人表示「{title}」尚未解决", "The reporter says that “{title}” is not solved"
    ),
    (Kind.ISSUE_CONFIRMED, "shared"): say(
        "与「{title}」合并的问题已解决", "The issue that “{title}” was merged into is solved"
    ),
    (Kind.ISSUE_REFERRAL, "open"): say(
        "「{title}」已转请有关方面办理",
        "“{title}” was referred to another party",
        "对您的承诺期限不变。",
        "The promise to you stays as it is.",
    ),
    (Kind.ISSUE_REFERRAL, "asked"): say(
        "居委会转请办理：「{title}」", "Referred to you: “{title}”"
    ),
    (Kind.ISSUE_REFERRAL, "done"): say(
        "{office}已办理「{title}」", "{office} has dealt with “{title}”"
    ),
    (Kind.ISSUE_REFERRAL, "declined"): say(
        "{office}退回「{title}」，由居委会继续办理",
        "{office} declined “{title}”; the committee goes on",
    ),
    (Kind.ISSUE_REFERRAL, "withdrawn"): say(
        "居委会已撤回转办：「{title}」", "The referral of “{title}” was withdrawn"
    ),
    (Kind.ISSUE_MERGE, "merged_asked"): say(
        "是否同意将「{title}」与另一条相同的反映合并？",
        "May “{title}” be merged with another report of the same problem?",
        "不同意的，您的问题单独办理。",
        "If you say no, it stays a case of its own.",
    ),
    (Kind.ISSUE_MERGE, "merged_agreed"): say(
        "「{title}」已与另一条相同的反映合并", "“{title}” was merged with another report"
    ),
    (Kind.ISSUE_MERGE, "merged_undone"): say(
        "「{title}」的合并已撤销，单独办理", "“{title}” is a case of its own again"
    ),
    (Kind.ISSUE_MERGE, "into_agreed"): say(
        "另一条相同的反映已并入「{title}」", "Another report was merged into “{title}”"
    ),
    (Kind.ISSUE_MERGE, "answer_merged_agreed"): say(
        "反映人同意合并「{title}」", "The reporter agrees to merge “{title}”"
    ),
    (Kind.ISSUE_MERGE, "answer_merged_refused"): say(
        "反映人不同意合并「{title}」", "The reporter does not want “{title}” to be merged"
    ),
    (Kind.ISSUE_CONSULTATION, "opened"): say(
        "「{title}」已转入多部门联合会商",
        "“{title}” goes to a joint consultation of several departments",
        *_GO_ON,
    ),
    (Kind.ISSUE_CONSULTATION, "minutes_published"): say(
        "「{title}」的联合会商公布了纪要", "Minutes of the consultation on “{title}” are published"
    ),
    (Kind.ISSUE_CONSULTATION, "action_added"): say(
        "「{title}」的联合会商确定了办理事项",
        "An action was agreed on “{title}”",
        *_TO_BE_DONE,
    ),
    (Kind.ISSUE_CONSULTATION, "action_started"): say(
        "「{title}」的会商事项已开始办理", "An action on “{title}” was begun"
    ),
    (Kind.ISSUE_CONSULTATION, "action_done"): say(
        "「{title}」的会商事项已完成", "An action on “{title}” is done"
    ),
    (Kind.ISSUE_CONSULTATION, "action_dropped"): say(
        "「{title}」的一项会商事项不再办理，已说明理由",
        "An action on “{title}” was dropped, for the reason given",
    ),
    (Kind.ISSUE_CONSULTATION, "action_postponed"): say(
        "「{title}」的会商事项延期",
        "An action on “{title}” takes longer",
        "新期限：{due}。",
        "Now due {due}.",
    ),
    (Kind.ISSUE_CONSULTATION, "action_due"): say(
        "「{title}」的会商事项即将到期", "An action on “{title}” is nearly due", *_TO_BE_DONE
    ),
    (Kind.ISSUE_CONSULTATION, "action_overdue"): say(
        "「{title}」的会商事项逾期未完成", "An action on “{title}” is overdue", *_TO_BE_DONE
    ),
    (Kind.ISSUE_CONSULTATION, "accepted"): say(
        "有部门接受了「{title}」的会商邀请", "A department comes to the consultation on “{title}”"
    ),
    (Kind.ISSUE_CONSULTATION, "declined"): say(
        "有部门不参加「{title}」的联合会商，已说明理由",
        "A department declines to consult on “{title}”, with a reason",
    ),
    (Kind.ISSUE_CONSULTATION, "concluded_resolved"): say(
        "「{title}」经联合会商已解决", "“{title}” was solved by joint consultation", *_RATE
    ),
    (Kind.ISSUE_CONSULTATION, "concluded_unresolvable"): say(
        "「{title}」经联合会商暂时无法解决，已说明理由",
        "Joint consultation could not solve “{title}”, for the reason given",
        *_RATE,
    ),
    (Kind.ISSUE_CONSULTATION, "concluded_handed_over"): say(
        "「{title}」的联合会商结束，转区网格平台",
        "After joint consultation “{title}” goes to the grid platform",
    ),
    (Kind.ISSUE_CONSULTATION, "concluded_returned"): say(
        "「{title}」的联合会商结束，由居委会继续办理",
        "The joint consultation on “{title}” has ended; the committee goes on",
    ),
    (Kind.ISSUE_CONSULTATION, "asked"): say(
        "邀请您参加联合会商：「{title}」", "You are invited to a joint consultation: “{title}”"
    ),
    (Kind.ISSUE_CONSULTATION, "uninvited"): say(
        "无需再参加「{title}」的联合会商", "You need not come to the consultation on “{title}”"
    ),
    (Kind.ISSUE_CONSULTATION, "meeting_planned"): say(
        "「{title}」的联合会商会议已安排",
        "A meeting of the consultation on “{title}” is planned",
        "时间：{due}。",
        "When: {due}.",
    ),
    (Kind.ISSUE_CONSULTATION, "meeting_cancelled"): say(
        "「{title}」的联合会商会议取消",
        "A meeting of the consultation on “{title}” is cancelled",
        "原定时间：{due}。",
        "It was planned for {due}.",
    ),
    (Kind.ISSUE_CONSULTATION, "yours_action_added"): say(
        "「{title}」有一项会商事项由您办理",
        "An action on “{title}” is yours to do",
        *_TO_BE_DONE,
    ),
    (Kind.ISSUE_CONSULTATION, "yours_action_due"): say(
        "您办理的「{title}」会商事项即将到期",
        "Your action on “{title}” is nearly due",
        *_TO_BE_DONE,
    ),
    (Kind.ISSUE_CONSULTATION, "yours_action_overdue"): say(
        "您办理的「{title}」会商事项已逾期", "Your action on “{title}” is overdue", *_TO_BE_DONE
    ),
    (Kind.ISSUE_CONSULTATION, "yours_action_postponed"): say(
        "您办理的「{title}」会商事项已延期",
        "Your action on “{title}” has a new date",
        *_TO_BE_DONE,
    ),
    (Kind.ISSUE_CONSULTATION, "over"): say(
        "「{title}」的联合会商已结束", "The joint consultation on “{title}” has ended"
    ),
    (Kind.ISSUE_ASSIGNED, ""): say("「{title}」交由您办理", "“{title}” is yours to handle"),
    (Kind.ISSUE_REMINDER, ""): say(
        "「{title}」的整改承诺已到期，请复查",
        "An undertaking on “{title}” is due: please check",
        "承诺期限：{due}。",
        "To be kept by {due}.",
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
    (Kind.PROMISE_MOVED, ""): say(
        "「{title}」的承诺期限已调整",
        "The promise on “{title}” was moved",
        "工作日安排公布后，期限调整为 {due}。",
        "The working days are known now: it is due by {due}.",
    ),
    (Kind.POST_UNANSWERED, "at_risk"): say(
        "「{title}」还没有回复",
        "“{title}” has not been answered yet",
        "请在 {due} 前回复。",
        "Please answer by {due}.",
    ),
    (Kind.POST_UNANSWERED, "broken"): say(
        "「{title}」超过期限没有回复",
        "“{title}” was not answered in time",
        "{community}，期限：{due}。",
        "{community}, due {due}.",
    ),
}
