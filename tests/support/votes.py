"""Votes without its process: use-cases on a real database, people to call them.

Topics and polls are laid down in any state, so that what comes later on the chain can be tried
without all that comes before it; the stories that walk the whole way do it by asking.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, TypeVar

from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import NotFound, ShequError
from services.contracts.ids import new_id
from services.contracts.operations.votes import Bar, Entitled, RuleSet, Threshold
from services.contracts.operations.votes.chain import ChainSettings
from services.kit.due import Duty
from services.kit.uow import UnitOfWork, UnitOfWorkFactory
from services.votes.crypto import keys
from services.votes.handlers import ledger
from services.votes.handlers.duties import DUTIES, do_next
from services.votes.models import PollRow, RollEntryRow, RollPersonRow, TopicRow
from tests.support.bridge import (
    JUYUAN,
    LU,
    NEXT_DOOR,
    NOW,
    PATHS,
    SHANGYUAN,
    SHI,
    SUN,
    WANG,
    actor,
    card_told,
    community_told,
)
from tests.support.on_database import OnDatabase
from tests.support.votes_keys import votes_keys_file

HERE = PATHS[SHANGYUAN]

MA = actor("p-ma", (Role.RESIDENT, HERE))
OWNERS = actor("p-owners", (Role.OWNERS_COMMITTEE, HERE), (Role.OWNER, HERE))
SUPERVISOR = actor("p-supervisor", (Role.SUPERVISOR, HERE))
AUDITOR = actor("p-auditor", (Role.AUDITOR, "demo"))

RULES = RuleSet(
    base="residents_assembly",
    electorate=Entitled(who="residents18"),
    threshold=Threshold(heads=Bar(at="1/2", above=True)),
)
"""Residents, one vote each, secret, more than half of the votes cast."""

T = TypeVar("T")


def topic_row(state: str, now: datetime, **facts: Any) -> TopicRow:
    """A topic of 尚园 in that state, of Sun's, since now."""
    values: dict[str, Any] = {
        "id": new_id(),
        "community_id": SHANGYUAN,
        "path": HERE,
        "title": "电动车不进楼",
        "body": "楼道里充电太危险了",
        "state": state,
        "convener": "residents_committee",
        "author_id": SUN.person_id,
        "settings": ChainSettings().model_dump(mode="json"),
        "settings_version": 0,
        "since": now,
        "created_at": now,
        **facts,
    }
    return TopicRow(**values)


def poll_row(state: str, opens: datetime, rules: RuleSet = RULES, **facts: Any) -> PollRow:
    """A poll of 尚园 in that state, on a topic's first text; a week long."""
    values: dict[str, Any] = {
        "id": new_id(),
        "community_id": SHANGYUAN,
        "path": HERE,
        "title": "电动车不进楼",
        "state": state,
        "convener": "residents_committee",
        "proposal": 1,
        "rules": rules.model_dump(mode="json"),
        "secrecy": rules.secrecy,
        "opens_at": opens,
        "closes_at": opens + timedelta(days=7),
        **facts,
    }
    return PollRow(**values)


def entry_row(
    poll_id: str, ref: str, *, heads: Fraction = Fraction(1), **facts: Any
) -> RollEntryRow:
    """An entry of a poll's roll: a person, alone in the household, with one head."""
    values: dict[str, Any] = {
        "poll_id": poll_id,
        "code": secrets.token_hex(5),
        "kind": "person",
        "ref": ref,
        "household": f"h-{ref}",
        "building": "3号楼",
        "place": "101",
        "area": 0,
        "head_n": heads.numerator,
        "head_d": heads.denominator,
        **facts,
    }
    return RollEntryRow(**values)


class Votes(OnDatabase):
    """One votes service with its database; every method is one transaction.

    ``now`` is the business time that use-cases are given, and the database's clock shows the same
    (:meth:`legal`). ``answers`` are what other services say when they are asked, by method.
    """

    def __init__(self, units: UnitOfWorkFactory) -> None:
        self.engine = units.engine
        self._units = units
        self.now = NOW
        self.answers: dict[str, Callable[..., Any]] = {}
        keys.use(votes_keys_file())
        with units() as uow:
            for number, (community_id, path) in enumerate(PATHS.items(), 1):
                directory.project(uow, community_told(community_id, path, number))
            for person, standing in ((SUN, "active"), (LU, "active"), (MA, "active")):
                directory.project(uow, card_told(person.person_id, SHANGYUAN, standing))
            for person in (SHI, WANG, OWNERS, SUPERVISOR):
                directory.project(uow, card_told(person.person_id, SHANGYUAN, "staff"))
            directory.project(uow, card_told(NEXT_DOOR.person_id, JUYUAN, "staff"))
            uow.commit()
        self.legal()

    def units(self, *, read_only: bool = False) -> UnitOfWork:
        """A transaction at the business time."""
        return self._units(ask=self._ask, now=self.now, read_only=read_only)

    def _ask(self, service: str, method: str, **asked: Any) -> Any:
        if method in self.answers:
            return self.answers[method](**asked)
        if method in ("get_member_card", "get_community"):
            raise NotFound()
        raise AssertionError(f"{service}.{method} was asked")

    def judge(self, error: ShequError | None = None, *, held: bool = False) -> None:
        """What feed says of words from now on: refused, to be looked at first, or nothing."""

        def check(cid: str, body: str) -> dict[str, bool]:
            assert cid == SHANGYUAN and body
            if error is not None:
                raise error
            return {"held": held}

        self.answers["check_speech"] = check

    # -- time ----------------------------------------------------------------------------------

    def legal(self) -> None:
        """Let the database's clock show the business time."""
        offset = (self.now - datetime.now(UTC)).total_seconds()
        with self._units() as uow:
            uow.session.execute(
                text(
                    "INSERT INTO kit_state (key, value) VALUES ('clock_offset', :s) "
                    "ON CONFLICT (key) DO UPDATE SET value = :s"
                ),
                {"s": str(offset)},
            )
            uow.commit()

    def pass_time(self, **delta: float) -> None:
        """Let time go on, by both clocks."""
        self.now += timedelta(**delta)
        self.legal()

    def do_duties(self, duties: Mapping[str, Duty] = DUTIES, *, at: datetime | None = None) -> int:
        """Do what is due now, as the timer would, or ``at`` another time; how many duties."""
        done, now = 0, at or self.now
        while True:
            with self._units(ask=self._ask, now=now) as uow:
                if not do_next(uow, now, duties):
                    return done
                uow.commit()
            done += 1

    # -- use-cases and facts -------------------------------------------------------------------

    def do(self, use_case: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a use-case, whose first argument is the transaction, and commit."""
        with self.units() as uow:
            result = use_case(uow, *args, **kwargs)
            uow.commit()
        return result

    def settle(self, person: Actor, where: str = SHANGYUAN, standing: str = "active") -> None:
        """Somebody belongs to the community."""
        self.do(directory.project, card_told(person.person_id, where, standing))

    # -- laid down -----------------------------------------------------------------------------

    def topic(self, state: str = "raised", **facts: Any) -> str:
        """A topic in that state; its id."""
        row = topic_row(state, self.now, **facts)
        topic_id = row.id
        with self._units() as uow:
            uow.session.add(row)
            uow.commit()
        return topic_id

    def poll(
        self,
        state: str = "open",
        rules: RuleSet = RULES,
        *,
        voters: Iterable[Actor] = (SUN, LU, MA),
        without_account: int = 0,
        topic_id: str | None = None,
        **facts: Any,
    ) -> str:
        """A poll in that state with a frozen roll: an entry each of the voters, and of others.

        Open from now for a week, with its ledger begun, or announced for in a week's time.
        """
        announced = state == "announced"
        opens = self.now + timedelta(days=7) if announced else self.now
        poll_id = new_id()
        topic_id = topic_id or self.topic("notice" if announced else "voting", poll_id=poll_id)
        people = list(voters)
        values: dict[str, Any] = {
            "id": poll_id,
            "topic_id": topic_id,
            "announced_at": self.now,
            "opened_at": None if announced else self.now,
            "roll_state": "published" if announced else "frozen",
            "roll_size": len(people) + without_account,
            "roll_households": len(people) + without_account,
            "roll_heads": f"{len(people) + without_account}/1",
            **facts,
        }
        with self._units() as uow:
            row = poll_row(state, opens, rules, **values)
            uow.session.add(row)
            uow.session.flush()
            for person in people:
                self._enter(uow, poll_id, f"r-{person.person_id}", person)
            for number in range(without_account):
                self._enter(uow, poll_id, f"r-{number:05}")
            if state == "open":
                ledger.open_chain(uow, row, "", self.now)
            uow.commit()
        return poll_id

    def entry(self, poll_id: str, person: Actor | None = None, **facts: Any) -> str:
        """One more entry of a poll's roll; its code."""
        with self._units() as uow:
            code = self._enter(uow, poll_id, f"r-{secrets.token_hex(6)}", person, **facts)
            uow.commit()
        return code

    def _enter(
        self, uow: UnitOfWork, poll_id: str, ref: str, person: Actor | None = None, **facts: Any
    ) -> str:
        row = entry_row(poll_id, ref, **facts)
        code = row.code
        uow.session.add(row)
        if person:
            uow.session.add(RollPersonRow(poll_id=poll_id, person_id=person.person_id, code=code))
        return code
