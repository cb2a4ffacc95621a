"""The words about topics, polls, covenants and surveys.

Plain enough to be read aloud to somebody who has never voted by phone. No words here say who
objected, seconded or voted.
"""

from services.notify.domain.news import Kind
from services.notify.domain.templates import Wording, say

_WHY_THERE = ("理由写在议题里。", "The reason stands with the topic.")
_BY = ("请在 {deadline} 前办理。", "Please act by {deadline}.")

TOPIC_WORDS: dict[tuple[Kind, str], Wording] = {
    (Kind.TOPIC, "returned"): say(
        "「{title}」退回给您修改",
        "“{title}” came back to you",
        "请按退回理由修改后再提交；一直不改，就会失效。",
        "Please word it anew, as the reason says; left as it is, it will lapse.",
    ),
    (Kind.TOPIC, "seconded"): say(
        "「{title}」附议人数已够",
        "Enough neighbours seconded “{title}”",
        "接下来由{convener}筛选。",
        "Next, {convener} screens it.",
    ),
    (Kind.TOPIC, "screened"): say(
        "「{title}」通过初审",
        "“{title}” was accepted",
        "它将作为议题由大家商量。",
        "It becomes a topic for everybody.",
    ),
    (Kind.TOPIC, "discussion"): say(
        "「{title}」开始讨论",
        "“{title}” is open for discussion",
        "您可以说说赞成、反对或其他想法，{deadline} 截止。",
        "Say whether you are for or against it, and why, until {deadline}.",
    ),
    (Kind.TOPIC, "discussed_again"): say(
        "「{title}」重新讨论", "“{title}” is discussed again", *_WHY_THERE
    ),
    (Kind.TOPIC, "actionable"): say(
        "「{title}」讨论有了结果",
        "The discussion of “{title}” has a result",
        "大家的意见已整理成一条可以办的事项。",
        "What was said has been put into one thing that can be done.",
    ),
    (Kind.TOPIC, "sent_back"): say("「{title}」退回修改", "“{title}” was sent back", *_WHY_THERE),
    (Kind.TOPIC, "prior_study"): say(
        "「{title}」由社区党组织先行研究", "The Party organisation studies “{title}” first"
    ),
    (Kind.TOPIC, "proposal"): say(
        "「{title}」正在写成提案",
        "A proposal is being written for “{title}”",
        "写好后会公示，再由大家表决。",
        "It is announced first, and then voted on.",
    ),
    (Kind.TOPIC, "refused"): say("「{title}」没有被受理", "“{title}” was refused", *_WHY_THERE),
    (Kind.TOPIC, "closed_withdrawn"): say(
        "「{title}」已由提出人撤回", "“{title}” was withdrawn by its author"
    ),
    (Kind.TOPIC, "closed_lapsed"): say("「{title}」已失效", "“{title}” has lapsed", *_WHY_THERE),
    (Kind.TOPIC, "closed_stopped"): say("「{title}」已终止", "“{title}” was stopped", *_WHY_THERE),
    (Kind.TOPIC, "closed_merged"): say(
        "「{title}」并入了另一个议题", "“{title}” was merged into another topic", *_WHY_THERE
    ),
    (Kind.TOPIC, "handed_over"): say(
        "「{title}」改由{convener}办理", "“{title}” is now with {convener}", *_WHY_THERE
    ),
    (Kind.TOPIC, "overdue"): say(
        "「{title}」没有按时办理",
        "“{title}” is overdue",
        "该由{convener}办理，期限已过；这一点大家都看得到。",
        "It is with {convener}, and the day has passed; everybody can see so.",
    ),
    (Kind.TOPIC, "study_overdue"): say(
        "「{title}」没有按时研究",
        "The study of “{title}” is overdue",
        "该由社区党组织先行研究，期限已过；这一点大家都看得到。",
        "The Party organisation studies it first, and the day has passed; everybody can see so.",
    ),
    (Kind.TOPIC_MERGED, ""): say(
        "您附议的「{title}」并入了「{into_title}」",
        "“{title}”, which you seconded, went into “{into_title}”",
        "您的附议不会自动转过去；赞成新议题的，请点开附议。",
        "Your second was not moved; if you are for the other topic, please second it.",
    ),
    (Kind.TOPIC_DESK, "raised"): say(
        "居民提出议题：「{title}」",
        "A resident raised “{title}”",
        "请及时筛选，不受理的要写明理由。",
        "Please screen it; a refusal needs its reason.",
    ),
    (Kind.TOPIC_DESK, "seconded"): say(
        "「{title}」附议人数已够，请筛选", "“{title}” has its seconders: please screen it", *_BY
    ),
    (Kind.TOPIC_DESK, "amended"): say(
        "「{title}」已修改，请再次筛选", "“{title}” was worded anew: please screen it", *_BY
    ),
    (Kind.TOPIC_DESK, "prior_study"): say(
        "请先行研究「{title}」", "Please study “{title}” first", *_BY
    ),
    (Kind.TOPIC_DESK, "studied"): say(
        "「{title}」已研究，请拟定提案", "“{title}” was studied: please write the proposal", *_BY
    ),
    (Kind.TOPIC_DESK, "handed_over"): say(
        "「{title}」转由您这里办理", "“{title}” was handed to you", *_BY
    ),
    (Kind.TOPIC_DESK, "given_away"): say(
        "「{title}」已转由{convener}办理", "“{title}” was handed to {convener}"
    ),
    (Kind.TOPIC_DESK, "overdue"): say(
        "「{title}」已超过办理期限",
        "“{title}” is overdue",
        "请尽快办理；逾期情况已在议题里公开。",
        "Please act soon; that it is late stands in the topic.",
    ),
    (Kind.OBJECTION, "filed"): say(
        "有人对「{title}」提出异议",
        "Somebody objects to “{title}”",
        "{convener}必须答复并说明理由。",
        "An answer with reasons is owed by {convener}.",
    ),
    (Kind.OBJECTION, "answered"): say(
        "您对「{title}」的异议有了答复",
        "Your objection to “{title}” was answered",
        "请看看是否满意，并点选“满意”或“仍有异议”。",
        "Please read it, and say whether it satisfies you.",
    ),
    (Kind.OBJECTION_DESK, ""): say(
        "有人对「{title}」提出异议",
        "Somebody objects to “{title}”",
        "每条异议都要答复并说明理由；没有答复，就不能表决或生效。",
        "Each objection needs an answer with reasons; nothing is voted on or adopted before.",
    ),
}

VOTES_WORDS: dict[tuple[Kind, str], Wording] = {
    **TOPIC_WORDS,
    (Kind.POLL, "announced"): say(
        "公示：「{title}」即将表决",
        "“{title}” will be voted on",
        "{opens} 开始投票。请看看提案和您在名册上的登记，有异议的，在那之前提出。",
        "Voting opens {opens}. Please check the proposal and your place on the roll before.",
    ),
    (Kind.POLL, "opened"): say(
        "开始投票：「{title}」",
        "Voting has begun: “{title}”",
        "{closes} 截止。可以在手机上投，也可以领纸质选票。",
        "It ends {closes}. Vote here, or ask for a ballot paper.",
    ),
    (Kind.POLL_REMINDER, ""): say(
        "投票快截止了：「{title}」",
        "Voting ends soon: “{title}”",
        "{closes} 截止。已经投过的，不用再投。",
        "It ends {closes}. If you have voted, there is nothing more to do.",
    ),
    (Kind.POLL, "extended"): say(
        "投票延长了：「{title}」",
        "Voting goes on: “{title}”",
        "参加的人还不够，延长到 {closes}。已经投过的，不用再投。",
        "Too few took part, so it goes on until {closes}. If you have voted, your vote counts.",
    ),
    (Kind.POLL, "voided"): say(
        "「{title}」的表决作废",
        "The poll on “{title}” is void",
        "投过的票都不算数，理由写在表决页面上。",
        "No vote in it counts; the reason stands with the poll.",
    ),
    (Kind.POLL_DESK, ""): say(
        "投票结束：「{title}」",
        "Voting has ended: “{title}”",
        "发出过纸质选票的，请两人清点并录入；账对上以后公布结果。",
        "If papers were given out, two of you count and enter them; then the result is published.",
    ),
    (Kind.RESULT, "passed"): say(
        "表决通过：「{title}」",
        "Passed: “{title}”",
        "结果和每一步计算都已公示，有异议的，请在公示期内提出。",
        "The result and its arithmetic are published; objections can be filed while they are.",
    ),
    (Kind.RESULT, "failed"): say(
        "表决没有通过：「{title}」",
        "Not passed: “{title}”",
        "结果和每一步计算都已公布。",
        "The result and its arithmetic are published.",
    ),
    (Kind.COVENANT, "new"): say(
        "新公约：「{title}」",
        "A new covenant: “{title}”",
        "这是大家表决通过的，请读一读。",
        "It was adopted by vote; please read it.",
    ),
    (Kind.COVENANT, "amended"): say(
        "公约修订了：「{title}」",
        "A covenant was amended: “{title}”",
        "改动的条文已标出。",
        "What has changed is marked.",
    ),
    (Kind.COVENANT, "repealed"): say(
        "公约废止了：「{title}」", "A covenant was repealed: “{title}”"
    ),
    (Kind.COVENANT_DESK, "breach"): say(
        "有人反映「{title}」没有被遵守",
        "Somebody says that “{title}” is not kept",
        "请先联系双方谈一谈。",
        "Please talk to both sides first.",
    ),
    (Kind.COVENANT_DESK, "review"): say(
        "「{title}」该复审了",
        "“{title}” is due for review",
        "请和居民商量：它还合适吗？",
        "Please ask the residents whether it still serves.",
    ),
    (Kind.SURVEY, "opened"): say(
        "请填问卷：「{title}」",
        "A survey for you: “{title}”",
        "{closes} 截止。",
        "It ends {closes}.",
    ),
    (Kind.SURVEY, "closed"): say(
        "问卷结束了：「{title}」",
        "The survey has ended: “{title}”",
        "谢谢参加，可以看结果了。",
        "Thank you for taking part; you can see the results.",
    ),
}
