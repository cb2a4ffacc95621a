"""A charity sale with stalls on the street: its use-cases, and what must hold whatever happens."""

from typing import Any

from sqlalchemy import text

from services.contracts.actor import Actor
from services.contracts.events import MemberCardChanged, PersonDeleted
from services.contracts.operations import feed
from services.contracts.operations.feed import sign_ups as ops
from services.feed.handlers import check_ins, sign_ups
from tests.support.feed_street import CID, PATH, WANG, Street, actor

# Everything that the counts, the stalls and the line of an event promise, as queries for what
# breaks it.
_BROKEN = {
    "counts": """
        SELECT e.post_id FROM feed_sign_up_events e
        WHERE taken <> (SELECT count(DISTINCT place_id) FROM feed_sign_ups s
                        WHERE s.post_id = e.post_id AND s.state = 'in')
            OR waiting <> (SELECT count(*) FROM feed_sign_ups s
                           WHERE s.post_id = e.post_id AND s.state = 'waiting')
            OR turns < (SELECT coalesce(max(turn), 0) FROM feed_sign_ups s
                        WHERE s.post_id = e.post_id)
            OR taken > coalesce(capacity, taken)""",
    "a free place while somebody waits": """
        SELECT post_id FROM feed_sign_up_events
        WHERE waiting > 0 AND taken < coalesce(capacity, taken + 1)""",
    "due when time ends it, and only then": """
        SELECT e.post_id FROM feed_sign_up_events e JOIN feed_posts p ON p.id = e.post_id
        WHERE e.next_due_at IS DISTINCT FROM CASE WHEN e.closed_at IS NULL THEN
            least(p.expires_at, coalesce(e.ends_at, e.starts_at + interval '24 hours')) END""",
    "a stall of two places": """
        SELECT post_id, stall FROM feed_sign_ups WHERE state = 'in' AND stall IS NOT NULL
        GROUP BY post_id, stall HAVING count(DISTINCT place_id) > 1""",
    "a place of two stalls": """
        SELECT place_id FROM feed_sign_ups WHERE state = 'in'
        GROUP BY place_id HAVING count(DISTINCT coalesce(stall, 0)) > 1""",
    "a place of three": """
        SELECT place_id FROM feed_sign_ups WHERE state <> 'cancelled'
        GROUP BY place_id HAVING count(*) > 2""",
    "an invitation to nowhere": """
        SELECT s.id FROM feed_sign_ups s
        WHERE (s.state = 'invited' OR s.state = 'waiting' AND s.invited_by IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM feed_sign_ups h WHERE h.place_id = s.place_id
                AND h.person_id = s.invited_by AND h.state = 'in')""",
}


class Fair:
    """One event of the street; people are named, and neighbours when they come."""

    def __init__(self, street: Street, post: str = "", who: Actor = WANG, **terms: Any) -> None:
        self.street = street
        self.post = post or str(
            street.post(who=who, module="announcements", title="亲子爱心义卖")["id"]
        )
        self.put(who, **terms)

    def neighbour(self, name: str) -> Actor:
        """Somebody of the community."""
        self.street.card(name)
        return actor(name)

    def put(self, who: Actor = WANG, **terms: Any) -> dict[str, Any]:
        cmd = ops.PutSignUpEvent(id=self.post, **{"unit": "stall", "capacity": 2, **terms})
        return self._run(sign_ups.put_event, cmd, who, self.street.now)

    def get(self, who: Actor, post: str = "") -> dict[str, Any]:
        cmd = feed.OfPost(id=post or self.post)
        return self._run(sign_ups.get_event, cmd, who, self.street.now, read_only=True)

    def sign(self, who: Actor, **said: Any) -> dict[str, Any]:
        cmd = ops.PutSignUp(id=self.post, **said)
        return self._run(sign_ups.sign_up, cmd, who, self.street.now)

    def mine(self, who: Actor) -> list[dict[str, Any]]:
        told = self.street.run(sign_ups.list_mine, who, self.street.now, read_only=True)
        return ops.MyEvents.model_validate(told).model_dump(mode="json")["items"]

    def cancel(self, who: Actor) -> dict[str, Any]:
        return self._run(sign_ups.cancel, feed.OfPost(id=self.post), who, self.street.now)

    def invite(self, who: Actor, whom: str) -> dict[str, Any]:
        cmd = ops.InviteToSignUp(id=self.post, person_id=whom)
        return self._run(sign_ups.invite, cmd, who, self.street.now)

    def code(self, who: Actor) -> str:
        cmd = feed.OfPost(id=self.post)
        code: ops.SignUpCode = self.street.run(check_ins.get_code, cmd, who, read_only=True)
        return code.code

    def check_in(self, who: Actor, code: str) -> dict[str, Any]:
        cmd = ops.CheckIn(id=self.post, code=code)
        part: dict[str, Any] = self.street.run(check_ins.check_in, cmd, who, self.street.now)
        return part

    def listed(self, who: Actor = WANG, **which: Any) -> dict[str, Any]:
        cmd = ops.ListSignUps(id=self.post, **which)
        page: dict[str, Any] = self.street.run(check_ins.list_sign_ups, cmd, who, read_only=True)
        return page

    def export(self, who: Actor = WANG, language: str = "zh-CN") -> feed.Sheet:
        cmd = ops.ExportSignUps(id=self.post)
        sheet: feed.Sheet = self.street.run(
            check_ins.export_sign_ups, cmd, who, language, read_only=True
        )
        return sheet

    def leave(self, name: str) -> None:
        """The directory learns that somebody belongs here no more, and feed follows."""
        self.street.told(ended(name))
        self.street.run(sign_ups.follow_directory, ended(name), self.street.now)

    def delete_account(self, name: str) -> None:
        event = PersonDeleted(person_id=name)
        self.street.told(event)
        self.street.run(sign_ups.follow_directory, event, self.street.now)

    def _run(self, use: Any, *args: Any, read_only: bool = False) -> dict[str, Any]:
        answer: ops.SignUpEvent = self.street.run(use, *args, read_only=read_only)
        told: dict[str, Any] = answer.model_dump()
        return told

    # -- what a test looks at -----------------------------------------------------------------

    def states(self) -> dict[str, str]:
        """Everybody's part that stands, in the order of arrival."""
        with self.street.units() as uow:
            rows = uow.session.execute(
                text(
                    "SELECT person_id, state FROM feed_sign_ups "
                    "WHERE post_id = :post AND state <> 'cancelled' ORDER BY turn"
                ),
                {"post": self.post},
            )
            return {row.person_id: row.state for row in rows}

    def told(self) -> list[tuple[str, str, str]]:
        """What was told of whom so far, and what it came of."""
        return [
            (body["person_id"], body["state"], _why(body))
            for kind, body in self.street.emitted()
            if kind == "sign_up.changed.v1"
        ]

    def broken(self) -> dict[str, list[Any]]:
        """What does not hold; must be empty."""
        with self.street.units() as uow:
            found = {
                promise: [tuple(row) for row in uow.session.execute(text(query))]
                for promise, query in _BROKEN.items()
            }
        return {promise: rows for promise, rows in found.items() if rows}


def _why(body: dict[str, Any]) -> str:
    if body["moved_up"]:
        return "moved_up"
    return "called_off" if body["called_off"] else str(body["because"])


def ended(name: str) -> MemberCardChanged:
    """Somebody belongs to the street no more."""
    return MemberCardChanged(
        person_id=name, community_id=CID, path=PATH, standing="ended", display_name=name
    )
