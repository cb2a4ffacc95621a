"""Tables of notify.

::

    notices 1 ──── n inbox n ──── 1 unread_counts        threads 1 ── n follows      duties
    what is told     to whom        per person            what news is about          who serves

The text of a notice is kept once, however many people it is told to, and as facts: it is put
into words when somebody reads it. ``inbox`` has one row per person and event, so that nobody
hears an event twice; ``unread_counts`` is written in the statement that writes ``inbox``, so
that the number beside the bell is always the number of unread rows.
"""

from services.notify.models.base import Base
from services.notify.models.briefs import (
    Brief,
    BriefCount,
    BriefFact,
    BriefHotTopics,
    BriefName,
    BriefPost,
    BriefRead,
    BriefWeek,
)
from services.notify.models.channels import ChannelTicket, Offer, PushSubscription, Robot
from services.notify.models.deliveries import Delivery, LaneUse
from services.notify.models.digests import Digest, DigestItem, DigestRound, DigestWaiting
from services.notify.models.due import DueRow
from services.notify.models.emergencies import (
    Emergency,
    EmergencyBroadcast,
    EmergencyHousehold,
    EmergencyLook,
    EmergencyMember,
    EmergencyTick,
)
from services.notify.models.inbox import Inbox, LateNews, Notice, UnreadCount
from services.notify.models.people import Departed, Distance, Duty, Follow, Thread
from services.notify.models.preferences import MutedThread, Preference

__all__ = [
    "Base",
    "Brief",
    "BriefCount",
    "BriefFact",
    "BriefHotTopics",
    "BriefName",
    "BriefPost",
    "BriefRead",
    "BriefWeek",
    "ChannelTicket",
    "Delivery",
    "Departed",
    "Digest",
    "DigestItem",
    "DigestRound",
    "DigestWaiting",
    "Distance",
    "DueRow",
    "Duty",
    "Emergency",
    "EmergencyBroadcast",
    "EmergencyHousehold",
    "EmergencyLook",
    "EmergencyMember",
    "EmergencyTick",
    "Follow",
    "Inbox",
    "LaneUse",
    "LateNews",
    "MutedThread",
    "Notice",
    "Offer",
    "Preference",
    "PushSubscription",
    "Robot",
    "Thread",
    "UnreadCount",
]
