"""Notify's handlers as tests use them: each call is a transaction of its own."""

from typing import Any

from sqlalchemy import text

from services.contracts import events as e
from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.notify import preferences as wishes
from services.contracts.operations.notify.inbox import (
    ListNotifications,
    MarkNotificationsRead,
    Notification,
    NotificationPage,
)
from services.contracts.operations.notify.subscriptions import (
    ListSubscriptions,
    OfSubscription,
    Subscription,
)
from services.kit.uow import UnitOfWorkFactory
from services.notify.domain import Language
from services.notify.domain.preferences import IN_HOUSE
from services.notify.handlers import duties, inbox, preferences, subscriptions, telling
from services.notify.repository import preferences as stored
from tests.support.neighbourhood import NOON, SHANGYUAN, say

DRIFT = text(
    """
    SELECT coalesce(c.person_id, i.person_id), c.unread, i.rows
    FROM unread_counts c FULL JOIN (
        SELECT person_id, count(*) FILTER (WHERE read_at IS NULL) AS rows
        FROM inbox GROUP BY person_id
    ) i USING (person_id)
    WHERE c.unread IS DISTINCT FROM i.rows
    """
)


def actor(person: str) -> Actor:
    """Somebody logged in."""
    return Actor(person, "session", (), 0)


class Inboxes:
    """One notify database and what happens to it."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        self.units = units

    def tell(self, event: e.Event, event_id: str | None = None, now: Any = NOON) -> str:
        """Deliver an event; its id."""
        event_id = event_id or new_id()
        with self.units() as uow:
            telling.tell(uow, event, event_id, now)
            uow.commit()
        return event_id

    def know(self, *events: e.Event) -> None:
        """Deliver events about territory, cards and grants."""
        with self.units() as uow:
            for event in events:
                duties.keep_duties(uow, event)
            uow.commit()

    def community(self, **cards: str) -> None:
        """The community, and cards in it: name of the person = display name."""
        self.know(
            say(e.CommunityChanged),
            *(
                say(e.MemberCardChanged, person_id=person, display_name=name)
                for person, name in cards.items()
            ),
        )

    def on_duty(self, *people: str, role: str = "committee_staff", path: str = SHANGYUAN) -> None:
        """Grants."""
        self.know(
            *(
                say(e.RoleGranted, grant_id=f"grant-{p}", person_id=p, role=role, path=path)
                for p in people
            )
        )

    def page(self, person: str, language: Language = "zh", **command: Any) -> NotificationPage:
        """A page of somebody's inbox."""
        with self.units(read_only=True) as uow:
            return inbox.list_notifications(
                uow, ListNotifications(**command), actor(person), language, NOON
            )

    def items(self, person: str, **command: Any) -> list[Notification]:
        """The newest notifications of somebody."""
        return self.page(person, **command).items

    def titles(self, person: str) -> list[str]:
        """Their titles, newest first."""
        return [item.title for item in self.items(person)]

    def read(self, person: str, **command: Any) -> int:
        """Mark as read; how many stay unread."""
        with self.units() as uow:
            left = inbox.mark_notifications_read(
                uow, MarkNotificationsRead(**command), actor(person), NOON
            )
            uow.commit()
        return left.unread

    def prefer(
        self, person: str, channels: tuple[str, ...] = ("live",), **more: Any
    ) -> wishes.NotificationPreferences:
        """Choose how to be told, without quiet hours unless they are named.

        Ways out of the house are opened as by their own operations.
        """
        with self.units() as uow:
            at_home = [name for name in channels if name in IN_HOUSE]
            cmd = wishes.PutNotificationPreferences(channels=at_home, **more)
            chosen = preferences.put_preferences(uow, cmd, actor(person), "zh", NOON)
            for name in set(channels) - set(IN_HOUSE):
                stored.add_channel(uow.session, person, name, NOON)
            uow.commit()
        return chosen

    def mute(self, person: str, post_id: str = "post", now: Any = NOON) -> wishes.MutedThread:
        """Hear no more of a thread."""
        with self.units() as uow:
            muted = preferences.mute_thread(uow, wishes.OfThread(id=post_id), actor(person), now)
            uow.commit()
        return muted

    def unmute(self, person: str, post_id: str = "post") -> None:
        """Hear of it again."""
        with self.units() as uow:
            preferences.unmute_thread(uow, wishes.OfThread(id=post_id), actor(person))
            uow.commit()

    def ways(self, person: str) -> list[tuple[str, str, Any]]:
        """What goes out to somebody, oldest first: channel, state, when it is due."""
        with self.units(read_only=True) as uow:
            found = uow.session.execute(
                text(
                    "SELECT channel, state, due_at FROM deliveries WHERE person_id = :person "
                    "ORDER BY notice_id, channel"
                ),
                {"person": person},
            )
            return [tuple(row) for row in found]

    def follow(self, person: str, thread: str) -> Subscription:
        """Somebody chooses to follow a thread."""
        with self.units() as uow:
            command = OfSubscription(id=thread)
            found = subscriptions.follow(uow, command, actor(person), "zh")
            uow.commit()
        return found

    def unfollow(self, person: str, thread: str) -> None:
        """Somebody leaves a thread."""
        with self.units() as uow:
            subscriptions.unfollow(uow, OfSubscription(id=thread), actor(person))
            uow.commit()

    def followed(self, person: str, **command: Any) -> Page[Subscription]:
        """A page of what somebody follows."""
        with self.units(read_only=True) as uow:
            return subscriptions.list_subscriptions(
                uow, ListSubscriptions(**command), actor(person), "zh"
            )

    def drift(self) -> list[Any]:
        """People whose count is not the number of their unread rows; must be empty."""
        with self.units(read_only=True) as uow:
            return list(uow.session.execute(DRIFT))

    def scalar(self, sql: str, **values: Any) -> Any:
        """A value from the database."""
        with self.units(read_only=True) as uow:
            return uow.session.scalar(text(sql), values)

    def live(self) -> list[e.NotificationCreated]:
        """What was emitted for the live streams, oldest first."""
        with self.units(read_only=True) as uow:
            bodies = uow.session.scalars(text("SELECT body FROM kit_outbox ORDER BY id"))
            return [e.NotificationCreated.model_validate_json(body) for body in bodies]
