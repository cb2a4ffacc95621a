"""Many things of a list at once: each by itself, with a key of its own, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar
from uuid import UUID, uuid5

from gateway.web.forms import Form
from services.contracts.errors import Invalid
from services.contracts.ids import is_id

MOST: Final = 20
"""Things that are done by one press of a button."""
AT_ONCE: Final = 4

Done = TypeVar("Done")


class NothingTicked(Invalid):
    """The button was pressed before a problem was ticked."""

    code = "web.nothing_ticked"
    zh, en = "请先勾选要办的问题", "Please tick some problems first"


class TooManyTicked(Invalid):
    """More than are worked off at once."""

    code = "web.too_many_ticked"
    zh, en = "一次最多办二十件", "At most twenty at once"


def ticked(form: Form) -> list[str]:
    """The ids of what was ticked, each once."""
    return list(dict.fromkeys(one for one in form.many("pick[]") if is_id(one)))


def own_key(form: Form, what: str) -> str:
    """The Idempotency-Key of one of them, and the same when the form is sent again."""
    return str(uuid5(UUID(form.key), what))


async def each(ids: Iterable[str], do: Callable[[str], Awaitable[Done]]) -> list[Done]:
    """What became of each, in their order."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(id_: str) -> Done:
        async with slots:
            return await do(id_)

    return await asyncio.gather(*(one(id_) for id_ in ids))
