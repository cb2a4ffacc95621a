"""How somebody wants to be told, and which threads she does not want to hear of."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services.contracts.actor import Actor
from services.contracts.errors import NotFound
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.notify import preferences as ops
from services.kit.pages import decode_moment, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain import preferences as rules
from services.notify.domain.kind_words import KINDS
from services.notify.handlers import channels
from services.notify.repository import channels as ways
from services.notify.repository import people, preferences


def get_preferences(
    uow: UnitOfWork, actor: Actor, language: domain.Language
) -> ops.NotificationPreferences:
    """What the actor chose, or what holds for who never chose."""
    return _shown(preferences.chosen(uow.session, actor.person_id), language)


def put_preferences(
    uow: UnitOfWork,
    cmd: ops.PutNotificationPreferences,
    actor: Actor,
    language: domain.Language,
    now: datetime,
) -> ops.NotificationPreferences:
    """Keep what the actor chooses, in place of all that she chose before.

    Raises:
        OpenNight: quiet hours without beginning, end or length.
        UnknownKind, NotToMute: a kind that is to be muted.
        ChannelNotOffered, ContactConsentNeeded, NoContact: a way out of the house.
        NotFound: she left for good at this moment.
    """
    quiet_from, quiet_until = rules.checked_night(cmd.quiet_from, cmd.quiet_until)
    default = rules.DEFAULTS
    wishes = rules.Preferences(
        channels=rules.with_inbox(cmd.channels),
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        muted_kinds=rules.checked_mutes(cmd.muted_kinds, domain.RULES),
        daily_budget=default.daily_budget if cmd.daily_budget is None else cmd.daily_budget,
        digest=cmd.digest or default.digest,
        language=cmd.language or default.language,
    )
    ways.in_turn(uow.session, actor.person_id)
    channels.keep_tickets(uow, actor, wishes.channels, now)
    preferences.put(uow.session, actor.person_id, wishes, now)
    people.require_present(uow.session, actor.person_id)
    return _shown(wishes, language)


def _shown(
    wishes: rules.Preferences | None, language: domain.Language
) -> ops.NotificationPreferences:
    choice = _choice(wishes or rules.DEFAULTS)
    return ops.NotificationPreferences(
        **choice.model_dump(),
        chosen=wishes is not None,
        kinds=[
            ops.NotificationKind(
                kind=kind,
                title=domain.pick(KINDS[kind], language),
                about=rules.about_kind(kind, domain.RULES),
                lane=rules.lane_of_kind(kind, domain.RULES).value,
                may_mute=rules.may_mute(kind, domain.RULES),
                muted=kind in choice.muted_kinds,
            )
            for kind in domain.Kind
        ],
        defaults=_choice(rules.DEFAULTS),
    )


def _choice(wishes: rules.Preferences) -> ops.NotificationChoice:
    return ops.NotificationChoice(
        channels=list(wishes.channels),
        quiet_from=rules.clock_of(wishes.quiet_from),
        quiet_until=rules.clock_of(wishes.quiet_until),
        muted_kinds=list(wishes.muted_kinds),
        daily_budget=wishes.daily_budget,
        digest=wishes.digest,
        language=wishes.language,
    )


# -- threads --------------------------------------------------------------------------------------


def list_muted_threads(
    uow: UnitOfWork, cmd: ops.ListMutedThreads, actor: Actor
) -> Page[ops.MutedThread]:
    """What the actor muted, newest first."""
    rows = preferences.muted_threads(
        uow.session,
        actor.person_id,
        before=decode_moment(cmd.cursor) if cmd.cursor is not None else None,
        limit=cmd.limit + 1,
    )
    shown = rows[: cmd.limit]
    more = len(rows) > cmd.limit
    return Page(
        items=[_thread(row) for row in shown],
        next_cursor=(
            encode_cursor(shown[-1].muted_at.isoformat(), shown[-1].post_id) if more else None
        ),
    )


def mute_thread(uow: UnitOfWork, cmd: ops.OfThread, actor: Actor, now: datetime) -> ops.MutedThread:
    """Take the actor out of what is told of a thread, but for what nobody can mute.

    Raises:
        NotFound: she neither takes part in it nor was ever told of it.
    """
    if not preferences.concerns(uow.session, actor.person_id, cmd.id):
        raise NotFound()
    preferences.mute(uow.session, actor.person_id, cmd.id, now)
    row = preferences.muted_thread(uow.session, actor.person_id, cmd.id)
    if row is None:
        raise NotFound()  # she left for good at this moment
    return _thread(row)


def unmute_thread(uow: UnitOfWork, cmd: ops.OfThread, actor: Actor) -> Empty:
    """Tell the actor of a thread again; one that is not muted stays as it is."""
    preferences.unmute(uow.session, actor.person_id, cmd.id)
    return Empty()


def _thread(row: Row[Any]) -> ops.MutedThread:
    return ops.MutedThread(
        id=row.post_id, title=row.title, removed=row.removed, muted_at=row.muted_at
    )
