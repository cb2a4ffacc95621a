"""Prometheus metrics of a service process (``/metrics`` on its health port)."""

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

RPC_SECONDS = Histogram("shequ_rpc_seconds", "RPC duration", ["operation"], buckets=_BUCKETS)
RPC_OUTCOMES = Counter("shequ_rpc_total", "RPC calls by outcome", ["operation", "outcome"])
EVENT_SECONDS = Histogram("shequ_event_seconds", "Reaction duration", ["queue"], buckets=_BUCKETS)
EVENT_OUTCOMES = Counter(
    "shequ_event_total",
    "Deliveries by outcome (ok duplicate stale reject retry)",
    ["queue", "outcome"],
)
OUTBOX_WAITING = Gauge("shequ_outbox_waiting", "Events committed and not yet published")
OUTBOX_LAG = Gauge("shequ_outbox_lag_seconds", "Age of the oldest event not yet published")
RELAY_ACTIVE = Gauge("shequ_relay_active", "1 when this process runs the service's relay")
RELAY_PUBLISHED = Gauge("shequ_relay_published", "Events published by this process's relay")
RELAY_REFUSED = Gauge("shequ_relay_refused", "Events the broker refused (nack or unroutable)")
QR_REFUSED = Counter(
    "shequ_qr_refused_total", "QR codes refused (forged unknown revoked expired)", ["kind"]
)
FORGOTTEN = Counter("shequ_forgotten_rows", "Rows deleted because their time is over", ["rule"])
SENDINGS = Counter(
    "shequ_sendings",
    "Attempts to tell somebody outside of the inbox (sent later parked dropped)",
    ["channel", "outcome"],
)
SENDINGS_WAITING = Gauge("shequ_sendings_waiting", "Sendings that are due", ["channel"])
SENDINGS_LAG = Gauge("shequ_sendings_lag_seconds", "Age of the oldest sending due", ["channel"])
SENDINGS_PARKED = Gauge("shequ_sendings_parked", "Sendings given up for now", ["channel"])
SENDINGS_PARKED_LAG = Gauge(
    "shequ_sendings_parked_lag_seconds", "Age of the oldest sending given up", ["channel"]
)
PROVIDERS_RESTING = Gauge(
    "shequ_providers_resting", "Providers that failed and are left alone for a while", ["channel"]
)
POOL_IN_USE = Gauge("shequ_db_pool_in_use", "Database connections checked out")
