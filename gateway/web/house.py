"""What all pages of one gateway process share: templates, words, files, keys of forms."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.requests import Request

from gateway.context import Language
from gateway.gate import Gate
from gateway.shapes import Shape
from gateway.web import icons, navs, words, words_issues
from gateway.web.assets import STATIC, Assets
from gateway.web.clock import BusinessClock
from gateway.web.csrf import Guard
from gateway.web.session import Renewals
from gateway.web.texts import LANGUAGES, texts
from services.contracts.operations import BY_ID

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"


class House:
    """The parts that pages stand on."""

    def __init__(self, gate: Gate) -> None:
        self.assets = Assets(STATIC, gate.settings.var / "assets")
        self.guard = Guard(gate.settings.upload_secret_file)
        self.renewals = Renewals()
        self.clock = BusinessClock()
        self.https = gate.settings.public_url.startswith("https://")
        self.quiet_until = 0.0  # until then nobody is asked for the number beside the bell
        self._shapes: dict[str, Shape] = {}
        self._environments: Mapping[Language, Environment] = {
            language: _environment(language, self.assets.url) for language in LANGUAGES
        }

    def shape(self, operation_id: str) -> Shape:
        """How an operation's command is checked."""
        if operation_id not in self._shapes:
            self._shapes[operation_id] = Shape(BY_ID[operation_id])
        return self._shapes[operation_id]

    def render(self, template: str, language: Language, context: dict[str, Any]) -> str:
        """A template as HTML."""
        return self._environments[language].get_template(template).render(context)


class _Compiled(BytecodeCache):
    """Templates are compiled once in a process, whatever the language they speak."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled before."""
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._known[bucket.key] = bucket.bytecode_to_string()


_COMPILED: Final = _Compiled()


def _environment(language: Language, asset: Callable[[str], str]) -> Environment:
    """Templates in one language. Everything is escaped; an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )
    known = texts(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        known.gettext, known.ngettext, newstyle=True
    )
    environment.globals.update(
        asset=asset,
        icon=icons.icon,
        lang=language,
        languages=LANGUAGES,
        navs=navs,
        words=words,
        kinds=words_issues.KIND,
    )
    for name, function in words.FILTERS.items():
        environment.filters[name] = partial(function, texts=known)
    return environment


def of(request: Request, gate: Gate) -> House:
    """The house of the app that handles this request; built when the first page is asked for."""
    state = request.app.state
    house: House | None = getattr(state, "web", None)
    if house is None:
        house = state.web = House(gate)
    return house
