"""What each kind of news is called, where somebody chooses what to hear of."""

from typing import Final

from services.notify.domain.news import Kind

KINDS: Final[dict[Kind, tuple[str, str]]] = {
    Kind.ANNOUNCEMENT: ("社区公告", "Announcements"),
    Kind.BRIEF: ("社区周报", "The weekly brief"),
    Kind.COMMENT: ("评论和回复", "Comments and replies"),
    Kind.CONTENT_DECIDED: ("对您发布内容的处理", "Decisions about what you wrote"),
    Kind.CONTENT_REPORTED: ("待处理的举报", "Reports to look at"),
    Kind.DIGEST: ("消息汇总", "The digest"),
    Kind.EMERGENCY: ("紧急情况", "Emergencies"),
    Kind.HANDSHAKE: ("邻里互助和闲置物品的约定", "Help and things between neighbours"),
    Kind.ISSUE_ANSWERED: ("问题的答复", "Answers to issues"),
    Kind.ISSUE_ASSIGNED: ("交给您办理的问题", "Issues put into your hands"),
    Kind.ISSUE_CLOSED: ("问题办结", "Issues closed"),
    Kind.ISSUE_CONFIRMED: ("问题是否解决的确认", "Whether issues are solved"),
    Kind.ISSUE_CONSULTATION: ("联合会商", "Joint consultations"),
    Kind.ISSUE_ESCALATED: ("问题转交网格平台", "Issues handed to the grid"),
    Kind.ISSUE_MERGE: ("问题合并", "Issues merged"),
    Kind.ISSUE_PROGRESSED: ("工单进展", "Progress of work orders"),
    Kind.ISSUE_RATED: ("居民评价", "Ratings by residents"),
    Kind.ISSUE_REFERRAL: ("转交相关单位", "Issues referred to others"),
    Kind.ISSUE_REMINDER: ("办理提醒", "Reminders"),
    Kind.ISSUE_REOPENED: ("问题重新办理", "Issues reopened"),
    Kind.ISSUE_REPORTED: ("新反映的问题", "Issues newly reported"),
    Kind.ISSUE_SELF_GOVERNANCE: ("自治处置进展", "Steps of self-governance"),
    Kind.ISSUE_TAKEN_UP: ("您的问题已登记", "Your issues taken up"),
    Kind.ISSUE_TRIAGED: ("问题受理分类", "Issues sorted"),
    Kind.MEMBERSHIP_DECIDED: ("加入社区的结果", "Decisions about your membership"),
    Kind.MEMBERSHIP_REQUESTED: ("待审核的入住认证", "Membership requests"),
    Kind.PLAN: ("社区方案", "The community's plan"),
    Kind.PLAN_COMMENT: ("您对社区方案的意见", "Your comments on the plan"),
    Kind.POST_UNANSWERED: ("未回复的帖子", "Posts without an answer"),
    Kind.PRAISE: ("表扬", "Praise"),
    Kind.PROJECT: ("微项目", "Micro-projects"),
    Kind.PROMISE_AT_RISK: ("即将到期的承诺", "Promises at risk"),
    Kind.PROMISE_BROKEN: ("逾期的承诺", "Promises broken"),
    Kind.PROMISE_MOVED: ("办理期限变更", "Promises moved"),
    Kind.QUESTION_ANSWERED: ("监督提问的答复", "Answers to your questions"),
    Kind.QUESTION_ASKED: ("待答复的监督提问", "Questions to answer"),
    Kind.QUESTION_OVERDUE: ("逾期未答复的监督提问", "Questions overdue"),
    Kind.SIGN_UP: ("报名和邀请", "Sign-ups and invitations"),
    Kind.SILENCE: ("禁言和解除", "Being silenced, and its end"),
}
"""In Chinese and in English."""
