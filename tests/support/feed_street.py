"""A street of neighbours on feed's database: its handlers called as this or that person."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from services import directory
from services.contracts import events as e
from services.contracts.actor import Actor, Grant, Role
from services.contracts.ids import new_id
from services.contracts.operations import feed as ops
from services.feed import threads
from services.feed.handlers import comments, likes, modules, posts
from services.kit.blobs import BlobMeta
from services.kit.uow import UnitOfWorkFactory

PATH = "demo.yuepu.shangyuan"
CID = "shangyuan"
VILLAGE = "haixing"
VILLAGE_PATH = "demo.luodian.haixing"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def actor(person_id: str, *grants: tuple[Role, str], acted_by: str = "") -> Actor:
    """Somebody with these grants; ``acted_by`` is the helper who got the token."""
    held = tuple(Grant(*g) for g in grants)
    return Actor(person_id, f"s-{acted_by or person_id}", held, 2**31, acted_by=acted_by)


SUN = actor("sun")
LU = actor("lu", (Role.PARTY_MEMBER, PATH))
WANG = actor("wang", (Role.COMMITTEE_STAFF, PATH))
SHI = actor("shi", (Role.SECRETARY, PATH), (Role.COMMITTEE_STAFF, PATH))
ZHAO = actor("zhao")  # of the village
OBSERVER = actor("observer", (Role.OBSERVER, "demo.yuepu"))
STRANGER = actor("stranger")


class Shelf:
    """Uploads by id; each test puts there what it needs."""

    def __init__(self) -> None:
        self.files: dict[str, BlobMeta] = {}

    def put(self, owner: str) -> str:
        """A photo of this person's; its id."""
        upload = new_id()
        url = f"/api/v1/uploads/{upload}"
        self.files[upload] = BlobMeta(
            upload, url, f"{url}/thumbnail", "image/jpeg", 7, "ab" * 32, owner
        )
        return upload

    def meta(self, upload_id: str) -> BlobMeta | None:
        return self.files.get(upload_id)


def ask_identity(service: str, method: str, **kwargs: Any) -> Any:
    """Identity knows nobody and nothing beyond the copy."""
    from services.contracts.errors import NotFound

    raise NotFound(f"{service}.{method}")


class Street:
    """Feed's use-cases, each in a transaction of its own, answers parsed."""

    def __init__(self, units: UnitOfWorkFactory) -> None:
        self.units = units
        self.shelf = Shelf()
        self.now = NOON
        for cid, path, kind in ((CID, PATH, "urban"), (VILLAGE, VILLAGE_PATH, "village")):
            self.community(cid, path, kind)
        self.card("sun", display_name="孙奶奶", building_label="3号楼")
        self.card("lu", display_name="老陆", badge_shown=True)
        self.card("wang", standing="staff", display_name="小王", role_badges=["committee_staff"])
        self.card("shi", standing="staff", display_name="石书记", role_badges=["secretary"])
        self.card("zhao", cid=VILLAGE, path=VILLAGE_PATH, display_name="小赵")

    def community(self, cid: str, path: str, kind: str, modules: list[str] | None = None) -> None:
        """The directory learns of a community."""
        self.told(
            e.CommunityChanged(
                community_id=cid,
                path=path,
                name=cid,
                kind=kind,
                code12="310113000001",
                district_id="demo",
                district_name="宝山样例区",
                town_id="t",
                town_name="样例镇",
                modules=modules or [],
            )
        )

    def card(self, person: str, cid: str = CID, path: str = PATH, **facts: Any) -> None:
        """The directory learns of a person's card."""
        values = {"standing": "active", "display_name": person, **facts}
        self.told(e.MemberCardChanged(person_id=person, community_id=cid, path=path, **values))

    def told(self, event: e.Event) -> None:
        with self.units() as uow:
            directory.project(uow, event)
            uow.commit()

    def run(self, use: Callable[..., Any], *args: Any, read_only: bool = False) -> Any:
        """One use-case in one transaction; JSON text comes back parsed."""
        with self.units(ask=ask_identity, read_only=read_only) as uow:
            answer = use(uow, *args)
            uow.commit()
        if isinstance(answer, str):
            return json.loads(answer)
        return answer

    # -- the use-cases ----------------------------------------------------------------------

    def post(self, who: Actor = SUN, cid: str = CID, **fields: Any) -> dict[str, Any]:
        cmd = ops.CreatePost(
            **{"cid": cid, "module": "neighbours", "title": "你好", "body": "大家好", **fields}
        )
        post: dict[str, Any] = self.run(posts.create_post, cmd, who, self.now, self.shelf)
        return post

    def posts(self, who: Actor = SUN, cid: str = CID, **fields: Any) -> dict[str, Any]:
        cmd = ops.ListPosts(cid=cid, **fields)
        page: dict[str, Any] = self.run(posts.list_posts, cmd, who, self.now, read_only=True)
        return page

    def get(self, post_id: str, who: Actor = SUN) -> dict[str, Any]:
        cmd = ops.OfPost(id=post_id)
        post: dict[str, Any] = self.run(posts.get_post, cmd, who, self.now, read_only=True)
        return post

    def update(self, post_id: str, who: Actor = SUN, **fields: Any) -> dict[str, Any]:
        cmd = ops.UpdatePost(id=post_id, **fields)
        post: dict[str, Any] = self.run(posts.update_post, cmd, who, self.now, self.shelf)
        return post

    def delete(self, post_id: str, who: Actor = SUN) -> None:
        self.run(posts.delete_post, ops.OfPost(id=post_id), who, self.now)

    def comment(
        self,
        post_id: str,
        who: Actor = SUN,
        body: str = "嗯",
        reply_to: str | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        cmd = ops.CreateComment(id=post_id, body=body, reply_to=reply_to, **fields)
        comment: dict[str, Any] = self.run(comments.create_comment, cmd, who, self.now, self.shelf)
        return comment

    def comments(self, post_id: str, who: Actor = SUN, **fields: Any) -> dict[str, Any]:
        cmd = ops.ListComments(id=post_id, **fields)
        page: dict[str, Any] = self.run(comments.list_comments, cmd, who, self.now, read_only=True)
        return page

    def delete_comment(self, comment_id: str, who: Actor = SUN) -> None:
        self.run(comments.delete_comment, ops.OfComment(id=comment_id), who, self.now)

    def pin(self, comment_id: str, who: Actor = WANG) -> dict[str, Any]:
        cmd = ops.OfComment(id=comment_id)
        comment: dict[str, Any] = self.run(comments.pin_comment, cmd, who, self.now)
        return comment

    def unpin(self, comment_id: str, who: Actor = WANG) -> dict[str, Any]:
        cmd = ops.OfComment(id=comment_id)
        comment: dict[str, Any] = self.run(comments.unpin_comment, cmd, who)
        return comment

    def like_comment(self, comment_id: str, who: Actor = SUN) -> ops.Likes:
        counted: ops.Likes = self.run(
            likes.like_comment, ops.OfComment(id=comment_id), who, self.now
        )
        return counted

    def unlike_comment(self, comment_id: str, who: Actor = SUN) -> ops.Likes:
        counted: ops.Likes = self.run(likes.unlike_comment, ops.OfComment(id=comment_id), who)
        return counted

    def like(self, post_id: str, who: Actor = SUN) -> ops.Likes:
        counted: ops.Likes = self.run(likes.like, ops.OfPost(id=post_id), who, self.now)
        return counted

    def unlike(self, post_id: str, who: Actor = SUN) -> ops.Likes:
        counted: ops.Likes = self.run(likes.unlike, ops.OfPost(id=post_id), who)
        return counted

    def modules(self, who: Actor = SUN, cid: str = CID) -> dict[str, ops.Module]:
        cmd = ops.OfCommunity(cid=cid)
        found = ops.Modules(**self.run(modules.list_modules, cmd, who, self.now, read_only=True))
        return {module.key: module for module in found.items}

    def story(self, event: e.Event, event_id: str | None = None, at: datetime | None = None) -> str:
        """An event of an issue arrives; the id under which it did."""
        event_id = event_id or new_id()
        self.run(threads.tell_issue_story, event, event_id, at or self.now)
        return event_id

    # -- what a test looks at ---------------------------------------------------------------

    def later(self, **delta: float) -> None:
        """Time goes by."""
        self.now += timedelta(**delta)

    def emitted(self) -> list[tuple[str, dict[str, Any]]]:
        """What was told to the others so far: types and bodies."""
        with self.units() as uow:
            rows = uow.session.execute(text("SELECT type, body FROM kit_outbox ORDER BY id"))
            return [(row.type, json.loads(row.body)) for row in rows]

    def types(self) -> list[str]:
        return [kind for kind, _ in self.emitted()]

    def drift(self) -> list[Any]:
        """Posts and comments whose counters differ from what there is to count; none must."""
        with self.units() as uow:
            return list(
                uow.session.execute(
                    text(
                        """
                        SELECT id, like_count, comment_count FROM feed_posts p
                        WHERE like_count <>
                                (SELECT count(*) FROM feed_likes l WHERE l.post_id = p.id)
                            OR comment_count <>
                                (SELECT count(*) FROM feed_comments c
                                 WHERE c.post_id = p.id AND c.state = 'shown')
                        UNION ALL
                        SELECT id, like_count, reply_count FROM feed_comments c
                        WHERE like_count <>
                                (SELECT count(*) FROM feed_comment_likes l
                                 WHERE l.comment_id = c.id)
                            OR reply_count <>
                                (SELECT count(*) FROM feed_comments r
                                 WHERE r.root_id = c.id AND r.state = 'shown')
                        """
                    )
                )
            )

    def statements(self, use: Callable[[], Any]) -> list[str]:
        """The statements that ``use`` sends to the database."""
        seen: list[str] = []

        def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        sqlalchemy_event.listen(self.units.engine, "before_cursor_execute", note)
        try:
            use()
        finally:
            sqlalchemy_event.remove(self.units.engine, "before_cursor_execute", note)
        return seen
