"""What lies on the demo committee's desk: an offer that the lexicon held, a post that was reported.

As if both had come in the usual way; nothing is told by event.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from services.contracts import demo
from services.contracts.demo import demo_id
from services.feed.handlers.moderation import Content, check, fields_of, log_case
from services.feed.models import ModerationCase, Post, Report
from services.feed.repository.moderation import locked_post
from services.kit.uow import UnitOfWork

_POST, _CASE = 41, 42  # kinds of demo ids
_WHO: Final = [demo.PERSON_BY_PHONE[f"138{number:08d}"] for number in (37, 38, 39, 40)]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A post that somebody has to look at; ``reports`` are who, of which kind, and why."""

    who: str
    title: str
    body: str
    ago: timedelta
    reports: tuple[tuple[str, str, str], ...] = ()


DOUBTFUL: Final = (
    Doubtful(
        _WHO[0],
        "宝妈在家也能做",
        "朋友介绍的，手机上就能做，刷单返利当天到账，要做的私信我。",
        timedelta(hours=5),
    ),
    Doubtful(
        _WHO[1],
        "五号楼空调外机又滴水",
        "五号楼 401 这家人从来不管别人，空调水滴了一夏天，大家都去敲他家门！",
        timedelta(hours=9),
        (
            (_WHO[2], "private_data", "把人家门牌号写出来了，不合适"),
            (_WHO[3], "insult", "有事可以找居委会，不要叫大家去敲门"),
        ),
    ),
)


def seed(uow: UnitOfWork, now: datetime) -> int:
    """Write what is missing; how many posts were."""
    return sum(_put(uow, number, one, now) for number, one in enumerate(DOUBTFUL, start=1))


def _put(uow: UnitOfWork, number: int, one: Doubtful, now: datetime) -> bool:
    at, post_id = now - one.ago, demo_id(_POST, number)
    done = uow.session.execute(
        insert(Post)
        .values(
            id=post_id,
            community_id=demo.SHANGYUAN,
            path=demo.PATH_SHANGYUAN,
            module="neighbours",
            author_id=one.who,
            title=one.title,
            body=one.body,
            state="shown" if one.reports else "waiting",
            active_at=at,
            created_at=at,
        )
        .on_conflict_do_nothing()
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    post = locked_post(uow.session, post_id)
    case = ModerationCase(
        id=demo_id(_CASE, number),
        target="post",
        target_id=post_id,
        post_id=post_id,
        community_id=post.community_id,
        path=post.path,
        module=post.module,
        author_id=post.author_id,
        opened_by="report" if one.reports else "lexicon",
        state="open",
        evidence=Content(post).evidence(at),
        hits=check(fields_of(post)).categories,
        reports=len(one.reports),
        was_shown=bool(one.reports),
        held=not one.reports,
        opened_at=at,
    )
    uow.session.add(case)
    uow.session.flush()
    details = {"opened_by": case.opened_by, "hits": case.hits}
    log_case(uow, case, "case_opened", None, at, details=details)
    for minutes, (reporter, kind, reason) in enumerate(one.reports):
        then = at + timedelta(minutes=20 * (minutes + 1))
        uow.session.add(
            Report(case_id=case.id, reporter_id=reporter, kind=kind, reason=reason, at=then)
        )
        log_case(uow, case, "reported", None, then, details={"kind": kind})
    return True
