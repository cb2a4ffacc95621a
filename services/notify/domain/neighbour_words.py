"""The words about what neighbours do together, and about what is decided on their words.

A question may be asked without a name, and a report always is: no words here name who did.
"""

from services.notify.domain.news import Kind
from services.notify.domain.templates import Wording, say

_APPEAL = (
    "理由写在处理结果中；不同意的，可以申诉，由另一位工作人员复核。",
    "The reason stands with the decision; you may ask another person to look again.",
)
_LAST_WORD = (
    "这是最终决定，理由写在处理结果中。",
    "This decision is final; the reason stands with it.",
)

NEIGHBOUR_WORDS: dict[tuple[Kind, str], Wording] = {
    (Kind.PRAISE, ""): say("{actor}表扬了您：「{title}」", "{actor} praised you: “{title}”"),
    (Kind.SIGN_UP, "moved_up"): say(
        "您有名额了：「{title}」",
        "You have a place: “{title}”",
        "有人退出，您已从候补转为正式报名；来不了的，请取消报名。",
        "A place came free and it is yours; if you cannot come, please cancel.",
    ),
    (Kind.SIGN_UP, "invited"): say(
        "{actor}邀请您一起参加「{title}」",
        "{actor} invites you to share a place: “{title}”",
        "报名即可接受，与对方共用一个名额。",
        "Sign up to accept; the two of you share one place.",
    ),
    (Kind.SIGN_UP, "joined"): say(
        "{actor}接受了邀请，与您共用名额：「{title}」",
        "{actor} accepted and shares your place: “{title}”",
    ),
    (Kind.SIGN_UP, "alone"): say(
        "与您共用名额的邻居退出了「{title}」",
        "The neighbour who shared your place left “{title}”",
        "名额仍然是您的。",
        "The place is still yours.",
    ),
    (Kind.SIGN_UP, "lapsed"): say(
        "一个邀请已失效：「{title}」",
        "An invitation no longer holds: “{title}”",
        "邀请您的邻居退出了，或邀请了别人。",
        "The neighbour who invited you left, or invited somebody else.",
    ),
    (Kind.SIGN_UP, "called_off"): say(
        "您在「{title}」的报名已取消",
        "Your sign-up for “{title}” has ended",
        "活动已取消，或报名结束时仍没有名额空出。",
        "It was called off, or its time came before a place was free.",
    ),
    (Kind.SIGN_UP, "off_the_list"): say(
        "您报名的「{title}」已不在列表中",
        "“{title}”, which you signed up for, is no longer on the lists",
        "您的名额仍然保留；是否举行，请向组织者确认。",
        "Your place stands; please ask the organiser whether it takes place.",
    ),
    (Kind.HANDSHAKE, "asked_offer"): say(
        "{actor}想请您帮忙：「{title}」",
        "{actor} asks for your help: “{title}”",
        "请答复是否方便。",
        "Please say whether you can.",
    ),
    (Kind.HANDSHAKE, "asked_need"): say(
        "{actor}愿意帮您：「{title}」",
        "{actor} would help you: “{title}”",
        "请答复是否接受。",
        "Please say whether you accept.",
    ),
    (Kind.HANDSHAKE, "asked_idle"): say(
        "{actor}想要「{title}」",
        "{actor} would like “{title}”",
        "请答复；答复之前，这件物品为对方保留。",
        "Please answer; until then it is kept for this neighbour.",
    ),
    (Kind.HANDSHAKE, "agreed"): say("{actor}同意了：「{title}」", "{actor} agreed: “{title}”"),
    (Kind.HANDSHAKE, "declined"): say(
        "{actor}这次不方便：「{title}」", "{actor} cannot do it this time: “{title}”"
    ),
    (Kind.HANDSHAKE, "done"): say(
        "{actor}表示「{title}」已完成",
        "{actor} says that “{title}” is done",
        "没有完成的，请尽快提出。",
        "If it is not so, please say so soon.",
    ),
    (Kind.HANDSHAKE, "thanked"): say(
        "{actor}向您道谢：「{title}」", "{actor} thanks you for “{title}”"
    ),
    (Kind.HANDSHAKE, "no_show"): say(
        "{actor}表示您没有赴约：「{title}」", "{actor} says that you did not come: “{title}”"
    ),
    (Kind.HANDSHAKE, "cancelled"): say(
        "{actor}取消了约定：「{title}」", "{actor} cancelled the arrangement: “{title}”"
    ),
    (Kind.HANDSHAKE, "lapsed"): say(
        "约定已过期，自动取消：「{title}」", "The arrangement ran out and has ended: “{title}”"
    ),
    (Kind.PROJECT, "apply"): say(
        "公益项目申请待审批：「{title}」",
        "A micro-project waits for your decision: “{title}”",
        "{community}",
        "{community}",
    ),
    (Kind.PROJECT, "approve"): say(
        "公益项目「{title}」已获批准",
        "Your project “{title}” was approved",
        "现在可以招募志愿者。",
        "You can look for volunteers now.",
    ),
    (Kind.PROJECT, "refuse"): say(
        "公益项目「{title}」未获批准",
        "Your project “{title}” was not approved",
        "理由写在项目进展中；修改后可以再次申请。",
        "The reason stands in the project's history; you may change it and apply again.",
    ),
    (Kind.PROJECT, "progress"): say(
        "公益项目「{title}」有新进展", "The project “{title}” has moved on"
    ),
    (Kind.PROJECT, "done"): say(
        "公益项目「{title}」已完成，感谢您的参与",
        "The project “{title}” is done: thank you for taking part",
    ),
    (Kind.PROJECT, "cancel"): say(
        "公益项目「{title}」已取消",
        "The project “{title}” was cancelled",
        "理由写在项目进展中。",
        "The reason stands in the project's history.",
    ),
    (Kind.CONTENT_REPORTED, "waiting"): say(
        "有内容需要审核",
        "Something waits for a moderator to look at it",
        "{community}",
        "{community}",
    ),
    (Kind.CONTENT_REPORTED, "reported"): say(
        "有内容被举报，待处理：「{title}」", "Something was reported and waits: “{title}”"
    ),
    (Kind.CONTENT_REPORTED, "appealed"): say(
        "有一项处理决定被申诉，待复核",
        "An appeal against a decision waits",
        "由没有作出原决定的另一位工作人员复核。",
        "Somebody other than who decided first looks again.",
    ),
    (Kind.CONTENT_DECIDED, "post_keep"): say(
        "您在{community}发布的帖子已通过审核", "A post of yours in {community} is shown"
    ),
    (Kind.CONTENT_DECIDED, "post_take_down"): say(
        "您在{community}发布的帖子未予展示", "A post of yours in {community} is not shown", *_APPEAL
    ),
    (Kind.CONTENT_DECIDED, "post_final_keep"): say(
        "您的申诉成立，在{community}发布的帖子恢复展示",
        "Your appeal succeeded: your post in {community} is shown again",
    ),
    (Kind.CONTENT_DECIDED, "post_final_take_down"): say(
        "复核维持原决定，您在{community}发布的帖子不予展示",
        "The second look changed nothing: your post in {community} is not shown",
        *_LAST_WORD,
    ),
    (Kind.CONTENT_DECIDED, "comment_keep"): say(
        "您在「{title}」中的评论已通过审核", "Your comment on “{title}” is shown"
    ),
    (Kind.CONTENT_DECIDED, "comment_take_down"): say(
        "您在「{title}」中的评论未予展示", "Your comment on “{title}” is not shown", *_APPEAL
    ),
    (Kind.CONTENT_DECIDED, "comment_final_keep"): say(
        "您的申诉成立，在「{title}」中的评论恢复展示",
        "Your appeal succeeded: your comment on “{title}” is shown again",
    ),
    (Kind.CONTENT_DECIDED, "comment_final_take_down"): say(
        "复核维持原决定，您在「{title}」中的评论不予展示",
        "The second look changed nothing: your comment on “{title}” is not shown",
        *_LAST_WORD,
    ),
    (Kind.CONTENT_DECIDED, "question_keep"): say(
        "您对「{title}」的提问已通过审核", "Your question about “{title}” is shown"
    ),
    (Kind.CONTENT_DECIDED, "question_take_down"): say(
        "您对「{title}」的提问未予展示", "Your question about “{title}” is not shown", *_APPEAL
    ),
    (Kind.CONTENT_DECIDED, "question_final_keep"): say(
        "您的申诉成立，对「{title}」的提问恢复展示",
        "Your appeal succeeded: your question about “{title}” is shown again",
    ),
    (Kind.CONTENT_DECIDED, "question_final_take_down"): say(
        "复核维持原决定，您对「{title}」的提问不予展示",
        "The second look changed nothing: your question about “{title}” is not shown",
        *_LAST_WORD,
    ),
    (Kind.SILENCE, "set"): say(
        "您在{community}暂时不能发言",
        "For a time you may not write in {community}",
        "到 {until} 为止。",
        "Until {until}.",
    ),
    (Kind.SILENCE, "lifted"): say(
        "您在{community}可以发言了", "You may write in {community} again"
    ),
    (Kind.QUESTION_ASKED, ""): say(
        "有监督提问待答复：「{title}」",
        "A supervision question waits for your answer: “{title}”",
        "请在 {due} 前答复。",
        "Please answer by {due}.",
    ),
    (Kind.QUESTION_ANSWERED, ""): say(
        "您的监督提问已有答复：「{title}」", "Your question was answered: “{title}”"
    ),
    (Kind.QUESTION_OVERDUE, "asker"): say(
        "您的监督提问逾期未答复：「{title}」",
        "Your question was not answered in time: “{title}”",
        "已提醒居委会。",
        "The committee was told.",
    ),
    (Kind.QUESTION_OVERDUE, "office"): say(
        "监督提问逾期未答复：「{title}」",
        "A supervision question was not answered in time: “{title}”",
        "期限：{due}。",
        "It was due {due}.",
    ),
}
