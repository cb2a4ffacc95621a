"""What the timeline says, in the words of neighbours."""

from services.votes.domain.chain import State

STATES: dict[State, str] = {
    State.RAISED: "提出问题",
    State.SCREENED: "通过初审，将作为议题发布",
    State.DISCUSSION: "作为议题发布，开始讨论",
    State.ACTIONABLE: "形成可操作议题",
    State.PRIOR_STUDY: "提交社区党组织先行研究",
    State.PROPOSAL: "转化为提案，拟定文本",
    State.NOTICE: "提案公示",
    State.VOTING: "开始表决",
    State.PUBLICITY: "表决结果公示",
    State.ADOPTED: "公示期满，正式通过",
    State.REFUSED: "不予受理",
    State.CLOSED: "议题结束",
}
