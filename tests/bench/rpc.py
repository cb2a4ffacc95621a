"""RPC calls a second: our chassis against plain nameko, same broker, same client, same run."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from services.kit.aio_rpc import RpcClient
from tests.bench.report import Family, Say, median, percentile

CALLS = 3000
ROUNDS = 3
PAIRS = (
    ("echo", ("plain", "echo"), ("probe", "probe_echo")),
    ("read one row", ("plain", "read"), ("probe", "probe_read")),
)


@contextmanager
def process(module: str, environment: dict[str, str]) -> Iterator[None]:
    """A service process for the time of the measurement."""
    running = subprocess.Popen(
        [sys.executable, "-m", module],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        running.terminate()
        running.wait(15)


async def burst(client: RpcClient, target: tuple[str, str], concurrency: int) -> list[float]:
    """The latency of each of ``CALLS`` calls, ``concurrency`` at a time; total as last value."""
    latencies: list[float] = []
    left = iter(range(CALLS if concurrency > 1 else CALLS // 4))

    async def worker() -> None:
        for _ in left:
            started = time.perf_counter()
            await client.call(*target, {"word": "note"}, timeout=10)
            latencies.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return [*latencies, time.perf_counter() - started]


async def wait_for(client: RpcClient, target: tuple[str, str]) -> None:
    """Until the service answers."""
    for _ in range(200):
        try:
            await client.call(*target, {"word": "note"}, timeout=2)
            return
        except Exception:
            await asyncio.sleep(0.1)
    raise TimeoutError(f"{target} does not answer")


async def compare(amqp_url: str, say: Say) -> Family:
    """The family of figures."""
    client = RpcClient(amqp_url, "bench")
    await client.start()
    await client.wait_attached(10)
    family = Family(
        "RPC: our chassis against plain nameko 2.14.1",
        f"`tests/bench/rpc.py`: one process each with 16 workers, the gateway's asyncio client, "
        f"{CALLS} calls a round, {ROUNDS} rounds alternating between the two, medians. Ours "
        "verifies shape and permission, binds log ids, counts metrics and reads in a repeatable-"
        "read transaction that also returns its snapshot; plain nameko does none of it.",
        (
            "call",
            "at a time",
            "plain nameko /s",
            "ours /s",
            "ratio",
            "plain p50/p99 ms",
            "ours p50/p99 ms",
        ),
    )
    for name, plain, ours in PAIRS:
        await wait_for(client, plain)
        await wait_for(client, ours)
        for concurrency in (1, 16, 64):
            rates: dict[str, list[float]] = {"plain": [], "ours": []}
            latencies: dict[str, list[float]] = {"plain": [], "ours": []}
            for _ in range(ROUNDS):
                for who, target in (("plain", plain), ("ours", ours)):
                    *each, total = await burst(client, target, concurrency)
                    rates[who].append(len(each) / total)
                    latencies[who] += each
            ratio = median([o / p for o, p in zip(rates["ours"], rates["plain"], strict=True)])
            shown = [
                f"{percentile(latencies[w], 0.5) * 1000:.1f} / "
                f"{percentile(latencies[w], 0.99) * 1000:.1f}"
                for w in ("plain", "ours")
            ]
            family.rows.append(
                (
                    name,
                    str(concurrency),
                    f"{median(rates['plain']):.0f}",
                    f"{median(rates['ours']):.0f}",
                    f"{ratio:.2f}",
                    *shown,
                )
            )
            say(f"rpc {name} ×{concurrency}: ratio {ratio:.2f}")
    await client.close()
    return family
