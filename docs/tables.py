"""The tables of the docs that say what the code says: made from it, so that they cannot rot.

    .venv/bin/python -m docs.tables            rewrite them
    .venv/bin/python -m docs.tables --check    name the pages that are out of date; exit 1

A table stands between two comments of its page, ``<!-- table: NAME -->`` and ``<!-- end -->``;
:data:`TABLES` says which function makes it. ``tests/contracts/test_docs.py`` checks them.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from prometheus_client import REGISTRY as METRICS

from deploy.local.layout import Ports
from deploy.processes import JOBS, PROCESSES, Kind
from docs import error_classes, variables
from gateway import rates
from gateway.metrics import Metrics
from services.contracts.events import REGISTRY, Event
from services.contracts.operations import HTTP
from services.contracts.topology import BROADCAST, QUEUES
from services.kit import metrics as service_metrics

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


def environment() -> str:
    """Every variable of the processes, with its default and who reads it."""
    return _table(("variable", "default", "read by", "meaning"), variables.rows())


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


def errors() -> str:
    """Every code that a client may meet, from the classes that raise it."""
    return _table(
        ("code", "status", "English", "中文"),
        [(f"`{code}`", str(status), en, zh) for status, code, en, zh in error_classes.codes()],
    )


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
