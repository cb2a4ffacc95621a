"""The demo's full class, its things with pictures and its work under way. Needs: db."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from services.contracts import demo
from services.contracts.demo import demo_id
from services.contracts.operations import feed
from services.contracts.operations.feed import sign_ups as ops
from services.feed import seed, seed_everyday, seed_pictures
from services.feed.domain import project
from services.feed.domain import sign_ups as rules
from services.feed.handlers import sign_ups
from services.feed.models import Post, Project, ProjectStep
from tests.support.feed_fair import Fair
from tests.support.feed_street import Street, actor
from tests.support.folder_store import store_in

pytestmark = pytest.mark.db
CLASS, HANDRAILS = demo_id(81, 1), demo_id(81, 4)


def test_it_is_planted_once_and_stands_as_neighbours_could_have_made_it(db, tmp_path):
    street = Street(db("feed"))
    street.community(demo.SHANGYUAN, demo.PATH_SHANGYUAN + ".demo", "urban")
    street.card(demo.GRANNY_SUN, cid=demo.SHANGYUAN, path=demo.PATH_SHANGYUAN + ".demo")
    store, now = store_in(tmp_path), datetime.now(UTC)
    for expected in (True, False):
        with street.units() as uow:
            seed.seed(uow, now)
            assert seed_everyday.seed(uow, now, store) is expected
            uow.commit()
    assert street.emitted() == []
    fair = Fair(street)
    assert fair.broken() == {}
    granny = actor(demo.GRANNY_SUN)
    seen = street.run(sign_ups.get_event, feed.OfPost(id=CLASS), granny, now, read_only=True)
    assert (seen.capacity, seen.taken, seen.waiting, seen.full) == (6, 6, 2, True)
    signed = street.run(sign_ups.sign_up, ops.PutSignUp(id=CLASS), granny, now)
    assert (signed.mine.state, signed.mine.place_in_line) == ("waiting", 3)
    with street.units(read_only=True) as uow:
        things = uow.session.scalars(select(Post).where(Post.module == "idle")).all()
        assert len(things) == 4 and all(len(one.attachments) == 1 for one in things)
        assert store.open(things[0].attachments[0]["id"]) is not None
        found = uow.session.get_one(Project, HANDRAILS)
        steps = uow.session.scalars(
            select(ProjectStep.step).where(ProjectStep.post_id == HANDRAILS).order_by("at")
        ).all()
    state = "applied"
    for step in steps[1:]:
        state = project.NEXT[state, step]
    assert found.state == state == "running"


def test_codes_are_such_as_are_drawn():
    codes = seed_everyday._CODES
    assert all(set(code) <= set(rules.ALPHABET) for code in codes)
    assert {len(code) for code in codes} == {rules.CODE_LENGTH} and len(set(codes)) == len(codes)


def test_every_picture_has_its_size():
    named = {told.picture for told in seed_everyday.POSTS.values() if told.picture}
    for name in named | set(seed_everyday.PICTURES.values()):
        assert seed_pictures.drawn(name).size == seed_pictures.SIZE
