"""The rules of what neighbours share."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Invalid
from services.contracts.operations import feed as ops
from services.feed.domain import fields, modules, posts, speaking, texts
from services.feed.domain.own_modules import BUILT_IN

pytestmark = pytest.mark.unit

PATH = "demo.yuepu.shangyuan"
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def somebody(*grants: tuple[Role, str]) -> Actor:
    return Actor("p", "s", tuple(Grant(*grant) for grant in grants), 2**31)


# -- texts


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("转让婴儿床", "转让婴儿床"),
        ("转\u200b让\ufeff床", "转让床"),
        ("付\u202e款100\u202c元", "付款100元"),
        ("响铃\x07\x1b[31m红", "响铃[31m红"),
        ("一行\r\n二行\r三行", "一行\n二行\n三行"),
        ("行尾空格   \n好", "行尾空格\n好"),
        ("上\n\n\n\n\n\n\n下", "上\n\n\n下"),
        ("<script>alert(1)</script> & <b>", "<script>alert(1)</script> & <b>"),
        ("一家人👨\u200d👩\u200d👧", "一家人👨\u200d👩\u200d👧"),
        ("红心❤\ufe0f\u200d🔥", "红心❤\ufe0f\u200d🔥"),
        ("藏\u200d字", "藏字"),
        ("生僻字𠮷𪚥㐂\uf900", "生僻字𠮷𪚥㐂\uf900"),
        ("\u200b\u2060\u3164", ""),
        ("制表\t符", "制表\t符"),
    ],
)
def test_a_text_keeps_what_can_be_seen(raw, clean):
    assert texts.clean_text(raw) == clean


def test_a_title_is_one_line():
    assert texts.clean_line(" 上\n下\t\u3000 左 ") == "上 下 左"


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once(raw):
    once = texts.clean_text(raw)
    assert texts.clean_text(once) == once
    line = texts.clean_line(raw)
    assert texts.clean_line(line) == line
    assert "\n" not in line


def test_nothing_visible_is_nothing_said():
    with pytest.raises(Invalid) as refused:
        texts.required("title", texts.clean_line("\u200b\u200b"))
    assert refused.value.errors[0].field == "title"


def test_words_of_a_query():
    assert texts.search_words(" 停车  充电桩 ") == ["停车", "充电桩"]
    assert texts.search_words("\u200b") == []
    assert texts.search_words(None) == []
    assert len(texts.search_words("一 二 三 四 五 六 七")) == 5


def test_a_wildcard_in_a_query_is_a_character():
    assert texts.like_pattern(r"50%_\n") == r"%50\%\_\\n%"


# -- extra fields


def test_extra_fields_come_into_their_normal_form():
    read = fields.read_extra(
        modules.BY_KEY["mutual_aid"],
        {
            "kind": "offer",
            "skill": " 陪诊\u200b ",
            "slots": [{"weekday": 1, "from": "8:00", "to": "15:00"}],
        },
    )
    assert read == {
        "kind": "offer",
        "skill": "陪诊",
        "slots": [{"weekday": 1, "from": "08:00", "to": "15:00"}],
    }


@pytest.mark.parametrize(
    "extra",
    [
        {"place": "\ud800"},
        {"slots": [{"weekday": 1, "from": "08:00", "to": "\x00"}]},
        {"slots": [{"\udfff": 1}]},
        {"place": [[[[[["深"]]]]]]},
        {f"f{number}": "长" * 4_000 for number in range(6)},
        {"slots": [0] * 70_000},
    ],
)
def test_what_nobody_could_keep_is_refused_before_it_is_looked_at(extra):
    with pytest.raises(ValidationError):
        ops.CreatePost(cid="c", module="nearby", title="t", body="b", extra=extra)


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "1899-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z",
        "2026-05-01T08:00:00+14:01",
        "2026-05-01T08:00:00",
        datetime(2026, 5, 1, tzinfo=timezone(timedelta(seconds=30))),
    ],
)
def test_a_time_that_cannot_be_shown_everywhere_is_no_moment(moment):
    with pytest.raises(ValidationError):
        ops.UpdatePost(id="p", expires_at=moment)


@pytest.mark.parametrize("moment", ["1900-01-01T00:00:00+14:00", "2200-12-31T23:59:59-14:00"])
def test_the_first_and_the_last_moment_are_moments(moment):
    said = ops.UpdatePost(id="p", expires_at=moment)
    assert said.expires_at.astimezone(UTC).isoformat()


@pytest.mark.parametrize(
    ("price", "normal"), [(80, "80.00"), ("12.5", "12.50"), ("0", "0.00"), (0, "0.00")]
)
def test_a_price_is_exact(price, normal):
    assert fields.read_extra(modules.BY_KEY["idle"], {"price": price}) == {"price": normal}


def test_an_empty_extra_field_is_no_field():
    assert fields.read_extra(modules.BY_KEY["idle"], {"price": None, "condition": ""}) == {}


@pytest.mark.parametrize(
    ("module", "extra", "field"),
    [
        ("idle", {"colour": "red"}, "extra.colour"),
        ("idle", {"price": 12.5}, "extra.price"),
        ("idle", {"price": "-1"}, "extra.price"),
        ("idle", {"price": "8０"}, "extra.price"),
        ("idle", {"price": "80\n"}, "extra.price"),
        ("idle", {"price": True}, "extra.price"),
        ("idle", {"price": "1e9"}, "extra.price"),
        ("idle", {"condition": "长" * 201}, "extra.condition"),
        ("idle", {"condition": ["九成新"]}, "extra.condition"),
        ("party", {"kind": "gossip"}, "extra.kind"),
        ("party", {"kind": ["study"]}, "extra.kind"),
        ("announcements", {"starts_at": "明天"}, "extra.starts_at"),
        ("announcements", {"starts_at": "2026-05-01T08:00:00"}, "extra.starts_at"),
        ("announcements", {"starts_at": 5}, "extra.starts_at"),
        ("mutual_aid", {"slots": []}, "extra.slots"),
        ("mutual_aid", {"slots": [{"weekday": 8, "from": "08:00", "to": "09:00"}]}, "extra.slots"),
        ("mutual_aid", {"slots": [{"weekday": 1, "from": "9:00", "to": "08:00"}]}, "extra.slots"),
        ("mutual_aid", {"slots": [{"weekday": 1, "from": "25:00", "to": "26:00"}]}, "extra.slots"),
        ("mutual_aid", {"slots": [{"weekday": True, "from": "8:00", "to": "9:00"}]}, "extra.slots"),
        ("mutual_aid", {"slots": [{"weekday": 1}]}, "extra.slots"),
        ("mutual_aid", {"slots": "always"}, "extra.slots"),
        ("guides", {"materials": "长" * 4001}, "extra.materials"),
    ],
)
def test_an_extra_field_that_does_not_fit_is_named(module, extra, field):
    with pytest.raises(Invalid) as refused:
        fields.read_extra(modules.BY_KEY[module], extra)
    assert [error.field for error in refused.value.errors] == [field]


# -- who may


@pytest.mark.parametrize(
    ("grants", "module", "may"),
    [
        ((), "nearby", True),
        ((), "announcements", False),
        ((), "party", False),
        (((Role.PARTY_MEMBER, PATH),), "party", True),
        (((Role.PARTY_MEMBER, PATH),), "announcements", False),
        (((Role.COMMITTEE_STAFF, PATH),), "announcements", True),
        (((Role.COMMITTEE_STAFF, "demo.yuepu.juyuan"),), "announcements", False),
        (((Role.SECRETARY, "demo.yuepu"),), "guides", True),
        (((Role.PROPERTY_MANAGER, PATH + ".estate1"),), "property", True),
        (((Role.PROPERTY_MANAGER, PATH),), "police", False),
    ],
)
def test_who_may_post(grants, module, may):
    assert speaking.allows(modules.BY_KEY[module].post, somebody(*grants), PATH) is may


def test_the_first_office_that_fits_speaks():
    both = somebody((Role.COMMITTEE_STAFF, PATH), (Role.SECRETARY, PATH))
    assert speaking.office_of(both, PATH) == Role.SECRETARY
    assert speaking.office_of(both, "demo.yuepu.juyuan") is None
    assert speaking.office_of(somebody((Role.PARTY_MEMBER, PATH)), PATH) is None


@pytest.mark.parametrize(
    ("grants", "module", "may"),
    [
        (((Role.COMMITTEE_STAFF, PATH),), "idle", True),
        (((Role.COMMITTEE_STAFF, PATH + ".estate1"),), "idle", False),
        (((Role.COMMITTEE_STAFF, PATH),), "property", True),
        (((Role.PROPERTY_MANAGER, PATH + ".estate1"),), "property", True),
        (((Role.PROPERTY_MANAGER, PATH),), "idle", False),
        ((), "idle", False),
    ],
)
def test_who_moderates(grants, module, may):
    assert speaking.may_moderate(modules.BY_KEY[module], somebody(*grants), PATH) is may


AUTHOR = posts.Standing(author=True, moderator=False)
MODERATOR = posts.Standing(author=False, moderator=True)
NOBODY = posts.Standing(author=False, moderator=False)


@pytest.mark.parametrize(
    ("fields", "standing", "issue", "refusal"),
    [
        (["title", "body"], AUTHOR, False, None),
        (["title"], AUTHOR, True, posts.ThreadOfAnIssue),
        (["title"], MODERATOR, False, posts.NotTheAuthor),
        (["pinned"], MODERATOR, True, None),
        (["pinned"], AUTHOR, False, posts.NotAModerator),
        (["title", "pinned"], posts.Standing(author=True, moderator=True), False, None),
        (["expires_at"], AUTHOR, False, None),
        (["never_expires"], MODERATOR, False, posts.NotTheAuthor),
        (["expires_at"], NOBODY, False, posts.NotTheAuthor),
        ([], NOBODY, False, posts.NotTheAuthor),
    ],
)
def test_who_may_change_what(fields, standing, issue, refusal):
    if refusal is None:
        posts.check_change(fields, standing, is_issue=issue)
    else:
        with pytest.raises(refusal):
            posts.check_change(fields, standing, is_issue=issue)


def test_a_post_ends_in_the_future():
    posts.check_expiry(None, NOW)
    posts.check_expiry(NOW + timedelta(seconds=1), NOW)
    with pytest.raises(Invalid):
        posts.check_expiry(NOW, NOW)


# -- modules


def test_the_nine_modules_of_a_town_and_the_two_of_a_village():
    town = [module.key for module in modules.switched_on("urban", [])]
    village = [module.key for module in modules.switched_on("village", [])]
    assert town == [
        "announcements",
        "party",
        "guides",
        "hall",
        "nearby",
        "services",
        "mutual_aid",
        "neighbours",
        "idle",
    ]
    assert set(village) - set(town) == {"village_affairs", "homesick"}
    assert set(town) < set(village)


def test_a_community_chooses_its_modules_and_their_order():
    chosen = modules.switched_on("urban", ["idle", "doctor", "unheard_of", "idle"])
    assert [module.key for module in chosen] == ["idle", "doctor"]


def test_a_module_that_is_off_is_not_one_that_does_not_exist():
    assert speaking.open_module(BUILT_IN, "urban", [], "idle").key == "idle"
    with pytest.raises(speaking.ModuleOff):
        speaking.open_module(BUILT_IN, "urban", [], "homesick")
    with pytest.raises(Invalid) as refused:
        speaking.open_module(BUILT_IN, "urban", [], "casino")
    assert not isinstance(refused.value, speaking.ModuleOff)


def test_the_table_of_modules_is_sound():
    assert len(modules.BY_KEY) == len(modules.MODULES)
    assert modules.ISSUE_MODULE in modules.BY_KEY
    for module in modules.MODULES:
        assert len({field.key for field in module.extra}) == len(module.extra)
        assert module.official is (not module.post.members and module.key != "party")
        for field in module.extra:
            assert (field.kind == "choice") == bool(field.choices)
