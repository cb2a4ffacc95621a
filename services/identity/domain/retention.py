"""How long identity keeps what, and why: one table, carried out and printed in the docs.

Nothing is kept longer than it is needed (PIPL art. 19, 47), and what law wants kept is kept that
long: logs for six months (网络安全法), impact assessments for three years (PIPL art. 56). Three
years is also the period in which a claim can be raised (民法典 第188条) and the platform has to
show that it was in the right (PIPL art. 69).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HALF_A_YEAR: Final = timedelta(days=183)
THREE_YEARS: Final = timedelta(days=3 * 365 + 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of data.

    Args:
        key: its name in logs and metrics.
        what: the data, and since when its time runs.
        kept: how long, in words.
        why: the law or the reason.
        after: what the timer ``retain`` goes by; None for what ends by itself or stays.
    """

    key: str
    what: str
    kept: str
    why: str
    after: timedelta | None = None

    def until(self, now: datetime) -> datetime:
        """What is older than this has had its time.

        Raises:
            ValueError: the timer has nothing to do with the rule.
        """
        if self.after is None:
            raise ValueError(f"{self.key} has no end of its own")
        return now - self.after


RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule(
            "codes",
            "login codes (hashed), WeChat tickets, text messages",
            "minutes; how many went out, for the day",
            "of no use afterwards",
        ),
        Rule(
            "failures",
            "failed attempts that lock",
            "a day",
            "guessing is noticed within hours",
        ),
        Rule(
            "sessions",
            "ended sessions",
            "7 days",
            "a stolen refresh token is noticed when it comes again",
        ),
        Rule(
            "real_names",
            "name and ID number",
            "until the request is refused or the last membership ends",
            "the true holder must be able to join; needed for nothing else",
        ),
        Rule(
            "contacts",
            "mail address and WeChat id for messages, and what opens them",
            "until taken back, or the consent to messages is",
            "needed while something may be sent",
        ),
        Rule(
            "refused_memberships",
            "refused requests to join, from the decision",
            "half a year",
            "the person reads why, and may object",
            HALF_A_YEAR,
        ),
        Rule(
            "ended_memberships",
            "memberships that ended",
            "3 years",
            "who belonged when something was decided (民法典 188)",
            THREE_YEARS,
        ),
        Rule(
            "ended_roles",
            "roles that ended",
            "3 years",
            "who held which office when something was decided (民法典 188)",
            THREE_YEARS,
        ),
        Rule(
            "ended_assistances",
            "assistances that ended",
            "3 years",
            "proof that somebody was let to act for another (PIPL 69)",
            THREE_YEARS,
        ),
        Rule(
            "withdrawn_consents",
            "consents, from their withdrawal",
            "3 years",
            "proof that what was done was allowed (PIPL 69)",
            THREE_YEARS,
        ),
        Rule(
            "phone_recoveries",
            "recoveries of lost phones that are over",
            "half a year",
            "a log of security: six months at least (网络安全法)",
            HALF_A_YEAR,
        ),
        Rule(
            "corrections",
            "corrections, from the decision; the value asked for goes with the decision",
            "3 years",
            "proof that the request was handled (PIPL 46, 69)",
            THREE_YEARS,
        ),
        Rule(
            "access_log",
            "who looked at whose data",
            "3 years",
            "six months at least (网络安全法); audits (PIPL 54); the person may ask late",
            THREE_YEARS,
        ),
        Rule(
            "observer_reads",
            "how often observers read what, by day",
            "3 years",
            "as the access log: it says that somebody watched, and nothing of whom",
            THREE_YEARS,
        ),
        Rule(
            "import_reports",
            "reports of register imports, row by row (who imported what, when, stays)",
            "half a year",
            "of use while the file can still be mended",
            HALF_A_YEAR,
        ),
        Rule(
            "ended_register_entries",
            "entries that left the register, unless a membership rests on them",
            "3 years",
            "the roll of a vote may be questioned (民法典 188)",
            THREE_YEARS,
        ),
        Rule(
            "electorates",
            "snapshots of who may vote, from the announcement of a poll",
            "until votes has read them, a day at most",
            "the roll of the poll is votes' then",
        ),
        Rule(
            "impact_assessments",
            "impact assessments, from the day of their review",
            "3 years",
            "three years at least (PIPL 56)",
            THREE_YEARS,
        ),
        Rule(
            "unreachable_accounts",
            "accounts without phone and role, from the end of the last membership",
            "30 days",
            "nobody can log in to delete it: the committee ends the membership as she wishes "
            "(PIPL 47)",
        ),
        Rule(
            "deleted_accounts",
            "the id of a deleted account, which means nobody",
            "for good",
            "votes and covenants point at it ([ADR 0019](adr/0019-identity-complete.md))",
        ),
    )
}
