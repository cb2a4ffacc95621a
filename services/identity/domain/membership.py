"""Joining a community: what the register says, and what the committee may decide.

::

                     register knows name and room
    request ──┬──────────────────────────────────▶ active ──▶ ended
              │ otherwise                           ▲  moved out
              └───────────────────────▶ pending ────┤ committee approves
                                                    └──▶ refused  committee refuses, with a reason
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.contracts.errors import Conflict, FieldError, RuleBroken
from services.identity.domain.id_number import IdNumber

GUARDIAN_AGE = 14  # PIPL art. 31: below this age the guardian's consent is needed


class Status(StrEnum):
    """Where a membership stands."""

    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"
    ENDED = "ended"


LIVE = frozenset({Status.PENDING, Status.ACTIVE})


class Finding(StrEnum):
    """What looking into the register came to."""

    MATCH = "match"
    NOT_ON_REGISTER = "not_on_register"
    UNIT_DIFFERS = "unit_differs"
    BIRTH_YEAR_DIFFERS = "birth_year_differs"
    ID_DIFFERS = "id_differs"
    LINKED_TO_ANOTHER = "linked_to_another"
    VERIFIED_ELSEWHERE = "verified_elsewhere"


FINDING_TEXT: dict[Finding, str] = {
    Finding.MATCH: "与居民名册一致",
    Finding.NOT_ON_REGISTER: "名册中该地址没有此姓名",
    Finding.UNIT_DIFFERS: "名册中登记的单元不同",
    Finding.BIRTH_YEAR_DIFFERS: "名册中登记的出生年份不同",
    Finding.ID_DIFFERS: "名册中登记的证件号码不同",
    Finding.LINKED_TO_ANOTHER: "名册中此人已由另一账号绑定",
    Finding.VERIFIED_ELSEWHERE: "身份已由国家网络身份认证核验，平台不留存姓名和证件号码",
}

# What a decision makes of a status; a pair that is not here is refused.
DECISIONS: dict[tuple[Status, str], Status] = {
    (Status.PENDING, "approve"): Status.ACTIVE,
    (Status.PENDING, "refuse"): Status.REFUSED,
}


class AlreadyDecided(Conflict):
    """The request has been decided before."""

    code = "identity.already_decided"
    zh, en = "该申请已处理过", "This request has been decided already"


class ReasonNeeded(RuleBroken):
    """Nobody is refused without being told why."""

    code = "identity.reason_needed"
    zh, en = "不通过时必须填写理由", "A refusal needs a reason"


class GuardianNeeded(RuleBroken):
    """A child below 14 cannot join alone (PIPL art. 31)."""

    code = "identity.guardian_needed"
    zh = "未满十四周岁，请由同住的监护人登记，或由监护人到居委会办理"
    en = "Below 14 a guardian of your household registers you, or at the committee's desk"


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A person of the register whose name, building and room are those of the request."""

    id: str
    unit_id: str | None
    birth_year: int | None
    id_index: str | None
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the request says, as far as the register can be asked about it."""

    person_id: str
    unit_id: str | None
    birth_year: int | None
    id_index: str | None


def require_age(number: IdNumber, today: date) -> None:
    """Raise :class:`GuardianNeeded` for a child below 14."""
    if number.age_on(today) < GUARDIAN_AGE:
        raise GuardianNeeded(errors=[FieldError("id_number", GuardianNeeded.zh)])


def match(
    entries: Iterable[RegisterEntry], applicant: Applicant
) -> tuple[Finding, RegisterEntry | None]:
    """The register's entry for the applicant, or the nearest reason why there is none.

    Name, building and room agree already. What the register does not know cannot differ. Two
    people of one name in one room (father and son) are told apart by birth year and ID.
    """
    nearest = Finding.NOT_ON_REGISTER
    for entry in entries:
        finding = _compare(entry, applicant)
        if finding is Finding.MATCH:
            return finding, entry
        if nearest is Finding.NOT_ON_REGISTER or finding is Finding.LINKED_TO_ANOTHER:
            nearest = finding
    return nearest, None


def _compare(entry: RegisterEntry, applicant: Applicant) -> Finding:
    if entry.unit_id and applicant.unit_id and entry.unit_id != applicant.unit_id:
        return Finding.UNIT_DIFFERS
    if entry.birth_year is not None and entry.birth_year != applicant.birth_year:
        return Finding.BIRTH_YEAR_DIFFERS
    if entry.id_index is not None and entry.id_index != applicant.id_index:
        return Finding.ID_DIFFERS
    if entry.person_id is not None and entry.person_id != applicant.person_id:
        return Finding.LINKED_TO_ANOTHER
    return Finding.MATCH


def settle(
    status: Status, finding: Finding, entries: Iterable[RegisterEntry], applicant: Applicant
) -> tuple[Status, Finding, RegisterEntry | None]:
    """What a changed register makes of a live membership that has no entry of it yet.

    Whoever waits and is on it now is let in as if she had asked today. Whoever is a member gets
    her entry; without one she stays a member, and the finding what it was when she was let in.
    What is found about somebody who waits is renewed, for the committee to read.
    """
    found, entry = match(entries, applicant)
    if found is Finding.MATCH:
        return Status.ACTIVE, found, entry
    return status, found if status is Status.PENDING else finding, None


def found_for_verified(finding: Finding) -> Finding:
    """What the committee reads of somebody whom a verifier vouches for.

    That the register has no such person, or knows a year that she need not give, says nothing
    about her; that somebody else holds the entry, or it is of another unit, does.
    """
    if finding in (Finding.MATCH, Finding.LINKED_TO_ANOTHER, Finding.UNIT_DIFFERS):
        return finding
    return Finding.VERIFIED_ELSEWHERE


def status_after(finding: Finding) -> Status:
    """Let in at once by the register, or into the committee's queue."""
    return Status.ACTIVE if finding is Finding.MATCH else Status.PENDING


def decide(status: Status, decision: str, reason: str | None) -> Status:
    """What becomes of a request.

    Raises:
        AlreadyDecided: it is not pending.
        ReasonNeeded: a refusal without a reason.
    """
    try:
        after = DECISIONS[status, decision]
    except KeyError:
        raise AlreadyDecided() from None
    if after is Status.REFUSED and not (reason or "").strip():
        raise ReasonNeeded(errors=[FieldError("reason", ReasonNeeded.zh)])
    return after
