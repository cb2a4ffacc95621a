"""Children below 14 (儿童): who may register one, and what an account of one is.

::

    guardian, a member of the room ──▶ registerChild ──┐  on the register: at once
    committee, with her consent ─────▶ assistRegistration (guardian_id) ──▶ account of a child
                                                       │  no log-in, no office, no vote
                    guardian deletes it, or her own ◀──┴──▶ ends the month after the 14th birthday

What the law asks. Personal data of somebody below 14 are sensitive (PIPL art. 28), may be handled
only with the consent of the parents or other guardians, and under rules of their own (art. 31; the
same in 未成年人保护法 art. 72 and 儿童个人信息网络保护规定 art. 8, 9). The guardian may have them
corrected and deleted (art. 72; 规定 art. 19, 20) and has the child's right to a copy (PIPL
art. 45). Guardians are the parents first (民法典 art. 27); they act for the child (art. 20, 23,
34). Nobody below 18 elects a residents' or villagers' committee (居委会组织法 art. 8,
村委会组织法 art. 13).

How sure that is. Age, consent, deletion and voting stand in the law in so many words. How a
platform makes sure that somebody is the guardian does not: that an adult, verified member of the
same room says so, and that the register or the committee agrees, is our reading of what can be
reasonably asked; anything else goes to the committee's desk. Whether a guardian may vote with the
share of a flat that a child owns (民法典 art. 23, 278) is answered on paper, not here. That a child
of 14 consents herself follows from art. 31; so her account ends and she joins with a phone of her
own. The end is at a month, so that no birthday stands in clear.
"""

from datetime import date
from typing import Final

from services.contracts.errors import Conflict, FieldError, Invalid, RuleBroken
from services.identity.domain.id_number import IdNumber
from services.identity.domain.membership import GUARDIAN_AGE, GuardianNeeded

ADULT_AGE: Final = 18  # 民法典 art. 17
MOST_CHILDREN: Final = 10
RELATION: Final = "family"
KINSHIP: Final = {"parent": "父母", "guardian": "监护人"}


class NotAChild(RuleBroken):
    """From 14 on somebody consents herself, and has an account of her own."""

    code = "identity.not_a_child"
    zh = "已满十四周岁，请由本人用自己的手机加入"
    en = "From 14 on one joins with a phone of one's own"


class GuardianUnknown(RuleBroken):
    """Who shall answer for the child is no grown-up member of the community."""

    code = "identity.guardian_unknown"
    zh = "监护人须是本社区的成年认证居民，请先为其办理入住"
    en = "The guardian has to be a grown-up member of the community; please register her first"


class GuardianStays(Conflict):
    """A child has a guardian as long as it has an account."""

    code = "identity.guardian_stays"
    zh = "监护人关系不能单独停止；如不再同意，请注销孩子的账号"
    en = "A guardian cannot simply end it; to withdraw the consent, delete the child's account"


class TooManyChildren(Conflict):
    """At most ten at a time."""

    code = "identity.too_many_children"
    zh = "登记的孩子已达上限，请先注销不再需要的账号"
    en = "No more can be registered; please delete an account that is not needed"


def require_child(number: IdNumber, today: date) -> None:
    """Raise :class:`NotAChild` from the 14th birthday on."""
    if number.age_on(today) >= GUARDIAN_AGE:
        raise NotAChild(errors=[FieldError("id_number", NotAChild.zh)])


def require_known_adult(birth_year: int | None, today: date) -> None:
    """Raise :class:`GuardianNeeded` unless the year says that she is grown up for certain.

    An external verifier's people have no year here: the committee sees to it.
    """
    if birth_year is None or today.year - birth_year <= ADULT_AGE:
        raise GuardianNeeded()


def require_possible_adult(birth_year: int | None, today: date) -> None:
    """Raise :class:`GuardianUnknown` when the year says that she cannot be grown up."""
    if birth_year is not None and today.year - birth_year < ADULT_AGE:
        raise GuardianUnknown(errors=[FieldError("guardian_id", GuardianUnknown.zh)])


def require_childs_registration(phone: str | None, relation: str) -> None:
    """Raise :class:`Invalid` for what an account of a child cannot have."""
    wrong = []
    if phone is not None:
        wrong.append(FieldError("phone", "未满十四周岁的账号不能绑定手机"))
    if relation != RELATION:
        wrong.append(FieldError("relation", "未满十四周岁请选择家庭成员"))
    if wrong:
        raise Invalid(errors=wrong)


def ends_on(birth: date) -> date:
    """The first day of the month after the 14th birthday."""
    year, month = birth.year + GUARDIAN_AGE, birth.month
    return date(year + month // 12, month % 12 + 1, 1)
