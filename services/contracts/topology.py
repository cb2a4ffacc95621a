"""Who listens to what: the queues between the services, as data.

From this one table come the broker's topology (declared before the first event is emitted, so
that nothing is said into the void), the relay's knowledge of which types must find a queue, and
the check that every ``@on`` of a service stands here and nowhere else.
"""

from dataclasses import dataclass
from difflib import get_close_matches

from services.contracts import events as e


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable consumer queue (quorum, with dead-letter queue ``<name>.dlq``).

    ``service`` is who consumes it; ``external`` marks a consumer outside of our processes.
    ``prefix`` binds ``<type>.#`` instead of ``<type>``: the grid border's longer routing keys.
    """

    name: str
    service: str
    events: tuple[type[e.Event], ...]
    external: bool = False
    prefix: bool = False


TERRITORY = (e.CommunityChanged, e.CommunityClosed, e.MemberCardChanged, e.PersonDeleted)
ISSUE_STORY = (
    e.IssueReported,
    e.IssueTriaged,
    e.IssueAnswered,
    e.SelfGovernanceRecorded,
    e.IssueEscalated,
    e.IssueProgressed,
    e.IssueClosed,
    e.IssueRated,
    e.IssueReopened,
    e.IssueConfirmed,
    e.ReferralChanged,
    e.PromiseMoved,
    e.MergeChanged,
    e.JointConsultationChanged,
)
# What we do to an order that the platform works on.
ORDER_STEERING = (e.IssueUrged, e.IssueWithdrawn, e.IssueAmended)
WORK_ORDERS = (
    e.WorkOrderOpened,
    e.WorkOrderAmended,
    e.WorkOrderUrged,
    e.WorkOrderWithdrawn,
    e.WorkOrderRated,
    e.WorkOrderReopened,
    e.WorkOrderUpdatesWanted,
)

# How an ordinary post fares, until somebody in office answers.
POST_STORY = (e.PostPublished, e.PostChanged, e.PostRemoved, e.CommentPublished)

# What became of a question that came from a post.
TOPIC_STORY = (e.TopicRaised, e.TopicAdvanced, e.CovenantAdopted)

# What concerns people of a question's way: who takes part in it, and what it comes to.
DECIDING = (
    *TOPIC_STORY,
    e.TopicPartChanged,
    e.TopicHandedOver,
    e.SecondersAsked,
    e.TopicOverdue,
    e.ObjectionFiled,
    e.ObjectionAnswered,
    e.PollAnnounced,
    e.PollOpened,
    e.PollReminded,
    e.PollExtended,
    e.PollClosed,
    e.PollVoided,
    e.ResultPublished,
    e.CovenantBreachReported,
    e.CovenantReviewDue,
    e.SurveyOpened,
    e.SurveyClosed,
)

# What the weekly brief counts, and what ends the waiting of a post.
WEEKLY = (
    e.IssueReported,
    e.IssueTriaged,
    e.IssueAnswered,
    e.IssueConfirmed,
    e.IssueClosed,
    e.IssueReopened,
    e.PromiseBroken,
    e.PostUnanswered,
    *POST_STORY,
    e.HotTopicsPublished,
)

# What neighbours do together, and what is decided about their words.
TOGETHER = (
    e.SignUpChanged,
    e.HandshakeChanged,
    e.ProjectAdvanced,
    e.ContentReported,
    e.ContentDecided,
    e.SilenceChanged,
    e.QuestionAsked,
    e.QuestionAnswered,
    e.QuestionOverdue,
)

QUEUES: tuple[Queue, ...] = (
    Queue(
        "identity.access_log",
        "identity",
        (e.AuthorSeen, e.ReporterSeen, e.BreachReporterSeen, e.HouseholdSeen),
    ),
    Queue("identity.observer_reads", "identity", (e.AccessCounted,)),
    Queue("feed.territory", "feed", TERRITORY),
    Queue("feed.issue_threads", "feed", (*ISSUE_STORY, *ORDER_STEERING)),
    Queue("feed.topic_threads", "feed", TOPIC_STORY),
    Queue("feed.suggestions", "feed", (e.IssueSuggested,)),
    Queue("grid_bridge.territory", "grid_bridge", TERRITORY),
    Queue("grid_bridge.consents", "grid_bridge", (e.ConsentChanged,)),
    Queue("grid_bridge.classification", "grid_bridge", (e.IssueReported,)),
    Queue("grid_bridge.offered_posts", "grid_bridge", (e.PostOffered,)),
    Queue("grid_bridge.post_clocks", "grid_bridge", POST_STORY),
    Queue("grid_bridge.grid_updates", "grid_bridge", (e.WorkOrderUpdated,)),
    Queue("grid_bridge.removed_posts", "grid_bridge", (e.PostRemoved,)),
    Queue("votes.territory", "votes", TERRITORY),
    Queue(
        "grid_classifier.texts", "grid_classifier", (e.IssueReported, e.PostOffered, e.PostRemoved)
    ),
    Queue("notify.territory", "notify", (*TERRITORY, e.RoleGranted, e.RoleRevoked)),
    Queue("notify.distances", "notify", (e.DistancesChanged,)),
    Queue("notify.brief", "notify", WEEKLY),
    Queue(
        "notify.news",
        "notify",
        (
            e.MembershipRequested,
            e.MembershipDecided,
            e.PostPublished,
            e.PostRemoved,
            e.CommentPublished,
            *TOGETHER,
            *ISSUE_STORY,
            e.IssueUrged,
            e.PromiseAtRisk,
            e.PromiseBroken,
            e.PostUnanswered,
            e.IssueAssigned,
            e.IssueReminder,
            e.PlanChanged,
            e.PlanCommentAnswered,
            *DECIDING,
        ),
    ),
    Queue("gridplatform.workorders", "grid_platform", WORK_ORDERS, external=True, prefix=True),
)

# What every gateway process hears on a queue of its own that lives as long as the process:
# to throw away cached answers and tokens, and to feed live streams.
BROADCAST: tuple[type[e.Event], ...] = (
    e.ClockMoved,
    e.CommunityChanged,
    e.ModuleChanged,
    e.PostPublished,
    e.PostChanged,
    e.PostRemoved,
    e.CommentPublished,
    e.ReactionChanged,
    e.ViewChanged,
    e.SessionRevoked,
    e.RoleGranted,
    e.RoleRevoked,
    e.RightsNarrowed,
    e.PersonDeleted,
    e.AssistanceEnded,
    e.NotificationCreated,
    e.EmergencyTold,
    e.EmergencyCounted,
)


class UnknownQueue(KeyError):
    """A queue was named that the table does not have; the message says where to add it."""

    def __str__(self) -> str:
        """The sentence itself: KeyError would show it as a quoted key."""
        return str(self.args[0])


def queue(name: str) -> Queue:
    """The queue called ``name``.

    Raises:
        UnknownQueue: the table has none.
    """
    for candidate in QUEUES:
        if candidate.name == name:
            return candidate
    near = get_close_matches(name, [known.name for known in QUEUES], n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    raise UnknownQueue(
        f"no queue is called {name!r}{meant}: add it to QUEUES in services/contracts/topology.py"
    )


def consumed_types() -> frozenset[str]:
    """Event types that at least one durable queue waits for: these must never be unroutable."""
    return frozenset(event.TYPE for q in QUEUES for event in q.events)
