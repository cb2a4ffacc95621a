"""A bridge whose district enters days off and sets limits, and hears of ordinary posts."""

from datetime import datetime, timedelta
from typing import Any

from services.contracts.actor import Actor, Role
from services.contracts.events import (
    CommentPublished,
    Envelope,
    PostChanged,
    PostPublished,
    PostRemoved,
)
from services.contracts.ids import new_id
from services.contracts.operations.grid_bridge import clocks as ops
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.handlers import calendars, post_clocks, renewing
from tests.support.bridge import ADMIN, PATHS, SHANGYUAN, SHI, SUN, actor
from tests.support.bridge_desk import Desk

ADMIN_ELSEWHERE = actor("p-else", (Role.DISTRICT_ADMIN, "other"))
# New Year's day of 2027 is a Friday; the Saturday after it is worked, the Monday is not.
NEW_YEAR = {"2027-01-01": False, "2027-01-02": True, "2027-01-04": False}


class Clocks(Desk):
    """One bridge; every method is one transaction."""

    heard = 0
    """How many facts about posts have come so far."""

    def enter(
        self, days: dict[str, bool], year: int = 2027, by: Actor = ADMIN, **more: Any
    ) -> ops.CalendarYear:
        """Enter a year."""
        entered = [{"day": day, "worked": worked} for day, worked in days.items()]
        facts = {"did": "demo", "year": year, "days": entered, "source": "国办发", **more}
        return self._write(calendars.put_year, ops.PutCalendarYear(**facts), by)

    def calendar(self, year: int, who: Actor = SUN) -> ops.CalendarYear:
        """Read a year."""
        return self._write(calendars.get_calendar, ops.GetCalendar(did="demo", year=year), who)

    def limit(
        self, by: Actor = ADMIN, version: int = 0, cid: str | None = None, **days: Any
    ) -> Any:
        """Set limits: of a stage its days, and maybe per cent."""
        drafts = []
        for stage, told in days.items():
            count, warn = told if isinstance(told, tuple) else (told, 75)
            drafts.append({"stage": stage.strip("_"), "days": count, "warn_percent": warn})
        cmd = ops.PutLimits(did="demo", cid=cid, version=version, limits=drafts)
        return self._write(calendars.put_limits, cmd, by)

    def limits(self, who: Actor = SUN, cid: str | None = None) -> dict[str, ops.LimitView]:
        """Read limits, by stage."""
        with self.units(read_only=True) as uow:
            found = calendars.get_limits(uow, ops.GetLimits(did="demo", cid=cid), who)
        return {one.stage: one for one in found.items}

    def limit_versions(self, who: Actor, **query: Any) -> Any:
        """What they were."""
        cmd = ops.ListLimitVersions(**{"did": "demo", **query})
        with self.units(read_only=True) as uow:
            return calendars.list_limit_versions(uow, cmd, who)

    def renew(self, limit: int = 100) -> int:
        """One turn of the timer that reckons anew."""
        with self.units() as uow:
            done = renewing.renew(uow, self.now, limit=limit)
            uow.commit()
        return done

    def renew_all(self, limit: int = 100) -> int:
        """Until nothing is left behind; how many there were."""
        return sum(iter(lambda: self.renew(limit), 0))

    def promise_row(self, issue_id: str) -> Any:
        """The promise that runs, as it is stored."""
        (row,) = self.rows(
            "SELECT * FROM promises WHERE issue_id = :id AND ended_at IS NULL", id=issue_id
        )
        return row

    # -- posts -------------------------------------------------------------------------------

    def hear(
        self, event: post_clocks.PostEvent, at: datetime | None = None, version: int | None = None
    ) -> None:
        """What feed tells, as the queue would hand it over."""
        self.heard += 1
        envelope = Envelope(
            event_id=new_id(),
            source="feed",
            type=event.TYPE,
            subject=event.post_id,
            subject_version=version or self.heard,
            time=at or self.now,
            event=event,
        )
        with self.units(now=self.now) as uow:
            post_clocks.follow(uow, event, envelope)
            uow.commit()

    def post(self, post_id: str, at: datetime | None = None, **more: Any) -> None:
        """A post is shown."""
        facts = {**about(post_id), "author_id": SUN.person_id, "title": "电梯又停了", **more}
        self.hear(PostPublished(**facts), at)

    def comment(
        self,
        post_id: str,
        by: Actor,
        at: datetime | None = None,
        official: bool = False,
        **more: Any,
    ) -> None:
        """Somebody comments."""
        facts = {
            **about(post_id),
            "comment_id": new_id(),
            "author_id": by.person_id,
            "post_author_id": SUN.person_id,
            "official": official,
            **more,
        }
        self.hear(CommentPublished(**facts), at)

    def remove(self, post_id: str, at: datetime | None = None, version: int | None = None) -> None:
        """A post is taken away."""
        self.hear(PostRemoved(**about(post_id)), at, version)

    def show_again(self, post_id: str, at: datetime | None = None, **more: Any) -> None:
        """It is back, or moved."""
        self.hear(PostChanged(**{**about(post_id), "shown_again": True, **more}), at)

    def chase_posts(self) -> int:
        """One turn of the timer of posts."""
        with self.units() as uow:
            done = post_clocks.chase(uow, self.now)
            uow.commit()
        return done

    def unanswered(self, who: Actor = SHI, **query: Any) -> Any:
        """The posts that wait."""
        cmd = ops.ListUnansweredPosts(**{"cid": SHANGYUAN, **query})
        return self._read(post_clocks.list_unanswered, cmd, who)

    def response(self, who: Actor = SHI, days: int = 0, **more: Any) -> ops.PostResponse:
        """How they were answered, since the day so many days ago."""
        today = self.now.astimezone(ZONE).date()
        span = {"from_": today - timedelta(days=days), "to": today, **more}
        return self._read(post_clocks.response, ops.GetPostResponse(cid=SHANGYUAN, **span), who)

    def clock(self, post_id: str) -> Any:
        """A clock as it is stored."""
        (row,) = self.rows("SELECT * FROM post_clocks WHERE post_id = :id", id=post_id)
        return row

    def recounted(self) -> list[Any]:
        """The counters that differ from counting all clocks anew."""
        return self.rows(
            """
            WITH fresh AS (
                SELECT community_id, (published_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
                    count(*) AS posts,
                    count(*) FILTER (WHERE ended_by = 'issue'
                        AND least(ended_at, staff_replied_at) <= due_at) AS handed_over,
                    count(*) FILTER (WHERE ended_by IN ('removed', 'moved', 'left')
                        AND ended_at <= due_at) AS left_out,
                    count(*) FILTER (WHERE (ended_by IN ('removed', 'moved', 'left')
                            OR ended_by = 'issue' AND staff_replied_at IS NULL)
                        AND ended_at > due_at) AS gone_late,
                    count(*) FILTER (WHERE ended_by = 'staff'
                        AND staff_replied_at <= due_at) AS staff_in_time,
                    count(*) FILTER (WHERE ended_by IN ('staff', 'issue')
                        AND staff_replied_at > due_at) AS staff_late
                FROM post_clocks WHERE published_at IS NOT NULL GROUP BY 1, 2)
            SELECT * FROM fresh FULL JOIN post_clock_days AS kept USING (community_id, day)
            WHERE (fresh.posts, fresh.handed_over, fresh.left_out, fresh.gone_late,
                   fresh.staff_in_time, fresh.staff_late)
                IS DISTINCT FROM (kept.posts, kept.handed_over, kept.left_out, kept.gone_late,
                   kept.staff_in_time, kept.staff_late)
            """
        )


def about(post_id: str) -> dict[str, str]:
    """What each of feed's events says of a post."""
    return {
        "post_id": post_id,
        "community_id": SHANGYUAN,
        "path": PATHS[SHANGYUAN],
        "module": "nearby",
    }
