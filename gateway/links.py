"""Links of the OpenAPI document: where an answer's id leads.

What is made by a call (201, 202) is linked to every operation on it, what is listed to the one
that shows it whole. Clients and testing tools find their way by them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from services.contracts.operations import feed, grid_bridge, identity, votes
from services.contracts.operations.base import Operation, Page, View
from services.contracts.operations.ops import Uploaded

Link = dict[str, Any]

PATHS: Final[Mapping[type[View], str]] = {
    identity.Recovery: "/phone-recoveries/{id}",
    identity.MembershipState: "/memberships/{id}",
    identity.MembershipRequest: "/memberships/{id}",
    identity.CommunityView: "/communities/{cid}",
    identity.QrView: "/qr/{token}",
    identity.PlaceView: "/places/{id}",
    identity.RoleView: "/roles/{id}",
    identity.Assistance: "/assistances/{id}",
    identity.ConsentView: "/me/consents/{id}",
    identity.Correction: "/corrections/{id}",
    identity.KeptFilter: "/me/filters/{id}",
    feed.Post: "/posts/{id}",
    feed.Comment: "/comments/{id}",
    feed.aid.Handshake: "/handshakes/{id}",
    feed.projects.Hours: "/project-hours/{id}",
    feed.projects.Money: "/project-money/{id}",
    feed.party.Deed: "/deeds/{id}",
    feed.questions.Question: "/questions/{id}",
    feed.moderation.Report: "/reports/{id}",
    feed.moderation.ModerationCase: "/moderation-cases/{id}",
    feed.keeping_away.Silence: "/silences/{id}",
    grid_bridge.IssueReceipt: "/issues/{id}",
    grid_bridge.IssueSummary: "/issues/{id}",
    grid_bridge.Referral: "/referrals/{id}",
    grid_bridge.JointConsultation: "/joint-consultations/{id}",
    grid_bridge.JointConsultationSummary: "/joint-consultations/{id}",
    grid_bridge.WorkOrder: "/work-orders/{no}",
    grid_bridge.Reconciliation: "/reconciliations/{id}",
    grid_bridge.guides.AnswerGuide: "/answer-guides/{id}",
    grid_bridge.HotTopicAction: "/hot-topic-actions/{id}",
    grid_bridge.HotTopicRun: "/hot-topic-runs/{id}",
    grid_bridge.plans.Plan: "/plans/{id}",
    grid_bridge.plans.PlanSummary: "/plans/{id}",
    grid_bridge.plans.PlanComment: "/plan-comments/{id}",
    votes.Topic: "/topics/{id}",
    votes.topics.TopicSummary: "/topics/{id}",
    votes.discussion.Opinion: "/opinions/{id}",
    votes.objections.Objection: "/objections/{id}",
    votes.RuleConfirmation: "/rule-confirmations/{id}",
    votes.Poll: "/polls/{id}",
    votes.proxies.Proxy: "/proxies/{id}",
    votes.paper_sheets.PaperTally: "/paper-tallies/{id}",
    votes.Receipt: "/receipts/{code}",
    votes.covenants.CovenantSummary: "/covenants/{id}",
    votes.breaches.Breach: "/breaches/{id}",
    votes.follow_ups.FollowUp: "/follow-ups/{id}",
    votes.surveys.Survey: "/surveys/{id}",
    votes.surveys.SurveySummary: "/surveys/{id}",
    Uploaded: "/uploads/{id}",
}
"""What stands where: the path at which a thing is found by what names it."""

NAMES: Final[Mapping[str, str]] = {"cid": "id", "code": "receipt"}
"""The answer's field that fills a parameter, where it is called otherwise."""


def links(row: Operation, rows: Iterable[Operation]) -> dict[str, Link]:
    """The links of an operation's answer, by the ids of the operations they lead to."""
    return dict(_links(row, rows))


def _links(row: Operation, rows: Iterable[Operation]) -> Iterator[tuple[str, Link]]:
    listed = isinstance(row.result, type) and issubclass(row.result, Page)
    thing = get_args(row.result.model_fields["items"].annotation)[0] if listed else row.result
    path = PATHS.get(thing)
    if path is None or not (listed or (row.method == "POST" and row.status in (201, 202))):
        return
    parameter = path.partition("{")[2].rstrip("}")
    field = NAMES.get(parameter, parameter)
    pointer = f"$response.body#/{'items/0/' if listed else ''}{field}"
    for other in rows:
        on_it = other.path == path if listed else other.path.startswith(path)
        if (
            on_it
            and not other.path[len(path) :].startswith(":")
            and (other.method == "GET" or not listed)
        ):
            yield other.id, {"operationId": other.id, "parameters": {parameter: pointer}}
