"""The demo district in a real database, as the others hear of it. Needs: db."""

import json
from datetime import UTC, datetime

import pytest

from services.contracts import demo
from services.identity.seed import plan as planned
from services.identity.seed import store

pytestmark = pytest.mark.db


@pytest.fixture(scope="module")
def guide(demo_district, vault):
    with demo_district() as uow:
        return store.guide(uow, vault, planned.build(), "https://x.example")


def test_seeding_again_changes_nothing(demo_district, vault):
    with demo_district() as uow:
        added = store.put(uow, vault, planned.build())
        uow.commit()
        assert set(added.values()) == {0}
        count = uow.session.connection().exec_driver_sql("SELECT count(*) FROM kit_outbox")
        told = count.scalar_one()
    with demo_district() as uow:
        kinds = uow.session.connection().exec_driver_sql(
            "SELECT type, count(*) FROM kit_outbox GROUP BY type"
        )
        counts = dict(kinds.all())
    assert sum(counts.values()) == told
    assert counts["community.changed.v1"] == 3
    assert counts["person.registered.v1"] == 42


def test_the_others_learn_of_every_member_and_of_staff(demo_district):
    with demo_district() as uow:
        rows = uow.session.connection().exec_driver_sql(
            "SELECT body FROM kit_outbox WHERE type = 'member.card_changed.v1'"
        )
        cards = {c["person_id"]: c for c in (json.loads(row.body) for row in rows)}
    residents = [c for c in cards.values() if c["standing"] == "active"]
    assert len(residents) == 35
    assert cards[demo.OLD_LU]["badge_shown"] is True
    assert cards[demo.SECRETARY_SHI]["standing"] == "staff"
    assert cards[demo.SECRETARY_SHI]["role_badges"] == ["secretary", "committee_staff"]
    assert cards[demo.OWNERS_CHAIR]["role_badges"] == ["owners_committee"]
    assert demo.OBSERVER not in cards and demo.ANALYST not in cards


def test_the_others_do_not_learn_who_is_a_party_member(demo_district):
    with demo_district() as uow:
        rows = uow.session.connection()
        assert rows.exec_driver_sql("SELECT 1 FROM grants WHERE role = 'party_member'").first()
        told = "SELECT 1 FROM kit_outbox WHERE strpos(body, 'party_member') > 0"
        assert rows.exec_driver_sql(told).first() is None


def test_codes_are_listed_for_every_estate(guide):
    assert [(q["community"], q["estate"]) for q in guide["qr"]] == [
        ("尚园居民区", "宝月尚园"),
        ("尚园居民区", "尚园新苑"),
        ("聚源居民区", "聚源花苑"),
        ("海星村", "海星村"),
    ]
    assert all(q["url"] == f"https://x.example/j/{q['token']}" for q in guide["qr"])


def test_the_seed_lies_in_the_past():
    assert datetime.now(UTC) > store.SEEDED_AT


def test_each_community_states_its_figures(demo_district):
    with demo_district() as uow:
        rows = uow.session.connection().exec_driver_sql(
            "SELECT community_id, households, adults, source FROM community_figures"
        )
        figures = {row.community_id: row for row in rows}
    assert len(figures) == 3
    shangyuan = figures[demo.SHANGYUAN]
    assert shangyuan.adults == 1560
    assert 500 < shangyuan.households < 720
    assert shangyuan.source == "样例数据"
