"""Consent: for which purposes, in which words, and when one counts.

::

                 given ──────────▶ counts ──┬─ withdrawn ────────────────▶ kept as proof
                                            └─ the notice changed: asked for anew (PIPL art. 14)

Each purpose is consented to by itself (art. 14), the sensitive ones and handing data to another
processor separately (art. 23, 29), and each is withdrawn as easily as it was given (art. 15).
A version of the words is never changed: what somebody agreed to must be found again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.contracts.errors import Conflict, NotFound

REAL_NAME: Final = "real_name"
ADDRESS: Final = "address"
RULES: Final = "rules"
PARTY_BADGE: Final = "party_badge"
GRID_PLATFORM: Final = "grid_platform"
ASSISTANCE: Final = "assistance"
MESSAGES: Final = "messages"


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of the words, in both languages; ``version`` is the month it came out."""

    version: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose that somebody may consent to.

    Args:
        key: its name in the contract.
        notices: every version of its words, the newest last.
        needed: a membership does not stand without it.
        sensitive: of sensitive personal data (art. 28) or handed to another (art. 23).
        by_deed: given by doing the thing itself, never by a tick alone.
    """

    key: str
    notices: tuple[Notice, ...]
    needed: bool = False
    sensitive: bool = False
    by_deed: bool = False

    @property
    def current(self) -> Notice:
        """The words of today."""
        return self.notices[-1]

    def words(self, version: str, language: str) -> str:
        """The words of a version; of the first one for consents older than versions."""
        notice = next((n for n in self.notices if n.version == version), self.notices[0])
        return notice.en if language.lower().startswith("en") else notice.zh


PURPOSES: dict[str, Purpose] = {
    purpose.key: purpose
    for purpose in (
        Purpose(
            REAL_NAME,
            (
                Notice(
                    "2026-11",
                    "同意用姓名和身份证号核实身份。属于敏感个人信息：加密保存，只用于核实，页面上不显示。",
                    "I agree that my name and ID number are used to verify me. Sensitive personal "
                    "data: kept encrypted, used for this alone, never shown.",
                ),
            ),
            needed=True,
            sensitive=True,
        ),
        Purpose(
            ADDRESS,
            (
                Notice(
                    "2026-11",
                    "同意登记住址。用来确认您属于哪个小区；邻居只看到楼号。",
                    "I agree that my address is kept. To know which estate you belong to; "
                    "neighbours see the building only.",
                ),
            ),
            needed=True,
        ),
        Purpose(
            RULES,
            (
                Notice(
                    "2026-11",
                    "同意遵守社区公约和发言规则。实名入住、文明发言，对自己的话负责。",
                    "I will keep the covenant and the rules of speech. Real name, civil words, "
                    "answerable for what one says.",
                ),
            ),
            needed=True,
        ),
        Purpose(
            PARTY_BADGE,
            (
                Notice(
                    "2026-11",
                    "在名字旁展示党员身份：属于敏感个人信息，收起党旗即撤回",
                    "My Party membership is shown beside my name: sensitive personal data, "
                    "withdrawn by hiding the flag",
                ),
            ),
            sensitive=True,
        ),
        Purpose(
            GRID_PLATFORM,
            (
                Notice(
                    "2026-11",
                    "同意上报网格时告知我是谁。您反映的问题转到网格化管理平台时，附上隐去中段的姓名和手机号，"
                    "便于处置人员核实。不同意也照样上报，随时可以撤回。",
                    "I agree to be named to the grid platform. When a problem of yours goes to the "
                    "city's grid platform, your masked name and phone go with it, so that its "
                    "staff can ask. It goes without, too, and you can withdraw at any time.",
                ),
            ),
            sensitive=True,
        ),
        Purpose(
            ASSISTANCE,
            (
                Notice(
                    "2026-11",
                    "由我指定的人替我反映问题、报名、申请入住：不能替我投票，随时可以停止",
                    "Somebody I named reports, signs up and asks to join for me: "
                    "never votes for me, and I can end it at any time",
                ),
            ),
            by_deed=True,
        ),
        Purpose(
            MESSAGES,
            (
                Notice(
                    "2026-11",
                    "同意把社区消息发到我的手机、微信或邮箱。发送时地址交给短信、微信或邮件服务商，只用于这一次发送；"
                    "站内消息照常能看，随时可以撤回，撤回后微信和邮箱地址即删除。",
                    "I agree that news of the community is sent to my phone, WeChat or mail. The "
                    "address goes to the provider of that message and serves it alone. The inbox "
                    "works without, and I can withdraw at any time: then WeChat and mail address "
                    "are deleted.",
                ),
            ),
            sensitive=True,
        ),
    )
}


class ConsentNotFound(NotFound):
    """There is no such consent, or it is another person's."""

    code = "identity.consent_not_found"
    zh, en = "没有找到这项同意", "There is no such consent"


class ConsentNeeded(Conflict):
    """A membership does not stand without it."""

    code = "identity.consent_needed"
    zh = "这项同意是入住所必需的，请先办理迁出，或注销账号"
    en = "Your membership needs this consent: move out first, or delete the account"


class ConsentByDeed(Conflict):
    """It is given by doing the thing: naming a helper."""

    code = "identity.consent_by_deed"
    zh, en = "请直接指定代办人，指定即为同意", "Name your helper: that is the consent"


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as the ledger has it."""

    purpose: str
    notice: str
    withdrawn: bool = False


def asked_at_joining(keys: Iterable[str], *, in_person: bool) -> list[Purpose]:
    """The purposes among ``keys`` that a request to join can consent to, each once.

    What the table does not have was never asked for, and the badge is not a matter of joining.
    A helper gives what joining needs; the separate consents are the person's own.
    """
    found = (PURPOSES[key] for key in dict.fromkeys(keys) if key in PURPOSES)
    return [p for p in found if p.needed or (p.key == GRID_PLATFORM and in_person)]


def counts(purpose: str, ledger: Iterable[Given]) -> bool:
    """Whether somebody consents to ``purpose`` now: not withdrawn, and in today's words."""
    today = PURPOSES[purpose].current.version
    return any(g.purpose == purpose and g.notice == today and not g.withdrawn for g in ledger)


def require_withdrawable(purpose: str, *, member: bool) -> None:
    """Raise :class:`ConsentNeeded` while a membership (active or asked for) needs it."""
    if member and purpose in PURPOSES and PURPOSES[purpose].needed:
        raise ConsentNeeded()
