"""The pages' words: every message is translated, moments read as people say them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from gateway.web import moments, words
from gateway.web.texts import LOCALE, Texts, catalogues, texts
from services.contracts.actor import Role
from services.contracts.events.grid import WorkOrderState
from services.contracts.events.grid_bridge import Category
from services.contracts.operations import grid_bridge, identity

pytestmark = pytest.mark.gateway

NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)  # Thursday 14:00 in China
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
ZH, EN = Texts(), texts("en")


def messages() -> set[str]:
    """Every message of the pages; of a plural its first form."""
    with (LOCALE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(LOCALE.parent), methods, options, keywords=KEYWORDS)
    return {m if isinstance(m, str) else m[0] for _, _, m, _, _ in found}


def translations() -> dict[str, object]:
    found: dict[str, object] = {}
    for path in catalogues("en"):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="en")
        own = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalogue if m.id}
        assert not own.keys() & found.keys(), f"{path.name} says again what another one says"
        found |= own
    return found


def test_every_message_is_in_the_catalogue_and_no_other():
    assert messages() == set(translations())


def test_every_message_is_translated():
    for key, message in translations().items():
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms) and not message.fuzzy, key
        assert not any(re.search(r"[\u4e00-\u9fff]", form) for form in forms), key


def test_a_translation_names_what_its_message_names():
    for key, message in translations().items():
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            for pattern in (r"%\(\w+\)s", r"{\w+}"):
                assert set(re.findall(pattern, form)) == set(re.findall(pattern, key)), key


def test_no_chinese_stands_in_a_template_outside_of_a_message():
    allowed = {"匿"}  # the sign of a hidden name, shown in Chinese alone
    for path in sorted((LOCALE.parent / "templates").rglob("*.html")):
        text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S)
        text = re.sub(r"(?:_|ngettext)\((?:\"[^\"]*\"|'[^']*')(?:, \"[^\"]*\")?", "", text)
        left = set(re.findall(r"[\u4e00-\u9fff]", text)) - allowed
        assert not left, (path.name, left)


# -- the contract's keys ---------------------------------------------------------------------------


def literals(annotation) -> set[str]:
    return set(annotation.__args__)


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        (literals(grid_bridge.IssueStatus), words.STATUS),
        (literals(Category), words.CATEGORY),
        (literals(Category), words.CATEGORY_MEANS),
        (literals(grid_bridge.Step), words.STEP),
        (literals(grid_bridge.AnswerOutcome), words.ANSWER),
        (literals(identity.Relation), words.RELATION),
        (literals(identity.MembershipStatus), words.MEMBERSHIP),
        ({role.value for role in Role}, words.ROLE),
        (literals(WorkOrderState), words.KIND),
    ],
)
def test_every_key_of_the_contract_has_its_word(keys, table):
    assert keys <= set(table)


def test_a_key_of_a_newer_service_is_shown_as_it_is():
    assert words.label("brand_new", words.STATUS, ZH) == "brand_new"
    assert words.look("brand_new", words.STATUS) == "rest"


@pytest.mark.parametrize(
    ("name", "sign"),
    [("孙奶奶", "孙"), ("老陆", "陆"), ("小王", "王"), ("阿", "阿"), ("ann", "A"), ("", "·")],
)
def test_somebody_is_known_by_the_surname(name, sign):
    assert words.initial(name) == sign


# -- moments ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "zh", "en"),
    [
        (timedelta(seconds=5), "刚刚", "just now"),
        (timedelta(minutes=12), "12 分钟前", "12 min ago"),
        (timedelta(hours=3), "今天 11:00", "today 11:00"),
        (timedelta(hours=14, minutes=1), "昨天 23:59", "yesterday 23:59"),
        (timedelta(days=3), "3月2日 14:00", "3/2 14:00"),
        (timedelta(days=400), "2025年1月29日", "2025-1-29"),
        (-timedelta(hours=2), "今天 16:00", "today 16:00"),
    ],
)
def test_what_happened_is_told_from_now(ago, zh, en):
    at = (NOW - ago).isoformat()
    assert moments.ago(at, NOW, ZH) == zh
    assert moments.ago(at, NOW, EN) == en


@pytest.mark.parametrize(
    ("ahead", "due", "left"),
    [
        (timedelta(hours=3), "今天 17:00", "还有 3 小时"),
        (timedelta(hours=26), "明天 16:00", "还有 1 天 2 小时"),
        (timedelta(days=4), "3月9日（周一）14:00", "还有 4 天"),
        (timedelta(minutes=-90), "今天 12:30", "已超过 1 小时 30 分钟"),
        (timedelta(seconds=30), "今天 14:00", "还有 1 分钟"),
    ],
)
def test_what_is_promised_is_told_by_its_day(ahead, due, left):
    at = (NOW + ahead).isoformat()
    assert moments.due(at, NOW, ZH) == due
    assert moments.left(at, NOW, ZH) == left


def test_the_exact_time_is_there_for_whoever_asks():
    assert moments.exact("2026-03-05T06:05:00Z", ZH) == "2026年3月5日 周四 14:05"
    assert moments.exact("2026-03-05T06:05:00Z", EN) == "Thu 2026-3-5 14:05"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01"])
def test_a_day_that_is_none_is_none(text):
    assert moments.end_of_day(text) is None


def test_moments_of_forms_are_on_chinas_clock():
    assert moments.local_minute("2026-03-05T14:05") == "2026-03-05T14:05:00+08:00"
    assert moments.local_minute("soon") is None


def test_the_catalogue_is_where_the_pages_look_for_it():
    assert catalogues("en") and EN.gettext("首页") == "Home"
