"""What lies on the demo committee's desk: an offer that the lexicon held, a post that was reported,
an appeal against what the clerk decided about a comment.

As if all had come in the usual way; nothing is told by event.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.feed.handlers.moderation import Content, check, fields_of, log_case
from services.feed.models import Comment, ModerationCase, Report
from services.feed.repository.moderation import locked_post, put_log
from services.feed.seed_writing import put_post
from services.kit.uow import UnitOfWork

_POST, _CASE, _COMMENT = 41, 42, 43  # kinds of demo ids
_APPEAL: Final = 3  # after the posts below
_REASON: Final = "对邻居说话不客气，可以就事论事地说。"
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
    """Write what is missing; how many cases were."""
    new = sum(_put(uow, number, one, now) for number, one in enumerate(DOUBTFUL, start=1))
    return new + _appealed(uow, now)


def _put(uow: UnitOfWork, number: int, one: Doubtful, now: datetime) -> bool:
    at, post_id = now - one.ago, demo_id(_POST, number)
    missing = put_post(
        uow,
        post_id,
        at,
        module="neighbours",
        author_id=one.who,
        title=one.title,
        body=one.body,
        state="shown" if one.reports else "waiting",
    )
    if not missing:
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


def _appealed(uow: UnitOfWork, now: datetime) -> bool:
    """A comment that the clerk took down; its author asks that somebody else looks again."""
    at, post_id = now - timedelta(hours=30), demo_id(_POST, _APPEAL)
    said_at, decided_at = at + timedelta(hours=1), at + timedelta(hours=4)
    missing = put_post(
        uow,
        post_id,
        at,
        module="neighbours",
        author_id=_WHO[2],
        title="晚上八点以后，花园里还能跳绳吗？",
        body="孩子们写完作业才下楼，跳半小时就回家。楼下的老人觉得吵，大家看怎么办好？",
    )
    if not missing:
        return False
    comment = Comment(
        id=demo_id(_COMMENT, 1),
        post_id=post_id,
        author_id=_WHO[1],
        body="就你们家孩子金贵？天天咚咚咚，素质真差！",
        state="taken_down",
        created_at=said_at,
        removed_at=decided_at,
        removed_by=demo.STAFF_WANG,
    )
    uow.session.add(comment)
    uow.session.flush()
    content = Content(locked_post(uow.session, post_id), comment)
    case = ModerationCase(
        id=demo_id(_CASE, _APPEAL),
        target="comment",
        target_id=comment.id,
        post_id=post_id,
        community_id=demo.SHANGYUAN,
        path=demo.PATH_SHANGYUAN,
        module="neighbours",
        author_id=_WHO[1],
        opened_by="report",
        state="appealed",
        evidence=content.evidence(said_at) | {"reported": True},
        reports=1,
        was_shown=True,
        held=True,
        opened_at=said_at + timedelta(minutes=30),
        decision="take_down",
        reason=_REASON,
        decided_by=demo.STAFF_WANG,
        decided_at=decided_at,
        appeal="我说的是跳绳声，没有骂孩子。话重了我认，可以改，请把意见留下来。",
        appealed_at=at + timedelta(hours=20),
    )
    uow.session.add(case)
    uow.session.flush()
    reported = {"case_id": case.id, "kind": "insult", "reason": "话说得太难听了"}
    uow.session.add(Report(reporter_id=_WHO[2], at=case.opened_at, **reported))
    log_case(uow, case, "case_opened", None, case.opened_at, details={"opened_by": "report"})
    log_case(uow, case, "reported", None, case.opened_at, details={"kind": "insult"})
    put_log(
        uow.session,
        at=decided_at,
        actor=demo.STAFF_WANG,
        role=Role.COMMITTEE_STAFF.value,
        action="decided",
        target="comment",
        target_id=comment.id,
        community=case.community_id,
        path=case.path,
        case=case.id,
        reason=_REASON,
        details={"decision": "take_down"},
    )
    log_case(uow, case, "appealed", None, at + timedelta(hours=20))
    return True
