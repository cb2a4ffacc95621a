"""Keeping the copy: the whole reaction of each ``<service>.territory`` queue."""

from sqlalchemy import text

from services.contracts.events import CommunityChanged, Event, MemberCardChanged, PersonDeleted
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
_PUT_CARD = text(
    """
    INSERT INTO directory_cards (person_id, community_id, path, standing, display_name,
                                 building_label, badge_shown, role_badges)
    VALUES (:person_id, :community_id, :path, :standing, :display_name,
            :building_label, :badge_shown, :role_badges)
    ON CONFLICT (community_id, person_id) DO UPDATE SET
        path = excluded.path, standing = excluded.standing,
        display_name = excluded.display_name, building_label = excluded.building_label,
        badge_shown = excluded.badge_shown, role_badges = excluded.role_badges
    """
)
_CLOSE_CARDS = text(
    """
    UPDATE directory_cards SET standing = 'ended', display_name = :name, building_label = '',
        badge_shown = false, role_badges = '{}'
    WHERE person_id = :person
    """
)


def project(uow: UnitOfWork, event: Event) -> None:
    """Bring the copy up to what ``event`` says; the kit has dropped repeated and stale ones."""
    match event:
        case CommunityChanged():
            uow.session.execute(_PUT_COMMUNITY, event.model_dump())
        case MemberCardChanged():
            uow.session.execute(_PUT_CARD, event.model_dump())
        case PersonDeleted():
            uow.session.execute(_CLOSE_CARDS, {"person": event.person_id, "name": DELETED_NAME})
