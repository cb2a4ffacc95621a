"""Prometheus metrics of a gateway process; each app has a registry of its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """What the gateway counts. Labels are operation ids, never paths: those hold ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "shequ_http_requests",
            "Answered requests",
            ["operation", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "shequ_http_seconds",
            "Time until the answer was sent",
            ["operation"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.running = Gauge(
            "shequ_http_running", "Requests under way, streams included", registry=self.registry
        )
        self.calls = Counter(
            "shequ_rpc_calls",
            "RPC calls by outcome",
            ["service", "outcome"],
            registry=self.registry,
        )
        self.cache_reads = Counter(
            "shequ_cache_reads",
            "Reads that could come from the cache: a hit, a miss, or asked for in one's own name",
            ["how"],
            registry=self.registry,
        )
        self.cache_stored = Counter(
            "shequ_cache_stored", "Answers kept in the cache", registry=self.registry
        )
        self.cache_refused = Counter(
            "shequ_cache_refused",
            "Answers and passes that were older than what events had told of, and not kept",
            registry=self.registry,
        )
        self.cache_bytes = Gauge(
            "shequ_cache_bytes", "Bytes that the cache holds", registry=self.registry
        )
        self.streams = Gauge("shequ_streams", "Open live streams", registry=self.registry)
        self.limits_shared = Gauge(
            "shequ_limits_shared",
            "1 while rate limits are counted in Redis, for all gateways together",
            registry=self.registry,
        )
        self.uploads = Counter(
            "shequ_uploads", "Stored uploads", ["content_type"], registry=self.registry
        )
