"""The modules of one community: the built-in ones as it has them, and its own.

::

    MODULES (built in) ◀── overlaid by the community's row of the same key ──┐
                                                                             ├──▶ Catalogue
    its own ones: rows with a key that nothing built in has ─────────────────┘

Which of the built-in ones are switched on stands in the community's list (identity keeps it),
which of its own ones in their rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from services.contracts.errors import Conflict, NotFound
from services.feed.domain import definitions
from services.feed.domain.modules import BY_KEY, Module, Rule, switched_on

MOST_OWN: Final = 20  # modules that a community may add
_NOBODY: Final = Rule()


class ModuleNotFound(NotFound):
    """The community has no module with this key."""

    code = "feed.module_not_found"
    zh, en = "没有这个栏目", "There is no such module"


class ModuleChangedMeanwhile(Conflict):
    """Somebody changed the module since it was read."""

    code = "feed.module_changed_meanwhile"
    zh = "这个栏目刚被别人改过，请重新打开后再改"
    en = "Somebody changed this module meanwhile; please open it again"


class BuiltIn(Conflict):
    """A built-in module is changed or switched off, never deleted."""

    code = "feed.module_built_in"
    zh, en = "内置栏目不能删除，可以停用", "A built-in module can be switched off, not deleted"


class TooManyModules(Conflict):
    """A community adds a limited number of modules."""

    code = "feed.too_many_modules"
    zh = f"自建栏目最多 {MOST_OWN} 个"
    en = f"A community adds at most {MOST_OWN} modules"


@dataclass(frozen=True, slots=True)
class Said:
    """What a community says of a module; see ``models.CommunityModule``."""

    key: str
    definition: Mapping[str, Any]
    switched_on: bool = True


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The modules of one community.

    ``own`` are the keys of its own ones, ``own_on`` those of them that are switched on.
    """

    by_key: Mapping[str, Module]
    own: frozenset[str] = frozenset()
    own_on: tuple[str, ...] = ()

    def of(self, key: str) -> Module:
        """The module of a post; one that was given up is closed, and its posts stay readable."""
        return self.by_key.get(key) or closed(key)

    def switched_on(self, kind: str, chosen: Iterable[str]) -> tuple[Module, ...]:
        """The modules that the community shows, in its order.

        Args:
            kind: of community.
            chosen: its list; empty for the usual ones of its kind. Its own modules that are
                switched on stand where the list names them, the others at the end.
        """
        listed = list(dict.fromkeys(chosen)) or [m.key for m in switched_on(kind, ())]
        off = self.own - set(self.own_on)
        named = [key for key in listed if key in self.by_key and key not in off]
        named += [key for key in self.own_on if key not in named]
        return tuple(self.by_key[key] for key in named)


BUILT_IN: Final = Catalogue(BY_KEY)


def resolve(rows: Iterable[Said]) -> Catalogue:
    """The modules of the community that says this; its own ones in the order of ``rows``."""
    said = list(rows)
    own = [row for row in said if row.key not in BY_KEY]
    changed = {
        row.key: definitions.overlaid(BY_KEY.get(row.key) or blank(row.key), row.definition)
        for row in said
    }
    return Catalogue(
        {**BY_KEY, **changed},
        frozenset(row.key for row in own),
        tuple(row.key for row in own if row.switched_on),
    )


def blank(key: str) -> Module:
    """A module about which nothing was said: members write, the committee moderates."""
    return Module(key, key, key, frozenset())


def closed(key: str) -> Module:
    """What is left of a module that was given up: read by all, tidied by the committee."""
    return replace(blank(key), post=_NOBODY, comment=_NOBODY)
