"""Who comes to an event: one's code, checking in, the organiser's list and table."""

from datetime import datetime
from typing import Final

from sqlalchemy import RowMapping

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import FieldError
from services.contracts.operations.feed import OfPost, Sheet
from services.contracts.operations.feed import sign_ups as ops
from services.feed.domain import posts
from services.feed.domain import sign_ups as rules
from services.feed.domain.days import CHINA
from services.feed.handlers.common import readable, standing_of
from services.feed.handlers.places import held
from services.feed.repository import sign_ups as repository
from services.feed.repository.posts import PostHead
from services.kit.uow import UnitOfWork
from services.kit.verdicts import JsonText

_STATES: Final = {
    "in": ("已报上", "in"),
    "waiting": ("候补", "waiting"),
    "invited": ("受邀", "invited"),
}
_COLUMNS: Final = (
    ("状态", "State"),
    ("摊位", "Stall"),
    ("姓名", "Name"),
    ("楼栋", "Building"),
    ("人数", "People"),
    ("备注", "Note"),
    ("邀请人", "Invited by"),
    ("代办人", "Helper"),
    ("报名时间", "Signed up"),
    ("签到时间", "Checked in"),
)
_NAME: Final = ("报名名单", "sign-ups")


def get_code(uow: UnitOfWork, cmd: OfPost, actor: Actor) -> ops.SignUpCode:
    """The actor's own code for the entrance; :class:`NotSignedUp` without a place."""
    head = readable(uow, cmd.id, actor)
    directory.require_member(uow, actor, head.community_id)
    part = repository.part_of(uow.session, head.id, actor.person_id)
    if part is None or part.state != "in":
        raise rules.NotSignedUp()
    return ops.SignUpCode(code=part.code)


def check_in(uow: UnitOfWork, cmd: ops.CheckIn, actor: Actor, now: datetime) -> JsonText:
    """Check the actor in by the event's code, or, for its organisers, somebody by hers.

    Raises:
        NotCheckInTime: from two hours before the start until the end.
        WrongCode: it is of nobody here, or not the actor's to use.
        NotSignedUp: there is no place in this person's name.
    """
    head = readable(uow, cmd.id, actor)
    if head.state != "shown":
        raise posts.PostNotFound()
    directory.require_member(uow, actor, head.community_id)
    places = held(uow, head.id, now)
    rules.check_check_in(places.event, now)
    code = rules.read_code(cmd.code)
    if code == places.code:
        part = places.part_of(actor.person_id)
        if part is None:
            raise rules.NotSignedUp()
    else:
        part = repository.part_by_code(uow.session, head.id, code)
        if part is None or not _manages(uow, head, actor):
            raise rules.WrongCode(errors=[FieldError("code", rules.WrongCode.zh)])
    places.check_in(part, actor.person_id)
    return JsonText(repository.sign_up_json(uow.session, part.id))


def list_sign_ups(uow: UnitOfWork, cmd: ops.ListSignUps, actor: Actor) -> JsonText:
    """Who comes, page by page, for the organiser and the moderators."""
    head = _of_mine(uow, cmd.id, actor)
    page = repository.sign_ups_page(
        uow.session, post_id=head.id, state=cmd.state, limit=cmd.limit, cursor=cmd.cursor
    )
    return JsonText(page)


def export_sign_ups(uow: UnitOfWork, cmd: ops.ExportSignUps, actor: Actor, language: str) -> Sheet:
    """Who comes and who waits, as a table; it says no more than neighbours know of each other."""
    head = _of_mine(uow, cmd.id, actor)
    rows = repository.export_rows(uow.session, head.id)
    if not rows:
        raise rules.NoSignUp()
    word = int(language == "en")
    return Sheet(
        title=f"{rows[0]['title']} {_NAME[word]}",
        columns=[names[word] for names in _COLUMNS],
        rows=[_line(row, word) for row in rows if row["state"] is not None],
    )


def _line(row: RowMapping, word: int) -> list[str]:
    return [
        _STATES[row["state"]][word],
        "" if row["stall"] is None else str(row["stall"]),
        row["name"],
        row["building"],
        str(row["heads"]),
        row["note"],
        row["inviter"] or "",
        row["assisted"],
        _moment(row["signed_at"]),
        _moment(row["checked_in_at"]),
    ]


def _moment(at: datetime | None) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if at else ""


def _manages(uow: UnitOfWork, head: PostHead, actor: Actor) -> bool:
    standing = standing_of(uow, head, actor)
    return standing.author or standing.moderator


def _of_mine(uow: UnitOfWork, post_id: str, actor: Actor) -> PostHead:
    """The post of an event that the actor organises or moderates."""
    head = readable(uow, post_id, actor)
    directory.require_member(uow, actor, head.community_id)
    if not _manages(uow, head, actor):
        raise rules.NotTheOrganiser()
    if repository.look(uow.session, head.id, actor.person_id) is None:
        raise rules.NoSignUp()
    return head
