"""Identity: tokens verified, log-ins a second, and look-ups among more and more people."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil
from sqlalchemy import select

from deploy.client import Client
from deploy.demo.people import CODE
from deploy.local.keys import DATA_KEYS, make_keys
from deploy.seed.filling import Job, fill
from services.contracts import demo
from services.contracts.actor import Actor
from services.contracts.operations.identity import RoleView
from services.identity import repository
from services.identity.crypto import Vault
from services.identity.crypto import vault as vault_in
from services.identity.handlers import me
from services.identity.models import PersonRow
from services.identity.seed import reference
from services.identity.seed.neighbourhood import neighbourhood
from services.identity.seed.reference import MADE_AT, Size
from services.kit.aio_rpc import RpcClient
from services.kit.db import make_engine
from services.kit.tokens import TokenVerifier
from services.kit.uow import UnitOfWorkFactory
from tests.bench.report import Family, Say, median, percentile
from tests.support import infra
from tests.support.keys import Signer
from tests.support.platform import on_shared_servers

TOKENS = 3_000
LOGINS = 1_000
AT_A_TIME = (1, 16, 64)
ROUNDS = 3
SIZES = (Size(1, 1_000), Size(9, 10_000), Size(88, 100_000), Size(565, 640_000))
REVOCATIONS = 60
PATIENCE = 30.0
ADMIN = "13800000008"  # of the demo district
LOOKUPS = 300  # of each kind, size and round
LOOKUP_ROUNDS = 10


class Resident(NamedTuple):
    """Somebody to look up."""

    person_id: str
    phone: str


def measure(folder: Path, say: Say) -> list[Family]:
    """The families of figures."""
    return [
        verification(folder, say),
        logins(folder, say),
        revocations(folder, say),
        lookups(folder, say),
    ]


# -- tokens ----------------------------------------------------------------------------------------


def verification(folder: Path, say: Say) -> Family:
    """Access tokens verified a second, seen before or not."""
    signer = Signer(folder)
    grants = [("resident", "ref.t01.c0001"), ("party_member", "ref.t01.c0001")]
    rates: dict[str, list[float]] = {"first": [], "again": []}
    for number in range(ROUNDS):
        tokens = [signer.token(f"p-{number}-{i}", grants) for i in range(TOKENS)]
        verifier = TokenVerifier(signer.jwks_file)
        verifier.verify(tokens[0])  # has read its keys
        for seen in ("first", "again"):
            started = time.perf_counter()
            for token in tokens[1:]:
                verifier.verify(token)
            rates[seen].append((TOKENS - 1) / (time.perf_counter() - started))
    first, again = median(rates["first"]), median(rates["again"])
    say(f"tokens: {first:.0f}/s at first sight, {again:.0f}/s again")
    return Family(
        "Identity: tokens verified",
        f"`tests/bench/identity.py`: {TOKENS} Ed25519 tokens with two grants through the kit's "
        f"verifier in one process, without network or database; {ROUNDS} rounds, medians.",
        ("token", "per second", "µs each"),
        [
            ("seen for the first time", f"{first:.0f}", f"{1e6 / first:.0f}"),
            ("seen before (cached)", f"{again:.0f}", f"{1e6 / again:.1f}"),
        ],
    )


# -- logging in ------------------------------------------------------------------------------------


def logins(folder: Path, say: Say) -> Family:
    """Log-ins a second through the real processes."""
    settings = {"SHEQU_RATE_LIMITS": "off", "SHEQU_LOG_LEVEL": "WARNING"}
    size = SIZES[0]
    with on_shared_servers(folder / "logins", **settings) as platform:
        keys = platform.layout.keys / DATA_KEYS
        fill(Job(size, {"identity": platform.database_url("identity")}, keys))
        phones = [one.phone for one in residents(size, LOGINS)]
        amqp_url = platform.plan.values()["SHEQU_AMQP_URL"]
        working = [psutil.Process(platform.pid(name)) for name in ("identity", "gateway")]
        rows = asyncio.run(_log_in(platform.api, amqp_url, phones, working, say))
    return Family(
        "Identity: log-ins",
        f"`tests/bench/identity.py`: {LOGINS} people of a seeded district log in with the demo's "
        "code (createToken: phone found by its blind index, session and refresh token written, "
        "roles read, token signed), one identity process and one gateway, the load generator on "
        f"the same machine; {ROUNDS} rounds, medians. CPU is what each of the two processes spent "
        "on one log-in; PostgreSQL, RabbitMQ and the load generator share the cores with them.",
        (
            "through",
            "at a time",
            "log-ins/s",
            "p50 ms",
            "p99 ms",
            "identity CPU ms",
            "gateway CPU ms",
        ),
        rows,
        "Asked for: ≥ 100 log-ins/s on 2 cores.",
    )


async def _log_in(
    api: str,
    amqp_url: str,
    phones: Sequence[str],
    working: Sequence[psutil.Process],
    say: Say,
) -> list[tuple[str, ...]]:
    client = RpcClient(amqp_url, "bench")
    await client.start()
    await client.wait_attached(10)
    limits = httpx.Limits(max_connections=max(AT_A_TIME))
    async with httpx.AsyncClient(limits=limits, timeout=20) as http:

        async def by_rpc(phone: str) -> None:
            told = {"phone": phone, "code": CODE}
            await client.call("identity", "create_token", told, timeout=20)

        async def by_http(phone: str) -> None:
            told = {"phone": phone, "code": CODE}
            answer = await http.post(f"{api}/auth/tokens", json=told)
            answer.raise_for_status()

        rows = []
        for name, act in (("RPC", by_rpc), ("HTTP and RPC", by_http)):
            await asyncio.gather(*map(act, phones[:20]))  # everything is warm
            for at_a_time in AT_A_TIME:
                rates, latencies = [], []
                before = [_cpu(process) for process in working]
                for _ in range(ROUNDS):
                    *each, total = await _burst(act, phones, at_a_time)
                    rates.append(len(each) / total)
                    latencies += each
                p50, p99 = (percentile(latencies, share) * 1000 for share in (0.5, 0.99))
                spent = [_cpu(p) - b for p, b in zip(working, before, strict=True)]
                cpu = [f"{seconds / len(latencies) * 1000:.1f}" for seconds in spent]
                rows.append(
                    (name, str(at_a_time), f"{median(rates):.0f}", f"{p50:.1f}", f"{p99:.1f}", *cpu)
                )
                say(f"log-ins by {name} ×{at_a_time}: {median(rates):.0f}/s")
    await client.close()
    return rows


def _cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process has used so far."""
    times = process.cpu_times()
    return times.user + times.system


async def _burst(
    act: Callable[[str], Awaitable[None]], phones: Sequence[str], at_a_time: int
) -> list[float]:
    """How long each log-in took; the whole burst as last value."""
    latencies: list[float] = []
    left = iter(phones if at_a_time > 1 else phones[: len(phones) // 4])

    async def worker() -> None:
        for phone in left:
            started = time.perf_counter()
            await act(phone)
            latencies.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_a_time)))
    return [*latencies, time.perf_counter() - started]


# -- a right that ends -----------------------------------------------------------------------------


def revocations(folder: Path, say: Say) -> Family:
    """How long a token is still let in after its office was taken, through the real processes."""
    settings = {"SHEQU_RATE_LIMITS": "off", "SHEQU_LOG_LEVEL": "WARNING"}
    with (
        on_shared_servers(folder / "revocations", **settings) as platform,
        Client(platform.url, connections=4) as api,
    ):
        admin = api.login(ADMIN, CODE)
        _taken(api, admin, 0)  # everything is warm
        took = [_taken(api, admin, number) * 1000 for number in range(1, REVOCATIONS + 1)]
    p50, p99, longest = percentile(took, 0.5), percentile(took, 0.99), max(took)
    say(f"revoked roles: refused after {p50:.0f} ms, at most {longest:.0f} ms")
    return Family(
        "Identity: a role taken in the middle of a session",
        f"`tests/bench/identity.py`: {REVOCATIONS} members of a committee, each logged in with an "
        "office and let in by it; from the answer to revokeRole (committed with its event) through "
        "outbox, relay, broker and gateway to the first request with her token that is refused "
        "(asked again and again, one at a time).",
        ("refused after", "ms"),
        [
            ("p50", f"{p50:.0f}"),
            ("p99", f"{p99:.0f}"),
            ("longest", f"{longest:.0f}"),
        ],
        "Asked for: < 1 s.",
    )


def _taken(api: Client, admin: Client, number: int) -> float:
    """Seconds from the answer to the refusal; ``number`` is of the phone that she logs in with."""
    phone = f"137{number:08d}"
    person = api.login(phone, CODE).person_id
    office = {"person_id": person, "role": "committee_staff", "scope": demo.PATH_SHANGYUAN}
    grant = admin.post(RoleView, "/roles", office).id
    staff = api.login(phone, CODE)
    desk = {"Authorization": f"Bearer {staff.session.tokens.access_token}"} if staff.session else {}
    path = f"/api/v1/communities/{demo.SHANGYUAN}/qr"
    if (first := api.http.get(path, headers=desk)).status_code != 200:
        raise RuntimeError(f"she was not let in: {first.text}")
    admin.send("DELETE", f"/roles/{grant}")
    answered = time.perf_counter()
    while api.http.get(path, headers=desk).status_code != 401:
        if time.perf_counter() - answered > PATIENCE:
            raise RuntimeError("she is still let in")
    return time.perf_counter() - answered


# -- look-ups --------------------------------------------------------------------------------------


def lookups(folder: Path, say: Say, sizes: Sequence[Size] = SIZES) -> Family:
    """How long it takes to find somebody among more and more people."""
    make_keys(folder / "keys")
    vault = vault_in(folder / "keys" / DATA_KEYS)
    times: dict[str, dict[Size, list[float]]] = {}
    with ExitStack() as stack:
        asked = {size: stack.enter_context(_district(size, folder, say)) for size in sizes}
        # round after round over all sizes, so that the machine's moods meet each of them
        for number in range(LOOKUP_ROUNDS + 1):
            for size, units in asked.items():
                people = residents(size, LOOKUPS, dice=random.Random(number))
                for name, ways in _looks(units, vault, people).items():
                    took = [_timed(way) for way in ways]
                    if number:  # the first round warms
                        times.setdefault(name, {}).setdefault(size, []).extend(took)
    rows = []
    for name, by_size in times.items():
        p50 = {size: percentile(by_size[size], 0.5) * 1e6 for size in sizes}
        ratio = p50[sizes[-1]] / p50[sizes[0]]
        rows.append((name, *(f"{p50[size]:.0f}" for size in sizes), f"{ratio:.2f}"))
        say(f"look-up {name}: ratio {ratio:.2f}")
    return Family(
        "Identity: look-ups among more and more people",
        "`tests/bench/identity.py`: reference districts as `make seed` makes them (real envelopes, "
        "blind indexes, every index and constraint), one database each; "
        f"{LOOKUPS * LOOKUP_ROUNDS} random people per cell, each in a read-only transaction of "
        "its own in one process, medians in µs, rounds alternating between the sizes.",
        ("look-up", *(f"{size.residents:,}" for size in sizes), "ratio last / first"),
        rows,
        "Asked for: ratio ≤ 1.5.",
    )


def residents(size: Size, count: int, dice: random.Random | None = None) -> list[Resident]:
    """Random people with a membership, of a few random communities."""
    dice = dice or random.Random(1)
    frame = reference.frame(size)
    chosen = dice.sample(range(size.communities), min(10, size.communities))
    everybody = [
        Resident(member.person_id, member.phone)
        for number in chosen
        for member in neighbourhood(frame, number + 1).members
        if member.status == "active"
    ]
    return dice.sample(everybody, min(count, len(everybody)))


@contextmanager
def _district(size: Size, folder: Path, say: Say) -> Iterator[UnitOfWorkFactory]:
    with infra.database("identity") as url:
        started = time.perf_counter()
        fill(Job(size, {"identity": url}, folder / "keys" / DATA_KEYS))
        say(f"look-ups: {size.residents:,} people in {time.perf_counter() - started:.0f} s")
        engine = make_engine(url, pool=2)
        try:
            yield UnitOfWorkFactory(engine, "identity")
        finally:
            engine.dispose()


def _looks(
    units: UnitOfWorkFactory, vault: Vault, people: Sequence[Resident]
) -> dict[str, list[Callable[[], Any]]]:
    """The ways to look each of some people up."""

    def by_phone(index: str) -> Any:
        with units(read_only=True) as uow:
            return uow.session.scalars(
                select(PersonRow).where(PersonRow.phone_index == index)
            ).one()

    def memberships(person_id: str) -> Any:
        with units(read_only=True) as uow:
            return repository.memberships_of(uow.session, person_id)[0]

    def my_page(person_id: str) -> Any:
        actor = Actor(person_id, "s", (), 2**31)
        with units(read_only=True) as uow:
            return me.get_me(uow, actor, MADE_AT).memberships[0]

    return {
        "person by phone (blind index)": [
            partial(by_phone, vault.index("phone", one.phone)) for one in people
        ],
        "memberships by person": [partial(memberships, one.person_id) for one in people],
        "my page (getMe)": [partial(my_page, one.person_id) for one in people],
    }


def _timed(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
