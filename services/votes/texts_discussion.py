"""What the timeline says of discussion, proposal and objections."""

from services.contracts.operations.votes.objections import Mark, ObjectionKind

MODERATOR_APPOINTED = "指定了中立主持人"
MODERATOR_ENDED = "主持人卸任"
PROPOSAL_WRITTEN = "提案文本第{version}稿，共{articles}条"
REPEAL_WRITTEN = "废止提案第{version}稿"

KINDS: dict[ObjectionKind, str] = {
    "publicity_period": "公示期限",
    "mechanism": "表决机制",
    "text": "提案文本",
    "roll": "表决人名册",
    "other": "其他",
}
OBJECTED = "有居民提出异议（{kind}）"
ANSWERED = "异议得到答复（{kind}）"
ASKED_AGAIN = "异议人对答复提出追问（{kind}）"
MARKS: dict[Mark, str] = {
    "satisfied": "异议人表示满意（{kind}）",
    "stands": "异议人保留异议（{kind}）",
}
WITHDRAWN = "异议人撤回异议（{kind}）"
