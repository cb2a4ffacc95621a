"""The past, to be walked through: a transaction that tells nobody, and two clocks set back."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from PIL import Image, ImageDraw
from sqlalchemy import Engine, text

from services.contracts import demo
from services.contracts.actor import Actor, Role
from services.contracts.demo import demo_id
from services.contracts.errors import NotFound
from services.contracts.events import Event
from services.contracts.operations.identity.electorates import ElectorateEntry
from services.kit.blobs import BlobStore
from services.kit.uow import UnitOfWork
from services.seeding import somebody
from services.votes.handlers.duties import do_next

ROLL: Final = 1_560
"""Adults of 尚园: those of the article's vote."""
HOUSES: Final = 26
_VOTER = 41  # a kind of demo ids: voters whose accounts are nobody's
_TICKET = "demo-electorate-ticket"
_OFFSET = "clock_offset"

NEIGHBOURS: Final = tuple(
    person
    for phone, person in demo.PERSON_BY_PHONE.items()
    if int(phone[-2:]) in (1, 2, 3, 4, 7, *range(12, 41))
)
"""Who of the demo's accounts lives or serves in 尚园."""


_ROW = 8  # a kind of demo ids: rows of the register, of which 尚园 has the first
ROW_OF: Final = dict(
    zip(
        (1, 2, 7, *range(12, 41)),
        (
            125, 227, 379, 1, 56, 106, 156, 200, 249, 299, 350, 406, 458, 512, 566, 619,
            674, 732, 780, 834, 889, 945, 995, 1047, 1100, 1155, 1212, 1261, 1316, 1367, 1421, 1473,
        ),
        strict=True,
    )
)  # fmt: skip
"""In which row of 尚园's register each of the demo's accounts stands, by its number."""
_FROM = 364
_OTHERS: Final = [
    row for row in (*range(_FROM, ROLL + 1), *range(1, _FROM)) if row not in set(ROW_OF.values())
]
_ROWS: Final = (*ROW_OF.values(), *_OTHERS)
"""The row of each entry of a roll. Who joins later finds her entry by it, and free: the rows of
those who voted for the demo's running poll are none that the guide gives to newcomers."""


def voter(number: int) -> str:
    """The account of the roll's entry of this number, from 0 on."""
    if number < len(ROW_OF):
        return demo.PERSON_BY_PHONE[f"138{tuple(ROW_OF)[number]:08d}"]
    return demo_id(_VOTER, number)


SECRETARY: Final = somebody(demo.SECRETARY_SHI, Role.SECRETARY, Role.COMMITTEE_STAFF)
STAFF: Final = somebody(demo.STAFF_WANG, Role.COMMITTEE_STAFF)
OWNERS: Final = somebody(demo.OWNERS_CHAIR, Role.OWNERS_COMMITTEE)


def resident(person: str) -> Actor:
    """A neighbour of 尚园."""
    return somebody(person)


def _entry(number: int) -> ElectorateEntry:
    house, door = number % HOUSES + 1, number // HOUSES // 2
    return ElectorateEntry(
        ref=demo_id(_ROW, _ROWS[number]),
        kind="person",
        household=f"demo-{house}-{door}",
        building=f"{house}号楼",
        place=f"{door // 4 + 1}0{door % 4 + 1}室",
        area=0,
        head_n=1,
        head_d=1,
        head_group="",
        doubt="",
        people=[voter(number)],
    )


class Past(UnitOfWork):
    """A transaction in which services answer as they would have; what happened is told nobody."""

    def __init__(self, engine: Engine, source: str) -> None:
        super().__init__(engine, source, ask=_answer)

    def emit(self, event: Event) -> None:
        """It is past."""


def _answer(service: str, method: str, **asked: Any) -> Any:
    match method:
        case "get_community" if asked["community_id"] == demo.SHANGYUAN:
            return _COMMUNITY
        case "get_member_card" if asked["person_id"] in NEIGHBOURS:
            return {**asked, "path": demo.PATH_SHANGYUAN, "standing": "active", "display_name": ""}
        case "check_speech":
            return {"held": False}
        case "draw_electorate":
            return {"ticket": _TICKET, "size": ROLL}
        case "page_electorate":
            after, until = asked["after"], min(asked["after"] + asked["limit"], ROLL)
            items = [_entry(number).model_dump() for number in range(after, until)]
            return {"items": items, "after": until if until < ROLL else None}
        case "drop_electorate":
            return {}
    raise NotFound(f"{service}.{method} is not known in the demo's past")


_COMMUNITY: Final = {
    "community_id": demo.SHANGYUAN,
    "path": demo.PATH_SHANGYUAN,
    "name": "尚园居民区",
    "kind": "urban",
    "code12": "",
    "district_id": demo.DISTRICT_ID,
    "district_name": "宝山样例区",
    "town_id": demo.TOWN_YUEPU,
    "town_name": "月浦样例镇",
}


class Walk:
    """Goes through the past; while it lasts both clocks of the transaction show that moment."""

    def __init__(self, uow: UnitOfWork, files: BlobStore) -> None:
        self.uow, self.files = uow, files
        self.now = datetime.now(UTC)
        self._offset: str | None = None

    def __enter__(self) -> Self:
        self._offset = self.uow.session.scalar(
            text("SELECT value FROM kit_state WHERE key = :key"), {"key": _OFFSET}
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._set_clock(self._offset)

    def _set_clock(self, offset: str | None) -> None:
        session = self.uow.session
        session.execute(text("DELETE FROM kit_state WHERE key = :key"), {"key": _OFFSET})
        if offset is not None:
            session.execute(
                text("INSERT INTO kit_state (key, value) VALUES (:key, :value)"),
                {"key": _OFFSET, "value": offset},
            )

    def to(self, moment: datetime) -> None:
        """Go on to this moment, and let the clock do what was due on the way.

        Raises:
            RuntimeError: it could not.
        """
        self.uow.session.flush()
        due = self._next_due(moment)
        while due is not None:
            self._stand(due)
            do_next(self.uow, self.now)
            self.uow.session.flush()
            due = self._next_due(moment)
        self._stand(moment)

    def _stand(self, moment: datetime) -> None:
        self.now = moment
        self._set_clock(str((moment - datetime.now(UTC)).total_seconds()))

    def _next_due(self, until: datetime) -> datetime | None:
        row = self.uow.session.execute(
            text(
                "SELECT greatest(try_at, :now) AS at, kind, error FROM due "
                "WHERE done_at IS NULL AND try_at <= :until ORDER BY try_at, id LIMIT 1"
            ),
            {"now": self.now, "until": until},
        ).first()
        if row is not None and row.error:
            raise RuntimeError(f"{row.kind} failed: {row.error}")
        return row.at if row is not None else None

    def photo(self, owner: Actor) -> str:
        """A picture of a signed sheet; the id of the upload."""
        sheet = Image.new("L", (420, 594), 245)
        pen = ImageDraw.Draw(sheet)
        for line in range(60, 540, 30):
            pen.line((40, line, 380, line), fill=120)
        out = io.BytesIO()
        sheet.save(out, "JPEG")
        stored = self.files.put(out.getvalue(), content_type="image/jpeg", owner=owner.person_id)
        return stored.id


def codes_by_voter(uow: UnitOfWork, poll_id: str, people: Sequence[str]) -> dict[str, str]:
    """Which entry of a roll each of these accounts has."""
    rows = uow.session.execute(
        text(
            "SELECT person_id, code FROM roll_people WHERE poll_id = :poll "
            "AND person_id = ANY(:people)"
        ),
        {"poll": poll_id, "people": list(people)},
    )
    return {row.person_id: row.code for row in rows}
