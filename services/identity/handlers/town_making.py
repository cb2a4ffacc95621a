"""Making what a town's sheets say: accounts, places, figures, offices, QR codes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.contracts.events import PersonRegistered, RoleGranted
from services.contracts.ids import new_id
from services.identity import register_rows, repository
from services.identity.crypto import Vault
from services.identity.domain import addresses, roles
from services.identity.domain.town import STAFF, TOWNS, Fault, Officer
from services.identity.domain.town_plan import Plan, Scope
from services.identity.handlers import cards, territory
from services.identity.handlers.joining import CHINA
from services.identity.models import (
    CommunityFigures,
    GrantRow,
    ImportRecord,
    PersonRow,
    QrToken,
    Territory,
)
from services.kit.uow import UnitOfWork

DEFAULT_SOURCE = "导入文件"

Outcome = Literal["added", "unchanged", "error"]


@dataclass(frozen=True, slots=True)
class Line:
    """What came of a row that was not simply added."""

    sheet: str
    row: int
    outcome: Outcome
    column: str | None
    message: str


# -- people ----------------------------------------------------------------------------------------


class Team:
    """The staff of the sheets: who has an account, who gets one, and what they hold already."""

    def __init__(self, session: Session, vault: Vault, plan: Plan, now: datetime) -> None:
        self.fresh: list[dict[str, Any]] = []
        self.known: set[str] = set()
        self.faults: list[Fault] = []
        by_phone: dict[str, list[Officer]] = defaultdict(list)
        for officer, _ in plan.staff:
            by_phone[officer.phone].append(officer)
        indexes = {phone: vault.index("phone", phone) for phone in by_phone}
        there = {
            row.phone_index: row.id
            for row in session.scalars(
                select(PersonRow)
                .where(PersonRow.phone_index.in_(indexes.values()))
                .order_by(PersonRow.id)
                .with_for_update()
            )
        }
        self._ids: dict[str, str] = {}
        self.held: dict[str, list[GrantRow]] = {}
        for phone, officers in by_phone.items():
            person_id = there.get(indexes[phone])
            if person_id is None:
                person_id = new_id()
                self.fresh.append(_account(vault, person_id, phone, officers[0], now))
                self.held[person_id] = []
            else:
                self.known.add(person_id)
                self.held[person_id] = repository.live_grants(session, person_id)
            self._ids[phone] = person_id
            if len(self.held[person_id]) + len(officers) > roles.MAX_GRANTS:
                last = officers[-1]
                self.faults.append(
                    Fault(STAFF.title, last.row, STAFF.heading("role"), roles.TooManyRoles.zh)
                )

    def person(self, officer: Officer) -> str:
        """Whose row it is."""
        return self._ids[officer.phone]


def _account(
    vault: Vault, person_id: str, phone: str, officer: Officer, now: datetime
) -> dict[str, Any]:
    return {
        "id": person_id,
        "phone_sealed": vault.seal(phone, purpose="person.phone", owner=person_id),
        "phone_index": vault.index("phone", phone),
        "display_name": officer.display_name,
        "created_at": now,
    }


# -- carrying it out -------------------------------------------------------------------------------


class Making:
    """One import under way: what it has made so far; the plan must be without faults."""

    def __init__(
        self, uow: UnitOfWork, import_id: str, plan: Plan, team: Team, now: datetime
    ) -> None:
        self.uow, self.import_id, self.plan, self.team, self.now = uow, import_id, plan, team, now
        self.lines: list[Line] = []
        self.qr: list[dict[str, Any]] = []
        self._rows: list[dict[str, Any]] = []
        self._labels: dict[str, set[str]] = {}
        self._last: dict[str, int] = {}
        self._nodes: dict[tuple[str, Any], dict[str, Any]] = {}  # scope -> its node
        self._people = self._granted = 0
        uow.session.add(
            ImportRecord(
                id=import_id, kind="territory", file_sha256="", at=now, report={}, actor_id=None
            )
        )
        uow.session.flush()

    @property
    def counts(self) -> dict[str, int]:
        """How much was made, by kind."""
        kinds = ("district", "town", "community", "estate", "building", "unit")
        made = {kind: sum(row["kind"] == kind for row in self._rows) for kind in kinds}
        return {**made, "account": self._people, "role": self._granted, "qr": len(self.qr)}

    # -- places ------------------------------------------------------------------------------------

    def places(self) -> None:
        """Districts and towns that are missing, communities, estates, buildings, units."""
        session = self.uow.session
        for where, name in self.plan.towns:
            self._town(where, name)
        for scope in (s for _, s in self.plan.staff if s.kind == "district"):
            self._above("district", scope.key, None, scope.key)
        for scope in (s for _, s in self.plan.staff if s.kind == "town"):
            self._town(*scope.key)
        for code, (town, line) in self.plan.communities.items():
            self._nodes["community", code] = self._make(
                "community", self._nodes["town", town], line.name, mark=code,
                code12=code, community_kind=line.kind, modules=list(line.modules),
            )  # fmt: skip
        self._estates()
        register_rows.add_places(session, self._rows)
        figures = [
            {
                "community_id": self._nodes["community", code]["id"],
                **dict.fromkeys(("households", "residents", "adults", "owners", "floor_area",
                                 "as_of")),
                "source": DEFAULT_SOURCE,
                **line.figures,
                "changed_at": self.now,
            }
            for code, (_, line) in self.plan.communities.items()
            if line.figures
        ]  # fmt: skip
        if figures:
            session.execute(insert(CommunityFigures), figures)
        territory.tell_communities(self.uow, self._communities())

    def _communities(self) -> list[Territory]:
        ids = [row["id"] for row in self._rows if row["kind"] == "community"]
        return list(repository.nodes(self.uow.session, ids).values())

    def _town(self, district: str, name: str) -> None:
        above = self._above("district", district, None, district)
        self._above("town", (district, name), above, name)

    def _above(
        self, kind: str, key: Any, parent: dict[str, Any] | None, name: str
    ) -> dict[str, Any]:
        """The district or town, which may be there already."""
        if (kind, key) in self._nodes:
            return self._nodes[kind, key]
        query = select(Territory).where(Territory.kind == kind, Territory.name == name)
        if parent:
            query = query.where(Territory.parent_id == parent["id"])
        there = self.uow.session.scalars(query).first()
        if there is None:
            made = self._make(kind, parent, name)
        else:
            made = {"id": there.id, "path": there.path}
            self._say_there(kind, name)
        self._nodes[kind, key] = made
        return made

    def _say_there(self, kind: str, name: str) -> None:
        if kind == "town":
            self.lines.append(Line(TOWNS.title, 0, "unchanged", None, f"{name}：已有，沿用"))

    def _estates(self) -> None:
        for code, line in self.plan.estates:
            estate = self._make("estate", self._nodes["community", code], line.name)
            self.qr.append(
                {
                    "id": new_id(),
                    "community_id": self._nodes["community", code]["id"],
                    "estate_id": estate["id"],
                    "created_at": self.now,
                }
            )
            for name, units in self.plan.buildings[code, line.name].items():
                building = self._make("building", estate, name)
                for unit in units:
                    self._make("unit", building, unit)

    def _make(
        self, kind: str, parent: dict[str, Any] | None, name: str, *, mark: str = "", **more: Any
    ) -> dict[str, Any]:
        above = parent["id"] if parent else ""
        taken = self._labels.get(above)
        if taken is None:
            taken = self._known_below(parent)
        mark = addresses.label(kind, mark or name, taken)
        taken.add(mark)
        self._last[above] += 1
        row = {
            "id": new_id(),
            "kind": kind,
            "parent_id": parent["id"] if parent else None,
            "path": f"{parent['path']}.{mark}" if parent else mark,
            "name": name,
            "position": self._last[above],
            "import_id": self.import_id,
            **{"code12": None, "community_kind": None, "modules": [], **more},
        }
        self._rows.append(row)
        self._labels[row["id"]], self._last[row["id"]] = set(), 0  # nothing lies below it yet
        return row

    def _known_below(self, parent: dict[str, Any] | None) -> set[str]:
        """The labels that are taken below a node that may have been there before."""
        above = parent["id"] if parent else ""
        rows = self.uow.session.execute(
            select(Territory.path, Territory.position).where(
                Territory.parent_id == above if parent else Territory.parent_id.is_(None)
            )
        ).all()
        self._labels[above] = {path.rpartition(".")[2] for path, _ in rows}
        self._last[above] = max((position for _, position in rows), default=0)
        return self._labels[above]

    # -- offices and codes -------------------------------------------------------------------------

    def offices(self) -> None:
        """Accounts for those who have none, and the roles; whoever works somewhere is told of."""
        session = self.uow.session
        if self.team.fresh:
            session.execute(insert(PersonRow), self.team.fresh)
            for row in self.team.fresh:
                self.uow.emit(PersonRegistered(person_id=row["id"]))
            self._people = len(self.team.fresh)
        at: dict[str, set[str]] = defaultdict(set)
        grants = []
        for officer, scope in self.plan.staff:
            grant = self._grant(officer, scope)
            if grant is not None:
                grants.append(grant)
                at[grant["path"]].add(grant["person_id"])
        if grants:
            session.execute(insert(GrantRow), grants)
        self._granted = len(grants)
        for community in self._communities():
            if community.path in at:
                cards.announce_all(self.uow, at[community.path], community, self.now)

    def _grant(self, officer: Officer, scope: Scope) -> dict[str, Any] | None:
        node = self._nodes[scope.kind, scope.key]
        person_id = self.team.person(officer)
        held = self.team.held[person_id]
        if any(g.role == officer.role.value and g.path == node["path"] for g in held):
            self._say(officer, "已有此角色")
            return None
        if person_id in self.team.known:
            self._say(officer, "已有账号，称呼不变，只授予角色", "added")
        expires_at = None
        if officer.expires_on:
            last = datetime.combine(officer.expires_on, time(), CHINA)
            expires_at = last + timedelta(days=1)  # the day itself still counts
        row = {
            "id": new_id(),
            "person_id": person_id,
            "role": officer.role.value,
            "path": node["path"],
            "territory_id": node["id"],
            "granted_at": self.now,
            "expires_at": expires_at,
            "import_id": self.import_id,
        }
        self.uow.emit(
            RoleGranted(
                grant_id=row["id"],
                person_id=person_id,
                role=row["role"],
                path=row["path"],
                expires_at=expires_at,
            )
        )
        return row

    def _say(self, officer: Officer, message: str, outcome: Outcome = "unchanged") -> None:
        self.lines.append(Line(STAFF.title, officer.row, outcome, None, message))

    def codes(self) -> None:
        """One QR code for each estate."""
        if self.qr:
            self.uow.session.execute(insert(QrToken), self.qr)
