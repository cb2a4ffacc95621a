"""A service's copy of territory and cards made anew while identity runs. Needs: db, broker."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from services import directory
from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.errors import Forbidden
from services.contracts.events import MemberCardChanged, PersonDeleted
from services.contracts.operations import identity as op
from services.identity.handlers import cards as identity_cards
from services.identity.handlers import me
from services.kit import kept
from tests.support.green_caller import Caller
from tests.support.identity_world import NOW, actor
from tests.support.infra import ROOT

pytestmark = [pytest.mark.db, pytest.mark.broker]
QUEUE = "feed.territory"
SUN, LU = demo.GRANNY_SUN, demo.OLD_LU
LIMIT = 90  # seconds


class Rig:
    """Identity with the demo district, the feed's copy beside it, and the command."""

    def __init__(self, identity, feed, amqp_url, key_file):
        self.identity = identity
        self.feed = feed
        self.environment = {
            **os.environ,
            "SHEQU_FEED_DATABASE_URL": feed.engine.url.render_as_string(hide_password=False),
            "SHEQU_AMQP_URL": amqp_url,
            "SHEQU_TOKEN_KEY_FILE": str(key_file),
        }

    def rebuild(self, *words, **environment):
        return subprocess.run(
            [sys.executable, "-m", "services.directory.rebuild", *(words or ("feed",))],
            env={**self.environment, **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    def change(self, statement, **values):
        with self.feed() as uow:
            uow.session.execute(text(statement), values)
            uow.commit()

    def project(self, event):
        with self.feed() as uow:
            directory.project(uow, event)
            uow.commit()

    def card(self, person=SUN, community=demo.SHANGYUAN):
        with self.feed(read_only=True) as uow:
            return directory.card(uow, person, community)

    def seen(self, person=SUN):
        with self.feed(read_only=True) as uow:
            subject = f"{person}:{demo.SHANGYUAN}"
            query = text("SELECT version FROM kit_seen WHERE queue = :q AND subject = :s")
            return uow.session.scalar(query, {"q": QUEUE, "s": subject})


@pytest.fixture
def rig(start_identity, db, demo_district, vault, amqp_url, signer):
    """One test changes Lu's name in the district, the others only read it."""
    start_identity(demo_district, vault)
    return Rig(demo_district, db("feed"), amqp_url, signer.key_file)


def test_an_empty_copy_becomes_what_identity_says(rig):
    done = rig.rebuild()
    assert done.returncode == 0, done.stdout + done.stderr
    with rig.identity(read_only=True) as uow:
        for community_id in (demo.SHANGYUAN, demo.JUYUAN, demo.HAIXING):
            node = identity_cards.repository.community(uow.session, community_id)
            people = identity_cards.repository.people_around(uow.session, node, None, 1000)
            truth = identity_cards.cards_of(uow.session, people, node, NOW)
            with rig.feed(read_only=True) as copy:
                assert directory.community(copy, community_id).name == node.name
                kept_cards = directory.cards(copy, people, community_id)
            assert {appearance(c) for c in truth} == {appearance(c) for c in kept_cards.values()}
    assert rig.card(LU).badge_shown and rig.card(demo.SECRETARY_SHI).standing == "staff"
    assert rig.card(demo.VILLAGER_ZHAO, demo.HAIXING).residence == "away"


def test_what_was_lost_or_went_wrong_is_mended(rig):
    rig.rebuild()
    before = rig.card()
    rig.change(
        "UPDATE directory_cards SET display_name = 'x', residence = 'away' WHERE person_id = :p",
        p=SUN,
    )
    rig.change("DELETE FROM directory_cards WHERE person_id = :p", p=LU)
    rig.change("DELETE FROM directory_communities WHERE id = :c", c=demo.JUYUAN)
    assert rig.rebuild().returncode == 0
    assert rig.card() == before and rig.card(LU) is not None
    with rig.feed(read_only=True) as uow:
        assert directory.community(uow, demo.JUYUAN).kind == "urban"


def test_an_event_that_was_handled_later_is_not_undone(rig):
    rig.rebuild()
    newer = MemberCardChanged(**{**as_event(rig.card()), "display_name": "新名字"})
    with rig.feed() as uow:
        assert kept.is_newest(uow.session, QUEUE, newer.subject, 0, 99)
        directory.project(uow, newer)
        uow.commit()
    done = rig.rebuild()
    assert "1 newer here" in done.stdout
    assert rig.card().display_name == "新名字" and rig.seen() == 99


def test_events_that_the_copy_shows_already_are_stale_and_later_ones_are_not(rig):
    with rig.identity() as uow:
        me.update_me(uow, op.UpdateMe(display_name="阿陆"), actor(LU), NOW)
        uow.commit()
    with rig.identity(read_only=True) as uow:
        version = kept.versions(uow.session, "identity", [f"{LU}:{demo.SHANGYUAN}"])
    (told,) = version.values()
    rig.rebuild()
    assert rig.card(LU).display_name == "阿陆" and rig.seen(LU) == told > 1
    with rig.feed() as uow:
        subject = f"{LU}:{demo.SHANGYUAN}"
        assert not kept.is_newest(uow.session, QUEUE, subject, 0, told)
        assert kept.is_newest(uow.session, QUEUE, subject, 0, told + 1)


def test_who_left_unnoticed_and_who_never_was_do_not_stay(rig):
    rig.rebuild()
    stranger = MemberCardChanged(**{**as_event(rig.card()), "person_id": "nobody"})
    lived_elsewhere = MemberCardChanged(**{**as_event(rig.card()), "person_id": demo.VILLAGER_ZHAO})
    rig.project(stranger)
    rig.project(lived_elsewhere)
    rig.change(
        "INSERT INTO directory_communities SELECT 'ghost', 'demo.ghost', name, kind, code12, "
        "district_id, district_name, town_id, town_name FROM directory_communities WHERE id = :c",
        c=demo.JUYUAN,
    )
    done = rig.rebuild()
    assert "1 closed, 1 communities forgotten" in done.stdout
    assert rig.card("nobody").standing == "ended" and rig.card("nobody").display_name != "孙奶奶"
    assert rig.card(demo.VILLAGER_ZHAO).standing == "ended"
    assert rig.card(demo.VILLAGER_ZHAO, demo.HAIXING).standing == "active"


def test_who_deleted_her_account_stays_nameless(rig):
    rig.rebuild()
    rig.project(PersonDeleted(person_id=SUN))
    rig.rebuild()
    assert (rig.card().standing, rig.card().display_name) == ("ended", "已注销用户")


def test_two_at_once_are_refused(rig):
    with rig.feed.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext('directory rebuild'))"))
        assert rig.rebuild().returncode == 1
        connection.invalidate()


@pytest.mark.parametrize("method", ["list_community_records", "list_member_cards"])
def test_only_our_own_processes_may_ask(rig, signer, amqp_url, method):
    caller = Caller(amqp_url)
    token = signer.token("p", [(Role.DISTRICT_ADMIN.value, demo.PATH_DISTRICT)])
    try:
        with pytest.raises(Forbidden):
            caller.call_as({"token": token}, "identity", method, 20, community_id=demo.SHANGYUAN)
    finally:
        caller.close()


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("identity",), {}, "usage"),
        (("feed", "votes"), {}, "usage"),
        (("feed",), {"SHEQU_FEED_DATABASE_URL": ""}, "SHEQU_FEED_DATABASE_URL"),
        (("feed",), {"SHEQU_TOKEN_KEY_FILE": "/nowhere"}, "no private key"),
    ],
)
def test_what_is_not_set_is_said(tmp_path, words, environment, said):
    done = subprocess.run(
        [sys.executable, "-m", "services.directory.rebuild", *words],
        env={
            **os.environ,
            "SHEQU_FEED_DATABASE_URL": "postgresql+psycopg2://nobody@127.0.0.1:1/x",
            "SHEQU_AMQP_URL": "amqp://127.0.0.1:1/",
            "SHEQU_TOKEN_KEY_FILE": str(tmp_path),
            **environment,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 2 and said in done.stderr


def test_a_public_key_signs_nothing(rig, signer, tmp_path):
    done = rig.rebuild(SHEQU_TOKEN_KEY_FILE=str(signer.jwks_file))
    assert done.returncode == 2 and "public" in done.stderr


def appearance(card):
    return (
        card.person_id, card.standing, card.display_name, card.building_label, card.badge_shown,
        card.residence, card.home,
    )  # fmt: skip


def as_event(card):
    return {
        name: getattr(card, name)
        for name in (
            "person_id", "community_id", "path", "standing", "display_name", "building_label",
        )
    }  # fmt: skip
