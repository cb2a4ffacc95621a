"""The places of an event under its lock: taken, shared, given up, passed on.

Everything that changes a part goes through :class:`Places`, which counts along, lets those move up
for whom there is room, and tells each person concerned.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.contracts.events import SignUpChanged
from services.contracts.events.feed import Because
from services.contracts.ids import new_id
from services.feed.domain import sign_ups as rules
from services.feed.models import SignUp
from services.feed.repository import sign_ups as repository
from services.feed.repository.sign_ups import Found
from services.kit.uow import UnitOfWork


def draw_code() -> str:
    """A code that is easily read aloud and typed (2 · 10⁸ of them)."""
    return "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH))


def held(uow: UnitOfWork, post_id: str, now: datetime) -> "Places":
    """The places of an event, nobody else's to change until the commit.

    Raises:
        NoSignUp: the post carries none.
    """
    found = repository.hold(uow.session, post_id)
    if found is None:
        raise rules.NoSignUp()
    return Places(uow, found, now)


class Places:
    """An event that is locked; :meth:`settle` is the last word on every change."""

    def __init__(self, uow: UnitOfWork, found: Found, now: datetime) -> None:
        self._uow = uow
        self._found = found
        self._now = now
        self._turns = found.turns
        self.event = found.event
        self.code = found.code

    def part_of(self, person_id: str) -> SignUp | None:
        """Somebody's part that stands."""
        part = self._ever(person_id)
        return None if part is None or part.state == "cancelled" else part

    def others_on(self, part: SignUp) -> list[SignUp]:
        """Those who share a part's place, and those who are invited to."""
        return list(repository.others_on_place(self._uow.session, part))

    # -- coming -----------------------------------------------------------------------------

    def enter(self, person_id: str, *, heads: int, note: str, helper: str) -> None:
        """Give somebody without a part a place, or the last one in line."""
        act: rules.Act = "queue" if self.event.full else "take"
        part = self._come(person_id, rules.step(None, act), heads=heads, note=note)
        part.assisted_by = helper or None
        self._count_coming(part)
        if part.state == "in":
            self._count(taken=1)
            if self.event.terms.unit == "stall":
                part.stall = self._free_stalls(1)[0]
        else:
            self._count(waiting=1)
        self._tell(part)

    def invite(self, person_id: str, by: SignUp) -> None:
        """Invite somebody without a place to share one; who waits keeps her place in line."""
        part = self.part_of(person_id)
        state = rules.step(_state(part), "invite")
        if part is None:
            part = self._come(person_id, state)
        elif part.invited_by is not None:
            raise rules.CannotInvite()
        self._count_coming(by)
        part.place_id, part.invited_by = by.place_id, by.person_id
        self._tell(part)

    def accept(self, part: SignUp, *, helper: str) -> None:
        """Share the place that one was invited to."""
        was = _state(part)
        part.state = rules.step(was, "accept")
        self._count_coming(part)
        part.stall = next(other.stall for other in self.others_on(part) if other.state == "in")
        part.assisted_by = helper or part.assisted_by
        if was == "waiting":
            self._count(waiting=-1)
        self._tell(part)

    # -- going ------------------------------------------------------------------------------

    def cancel(self, part: SignUp, because: Because = "own", *, helper: str = "") -> None:
        """Give up a part; the place is free when the last who shared it has gone."""
        was = _state(part)
        part.state = rules.step(was, "cancel")
        part.cancelled_at = self._now
        part.assisted_by = helper or part.assisted_by
        self._tell(part, because=because)
        if was == "waiting":
            self._count(waiting=-1)
        elif was == "in":
            self._leave_place(self.others_on(part))

    def _leave_place(self, others: list[SignUp]) -> None:
        staying = [other for other in others if other.state == "in"]
        for other in staying:
            self._tell(other, because="alone")
        if not staying:
            self._count(taken=-1)
            for invited in others:
                self.withdraw(invited)

    def withdraw(self, invited: SignUp) -> None:
        """Take an invitation back; who waited before goes on waiting."""
        if _state(invited) == "invited":
            self.cancel(invited, "lapsed")
        else:
            self._tell(invited, because="lapsed")
            _stand_alone(invited)

    def end(self, how: rules.End) -> None:
        """The post has come to its end (``rules.ENDS``): no more sign-ups, all parts are told.

        An event that has begun is history.
        """
        going = rules.ENDS[how]
        repository.close(self._uow.session, self.event.post_id, self._now)
        self.event = replace(self.event, closed_at=self.event.closed_at or self._now)
        if rules.started(self.event, self._now):
            return
        for part in repository.standing(self._uow.session, self.event.post_id):
            if part.state in going:
                part.state, part.cancelled_at = rules.step(_state(part), "cancel"), self._now
            self._tell(part, called_off=True)
        self.event = replace(
            self.event,
            taken=0 if "in" in going else self.event.taken,
            waiting=0 if "waiting" in going else self.event.waiting,
        )

    # -- what follows -----------------------------------------------------------------------

    def settle(self) -> None:
        """Let those move up for whom there is room, and write the counts."""
        session, post_id = self._uow.session, self.event.post_id
        count = rules.moving_up(self.event, self._now)
        if count:
            session.flush()
            parts = repository.first_in_line(session, post_id, count)
            stalls = self._free_stalls(count) if self.event.terms.unit == "stall" else []
            for number, part in enumerate(parts):
                _stand_alone(part)
                part.state = rules.step(_state(part), "move_up")
                part.stall = stalls[number] if stalls else None
                part.moved_up_at = self._now
                self._tell(part, moved_up=True)
            self._count(taken=count, waiting=-count)
        session.flush()
        repository.write_counts(session, post_id, self.event.taken, self.event.waiting, self._turns)

    def check_in(self, part: SignUp, by: str) -> None:
        """Write down that somebody came; the first time counts.

        Raises:
            NotSignedUp: there is no place in this person's name.
        """
        if part.state != "in":
            raise rules.NotSignedUp()
        if part.checked_in_at is None:
            part.checked_in_at, part.checked_in_by = self._now, by
            self._tell(part)
            self._uow.session.flush()

    def _come(
        self, person_id: str, state: rules.State, *, heads: int = 1, note: str = ""
    ) -> SignUp:
        """A part for somebody who has none: new, or the one that she had once; last in line."""
        part = self._ever(person_id)
        if part is None:
            part = SignUp(
                id=new_id(),
                post_id=self.event.post_id,
                person_id=person_id,
                code=self._fresh_code(),
                comings=0,
            )
            self._uow.session.add(part)
        self._turns += 1
        part.turn, part.state, part.signed_at = self._turns, state, self._now
        part.heads, part.note, part.stall = heads, note, None
        # The place that she had may be another's now, who shared it.
        part.place_id, part.invited_by, part.assisted_by = new_id(), None, None
        part.moved_up_at = part.cancelled_at = None
        part.checked_in_at = part.checked_in_by = None
        return part

    def _ever(self, person_id: str) -> SignUp | None:
        return repository.part_of(self._uow.session, self.event.post_id, person_id)

    def _count_coming(self, part: SignUp) -> None:
        part.came_on, part.comings = rules.coming(part.came_on, part.comings, self._now)

    def _fresh_code(self) -> str:
        while True:
            code = draw_code()
            used = repository.part_by_code(self._uow.session, self.event.post_id, code)
            if code != self.code and used is None:
                return code

    def _free_stalls(self, count: int) -> list[int]:
        in_use = repository.stalls_in_use(self._uow.session, self.event.post_id)
        return rules.free_stalls(in_use, count)

    def _count(self, *, taken: int = 0, waiting: int = 0) -> None:
        event = self.event
        self.event = replace(event, taken=event.taken + taken, waiting=event.waiting + waiting)

    def _tell(self, part: SignUp, **more: Any) -> None:
        self._uow.emit(
            SignUpChanged(
                sign_up_id=part.id,
                post_id=part.post_id,
                community_id=self._found.community_id,
                path=self._found.path,
                module=self._found.module,
                person_id=part.person_id,
                organiser_id=self._found.organiser_id,
                state=_state(part),
                invited_by=part.invited_by,
                checked_in=part.checked_in_at is not None,
                **more,
            )
        )


def _state(part: SignUp | None) -> Any:
    """The state of a part as the rules know it; the database has checked which there are."""
    return part.state if part else None


def _stand_alone(part: SignUp) -> None:
    """An invitation that was not accepted leaves no trace on a part that stands by itself."""
    if part.invited_by is not None:
        part.place_id, part.invited_by = new_id(), None
