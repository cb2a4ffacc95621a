"""Ways out of the house: what is open to somebody, her browsers, a committee's robot, operators.

Notify keeps no address. For a channel that somebody switches on it asks identity, in her name, for
a ticket; with the channel the ticket goes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from services import directory
from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import FieldError, ShequError
from services.contracts.operations.base import Empty, Page
from services.contracts.operations.identity import ContactTicket
from services.contracts.operations.notify import channels as ops
from services.kit import logs
from services.kit.pages import decode_moment, encode_cursor
from services.kit.uow import UnitOfWork
from services.notify import domain
from services.notify.domain import preferences as wishes
from services.notify.domain import push as rules
from services.notify.models import PushSubscription
from services.notify.repository import channels, people, preferences, sending

BY_TICKET = ("sms", "wechat", "mail")
ROBOT = "dingtalk"
SENT_ON_AT_ONCE = 1_000

log = logs.get(__name__)


def list_my_channels(uow: UnitOfWork, actor: Actor) -> ops.MyChannels:
    """Every way out of the house: offered, ready, chosen."""
    session = uow.session
    offered = channels.offered(session)
    tickets = channels.tickets(session, actor.person_id)
    browsers = channels.browsers(session, actor.person_id)
    chosen = preferences.chosen(session, actor.person_id) or wishes.DEFAULTS
    return ops.MyChannels(
        items=[
            ops.MyChannel(
                channel=channel,
                offered=channel in offered,
                ready=bool(browsers) if channel == "web_push" else channel in tickets,
                chosen=channel in chosen.channels,
                shown=tickets[channel].shown if channel in tickets else None,
            )
            for channel in wishes.OUTWARD
        ]
    )


def keep_tickets(uow: UnitOfWork, actor: Actor, chosen: Sequence[str], now: datetime) -> None:
    """Get a ticket for every channel that is switched on, and give back those of the others.

    One that she has is had anew: it opens nothing since she named another address. While identity
    is away the old one stays, and what is switched off is switched off all the same.

    Raises:
        ChannelNotOffered: there is no provider for a channel that she did not have before.
        ContactConsentNeeded, NoContact: identity has nothing that may be used.
        Unavailable: it is away, and she has no ticket yet.
    """
    session = uow.session
    have = channels.tickets(session, actor.person_id)
    before = preferences.chosen(session, actor.person_id) or wishes.DEFAULTS
    offered = channels.offered(session)
    for place, channel in enumerate(chosen):
        fresh = channel in wishes.OUTWARD and channel not in before.channels
        if fresh and channel not in offered:
            field = FieldError(f"channels.{place}", rules.ChannelNotOffered.en)
            raise rules.ChannelNotOffered(errors=[field])
        if channel in BY_TICKET and channel in offered:
            with _while_away(channel in have):
                given = uow.ask("identity", "give_contact_ticket", channel=channel)
                ticket = ContactTicket.model_validate(given)
                channels.put_ticket(session, actor.person_id, channel, ticket, now)
    for left in channels.drop_tickets(session, actor.person_id, set(BY_TICKET) - set(chosen)):
        with _while_away(True):  # nobody else has it
            uow.ask("identity", "drop_contact_ticket", ticket=left)


@contextmanager
def _while_away(does_not_matter: bool) -> Iterator[None]:
    """Go on without an answer of identity's, where it does not matter."""
    try:
        yield
    except ShequError as error:
        if error.status < 500 or not does_not_matter:
            raise
        log.warning("identity is away, tickets stay as they are", code=error.code)


def request_mail_address(
    uow: UnitOfWork, cmd: ops.RequestMailAddress, actor: Actor, now: datetime
) -> ops.MailAddressRequested:
    """Let identity put an address on trial, and send the code there by the ticket it gives.

    Raises:
        ChannelNotOffered: nobody delivers mail here.
        MailInvalid, MailCodeTooSoon, ContactConsentNeeded: see identity.
        NotFound: she left for good at this moment.
    """
    if "mail" not in channels.offered(uow.session):
        raise rules.ChannelNotOffered()
    given = uow.ask("identity", "begin_mail_address", address=cmd.address)
    ticket = ContactTicket.model_validate(given)
    sending.put(uow.session, actor.person_id, "mail", "code", ticket.ticket, now)
    people.require_present(uow.session, actor.person_id)
    return ops.MailAddressRequested(shown=ticket.shown)


# -- browsers --------------------------------------------------------------------------------------


def get_push_key(uow: UnitOfWork) -> ops.PushKey:
    """The key that a browser subscribes with, as the sender said it."""
    return ops.PushKey(public_key=channels.offered(uow.session).get("web_push"))


def list_push_subscriptions(uow: UnitOfWork, actor: Actor) -> ops.PushSubscriptions:
    """The actor's browsers."""
    rows = channels.browsers(uow.session, actor.person_id)
    return ops.PushSubscriptions(items=[_browser(row) for row in rows])


def put_push_subscription(
    uow: UnitOfWork,
    cmd: ops.PutPushSubscription,
    actor: Actor,
    hosts: Sequence[str],
    now: datetime,
) -> ops.PushSubscriptionView:
    """Keep a browser of the actor's; one that was another person's is hers now.

    To ask for pushes is to choose them; a browser that only renews what it has chooses nothing.

    Raises:
        PushServiceUnknown, PushKeysInvalid, TooManyBrowsers, NotFound: see there.
    """
    if not rules.is_push_service(cmd.endpoint, hosts):
        field = FieldError("endpoint", rules.PushServiceUnknown.zh)
        raise rules.PushServiceUnknown(errors=[field])
    keys = rules.checked_keys(cmd.p256dh, cmd.auth)
    before = {row.id for row in channels.browsers(uow.session, actor.person_id)}
    kept = channels.put_browser(
        uow.session, actor.person_id, cmd.endpoint, keys, cmd.label, now, rules.MOST_BROWSERS
    )
    if kept is None:
        raise rules.TooManyBrowsers()
    if kept.id not in before:
        preferences.add_channel(uow.session, actor.person_id, "web_push", now)
    people.require_present(uow.session, actor.person_id)
    return _browser(kept)


def delete_push_subscription(uow: UnitOfWork, cmd: ops.OfPushSubscription, actor: Actor) -> Empty:
    """Push there no more; done again it changes nothing."""
    found = channels.browser(uow.session, actor.person_id, cmd.id)
    if found is not None:
        uow.session.delete(found)
    return Empty()


def test_push_subscription(
    uow: UnitOfWork, cmd: ops.OfPushSubscription, actor: Actor, now: datetime
) -> Empty:
    """Send a message to one browser of the actor's, quiet hours or not.

    Raises:
        BrowserNotFound, ChannelNotOffered, NotFound: see there.
    """
    if channels.browser(uow.session, actor.person_id, cmd.id) is None:
        raise rules.BrowserNotFound()
    if "web_push" not in channels.offered(uow.session):
        raise rules.ChannelNotOffered()
    sending.put(uow.session, actor.person_id, "web_push", "test", cmd.id, now)
    people.require_present(uow.session, actor.person_id)
    return Empty()


def _browser(row: PushSubscription) -> ops.PushSubscriptionView:
    return ops.PushSubscriptionView(
        id=row.id, label=row.label, created_at=row.created_at, reached_at=row.reached_at
    )


# -- a committee's robot ---------------------------------------------------------------------------


def get_robot(uow: UnitOfWork, cmd: ops.GetRobot, actor: Actor) -> ops.RobotView:
    """The group robot of the actor's community.

    Raises:
        Forbidden: the actor does not serve there.
    """
    _require_committee(uow, cmd.cid, actor)
    return _robot(uow, cmd.cid)


def put_robot(uow: UnitOfWork, cmd: ops.PutRobot, actor: Actor, now: datetime) -> ops.RobotView:
    """Hand the robot over to identity, and keep the ticket.

    Raises:
        Forbidden: the actor does not serve there.
        ChannelNotOffered, RobotInvalid: see there.
    """
    _require_committee(uow, cmd.cid, actor)
    if ROBOT not in channels.offered(uow.session):
        raise rules.ChannelNotOffered()
    given = uow.ask(
        "identity", "keep_robot", community_id=cmd.cid, token=cmd.token, secret=cmd.secret
    )
    ticket = ContactTicket.model_validate(given)
    channels.put_robot(uow.session, cmd.cid, ticket, actor.person_id, now)
    uow.session.expire_all()
    return _robot(uow, cmd.cid)


def delete_robot(uow: UnitOfWork, cmd: ops.GetRobot, actor: Actor) -> Empty:
    """The community has no robot any more, and identity forgets it.

    Raises:
        Forbidden: the actor does not serve there.
    """
    _require_committee(uow, cmd.cid, actor)
    ticket = channels.drop_robot(uow.session, cmd.cid)
    if ticket is not None:
        uow.ask("identity", "drop_contact_ticket", ticket=ticket)
    return Empty()


def test_robot(uow: UnitOfWork, cmd: ops.GetRobot, actor: Actor, now: datetime) -> Empty:
    """Let the robot say something.

    Raises:
        Forbidden: the actor does not serve there.
        ChannelNotOffered: the community has no robot.
    """
    _require_committee(uow, cmd.cid, actor)
    if channels.robot(uow.session, cmd.cid) is None:
        raise rules.ChannelNotOffered()
    sending.put(uow.session, cmd.cid, ROBOT, "test", "", now)
    return Empty()


def tell_robots(uow: UnitOfWork, event_id: str, news: Sequence[domain.News], now: datetime) -> None:
    """What an event has a committee do is said in its group, too."""
    ranks = [
        one.rank
        for one in news
        if isinstance(one.audience, domain.OnDuty)
        and one.audience.roles & COMMITTEE
        and one.audience.among is None
    ]
    if ranks:
        sending.put_for_robot(uow.session, event_id, ranks, now)


def _require_committee(uow: UnitOfWork, community_id: str, actor: Actor) -> None:
    actor.require(COMMITTEE, directory.community(uow, community_id).path)


def _robot(uow: UnitOfWork, community_id: str) -> ops.RobotView:
    found = channels.robot(uow.session, community_id)
    offered = ROBOT in channels.offered(uow.session)
    if found is None:
        return ops.RobotView(offered=offered)
    return ops.RobotView(
        offered=offered, shown=found.shown, set_by=found.set_by, set_at=found.set_at
    )


# -- operators -------------------------------------------------------------------------------------


def list_parked(
    uow: UnitOfWork, cmd: ops.ListParkedDeliveries, actor: Actor
) -> Page[ops.ParkedDelivery]:
    """What could not be sent in the actor's districts, the oldest first."""
    rows = sending.parked(
        uow.session,
        _scopes(actor),
        channel=cmd.channel,
        after=decode_moment(cmd.cursor) if cmd.cursor is not None else None,
        limit=cmd.limit + 1,
    )
    page = rows[: cmd.limit]
    more = len(rows) > cmd.limit
    return Page[ops.ParkedDelivery](
        items=[ops.ParkedDelivery.model_validate(row._mapping) for row in page],
        next_cursor=encode_cursor(page[-1].created_at.isoformat(), page[-1].id) if more else None,
    )


def send_on(uow: UnitOfWork, cmd: ops.SendOnDeliveries, actor: Actor, now: datetime) -> ops.SentOn:
    """Let what could not be sent begin anew; what is not parked any more is passed over."""
    count = sending.send_on(
        uow.session, _scopes(actor), now, channel=cmd.channel, ids=cmd.ids, limit=SENT_ON_AT_ONCE
    )
    log.info("parked deliveries sent on", by=actor.person_id, count=count)
    return ops.SentOn(count=count)


def _scopes(actor: Actor) -> list[str]:
    return [grant.path for grant in actor.grants if grant.role is Role.DISTRICT_ADMIN]
