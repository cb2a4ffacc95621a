"""Keeping the copy: the whole reaction of each ``<service>.territory`` queue."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from services.contracts.events import (
    CommunityChanged,
    CommunityClosed,
    Event,
    MemberCardChanged,
    PersonDeleted,
)
from services.kit.uow import UnitOfWork

DELETED_NAME = "已注销用户"

_PUT_COMMUNITY = text(
    """
    INSERT INTO directory_communities (id, path, name, kind, code12, district_id, district_name,
                                       town_id, town_name, modules)
    VALUES (:community_id, :path, :name, :kind, :code12, :district_id, :district_name,
            :town_id, :town_name, :modules)
    ON CONFLICT (id) DO UPDATE SET
        path = excluded.path, name = excluded.name, kind = excluded.kind,
        code12 = excluded.code12, district_id = excluded.district_id,
        district_name = excluded.district_name, town_id = excluded.town_id,
        town_name = excluded.town_name, modules = excluded.modules
    """
)
_FORGET_COMMUNITY = text("DELETE FROM directory_communities WHERE id = :community")
_SEND_EVERYBODY_HOME = text(
    """
    UPDATE directory_cards SET standing = 'ended', building_label = '', role_badges = '{}',
        residence = 'local', home = ''
    WHERE community_id = :community
    """
)
# A card event that was put off may come after the deletion, which has a subject of its own: the
# kit does not know one from the other as stale. So a card for no community says: this person is
# gone, take no card any more. One event about a person is handled at a time.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('directory ' || :person, 0))")
_ONE_OF_EACH = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('directory ' || person, 0)) "
    "FROM (SELECT unnest(cast(:people AS text[])) AS person ORDER BY 1) AS those"
)
_GONE_EVERYWHERE = ""
_PUT_CARDS = text(
    """
    INSERT INTO directory_cards (person_id, community_id, path, standing, display_name,
                                 building_label, badge_shown, role_badges, residence, home)
    SELECT person_id, community_id, path, standing, display_name, building_label, badge_shown,
           role_badges, residence, coalesce(home, '')
    FROM jsonb_to_recordset(cast(:cards AS jsonb)) AS told (
        person_id text, community_id text, path text, standing text, display_name text,
        building_label text, badge_shown boolean, role_badges text[], residence text, home text)
    WHERE NOT EXISTS (
        SELECT 1 FROM directory_cards AS gone
        WHERE gone.person_id = told.person_id AND gone.community_id = :gone)
    ON CONFLICT (community_id, person_id) DO UPDATE SET
        path = excluded.path, standing = excluded.standing,
        display_name = excluded.display_name, building_label = excluded.building_label,
        badge_shown = excluded.badge_shown, role_badges = excluded.role_badges,
        residence = excluded.residence, home = excluded.home
    """
)
_CLOSE_CARD = text(
    """
    UPDATE directory_cards SET standing = 'ended', display_name = :name, building_label = '',
        badge_shown = false, role_badges = '{}', residence = 'local', home = ''
    WHERE person_id = :person AND community_id = :community
    """
)
_CLOSE_CARDS = text(
    """
    UPDATE directory_cards SET standing = 'ended', display_name = :name, building_label = '',
        badge_shown = false, role_badges = '{}', residence = 'local', home = ''
    WHERE person_id = :person
    """
)
_TAKE_NO_MORE = text(
    """
    INSERT INTO directory_cards (person_id, community_id, path, standing, display_name)
    VALUES (:person, :gone, '', 'ended', :name) ON CONFLICT DO NOTHING
    """
)


def project(uow: UnitOfWork, event: Event) -> None:
    """Bring the copy up to what ``event`` says; the kit has dropped repeated and stale ones."""
    match event:
        case CommunityChanged():
            uow.session.execute(_PUT_COMMUNITY, event.model_dump())
        case CommunityClosed():
            if event.why == "undone":
                forget_community(uow, event.community_id)
            else:  # what was written there is kept
                uow.session.execute(_SEND_EVERYBODY_HOME, {"community": event.community_id})
        case MemberCardChanged():
            put_cards(uow, [event.model_dump()])
        case PersonDeleted():
            deleted = {"person": event.person_id, "name": DELETED_NAME, "gone": _GONE_EVERYWHERE}
            for statement in (_ONE_AT_A_TIME, _CLOSE_CARDS, _TAKE_NO_MORE):
                uow.session.execute(statement, deleted)


def put_communities(uow: UnitOfWork, records: Sequence[Mapping[str, Any]]) -> None:
    """Write communities as identity says they are."""
    if records:
        uow.session.execute(_PUT_COMMUNITY, list(records))


def put_cards(uow: UnitOfWork, cards: Sequence[Mapping[str, Any]]) -> None:
    """Write cards, each person's once; who is gone for good stays gone."""
    if cards:
        uow.session.execute(_ONE_OF_EACH, {"people": [card["person_id"] for card in cards]})
        told = json.dumps(list(cards), ensure_ascii=False)
        uow.session.execute(_PUT_CARDS, {"cards": told, "gone": _GONE_EVERYWHERE})


def close_card(uow: UnitOfWork, person_id: str, community_id: str) -> None:
    """Somebody whom identity does not know belongs nowhere."""
    person = {"person": person_id, "community": community_id, "name": DELETED_NAME}
    uow.session.execute(_ONE_AT_A_TIME, person)
    uow.session.execute(_CLOSE_CARD, person)


def forget_community(uow: UnitOfWork, community_id: str) -> None:
    """A community that identity does not know any more: nobody belongs there."""
    for statement in (_SEND_EVERYBODY_HOME, _FORGET_COMMUNITY):
        uow.session.execute(statement, {"community": community_id})
