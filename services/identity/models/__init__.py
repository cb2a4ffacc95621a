"""Identity's tables.

::

    territory ◀── register_persons ── person_id ─▶ persons ◀── real_names
        ▲                                             ▲  ▲──── grants, party_badges, consents
        ├── memberships ───────────────────────────────┘  └──── sessions ◀── refresh_tokens
        └── qr_tokens, imports                          login_codes, sms_messages, access_log,
                                                        observer_reads

    electorates ◀┄ electorate_entries                   copies for a day, tied to nothing

Columns that end in ``_sealed`` hold envelopes of :mod:`services.identity.crypto`, each bound to
its column and row; ``_index`` columns hold blind indexes. The tree is kept as text paths with a
``text_pattern_ops`` index: scope is a prefix match everywhere, in tokens and events too.
"""

from services.identity.models.base import (
    Base,
)
from services.identity.models.contacts import (
    Contact,
    ContactTicket,
    MailCode,
)
from services.identity.models.electorates import (
    Electorate,
    ElectorateEntryRow,
)
from services.identity.models.filters import KeptFilter
from services.identity.models.login import (
    LoginCode,
    PhoneRecovery,
    RefreshTokenRow,
    SessionRow,
    SmsMessage,
    TotpFactor,
    WechatBinding,
    WechatTicket,
)
from services.identity.models.people import (
    Assistance,
    AttemptLock,
    GrantRow,
    Membership,
    PartyBadge,
    PersonRow,
    RealName,
)
from services.identity.models.privacy import (
    AccessLogRow,
    Consent,
    CorrectionRow,
    ImpactAssessment,
)
from services.identity.models.territory import (
    CommunityFigures,
    ImportRecord,
    QrToken,
    RegisterDraftRow,
    RegisterPerson,
    Territory,
)
from services.identity.models.watching import ObserverReads

__all__ = [
    "AccessLogRow",
    "Assistance",
    "AttemptLock",
    "Base",
    "CommunityFigures",
    "Consent",
    "Contact",
    "ContactTicket",
    "CorrectionRow",
    "Electorate",
    "ElectorateEntryRow",
    "GrantRow",
    "ImpactAssessment",
    "ImportRecord",
    "KeptFilter",
    "LoginCode",
    "MailCode",
    "Membership",
    "ObserverReads",
    "PartyBadge",
    "PersonRow",
    "PhoneRecovery",
    "QrToken",
    "RealName",
    "RefreshTokenRow",
    "RegisterDraftRow",
    "RegisterPerson",
    "SessionRow",
    "SmsMessage",
    "Territory",
    "TotpFactor",
    "WechatBinding",
    "WechatTicket",
]
