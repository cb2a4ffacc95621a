"""Notify's operations about ways out of the house."""

import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.contracts.actor import Actor
from services.notify.domain.push import encode
from services.notify.repository import channels
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place, self_, thing

ROBOT = {"cid": "c-home", "token": "a" * 40}
POINT = encode(
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)


def _offered(h: House) -> None:
    """The sender has a provider for everything."""
    with h.units["notify"]() as uow:
        channels.offer(uow.session, ["dingtalk", "mail", "sms", "web_push"], "key")
        uow.commit()


def _mail(h: House, who: Actor) -> Command:
    _offered(h)
    h.ask(who, "giveConsent", purpose="messages")
    return {"address": "sun@example.cn"}


def _subscription(h: House, _who: Actor) -> Command:
    return {
        "endpoint": f"https://fcm.googleapis.com/fcm/send/{h.number()}",
        "p256dh": POINT,
        "auth": encode(secrets.token_bytes(16)),
        "label": "手机",
    }


def _browser(h: House, who: Actor) -> Command:
    _offered(h)
    return {"id": h.ask(who, "putPushSubscription", **_subscription(h, who))["id"]}


def _robot(h: House, _who: Actor) -> Command:
    _offered(h)
    h.ask(h.secretary, "putRobot", **ROBOT)
    return {"cid": "c-home"}


def _put_robot(h: House, _who: Actor) -> Command:
    _offered(h)
    return dict(ROBOT)


ROWS: dict[str, Row] = {
    "listMyChannels": self_(),
    "requestMailAddress": self_(_mail),
    "getPushKey": self_(),
    "listPushSubscriptions": self_(),
    "putPushSubscription": self_(_subscription),
    "deletePushSubscription": self_(_browser),
    "testPushSubscription": thing(_browser),
    "getRobot": place(_robot),
    "putRobot": place(_put_robot),
    "deleteRobot": place(_robot),
    "testRobot": place(_robot),
    "listParkedDeliveries": self_(),
    "sendOnDeliveries": self_(),
}
