"""The demo's party garden: who has reported, a study item, the night patrol (银先锋) as pledged."""

from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.feed.domain.days import day_of
from services.feed.models import (
    PartyCheckIn,
    PledgeKeeper,
    PledgeRecord,
    PledgeWitness,
    StudyCompletion,
)
from services.feed.seed_posts import likers
from services.feed.seed_writing import put_post
from services.kit.uow import UnitOfWork

_POST, _DEED = 71, 72  # kinds of demo ids
_STUDY, _PATROL, _TUTORING = 1, 2, 3
TUTOR: Final = demo.PERSON_BY_PHONE["13800000026"]  # 在职党员, shows no badge; see identity's seed
_KEEPERS: Final = likers(2, start=3)
_SAW: Final = likers(4, start=16)

ITEMS: Final[dict[int, tuple[str, str, int, str, str, dict[str, Any]]]] = {
    _STUDY: (
        demo.SECRETARY_SHI,
        Role.SECRETARY.value,
        12,
        "本月学习：居民自治怎么做到事事有回音",
        "请党员同志读附近三个居民区的做法：发帖必响应、问题必反馈、好点子必回应。"
        "读完点“已学习”，有想法写在下面，月底活动室一起议一议我们小区先做哪一条。",
        {"kind": "study"},
    ),
    _PATROL: (
        demo.OLD_LU,
        "",
        29,
        "承诺：银先锋每周三、周五夜巡",
        "每周三、周五晚上八点到九点，从一号楼走到十二号楼，看消防通道、楼道堆物和电瓶车充电。"
        "走过一次记一次，看到我们的邻居帮忙作证，没走也请说一声。",
        {
            "kind": "pledge",
            "slots": [{"weekday": day, "from": "20:00", "to": "21:00"} for day in (3, 5)],
            "place": "一号楼至十二号楼",
        },
    ),
    _TUTORING: (
        TUTOR,
        "",
        22,
        "承诺：每周六上午义务辅导初中数学",
        "我在单位的支部，家住尚园。每周六上午九点到十一点在活动室讲初中数学，不收费，"
        "到学期结束为止，请家长们监督。",
        {
            "kind": "pledge",
            "slots": [{"weekday": 6, "from": "09:00", "to": "11:00"}],
            "place": "尚园活动室",
        },
    ),
}
CHECK_INS: Final = (
    (demo.OLD_LU, "resident", "夜巡、修自行车", 120),
    (TUTOR, "in_service", "周六上午辅导初中数学", 75),
)
_WORDS: Final = {
    _PATROL: "十二栋楼走了一遍，消防通道畅通；有堆物的已当场和住户说好。",
    _TUTORING: "来了三个孩子，讲了一次函数。",
}


def seed(uow: UnitOfWork, now: datetime) -> bool:
    """Write what is missing; whether anything was."""
    new = [_post(uow, number, now) for number in ITEMS]
    if not new[0]:
        return any(new)
    uow.session.add_all(
        PartyCheckIn(
            community_id=demo.SHANGYUAN,
            person_id=who,
            kind=kind,
            offers=offers,
            checked_in_at=now - timedelta(hours=ago),
        )
        for who, kind, offers, ago in CHECK_INS
    )
    uow.session.add_all(
        StudyCompletion(
            post_id=demo_id(_POST, _STUDY),
            person_id=who,
            note=note,
            at=now - timedelta(days=ago),
        )
        for who, note, ago in ((demo.OLD_LU, "先做“必反馈”", 9), (TUTOR, "", 4))
    )
    uow.session.add_all(
        PledgeKeeper(
            post_id=demo_id(_POST, _PATROL), person_id=who, named_at=now - timedelta(days=28)
        )
        for who in _KEEPERS
    )
    _deeds(uow, _PATROL, (3, 5), (demo.OLD_LU, *_KEEPERS), now, missed=2)
    _deeds(uow, _TUTORING, (6,), (TUTOR,), now)
    return True


def _deeds(
    uow: UnitOfWork,
    number: int,
    weekdays: tuple[int, ...],
    people: tuple[str, ...],
    now: datetime,
    missed: int | None = None,
) -> None:
    """What the people recorded in turn for each day that was due; one they ``missed``."""
    since = ITEMS[number][2]
    days = [now - timedelta(days=ago) for ago in range(since - 1, 0, -1)]
    due = [at for at in days if day_of(at).isoweekday() in weekdays]
    for place, at in enumerate(due):
        if place == missed:
            continue
        deed_id = demo_id(_DEED, number * 100 + place)
        uow.session.add(
            PledgeRecord(
                id=deed_id,
                post_id=demo_id(_POST, number),
                on_date=day_of(at),
                note=_WORDS[number],
                by=people[place % len(people)],
                at=at,
            )
        )
        uow.session.flush()
        uow.session.add_all(
            PledgeWitness(record_id=deed_id, person_id=who, seen=True, at=at)
            for who in _SAW[: place % 3]
        )


def _post(uow: UnitOfWork, number: int, now: datetime) -> bool:
    who, office, ago, title, body, extra = ITEMS[number]
    at = now - timedelta(days=ago)
    return put_post(
        uow,
        demo_id(_POST, number),
        at,
        module="party",
        author_id=who,
        author_role=office,
        title=title,
        body=body,
        extra=extra,
    )
