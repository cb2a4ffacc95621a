"""Signposts: from a path to the few operations that it may mean.

The router asks its routes one after the other, three hundred of them, and that was a fifth of the
time that a request takes here. A signpost stands before them and looks only at how many parts a
path has, and at two of them. What it does not know (another method, no such path) goes on to the
routes themselves, which say what is wrong.
"""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from gateway.operations import PREFIX, OperationRoute

Way = tuple[int, str, str]
"""How many parts a path has below the prefix, its first and its third; ``{}`` for any text."""

ANY = "{}"


class Signposts(BaseRoute):
    """Finds the route of an operation without asking the others."""

    def __init__(self, routes: Iterable[OperationRoute]) -> None:
        self._ways: dict[Way, list[OperationRoute]] = {}
        for route in routes:
            parts = _parts(route.path)
            literal = [ANY if "{" in part else part for part in parts]
            self._ways.setdefault(_way(literal), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The operation's own answer when it is one of ours, with its method; else nothing."""
        path = scope.get("path", "")
        if scope["type"] == "http" and not scope.get("root_path") and path.startswith(PREFIX):
            count, first, third = _way(_parts(path))
            for way in ((count, first, third), (count, first, ANY)):
                for route in self._ways.get(way, ()):
                    match, found = route.matches(scope)
                    if match is Match.FULL:
                        return match, found
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the route that was found."""
        await scope["route"].handle(scope, receive, send)


def _parts(path: str) -> list[str]:
    return path[len(PREFIX) + 1 :].split("/")


def _way(parts: list[str]) -> Way:
    return len(parts), parts[0], parts[2] if len(parts) > 2 else ""
