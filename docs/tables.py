"""The tables of the docs that say what the code says: made from it, so that they cannot rot.

    .venv/bin/python -m docs.tables            rewrite them
    .venv/bin/python -m docs.tables --check    name the pages that are out of date; exit 1

A table stands between two comments of its page, ``<!-- table: NAME -->`` and ``<!-- end -->``;
:data:`TABLES` says which function makes it. ``tests/contracts/test_docs.py`` checks them.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY as METRICS

from deploy.grid_platform.settings import Settings as GridPlatformSettings
from deploy.local.layout import Ports
from deploy.open311_adapter.settings import Settings as Open311AdapterSettings
from deploy.processes import JOBS, PROCESSES, Kind, Process
from gateway import rates
from gateway.metrics import Metrics
from gateway.settings import Settings as GatewaySettings
from services.contracts.events import REGISTRY, Event
from services.contracts.operations import HTTP
from services.contracts.topology import BROADCAST, QUEUES
from services.kit import metrics as service_metrics
from services.kit.settings import KitSettings, ServiceSettings

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "docs/operations.md",
    "docs/contracts.md",
    "docs/rules.md",
    "docs/threats-and-privacy.md",
)
_REGION = re.compile(
    r"(?P<open><!-- table: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL
)


# -- what works ------------------------------------------------------------------------------------


def operations() -> str:
    """Each service's operations: those that answer, and those that answer 501."""
    rows = []
    for service in dict.fromkeys(row.service for row in HTTP):
        mine = [row for row in HTTP if row.service == service]
        rows.append(
            (
                "every service" if service == "*" else service,
                " ".join(f"`{row.id}`" for row in mine if row.built) or "–",
                " ".join(f"`{row.id}`" for row in mine if not row.built) or "–",
            )
        )
    built = sum(row.built for row in HTTP)
    count = f"{built} of {len(HTTP)} operations of the contract answer today.\n\n"
    return count + _table(("service", "answers today", "answers 501"), rows)


# -- operation -------------------------------------------------------------------------------------


def processes() -> str:
    """Every long-running process: command, health port with `make up`, replicas."""
    first = Ports.from_environment({})
    rows = []
    for place, row in enumerate(PROCESSES):
        port = first.gateway if row.port else first.health + place
        rows.append(
            (
                f"`{row.name}`",
                f"`python {' '.join(row.command)}`",
                KINDS[row.kind],
                str(port),
                "one" if row.most == 1 else str(row.most or "any number"),
                f"{row.stop_seconds} s",
            )
        )
    head = ("process", "command", "what it is", "health port", "replicas here", "time to stop")
    return _table(head, rows)


KINDS = {
    Kind.SERVICE: "nameko service",
    Kind.GATEWAY: "HTTP door",
    Kind.CONSUMER: "foreign system's side",
    Kind.JOB: "job",
}


def jobs() -> str:
    """What runs to its end before the others start."""
    rows = [
        (
            f"`{row.name}`",
            f"`python {' '.join(row.command)}`",
            ", ".join(f"`{need}`" for need in row.depends_on),
            "demo only" if row.demo_only else "",
        )
        for row in JOBS
    ]
    return _table(("job", "command", "after", ""), rows)


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


def environment() -> str:
    """Every variable of the processes, with its default and who reads it."""
    defaults = _defaults()
    readers: dict[str, list[Process]] = {}
    for row in (*PROCESSES, *JOBS):
        for name in row.environment:
            readers.setdefault(name, []).append(row)
    rows = [("`SHEQU_<SERVICE>_DATABASE_URL`", "–", "that service alone", DATABASE_MEANING)]
    rows += [
        (f"`{name}`", _shown(defaults.get(name)), _who(readers[name]), _meaning(name))
        for name in readers
        if not DATABASE.fullmatch(name)
    ]
    rows += [
        (f"`{name}`", _shown(default), "services" if name in _of_services() else "gateway",
         _meaning(name))
        for name, default in defaults.items()
        if name not in readers and not DATABASE.fullmatch(name)
    ]  # fmt: skip
    return _table(("variable", "default", "read by", "meaning"), rows)


def _meaning(name: str) -> str:
    if name not in MEANING:
        raise LookupError(f"docs/tables.py does not say what {name} means: add it to MEANING")
    return MEANING[name]


DATABASE_MEANING = "`postgresql+psycopg2://user:password@host:port/database`; required"


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


def metric_names() -> str:
    """What `/metrics` shows of our own."""
    ours = [m for m in METRICS.collect() if m.name.startswith("shequ_")]
    if not ours:
        raise LookupError(f"{service_metrics.__name__} registers no metrics")
    gateway = list(Metrics().registry.collect())
    rows = [
        (f"`{metric.name}{'_total' if metric.type == 'counter' else ''}`", metric.type, who,
         metric.documentation)
        for who, found in (("services", ours), ("gateway", gateway))
        for metric in sorted(found, key=lambda m: m.name)
    ]  # fmt: skip
    return _table(("metric", "kind", "of", "meaning"), rows)


def rate_limits() -> str:
    """What may be done how often."""
    rows = [
        (KIND_WORDS[kind], _most(limits, "address"),
         _most(limits, "person"), "together" if limits[0].together else "each gateway its own")
        for kind, limits in rates.KINDS.items()
    ] + [
        (f"`{name}`", _most(limits, "address"), _most(limits, "person"), "together")
        for name, limits in rates.BY_OPERATION.items()
    ]  # fmt: skip
    return _table(("operations", "by an address", "by a person", "with Redis counted"), rows)


KIND_WORDS = {
    "writes": "all others that change something",
    "files": "documents and sheets",
    "searches": "searches, by words or likeness; figures",
    "lists": "lists",
    "reads": "all other reads",
}


def _most(limits: rates.Rates, whose: str) -> str:
    spans = {60: "min", 3600: "h", 86400: "day"}
    mine = [f"{x.amount}/{spans[x.seconds]}" for x in limits if x.whose == whose]
    return ", ".join(mine) or "–"


# -- contract --------------------------------------------------------------------------------------


def queues() -> str:
    """Who listens to what."""
    rows = [
        (
            f"`{queue.name}`",
            "the grid platform" if queue.external else queue.service,
            " ".join(f"`{event.TYPE}`" for event in queue.events),
        )
        for queue in QUEUES
    ]
    told = " ".join(f"`{event.TYPE}`" for event in BROADCAST)
    rows.append(("one per gateway, while it lives", "gateway", told))
    return _table(("queue", "consumer", "event types"), rows)


def events() -> str:
    """The catalogue."""
    heard = {event for queue in QUEUES for event in queue.events} | set(BROADCAST)
    rows = [
        (f"`{event.TYPE}`", event.SOURCE, "yes" if event in heard else "nobody yet", _first(event))
        for event in sorted(REGISTRY.values(), key=lambda event: (event.SOURCE, event.TYPE))
        if event.__module__.startswith("services.contracts.")
    ]
    return _table(("type", "told by", "heard", "meaning"), rows)


def _first(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").strip().split("\n\n")[0].split())


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """An error as its source says it."""

    name: str
    module: str
    bases: tuple[str, ...]
    said: Mapping[str, Any]


def errors() -> str:
    """Every code that a client may meet, from the classes that raise it."""
    found = list(_error_classes())
    rows = sorted(
        {
            (int(str(_said(cls, "status", found))), str(cls.said["code"]),
             str(_said(cls, "en", found)), str(_said(cls, "zh", found)))
            for cls in found
            if "code" in cls.said and _said(cls, "status", found) is not None
        },
        key=lambda row: (row[1].split(".")[0], row[0], row[1]),
    )  # fmt: skip
    return _table(
        ("code", "status", "English", "中文"),
        [(f"`{code}`", str(status), en, zh) for status, code, en, zh in rows],
    )


def _error_classes() -> Iterator[ErrorClass]:
    """Read, not imported: some of these modules patch the process that imports them."""
    for folder in ("services", "gateway"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    bases = tuple(ast.unparse(base).rpartition(".")[2] for base in node.bases)
                    yield ErrorClass(node.name, str(path), bases, dict(_constants(node.body)))


def _constants(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Any]]:
    for line in body:
        target: ast.expr | None = None
        if isinstance(line, ast.Assign):
            target, value = line.targets[0], line.value
        elif isinstance(line, ast.AnnAssign) and line.value is not None:
            target, value = line.target, line.value
        if target is None:
            continue
        try:
            known = ast.literal_eval(value)
        except ValueError:
            continue
        if isinstance(target, ast.Tuple) and isinstance(known, tuple):
            names = [n.id for n in target.elts if isinstance(n, ast.Name)]
            yield from zip(names, known, strict=False)
        elif isinstance(target, ast.Name):
            yield target.id, known


def _said(cls: ErrorClass, what: str, all_of_them: list[ErrorClass]) -> Any:
    """An attribute of the class, its own or inherited; None when it is no error of ours."""
    if what in cls.said:
        return cls.said[what]
    for base in cls.bases:
        same = [c for c in all_of_them if c.name == base]
        near = [c for c in same if c.module == cls.module] or same
        for candidate in near:
            value = _said(candidate, what, all_of_them)
            if value is not None:
                return value
    return None


# -- privacy ---------------------------------------------------------------------------------------


def retention() -> str:
    """How long identity keeps what."""
    from services.identity.domain.retention import RULES

    rows = [(rule.what, rule.kept, rule.why) for rule in RULES.values()]
    return _table(("what", "kept", "why"), rows)


# -- rules -----------------------------------------------------------------------------------------

SURE = {
    "read": "law that was read",
    "older_text": "an older text; the one in force could not be read",
    "press": "a newspaper; the rule is our reading",
}


def rule_presets() -> str:
    """Each preset: what it rests on, how sure that is, what it asks for."""
    from services.votes.domain.rules import PRESETS, arithmetic, current, resolve

    rows = []
    for name in PRESETS:
        version, rules = current(name), resolve(name)
        rows.append(
            (
                f"`{name}` {version.name[0]}, version {version.version}",
                version.source[1],
                SURE[version.sure] + ("" if rules.verified else ": **not verified**"),
                "<br>".join(arithmetic(rules, "en")),
            )
        )
    return _table(("preset", "source", "how sure", "what must hold"), rows)


def rule_bounds() -> str:
    """What a preset's source does not leave to the choice."""
    from services.votes.domain.rules import PRESETS, current

    rows = []
    for name in PRESETS:
        version = current(name)
        for bound in version.bounds:
            below = "refused" if version.read else "marked; refused once confirmed"
            rows.append(
                (f"`{name}`", f"`{bound.field}`", bound.en, "marked" if bound.open else below)
            )
    return _table(("preset", "field", "what the source wants", "below it"), rows)


def rule_article() -> str:
    """The article's case, line by line; how the votes split is ours."""
    from services.votes.domain.counting import Side, evaluate
    from services.votes.domain.rules import resolve

    outcome = evaluate(
        resolve("article_2017"),
        Side.of(1_560),
        Side.of(1_000),
        {"for": Side.of(860), "against": Side.of(90), "abstain": Side.of(40)},
        spoiled=10,
    )
    rows = [
        (line.zh, line.en, line.left, line.relation, line.right, "yes" if line.holds else "no")
        for line in outcome.lines
    ]
    return _table(("条件", "condition", "left", "", "right", "holds"), rows)


# -- pages -----------------------------------------------------------------------------------------

TABLES: Mapping[str, Callable[[], str]] = {
    "operations": operations,
    "processes": processes,
    "jobs": jobs,
    "environment": environment,
    "metrics": metric_names,
    "rate_limits": rate_limits,
    "queues": queues,
    "events": events,
    "errors": errors,
    "retention": retention,
    "rule_presets": rule_presets,
    "rule_bounds": rule_bounds,
    "rule_article": rule_article,
}


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n"
                   for line in lines)  # fmt: skip


def renewed(page: str) -> str:
    """The text of a page with its tables made anew; KeyError for a table nobody makes."""
    return _REGION.sub(
        lambda found: f"{found['open']}{TABLES[found['name']]()}{found['close']}", page
    )


def stale() -> list[str]:
    """Pages whose tables are not what the code says."""
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in PAGES}
    return [name for name, text in texts.items() if renewed(text) != text]


def main(arguments: list[str]) -> int:
    """Rewrite the tables, or say which pages are out of date."""
    wrong = stale()
    if "--check" in arguments:
        for name in wrong:
            sys.stdout.write(f"{name} is out of date: .venv/bin/python -m docs.tables\n")
        return 1 if wrong else 0
    for name in wrong:
        path = ROOT / name
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
        sys.stdout.write(f"{name} renewed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
