"""The discussion (广泛讨论) of a topic: opinions with their stance, and a moderator without one."""

from datetime import datetime
from typing import Literal

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
)
from services.contracts.operations.votes.common import DESK, Barred

Stance = Literal["for", "against", "neutral"]
OpinionState = Literal["waiting", "shown", "hidden", "withdrawn"]
OpinionAction = Literal["withdraw", "appeal"]
OpinionDecision = Literal["show", "hide"]
SpeechBarred = Literal["closed", "moderating", "spent"] | Barred
Speech = Reason
"""What somebody says in one go; rules of order limit it (5.2 of the domain)."""

# -- what the caller asks for ---------------------------------------------------------------


class DiscussTopic(Command):
    """An opinion, with its stance."""

    id: Id
    stance: Stance
    body: Speech


class ListOpinions(ListCommand):
    """The opinions on a topic.

    ``alternating`` lets the sides speak in turn, for, against, neutral, those first who have spoken
    least; what a moderator says stands before. A list that was begun stays as it was while it is
    read: what is said meanwhile comes with the next reading. ``waiting`` are those that somebody
    has to look at first: all of them to who moderates, to others their own.
    """

    id: Id
    order: Literal["alternating", "newest"] = "alternating"
    shown: Literal["told", "waiting"] = "told"


class OfDiscussion(Command):
    """Names the topic whose discussion it is."""

    id: Id


class OfOpinion(Command):
    """Names an opinion and nothing more."""

    id: Id


class CorrectOpinion(OfOpinion):
    """Better words for one's own opinion, soon after; the earlier ones stay readable."""

    body: Speech


class DecideOpinion(OfOpinion):
    """Show an opinion that waits or was hidden, or hide one, with a reason that everybody reads."""

    decision: OpinionDecision
    reason: Reason


class AppealOpinion(OfOpinion):
    """Ask the desk to look again at an opinion that was hidden."""

    reason: Reason


class ModerateTopic(Command):
    """A moderator's word: to order, to the question; never an opinion."""

    id: Id
    body: Speech


class OfModerator(Command):
    """Names a topic and who moderates it."""

    id: Id
    person_id: Id


# -- what the caller gets -------------------------------------------------------------------


class Speaker(View):
    """Somebody as the neighbours know that person, with the offices and the badge she shows."""

    person_id: str
    display_name: str
    building_label: str = ""
    badge_shown: bool = False
    role_badges: list[str] = []


class EarlierWords(View):
    """What an opinion said until it was corrected ``at`` that moment."""

    body: str
    at: datetime


class OpinionHidden(View):
    """The public trace of an opinion that is not shown.

    ``final``: the desk has looked at it again. What the author said to that (``appeal``) is shown
    to her and to the desk.
    """

    role: str
    by: Speaker | None
    reason: str
    at: datetime
    final: bool
    appealed_at: datetime | None
    appeal: str | None


class Opinion(View):
    """An opinion, or a moderator's word (``moderator``, without a stance).

    ``nth`` is its author's first, second … on the topic, ``proposal`` the version of the text that
    lay there when it was given. ``author`` is null when the person has left. The words of one that
    is not shown are empty but to its author and to who moderates. Of one's own, ``correct_until``
    says until when it may be corrected, and ``actions`` what else may be done with it.
    ``decisions`` is what the caller may decide of it, as a moderator or at the desk.
    """

    id: str
    topic_id: str
    stance: Stance | None
    moderator: bool
    body: str
    state: OpinionState
    author: Speaker | None
    mine: bool
    nth: int
    proposal: int | None
    assisted: bool
    created_at: datetime
    corrected_at: datetime | None
    earlier: list[EarlierWords]
    hidden: OpinionHidden | None
    correct_until: datetime | None = None
    actions: list[OpinionAction] = []
    decisions: list[OpinionDecision] = []


class Moderator(View):
    """Who moderates, or did until ``ended_at``; null when the person has left."""

    person: Speaker | None
    appointed_role: str
    appointed_at: datetime
    ended_at: datetime | None


class CivilRule(View):
    """A rule of order."""

    zh: str
    en: str


class Discussion(View):
    """How a discussion stands, and where I stand in it.

    The opinions that are shown are counted by stance; ``speakers`` is how many people have spoken.
    ``speeches`` is how many opinions somebody may give, ``minutes`` how long she waits between two,
    ``correct_minutes`` for how long one may be corrected. ``left`` and ``may_speak_at`` are mine;
    null when I may not speak here, and ``barred`` says why: nobody speaks now, I take no part, I
    moderate, or have spoken as often as anybody may.
    """

    topic_id: str
    open: bool
    opinions_for: int
    opinions_against: int
    opinions_neutral: int
    speakers: int
    moderators: list[Moderator]
    speeches: int
    minutes: int
    correct_minutes: int
    left: int | None
    may_speak_at: datetime | None
    moderating: bool
    rules: list[CivilRule]
    barred: SpeechBarred | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "discussTopic", "POST /topics/{id}/opinions", "votes", NEIGHBOUR, DiscussTopic, Opinion,
        "Give an opinion", status=201, assisted=True,
    ),
    Operation(
        "listOpinions", "GET /topics/{id}/opinions", "votes", PERSON, ListOpinions, Page[Opinion],
        "The opinions on a topic, the sides in turn", assisted=True,
    ),
    Operation(
        "getDiscussion", "GET /topics/{id}/discussion", "votes", PERSON, OfDiscussion, Discussion,
        "How a discussion stands", assisted=True,
    ),
    Operation(
        "correctOpinion", "PUT /opinions/{id}", "votes", NEIGHBOUR, CorrectOpinion, Opinion,
        "Correct one's own opinion",
    ),
    Operation(
        "withdrawOpinion", "DELETE /opinions/{id}", "votes", PERSON, OfOpinion, Opinion,
        "Take one's own opinion back",
    ),
    Operation(
        "decideOpinion", "POST /opinions/{id}/decision", "votes", PERSON, DecideOpinion, Opinion,
        "Show or hide an opinion",
    ),
    Operation(
        "appealOpinion", "POST /opinions/{id}/appeal", "votes", PERSON, AppealOpinion, Opinion,
        "Ask the desk to look again at a hidden opinion",
    ),
    Operation(
        "moderateTopic", "POST /topics/{id}/moderation", "votes", NEIGHBOUR, ModerateTopic, Opinion,
        "Say something as the moderator", status=201,
    ),
    Operation(
        "appointModerator", "PUT /topics/{id}/moderators/{person_id}", "votes", DESK, OfModerator,
        Discussion, "Let somebody moderate a discussion",
    ),
    Operation(
        "endModeration", "DELETE /topics/{id}/moderators/{person_id}", "votes", PERSON, OfModerator,
        Discussion, "End somebody's moderation, or one's own",
    ),
)  # fmt: skip
