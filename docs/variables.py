"""What the variables of the environment mean, what they are without being set, who reads them.

:mod:`docs.tables` makes a table of it.
"""

import re
from collections.abc import Mapping
from typing import Any

from deploy.grid_platform.settings import Settings as GridPlatformSettings
from deploy.open311_adapter.settings import Settings as Open311AdapterSettings
from deploy.processes import JOBS, PROCESSES, Kind, Process
from gateway.settings import Settings as GatewaySettings
from services.kit.settings import KitSettings, ServiceSettings

MEANING: Mapping[str, str] = {
    "SHEQU_CACHE_BYTES": "most bytes of finished answers that a gateway keeps",
    "SHEQU_ENV": "`development`, `test` or `production`; the last [refuses](#production) a lot",
    "SHEQU_DEMO": "demo district, the one login code, the movable clock; never in production",
    "SHEQU_VAR": "folder for what running makes",
    "SHEQU_LOG_LEVEL": "`DEBUG` … `ERROR`",
    "SHEQU_LOG_FORMAT": "`json` or `console`",
    "SHEQU_AMQP_URL": "the broker",
    "SHEQU_JWKS_FILE": "public JWK set: whose access tokens are believed",
    "SHEQU_TOKEN_KEY_FILE": "private JWK set that signs access tokens; the first key signs",
    "SHEQU_DATA_KEYS_FILE": "keys of the personal data at rest, and of its blind indexes",
    "SHEQU_VOTES_KEYS_FILE": "keys that sign the ledgers of polls and guard their ballots",
    "SHEQU_NOTIFY_VAPID_FILE": "key that signs what is pushed to browsers; without it, no web push",
    "SHEQU_NOTIFY_PUSH_HOSTS": "push services that are believed, by commas; default: the browsers'",
    "SHEQU_NOTIFY_SMS_URL": "[who delivers](#telling-people-outside-of-the-inbox) text messages; "
    "without it they are not offered",
    "SHEQU_NOTIFY_WECHAT_URL": "likewise messages in WeChat",
    "SHEQU_NOTIFY_MAIL_URL": "likewise mail",
    "SHEQU_NOTIFY_DINGTALK_URL": "likewise the group robots of committees",
    "SHEQU_EMERGENCY_KEPT_DAYS": "days after an emergency's end that its households are known",
    "SHEQU_UPLOAD_SECRET_FILE": "HMAC secret of signed file links and of the pages' forms",
    "SHEQU_STORAGE_URL": "uploaded files: `file://` a folder, "
    "[`s3://bucket/prefix`](#files-in-a-bucket), any address that fsspec knows",
    "SHEQU_STORAGE_ENDPOINT": "the S3-compatible server (https); without it, AWS of the region",
    "SHEQU_STORAGE_REGION": "its region",
    "SHEQU_STORAGE_STYLE": "`path` (`server/bucket/…`) or `virtual` (`bucket.server/…`)",
    "SHEQU_STORAGE_CREDENTIALS_FILE": "the bucket's credentials; without it, `AWS_ACCESS_KEY_ID` "
    "and `AWS_SECRET_ACCESS_KEY`",
    "SHEQU_PUBLIC_URL": "how people reach the gateway; printed into QR codes and links",
    "SHEQU_HEALTH_HOST": "address of the health pages",
    "SHEQU_HEALTH_PORT": "port of the health pages; 0 is off",
    "SHEQU_RETRY_SCALE": "multiplies the waits of the retry ladder; one value for the whole vhost",
    "SHEQU_SMS_URL": "where text messages are posted (https); without it they go to a file",
    "SHEQU_SMS_SECRET": "bearer token for it; with `tencent` the SecretKey",
    "SHEQU_SMS_PROVIDER": "`file`, `http` or `tencent`; without it `http` if there is an address",
    "SHEQU_SMS_SECRET_ID": "Tencent Cloud: SecretId",
    "SHEQU_SMS_APP_ID": "Tencent Cloud: SmsSdkAppId",
    "SHEQU_SMS_SIGN": "Tencent Cloud: approved signature, without 【】",
    "SHEQU_SMS_REGION": "Tencent Cloud: region",
    "SHEQU_SMS_TEMPLATES": "Tencent Cloud: `kind=template`, by commas; [the kinds](#text-messages)",
    "SHEQU_WECHAT_URL": "where WeChat is asked for the openid (https)",
    "SHEQU_WECHAT_APP_ID": "app at WeChat; without it there is no log-in by WeChat",
    "SHEQU_WECHAT_SECRET": "its secret",
    "SHEQU_STAFF_TOTP": "`required` or `optional`: second factor for offices; "
    "default: required in production",
    "SHEQU_VERIFIER_URL": "who verifies network credentials (网号/网证; https); without it, none",
    "SHEQU_VERIFIER_SECRET": "bearer token for it",
    "SHEQU_GRID_AMQP_URL": "the grid platform's own broker user",
    "SHEQU_GRID_KEY_FILE": "the grid platform's API key for result photos; none: it may not",
    "SHEQU_GRID_FAULTS": "a drill of the reference platform: `seed=7 share=0.1` (see its README)",
    "SHEQU_GRID_STEP_SECONDS": "pause of the reference platform's automatic mode, or `manual`",
    "SHEQU_GRID_DATABASE_FILE": "its state (SQLite)",
    "SHEQU_OPEN311_URL": "the city's GeoReport v2 server; with it [the adapter]"
    "(how-to/open311.md) runs in the platform's place",
    "SHEQU_OPEN311_API_KEY": "the key for it",
    "SHEQU_OPEN311_JURISDICTION": "jurisdiction_id for it, when it wants one",
    "SHEQU_OPEN311_FORMAT": "`json` or `xml`",
    "SHEQU_OPEN311_SERVICES": "our slots as the city's service codes (JSON)",
    "SHEQU_OPEN311_WORDS": "whether title and description go to the city, too",
    "SHEQU_OPEN311_POLL_SECONDS": "how often the city is asked for a request",
    "SHEQU_OPEN311_SETTLE_SECONDS": "how long after a report of which nobody knows whether it "
    "arrived it is looked for",
    "SHEQU_OPEN311_TIMEOUT_SECONDS": "how long the city's answer is waited for",
    "SHEQU_OPEN311_DATABASE_FILE": "the adapter's state (SQLite)",
    "SHEQU_MODEL_DIR": "models that the `classifier` job writes; default: `model` in `SHEQU_VAR`",
    "SHEQU_LEXICON_FILE": "the operator's [list of words](#the-lexicon); without it, none",
    "SHEQU_EVIDENCE_DAYS": "how long the words of decided moderation cases are kept; 183 at least",
    "SHEQU_HOST": "address on which the gateway listens",
    "SHEQU_PORT": "its port",
    "SHEQU_FONT": "font of posters, `regular` or `regular:bold`; else Debian's `fonts-noto-cjk`",
    "SHEQU_RATE_LIMITS": "`on`, `off`; `auto`: on, except for loopback in demo mode",
    "SHEQU_REDIS_URL": "where several gateways [count together](#rate-limits); `redis://`, "
    "`rediss://` or `unix://`",
    "SHEQU_CORS_ORIGINS": "origins whose pages may call the API, by commas",
    "SHEQU_TRUSTED_PROXIES": "addresses whose `X-Forwarded-For` is believed, by commas",
    "SHEQU_MAX_WORKERS": "calls that one process works on at a time; also its connection pool",
    "SHEQU_HEARTBEAT": "seconds, on broker connections",
    "SHEQU_PREPARE": "connections keep plans of statements; not behind a proxy that pools by "
    "transaction (pgbouncer)",
    "SHEQU_STATEMENT_TIMEOUT_MS": "limit of one SQL statement",
    "SHEQU_STOP_SECONDS": "given to running calls after SIGTERM",
    "SHEQU_BODY_SECONDS": "within which a request must have arrived",
    "SHEQU_LEAVE_SECONDS": "between not being ready and accepting nothing new, after SIGTERM",
    "SHEQU_DRAIN_SECONDS": "given to running requests after SIGTERM",
    "SHEQU_UPLOAD_WORKERS": "pictures worked on at a time; each may take 400 MB",
    "SHEQU_STREAM_BEAT_SECONDS": "between signs of life on an idle live stream",
    "SHEQU_MAX_STREAMS": "open live streams of one process",
}
DATABASE = re.compile(r"SHEQU_(\w+_)?DATABASE_URL")
DATABASE_MEANING = "`postgresql+psycopg2://user:password@host:port/database`; required"


def rows() -> list[tuple[str, str, str, str]]:
    """Every variable of the processes: name, default, who reads it, meaning."""
    defaults = _defaults()
    readers: dict[str, list[Process]] = {}
    for row in (*PROCESSES, *JOBS):
        for name in row.environment:
            readers.setdefault(name, []).append(row)
    found = [("`SHEQU_<SERVICE>_DATABASE_URL`", "–", "that service alone", DATABASE_MEANING)]
    found += [
        (f"`{name}`", _shown(defaults.get(name)), _who(readers[name]), _meaning(name))
        for name in readers
        if not DATABASE.fullmatch(name)
    ]
    found += [
        (f"`{name}`", _shown(default), "services" if name in _of_services() else "gateway",
         _meaning(name))
        for name, default in defaults.items()
        if name not in readers and not DATABASE.fullmatch(name)
    ]  # fmt: skip
    return found


def _meaning(name: str) -> str:
    if name not in MEANING:
        raise LookupError(f"docs/variables.py does not say what {name} means: add it to MEANING")
    return MEANING[name]


def _defaults() -> dict[str, Any]:
    """Variable → default, as the settings classes have it."""
    from services.feed.settings import Settings as FeedSettings
    from services.identity.settings import Settings as IdentitySettings

    classes = (KitSettings, ServiceSettings, IdentitySettings, FeedSettings, GatewaySettings,
               GridPlatformSettings, Open311AdapterSettings)  # fmt: skip
    return {
        f"SHEQU_{name.upper()}": field.default
        for cls in reversed(classes)
        for name, field in cls.model_fields.items()
    }


def _of_services() -> set[str]:
    return {f"SHEQU_{name.upper()}" for name in ServiceSettings.model_fields}


def _shown(value: Any) -> str:
    text = str(getattr(value, "get_secret_value", lambda: value)())
    if value is None or text in ("", "()", "PydanticUndefined"):
        return "–"
    return f"`{text.lower() if isinstance(value, bool) else text}`"


def _who(rows: list[Process]) -> str:
    names = {row.name for row in rows if row.kind is not Kind.JOB}
    services = {row.name for row in PROCESSES if row.kind is Kind.SERVICE}
    if names >= {row.name for row in PROCESSES}:
        return "everybody"
    told = [*(["services"] if names >= services else sorted(names & services)),
            *sorted(names - services)]  # fmt: skip
    return ", ".join(told) or "jobs"
