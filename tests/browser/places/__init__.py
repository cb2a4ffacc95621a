"""Where each page can be seen in the demo district: by whom, and at which address.

Every page that is asked for with GET has its line in one of these modules; `test_every_page.py`
goes to each, and finds out when one is missing.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from deploy.client import Client
from services.contracts import demo
from tests.support.http_asks import send

GRANNY_SUN, OLD_LU, SECRETARY, CLERK, OBSERVER, VILLAGER = (
    "13800000001", "13800000002", "13800000003", "13800000004", "13800000005", "13800000010",
)  # fmt: skip
HOME = demo.SHANGYUAN


class Known:
    """Asks the running system for what a page needs to have an address."""

    def __init__(self, login: Callable[[str], Client], seeds: dict[str, Any]) -> None:
        self._login = login
        self.seeds = seeds
        self._made: dict[str, Any] = {}

    def get(self, phone: str, path: str, **params: str) -> Any:
        """The answer of the API to somebody."""
        answer = send(self._login(phone), "GET", path, params=params)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    def post(self, phone: str, path: str, **fields: Any) -> Any:
        """What the API answers to somebody who does something."""
        answer = send(self._login(phone), "POST", path, json=fields)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def upload(self, phone: str, path: str, name: str, data: bytes, **asked: str) -> Any:
        """What the API answers to somebody who brings a file."""
        files = {"file": (name, data)}
        answer = send(self._login(phone), "POST", path, params=asked, files=files)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def put(self, phone: str, path: str, **fields: Any) -> Any:
        """What the API answers to somebody who sets something."""
        answer = send(self._login(phone), "PUT", path, json=fields)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def patch(self, phone: str, path: str, **fields: Any) -> Any:
        """What the API answers to somebody who changes something."""
        answer = send(self._login(phone), "PATCH", path, json=fields)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def made(self, name: str, make: Callable[["Known"], Any]) -> Any:
        """What several places need, and is made once."""
        if name not in self._made:
            self._made[name] = make(self)
        return self._made[name]

    def first(self, phone: str, path: str, **params: str) -> Any:
        """The first of a list."""
        items = self.get(phone, path, **params)["items"]
        assert items, f"the demo district has nothing at {path} {params}"
        return items[0]


@dataclass(frozen=True, slots=True)
class Place:
    """A page, and how to get there.

    Args:
        page: its path, as the table of pages has it.
        who: the phone of who looks at it; empty: nobody in particular.
        at: its address, or what finds it; without it the path is the address.
        name: what its pictures are called; needed where a page has several places.
        status: with which it answers.
        look: how she likes to read (``large.simple``).
    """

    page: str
    who: str = GRANNY_SUN
    at: str | Callable[[Known], str] = ""
    name: str = ""
    status: int = 200
    look: str = ""

    def address(self, known: Known) -> str:
        """Where the browser goes."""
        return self.at(known) if callable(self.at) else (self.at or self.page)

    @property
    def called(self) -> str:
        """For pictures and reports."""
        if self.name:
            return self.name
        words = (part.strip("{}") for part in self.page.split("/"))
        return "-".join(word for word in words if word) or "home"


@cache
def places() -> tuple[Place, ...]:
    """All of them, module by module."""
    found: list[Place] = []
    for module in pkgutil.iter_modules(__path__):
        found += importlib.import_module(f"{__name__}.{module.name}").PLACES
    names = [place.called for place in found]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"two places of one name: {twice}"
    return tuple(found)
