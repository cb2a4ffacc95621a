"""What a community says of its modules, put over the built-in ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.actor import COMMITTEE, Role
from services.contracts.errors import Invalid
from services.feed.domain import definitions, own_modules
from services.feed.domain.modules import BY_KEY, MODULES, Rule
from services.feed.domain.own_modules import BUILT_IN, Said, resolve

pytestmark = pytest.mark.unit

GARDEN = {"name": "小花园", "name_en": "Garden"}
COLOUR = {
    "key": "colour",
    "kind": "choice",
    "name": "颜色",
    "name_en": "Colour",
    "lines": False,
    "choices": [{"key": "red", "name": "红", "name_en": "Red"}],
}


def keys(catalogue, kind="urban", chosen=()):
    return [module.key for module in catalogue.switched_on(kind, chosen)]


def said_of(key, **settings):
    return {**definitions.said(BY_KEY[key]), **settings}


# -- resolution


def test_a_community_that_says_nothing_has_the_built_in_modules():
    assert resolve([]) == BUILT_IN
    assert keys(resolve([])) == [m.key for m in MODULES if "urban" in m.usual_in]


def test_what_a_community_says_stands_over_what_is_built_in():
    here = resolve([Said("idle", {"name": "跳蚤市场", "order": "active"})])
    assert (here.of("idle").name, here.of("idle").order) == ("跳蚤市场", "active")
    assert here.of("idle").extra == BY_KEY["idle"].extra
    assert here.of("hall") == BY_KEY["hall"]
    assert here.own == frozenset()


def test_its_own_modules_stand_at_the_end_or_where_the_list_names_them():
    here = resolve([Said("garden", GARDEN), Said("choir", GARDEN), Said("old", GARDEN, False)])
    assert keys(here)[-2:] == ["garden", "choir"]
    assert keys(here, chosen=["choir", "idle", "old"]) == ["choir", "idle", "garden"]
    assert keys(here, chosen=["unheard_of"]) == ["garden", "choir"]
    assert here.own == {"garden", "choir", "old"}


def test_a_module_that_was_given_up_is_closed_and_the_committee_tidies_it():
    gone = resolve([]).of("garden")
    assert (gone.post, gone.comment, gone.moderate) == (Rule(), Rule(), COMMITTEE)


def test_an_own_module_is_a_members_module_unless_said_otherwise():
    garden = resolve([Said("garden", GARDEN)]).of("garden")
    assert (garden.post.members, garden.order, garden.moderation) == (True, "newest", "post")
    assert garden.moderate == COMMITTEE


def test_what_a_later_version_said_is_passed_over():
    definition = {
        **GARDEN,
        "post": {"members": False, "roles": ["volunteer", "astronaut"]},
        "works": ["sign_up", "flying"],
        "fields": [COLOUR, {**COLOUR, "key": "k", "kind": "hologram"}],
    }
    garden = resolve([Said("garden", definition)]).of("garden")
    assert garden.post.roles == {Role.VOLUNTEER}
    assert garden.works == {"sign_up"}
    assert [field.key for field in garden.extra] == ["colour"]


# -- definitions


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.key)
def test_saying_all_that_is_built_in_changes_nothing(module):
    whole = definitions.said(module)
    definitions.check(whole, module, own=False)
    assert definitions.overlaid(module, whole) == module
    assert definitions.difference(module, whole) == {}


@given(st.sets(st.sampled_from(sorted(definitions.said(BY_KEY["idle"])))))
def test_a_definition_holds_what_differs_and_nothing_else(names):
    other = definitions.said(BY_KEY["announcements"])
    said = {name: other[name] for name in names if name != "fields"}
    kept = definitions.difference(BY_KEY["idle"], said)
    assert set(kept) <= set(said)
    assert definitions.overlaid(BY_KEY["idle"], kept) == definitions.overlaid(BY_KEY["idle"], said)


@pytest.mark.parametrize(
    ("definition", "fields"),
    [
        ({}, ["name", "name_en"]),
        ({**GARDEN, "name": ""}, ["name"]),
        ({**GARDEN, "post": {"members": False, "roles": []}}, ["post"]),
        ({**GARDEN, "post": {"members": True, "roles": ["observer"]}}, ["post.roles.0"]),
        ({**GARDEN, "comment": {"members": False, "roles": ["owner", "auditor"]}},
         ["comment.roles.1"]),
        ({**GARDEN, "moderate": ["volunteer"]}, ["moderate.0"]),
        ({**GARDEN, "official": True}, ["official"]),
        ({**GARDEN, "official": True, "post": {"members": False, "roles": ["volunteer"]}},
         ["official"]),
        ({**GARDEN, "fields": [COLOUR, COLOUR]}, ["fields.1.key"]),
        ({**GARDEN, "fields": [{**COLOUR, "choices": []}]}, ["fields.0.choices"]),
        ({**GARDEN, "fields": [{**COLOUR, "kind": "line"}]}, ["fields.0.choices"]),
        ({**GARDEN, "fields": [{**COLOUR, "choices": COLOUR["choices"] * 2}]},
         ["fields.0.choices"]),
        ({**GARDEN, "fields": [{**COLOUR, "lines": True}]}, ["fields.0.lines"]),
        ({**GARDEN, "fields": [{**COLOUR, "name": ""}]}, ["fields.0.name"]),
        ({**GARDEN, "post": {"members": False, "roles": []}, "moderate": ["owner"]},
         ["post", "moderate.0"]),
    ],
)  # fmt: skip
def test_what_a_module_may_not_say_is_named(definition, fields):
    with pytest.raises(Invalid) as refused:
        definitions.check(definition, own_modules.blank("garden"), own=True)
    assert [error.field for error in refused.value.errors] == fields


def test_the_fields_of_a_built_in_module_are_added_to_and_never_taken_away():
    fields = definitions.said(BY_KEY["nearby"])["fields"]
    kind, place = fields
    renamed = [{**kind, "name": "说什么"}, place, COLOUR]
    definitions.check({"fields": renamed}, BY_KEY["nearby"], own=False)
    wrong = ([place], [kind], [{**kind, "choices": kind["choices"][:1]}, place],
             [kind, {**place, "kind": "text"}])  # fmt: skip
    for said in wrong:
        with pytest.raises(Invalid) as refused:
            definitions.check({"fields": said}, BY_KEY["nearby"], own=False)
        assert {error.field for error in refused.value.errors} == {"fields"}


@pytest.mark.parametrize(
    ("key", "kind"),
    [("slots", "line"), ("skill_kind", "slots"), ("kind", "slots"), ("until", "line"),
     ("valid_until", "text"), ("minors", "money"), ("place", "time"), ("skill", "slots")],
)  # fmt: skip
def test_a_key_that_built_in_modules_have_holds_the_same_in_an_own_one(key, kind):
    said = {**GARDEN, "fields": [{**COLOUR, "key": key, "kind": kind, "choices": []}]}
    with pytest.raises(Invalid) as refused:
        definitions.check(said, own_modules.blank("garden"), own=True)
    assert [error.field for error in refused.value.errors] == ["fields.0.kind"]


def test_a_field_never_becomes_something_else():
    here = resolve([Said("garden", {**GARDEN, "fields": [COLOUR]})]).of("garden")
    definitions.check({**GARDEN, "fields": [COLOUR]}, here, own=True, now=here)
    line = {**COLOUR, "kind": "line", "choices": []}
    with pytest.raises(Invalid) as refused:
        definitions.check({**GARDEN, "fields": [line]}, own_modules.blank("g"), own=True, now=here)
    assert [error.field for error in refused.value.errors] == ["fields.0.kind"]


def test_names_show_what_they_hold():
    said = definitions.cleaned({"name": " 小\u200b花 园\n", "fields": [{"name": "\u202e颜色"}]})
    assert said == {"name": "小花 园", "fields": [{"name": "颜色"}]}
    assert definitions.cleaned({"official": True, "works": ["aid"]}) == {
        "official": True,
        "works": ["aid"],
    }


def test_a_built_in_module_is_not_switched_here():
    for wanted in (None, True):
        definitions.check_switch(wanted, on=True)
    with pytest.raises(Invalid) as refused:
        definitions.check_switch(False, on=True)
    assert refused.value.errors[0].field == "switched_on"
