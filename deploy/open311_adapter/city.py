"""The city's GeoReport v2 server, over HTTP.

Every wait has a limit, redirects are not followed (the key would go along), and an answer of more
than :data:`MOST_BYTES` is none.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree

import httpx

from .rules import Standing
from .settings import Settings

MOST_BYTES: Final = 5_000_000
_AGAIN: Final = frozenset({408, 425, 429})
_UNREADABLE: Final = (ValueError, LookupError, RecursionError, ElementTree.ParseError)


class CityAway(Exception):
    """Nobody knows what became of it: try again later. The text holds no word of a request."""


class CityRefuses(Exception):
    """The city understood and says no; a person must look."""


class City:
    """One server; belongs to the thread that made it."""

    def __init__(self, settings: Settings) -> None:
        self._form = settings.open311_format
        self._key = settings.open311_api_key.get_secret_value()
        self._jurisdiction = settings.open311_jurisdiction
        self._client = httpx.Client(
            base_url=settings.open311_url.rstrip("/"),
            timeout=settings.open311_timeout_seconds,
            follow_redirects=False,
        )

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def send(self, form: Mapping[str, str]) -> tuple[str, str]:
        """Send a request; its id and token, one of them empty.

        Raises:
            CityAway, CityRefuses: see there.
        """
        found = self._items("POST", "requests", {**form, "api_key": self._key})
        first = next(iter(found), {})
        request_id, token = _text(first, "service_request_id"), _text(first, "token")
        if not request_id and not token:
            raise CityAway("an answer with neither id nor token")
        return request_id, token

    def of_token(self, token: str) -> str:
        """The id that a token became; empty as long as it has not."""
        found = self._items("GET", f"tokens/{quote(token, safe='')}", {})
        return _text(next(iter(found), {}), "service_request_id")

    def standing(self, ids: Sequence[str]) -> dict[str, Standing]:
        """How these requests stand, by id; those that the city does not name are not in it."""
        if not ids:
            return {}
        try:
            found = self._items("GET", "requests", {"service_request_id": ",".join(ids)})
        except CityRefuses:
            if len(ids) == 1:
                raise
            return self._one_by_one(ids)
        return {
            _text(one, "service_request_id"): Standing(
                _text(one, "status"), _text(one, "status_notes"), _text(one, "agency_responsible")
            )
            for one in found
        }

    def _one_by_one(self, ids: Sequence[str]) -> dict[str, Standing]:
        """A request that the city no longer has must not hide the others."""
        told: dict[str, Standing] = {}
        for one in ids:
            with suppress(CityRefuses):
                told |= self.standing([one])
        return told

    def named(self, mark: str, service_code: str, since: str) -> list[str]:
        """The requests since then whose description holds ``mark``, the earliest first."""
        query = {"service_code": service_code, "start_date": since}
        found = [
            (_text(one, "requested_datetime"), _text(one, "service_request_id"))
            for one in self._items("GET", "requests", query)
            if mark in _text(one, "description")
        ]
        return [request_id for _, request_id in sorted(found)]

    def _items(
        self, method: str, path: str, values: Mapping[str, str]
    ) -> Sequence[Mapping[str, Any]]:
        said = {**values, **({"jurisdiction_id": self._jurisdiction} if self._jurisdiction else {})}
        part = {"data": said} if method == "POST" else {"params": said}
        try:
            with self._client.stream(method, f"/{path}.{self._form}", **part) as response:  # type: ignore[arg-type]
                body = b"".join(_bounded(response))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise CityAway(type(error).__name__) from None
        if response.status_code >= 500 or response.status_code in _AGAIN:
            raise CityAway(f"status {response.status_code}")
        if not response.is_success:
            raise CityRefuses(f"status {response.status_code}: {self._reason(body)}")
        try:
            return self._read(body)
        except _UNREADABLE:
            raise CityAway("an answer that cannot be read") from None

    def _reason(self, body: bytes) -> str:
        try:
            return "; ".join(_text(one, "description") for one in self._read(body))[:500]
        except _UNREADABLE:
            return "no reason that could be read"

    def _read(self, body: bytes) -> list[dict[str, Any]]:
        if self._form == "xml":
            # Expat follows no external entity and bounds inner ones by itself (2.4 and later).
            root = ElementTree.fromstring(body)  # noqa: S314
            return [{part.tag: part.text for part in one} for one in root]
        value = httpx.Response(200, content=body).json()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise ValueError("not a list of objects")
        return value


def _bounded(response: httpx.Response) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > MOST_BYTES:
            raise httpx.ReadError("too large")
        yield chunk


def _text(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name)
    return "" if value is None else str(value).strip()
