"""What the docs name is there: links, files, commands, variables, events, metrics, tables."""

import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

from deploy import lint
from deploy.processes import SERVICES
from docs import tables
from services.contracts.events import REGISTRY
from tests.support import howto
from tests.support.howto import CannotFollow, Command, Edit

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
SINGLE = ("README.md", "CHANGELOG.md", "deploy/grid_platform/README.md")
PAGES = [*(ROOT / name for name in SINGLE), *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
HOWTOS = {page.stem: page for page in (ROOT / "docs/how-to").glob("add-*.md")}
FOLDERS = "services|gateway|deploy|tests|docs|requirements"
MADE = ("deploy/secrets",)  # by a command that the page names, not kept in git

LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(rf"(?<![\w/.-])(?:{FOLDERS})/[\w./*<>-]*[\w*>]")
ANCHOR = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def made_by_howtos() -> set[str]:
    """Files that the how-to pages make, and commands of theirs that make more."""
    steps = [s for page in HOWTOS.values() for s in howto.read(page.read_text(encoding="utf-8"))]
    new = {step.path for step in steps if isinstance(step, Edit) and step.where == "new"}
    return {*new, "tests/contracts/golden/post.pinned.v1/votes.candidates.json"}


@cache
def code() -> str:
    """All that we wrote for machines, in one text: read once for the fifty pages."""
    paths = [
        path
        for pattern in ("*.py", "*.yaml")
        for folder in ("services", "gateway", "deploy")
        for path in (ROOT / folder).rglob(pattern)
    ]
    return "".join(path.read_text(encoding="utf-8") for path in (*paths, ROOT / "Makefile"))


@cache
def variables_of_code() -> set[str]:
    return set(re.findall(r"\bSHEQU_\w+", code()))


def slug(heading: str) -> str:
    """The anchor that readers of Markdown make from a heading."""
    plain = re.sub(r"[`*]", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name):
    missing = []
    for groups in LINK.findall(FENCED.sub("", TEXTS[name])):
        target = groups[0] or groups[1]
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        page = (ROOT / name).parent.joinpath(path).resolve() if path else ROOT / name
        if not page.exists():
            missing.append(target)
        elif anchor and page.suffix == ".md":
            headings = ANCHOR.findall(page.read_text(encoding="utf-8"))
            if anchor not in {slug(heading) for heading in headings}:
                missing.append(target)
    assert missing == []


@pytest.mark.parametrize("name", TEXTS)
def test_files_that_are_named_exist(name):
    known = made_by_howtos() if name.startswith("docs/how-to/") else set()
    missing = []
    for place in PLACE.findall(TEXTS[name]):
        pattern = re.sub(r"<[^>]*>", "*", place)
        if place.startswith(MADE) or any(path.startswith(place) for path in known):
            continue
        if not (list(ROOT.glob(pattern)) or (ROOT / name).parent.joinpath(place).exists()):
            missing.append(place)
    assert missing == []


@pytest.mark.parametrize("name", TEXTS)
def test_make_targets_that_are_named_exist(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    blocks = FENCED.findall(TEXTS[name])
    said = [*CODE.findall(TEXTS[name]), *(line for block in blocks for line in block.splitlines())]
    named = {
        word for line in said for word in re.findall(r"(?:^|[\s$(])make ([a-z][a-z-]*)\b", line)
    }
    assert named <= targets, named - targets


@pytest.mark.parametrize("name", TEXTS)
def test_programs_that_are_named_exist(name):
    named = set(re.findall(r"python -m ([a-z_]\w*(?:\.[a-z_]\w*)*)", TEXTS[name]))
    named -= {"services.chronicle"} if "how-to" in name else set()
    missing = [module for module in sorted(named) if not importlib.util.find_spec(module)]
    assert missing == []


@pytest.mark.parametrize("name", TEXTS)
def test_variables_that_are_named_are_read_somewhere(name):
    services = "IDENTITY|FEED|VOTES|GRID_BRIDGE|NOTIFY"
    missing = [
        variable
        for variable in sorted(set(re.findall(r"SHEQU_[A-Z_]*[A-Z]", TEXTS[name])))
        if variable not in variables_of_code()
        and not re.fullmatch(rf"SHEQU_({services})_DATABASE_URL", variable)
        and variable.removeprefix("SHEQU_").lower() not in code()
        and not ("how-to" in name and variable == "SHEQU_CHRONICLE_DATABASE_URL")
    ]
    assert missing == []


@pytest.mark.parametrize("name", TEXTS)
def test_event_types_and_metrics_that_are_named_exist(name):
    events = set(re.findall(r"\b[a-z_]+\.[a-z_]+\.v\d+\b", TEXTS[name])) - set(REGISTRY)
    assert events <= ({"post.pinned.v1"} if "how-to" in name else set())
    shown = tables.metric_names()
    databases = {f"shequ_{service}" for service in SERVICES}
    for metric in set(re.findall(r"\bshequ_[a-z_]+", TEXTS[name])) - databases:
        assert metric.startswith("shequ_demo") or f"`{metric}" in shown, metric


def test_the_tables_say_what_the_code_says():
    assert tables.stale() == [], "renew them: .venv/bin/python -m docs.tables"


def test_every_table_of_a_page_is_one_that_is_renewed():
    for name, text in TEXTS.items():
        asked = re.findall(r"<!-- table: ([\w-]+) -->", text)
        assert set(asked) <= set(tables.TABLES), name
        assert not asked or name in tables.PAGES, name
    used = {t for text in TEXTS.values() for t in re.findall(r"<!-- table: ([\w-]+) -->", text)}
    assert used == set(tables.TABLES)


def test_a_stale_table_is_noticed():
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert tables.renewed(page.replace("`createPost`", "`createPoem`")) == page


NEW_EVENT = """

class PostMended(Event, source="feed", type="post.mended", version=1, subject="post_id"):
    \"\"\"A post was mended.\"\"\"

    post_id: str
"""


def test_lint_notices_what_a_new_event_makes_stale_and_format_renews_the_tables(
    tmp_path, monkeypatch, capsys
):
    howto.copy_checkout(tmp_path)
    generated = {"tables of the docs", "exported events"}
    monkeypatch.setattr(lint, "ROOT", tmp_path)
    monkeypatch.setattr(lint, "CHECKS", tuple(c for c in lint.CHECKS if c.name in generated))
    with (tmp_path / "services/contracts/events/feed.py").open("a") as events:
        events.write(NEW_EVENT)
    assert lint.main([]) == 1
    said = capsys.readouterr().out
    assert "docs/contracts.md is out of date: .venv/bin/python -m docs.tables" in said
    renew = ".venv/bin/python -m services.contracts.export"
    assert f"deploy/contracts/events/post.mended.v1.json is out of date: {renew}" in said
    assert lint.main(["--mend"]) == 0
    assert "| `post.mended.v1` | feed |" in (tmp_path / "docs/contracts.md").read_text()


def test_decisions_are_numbered_listed_and_say_what_they_cost():
    pages = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]} "), page.name
        assert re.search(r"^20\d\d-\d\d-\d\d · (accepted|replaced)", text, re.MULTILINE), page.name
        for part in ("Context", "Decision", "Consequences"):
            assert f"\n## {part}\n" in text, (page.name, part)
        assert f"({page.name})" in index, page.name


def test_decisions_that_the_code_names_exist():
    named = set(re.findall(r"ADR (\d{4})", code()))
    assert named
    for number in named:
        assert list((ROOT / "docs/adr").glob(f"{number}-*.md")), number


# -- the follower of the how-to pages --------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(HOWTOS))
def test_every_howto_is_followed_by_a_test(name):
    followed = {
        page
        for path in (ROOT / "tests").rglob("test_howto_*.py")
        for page in re.findall(r'howto\.follow\("([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert name in followed


@pytest.mark.parametrize("name", TEXTS)
def test_pages_with_pieces_of_files_are_kept_from_the_formatter(name):
    """`make format` would close the brackets of every piece that ends in a comma."""
    if "```py" in TEXTS[name]:
        assert TEXTS[name].startswith("<!-- fmt: off -->\n")


def test_steps_are_read_in_order():
    page = (
        "New file `a.py`:\n\n```python\nx = 1\n```\n\nread this:\n\n```python\ny = 2\n```\n\n"
        "In `a.py`, after the line `x = 1`:\n\n```python\nz = 3\n```\n\n```console\n$ true\n```\n"
    )
    assert howto.read(page) == [
        Edit("a.py", "new", "", "x = 1\n"),
        Edit("a.py", "after", "x = 1", "z = 3\n"),
        Command("true"),
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("after", "one\nnew\ntwo\n"),
        ("before", "new\none\ntwo\n"),
        ("instead of", "new\ntwo\n"),
        ("end", "one\ntwo\n\n\nnew\n"),
    ],
)
def test_a_step_puts_its_text_where_it_says(tmp_path, where, expected):
    (tmp_path / "a").write_text("one\ntwo\n")
    Edit("a", where, "one", "new\n").apply(tmp_path)
    assert (tmp_path / "a").read_text() == expected


@pytest.mark.parametrize(
    "step",
    [
        Edit("a", "after", "three", "new\n"),
        Edit("a", "after", "twice", "new\n"),
        Edit("a", "new", "", "new\n"),
        Edit("b", "end", "", "new\n"),
    ],
    ids=["no such line", "line twice", "there already", "no such file"],
)
def test_a_step_that_does_not_fit_is_refused(tmp_path, step):
    (tmp_path / "a").write_text("one\ntwice\ntwice\n")
    with pytest.raises(CannotFollow):
        step.apply(tmp_path)


@pytest.mark.parametrize("line", ["false", "make up", "make test lane=green"])
def test_a_command_that_fails_or_would_set_up_something_is_refused(tmp_path, line):
    with pytest.raises(CannotFollow):
        Command(line).run(tmp_path, [])


def test_a_migration_takes_the_next_free_number(tmp_path):
    folder = tmp_path / "services/x/migrations"
    folder.mkdir(parents=True)
    (folder / "0007_last.py").touch()
    text = 'revision = "0002"\ndown_revision = "0001"\n'
    Edit("services/x/migrations/0002_more.py", "new", "", text).apply(tmp_path)
    made = (folder / "0008_more.py").read_text()
    assert made == 'revision = "0008"\ndown_revision = "0007"\n'


def test_an_error_code_has_one_status_and_one_meaning():
    rows = [row.split("|")[1:] for row in tables.errors().splitlines()[2:]]
    meanings: dict[str, set[tuple[str, ...]]] = {}
    for code, *meaning in rows:
        meanings.setdefault(code.strip(), set()).add(tuple(word.strip() for word in meaning))
    assert len(meanings) > 100
    assert {code: said for code, said in meanings.items() if len(said) > 1} == {}
